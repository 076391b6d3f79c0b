"""CSV: every row comes out as it stands or is refused with a reason, under the number it has in the file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.batch import csv_records, read_csv
from idweave_server.batch.files import FileOptions
from idweave_server.batch.rows import Column
from idweave_server.errors import InputError, MappingError

from tests.batch.reading import Read, read


def csv_file(folder: Path, content: bytes | str, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_values_are_text_untrimmed_and_blank_ones_are_missing(tmp_path: Path) -> None:
    path = csv_file(tmp_path, 'id,email,n\n007, jo@x.org ,1e5\n8,"",\n9,  ,\u3000\n')
    found = read(path, ["id", "email", "n"])
    assert found.rows == [(1, ("007", " jo@x.org ", "1e5")), (2, ("8", None, None)), (3, ("9", None, None))]
    assert found.bytes == path.stat().st_size


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_sniffed(tmp_path: Path, delimiter: str) -> None:
    text = delimiter.join(("id", "name, title", "email")) + "\n" + delimiter.join(("1", '"a,b;c|d\te"', "x@y.org")) + "\n"
    text = text.replace("name, title", '"name, title"')
    assert read(csv_file(tmp_path, text), ["id", "name, title"]).values == [("1", "a,b;c|d\te")]


def test_tsv_needs_no_sniffing_and_a_given_delimiter_wins(tmp_path: Path) -> None:
    assert read(csv_file(tmp_path, "a\tb,c\n1\t2,3\n", "x.tsv"), ["b,c"]).values == [("2,3",)]
    assert read(csv_file(tmp_path, "a:b,c\n1:2,3\n"), ["b,c"], FileOptions(delimiter=":")).values == [("2,3",)]
    assert read(csv_file(tmp_path, "a¦b\n1¦é\n"), ["b"], FileOptions(delimiter="¦")).values == [("é",)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_with_and_without_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    assert read(csv_file(tmp_path, "name,city\n小明,Zürich\n".encode(encoding)), ["name", "city"]).values == [("小明", "Zürich")]


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "latin-1", "utf-16-le", "utf-8"])
def test_any_codec_is_read_when_told(tmp_path: Path, encoding: str) -> None:
    name = "Zoë" if encoding == "latin-1" else "小明"
    path = csv_file(tmp_path, f"name,city\n{name},x\n".encode(encoding))
    assert read(path, ["name"], FileOptions(encoding=encoding)).values == [(name,)]


def test_utf_16_without_its_mark_is_recognised(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='encoding = "utf-16-le"'):
        read(csv_file(tmp_path, "name,city\nJo,x\n".encode("utf-16-le")), ["name"])


def test_undecodable_bytes_refuse_their_row_and_an_honest_replacement_character_does_not(tmp_path: Path) -> None:
    found = read(csv_file(tmp_path, b"id,name\n1,ok\n2,Zo\xeb\n3,\xef\xbf\xbd\n"), ["id", "name"])
    assert found.rows == [(1, ("1", "ok")), (3, ("3", "\ufffd"))]
    assert found.refused == [(2, "bad_encoding")]
    told = read(csv_file(tmp_path, "id,name\n1,小\n".encode("gb18030") + b"2,\xff\xff\n3,x\n"), ["id"], FileOptions(encoding="gb18030"))
    assert (told.values, told.refused) == ([("1",), ("3",)], [(2, "bad_encoding")])


def test_a_file_in_another_encoding_than_the_header_can_be_read_in_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"first row.*encoding"):
        read(csv_file(tmp_path, b"pr\xe9nom,id\nJo,1\n"), ["id"])


def test_quoted_newlines_do_not_count_as_rows(tmp_path: Path) -> None:
    found = read(csv_file(tmp_path, 'id,note\n1,"a\nb"\r\n\n2,"say ""hi"""\n3\n4,x'), ["id", "note"])
    assert found.rows == [(1, ("1", "a\nb")), (2, ("2", 'say "hi"')), (4, ("4", "x"))]
    assert found.refused == [(3, "row_ragged")]


def test_ragged_rows_name_both_counts(tmp_path: Path) -> None:
    found = read(csv_file(tmp_path, "a,b\n1,2,3\n4,5\n6\n"), ["a"])
    assert found.rows == [(2, ("4",))]
    assert [(issue.row, issue.message, issue.value) for issue in found.issues] == [
        (1, "3 fields where the header has 2", "1,2,3"),
        (3, "1 field where the header has 2", "6"),
    ]


