"""Where the records of a delimited text end, and the records themselves one by one, for text that a column-wise parser cannot take.

Quoting is RFC 4180's: a quote is special at the start of a field only, and two quotes inside a quoted field are one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from idweave_server import model
from idweave_server.model import Issue, Refusal

RECORD_LIMIT = (
    1 << 24
)  # bytes; a record still open after so much has an unbalanced quote, and what a line longer than that holds is not read
DELIMITERS = (",", ";", "\t", "|")
SNIFFED_ROWS = 50
UNCLOSED = "a quote opens in this line and is never closed"


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of the last whole record of a text, and whether a quoted field in it spans lines."""

    end: int
    multiline: bool


@dataclass(slots=True)
class Records:
    """Records read one by one, with their row numbers; refused ones are counted and listed, empty lines are not."""

    row: list[int] = field(default_factory=list)
    fields: list[list[str]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    count: int = 0
    used: int = 0  # bytes of the text


@dataclass(frozen=True, slots=True)
class Dialect:
    """What delimits a file's fields and rows. width: fields in a row, 0 while that is not known."""

    file: str
    delimiter: str
    newline: bytes
    width: int = 0


def regular_cut(text: bytes, delimiter: str, newline: bytes) -> Cut | None:
    """Find the end of the last whole record.

    None where a quote stands elsewhere than at the ends of a field (`5" disk`): then quotes cannot be paired by counting them, and only
    reading from the start tells what is inside a field. Otherwise the n-th quote opens where n is even, which costs no reading.
    """
    if b'"' not in text:
        return Cut(text.rfind(newline) + 1, False)
    raw = np.frombuffer(text, dtype=np.uint8)
    border = np.zeros(256, dtype=np.bool_)
    border[[ord('"'), ord("\r"), ord("\n"), *delimiter.encode()]] = True
    quotes = np.flatnonzero(raw == ord('"'))
    before = quotes[0::2] - 1
    after = quotes[1::2] + 1
    if not (border[raw[before[before >= 0]]].all() and border[raw[after[after < len(raw)]]].all()):
        return None
    newlines = np.flatnonzero(raw == newline[0])
    outside = np.searchsorted(quotes, newlines) % 2 == 0
    ends = newlines[outside]
    return Cut(int(ends[-1]) + 1 if len(ends) else 0, not outside.all())


def read_records(text: bytes, dialect: Dialect, first_row: int, *, ended: bool, limit: int | None = None) -> Records:
    """Read whole records one by one from the start of a text, as far as they are complete, `limit` at most.

    A record that is not UTF-8, holds a NUL or has another number of fields than the dialect's width is refused. So is a line with a quoted
    field that has text after its closing quote, or that is not closed within RECORD_LIMIT or before the text has `ended`: reading goes on
    in the line after it, so that one lost quote does not swallow the rows up to the next.
    """
    lines = text.splitlines(keepends=True)
    if lines and not ended and not lines[-1].endswith(dialect.newline):
        lines.pop()
    records = Records()
    at = 0
    while at < len(lines) and (limit is None or records.count < limit):
        at, message = _read(lines, at, records, dialect, first_row, limit)
        if message == UNCLOSED and not ended and sum(map(len, lines[at:])) <= RECORD_LIMIT:
            break
        if message:
            records.issues.append(refusal(dialect.file, first_row + records.count, Refusal.ROW_MALFORMED, lines[at], message))
            records.count += 1
            at += 1
    records.used = sum(map(len, lines[:at]))
    return records


class _Lines(Iterator[str]):
    """Lines for csv.reader, and whether it asked for more than there are: then the text ended inside a record."""

    def __init__(self, lines: list[bytes], at: int) -> None:
        self._lines = lines
        self.at = at
        self.ran_out = False

    def __next__(self) -> str:
        if self.at >= len(self._lines):
            self.ran_out = True
            raise StopIteration
        self.at += 1
        return self._lines[self.at - 1].decode("utf-8", "surrogateescape")


def _read(lines: list[bytes], at: int, records: Records, dialect: Dialect, first_row: int, limit: int | None) -> tuple[int, str]:
    """Read from a line on. Returns the line to go on with, and what is wrong with the record that begins there."""
    feed = _Lines(lines, at)
    before = csv.field_size_limit(2 * RECORD_LIMIT)
    try:
        for fields in csv.reader(feed, delimiter=dialect.delimiter, strict=True):
            start, at = at, feed.at
            if not fields:
                continue
            row = first_row + records.count
            records.count += 1
            found = _fault(fields, dialect.width)
            if found is None:
                records.row.append(row)
                records.fields.append(fields)
            else:
                records.issues.append(refusal(dialect.file, row, found[0], b"".join(lines[start:at]), found[1]))
            if records.count == limit:
                break
    except csv.Error:
        return at, UNCLOSED if feed.ran_out else "text follows a closing quote; inside a quoted field a quote is written twice"
    finally:
        csv.field_size_limit(before)
    return at, ""


def _fault(fields: list[str], width: int) -> tuple[Refusal, str] | None:
    joined = "".join(fields)
    try:
        joined.encode()
    except UnicodeEncodeError:
        return (
            Refusal.BAD_ENCODING,
            'not text in this encoding; name the file\'s own in the mapping, for example [file] encoding = "cp1252"',
        )
    if "\0" in joined:
        return Refusal.CONTROL_CHARACTER, "the row holds a NUL character"
    if width and len(fields) != width:
        return Refusal.ROW_RAGGED, ragged(len(fields), width)
    return None


def ragged(found: int, expected: int) -> str:
    return f"{found} field{'s' if found != 1 else ''} where the header has {expected}"


def refusal(file: str, row: int, reason: Refusal, text: bytes, message: str) -> Issue:
    """The issue of a row that is refused as a whole, with the beginning of its text."""
    return Issue(file, row, "", reason, model.shorten(text[:400].decode("utf-8", "replace").rstrip("\r\n")), message)


def sniff_delimiter(head: str) -> str:
    """The delimiter under which most of the first rows have as many fields as the header, and the header most; "," for a single column."""
    best = (0.0, 0, ",")
    for delimiter in DELIMITERS:
        try:
            rows = [row for row in islice(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), SNIFFED_ROWS) if row]
        except csv.Error:
            continue
        width = len(rows[0]) if rows else 0
        agreeing = sum(len(row) == width for row in rows) / max(len(rows), 1)
        if width > 1 and (agreeing, width) > best[:2]:
            best = (agreeing, width, delimiter)
    return best[2]
