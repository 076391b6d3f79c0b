"""Refused values and rows of a run, collected column by column and told in the order of the input."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.batch.encoded import Encoded
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
LABELS = pa.array([Refusal(i).label if i in Refusal._value2member_map_ else "" for i in range(256)])


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
    ) -> None:
        """Note the rows whose refusal, uint8[n], is not NONE.

        file: its number and name; row: int64[n], data rows; input_row: int64[n], positions among all the run's input rows; values: what
        stood there, by row; messages: string, by distinct value of `values`.
        """
        bad = np.flatnonzero(refusal)
        if not bad.size:
            return
        number, name = file
        code = pa.array(values.code[bad], mask=values.code[bad] < 0)
        used = np.unique(values.code[bad][values.code[bad] >= 0])
        shown = [""] * len(values.values)
        for at, text in zip(used, values.values.take(pa.array(used)).to_pylist(), strict=True):
            shown[at] = shorten(text)
        n = bad.size
        columns = [
            pa.array([name] * 1).take(pa.array(np.zeros(n, np.int32))),
            pa.array(row[bad]),
            pa.array([field]).take(pa.array(np.zeros(n, np.int32))),
            LABELS.take(pa.array(refusal[bad])),
            pc.fill_null(pa.array(shown, pa.string()).take(code), ""),
            pc.fill_null(messages.take(code), "") if messages is not None else pa.array([""]).take(pa.array(np.zeros(n, np.int32))),
        ]
        self._tables.append(pa.table(columns, schema=SCHEMA))
        self._order.append(np.stack([np.full(n, number), row[bad], input_row[bad]], axis=1))

    def add_rows(self, file: tuple[int, str], issues: Iterable[Issue]) -> None:
        """Note rows that could not be read at all."""
        found = list(issues)
        if not found:
            return
        columns = [[getattr(i, name) for i in found] for name in ("file", "row", "field", "reason", "value", "message")]
        columns[3] = [Refusal(r).label for r in columns[3]]
        columns[4] = [shorten(v) for v in columns[4]]
        self._tables.append(pa.table(columns, schema=SCHEMA))
        self._order.append(np.array([(file[0], i.row, -1) for i in found], np.int64).reshape(-1, 3))

    def table(self, erased: np.ndarray, erased_values: Iterable[str]) -> pa.Table:
        """All issues by (file, row, field); the values of erased input rows, bool[r], are left out, and so is any text that holds one of the
        erased identifiers: a row that could not be read may still show it."""
        if not self._tables:
            return SCHEMA.empty_table()
        whole = pa.concat_tables(self._tables).combine_chunks()
        number, row, input_row = np.concatenate(self._order).T
        hidden = np.zeros(len(whole), bool)
        known = input_row >= 0
        hidden[known] = erased[input_row[known]]
        lower = pc.utf8_lower(whole["value"])
        for value in erased_values:
            hidden |= pc.match_substring(lower, value.lower()).to_numpy()
        value = pc.if_else(pa.array(~hidden), whole["value"], "")
        message = pc.if_else(pa.array(~hidden), whole["message"], "erased on request")
        whole = whole.set_column(4, "value", value).set_column(5, "message", message)
        field = pc.rank(whole["field"], tiebreaker="dense").to_numpy() if len(whole) else row
        return whole.take(pa.array(np.lexsort((field, row, number))))
