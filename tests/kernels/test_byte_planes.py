"""Columns of byte planes against the same sums in plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.kernels.byte_planes import CODES, CONSTANT, DELTA, PLAIN, read_numbers


def wrapped(number: int) -> int:
    return (number + 2**63) % 2**64 - 2**63


def naive(words: list[int], form: int, base: int) -> list[int]:
    found, value, last = [], base, -1
    for word in words:
        if form in (CONSTANT, PLAIN):
            value = base + word
        elif form == DELTA:
            value += word // 2 if word % 2 == 0 else -(word // 2) - 1
        else:
            last += word == 1
            value = -1 if word == 0 else last - max(word - 2, 0)
        value = wrapped(value)
        found.append(value)
    return found


def varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)


def column(words: list[int], width: int, form: int, base: int) -> bytes:
    signed = b"" if form == CODES else varint(2 * base if base >= 0 else -2 * base - 1)
    return bytes([form | width << 4]) + signed + bytes(word >> 8 * place & 255 for place in range(width) for word in words)


def read(data: bytes, at: int, count: int) -> tuple[list[int], int, int, int]:
    numbers, *rest = read_numbers(np.frombuffer(bytearray(data), np.uint8), at, count)
    return (numbers.tolist(), *rest)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.data(), st.integers(1, 8), st.sampled_from((PLAIN, DELTA, CODES)), st.integers(-(2**63), 2**63 - 1), st.binary(), st.binary())
def test_columns_are_read(data: st.DataObject, width: int, form: int, base: int, before: bytes, behind: bytes) -> None:
    words = data.draw(st.lists(st.one_of(st.integers(0, 3), st.integers(0, 256**width - 1)), min_size=1, max_size=20))
    body = column(words, width, form, base)
    expected = naive(words, form, base)
    found = read(before + body + behind, len(before), len(words))
    assert found == (expected, len(before) + len(body), min(expected), max(expected))


@pytest.mark.parametrize("base", [0, -1, 63, -64, 64, 2**63 - 1, -(2**63)])
def test_a_constant_is_its_base(base: int) -> None:
    body = column([], 0, CONSTANT, base)
    assert read(body, 0, 3) == ([base] * 3, len(body), base, base)


@pytest.mark.parametrize(
    ("data", "count", "message"),
    [
        (b"", 1, "beyond its end"),
        (bytes([PLAIN | 1 << 4, 0]), 1, "beyond its end"),
        (bytes([PLAIN | 2 << 4, 0, 1, 2, 3]), 2, "beyond its end"),
        (bytes([CODES | 1 << 4, 1]), 2, "beyond its end"),
        (bytes([PLAIN | 1 << 4, 128]), 1, "beyond its end"),
        (bytes([PLAIN | 8 << 4, 0]), 2**20, "beyond its end"),
        (bytes([CODES + 1 | 1 << 4, 0, 0]), 1, "form that is none"),
        (bytes([PLAIN | 9 << 4, *range(20)]), 1, "form that is none"),
        (bytes([PLAIN, 0, 0]), 1, "form that is none"),
        (bytes([CONSTANT | 1 << 4, 0, 0]), 1, "form that is none"),
        (bytes([CONSTANT, *[255] * 9, 2]), 1, "too many digits"),
        (bytes([CONSTANT, *[255] * 10, 1]), 1, "too many digits"),
        (bytes(2), 0, "a number from 1 on"),
    ],
)
def test_what_is_no_column_is_refused(data: bytes, count: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(data, 0, count)
