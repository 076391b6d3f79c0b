"""Parquet, some rows at a time, with the columns asked for as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from idweave_server.batch.files import Progress, SourceFile
from idweave_server.batch.parquet_text import as_text, stays_native
from idweave_server.batch.row_batch import Column, RowBatch, require_columns, row_batch
from idweave_server.errors import InputError
from idweave_server.model import Issue, Refusal

BATCH_ROWS = 1 << 17


def read_parquet(file: SourceFile, columns: Sequence[Column], native: frozenset[str], progress: Progress) -> Iterator[RowBatch]:
    """Read a Parquet file; a dotted name that is no column's own leads into a struct.

    native: columns whose integers may stay int64 and whose timestamps may stay timestamps of microseconds. Raises MappingError for a column
    that does not exist, InputError for a file that is not Parquet or is damaged.
    """
    with _readable(file.name):
        opened = pq.ParquetFile(file.path)
    with opened:
        names = _names(opened.schema_arrow)
        require_columns(file.name, columns, names)
        present = sorted({column.field for column in columns} & set(names))
        total = max(opened.metadata.num_rows, 1)
        batches = opened.iter_batches(batch_size=BATCH_ROWS, columns=present)
        done = reported = 0
        while True:
            with _readable(file.name):
                batch = next(batches, None)
            if batch is None:
                break
            yield _convert(file.name, batch, columns, native, done + 1)
            done += batch.num_rows
            advanced = (file.size or 0) * done // total
            progress(advanced - reported)
            reported = advanced


def _convert(name: str, batch: pa.RecordBatch, columns: Sequence[Column], native: frozenset[str], first_row: int) -> RowBatch:
    row = np.arange(first_row, first_row + batch.num_rows, dtype=np.int64)
    arrays = []
    issues = []
    keep = np.ones(batch.num_rows, dtype=np.bool_)
    for column in columns:
        values = _column(batch, column.field)
        kept = stays_native(values) if column.field in native else None
        if kept is None:
            kept, undecodable = as_text(values)
            for at in undecodable[keep[undecodable]]:
                keep[at] = False
                issues.append(Issue(name, int(row[at]), column.field, Refusal.BAD_ENCODING, "", "the value is not UTF-8 text"))
        arrays.append(kept)
    table = pa.table(arrays, names=[column.field for column in columns])
    if not keep.all():
        table, row = table.filter(pa.array(keep)), row[keep]
    return row_batch(name, table, row, issues)


def _names(schema: pa.Schema) -> list[str]:
    """Every name that a mapping can ask for: the columns', and the dotted paths into structs."""
    names = list(schema.names)
    waiting = [(field.name, field.type) for field in schema]
    while waiting:
        prefix, kind = waiting.pop()
        if pa.types.is_struct(kind):
            inner = [(f"{prefix}.{field.name}", field.type) for field in kind]
            names.extend(name for name, _ in inner if name not in names)
            waiting.extend(inner)
    return names


def _column(batch: pa.RecordBatch, field: str) -> pa.Array:
    if field in batch.schema.names:
        return batch.column(field)
    values: pa.Array | None = None
    for length in range(1, field.count(".") + 1):
        parts = field.rsplit(".", length)
        if parts[0] in batch.schema.names:
            values = batch.column(parts[0])
            for name in parts[1:]:
                values = pc.struct_field(values, name)
            break
    return pa.nulls(batch.num_rows, pa.string()) if values is None else values


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"{name} is not a readable Parquet file: {reason}. Export it again, or name its format in the mapping, [file] format"
        ) from error
