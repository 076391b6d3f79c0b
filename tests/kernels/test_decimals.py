"""Texts read as numbers equal what Python's decimal module and calendar say."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.kernels.decimals import NOTHING, day_numbers, decimals_of, whole_numbers


def read(kernel: object, texts: list[str]) -> list[int]:
    data = [text.encode() for text in texts]
    start = np.cumsum([0, *map(len, data)]).astype(np.int64)
    begin, end, out = np.append(0, start[:-1]), np.append(0, start[1:]), np.empty(len(texts) + 1, np.int64)
    kernel(np.frombuffer(b"".join(data) + b"9", np.uint8).copy(), begin, end, out)  # type: ignore[operator]
    assert out[0] == NOTHING
    return [int(value) for value in out[1:]]


def millionths(text: str) -> int:
    """With Decimal; what float() takes and Decimal takes as well, without blanks, underscores and names."""
    if not set(text) <= set("0123456789+-.eE") or len(text) > 64:
        return NOTHING
    try:
        with localcontext() as context:
            context.prec = 200
            value = (Decimal(text) * 10**6).quantize(Decimal(1), ROUND_HALF_UP)
    except InvalidOperation:
        return NOTHING
    return int(value) if abs(value) < 2**63 else NOTHING


NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**20), 10**20).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=7, min_value=-(10**12), max_value=10**12).map(str),
    st.text("0123456789+-.eE", max_size=12),
    st.text(max_size=6),
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_decimal_numbers_equal_the_library_s(texts: list[str]) -> None:
    assert read(decimals_of, texts) == [_wanted(text) for text in texts]


def _wanted(text: str) -> int:
    exponent = text.lower().partition("e")[2].lstrip("+-")
    return NOTHING if len(exponent) > 3 else millionths(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("1", 1_000_000), ("-0.5", -500_000), ("+.25", 250_000), ("7.", 7_000_000), ("1e-6", 1), ("1.5E+2", 150_000_000)),
        *(("0.0000005", 1), ("0.00000049", 0), ("-0.0000005", -1), ("9223372036854.775807", 2**63 - 1), ("9223372036854.775808", NOTHING)),
        *((".", NOTHING), ("", NOTHING), ("-", NOTHING), ("1e", NOTHING), ("1_000", NOTHING), (" 1", NOTHING), ("nan", NOTHING)),
        *(("inf", NOTHING), ("1.2.3", NOTHING), ("１", NOTHING), ("0" * 60 + "3", 3_000_000), ("0" * 80, NOTHING), ("1e-400", 0)),
        *(("0." + "0" * 30 + "7", 0), ("0.3333333333333333", 333_333), ("0.1234565000000000000000001", 123_457)),
    ],
)
def test_numbers_by_hand(text: str, value: int) -> None:
    assert read(decimals_of, [text]) == [value]


def test_whole_numbers() -> None:
    texts = ["0", "-12", "9223372036854775807", "9223372036854775808", "1.0", "", "-", "+3", "12a"]
    assert read(whole_numbers, texts) == [0, -12, 2**63 - 1, *[NOTHING] * 6]


def test_dates_equal_the_calendar_s() -> None:
    some = [date(1582, 1, 1) + timedelta(days=97 * n) for n in range(2_000)]
    assert read(day_numbers, [day.isoformat() for day in some]) == [(day - date(1970, 1, 1)).days for day in some]
    assert read(day_numbers, ["2024-02-29", "2024-13-01", "2024-2-29", "20240229", "", "2024-00-10", "x024-01-01"]) == [
        19_782,
        *[NOTHING] * 6,
    ]
