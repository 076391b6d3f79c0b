"""The outside of an entry's body: one checksummed zstd frame around three kinds of bytes.

Body: a zstd frame (RFC 8878) with its content's size and checksum. Content: version (1 byte), kind (1 byte), the sizes of the first two
sections (varints), then numbers, packed and text. Each section ends a zstd block, so that each gets codes for its own bytes: digits of
hashes compress to nothing and would spoil the codes of the rest. The sections start with the words of all tables (see words.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import zstandard

from idweave_server.errors import InputError, StoreCorruptError
from idweave_server.model import EntryKind

VERSION = 1
MAX_CONTENT_BYTES = 256 * 2**20  # what a body may claim to hold, checked before anything is allocated
MAX_ROWS = 2**21  # observations, identifiers, ... of one entry
LEVEL = 3  # 7 saves one byte in a hundred and takes a quarter more time


class DamageError(ValueError):
    """What is wrong with a body, for the message of StoreCorruptError."""


@dataclass(slots=True)
class Sections:
    """A body's content while it is written. numbers: what compresses well; packed: what does not compress; text: UTF-8."""

    numbers: bytearray = field(default_factory=bytearray)
    packed: bytearray = field(default_factory=bytearray)
    text: bytearray = field(default_factory=bytearray)

    def put_count(self, number: int) -> None:
        """A number from 0 to 2**64 - 1, as a varint: seven bits a byte, the least first."""
        while number >= 128:
            self.numbers.append(number & 127 | 128)
            number >>= 7
        self.numbers.append(number)

    def __add__(self, other: Sections) -> Sections:
        return Sections(self.numbers + other.numbers, self.packed + other.packed, self.text + other.text)


@dataclass(slots=True)
class Cursor:
    """A section while it is read, uint8, and where what is not read yet begins: every piece is checked to be there. Raises DamageError."""

    data: np.ndarray
    at: int = 0

    def take(self, size: int) -> np.ndarray:
        end = self.at + size
        if size < 0 or end > self.data.size:
            raise DamageError("a column goes beyond its end")
        piece = self.data[self.at : end]
        self.at = end
        return piece

    def rest(self) -> np.ndarray:
        return self.take(self.data.size - self.at)

    def byte(self) -> int:
        if self.at >= self.data.size:
            raise DamageError("a column goes beyond its end")
        self.at += 1
        return self.data.item(self.at - 1)

    def count(self) -> int:
        number = shift = 0
        while (byte := self.byte()) > 127:
            number |= (byte & 127) << shift
            shift += 7
            if shift > 63:
                raise DamageError("a number has too many digits")
        number |= byte << shift
        if number >= 2**64:
            raise DamageError("a number has too many digits")
        return number

    def end(self) -> None:
        if self.at != self.data.size:
            raise DamageError("something stands behind its end")


@dataclass(slots=True)
class Opened:
    """A body's content while it is read. plain: whether its text is nothing but ASCII, which is UTF-8 wherever it is cut."""

    numbers: Cursor
    packed: Cursor
    text: Cursor
    plain: bool

    def rows(self) -> int:
        """A count of rows, bounded before anything is allocated for them."""
        count = self.numbers.count()
        if count > MAX_ROWS:
            raise DamageError(f"{count:,} rows are more than the {MAX_ROWS:,} that an entry may have")
        return count

    def end(self) -> None:
        for cursor in (self.numbers, self.packed, self.text):
            cursor.end()


def seal(sections: Sections, kind: EntryKind) -> bytes:
    """The body. Raises InputError where the content is too large for one entry."""
    sizes = Sections()
    sizes.put_count(len(sections.numbers))
    sizes.put_count(len(sections.packed))
    parts = (bytes((VERSION, kind)) + bytes(sizes.numbers) + bytes(sections.numbers), bytes(sections.packed), bytes(sections.text))
    total = sum(len(part) for part in parts)
    if total > MAX_CONTENT_BYTES:
        raise InputError(f"an entry holds at most {MAX_CONTENT_BYTES:,} bytes, not {total:,}; send fewer observations at once")
    parameters = zstandard.ZstdCompressionParameters.from_level(LEVEL, source_size=total, write_checksum=True)
    stream = zstandard.ZstdCompressor(compression_params=parameters).compressobj(size=total)
    out = []
    for part in parts[:-1]:
        out.append(stream.compress(part))
        if part:
            out.append(stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))
    return b"".join((*out, stream.compress(parts[-1]), stream.flush()))


def content_of_body(body: bytes) -> bytes:
    """The checked content of a body. Raises DamageError."""
    try:
        parameters = zstandard.get_frame_parameters(body)
        if not parameters.has_checksum or parameters.dict_id:
            raise DamageError("it has no checksum, or needs a dictionary")
        if parameters.content_size > MAX_CONTENT_BYTES:  # also where it says no size, which is 2**64 - 1
            raise DamageError(f"it says that it holds {parameters.content_size:,} bytes; at most {MAX_CONTENT_BYTES:,} are possible")
        content: bytes = zstandard.ZstdDecompressor().decompress(body, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise DamageError("its checksum or its frame is wrong") from error
    if len(content) != parameters.content_size:
        raise DamageError("it holds less than it says")
    return content


def opened(content: bytes, kind: EntryKind) -> Opened:
    """Raises DamageError, and StoreCorruptError for a version that this release does not know."""
    head = Cursor(np.frombuffer(bytearray(content), np.uint8))  # writable, since kernels are compiled for such arrays alone
    version = head.byte()
    if version != VERSION:
        raise StoreCorruptError(f"an entry is of format {version}, and this release reads format {VERSION}; upgrade idweave")
    if head.byte() != kind:
        raise DamageError("it is of another kind than the log says")
    numbers, packed = head.count(), head.count()
    first, second, text = head.take(numbers), head.take(packed), head.rest()
    return Opened(Cursor(first), Cursor(second), Cursor(text), plain=bool(text.max(initial=0) < 128))
