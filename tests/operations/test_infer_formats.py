"""How columns are written, the question where that cannot be decided, and the bounds of what may be asked."""

from __future__ import annotations

import pytest
from idweave_server.errors import TooLargeError
from idweave_server.operations.infer_formats import MAX_COLUMNS, MAX_VALUES, FormatFound, TextColumn, infer_formats


def found(*values: str) -> FormatFound:
    [answer] = infer_formats([TextColumn("dob", values)])
    assert answer.name == "dob"
    return answer


def test_a_value_that_fits_one_order_alone_decides() -> None:
    answer = found("03/04/1985", "13/04/1985", " 01/02/1990 ", "")
    assert (answer.format, answer.decided_by, answer.question) == ("%d/%m/%Y", "13/04/1985", "")
    assert answer.fits == (("%d/%m/%Y", 3), ("%m/%d/%Y", 2))


def test_what_cannot_be_decided_is_asked() -> None:
    answer = found("03/04/1985", "01/02/1990")
    assert answer.format == ""
    assert "month first or day first?" in answer.question
    assert {form for form, _ in answer.fits} == {"%m/%d/%Y", "%d/%m/%Y"}


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (("1985-03-04", "1990-12-31"), "%Y-%m-%d"),
        (("1714564800", "1714564801"), "unix"),
        (("1985-03-04T10:00:00Z", "1990-12-31 11:00"), "iso"),
        (("jo", "kim"), ""),
        ((), ""),
    ],
)
def test_formats_are_told_as_a_mapping_has_them(values: tuple[str, ...], form: str) -> None:
    assert found(*values).format == form


def test_columns_are_answered_in_order() -> None:
    assert [one.name for one in infer_formats([TextColumn("b", ["1985-03-04"]), TextColumn("a", [])])] == ["b", "a"]


def test_more_than_can_be_answered_is_refused_by_name() -> None:
    with pytest.raises(TooLargeError, match="columns") as many:
        infer_formats([TextColumn("a", [])] * (MAX_COLUMNS + 1))
    assert many.value.violations[0][0] == "columns"
    with pytest.raises(TooLargeError, match=r"columns\[1\]\.values"):
        infer_formats([TextColumn("a", []), TextColumn("b", ["x"] * (MAX_VALUES + 1))])
    with pytest.raises(TooLargeError, match="1,024 bytes"):
        found("é" * 513)
