"""The policy: namespaces, evidence reliabilities, sources, limits, trait rules, as one immutable value.

`defaults.toml` beside this module documents every key. A policy of the user's is merged over it key by key; an unknown key, a wrong type
or a value out of range raises PolicyError with the key's full name. Nothing here reads a file: the caller passes the TOML text.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from idweave_server.errors import PolicyError
from idweave_server.model import Party
from idweave_server.resolution.event_types import EventType, Money, aliases, read_event_types, read_money
from idweave_server.resolution.toml_table import Table, merged, one_of, tables
from idweave_server.suggestion import did_you_mean

STANDINGS = ("lasting", "passing", "context", "derived")
FORMS = ("email", "phone", "device", "cookie", "social", "ip", "hashed_email", "document", "opaque")
SURVIVORSHIP = ("recency", "party", "support")
TRAIT_TYPES = ("text", "integer", "number", "boolean", "date")
DERIVED = ("name+birth_date", "initial+birth_date", "name+address")
DERIVED_ORDER = 95
MICRO_NATS = 1_000_000  # strengths are integers: millionths of a nat


@dataclass(frozen=True, slots=True)
class Namespace:
    name: str
    form: str
    standing: str
    order: int
    strong: bool = False
    epochs: bool = False
    issued: bool = False
    unique: bool = False
    ttl_days: int | None = None

    @property
    def links(self) -> bool:
        return self.standing != "context"


@dataclass(frozen=True, slots=True)
class Kind:
    """An evidence kind with its reliability in thousandths and the namespaces that it moves in the order of assignment."""

    name: str
    reliability: int
    order: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """What the policy says of a reporting system. trust in thousandths."""

    party: Party = Party.FIRST
    kind: str = "system"
    trust: int = 1000
    region: str | None = None
    ttl_days: int | None = None


@dataclass(frozen=True, slots=True)
class Trait:
    name: str
    type: str = "text"
    survivorship: str = "recency"
    many: bool = False
    required: bool = False
    pattern: str | None = None
    allowed: frozenset[str] | None = None
    allowed_file: str | None = None
    unit: str | None = None
    stated_by: tuple[Party, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that decides. Shares and reliabilities are integers in thousandths, so that no arithmetic depends on rounding."""

    namespaces: tuple[Namespace, ...]
    kinds: tuple[Kind, ...]
    sources: Mapping[str, Source]
    source_default: Source
    traits: Mapping[str, Trait]
    trait_default: Trait
    dominance: int
    mailbox_weight: int
    epoch_gap_days: int
    epoch_block_share: int
    epoch_max_blocks: int
    shared_names: int
    shared_names_share: int
    shared_partners: int
    service_sightings: int
    graph_traits: bool  # whether profiles in the graph show traits; decides nothing else
    events: Mapping[str, EventType]
    event_aliases: Mapping[str, str]  # words of sources to types
    money: Money
    fingerprint: str

    def namespace(self, name: str) -> Namespace:
        for found in self.namespaces:
            if found.name == name:
                return found
        raise PolicyError(f"no namespace {name!r} in the policy{did_you_mean(name, [n.name for n in self.namespaces])}")

    def source(self, name: str) -> Source:
        return self.sources.get(name, self.source_default)

    def trait(self, name: str) -> Trait:
        return self.traits.get(name) or Trait(name, self.trait_default.type, self.trait_default.survivorship)

    def event_type(self, word: str) -> EventType:
        """What a source's word for an event means; a word that the policy does not know means itself."""
        return self.events.get(self.event_aliases.get(word, word)) or EventType(word)

    def weight(self, kind: int, source: str) -> int:
        """Weight of a name reported in an observation of this kind by this source, in hundredths (100 is certain)."""
        return (self.kinds[kind].reliability * self.source(source).trust + 5000) // 10_000

    def cost(self, kind: int, source: str) -> int:
        """-ln(1 - reliability) in micro-nats: what one piece of evidence adds to a strength (noisy-or; Pearl 1988, 4.3.2)."""
        reliability = self.kinds[kind].reliability * self.source(source).trust / 1e6
        return round(-MICRO_NATS * math.log1p(-reliability))


def default_policy() -> Policy:
    return load_policy("")


def default_text() -> str:
    """The defaults of this release, as TOML."""
    return resources.files(__package__).joinpath("defaults.toml").read_text("utf-8")


