"""A text file in any encoding as blocks of UTF-8.

What could not be decoded comes through as bytes that no UTF-8 text holds (a UTF-8 file's own broken bytes, 0xFF for another encoding's), so
that a reader can refuse the rows that hold them and keep the rest. A U+FFFD that stands in the file is a character like any other.
"""

from __future__ import annotations

import codecs
import difflib
from collections.abc import Iterator
from encodings.aliases import aliases

from idweave_server.batch.files import ByteStream, Progress, SourceFile, open_bytes
from idweave_server.errors import InputError, MappingError

BOM = "\ufeff"
BYTE_ORDER_MARKS = (  # UTF-32's little-endian mark begins with UTF-16's, so it is looked at first
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MARK = "idweave-undecodable"


def _mark(error: UnicodeError) -> tuple[str | bytes, int]:
    """Codec error handler: an undecodable byte becomes a lone surrogate, and a lone surrogate the byte 0xFF."""
    if isinstance(error, UnicodeDecodeError):
        return "\udcff", error.end
    if isinstance(error, UnicodeEncodeError):
        return b"\xff", error.end
    raise error


codecs.register_error(MARK, _mark)


def codec_name(encoding: str, key: str) -> str:
    """Python's name of a text encoding. Raises MappingError, naming the mapping key, for one that Python does not know."""
    found = _text_codec(encoding)
    if found is None:
        written = encoding.lower().replace("-", "_")
        near = next((name for name in difflib.get_close_matches(written, sorted(set(aliases.values())), n=5) if _text_codec(name)), None)
        hint = f"did you mean {near!r}?" if near else 'write its usual name, "utf-8"'
        raise MappingError(f"{key}: {encoding!r} is not a text encoding; {hint}")
    return found.name


def _text_codec(encoding: str) -> codecs.CodecInfo | None:
    try:
        found = codecs.lookup(encoding)
    except (LookupError, ValueError):
        return None
    return found if found._is_text_encoding and found.incrementaldecoder is not None else None


def text_blocks(file: SourceFile, block_bytes: int, progress: Progress) -> Iterator[bytes]:
    """Read a file as UTF-8 (see the head of the module) in blocks of about `block_bytes`, cut anywhere, without a byte order mark.

    The encoding is the one the options name, else the byte order mark's, else UTF-8. Raises InputError for a file that cannot be read.
    """
    with open_bytes(file, progress) as stream:
        first = stream.read(block_bytes)
        encoding = _encoding(first, file)
        if encoding in ("utf-8", "utf-8-sig"):
            block = first.removeprefix(codecs.BOM_UTF8)
            while block or first:
                if block:
                    yield block
                block = first = stream.read(block_bytes)
        else:
            yield from _decoded(first, stream, encoding, file.name, block_bytes)


class TextBuffer:
    """The part of a text that was read and not yet used."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self.waiting = b""
        self.ended = False

    def fill(self) -> None:
        block = next(self._blocks, b"")
        self.ended = not block
        self.waiting += block

    def take(self, size: int) -> bytes:
        taken, self.waiting = self.waiting[:size], self.waiting[size:]
        return taken

    def skip_line(self, newline: bytes) -> None:
        """Drop the rest of a line, however long, without keeping it."""
        while newline not in self.waiting and not self.ended:
            self.waiting = b""
            self.fill()
        end = self.waiting.find(newline)
        self.waiting = self.waiting[end + 1 :] if end >= 0 else b""


def is_utf8(text: bytes) -> bool:
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _encoding(first: bytes, file: SourceFile) -> str:
    if file.options.encoding:
        return codec_name(file.options.encoding, "file.encoding")
    for mark, encoding in BYTE_ORDER_MARKS:
        if first.startswith(mark):
            return encoding
    head = first[:4_096]
    if head.count(0) * 3 > len(head):  # text in UTF-16 without its mark: every second byte of Latin script is zero
        order = "le" if head[1::2].count(0) >= head[0::2].count(0) else "be"
        raise InputError(
            f"{file.name} is not UTF-8 text, it looks like UTF-16 without a byte order mark: "
            f'say so in the mapping, [file] encoding = "utf-16-{order}", or export it as UTF-8'
        )
    return "utf-8"


def _decoded(first: bytes, stream: ByteStream, encoding: str, name: str, block_bytes: int) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(errors=MARK)
    block, start = first, True
    while True:
        try:
            text = decoder.decode(block, final=not block)
        except (UnicodeError, ValueError) as error:  # some codecs (idna, punycode) know no error handlers
            raise InputError(
                f"{name} cannot be read as {encoding}: {error}. Name another encoding in the mapping, [file] encoding"
            ) from error
        if start and text:
            text, start = text.removeprefix(BOM), False
        if text:
            yield text.encode("utf-8", MARK)
        if not block:
            return
        block = stream.read(block_bytes)
