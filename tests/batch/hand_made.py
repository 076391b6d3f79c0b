"""A small batch result made by hand, with one of everything that the outputs show, a number that changed hands and an erasure too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from idweave_server.batch.result import BatchResult, TraitColumn
from idweave_server.intake.tables import Duplicates, FormatInference, IdentifierTable, InputRows, VerdictRows
from idweave_server.kernels.evidence import Links
from idweave_server.kernels.histograms import Histograms
from idweave_server.kernels.labels import Labels
from idweave_server.model import Apart, Flag, Outcome, Refusal, Shared, Verdict
from idweave_server.resolution.bearers import Bearers
from idweave_server.resolution.nodes import BEGINNING, END, Nodes
from idweave_server.resolution.observations import Identifiers, Observations, Verdicts
from idweave_server.resolution.policy import default_policy
from idweave_server.resolution.resolve import Resolution
from idweave_server.resolution.statuses import Statuses
from idweave_server.resolution.unite import Standing

NOON = 1_714_564_800  # 2024-05-01T12:00:00Z
POLICY = default_policy()
SPACES = [namespace.name for namespace in POLICY.namespaces]

# Codes are deliberately not in the order of the files. The last identifier was seen in erased observations alone.
IDENTIFIERS = [
    ("phone", "", "+14155550100"),
    ("email", "", "kim@example.org"),
    ("customer_id", "shop", "1234"),
    ("email", "", "info@shop.example"),
    ("ip", "", "203.0.113.7"),
    ("name+birth_date", "", "jo o'neil, 1985-03-04"),
    ("email", "", "jo@example.org"),
    ("customer_id", "shop", '12"34'),
    ("email", "", "erased@example.org"),
]
ISSUERS = ["tills", "shop"]
PHONE, KIM, CUSTOMER, INFO, IP, DERIVED, JO, QUOTED, ERASED = range(len(IDENTIFIERS))
LABELS = Labels(np.zeros(0, np.uint32), np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.uint8))

# Nodes: the phone has two, the erased address none.
NODE_OF = [PHONE, PHONE, KIM, CUSTOMER, INFO, IP, DERIVED, JO, QUOTED]
PHONE_EARLY, PHONE_LATE, KIM_NODE, CUSTOMER_NODE, INFO_NODE, IP_NODE, DERIVED_NODE, JO_NODE, QUOTED_NODE = range(len(NODE_OF))
PROFILE = [0, 1, 1, 0, -1, -1, 0, 0, 1]
JO_ID, KIM_ID = "b0000000-0000-8000-8000-000000000000", "a0000000-0000-8000-8000-000000000000"

# Observations that are resolved: whom they belong to (a node), and what they carry.
ASSIGNED = [JO_NODE, CUSTOMER_NODE, KIM_NODE, -1, JO_NODE]
CARRIED = [[JO, PHONE], [CUSTOMER, JO, DERIVED], [KIM, PHONE, QUOTED], [INFO, IP], [JO, IP]]
SIGHTED = [
    [JO_NODE, PHONE_EARLY],
    [CUSTOMER_NODE, JO_NODE, DERIVED_NODE],
    [KIM_NODE, PHONE_LATE, QUOTED_NODE],
    [INFO_NODE, IP_NODE],
    [JO_NODE, IP_NODE],
]

ROWS = [  # file, row, observation id, source, outcome, position among the resolved
    (0, 1, "o-1", 0, Outcome.ACCEPTED, 0),
    (0, 2, 'o,"2"', 0, Outcome.ACCEPTED, 1),
    (0, 3, "o-3", 0, Outcome.REJECTED, -1),
    (1, 1, "o-4", 1, Outcome.ACCEPTED, 2),
    (1, 2, "o-5", 1, Outcome.UNLINKED, 3),
    (1, 3, "o-6", 1, Outcome.ERASED, -1),
    (1, 4, "o-1", 0, Outcome.DUPLICATE, -1),
    (1, 5, "ö 7\n", 1, Outcome.ACCEPTED, 4),
]
LINKS = [  # two nodes, strength in micro-nats, evidence, first, last, what refused it
    (PHONE_EARLY, JO_NODE, 2_302_585, 1, NOON, NOON, Apart.NONE),
    (CUSTOMER_NODE, JO_NODE, 3_794_240, 2, NOON, NOON + 86_399, Apart.NONE),
    (DERIVED_NODE, JO_NODE, 1_897_120, 1, NOON, NOON, Apart.NONE),
    (PHONE_LATE, KIM_NODE, 693_147, 1, NOON + 200 * 86_400, NOON + 200 * 86_400, Apart.NONE),
    (KIM_NODE, QUOTED_NODE, 1_000_000, 1, NOON, NOON, Apart.NONE),
    (KIM_NODE, JO_NODE, 50, 1, NOON, NOON, Apart.NAMES),
]
VERDICTS = [  # kind, left, right, standing, row
    (Verdict.SAME, JO, CUSTOMER, Standing.HOLDS, 6),
    (Verdict.SAME, KIM, INFO, Standing.ASLEEP, 9),
    (Verdict.SAME, KIM, ERASED, Standing.UNSEEN, 8),
    (Verdict.SHARED, ERASED, -1, Standing.ERASED, 7),
]
ISSUES = [
    ("web.csv", 3, "", Refusal.ROW_RAGGED, "a,b", "4 fields, 5 expected"),
    ("web.csv", 2, "phone", Refusal.PHONE_INVALID, "+1 000", ""),
    ("shop.csv", 4, "phone", Refusal.PHONE_INVALID, "12", ""),
]


def content(numbers: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**64, (numbers, 2), np.uint64)


def identifier_table() -> IdentifierTable:
    space, issuer, value = zip(*IDENTIFIERS, strict=True)
    flags = np.zeros(len(space), np.uint8)
    flags[INFO] = Flag.ROLE
    return IdentifierTable(
        Identifiers(
            np.array([SPACES.index(name) for name in space], np.uint8),
            content(len(space), 1),
            np.array([ISSUERS.index(name) if name else -1 for name in issuer], np.int32),
            flags,
            np.full(len(space), -1, np.int32),
        ),
        pa.array(value),
        pa.array(ISSUERS),
    )


def observations() -> Observations:
    n = len(CARRIED)
    start = np.concatenate(([0], np.cumsum([len(c) for c in CARRIED])))
    flat = np.concatenate(CARRIED).astype(np.int32)
    none, kind = np.full(n, -1, np.int32), np.zeros(n, np.uint8)
    time, source = np.full(n, NOON, np.int64), np.array([0, 0, 1, 1, 1], np.int32)
    return Observations(
        time, source, kind, content(n, 2), none, none, start, flat, np.full(flat.size, -1, np.int32), ("web", "shop"), LABELS
    )


def resolution() -> Resolution:
    size = len(NODE_OF)
    cut = NOON + 100 * 86_400
    begin, end, epoch = np.full(size, BEGINNING), np.full(size, END), np.zeros(size, np.int32)
    end[PHONE_EARLY] = begin[PHONE_LATE] = cut
    epoch[PHONE_LATE] = 1
    first = np.searchsorted(NODE_OF, np.arange(len(IDENTIFIERS) + 1))
    sighting = np.concatenate(SIGHTED).astype(np.int32)
    nodes = Nodes(first, np.array(NODE_OF, np.int32), epoch, begin, end, content(size, 3), sighting)
    shared = np.zeros(size, np.uint8)
    shared[INFO_NODE] = Shared.ROLE
    shared[IP_NODE] = Shared.NAMES  # by rule 3, as of any node; context never links, so the files don't say so
    empty = Histograms(np.zeros(size + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int64))
    a, b, strength, count, earliest, latest, apart = zip(*LINKS, strict=True)
    return Resolution(
        statuses=Statuses(empty, nodes, empty, empty, shared, None),
        links=Links(
            np.array(a, np.int32),
            np.array(b, np.int32),
            np.array(strength),
            np.array(count, np.int32),
            np.array(earliest),
            np.array(latest),
        ),
        apart=np.array(apart, np.uint8),
        profile=np.array(PROFILE, np.int32),
        profiles=2,
        assigned=np.array(ASSIGNED, np.int32),
        live=np.ones(len(ASSIGNED), bool),
        standing=np.array([v[3] for v in VERDICTS], np.uint8),
        bearers=Bearers(np.array([CUSTOMER_NODE, KIM_NODE], np.int32), np.ones(2, bool), np.full(2, NOON)),
    )


def traits() -> tuple[TraitColumn, ...]:
    """A first name, an age, a size (a name that a column has already) and a list of tags; the first value of each is an erased one's."""
    found = []
    for name, values, code, winner in (
        ("size", ["GONE", "L"], [-1, 1, -1, -1, -1], [1, -1]),
        ("first_name", ["Gone", "Jo", 'Kim "K"'], [1, -1, 2, -1, -1], [0, 2]),
        ("age", ["999", "39"], [-1, 1, -1, -1, -1], [1, -1]),
    ):
        trait = replace(POLICY.trait(name), type="integer" if name == "age" else "text")
        found.append(TraitColumn(trait, pa.array(values), np.array(code, np.int32), np.array(winner), None))
    tags = replace(POLICY.trait("tags"), many=True)
    every = np.array([0, 0, 1], np.int32), np.array([2, 1, 2], np.int32)
    found.append(TraitColumn(tags, pa.array(["gone", "vip", "b, c"]), np.full(5, -1, np.int32), np.array([-1, -1]), every))
    return tuple(found)