def test_a_nul_refuses_its_row(tmp_path: Path) -> None:
    found = read(csv_file(tmp_path, b"a,b\n1,2\n3,\x004\n5,6\n"), ["a"])
    assert (found.values, found.refused) == ([("1",), ("5",)], [(2, "control_character")])


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_field_of_10_mb_is_refused_and_the_rest_goes_on(tmp_path: Path, quote: str) -> None:
    found = read(csv_file(tmp_path, f"a,b\n1,x\n2,{quote}{'y' * 10_000_000}{quote}\n3,z\n"), ["a", "b"])
    assert (found.rows, found.refused) == ([(1, ("1", "x")), (3, ("3", "z"))], [(2, "too_long")])
    assert found.issues[0].field == "b"
    assert len(found.issues[0].value) <= 80


def test_a_line_longer_than_any_record_may_be_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_csv, "RECORD_LIMIT", 1_000)
    monkeypatch.setattr(csv_records, "RECORD_LIMIT", 1_000)
    monkeypatch.setattr(read_csv, "BLOCK", 100)
    monkeypatch.setattr(read_csv, "HEAD", 16)
    found = read(csv_file(tmp_path, "a,b\n1,x\n2," + "y" * 5_000 + "\n3,z\n"), ["a"])
    assert (found.rows, found.refused) == ([(1, ("1",)), (3, ("3",))], [(2, "too_long")])


def test_an_unbalanced_quote_costs_its_row_and_not_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_the_end = read(csv_file(tmp_path, 'a,b\n1,x\n2,"y\n'), ["a"])
    assert (at_the_end.values, at_the_end.refused) == ([("1",)], [(2, "row_malformed")])
    before_others = read(csv_file(tmp_path, 'a,b\n1,"x\n2,y\n3,z'), ["a"])
    assert (before_others.rows, before_others.refused) == ([(2, ("2",)), (3, ("3",))], [(1, "row_malformed")])
    before_quoted = read(csv_file(tmp_path, 'a,b\n1,"x\n2,"y"\n3,z'), ["a", "b"])
    assert (before_quoted.rows, before_quoted.refused) == ([(2, ("2", "y")), (3, ("3", "z"))], [(1, "row_malformed")])
    monkeypatch.setattr(csv_records, "RECORD_LIMIT", 100)
    monkeypatch.setattr(read_csv, "RECORD_LIMIT", 100)
    monkeypatch.setattr(read_csv, "BLOCK", 64)
    monkeypatch.setattr(read_csv, "HEAD", 16)
    rows = "".join(f"{n},y\n" for n in range(2, 200))
    far = read(csv_file(tmp_path, f'a,b\n1,"x\n{rows}'), ["a"])
    assert (len(far.rows), far.refused, far.rows[-1]) == (198, [(1, "row_malformed")], (199, ("199",)))


def test_a_quote_in_the_middle_of_a_field_is_a_character(tmp_path: Path) -> None:
    assert read(csv_file(tmp_path, 'a,b\n5" disk,"x, y"\n'), ["a", "b"]).values == [('5" disk', "x, y")]


def test_text_after_a_closing_quote_refuses_its_row(tmp_path: Path) -> None:
    found = read(csv_file(tmp_path, 'a,b\n1,x\n2,"y"z\n3,"q"\n'), ["a", "b"])
    assert (found.rows, found.refused) == ([(1, ("1", "x")), (3, ("3", "q"))], [(2, "row_malformed")])


def test_stray_quotes_do_not_mislead_the_cutting_of_blocks(tmp_path: Path) -> None:
    rows = [f'{n}" disk,"note {n}\nsecond line"' for n in range(1, 200)]
    found = with_block(50, csv_file(tmp_path, "a,b\n" + "\n".join(rows)), ["a", "b"])
    assert found.rows == [(n, (f'{n}" disk', f"note {n}\nsecond line")) for n in range(1, 200)]


def test_a_byte_order_mark_inside_the_text_is_a_character(tmp_path: Path) -> None:
    assert read(csv_file(tmp_path, "a,b\n\ufeff1,x\n"), ["a"]).values == [("\ufeff1",)]


