"""Byte planes against the same sums in plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.kernels.byte_planes import CODES, DELTA, PLAIN, join_planes


def wrapped(number: int) -> int:
    return (number + 2**63) % 2**64 - 2**63


def naive(words: list[int], form: int, base: int) -> list[int]:
    found, value, last = [], base, -1
    for word in words:
        if form == PLAIN:
            value = base + word
        elif form == DELTA:
            value += word // 2 if word % 2 == 0 else -(word // 2) - 1
        else:
            last += word == 1
            value = -1 if word == 0 else last - max(word - 2, 0)
        value = wrapped(value)
        found.append(value)
    return found


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.data(), st.integers(1, 8), st.sampled_from((PLAIN, DELTA, CODES)), st.integers(-(2**63), 2**63 - 1))
def test_planes_are_joined(data: st.DataObject, width: int, form: int, base: int) -> None:
    words = data.draw(st.lists(st.one_of(st.integers(0, 3), st.integers(0, 256**width - 1)), min_size=1, max_size=20))
    planes = np.array([word >> 8 * place & 255 for place in range(width) for word in words], np.uint8)
    found, least, most = join_planes(planes, len(words), form, base)
    expected = naive(words, form, base)
    assert found.tolist() == expected
    assert (least, most) == (min(expected), max(expected))


@pytest.mark.parametrize(
    ("size", "count", "form", "message"),
    [(5, 2, PLAIN, "no planes"), (0, 0, PLAIN, "no planes"), (9, 1, PLAIN, "no planes"), (2, 2, 4, "form must be")],
)
def test_what_are_no_planes_is_refused(size: int, count: int, form: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        join_planes(np.zeros(size, np.uint8), count, form, 0)
