"""A file's rows, whatever its format: the one door for everything that reads files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from idweave_server.batch.files import Progress, SourceFile
from idweave_server.batch.read_csv import read_csv
from idweave_server.batch.read_jsonl import read_jsonl
from idweave_server.batch.read_parquet import read_parquet
from idweave_server.batch.read_xlsx import read_xlsx
from idweave_server.batch.row_batch import Column, RowBatch, empty_file, no_rows

__all__ = ["Column", "RowBatch", "read_rows"]


def read_rows(
    file: SourceFile, columns: Sequence[Column], *, progress: Progress, native: frozenset[str] = frozenset()
) -> Iterator[RowBatch]:
    """Read the columns of a file, in batches of bounded size.

    progress: told how many more bytes of the file on disk were read. native: columns that may come as int64 or timestamp where the file has
    them so. A bad row is an issue of its batch and never stops the reading; an empty file is one issue at row 0.
    Raises MappingError for columns that the file does not have, and InputError where it cannot be read: at the first batch or later.
    """
    if file.size == 0:
        return iter([no_rows(columns, [empty_file(file.name)])])
    if file.format in ("csv", "tsv"):
        return read_csv(file, columns, progress)
    if file.format == "jsonl":
        return read_jsonl(file, columns, native, progress)
    if file.format == "parquet":
        return read_parquet(file, columns, native, progress)
    return read_xlsx(file, columns, progress)
