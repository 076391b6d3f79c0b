# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""What an owner's purchases come to: first, last, how many, how much, and how far apart."""

from __future__ import annotations

import numpy as np
from numba import njit

from idweave_server.kernels.instructions import INNER
from idweave_server.kernels.money import UNTOLD, added, converted
from idweave_server.kernels.small_table import longest

FIRST, LAST, COUNT, SPENT, HALF_DAYS = range(5)  # rows of what is told
NOTHING = -(2**63)
DAY = 86_400  # seconds


def purchases(
    start: np.ndarray, time: np.ndarray, stands: np.ndarray, amount: np.ndarray, currency: np.ndarray, rate: np.ndarray
) -> np.ndarray:
    """int64[5, p]: times of the first and the last purchase, how many, what was spent in millionths of the currency that the rates lead to,
    and the median of the days between days (UTC) with purchases, in halves of a day; NOTHING where there is none.

    start: int64[p + 1]; time, amount: int64[e]; stands: uint8[e], 1 for purchases, which ascend by time; currency: int32[e], -1 without an
    amount, which counts as 0; rate: int64[c], 0 where there is none: what was spent is then NOTHING.
    """
    out = np.empty((5, start.size - 1), np.int64)
    most = longest(start)
    _purchases(start, time, stands, amount, currency, rate, np.empty(most, np.int64), out)
    return out


@njit(cache=True, nogil=True)
def _purchases(start, time, stands, amount, currency, rate, gap, out):
    for p in range(start.size - 1):
        first, last, spent = np.int64(NOTHING), np.int64(NOTHING), np.int64(0)
        count, gaps = 0, 0
        for k in range(start[p], start[p + 1]):
            if stands[k] == 0:
                continue
            if count == 0:
                first = time[k]
            else:
                days = time[k] // DAY - last // DAY
                if days > 0:
                    gap[gaps] = days
                    gaps += 1
            last = time[k]
            count += 1
            if currency[k] >= 0:
                spent = added(spent, converted(amount[k], rate[currency[k]]))
        out[FIRST, p], out[LAST, p], out[COUNT, p] = first, last, count
        out[SPENT, p] = NOTHING if spent == UNTOLD else spent
        out[HALF_DAYS, p] = _twice_median(gap[:gaps]) if gaps else NOTHING


@njit(**INNER)
def _twice_median(values):
    values.sort()
    n = values.size
    return values[(n - 1) // 2] + values[n // 2]
