"""Postal addresses: which spellings meet, and which addresses must not."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.identifiers.addresses import read_addresses

WORDS = ["384", "12b", "main", "Str.", "Hauptstr", "Street", "st", "#", "apt", "Suite", "é", "9/2", ",", "PO Box", "北京", "North", "a"]


def key(street: str, unit: str | None = None, postcode: str | None = "55558", city: str | None = None) -> str | None:
    columns = [pa.array([value], pa.string()) for value in (street, unit, postcode, city)]
    found: str | None = read_addresses(columns[0], columns[1], columns[2], columns[3])[0].as_py()
    return found


@pytest.mark.parametrize(
    ("spellings", "expected"),
    [
        (["384 poplar ln", "384 Poplar Lane", " 384  POPLAR  LN. "], "384 poplar ln, 55558"),
        (
            ["969 sunset ave #263", "969 Sunset Avenue, Apt. 263", "969 sunset av unit 263", "Apt 263, 969 Sunset Ave"],
            "969 sunset ave # 263, 55558",
        ),
        (["1450 N City Rd Suite 900", "Suite 900, 1450 North City Road"], "1450 n city rd # 900, 55558"),
        (["Ansbacher Straße 23", "Ansbacher Str. 23", "Ansbacherstr. 23", "Ansbacherstraße 23"], "23 ansbacher st, 55558"),
        (["Hauptstraße 23 a", "Hauptstr. 23a"], "23a haupt st, 55558"),
        (["12 St. John's Rd", "12 Saint Johns Road"], "12 st johns rd, 55558"),
        (["5 NW 3rd Ave", "5 Northwest Third Avenue"], "5 n w 3rd ave, 55558"),
        (["P.O. Box 12", "PO Box 12"], "12 po box, 55558"),
    ],
)
def test_spellings_of_one_address_meet(spellings: list[str], expected: str) -> None:
    assert [key(text) for text in spellings] == [expected] * len(spellings)


def test_a_unit_in_its_own_column_is_the_same() -> None:
    assert [key("384 Poplar Ln", unit) for unit in ("271", "#271", "Apt. 271", "Unit 271")] == ["384 poplar ln # 271, 55558"] * 4
    assert key("384 Poplar Ln Apt 271", "271") == "384 poplar ln # 271, 55558"
    assert key("384 Poplar Ln", "-") == "384 poplar ln, 55558"


@pytest.mark.parametrize(
    ("one", "other"),
    [("384 poplar ln", "384 poplar ct"), ("384 poplar ln", "38 poplar ln"), ("1 oak st # 2", "1 oak st # 3"), ("1 oak st # 2", "1 oak st")],
)
def test_different_addresses_do_not_meet(one: str, other: str) -> None:
    assert key(one) is not None
    assert key(one) != key(other)


@pytest.mark.parametrize("text", ["Main Street", "123", "apt 4", "北京市朝阳区建国路88号", "-"])
def test_without_a_number_and_a_street_there_is_no_key(text: str) -> None:
    assert key(text) is None


def test_postcodes_and_towns() -> None:
    assert [key("1 a st", postcode=code) for code in ("LE11 1UU", "le111uu", "92723-0000", "927230000", "92723")] == [
        *["1 a st, le111uu"] * 2,
        *["1 a st, 92723"] * 3,
    ]
    assert key("1 a st", postcode=None, city=" San Ramon ") == "1 a st, san ramon"
    assert key("1 a st", postcode=" ", city="San Ramon") == "1 a st, san ramon"
    assert key("1 a st", postcode=None) is None


def test_missing_columns_and_values() -> None:
    assert read_addresses(pa.array(["1 a st", None])).to_pylist() == [None, None]
    assert read_addresses(pa.array(["1 a st", None]), None, pa.array(["1", "1"])).to_pylist() == ["1 a st, 1", None]
    assert read_addresses(pa.array([], pa.string()), None, pa.array([], pa.string())).to_pylist() == []


@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_row_s_key_does_not_depend_on_its_neighbours(streets: list[str]) -> None:
    column = read_addresses(pa.array(streets), None, pa.array(["1"] * len(streets)))
    assert column.to_pylist() == [key(street, postcode="1") for street in streets]
