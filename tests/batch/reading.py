"""Read a small file through the public door, as the tests want to see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from idweave_server.batch.files import FileOptions, inspect_file
from idweave_server.batch.rows import Column, read_rows
from idweave_server.model import Issue


@dataclass
class Read:
    """Row numbers and the values of the columns asked for, the issues, and the bytes that progress was told of."""

    rows: list[tuple[int, tuple[Any, ...]]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    bytes: int = 0

    @property
    def values(self) -> list[tuple[Any, ...]]:
        return [values for _, values in self.rows]

    @property
    def refused(self) -> list[tuple[int, str]]:
        return [(issue.row, issue.reason.label) for issue in self.issues]


def read(path: Path, columns: Sequence[str | Column], options: FileOptions | None = None, native: frozenset[str] = frozenset()) -> Read:
    result = Read()

    def progress(more: int) -> None:
        assert more >= 0
        result.bytes += more

    asked = [column if isinstance(column, Column) else Column(column, f"identifiers.{column}") for column in columns]
    for batch in read_rows(inspect_file(path, options), asked, progress=progress, native=native):
        assert batch.table.column_names == [column.field for column in asked]
        assert batch.row.dtype == "int64"
        assert batch.table.num_rows == len(batch.row)
        result.rows += zip(batch.row.tolist(), zip(*batch.table.to_pydict().values(), strict=True), strict=True)
        result.issues += batch.issues
    return result