def load_policy(text: str, read_list: Any = None, *, defaults: str | None = None) -> Policy:
    """The defaults with the TOML `text` merged over them.

    read_list: called with the name of an `allowed_file`, returns its lines; without it such a key is refused. defaults: TOML, those that a
    store was made with; None for this release's.
    Raises PolicyError.
    """
    try:
        stated = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"the policy is not TOML: {error}") from None
    default = default_text() if defaults is None else defaults
    base = tomllib.loads(default)
    if defaults is not None:  # those of older stores have no such sections; they decide nothing of who is who
        released = tomllib.loads(default_text())
        base = {**{key: released[key] for key in ("events", "money")}, **base}
    for key in stated:
        if key not in base:
            raise PolicyError(f"the policy has no key {key!r}{did_you_mean(key, base)}")
    tree = merged(base, stated)
    if tree["version"] != 1:
        raise PolicyError(f"policy version {tree['version']!r} is not known here; this release reads version 1")
    trait_default = _trait("", Table(tree["trait_defaults"], "trait_defaults"), {}, None)
    source_default = _source(Table(tree["source_defaults"], "source_defaults"), {})
    namespaces = [_namespace(name, Table(value, f"namespaces.{name}")) for name, value in tables(tree, "namespaces")]
    derived = Table(tree["derived"], "derived")
    namespaces += [Namespace(name, "opaque", "derived", DERIVED_ORDER) for name in DERIVED if derived.flag(name)]
    derived.done()
    if len(namespaces) > 120:
        raise PolicyError(f"the policy declares {len(namespaces)} namespaces; at most 120 fit")
    names, epochs, shared = (Table(tree[key], key) for key in ("names", "epochs", "shared"))
    graph = Table(tree.get("graph", {}), "graph")  # the defaults of older stores have none
    events, money = read_event_types(tables(tree, "events")), Table(tree["money"], "money")
    policy = Policy(
        namespaces=tuple(sorted(namespaces, key=lambda n: n.name)),
        kinds=_kinds(tree, {n.name for n in namespaces}),
        sources={name: _source(Table(value, f"sources.{name}"), tree["source_defaults"]) for name, value in tables(tree, "sources")},
        source_default=source_default,
        traits={
            name: _trait(name, Table(value, f"traits.{name}"), tree["trait_defaults"], read_list) for name, value in tables(tree, "traits")
        },
        trait_default=trait_default,
        dominance=names.share("dominance"),
        mailbox_weight=names.share("mailbox_weight") // 10,
        epoch_gap_days=epochs.whole("gap_days", 0, 36_500),
        epoch_block_share=epochs.share("block_share"),
        epoch_max_blocks=epochs.whole("max_blocks", 1, 16),
        shared_names=shared.whole("names", 2, 1000),
        shared_names_share=shared.share("names_share"),
        shared_partners=shared.whole("partners", 1, 1_000_000),
        service_sightings=shared.whole("service_sightings", 0, 1_000_000),
        graph_traits=graph.flag("traits", True),
        events=events,
        event_aliases=aliases(events),
        money=read_money(money),
        fingerprint=hashlib.blake2b((default + "\0" + text).encode(), digest_size=8).hexdigest(),
    )
    for table in (names, epochs, shared, graph, money):
        table.done()
    return policy


def _kinds(tree: dict[str, Any], namespaces: set[str]) -> tuple[Kind, ...]:
    evidence, order = Table(tree["evidence"], "evidence"), tree["evidence_order"]
    for kind, moved in order.items():
        if kind not in tree["evidence"]:
            raise PolicyError(f"evidence_order.{kind}: no such evidence kind{did_you_mean(kind, tree['evidence'])}")
        for name in moved:
            if name not in namespaces:
                raise PolicyError(f"evidence_order.{kind}.{name}: no such namespace{did_you_mean(name, namespaces)}")
    if len(tree["evidence"]) > 250:
        raise PolicyError(f"the policy declares {len(tree['evidence'])} evidence kinds; at most 250 fit")
    return tuple(
        Kind(kind, evidence.share(kind, below=0.9999), tuple(sorted((n, int(o)) for n, o in order.get(kind, {}).items())))
        for kind in sorted(tree["evidence"])
    )


def _namespace(name: str, table: Table) -> Namespace:
    found = Namespace(
        name=name,
        form=table.choice("form", FORMS, "opaque"),
        standing=table.choice("standing", STANDINGS[:3], "lasting"),
        order=table.whole("order", 0, 94, 50) if table.value("standing", "lasting") != "context" else table.whole("order", 0, 99, 99),
        strong=table.flag("strong", False),
        epochs=table.flag("epochs", False),
        issued=table.flag("issued", False),
        unique=table.flag("unique", False),
        ttl_days=table.whole("ttl_days", 1, 36_500) if table.has("ttl_days") else None,
    )
    table.done()
    return found


def _source(table: Table, defaults: dict[str, Any]) -> Source:
    table = Table({**defaults, **table.tree}, table.name)
    found = Source(
        party=Party[table.choice("party", [p.name.lower() for p in Party], "first").upper()],
        kind=table.text("kind", "system"),
        trust=table.share("trust"),
        region=table.text("region") if table.has("region") else None,
        ttl_days=table.whole("ttl_days", 1, 36_500) if table.has("ttl_days") else None,
    )
    table.done()
    return found


def _trait(name: str, table: Table, defaults: dict[str, Any], read_list: Any) -> Trait:
    table = Table({**defaults, **table.tree}, table.name)
    allowed = table.tree.get("allowed")
    file = table.text("allowed_file") if table.has("allowed_file") else None
    if file is not None:
        if read_list is None:
            raise PolicyError(f"{table.name}.allowed_file: this policy is read without a folder; give the values as `allowed`")
        allowed = [*(allowed or ()), *read_list(file)]
    parties = [p.name.lower() for p in Party]
    found = Trait(
        name=name,
        type=table.choice("type", TRAIT_TYPES, "text"),
        survivorship=table.choice("survivorship", SURVIVORSHIP, "recency"),
        many=table.flag("many", False),
        required=table.flag("required", False),
        pattern=table.text("pattern") if table.has("pattern") else None,
        allowed=None if allowed is None else frozenset(str(v) for v in allowed),
        allowed_file=file,
        unit=table.text("unit") if table.has("unit") else None,
        stated_by=tuple(Party[one_of(f"{table.name}.stated_by", p, parties).upper()] for p in table.tree.get("stated_by", ())),
    )
    table.read.update(("allowed", "stated_by"))
    table.done()
    return found
