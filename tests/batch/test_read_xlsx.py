"""Workbooks: cells as a person would type them, rows under the numbers they have below the header."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from idweave_server.batch import read_xlsx
from idweave_server.batch.files import FileOptions
from idweave_server.errors import InputError, MappingError

from tests.batch.reading import read


def workbook(folder: Path, **sheets: Sequence[Sequence[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(folder / "people.xlsx")
    book.close()
    return folder / "people.xlsx"


def test_cells_become_text(tmp_path: Path) -> None:
    cells = [12345, 8033423493.0, 0.25, True, " Jo ", dt.date(1985, 3, 4), dt.datetime(2024, 1, 2, 3, 4, 5), "小明", None]
    path = workbook(tmp_path, People=[[f"c{n}" for n in range(9)], cells])
    found = read(path, [f"c{n}" for n in range(9)])
    assert found.values == [("12345", "8033423493", "0.25", "true", " Jo ", "1985-03-04", "2024-01-02T03:04:05", "小明", None)]
    assert found.bytes == path.stat().st_size


def test_empty_rows_are_skipped_but_counted_below_the_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_xlsx, "BATCH_ROWS", 2)
    path = workbook(tmp_path, People=[[], [" id ", "x"], [1, None], [], [3, " "], [None, None], [5, "y"]])
    assert read(path, ["x", "id"]).rows == [(1, (None, "1")), (3, (None, "3")), (5, ("y", "5"))]


def test_the_first_sheet_or_the_one_named(tmp_path: Path) -> None:
    path = workbook(tmp_path, People=[["id"], [1]], Shops=[["id"], [2]])
    assert read(path, ["id"]).values == [("1",)]
    assert read(path, ["id"], FileOptions(sheet="Shops")).values == [("2",)]
    with pytest.raises(MappingError, match=r"has no sheet 'Shop'. It has: Shops, People"):
        read(path, ["id"], FileOptions(sheet="Shop"))


def test_sheets_without_a_header_row(tmp_path: Path) -> None:
    path = workbook(tmp_path, People=[[1, "x"], [2, "y"]])
    assert read(path, ["2"], FileOptions(header=False)).rows == [(1, ("x",)), (2, ("y",))]
    assert read(path, ["n"], FileOptions(header=("id", "n"))).values == [("x",), ("y",)]


def test_a_missing_column_an_empty_sheet_and_a_field_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MappingError, match=r"no column 'email'.*did you mean 'e_mail'"):
        read(workbook(tmp_path, People=[["e_mail"], ["x"]]), ["email"])
    assert read(workbook(tmp_path, People=[]), ["id"]).refused == [(0, "file_empty")]
    monkeypatch.setattr("idweave_server.model.MAX_FIELD_BYTES", 10)
    assert read(workbook(tmp_path, People=[["id"], ["y" * 11], [2]]), ["id"]).refused == [(1, "too_long")]


def test_what_is_no_workbook_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "people.xlsx"
    path.write_bytes(b"id,email\n1,x\n")
    with pytest.raises(InputError, match=r"is not a readable workbook: save it again as \.xlsx, or export the sheet as CSV"):
        read(path, ["id"])
    monkeypatch.setattr(read_xlsx, "UNPACKED_LIMIT", 100)
    with pytest.raises(InputError, match="unpacks to more than"):
        read(workbook(tmp_path, People=[["id"], [1]]), ["id"])


def test_a_stray_cell_in_the_last_corner_is_refused_before_it_takes_all_memory(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "id"
    book.active["XFD1048576"] = " "
    book.save(tmp_path / "people.xlsx")
    book.close()
    with pytest.raises(InputError, match=r"a cell in row 1,048,576, column 16,384.*delete the rows and columns beyond the data"):
        read(tmp_path / "people.xlsx", ["id"])
