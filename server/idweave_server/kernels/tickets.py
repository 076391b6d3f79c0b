# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""How many of an owner's problems are open."""

from __future__ import annotations

import numpy as np
from numba import njit

from idweave_server.kernels.small_table import longest, number_of, slots_for, table_size

TICKET, CLOSE = 10, 11  # model.EventRole


def open_tickets(start: np.ndarray, time: np.ndarray, role: np.ndarray, ticket: np.ndarray) -> np.ndarray:
    """int64[p]: tickets of each owner that were opened and not closed since.

    start: int64[p + 1]; the events ascend by time, int64[e]; of one instant closings come last; role: uint8[e], 0 for what does not count;
    ticket: int32[e], code of its number, -1 without one: each such event opens a ticket of its own, or closes the one opened last.
    """
    out = np.zeros(start.size - 1, np.int64)
    most = longest(start)
    table, keys = np.empty(table_size(most), np.int32), np.empty(most + 1, np.int32)
    _open_tickets(start, time, role, ticket, table, keys, np.empty(most, np.uint8), np.empty(most, np.int32), out)
    return out


@njit(cache=True, nogil=True)
def _open_tickets(start, time, role, ticket, table, keys, opened, stack, out):
    for p in range(start.size - 1):
        lo, hi = start[p], start[p + 1]
        some = 0
        for k in range(lo, hi):
            some += role[k] == TICKET or role[k] == CLOSE
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
                if role[k] != TICKET:
                    continue
                n = count
                if ticket[k] >= 0:
                    n = number_of(table, size, keys, count, ticket[k])
                if n == count:
                    count += 1
                    opened[n] = 0
                if opened[n] == 0:
                    opened[n] = 1
                    stack[top] = n
                    top += 1
            for k in range(x, y):
                if role[k] != CLOSE:
                    continue
                while top > 0 and opened[stack[top - 1]] == 0:
                    top -= 1
                if ticket[k] >= 0:
                    n = number_of(table, size, keys, count, ticket[k])
                    if n == count:
                        count += 1
                    opened[n] = 0
                elif top > 0:
                    opened[stack[top - 1]] = 0
            x = y
        for n in range(count):
            out[p] += opened[n]