def hand_made() -> BatchResult:
    file, row, name, source, outcome, position = zip(*ROWS, strict=True)
    kind, left, right, _, verdict_row = zip(*VERDICTS, strict=True)
    verdicts = Verdicts(
        np.array(kind, np.uint8), np.full(len(kind), NOON), np.array(left, np.int32), np.array(right, np.int32), content(len(kind), 4)[:, 0]
    )
    issue_columns = list(zip(*((f, r, field, reason.label, v, m) for f, r, field, reason, v, m in ISSUES), strict=True))
    return BatchResult(
        policy=POLICY,
        lists="digest+library",
        as_of=NOON,
        identifiers=identifier_table(),
        rows=InputRows(
            files=("web.csv", "shop.csv"),
            sources=("web", "shop"),
            file=np.array(file, np.int32),
            row=np.array(row),
            observation_id=pa.chunked_array([pa.array(name[:3]), pa.array(name[3:])]),
            source=np.array(source, np.int32),
            outcome=np.array(outcome, np.uint8),
            observation=np.array(position, np.int32),
        ),
        observations=observations(),
        verdicts=VerdictRows(verdicts, np.ones(len(kind), np.int32), np.array(verdict_row), tuple(f"v-{r}" for r in verdict_row)),
        resolution=resolution(),
        profile_id=pa.array([JO_ID, KIM_ID]),
        traits=traits(),
        issues=pa.table(dict(zip(("file", "row", "field", "reason", "value", "message"), map(list, issue_columns), strict=True))),
        inferences=(
            FormatInference(
                "web.csv", "dob", "web", "%Y-%m-%d", (("%Y-%m-%d", 5), ("%Y-%d-%m", 2)), "5 of 5 values fit no other order", ""
            ),
            FormatInference(
                "shop.csv",
                "born",
                "shop",
                None,
                (("%m/%d/%y", 4), ("%d/%m/%y", 4)),
                "",
                "3/4/21: month first or day first? 4 values fit both",
            ),
        ),
        duplicates=Duplicates({"web": 1}, {("shop", "web"): 2}),
        erasures=1,
        lines=13,
    )


