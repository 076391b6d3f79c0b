# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Amounts of money, in millionths of a unit, that neither run over nor lose what they cannot tell."""

from __future__ import annotations

import numpy as np
from numba import njit

UNTOLD = -(2**63)  # of an amount that cannot be told
MOST = 2**62  # no amount is larger, so that two can be added
MICROS = 1_000_000


@njit(cache=True, nogil=True)
def converted(amount, rate):
    """amount x rate / 10**6, to the nearest whole number; UNTOLD without a rate (0), of UNTOLD, and of more than MOST."""
    if rate == 0 or amount == UNTOLD:
        return np.int64(UNTOLD)
    if rate == MICROS:
        return amount if -MOST <= amount <= MOST else np.int64(UNTOLD)
    whole, rest = amount // MICROS, amount % MICROS
    if whole > MOST // rate or whole < -(MOST // rate):
        return np.int64(UNTOLD)
    return whole * rate + (rest * rate + MICROS // 2) // MICROS


@njit(cache=True, nogil=True)
def added(a, b):
    if a == UNTOLD or b == UNTOLD or not -MOST <= a <= MOST or not -MOST <= b <= MOST or not -MOST <= a + b <= MOST:
        return np.int64(UNTOLD)
    return a + b
