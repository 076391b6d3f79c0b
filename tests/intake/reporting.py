"""Reports for tests, a file's unit that says the same, and what an entry says, observation by observation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from idweave_server.entries.columns import ObservationEntry
from idweave_server.identifiers.lists import default_lists
from idweave_server.intake.encoded import Encoded
from idweave_server.intake.prepare import Prepared, prepare
from idweave_server.intake.reports import Report
from idweave_server.intake.unit import EvidenceColumn, IdentifierColumn, ObservationRows, TimeColumn, TraitValues, Unit
from idweave_server.model import Refusal
from idweave_server.resolution.policy import Policy, default_policy

TODAY = 20_240_501
NOON = 1_714_564_800  # 2024-05-01T12:00:00Z
POLICY, LISTS = default_policy(), default_lists()


def report(*identifiers: tuple[str, str, str] | tuple[str, str], **said: object) -> Report:
    """With what is not said filled in; identifiers: (namespace, value) or (namespace, issuer, value)."""
    named = tuple((one[0], one[1] if len(one) == 3 else "", one[-1]) for one in identifiers)
    given: dict[str, object] = {"observation_id": "1", "source": "web", "time": NOON, "kind": "LOGIN", **said}
    return Report(identifiers=named, **given)  # type: ignore[arg-type]


def prepared(*reports: Report, policy: Policy = POLICY) -> Prepared:
    return prepare(policy, LISTS, reports, today=TODAY)


def issues_of(found: Prepared) -> list[tuple[int, str, Refusal, str]]:
    told = found.issues
    return [
        (row, field, Refusal(reason), value)
        for row, field, reason, value in zip(told.row, told.field, told.reason, told.value, strict=True)
    ]


def unit_of(reports: Sequence[Report]) -> Unit:
    """A file with one row for each report; an event's type and properties become columns. Of each report at most one event, all texts."""
    n = len(reports)
    identifiers: dict[tuple[str, bool, int], list[tuple[str | None, str | None]]] = defaultdict(lambda: [(None, None)] * n)
    traits: dict[str, list[str | None]] = defaultdict(lambda: [None] * n)
    events: dict[str, list[str | None]] = defaultdict(lambda: [None] * n)
    for row, one in enumerate(reports):
        count: dict[tuple[str, bool], int] = defaultdict(int)
        for namespace, issuer, value in one.identifiers:
            key = (namespace, issuer != "")
            identifiers[*key, count[key]][row] = (value, issuer or None)
            count[key] += 1
        for name, text in one.traits:
            traits[name][row] = str(text)
        for event in one.events:
            events["type"][row] = event.type
            for name, text in event.properties:
                events[name][row] = str(text)
    columns = tuple(
        IdentifierColumn(
            namespace, namespace, encoded([v for v, _ in values]), encoded([i for _, i in values]) if issued else None, None, None
        )
        for (namespace, issued, _), values in sorted(identifiers.items())
    )
    rows = ObservationRows(
        row=np.arange(n) + 1,
        id_field="id",
        id=pa.chunked_array([pa.array([one.observation_id or None for one in reports], pa.string())]),
        source_field="source",
        source=encoded([one.source or None for one in reports]),
        time=TimeColumn("time", pa.chunked_array([pa.array([one.time for one in reports], pa.int64())]), "unix", "UTC"),
        evidence=EvidenceColumn("kind", encoded([one.kind or None for one in reports]), None, None),
        identifiers=columns,
        traits=tuple(TraitValues(name, name, encoded(values), "iso") for name, values in sorted(traits.items())),
        events=tuple((name, encoded(values)) for name, values in sorted(events.items())),
    )
    return Unit(0, "a.csv", n, rows, ())


def encoded(texts: Sequence[str | None]) -> Encoded:
    return Encoded.of([pa.array(texts, pa.string())])


def said(entry: ObservationEntry) -> list[dict[str, object]]:
    """What each observation says, in a form that does not depend on how the codes run."""
    names = (*entry.names, "")
    named = entry.identifiers
    issuers = (*named.issuers, "")
    values = named.value.to_pylist()
    spelled = dict(zip(entry.observed.entry.tolist(), entry.observed.text.to_pylist(), strict=True))
    found: list[dict[str, object]] = []
    for row in range(len(entry)):
        carried = set()
        for at in range(entry.start[row], entry.start[row + 1]):
            i = entry.identifier[at]
            hash_ = tuple(named.content[i].tolist())
            told = (named.namespaces[named.namespace[i]], issuers[named.issuer[i]], values[i], hash_, names[named.mailbox_name[i]])
            carried.add((*told, names[entry.hint[at]], spelled.get(at, "")))
        found.append(
            {
                "id": entry.id[row].as_py(),
                "source": entry.sources[entry.source[row]],
                "time": int(entry.time[row]),
                "kind": entry.kinds[entry.kind[row]],
                "identifiers": carried,
                "first_name": names[entry.first_name[row]],
                "birth_date": int(entry.birth_date[row]),
                "content": int(entry.content[row]),
                "traits": traits_of(entry, row),
                "events": events_of(entry, row),
            }
        )
    return found


def traits_of(entry: ObservationEntry, row: int) -> list[tuple[str, str]]:
    return sorted((one.name, one.values[one.code[at]].as_py()) for one in entry.traits for at in np.flatnonzero(one.row == row))


def events_of(entry: ObservationEntry, row: int) -> list[tuple[object, ...]]:
    told = entry.events
    found: list[tuple[object, ...]] = []
    for at in np.flatnonzero(told.row == row):
        money = (int(told.units[at]), int(told.nanos[at]), (*told.currencies, "")[told.currency[at]])
        own = np.flatnonzero(told.property_event == at)
        texts = [[told.texts[c].as_py() for c in column[own]] for column in (told.property_name, told.property_value)]
        found.append((told.types[told.type[at]], money, sorted(zip(*texts, told.property_type[own].tolist(), strict=True))))
    return found
