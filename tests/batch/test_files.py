"""What a path is, and what is said where it cannot be read; compression, encodings and progress."""

from __future__ import annotations

import gzip
import os
import threading
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.batch.files import FileOptions, SourceFile, inspect_file, open_bytes
from idweave_server.batch.text_stream import codec_name, text_blocks
from idweave_server.errors import InputError, MappingError

from tests.batch.reading import read

ROWS = b"id,email\n" + b"".join(b"%d,jo%d@example.org\n" % (n, n * n) for n in range(20_000))


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def content(file: SourceFile, piece: int = 1_000) -> bytes:
    with open_bytes(file, lambda _: None) as stream:
        return b"".join(iter(lambda: stream.read(piece), b""))


@pytest.mark.parametrize(
    ("name", "format_name", "compression"),
    [
        ("a.csv", "csv", "plain"),
        ("a.TSV", "tsv", "plain"),
        ("2024.01.jsonl", "jsonl", "plain"),
        ("a.ndjson", "jsonl", "plain"),
        ("a.parquet", "parquet", "plain"),
        ("a.xlsx", "xlsx", "plain"),
    ],
)
def test_the_suffix_tells_the_format(tmp_path: Path, name: str, format_name: str, compression: str) -> None:
    file = inspect_file(written(tmp_path / name, b"x"))
    assert (file.format, file.compression, file.size, file.name) == (format_name, compression, 1, str(tmp_path / name))


def test_the_first_bytes_tell_the_compression_whatever_the_suffix(tmp_path: Path) -> None:
    assert inspect_file(written(tmp_path / "a.csv.gz", gzip.compress(b"x"))).compression == "gz"
    assert inspect_file(written(tmp_path / "b.csv", zstandard.compress(b"x"))).compression == "zstd"
    assert inspect_file(written(tmp_path / "c.csv.gz", b"a,b\n")).compression == "plain"


def test_the_options_name_a_format_that_the_suffix_does_not(tmp_path: Path) -> None:
    path = written(tmp_path / "export.txt", b"x")
    assert inspect_file(path, FileOptions(format="csv")).format == "csv"
    with pytest.raises(InputError, match=r'does not say what it holds.*\[file\] format = "csv"'):
        inspect_file(path)


def test_what_cannot_be_read_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"no\.csv does not exist: check the path"):
        inspect_file(tmp_path / "no.csv")
    with pytest.raises(InputError, match=r"is a directory: give the files in it"):
        inspect_file(tmp_path)
    with pytest.raises(InputError, match="decompress it first"):
        inspect_file(written(tmp_path / "a.parquet.gz", gzip.compress(b"x")))
    with pytest.raises(InputError, match="cannot be read"):
        inspect_file("a\0.csv")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    path = written(tmp_path / "secret.csv", b"a\n1\n")
    monkeypatch.setattr(Path, "open", refuse)  # root may read every file
    with pytest.raises(InputError, match=r"secret\.csv cannot be read: no permission"):
        inspect_file(path)


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_compressed_or_not_the_rows_are_the_same_and_progress_counts_bytes_on_disk(tmp_path: Path, suffix: str) -> None:
    packed = {
        "": ROWS,
        ".gz": gzip.compress(ROWS[:5_000]) + gzip.compress(ROWS[5_000:]),
        ".zst": zstandard.compress(ROWS[:5_000]) + zstandard.compress(ROWS[5_000:]),
    }
    path = written(tmp_path / f"a.csv{suffix}", packed[suffix])
    found = read(path, ["email"])
    assert len(found.rows) == 20_000
    assert found.rows[-1] == (20_000, (f"jo{19_999**2}@example.org",))
    assert found.bytes == len(packed[suffix])


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_truncated_or_damaged_archive_is_an_error_with_a_remedy(tmp_path: Path, suffix: str) -> None:
    packed = gzip.compress(ROWS) if suffix == ".gz" else zstandard.compress(ROWS)
    for damaged in (packed[:-20], packed[: len(packed) // 2], packed[:5_000] + b"\0" * 500 + packed[5_500:]):
        with pytest.raises(InputError, match="cut off or damaged in its compression: copy or export it again"):
            read(written(tmp_path / f"a.csv{suffix}", damaged), ["email"])


def test_an_archive_that_expands_a_thousandfold_is_read_in_pieces(tmp_path: Path) -> None:
    path = written(tmp_path / "bomb.csv.zst", zstandard.compress(b"a\n" + b"0" * 50_000_000 + b"\n1\n"))
    found = read(path, ["a"])
    assert (found.values, found.refused) == ([("1",)], [(1, "too_long")])
    empty = read(written(tmp_path / "empty.csv.gz", gzip.compress(b"")), ["a"])
    assert empty.refused == [(0, "file_empty")]


def test_a_pipe_is_read_once_from_its_start(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe.csv"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=(b"a,b\n1,2\n",))
    writer.start()
    file = inspect_file(fifo)
    assert file.size is None
    assert read(fifo, ["b"]).values == [("2",)]
    writer.join()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.text(max_size=300), st.integers(1, 50), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-be", "gb18030", "utf-7"])
)
def test_any_text_comes_through_in_any_blocks(tmp_path_factory: pytest.TempPathFactory, text: str, block: int, encoding: str) -> None:
    path = written(tmp_path_factory.mktemp("text") / "a.csv", text.encode(encoding))
    file = inspect_file(path, FileOptions(encoding=encoding))
    if file.compression == "plain":
        assert b"".join(text_blocks(file, block, lambda _: None)).decode() == text.removeprefix("\ufeff")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.binary(max_size=200),
    st.sampled_from(
        ["utf-8", "utf-16", "utf-16-le", "big5", "gb18030", "utf-7", "cp1252", "shift_jis", "iso2022_jp", "hz", "punycode", "idna"]
    ),
)
def test_any_bytes_in_any_codec_are_text_marks_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, encoding: str
) -> None:
    path = written(tmp_path_factory.mktemp("text") / "a.csv", data)
    try:
        found = b"".join(text_blocks(inspect_file(path, FileOptions(encoding=encoding)), 7, lambda _: None))
    except InputError:
        return
    assert b"\xff" in found or encoding == "utf-8" or found.decode() is not None


def test_an_encoding_that_python_does_not_know_is_refused_with_the_nearest() -> None:
    assert codec_name("Latin-1", "file.encoding") == "iso8859-1"
    with pytest.raises(MappingError, match=r"file\.encoding: 'gb18300' is not a text encoding; did you mean 'gb18030'"):
        codec_name("gb18300", "file.encoding")
    for not_text in ("base64", "rot13", "", "a\0b"):
        with pytest.raises(MappingError, match="is not a text encoding"):
            codec_name(not_text, "file.encoding")
