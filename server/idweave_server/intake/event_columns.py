"""Events as columns: those that callers report, with what they add to the content of their observations, and those of a file's rows."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.entries.columns import EventColumns
from idweave_server.identifiers.text_hash import content_of
from idweave_server.intake.content import ContentHash
from idweave_server.intake.issue_rows import IssueList
from idweave_server.intake.report_columns import CONTROL, SURELY_SHORT, Refusals, name_problem, value_problem
from idweave_server.intake.reports import MAX_EVENTS, MAX_NAME_BYTES, MAX_PROPERTIES, Report, ReportedEvent, Scalar, scalar_text
from idweave_server.intake.unit import ObservationRows
from idweave_server.model import Refusal

TEXT, INTEGER, NUMBER, BOOLEAN = range(4)
TYPES: dict[type, int] = {str: TEXT, int: INTEGER, float: NUMBER, bool: BOOLEAN}
NANOS = 1_000_000_000  # of a unit of money
TYPE = "type"  # the column of a file's events that says what happened
NO_AMOUNT = (0, 0, -1)


@dataclass(slots=True)
class _Events:
    """Events as they come, texts as numbers in the order in which they came up; labels: of properties, as they enter the content."""

    row: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    amount: list[tuple[int, int, int]] = field(default_factory=list)
    properties: list[tuple[int, int, int, int, int]] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    currencies: dict[str, int] = field(default_factory=dict)
    texts: dict[str, int] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)


def reported_events(reports: Iterable[tuple[int, Report]], refusals: Refusals, content: ContentHash) -> EventColumns:
    """The events of a batch. reports: those that have any, by number, ascending."""
    found = _Events()
    for row, report in reports:
        if len(report.events) > MAX_EVENTS:
            message = f"{len(report.events):,} events; an observation takes at most {MAX_EVENTS}: send several"
            refusals.item(row, "events", Refusal.TOO_MANY_ITEMS, message)
            continue
        for place, event in enumerate(report.events):
            _read(found, event, row, place, refusals)
    if not found.row:
        return EventColumns.none()
    columns, labels = _columns(found)
    add_events(columns, labels, content)
    return columns


def _read(found: _Events, event: ReportedEvent, row: int, place: int, refusals: Refusals) -> None:
    kind = event.type.strip()
    if kind not in found.kinds:
        reason, message = type_problem(kind)
        if reason:
            refusals.value(row, "events[{}].type", reason, kind, message, place)
            return
    if len(event.properties) > MAX_PROPERTIES:
        message = f"{len(event.properties):,} properties; an event takes at most {MAX_PROPERTIES}: send several"
        refusals.value(row, "events[{}].properties", Refusal.TOO_MANY_ITEMS, kind, message, place)
        return
    found.row.append(row)
    found.kind.append(found.kinds.setdefault(kind, len(found.kinds)))
    amount = NO_AMOUNT
    if event.currency or event.units or event.nanos:
        message = _money_problem(event, found.currencies)
        if message:
            shown = f"{event.units} {event.nanos} {event.currency}"
            refusals.value(row, "events[{}].amount", Refusal.MONEY_SYNTAX, shown, message, place)
        else:
            amount = (event.units, event.nanos, found.currencies.setdefault(event.currency, len(found.currencies)))
    found.amount.append(amount)
    for at, (name, value) in enumerate(event.properties):
        _read_property(found, name, value, (row, place, at), refusals)


def _read_property(found: _Events, name: str, value: Scalar, where: tuple[int, int, int], refusals: Refusals) -> None:
    """where: item, event, property."""
    kind = TYPES[type(value)]
    label = property_label(name, kind)
    row, place, at = where
    if label not in found.labels:
        reason, message = name_problem(name)
        if reason:
            refusals.value(row, f"events[{place}].properties[{{}}].name", reason, name, message, at)
            return
    if kind != TEXT or len(value) > SURELY_SHORT:  # type: ignore[arg-type]
        reason, message = value_problem(value)
        if reason:
            refusals.value(row, f"events[{place}].properties[{{}}].value", reason, scalar_text(value), message, at)
            return
    texts, labels = found.texts, found.labels
    name_code = texts.setdefault(name, len(texts))
    value_code = texts.setdefault(value if kind == TEXT else scalar_text(value), len(texts))  # type: ignore[arg-type]
    found.properties.append((len(found.row) - 1, name_code, value_code, kind, labels.setdefault(label, len(labels))))


def property_label(name: str, kind: int) -> str:
    """What a property is called in the content of its observation: numbers and truths are told from the texts that look like them."""
    return f"event {name}" if kind == TEXT else f"event:{kind} {name}"


def type_problem(kind: str) -> tuple[Refusal, str]:
    """Why a type, without white space at its ends, cannot be used, NONE where it can."""
    if not kind:
        return Refusal.EVENT_SYNTAX, ""
    if len(kind) > MAX_NAME_BYTES // 4 and (size := len(kind.encode())) > MAX_NAME_BYTES:
        return Refusal.TOO_LONG, f"{size:,} bytes; the type of an event takes at most {MAX_NAME_BYTES}"
    return (Refusal.CONTROL_CHARACTER, "") if not kind.isprintable() and CONTROL.search(kind) else (Refusal.NONE, "")


def _money_problem(event: ReportedEvent, known: Container[str]) -> str:
    if event.currency not in known and (problem := currency_problem(event.currency)):
        return problem
    if not -NANOS < event.nanos < NANOS:
        return f"nanos are billionths of a unit: from {1 - NANOS:,} to {NANOS - 1:,}"
    if event.units * event.nanos < 0:
        return "units and nanos have the same sign: -1.75 is -1 and -750,000,000"
    return "" if -(2**63) <= event.units < 2**63 else "units are at most 64 bits"


def currency_problem(currency: str) -> str:
    """Why a text is no currency, "" where it is one."""
    good = len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()
    return "" if good else "the currency is three capital letters of ISO 4217, such as EUR"


def _columns(found: _Events) -> tuple[EventColumns, pa.StringArray]:
    """(the columns, the label of each property)"""
    amount = np.array(found.amount, np.int64)
    event, name, value, kind, label = np.array(found.properties, np.int32).reshape(-1, 5).T.copy()
    labels = pa.array(list(found.labels), pa.string())
    return EventColumns(
        row=np.array(found.row, np.int32),
        type=np.array(found.kind, np.int32),
        types=tuple(found.kinds),
        units=amount[:, 0].copy(),
        nanos=amount[:, 1].astype(np.int32),
        currency=amount[:, 2].astype(np.int32),
        currencies=tuple(found.currencies),
        property_event=event,
        property_name=name,
        property_value=value,
        property_type=kind.astype(np.uint8),
        texts=pa.array(list(found.texts), pa.string()),
    ), content_of(labels)[label]


def add_events(columns: EventColumns, labels: np.ndarray, content: ContentHash) -> None:
    """One event adds what a row of a file adds that says the same (see Intake.see). Of several each is hashed as one, so that it shows
    which properties belong together, and their order does not matter. labels: uint64[q, 2], of the properties."""
    n = columns.row.size
    parts = ContentHash(n)
    parts.add_entries("event type", np.arange(n), content_of(pa.array(columns.types, pa.string()))[columns.type])
    priced = np.flatnonzero(columns.currency >= 0)
    if priced.size:
        amounts = zip(*(column[priced].tolist() for column in (columns.units, columns.nanos, columns.currency)), strict=True)
        said = [f"{units} {nanos} {columns.currencies[currency]}" for units, nanos, currency in amounts]
        parts.add_entries("event:amount", priced, content_of(pa.array(said, pa.string())))
    if columns.property_event.size:
        parts.add_hashes(labels, columns.property_event, content_of(columns.texts)[columns.property_value])
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
