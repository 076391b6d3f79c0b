"""Events as columns: those that callers report, with what they add to the content of their observations, and those of a file's rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.entries.columns import EventColumns
from idweave_server.identifiers.text_hash import content_of
from idweave_server.intake.content import ContentHash
from idweave_server.intake.encoded import Encoded
from idweave_server.intake.issue_rows import IssueList
from idweave_server.intake.report_columns import CONTROL, Refusals, name_problem, value_problem
from idweave_server.intake.reports import MAX_EVENTS, MAX_NAME_BYTES, MAX_PROPERTIES, Report, ReportedEvent, scalar_text
from idweave_server.intake.unit import ObservationRows
from idweave_server.model import Refusal

TEXT, INTEGER, NUMBER, BOOLEAN = range(4)
TYPES: dict[type, int] = {str: TEXT, int: INTEGER, float: NUMBER, bool: BOOLEAN}
NANOS = 1_000_000_000  # of a unit of money
TYPE = "type"  # the column of a file's events that says what happened
NO_AMOUNT = (0, 0, "")


@dataclass(slots=True)
class _Events:
    """Events as they come; properties: (event, name, text, type)."""

    row: list[int] = field(default_factory=list)
    type: list[str] = field(default_factory=list)
    amount: list[tuple[int, int, str]] = field(default_factory=list)
    properties: list[tuple[int, str, str, int]] = field(default_factory=list)


def reported_events(reports: Sequence[Report], refusals: Refusals, content: ContentHash) -> EventColumns:
    """The events of a batch."""
    found = _Events()
    for row, report in enumerate(reports):
        if len(report.events) > MAX_EVENTS:
            message = f"{len(report.events):,} events; an observation takes at most {MAX_EVENTS}: send several"
            refusals.item(row, "events", Refusal.TOO_MANY_ITEMS, message)
            continue
        for place, event in enumerate(report.events):
            _read(found, event, row, place, refusals)
    if not found.row:
        return EventColumns.none()
    columns = _columns(found)
    _add_content(found, columns, content)
    return columns


def _read(found: _Events, event: ReportedEvent, row: int, place: int, refusals: Refusals) -> None:
    kind = event.type.strip()
    reason, message = _type_problem(kind)
    if not reason and len(event.properties) > MAX_PROPERTIES:
        reason, message = Refusal.TOO_MANY_ITEMS, f"{len(event.properties):,} properties; an event takes at most {MAX_PROPERTIES}"
        refusals.value(row, "events[{}].properties", reason, kind, message, place)
        return
    if reason:
        refusals.value(row, "events[{}].type", reason, kind, message, place)
        return
    amount = (event.units, event.nanos, event.currency)
    if amount != NO_AMOUNT and (message := _money_problem(event)):
        refusals.value(row, "events[{}].amount", Refusal.MONEY_SYNTAX, f"{event.units} {event.nanos} {event.currency}", message, place)
        amount = NO_AMOUNT
    number = len(found.row)
    found.row.append(row)
    found.type.append(kind)
    found.amount.append(amount)
    for at, (name, value) in enumerate(event.properties):
        reason, message = name_problem(name)
        if reason:
            refusals.value(row, f"events[{place}].properties[{{}}].name", reason, name, message, at)
            continue
        reason, message = value_problem(value)
        if reason:
            refusals.value(row, f"events[{place}].properties[{{}}].value", reason, scalar_text(value), message, at)
            continue
        found.properties.append((number, name, scalar_text(value), TYPES[type(value)]))


def _type_problem(kind: str) -> tuple[Refusal, str]:
    if not kind:
        return Refusal.EVENT_SYNTAX, ""
    if len(kind) > MAX_NAME_BYTES // 4 and (size := len(kind.encode())) > MAX_NAME_BYTES:
        return Refusal.TOO_LONG, f"{size:,} bytes; the type of an event takes at most {MAX_NAME_BYTES}"
    return (Refusal.CONTROL_CHARACTER, "") if not kind.isprintable() and CONTROL.search(kind) else (Refusal.NONE, "")


def _money_problem(event: ReportedEvent) -> str:
    currency = event.currency
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        return "the currency is three capital letters of ISO 4217, such as EUR"
    if not -NANOS < event.nanos < NANOS:
        return f"nanos are billionths of a unit: from {1 - NANOS:,} to {NANOS - 1:,}"
    if event.units * event.nanos < 0:
        return "units and nanos have the same sign: -1.75 is -1 and -750,000,000"
    return "" if -(2**63) <= event.units < 2**63 else "units are at most 64 bits"


def _columns(found: _Events) -> EventColumns:
    kinds = _encoded(found.type)
    units, nanos, currency = zip(*found.amount, strict=True)
    currencies = _encoded([text or None for text in currency])
    event, name, text, kind = zip(*found.properties, strict=True) if found.properties else ((), (), (), ())
    texts = _encoded([*name, *text])
    return EventColumns(
        row=np.array(found.row, np.int32),
        type=kinds.code,
        types=tuple(kinds.values.to_pylist()),
        units=np.array(units, np.int64),
        nanos=np.array(nanos, np.int32),
        currency=currencies.code,
        currencies=tuple(currencies.values.to_pylist()),
        property_event=np.array(event, np.int32),
        property_name=texts.code[: len(name)],
        property_value=texts.code[len(name) :],
        property_type=np.array(kind, np.uint8),
        texts=texts.values,
    )


def _encoded(texts: Sequence[str | None]) -> Encoded:
    return Encoded.of([pa.array(texts, pa.string())])


def _add_content(found: _Events, columns: EventColumns, content: ContentHash) -> None:
    """One event adds what a row of a file adds that says the same (see Intake.see). Of several each is hashed as one, so that it shows which
    properties belong together, and their order does not matter."""
    n = columns.row.size
    parts = ContentHash(n)
    types, texts = content_of(pa.array(columns.types, pa.string())), content_of(columns.texts)
    parts.add_entries("event type", np.arange(n), types[columns.type])
    priced = np.flatnonzero(columns.currency >= 0)
    if priced.size:
        said = [f"{units} {nanos} {currency}" for units, nanos, currency in (found.amount[at] for at in priced.tolist())]
        parts.add_entries("event:amount", priced, content_of(pa.array(said, pa.string())))
    if columns.property_event.size:
        # Numbers and truths are told from the texts that look like them.
        labels = _encoded([f"event {name}" if kind == TEXT else f"event:{kind} {name}" for _, name, _, kind in found.properties])
        label = content_of(labels.values)[labels.code]
        parts.add_hashes(label, columns.property_event, texts[columns.property_value])
    alone = np.bincount(columns.row)[columns.row] == 1
    content.add_sums(columns.row[alone], parts.total[alone])
    if not alone.all():
        content.add_entries("event", columns.row[~alone], parts.total[~alone])


def row_events(rows: ObservationRows, issues: IssueList) -> EventColumns:
    """One event for each row of a file that says its type; the other columns of the mapping's [events] are its properties."""
    given = dict(rows.events)
    kinds = given.pop(TYPE, None)
    if kinds is None:
        return EventColumns.none()
    kinds = kinds.trimmed()
    refusal = kinds.spread(_refused_types(kinds.values), 0)
    issues.add((0, ""), rows.row, rows.row, f"events.{TYPE}", refusal, kinds)
    row = np.flatnonzero((kinds.code >= 0) & (refusal == 0))
    kinds = kinds.take(row).compacted()
    nobody = np.zeros(0, np.int64)
    whose, names, values, texts = [nobody], [nobody], [nobody], [pa.array(list(given), pa.string())]
    for number, column in enumerate(given.values()):
        used = column.take(row).compacted()
        here = np.flatnonzero(used.code >= 0)
        whose.append(here)
        names.append(np.full(here.size, number))
        values.append(used.code[here] + sum(map(len, texts)))
        texts.append(used.values)
    order = np.argsort(np.concatenate(whose), kind="stable")
    return EventColumns(
        row=row.astype(np.int32),
        type=kinds.code,
        types=tuple(kinds.values.to_pylist()),
        units=np.zeros(row.size, np.int64),
        nanos=np.zeros(row.size, np.int32),
        currency=np.full(row.size, -1, np.int32),
        currencies=(),
        property_event=np.concatenate(whose)[order].astype(np.int32),
        property_name=np.concatenate(names)[order].astype(np.int32),
        property_value=np.concatenate(values)[order].astype(np.int32),
        property_type=np.zeros(order.size, np.uint8),
        texts=pa.concat_arrays(texts),
    )


def _refused_types(values: pa.StringArray) -> np.ndarray:
    long = pc.greater(pc.binary_length(values), MAX_NAME_BYTES).to_numpy(zero_copy_only=False)
    control = pc.match_substring_regex(values, CONTROL.pattern).to_numpy(zero_copy_only=False)
    return np.where(long, Refusal.TOO_LONG, np.where(control, Refusal.CONTROL_CHARACTER, Refusal.NONE)).astype(np.uint8)
