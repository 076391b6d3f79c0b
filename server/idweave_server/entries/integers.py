"""Columns of whole numbers as few bytes: each is written in the form that says least, at the least width.

A column of n > 0 numbers: its form, what the form needs, then the numbers as byte planes (all lowest bytes, then all second ones, ...),
which compress better than whole words. All arithmetic is modulo 2**64, so no value is too large for any form. n itself stands elsewhere.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from idweave_server.entries.frame import DamageError, Opened, Sections

CONSTANT, PLAIN, DELTA, CODES = range(4)


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
    out.numbers.append(form)
    if base is not None:
        out.put_count(int(_folded(np.array([base], np.int64))[0]))
    width = (int(planes.max()).bit_length() + 7) // 8
    out.numbers.append(width)
    out.numbers += planes.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :width].T.tobytes()


def get_integers(source: Opened, count: int, dtype: Any) -> np.ndarray:
    """The next column, of `count` numbers, as an array of dtype. Raises DamageError."""
    if not count:
        return np.zeros(0, dtype)
    form = source.numbers.byte()
    if form > CODES:
        raise DamageError("a column has a form that is none")
    least, most = _bounds(dtype)
    base = _unfolded(source.numbers.count()) if form != CODES else 0
    if not least <= base <= most:
        raise DamageError("a number is too large for its column")
    if form == CONSTANT:
        return np.full(count, base, dtype)
    width = source.numbers.byte()
    if not 1 <= width <= 8:
        raise DamageError("a column has a width that is none")
    planes = _words(source.numbers.take(width * count), width, count)
    if form == PLAIN:
        return _as(planes.view(np.int64) + np.int64(base), dtype, sure=base + 256**width - 1 <= most)
    if form == DELTA:
        step = (planes >> np.uint64(1)).view(np.int64) ^ -(planes & np.uint64(1)).view(np.int64)
        return _as(np.cumsum(step) + np.int64(base), dtype)
    return _as(_from_codes(planes.view(np.int64)), dtype)


def _words(data: memoryview, width: int, count: int) -> np.ndarray:
    """uint64[count] of byte planes."""
    planes = np.frombuffer(data, np.uint8).reshape(width, count)
    words = planes[0].astype(np.uint64)
    for place in range(1, width):
        words |= planes[place].astype(np.uint64) << np.uint64(8 * place)
    return words


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


def _from_codes(symbol: np.ndarray) -> np.ndarray:
    last = np.cumsum(symbol == 1) - 1
    return np.where(symbol == 0, -1, np.where(symbol == 1, last, last - symbol + 2))


def _folded(values: np.ndarray) -> np.ndarray:
    """Signed as unsigned, small for small: 0, -1, 1, -2, ... as 0, 1, 2, 3, ..."""
    return ((values << 1) ^ (values >> 63)).view(np.uint64)


def _unfolded(number: int) -> int:
    return number >> 1 if number % 2 == 0 else -(number >> 1) - 1


def _bits(values: np.ndarray) -> float:
    """About what is left of the numbers after compression: the bits of each, and little for what is zero."""
    return float(np.log2(values.astype(np.float32) + np.float32(1.2)).sum())


def _as(values: np.ndarray, dtype: Any, *, sure: bool = False) -> np.ndarray:
    """sure: every value fits."""
    if dtype == np.int64:
        return values
    narrow = values.astype(dtype)
    if not sure and (narrow != values).any():
        raise DamageError("a number is too large for its column")
    return narrow
