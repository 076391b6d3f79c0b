"""Refused values and rows of a run, collected column by column and told in the order of the input."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.intake.encoded import Encoded
from idweave_server.intake.issue_rows import IssueRows
from idweave_server.intake.remedies import remedy
from idweave_server.model import Issue, Refusal, shorten

SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("row", pa.int64()),
        ("field", pa.string()),
        ("reason", pa.string()),
        ("value", pa.string()),
        ("message", pa.string()),
    ]
)
UNREAD = -2  # in place of the input row of a row that no reader could make sense of
_REASONS = [Refusal(i) if i in Refusal._value2member_map_ else Refusal.NONE for i in range(256)]
LABELS = pa.array([reason.label for reason in _REASONS])
EXPECTED = pa.array([remedy(reason.label) for reason in _REASONS])


class Issues(Protocol):
    """What hears of refusals; see IssueLog.add."""

    def add(
        self,
        file: tuple[int, str],
        row: np.ndarray,
        input_row: np.ndarray,
        field: str,
        refusal: np.ndarray,
        values: Encoded,
        messages: pa.Array | None = None,
        *,
        shown: bool = True,
    ) -> None: ...


class IssueLog:
    """Grows as files are read; `table` is what issues.csv holds."""

    def __init__(self) -> None:
        self._tables: list[pa.Table] = []
        self._order: list[np.ndarray] = []  # file, row, input row

    def __len__(self) -> int:
        return sum(len(t) for t in self._tables)

    def add(
        self,
        file: tuple[int, str],
        row: np.ndarray,
        input_row: np.ndarray,
        field: str,
        refusal: np.ndarray,
        values: Encoded,
        messages: pa.Array | None = None,
        *,
        shown: bool = True,
    ) -> None:
        """Note the rows whose refusal, uint8[n], is not NONE.

        file: its number and name; row: int64[n], data rows; input_row: int64[n], positions among all the run's input rows, -1 for a row
        that reports no observation; values: what stood there, by row, kept out of the table unless shown; messages: string, by distinct
        value of `values`, what to do about the reason standing in for blanks.
        """
        bad = np.flatnonzero(refusal)
        if not bad.size:
            return
        number, name = file
        n = bad.size
        found = values.take(bad).compacted()
        code = pa.array(found.code, mask=found.code < 0)
        reason = pa.array(refusal[bad].astype(np.uint8))
        texts = pa.array([shorten(text) for text in found.values.to_pylist()] if shown else [""] * len(found.values), pa.string())
        said = _repeated("", n) if messages is None else pc.fill_null(messages.take(_codes(values, bad)), "")
        columns = [
            _repeated(name, n),
            pa.array(row[bad]),
            _repeated(field, n),
            LABELS.take(reason),
            pc.fill_null(texts.take(code), ""),
            pc.if_else(pc.equal(said, ""), EXPECTED.take(reason), said),
        ]
        self._tables.append(pa.table(columns, schema=SCHEMA))
        self._order.append(np.stack([np.full(n, number), row[bad], input_row[bad]], axis=1))

    def add_items(self, file: tuple[int, str], issues: IssueRows, row: np.ndarray, input_row: np.ndarray) -> None:
        """Note what was told of a file's observations item by item. row, input_row: int64, as of `add`, by item."""
        if not len(issues):
            return
        n = len(issues)
        texts = [pa.array(texts, pa.string()) for texts in (issues.field, issues.value, issues.message)]
        columns = [_repeated(file[1], n), pa.array(row[issues.row]), texts[0], LABELS.take(pa.array(issues.reason)), *texts[1:]]
        self._tables.append(pa.table(columns, schema=SCHEMA))
        self._order.append(np.stack([np.full(n, file[0]), row[issues.row], input_row[issues.row]], axis=1))

    def add_one(self, file: tuple[int, str], row: int, input_row: int, field: str, reason: Refusal, value: str, message: str) -> None:
        """Note one refusal; input_row: as of `add`."""
        columns = [[file[1]], [row], [field], [reason.label], [shorten(value)], [message]]
        self._tables.append(pa.table(columns, schema=SCHEMA))
        self._order.append(np.array([(file[0], row, input_row)], np.int64))

    def add_rows(self, file: tuple[int, str], issues: Iterable[Issue]) -> None:
        """Note rows that could not be read at all."""
        found = list(issues)
        if not found:
            return
        columns = [[getattr(i, name) for i in found] for name in ("file", "row", "field", "reason", "value", "message")]
        columns[3] = [Refusal(r).label for r in columns[3]]
        columns[4] = [shorten(v) for v in columns[4]]
        self._tables.append(pa.table(columns, schema=SCHEMA))
        self._order.append(np.array([(file[0], i.row, UNREAD) for i in found], np.int64).reshape(-1, 3))

    def table(self, erased: np.ndarray, erased_values: Iterable[str]) -> pa.Table:
        """All issues by (file, row, field), without what was erased: the values of erased input rows, bool[r]; those that are an erased
        identifier themselves; and, where anything was erased, those of rows that could not be read, for they may hold what was."""
        if not self._tables:
            return SCHEMA.empty_table()
        whole = pa.concat_tables(self._tables).combine_chunks()
        number, row, input_row = np.concatenate(self._order).T
        gone = pa.array(sorted({shorten(value.lower()) for value in erased_values}), pa.string())
        named = pc.is_in(pc.utf8_trim_whitespace(pc.utf8_lower(whole["value"])), value_set=gone).to_numpy()
        hidden = named & (pc.binary_length(whole["value"]).to_numpy() > 0)
        known = input_row >= 0
        hidden[known] |= erased[input_row[known]]
        unread = (input_row == UNREAD) & bool(len(gone) or erased.any())
        value = pc.if_else(pa.array(hidden | unread), "", whole["value"])
        message = pc.if_else(pa.array(hidden), "erased on request", whole["message"])
        whole = whole.set_column(4, "value", value).set_column(5, "message", message)
        field = pc.rank(whole["field"], tiebreaker="dense").to_numpy()
        return whole.take(pa.array(np.lexsort((field, row, number))))


def _codes(values: Encoded, rows: np.ndarray) -> pa.Array:
    code = values.code[rows]
    return pa.array(code, mask=code < 0)


def _repeated(text: str, n: int) -> pa.StringArray:
    return pa.array([text]).take(pa.array(np.zeros(n, np.int32)))