def test_an_empty_file_is_an_issue_and_a_header_alone_is_no_rows(tmp_path: Path) -> None:
    assert read(csv_file(tmp_path, ""), ["a"]).refused == [(0, "file_empty")]
    assert read(csv_file(tmp_path, "\n \n"), ["a"]).refused == [(0, "file_empty")]
    header_alone = read(csv_file(tmp_path, "a,b\n"), ["a"])
    assert (header_alone.rows, header_alone.issues) == ([], [])


def test_a_missing_column_lists_those_that_exist_nearest_first(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "zip,e_mail,id\n1,2,3\n")
    with pytest.raises(
        MappingError, match=r"no column 'email', which the mapping's identifiers.email asks for; did you mean 'e_mail'\? It has: e_mail, "
    ):
        read(path, ["email"])
    assert read(path, [Column("email", "identifiers.email", optional=True), "id"]).values == [(None, "3")]


def test_a_column_that_exists_twice_is_refused_if_it_is_needed(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "id,note,note\n1,a,b\n")
    with pytest.raises(MappingError, match="2 columns called 'note'"):
        read(path, ["note"])
    assert read(path, ["id"]).values == [("1",)]


def test_files_without_a_header_row(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "1,x\n2,y\n")
    assert read(path, ["2"], FileOptions(header=False)).rows == [(1, ("x",)), (2, ("y",))]
    assert read(path, ["n", "id"], FileOptions(header=("id", "n"))).values == [("x", "1"), ("y", "2")]


def test_old_mac_line_ends(tmp_path: Path) -> None:
    assert read(csv_file(tmp_path, "a,b\r1,x\r2,y\r"), ["b"]).rows == [(1, ("x",)), (2, ("y",))]


def oracle(text: str, width: int) -> tuple[list[tuple[int, tuple[str | None, ...]]], list[int]]:
    """What Python's csv module makes of the rows under the header."""
    rows, ragged = [], []
    records = [fields for fields in csv.reader(io.StringIO(text, newline=""), strict=True) if fields]
    for number, fields in enumerate(records[1:], 1):
        if len(fields) == width:
            rows.append((number, tuple(value if value.strip() else None for value in fields)))
        else:
            ragged.append(number)
    return rows, ragged


FIELD = st.text(alphabet='ab ,"\n\r;é小', max_size=6)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.lists(FIELD, min_size=1, max_size=4), max_size=12), st.sampled_from(["\n", "\r\n"]), st.integers(1, 60), st.booleans())
def test_any_written_csv_reads_back_whatever_the_block_size(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], end: str, block: int, quote_all: bool
) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator=end, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)
    writer.writerows([["a", "b", "c"], *rows])
    expected, ragged = oracle(written.getvalue(), 3)
    path = csv_file(tmp_path_factory.mktemp("csv"), written.getvalue())
    found = with_block(block, path, ["a", "b", "c"])
    assert found.rows == expected
    assert found.refused == [(number, "row_ragged") for number in ragged]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(alphabet='a1,"\n\r é\0', max_size=60), st.integers(1, 40))
def test_any_text_reads_the_same_whatever_the_block_size(tmp_path_factory: pytest.TempPathFactory, text: str, block: int) -> None:
    path = csv_file(tmp_path_factory.mktemp("csv"), "x,y\n" + text)
    whole, cut = with_block(1 << 20, path, ["x", "y"]), with_block(block, path, ["x", "y"])
    assert (cut.rows, cut.issues) == (whole.rows, whole.issues)
    numbers = sorted([row for row, _ in whole.rows] + [issue.row for issue in whole.issues])
    assert numbers == list(range(1, len(numbers) + 1))


def with_block(size: int, path: Path, columns: list[str]) -> Read:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_csv, "BLOCK", size)
        patch.setattr(read_csv, "HEAD", 16)
        return read(path, columns, FileOptions(delimiter=","))


def test_row_numbers_hold_across_many_blocks_with_bad_rows(tmp_path: Path) -> None:
    lines = [f"{n},{'x' * 50}" for n in range(1, 60_001)]
    bad = {7: "7", 20_000: "20000,a,b", 31_000: "31000,\0", 45_000: '45000,"', 59_999: "59999,\udcff"}
    for number, line in bad.items():
        lines[number - 1] = line
    path = csv_file(tmp_path, ("n,x\n" + "\n".join(lines)).encode("utf-8", "surrogateescape"))
    found = with_block(1 << 18, path, ["n"])
    assert all(str(row) == number for row, (number,) in found.rows)
    assert len(found.rows) == 59_995
    assert [row for row, _ in found.refused] == sorted(bad)