def nothing() -> BatchResult:
    """The result of an empty file."""
    result = hand_made()
    rows, found, table = result.rows, result.resolution, result.identifiers
    none = np.zeros(0, np.int64)
    nodes = Nodes(np.zeros(1, np.int64), none.astype(np.int32), none.astype(np.int32), none, none, np.zeros((0, 2), np.uint64), none)
    histograms = Histograms(np.zeros(1, np.int64), np.zeros(0, np.int32), none)
    return replace(
        result,
        identifiers=IdentifierTable(
            Identifiers(
                np.zeros(0, np.uint8), np.zeros((0, 2), np.uint64), np.zeros(0, np.int32), np.zeros(0, np.uint8), np.zeros(0, np.int32)
            ),
            table.value.slice(0, 0),
            table.issuers.slice(0, 0),
        ),
        rows=replace(
            rows,
            sources=(),
            file=rows.file[:0],
            row=rows.row[:0],
            observation_id=pa.chunked_array([], pa.string()),
            source=rows.source[:0],
            outcome=rows.outcome[:0],
            observation=rows.observation[:0],
        ),
        observations=result.observations.take(none),
        verdicts=VerdictRows(Verdicts.none(), np.zeros(0, np.int32), none, ()),
        resolution=replace(
            found,
            statuses=Statuses(histograms, nodes, histograms, histograms, np.zeros(0, np.uint8), None),
            links=Links._make(column[:0] for column in found.links),
            apart=found.apart[:0],
            profile=found.profile[:0],
            profiles=0,
            assigned=found.assigned[:0],
            live=found.live[:0],
            standing=found.standing[:0],
            bearers=Bearers(found.bearers.node[:0], found.bearers.bears_birth[:0], found.bearers.since[:0]),
        ),
        profile_id=result.profile_id.slice(0, 0),
        traits=(),
        issues=result.issues.slice(0, 0),
        inferences=(),
        duplicates=Duplicates({}, {}),
        erasures=0,
        lines=0,
    )
