"""How columns of dates or times are written, or which question decides it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from idweave_server.errors import TooLargeError
from idweave_server.identifiers.date_inference import Inference, fitting, infer_format
from idweave_server.intake.times import written

MAX_COLUMNS = 100
MAX_VALUES = 100_000  # of one column
MAX_VALUE_BYTES = 1_024


@dataclass(frozen=True, slots=True, repr=False)
class TextColumn:
    """One column of one source, as written."""

    name: str
    values: Sequence[str]


@dataclass(frozen=True, slots=True)
class FormatFound:
    """format: "" where it cannot be decided, or where there are several; fits: (format, distinct values that it fits), the best first."""

    name: str
    format: str
    decided_by: str
    question: str
    fits: tuple[tuple[str, int], ...]


def infer_formats(columns: Sequence[TextColumn]) -> list[FormatFound]:
    """In the same order. Pure and long: for a worker thread. Raises TooLargeError."""
    if len(columns) > MAX_COLUMNS:
        raise TooLargeError.of("columns", f"has {len(columns):,} items; at most {MAX_COLUMNS:,} are allowed: send them in parts")
    return [_found(column, f"columns[{place}].values") for place, column in enumerate(columns)]


def _found(column: TextColumn, field: str) -> FormatFound:
    if len(column.values) > MAX_VALUES:
        raise TooLargeError.of(field, f"has {len(column.values):,} items; at most {MAX_VALUES:,} are allowed: a sample is enough")
    trimmed = (value.strip() for value in column.values)
    values = pa.array(sorted({value for value in trimmed if value}), pa.string())
    if len(values) and max(len(value.encode()) for value in values.to_pylist()) > MAX_VALUE_BYTES:
        raise TooLargeError.of(field, f"has a value of more than {MAX_VALUE_BYTES:,} bytes, which can be no date")
    how = _inferred(values)
    fits = sorted(((written(form), count) for form, count in how.fits), key=lambda fit: -fit[1])
    return FormatFound(column.name, written(how.format) if how.format else "", how.decided_by, how.question, tuple(fits))


def _inferred(values: pa.StringArray) -> Inference:
    """As dates where all of them can be, since a format without a time of day says more; else as times."""
    if not len(values):
        return Inference()
    dates = infer_format(values, kind="date")
    read = np.logical_or.reduce([np.zeros(len(values), bool), *(fitting(values, form) for form, _ in dates.fits)])
    return dates if read.all() else infer_format(values, kind="time")
