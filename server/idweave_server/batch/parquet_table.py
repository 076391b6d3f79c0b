"""A table as Parquet: the columns of the CSV file, typed."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from idweave_server.batch.columns import Column, Table, chosen, spans
from idweave_server.batch.csv_table import Rows

BLOCK_ROWS = 262_144  # rows of a row group
COMPRESSION = "zstd"


def write_parquet(table: Table, file: BinaryIO, on_rows: Rows | None = None) -> None:
    """Write the table. Only values that a row shows get into the file, never the rest of a dictionary. Raises what `file.write` raises."""
    columns = [_typed(column) for column in table.columns]
    schema = pa.schema([(column.name, column.values.type) for column in columns])
    with pq.ParquetWriter(file, schema, compression=COMPRESSION) as writer:
        for begin, end in spans(len(table), BLOCK_ROWS):
            writer.write_batch(pa.record_batch([column.block(begin, end) for column in columns], schema=schema))
            if on_rows is not None:
                on_rows(end - begin)


def _typed(column: Column) -> Column:
    """The column with the type it asks for, or as it is where some value shown is no such thing (a number past 64 bits, say)."""
    if column.typed is None or column.code is None:
        return column
    used, code = np.unique(column.code, return_inverse=True)
    try:
        values = pc.cast(chosen(column.values, used), column.typed)
    except pa.ArrowInvalid:
        return column
    return Column(column.name, values, code.reshape(-1).astype(np.int32))
