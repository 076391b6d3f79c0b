"""What a file given on the command line is, before a byte of it is parsed: its format, its compression, its size, how to open it.

A path that cannot be read at all (missing, a directory, no permission, a format nobody named, a truncated archive) raises InputError with
the remedy. Compressed files are decompressed as they are read, a bounded piece at a time, so an archive that expands a thousandfold costs
time but not memory.
"""

from __future__ import annotations

import gzip
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

import zstandard

from idweave_server.errors import InputError

FORMATS = ("csv", "tsv", "jsonl", "parquet", "xlsx")
SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
}
COMPRESSIONS = {".gz": "gz", ".gzip": "gz", ".zst": "zstd", ".zstd": "zstd"}
MAGIC = {b"\x1f\x8b": "gz", b"\x28\xb5\x2f\xfd": "zstd"}
ZSTD_PIECE = 2_048  # compressed bytes at a time: 512 of zstd's smallest blocks, which hold at most 64 MiB

Progress = Callable[[int], None]  # told the bytes of the file on disk that were read since the last call


@dataclass(frozen=True, slots=True)
class FileOptions:
    """How a file is to be read where its suffix does not say; None is "find out". The `[file]` table of a mapping."""

    format: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    header: bool | tuple[str, ...] = True  # False: columns are called "1", "2", …; a tuple: their names, the file has no header row


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A readable file: `name` is the path as the user gave it, `size` its bytes on disk (None for a pipe)."""

    path: Path
    name: str
    format: str
    compression: str  # "plain", "gz" or "zstd"
    size: int | None
    options: FileOptions = field(default_factory=FileOptions)


class ByteStream(Protocol):
    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; fewer only at the end of the file."""


def inspect_file(path: str | Path, options: FileOptions | None = None) -> SourceFile:
    """Find out what a path is.

    The format is the one the options name, else the suffix's (`.csv`, `.jsonl.gz`, …). Compression is told by the first bytes rather than
    by the suffix, because exports are often misnamed; a pipe, which can be read only once, is taken at its suffix's word.
    Raises InputError for what cannot be read.
    """
    options = options or FileOptions()
    path = Path(path)
    name = str(path)
    with _readable(name):
        status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{name} is a directory: give the files in it, for example {name}/*.csv")
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compression = COMPRESSIONS.get(suffixes[-1], "plain") if suffixes else "plain"
    if compression != "plain":
        suffixes.pop()
    if stat.S_ISREG(status.st_mode):
        with _readable(name), path.open("rb") as opened:
            first = opened.read(4)
        compression = "plain" if first else compression
        compression = next((kind for magic, kind in MAGIC.items() if first.startswith(magic)), compression)
    format_name = options.format or (SUFFIXES.get(suffixes[-1]) if suffixes else None)
    if format_name is None:
        raise InputError(
            f"{name}: its name does not say what it holds. Rename it (known: {', '.join(SUFFIXES)}, each also with .gz or .zst) "
            f'or name the format in the mapping: [file] format = "csv" ({", ".join(FORMATS)})'
        )
    if format_name in ("parquet", "xlsx") and not stat.S_ISREG(status.st_mode):
        raise InputError(f"{name} is not a file, and {format_name} cannot be read from a pipe: write it to a file first")
    if format_name in ("parquet", "xlsx") and compression != "plain":
        raise InputError(
            f"{name} is compressed ({compression}), and {format_name} files can only be read uncompressed: decompress it first"
        )
    return SourceFile(path, name, format_name, compression, status.st_size if stat.S_ISREG(status.st_mode) else None, options)


@contextmanager
def open_bytes(file: SourceFile, progress: Progress) -> Iterator[ByteStream]:
    """Open a file for one pass over its decompressed bytes; any failure to open or to read becomes InputError."""
    with _readable(file.name):
        raw = file.path.open("rb")
    with raw:
        counted = _CountedReader(raw, progress)
        stream: ByteStream = counted
        if file.compression == "gz":
            stream = gzip.GzipFile(fileobj=counted, mode="rb")  # type: ignore[call-overload]
        elif file.compression == "zstd":
            stream = _ZstdReader(counted)
        yield _NamedStream(stream, file.name)
        counted.report()


class _NamedStream:
    """A stream whose failures name the file and the remedy."""

    def __init__(self, stream: ByteStream, name: str) -> None:
        self._stream = stream
        self._name = name

    def read(self, size: int, /) -> bytes:
        with _readable(self._name):
            return self._stream.read(size)


class _CountedReader:
    """A raw file that tells how much of it was read, at most once in 256 KiB: decompressors read in small pieces."""

    def __init__(self, raw: BinaryIO, progress: Progress) -> None:
        self._raw = raw
        self._progress = progress
        self._unreported = 0

    def read(self, size: int = -1, /) -> bytes:
        piece = self._raw.read(size)
        self._unreported += len(piece)
        if self._unreported >= 1 << 18:
            self.report()
        return piece

    def report(self) -> None:
        if self._unreported:
            self._progress(self._unreported)
            self._unreported = 0


class _ZstdReader:
    """Zstandard frames as one stream. zstandard's own stream reader ends silently where a file was cut off; this one says so."""

    def __init__(self, source: _CountedReader) -> None:
        self._source = source
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._inside = False
        self._ready = bytearray()

    def read(self, size: int, /) -> bytes:
        while len(self._ready) < size:
            piece = self._source.read(ZSTD_PIECE)
            if not piece:
                if self._inside:
                    raise EOFError
                break
            while piece:
                self._inside = True
                self._ready += self._frame.decompress(piece)
                piece = b""
                if self._frame.eof:
                    piece = self._frame.unused_data
                    self._frame = zstandard.ZstdDecompressor().decompressobj()
                    self._inside = False
        taken = bytes(self._ready[:size])
        del self._ready[:size]
        return taken


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{name} does not exist: check the path") from error
    except PermissionError as error:
        raise InputError(f"{name} cannot be read: no permission for this user") from error
    except (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError) as error:
        raise InputError(
            f"{name} is cut off or damaged in its compression: copy or export it again ({error or 'unexpected end'})"
        ) from error
    except (OSError, ValueError) as error:
        raise InputError(f"{name} cannot be read: {error}") from error
