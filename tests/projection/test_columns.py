"""A value that is read back has the digest of the one that was written; whatever else stands there has another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from idweave_server.projection.columns import (
    NULL,
    Column,
    Moment,
    Real,
    Text,
    Whole,
    Word,
    reals_read,
    row_digests,
    value_digests,
    wholes_read,
)

WORDS: tuple[Any, ...] = ("jo", "", 7, 7.5, True, ["web", "app"], ["web"], [])
COLUMNS: list[tuple[Column, Any]] = [
    (Whole(np.array([3, NULL, -4, 0])), wholes_read),
    (Moment(np.array([3, 5, NULL, 2**40])), wholes_read),
    (Real(np.array([0.5, np.nan, 1e300, -0.0])), reals_read),
    (Text(pa.array(["jo", None, "小明", ""], pa.string())), value_digests),
    (Word(WORDS, np.array([0, -1, 5, 2], np.int32)), value_digests),
    (Word(("a", "b"), np.array([0, 1, -1, 0], np.int32)), value_digests),
]


def sent(column: Column) -> list[Any]:
    """What the database is given for each row."""
    found = column.parameters("x")
    return [found["xw"][code] for code in found["x"]] if "xw" in found else list(found["x"])


@pytest.mark.parametrize(("column", "read"), COLUMNS)
def test_what_was_sent_and_read_back_is_the_same(column: Column, read: Any) -> None:
    values, there = sent(column), column.present()
    assert [value is not None for value in values] == there.tolist()
    assert (read(values)[there] == column.digests()[there]).all()
    rows = np.array([2, 0])
    assert sent(column.take(rows)) == [values[2], values[0]]


@pytest.mark.parametrize("other", ["7", 7.0, True, [7], "int\x007"])
def test_a_value_of_another_type_is_another_value(other: Any) -> None:
    assert wholes_read([7, other])[0] == wholes_read([7])[0]
    assert wholes_read([7, other])[1] != wholes_read([7])[0]
    assert value_digests([other])[0] != value_digests([7])[0]


def test_values_told_apart() -> None:
    values = [*WORDS, "7", ["app", "web"], False, "['web']", 1, 1.0]
    assert len(set(value_digests(values).tolist())) == len(values)


def test_a_row_is_its_properties_in_any_order_and_nothing_else() -> None:
    one, two = Whole(np.array([1, 2])), Whole(np.array([2, NULL]))

    def digest(*named: tuple[str, Column]) -> list[int]:
        columns = [(name, column.present(), column.digests()) for name, column in named]
        return [int(one) for one in row_digests(2, columns, [np.array([1, 2])])]

    right = digest(("a", one), ("b", two))
    assert digest(("b", two), ("a", one)) == right
    assert digest(("a", one), ("b", two), ("c", Whole(np.array([NULL, NULL])))) == right
    assert digest(("a", one))[1] == right[1]
    for wrong in (digest(("a", two), ("b", one)), digest(("b", one), ("a", two)), digest(("a", one), ("c", two))):
        assert wrong[0] != right[0]
