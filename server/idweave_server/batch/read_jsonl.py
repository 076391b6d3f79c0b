"""JSON Lines, column-wise through pyarrow where a chunk's lines are all well-formed and alike, line by line through orjson where not.

Both routes give the same values (tests/batch/test_read_jsonl.py compares them on random objects): see json_text.py for what a value
becomes. They differ only on lines nested deeper than 1,000 levels, which the line-wise route refuses.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import NoneType

import numpy as np
import pyarrow as pa
import pyarrow.json

from idweave_server.batch.files import Progress, SourceFile
from idweave_server.batch.json_schema import JsonSchema
from idweave_server.batch.json_text import BadLineError, Json, column_text, find, parse_object
from idweave_server.batch.row_batch import Column, RowBatch, empty_file, missing_column, no_rows, row_batch
from idweave_server.batch.text_stream import TextBuffer, is_utf8, text_blocks
from idweave_server.errors import InputError, MappingError
from idweave_server.model import Issue, Refusal, shorten

CHUNK = 1 << 24
PARSED_BLOCK = 1 << 20  # pyarrow parses the blocks of a chunk on all cores, and refuses a chunk with a line longer than one
LINE_LIMIT = 1 << 24  # bytes; a longer line is refused unread
GROUP = 2_000  # lines parsed before their values go into columns: dictionaries that live longer cost the garbage collector twice the time
SAMPLE = 1 << 21  # bytes from which the first schema is learned; a rarer kind of value costs one chunk read line by line
GIVEN_UP = 3  # chunks in a row that pyarrow refused, after which it is not asked again
NOT_NUMBERS = (
    re.compile(rb"NaN(?<=[:,\[\s-]NaN)"),
    re.compile(rb"Inf(?<=[:,\[\s-]Inf)"),
)  # pyarrow passes over them in fields not asked for
ARRAY = re.compile(rb"\s*\[\s*(\{|$)", re.MULTILINE)


def read_jsonl(file: SourceFile, columns: Sequence[Column], native: frozenset[str], progress: Progress) -> Iterator[RowBatch]:
    """Read a file of one JSON object a line. Row numbers are line numbers.

    native: fields whose integers may stay int64. A field that stood in no row is told as an issue at row 0: an export leaves out what it
    never had. Raises InputError for a file that cannot be read, and, at its end, MappingError where such a field looks like a slip of the
    mapping (see `_Lines.absent_fields`).
    """
    text = TextBuffer(text_blocks(file, CHUNK, progress))
    text.fill()
    if not text.waiting.strip():
        yield no_rows(columns, [empty_file(file.name)])
        return
    if ARRAY.match(text.waiting):
        raise InputError(f"{file.name} is one JSON array, not one object a line: convert it, for example with jq -c '.[]'")
    lines = _Lines(file.name, columns, native)
    row = 1
    while text.waiting or not text.ended:
        end = len(text.waiting) if text.ended else text.waiting.rfind(b"\n") + 1
        if end:
            chunk = text.take(end)
            yield lines.read(chunk if chunk.endswith(b"\n") else chunk + b"\n", row)
            row += chunk.count(b"\n")
        elif len(text.waiting) > LINE_LIMIT:
            yield lines.refuse_unread(text.waiting, row)
            text.skip_line(b"\n")
            row += 1
        else:
            text.fill()
    yield lines.absent_fields()


class _Lines:
    """Chunks of whole lines of one file as columns, with what was learned from those before."""

    def __init__(self, name: str, columns: Sequence[Column], native: frozenset[str]) -> None:
        self._name = name
        self._columns = {column.field: column for column in columns}
        self._native = native
        self._schema = JsonSchema(list(self._columns))
        self._unseen = {column.field for column in columns if not (column.optional or column.sparse)}
        self._names: set[str] = set()  # members seen, for the message about a field that is in none
        self._sampled = False
        self._refused = 0
        self._rows = 0

    def read(self, chunk: bytes, row: int) -> RowBatch:
        if not self._sampled:
            self._sample(chunk)
        chunk = chunk.replace(b"\r\n", b"\n") if b"\r" in chunk else chunk
        parsed = self._parse(chunk) if self._refused < GIVEN_UP else None
        if parsed is None:
            self._refused += 1
            batch = self._read_lines(chunk, row)
        else:
            self._refused = 0
            batch = row_batch(self._name, self._schema.text_columns(parsed, self._native), _numbers(row, parsed.num_rows), [])
        self._rows += len(batch.row)
        self._note_fields(batch.table, chunk)
        return batch

    def refuse_unread(self, line: bytes, row: int) -> RowBatch:
        issue = Issue(self._name, row, "", Refusal.TOO_LONG, _display(line), f"the line is longer than {LINE_LIMIT:,} bytes")
        return no_rows(list(self._columns.values()), [issue])

    def absent_fields(self) -> RowBatch:
        """The fields that stood in no row, as issues. Raises MappingError for one that every observation needs, one that resembles a field
        which the mapping does not use, and where no identifier's field was seen at all."""
        absent = [self._columns[field] for field in self._columns if field in self._unseen] if self._rows else []
        spare = sorted(self._names - self._columns.keys())
        identifying = [column for column in self._columns.values() if column.key.startswith("identifiers.")]
        nobody = bool(identifying) and all(column in absent for column in identifying)
        for column in absent:
            wanted = (column.field.casefold(), column.key.rpartition(".")[2].casefold())
            likely = any(difflib.get_close_matches(name, [one.casefold() for one in spare], n=1) for name in wanted)
            if likely or nobody or column.key.startswith("observation."):
                raise MappingError(missing_column(self._name, column, "field", self._names))
        told = "no row has this field, which the mapping's {} asks for"
        issues = [Issue(self._name, 0, c.field, Refusal.FIELD_ABSENT, "", told.format(c.key)) for c in absent]
        return no_rows(list(self._columns.values()), issues)

    def _sample(self, chunk: bytes) -> None:
        self._sampled = True
        records = []
        for line in chunk[:SAMPLE].split(b"\n")[: None if len(chunk) <= SAMPLE else -1]:
            with suppress(BadLineError):
                records.append(parse_object(line))
        self._schema.learn(records)
        for record in records:
            _member_names(record, "", self._names)

    def _learn_rare_fields(self, chunk: bytes) -> None:
        """Learn fields not met so far from the first line that has them: cheaper than to find out by a chunk that pyarrow refuses."""
        for name in self._schema.unseen():
            met = _member(name).search(chunk)
            if met is not None:
                line = chunk[chunk.rfind(b"\n", 0, met.start()) + 1 : chunk.find(b"\n", met.end())]
                with suppress(BadLineError):
                    self._schema.learn([parse_object(line)])

    def _parse(self, chunk: bytes) -> pa.Table | None:
        """Parse a chunk column-wise; None where that could differ from reading its lines one by one."""
        self._learn_rare_fields(chunk)
        schema = self._schema.arrow_schema()
        lines = chunk.count(b"\n")
        # Every line begins with { and ends with }, and (below) there are as many objects as lines: so each line is one object.
        alike = chunk.startswith(b"{") and chunk.endswith(b"}\n") and chunk.count(b"}\n{") == lines - 1
        if schema is None or not alike or any(word.search(chunk) for word in NOT_NUMBERS) or not is_utf8(chunk):
            return None
        try:
            parsed = pyarrow.json.read_json(
                pa.BufferReader(chunk),
                read_options=pyarrow.json.ReadOptions(use_threads=True, block_size=PARSED_BLOCK),
                parse_options=pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
            )
        except pa.ArrowInvalid:
            return None
        return parsed if parsed.num_rows == lines else None

    def _read_lines(self, chunk: bytes, row: int) -> RowBatch:
        values: dict[str, list[str | int | None]] = {field: [] for field in self._columns}
        rows: list[int] = []
        issues: list[Issue] = []
        lines = chunk.split(b"\n")
        lines.pop()
        for start in range(0, len(lines), GROUP):
            records: list[dict[str, Json]] = []
            texts: list[bytes] = []
            for number, line in enumerate(lines[start : start + GROUP], row + start):
                try:
                    records.append(parse_object(line))
                    texts.append(line)
                    rows.append(number)
                except BadLineError as bad:
                    if line.strip():
                        issues.append(Issue(self._name, number, "", bad.reason, _display(line), bad.message))
            self._schema.learn(records)
            for field, column in values.items():
                found = [find(record, field) for record in records] if "." in field else [record.get(field) for record in records]
                plain = {str, NoneType, int} if field in self._native else {str, NoneType}
                if not plain.issuperset(map(type, found)):
                    pairs = zip(found, texts, strict=True)
                    found = [value if type(value) in plain else column_text(value, line, field) for value, line in pairs]
                column.extend(found)
        table = pa.table({field: self._column(field, column) for field, column in values.items()})
        return row_batch(self._name, table, np.array(rows, dtype=np.int64), issues)

    def _column(self, field: str, values: list[str | int | None]) -> pa.Array:
        if field in self._native:
            try:
                return pa.array(values, pa.int64())
            except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):  # texts among them, or more than 64 bits
                values = [None if value is None else str(value) for value in values]
        return pa.array(values, pa.string())

    def _note_fields(self, table: pa.Table, chunk: bytes) -> None:
        for field in list(self._unseen):
            # A field that is there and always null is no error; its name can then only be found in the text.
            if table.column(field).null_count < len(table) or _member(field.rpartition(".")[2]).search(chunk):
                self._unseen.discard(field)


def _member(name: str) -> re.Pattern[bytes]:
    return re.compile(b'"' + re.escape(name.encode()) + rb'"\s*:')


def _member_names(record: dict[str, Json], prefix: str, names: set[str]) -> None:
    for name, value in record.items():
        if len(names) >= 1_000:
            return
        names.add(prefix + name)
        if type(value) is dict and prefix.count(".") < 3:
            _member_names(value, f"{prefix}{name}.", names)


def _numbers(first: int, count: int) -> np.ndarray:
    return np.arange(first, first + count, dtype=np.int64)


def _display(line: bytes) -> str:
    return shorten(line[:400].decode("utf-8", "replace").strip())
