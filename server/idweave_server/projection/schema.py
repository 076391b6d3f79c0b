"""What the graph consists of: labels, relationship types, what names each thing, and the constraints that make names unique."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from idweave_server.resolution.policy import Policy

NAME = "graph"  # of the projection in (:Projection {name})
LANES = ("Projection", "ProjectionLane")  # labels of the nodes that transactions lock which write at the same time
RESERVED = frozenset(("Identifier", "Profile", "Retired", "Derived", "Writer", "Entry", *LANES, "Segment", "Snapshot"))
CONSTRAINTS = (
    ("idweave_identifier", "Identifier", "key"),
    ("idweave_profile", "Profile", "profile_id"),
    ("idweave_projection", "Projection", "name"),
    ("idweave_segment", "Segment", "name"),
)


class Kind(IntEnum):
    """The kinds of rows, each relationship after its ends: it is created after them."""

    IDENTIFIERS = 0
    PROFILES = 1
    LINKS = 2
    MEMBERSHIPS = 3
    REDIRECTS = 4
    REFUSALS = 5
    DIFFERENTS = 6
    SAMES = 7
    SEEN_AT = 8
    SEGMENTS = 9
    IN_SEGMENT = 10


NODES = (Kind.IDENTIFIERS, Kind.PROFILES, Kind.SEGMENTS)


@dataclass(frozen=True, slots=True)
class NodeForm:
    """Nodes of one label, each named by one property."""

    label: str
    key: str


@dataclass(frozen=True, slots=True)
class TieForm:
    """Relationships of one type. start, end: the nodes' forms; names: the properties that tell those between two nodes apart, with whether
    each is a moment; guard: Cypher on relationship `r` that tells kinds of one type apart; one: whether its start and names alone name it,
    whatever it leads to; gathers: whether many share an end, rather than a start."""

    type: str
    start: NodeForm
    end: NodeForm
    names: tuple[tuple[str, bool], ...] = ()
    guard: str = ""
    one: bool = False
    gathers: bool = False


IDENTIFIER, PROFILE, SEGMENT = NodeForm("Identifier", "key"), NodeForm("Profile", "profile_id"), NodeForm("Segment", "name")
NODE_FORMS = {Kind.IDENTIFIERS: IDENTIFIER, Kind.PROFILES: PROFILE, Kind.SEGMENTS: SEGMENT}
EPOCHS = (("left_from", True), ("right_from", True))
SAID = (("source", False), ("assertion_id", False))
TIES = {
    Kind.LINKS: TieForm("OBSERVED_WITH", IDENTIFIER, IDENTIFIER, EPOCHS),
    Kind.MEMBERSHIPS: TieForm("BELONGS_TO", IDENTIFIER, PROFILE, (("from", True),), one=True, gathers=True),
    Kind.REDIRECTS: TieForm("REDIRECTS_TO", PROFILE, PROFILE, one=True, gathers=True),
    Kind.REFUSALS: TieForm("KEPT_APART", IDENTIFIER, IDENTIFIER, EPOCHS, guard="r.assertion_id IS NULL"),
    Kind.DIFFERENTS: TieForm("KEPT_APART", IDENTIFIER, IDENTIFIER, SAID, guard="r.assertion_id IS NOT NULL"),
    Kind.SAMES: TieForm("ASSERTED_SAME", IDENTIFIER, IDENTIFIER, SAID),
    Kind.SEEN_AT: TieForm("SEEN_AT", IDENTIFIER, IDENTIFIER),
    Kind.IN_SEGMENT: TieForm("IN_SEGMENT", PROFILE, SEGMENT, gathers=True),
}

# Nodes that are made together with the relationship that begins there, where that is one: neither end of it has to be looked for twice.
PAIRS = ((Kind.IDENTIFIERS, Kind.MEMBERSHIPS), (Kind.PROFILES, Kind.REDIRECTS))

MOMENT, PLAIN, REAL, VALUE = "moment", "plain", "real", "value"  # how a property travels and is compared
PROPERTIES = {
    Kind.IDENTIFIERS: {
        "namespace": VALUE,
        "issuer": VALUE,
        "value": VALUE,
        "first_seen": MOMENT,
        "last_seen": MOMENT,
        "shared": VALUE,
        "people": PLAIN,
        "epochs": PLAIN,
        "asserted": VALUE,
    },
    Kind.PROFILES: {
        "display_name": VALUE,
        "size": PLAIN,
        "observations": PLAIN,
        "first_seen": MOMENT,
        "updated_at": MOMENT,
        "fragility": REAL,
        "reason": VALUE,
    },
    Kind.LINKS: {
        "left_from": MOMENT,
        "right_from": MOMENT,
        "strength": REAL,
        "evidence": PLAIN,
        "sources": VALUE,
        "kinds": VALUE,
        "first_seen": MOMENT,
        "last_seen": MOMENT,
        "united": VALUE,
        "refused": VALUE,
    },
    Kind.MEMBERSHIPS: {"from": MOMENT, "until": MOMENT},
    Kind.REDIRECTS: {},
    Kind.REFUSALS: {"left_from": MOMENT, "right_from": MOMENT, "reason": VALUE, "strength": REAL},
    Kind.DIFFERENTS: {"source": VALUE, "assertion_id": VALUE, "at": MOMENT, "reason": VALUE},
    Kind.SAMES: {"source": VALUE, "assertion_id": VALUE, "at": MOMENT, "standing": VALUE},
    Kind.SEEN_AT: {"first_seen": MOMENT, "last_seen": MOMENT},
    Kind.SEGMENTS: {"version": PLAIN, "description": VALUE, "owner": VALUE, "template": VALUE, "definition": VALUE, "defined_at": MOMENT},
    Kind.IN_SEGMENT: {"since": MOMENT, "until": MOMENT},
}
TRAIT = "trait_"  # begins the name of a property that holds a trait


def identifier_labels(policy: Policy) -> tuple[tuple[str, ...], ...]:
    """The labels of each namespace's identifiers, in the policy's order: `Identifier`, one of its own, and `Derived` for derived ones."""
    own: list[str] = []
    for namespace in policy.namespaces:
        label = _camel(namespace.name)
        own.append(namespace.name if not label or label in RESERVED or label in own else label)
    derived = [("Derived",) if namespace.standing == "derived" else () for namespace in policy.namespaces]
    return tuple((IDENTIFIER.label, label, *more) for label, more in zip(own, derived, strict=True))


PROFILE_LABELS = (("Profile",), ("Profile", "Retired"))
SEGMENT_LABELS = (("Segment",),)


def quoted(name: str) -> str:
    """A name as Cypher takes any name."""
    return "`" + name.replace("`", "``") + "`"


def _camel(name: str) -> str:
    """`customer_id` as `CustomerId`."""
    return "".join(part.capitalize() for part in name.replace("+", "_").split("_"))
