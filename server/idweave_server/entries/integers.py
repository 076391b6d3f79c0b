"""Columns of whole numbers as few bytes: each is written in the form that says least, at the least width.

A column of n > 0 numbers is as kernels.byte_planes reads it: byte planes compress better than whole words. All arithmetic is modulo 2**64,
so no value is too large for any form. n itself stands elsewhere.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from idweave_server.entries.frame import DamageError, Opened, Sections
from idweave_server.kernels.byte_planes import CODES, CONSTANT, DELTA, PLAIN, read_numbers


def put_integers(out: Sections, values: np.ndarray) -> None:
    """values: any integers but uint64 above 2**63 - 1."""
    if not values.size:
        return
    wide = values.astype(np.int64)
    if (wide == wide[0]).all():
        out.numbers.append(CONSTANT)
        out.put_count(int(_folded(wide[:1])[0]))
        return
    form, base, planes = min(_forms(wide), key=lambda found: _bits(found[2]))
    width = (int(planes.max()).bit_length() + 7) // 8
    out.numbers.append(form | width << 4)
    if base is not None:
        out.put_count(int(_folded(np.array([base], np.int64))[0]))
    out.numbers += planes.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :width].T.tobytes()


def get_integers(source: Opened, count: int, dtype: Any) -> np.ndarray:
    """The next column, of `count` numbers, as an array of dtype. Raises DamageError, ValueError."""
    least, most = _bounds(dtype)
    return get_bounded(source, count, least, most).astype(dtype, copy=False)


def get_bounded(source: Opened, count: int, least: int, most: int) -> np.ndarray:
    """The same as int64[count], of numbers that must lie from `least` to `most`."""
    if not count:
        return np.zeros(0, np.int64)
    numbers, source.numbers.at, low, high = read_numbers(source.numbers.data, source.numbers.at, count)
    if low < least or high > most:
        raise DamageError("a number is too large for its column")
    return numbers


@cache
def _bounds(dtype: Any) -> tuple[int, int]:
    found = np.iinfo(dtype)
    return int(found.min), int(found.max)


def _forms(wide: np.ndarray) -> list[tuple[int, int | None, np.ndarray]]:
    """(form, base, uint64[n]) of each form that fits: what is written is small where the form is apt."""
    least = wide.min()
    step = np.diff(wide, prepend=wide[:1])
    forms: list[tuple[int, int | None, np.ndarray]] = [
        (PLAIN, int(least), (wide - least).view(np.uint64)),
        (DELTA, int(wide[0]), _folded(step)),
    ]
    if least >= -1 and (codes := _codes(wide)) is not None:
        forms.append((CODES, None, codes))
    return forms


def _codes(wide: np.ndarray) -> np.ndarray | None:
    """Codes numbered by first use: 0 for none (-1), 1 for the next one, else 2 and how many came since. None where they are not so."""
    before = np.concatenate(([-1], np.maximum.accumulate(wide)[:-1]))
    before[before < -1] = -1
    if (wide > before + 1).any():
        return None
    return np.where(wide < 0, 0, np.where(wide > before, 1, before - wide + 2)).astype(np.uint64)


def _folded(values: np.ndarray) -> np.ndarray:
    """Signed as unsigned, small for small: 0, -1, 1, -2, ... as 0, 1, 2, 3, ..."""
    return ((values << 1) ^ (values >> 63)).view(np.uint64)


def _bits(values: np.ndarray) -> float:
    """About what is left of the numbers after compression: the bits of each, and little for what is zero."""
    return float(np.log2(values.astype(np.float32) + np.float32(1.2)).sum())
