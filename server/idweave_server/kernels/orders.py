# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Orders as they stand: each counted once, with what was really paid, after updates, cancellations and refunds."""

from __future__ import annotations

import numpy as np
from numba import njit

from idweave_server.kernels.instructions import INNER
from idweave_server.kernels.money import UNTOLD, added, converted
from idweave_server.kernels.small_table import longest, number_of, slots_for, table_size

ORDER, UPDATE, CANCEL, REFUND = 4, 5, 6, 7  # model.EventRole
STANDS, UNDONE, UNKNOWABLE = 1, 2, 3
_FIRST, _DEAD, _CURRENCY, _PAID_BACK_IN, _UNSURE = range(5)  # columns of an order


def net_orders(
    start: np.ndarray,
    time: np.ndarray,
    role: np.ndarray,
    order: np.ndarray,
    amount: np.ndarray,
    currency: np.ndarray,
    rate: np.ndarray,
    home: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(standing uint8[e], amount int64[e], currency int32[e]): of each event whether it is the first report of an order that STANDS or is
    UNDONE, or stands with an amount that is UNKNOWABLE (0 for every other event), and what was paid in the end for those that stand.

    start: int64[p + 1]; the events of each owner ascend by time, int64[e]; role: uint8[e], 0 for what does not count; order: int32[e], code
    of the order's number, -1 without one; amount: int64[e], micros; currency: int32[e], -1 without an amount; rate: int64[c], millionths of
    the currency `home`, 0 where there is none.

    An order that is reported again counts once, from the first report on. Its amount is the last that was reported, by an order or an
    update; of one instant updates come later. A cancellation by number undoes it whenever it comes; refunds add up, and undo it where they
    reach the amount or name none. Without a number an update, a cancellation or a refund goes to the latest earlier order that stands.
    """
    standing, paid, unit = np.zeros(time.size, np.uint8), amount.copy(), currency.copy()
    most = longest(start)
    table, keys = np.empty(table_size(most), np.int32), np.empty(most + 1, np.int32)
    about, sums, stack = np.empty((most, 5), np.int64), np.empty((most, 2), np.int64), np.empty(most, np.int32)
    _net_orders(start, time, role, order, amount, currency, rate, home, standing, paid, unit, table, keys, about, sums, stack)
    return standing, paid, unit


@njit(cache=True, nogil=True)
def _net_orders(start, time, role, order, amount, currency, rate, home, standing, paid, unit, table, keys, about, sums, stack):
    for p in range(start.size - 1):
        lo, hi = start[p], start[p + 1]
        some = 0
        for k in range(lo, hi):
            some += ORDER <= role[k] <= REFUND
        if some == 0:
            continue
        size = slots_for(some)
        table[:size] = -1
        count, top = 0, 0
        x = lo
        while x < hi:
            y = x + 1
            while y < hi and time[y] == time[x]:
                y += 1
            for k in range(x, y):
                if role[k] == ORDER:
                    count, top = _place(k, order[k], amount[k], currency[k], table, size, keys, count, about, sums, stack, top)
            for what in (UPDATE, REFUND, CANCEL):
                for k in range(x, y):
                    if role[k] == what:
                        if order[k] >= 0:
                            n = number_of(table, size, keys, count, order[k])
                            if n == count:
                                _begin(n, about, sums)
                                count += 1
                        else:
                            n, top = _latest(stack, top, about, sums, rate, home)
                        if n >= 0:
                            _change(n, what, amount[k], currency[k], about, sums, rate, home)
            x = y
        for n in range(count):
            k = about[n, _FIRST]
            if k >= 0:
                standing[k], paid[k], unit[k] = _net(n, about, sums, rate, home)


@njit(**INNER)
def _begin(n, about, sums):
    about[n, _FIRST] = -1
    about[n, _DEAD] = 0
    about[n, _CURRENCY] = -1
    about[n, _PAID_BACK_IN] = -1
    about[n, _UNSURE] = 0
    sums[n, 0] = 0  # amount
    sums[n, 1] = 0  # paid back


@njit(**INNER)
def _place(k, number, amount, currency, table, size, keys, count, about, sums, stack, top):
    n = count
    if number >= 0:
        n = number_of(table, size, keys, count, number)
    else:
        keys[n] = -1
    if n == count:
        _begin(n, about, sums)
        count += 1
    if about[n, _FIRST] < 0:
        about[n, _FIRST] = k
        stack[top] = n
        top += 1
    if currency >= 0:
        sums[n, 0] = amount
        about[n, _CURRENCY] = currency
    return count, top


@njit(**INNER)
def _latest(stack, top, about, sums, rate, home):
    """(the latest order that stands, -1 without one; the stack without what is undone for good at its top)"""
    while top > 0 and about[stack[top - 1], _DEAD]:
        top -= 1
    for at in range(top - 1, -1, -1):
        n = np.int64(stack[at])
        if _net(n, about, sums, rate, home)[0] != UNDONE:
            return n, top
    return np.int64(-1), top


@njit(**INNER)
def _change(n, what, amount, currency, about, sums, rate, home):
    if what == UPDATE:
        if currency >= 0:
            sums[n, 0] = amount
            about[n, _CURRENCY] = currency
    elif what == CANCEL or currency < 0:
        about[n, _DEAD] = 1
    else:
        back = abs(amount)
        if about[n, _PAID_BACK_IN] < 0:
            sums[n, 1] = back
            about[n, _PAID_BACK_IN] = currency
        elif about[n, _PAID_BACK_IN] == currency:
            sums[n, 1] = added(sums[n, 1], back)
        else:
            sums[n, 1] = added(converted(sums[n, 1], rate[about[n, _PAID_BACK_IN]]), converted(back, rate[currency]))
            about[n, _PAID_BACK_IN] = home
        about[n, _UNSURE] |= sums[n, 1] == UNTOLD


@njit(**INNER)
def _net(n, about, sums, rate, home):
    """(STANDS, UNDONE or UNKNOWABLE; amount; currency)"""
    amount, currency = sums[n, 0], about[n, _CURRENCY]
    if about[n, _DEAD]:
        return UNDONE, amount, currency
    if currency < 0 or about[n, _PAID_BACK_IN] < 0:
        return STANDS, amount, currency
    if about[n, _UNSURE]:
        return UNKNOWABLE, np.int64(0), currency
    back = sums[n, 1]
    if about[n, _PAID_BACK_IN] != currency:
        amount, back = converted(amount, rate[currency]), converted(back, rate[about[n, _PAID_BACK_IN]])
        if amount == UNTOLD or back == UNTOLD:
            return UNKNOWABLE, np.int64(0), currency
        currency = np.int64(home)
    if back >= amount:
        return UNDONE, amount, currency
    return STANDS, amount - back, currency
