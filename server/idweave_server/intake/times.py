"""A file's times as seconds, by the format the mapping names or, source by source, by the one their values show."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.date_inference import Inference, infer_format
from idweave_server.identifiers.dates import parse_times
from idweave_server.intake.encoded import Encoded
from idweave_server.intake.tables import FormatInference
from idweave_server.intake.unit import TimeColumn
from idweave_server.kernels.rows import group_by
from idweave_server.model import MAX_TIME, MIN_TIME, Refusal

SCALES = {"unix": 1, "unix_ms": 1_000, "unix_us": 1_000_000}
ISO_TIME = "%Y-%m-%d%o"
ORDERED = re.compile(r"%[mdy](.)%[md]\1")  # formats that another order of their parts would fit too
UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class TimesRead:
    """time: int64[n], seconds UTC, 0 where refused; refusal: uint8[n]; shown: the text of what was refused, by row; messages: by value of
    shown, or None; inferences: how formats were found."""

    time: np.ndarray
    refusal: np.ndarray
    shown: Encoded
    messages: pa.Array | None
    inferences: tuple[FormatInference, ...]


def read_times(column: TimeColumn, source: Encoded, file: str) -> TimesRead:
    kind = column.values.type
    if pa.types.is_timestamp(kind) or (pa.types.is_integer(kind) and column.format in SCALES):
        return _from_numbers(column)
    texts = column.values.cast(pa.string())
    if column.format != "infer":
        parts = [parse_times(pc.fill_null(chunk, ""), column.format, timezone=_zone(column)) for chunk in texts.chunks]
        time = np.concatenate([p.seconds for p in parts]) if parts else np.zeros(0, np.int64)
        refusal = np.concatenate([p.refusal for p in parts]) if parts else np.zeros(0, np.uint8)
        return _read(time, refusal, texts, column.format)
    return _inferred(column, Encoded.of(texts.chunks), source, file)


def _zone(column: TimeColumn) -> str | None:
    return None if column.timezone == "UTC" else column.timezone


def _from_numbers(column: TimeColumn) -> TimesRead:
    values = column.values
    if pa.types.is_timestamp(values.type):
        if values.type.tz is None and column.timezone != "UTC":
            values = pc.assume_timezone(values, column.timezone, ambiguous="earliest", nonexistent="latest")
        scale = UNITS[values.type.unit]
    else:
        scale = SCALES[column.format]
    number = pc.fill_null(values.cast(pa.int64()), 0).to_numpy()
    time = number // scale
    outside = (time < MIN_TIME) | (time >= MAX_TIME)
    refusal = np.where(outside, Refusal.TIME_RANGE, Refusal.NONE).astype(np.uint8)
    return _read(np.where(outside, 0, time), refusal, column.values, column.format)


def _read(time: np.ndarray, refusal: np.ndarray, values: pa.ChunkedArray, form: str) -> TimesRead:
    refusal = np.where(pc.is_null(values).to_numpy(), np.uint8(Refusal.TIME_MISSING), refusal)
    if not refusal.any():
        return TimesRead(time, refusal, Encoded.none(time.size), None, ())
    shown = Encoded.of([chunk.cast(pa.string()) for chunk in values.chunks])
    return TimesRead(time, refusal, shown, _messages(shown, refusal, f'no time as the mapping\'s format "{form}" has it'), ())


def _messages(shown: Encoded, refusal: np.ndarray, expected: str) -> pa.StringArray:
    """string[u], by value: what was expected of those that are no time."""
    wrong = np.zeros(len(shown.values), bool)
    wrong[shown.code[refusal == Refusal.TIME_SYNTAX]] = True
    return pc.if_else(pa.array(wrong), expected, "")


def _inferred(column: TimeColumn, text: Encoded, source: Encoded, file: str) -> TimesRead:
    time = np.zeros(text.code.size, np.int64)
    refusal = np.where(text.code < 0, Refusal.TIME_MISSING, Refusal.NONE).astype(np.uint8)
    questions = [""] * len(text.values)
    inferences = []
    for group in inferred(text, source, "time"):
        inferences.append(told(group.inference, file, column.field, group.source))
        seconds, reasons = parse_times(group.values, group.inference, timezone=_zone(column))
        time[group.rows], refusal[group.rows] = seconds[group.place], reasons[group.place]
        for code in np.unique(text.code[group.rows][reasons[group.place] == Refusal.DATE_AMBIGUOUS]):
            questions[code] = group.inference.question
    messages = _messages(text, refusal, "no time in any format that is inferred")
    return TimesRead(time, refusal, text, pc.if_else(pc.equal(messages, ""), pa.array(questions, pa.string()), messages), tuple(inferences))


@dataclass(frozen=True, slots=True)
class Inferred:
    """Rows, int64[e], whose dates are read alike: those of one source, or of all (""). values: string[u], distinct; place: int32[e], of
    each row's value."""

    source: str
    rows: np.ndarray
    values: pa.StringArray
    place: np.ndarray
    inference: Inference


def inferred(text: Encoded, source: Encoded, kind: str) -> list[Inferred]:
    """How the dates or times of a column are written: by each source, unless the order of day and month is in question nowhere."""
    everyone = np.flatnonzero(text.code >= 0)
    if not everyone.size:
        return []
    values, place, count = used_values(text, everyone)
    whole = infer_format(values, count, kind=kind)
    if not any(ORDERED.match(form) for form, _ in whole.fits):
        return [Inferred("", everyone, values, place, whole)]
    found = []
    for name, rows in rows_by_source(text, source):
        values, place, count = used_values(text, rows)
        found.append(Inferred(name, rows, values, place, infer_format(values, count, kind=kind)))
    return found


def rows_by_source(text: Encoded, source: Encoded) -> list[tuple[str, np.ndarray]]:
    """(source, rows that have a value) for each source that has any, first of all the rows that name none."""
    start, row = group_by(np.where(text.code >= 0, source.code + 1, -1).astype(np.int32), len(source.values) + 1)
    return [
        (name, row[begin:end])
        for name, begin, end in zip(["", *source.values.to_pylist()], start[:-1].tolist(), start[1:].tolist(), strict=True)
        if begin < end
    ]


def used_values(text: Encoded, rows: np.ndarray) -> tuple[pa.StringArray, np.ndarray, np.ndarray]:
    """(the distinct values of these rows, the place of each row's among them int32, how many rows have each int64); each row has one."""
    used = text.take(rows).compacted()
    return used.values, used.code, np.bincount(used.code, minlength=len(used.values))


def told(inference: Inference, file: str, field: str, source: str) -> FormatInference:
    """How a column was read, for the report; a format only where there is just one."""
    fits = tuple((written(form), count) for form, count in inference.fits)
    form = inference.format and written(inference.format)
    return FormatInference(file, field, source, form, fits, inference.decided_by, inference.question)


def written(form: str) -> str:
    """A format as a mapping would have it, the optional time of day (%o, which is ours alone) in words."""
    return "iso" if form == ISO_TIME else form.replace("%o", " with an optional time")
