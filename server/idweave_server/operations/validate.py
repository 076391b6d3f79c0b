"""Read observations as ingest would, and show what is understood; nothing is changed, and nothing that is known is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from idweave_server.engine.identifier_store import Known
from idweave_server.engine.recall import PROPERTY_TYPES, StoredObservation, Value, typed
from idweave_server.entries.columns import ObservationEntry
from idweave_server.identifiers.lists import Lists
from idweave_server.intake.prepare import prepare
from idweave_server.intake.reports import Report, ReportedEvent
from idweave_server.model import Outcome, Refusal
from idweave_server.operations.ingest import ItemIssue
from idweave_server.resolution.policy import Policy


@dataclass(frozen=True, slots=True, repr=False)
class ValidateResult:
    """outcome: ACCEPTED or REJECTED; observation: what was understood of it, None where REJECTED."""

    outcome: Outcome
    observation: StoredObservation | None
    issues: tuple[ItemIssue, ...]


def validate(policy: Policy, lists: Lists, reports: Sequence[Report], *, today: int) -> list[ValidateResult]:
    """In the same order. today: yyyymmdd, birth dates after it are refused. Pure and long: for a worker thread."""
    prepared = prepare(policy, lists, reports, today=today)
    issues: list[list[ItemIssue]] = [[] for _ in reports]
    told = prepared.issues
    for item, field, reason, value, message in zip(
        told.row.tolist(), told.field, told.reason.tolist(), told.value, told.message, strict=True
    ):
        issues[item].append(ItemIssue(field, Refusal(reason), value, message))
    understood = dict(zip(prepared.place.tolist(), _understood(policy, prepared.columns), strict=True))
    return [
        ValidateResult(Outcome.ACCEPTED if item in understood else Outcome.REJECTED, understood.get(item), tuple(issues[item]))
        for item in range(len(reports))
    ]


def _understood(policy: Policy, columns: ObservationEntry) -> list[StoredObservation]:
    """Every observation of the columns."""
    identifiers, traits, events = _identifiers(policy, columns), _traits(policy, columns), _events(columns)
    ids = columns.id.to_pylist()
    return [
        StoredObservation(
            observation_id=ids[row],
            source=columns.sources[columns.source[row]],
            time=int(columns.time[row]),
            kind=columns.kinds[columns.kind[row]],
            identifiers=tuple(identifiers[row]),
            traits=tuple(traits[row]),
            events=tuple(events[row]),
            backfill=False,
        )
        for row in range(len(columns))
    ]


def _identifiers(policy: Policy, columns: ObservationEntry) -> list[list[tuple[Known, str]]]:
    """Of each observation: the identifiers, each with its spelling where that differs; without derived ones."""
    named = columns.identifiers
    derived = {space.name for space in policy.namespaces if space.standing == "derived"}
    known = [
        Known(named.namespaces[space], named.issuers[issuer] if issuer >= 0 else "", value, int(flags))
        for space, issuer, value, flags in zip(
            named.namespace.tolist(), named.issuer.tolist(), named.value.to_pylist(), named.flags.tolist(), strict=True
        )
    ]
    spelled = dict(zip(columns.observed.entry.tolist(), columns.observed.text.to_pylist(), strict=True))
    start, code = columns.start.tolist(), columns.identifier.tolist()
    return [
        [(known[code[at]], spelled.get(at, "")) for at in range(start[row], start[row + 1]) if known[code[at]].namespace not in derived]
        for row in range(len(columns))
    ]


def _traits(policy: Policy, columns: ObservationEntry) -> list[list[tuple[str, Value]]]:
    found: list[list[tuple[str, Value]]] = [[] for _ in range(len(columns))]
    for trait in columns.traits:
        kind, values = policy.trait(trait.name).type, trait.values.to_pylist()
        for row, code in zip(trait.row.tolist(), trait.code.tolist(), strict=True):
            found[row].append((trait.name, typed(kind, values[code])))
    return found


def _events(columns: ObservationEntry) -> list[list[ReportedEvent]]:
    told, texts = columns.events, columns.events.texts.to_pylist()
    found: list[list[ReportedEvent]] = [[] for _ in range(len(columns))]
    begin = np.searchsorted(told.property_event, np.arange(told.row.size + 1))
    for event, row in enumerate(told.row.tolist()):
        properties = [
            (texts[told.property_name[q]], typed(PROPERTY_TYPES[told.property_type[q]], texts[told.property_value[q]]))
            for q in range(begin[event], begin[event + 1])
        ]
        currency = told.currencies[told.currency[event]] if told.currency[event] >= 0 else ""
        amount = (int(told.units[event]), int(told.nanos[event]))
        found[row].append(ReportedEvent(told.types[told.type[event]], *amount, currency, tuple(properties)))
    return found
