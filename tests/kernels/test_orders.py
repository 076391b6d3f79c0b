"""Orders as they stand, by hand: every rule of docs/events.md with the example that made it necessary."""

from __future__ import annotations

import numpy as np
import pytest
from idweave_server.kernels.money import UNTOLD, added, converted
from idweave_server.kernels.orders import CANCEL, ORDER, REFUND, STANDS, UNDONE, UNKNOWABLE, UPDATE, net_orders

USD, EUR, CHF = range(3)
RATES = np.array([1_000_000, 2_000_000, 0], np.int64)  # an EUR is two USD; nothing is known of CHF
Told = tuple[int, int, str, int | None, int]  # time, role, order or "", amount or None, currency


def o(time: int, amount: int | None = 100, order: str = "", currency: int = USD) -> Told:
    return time, ORDER, order, amount, currency


def standing(*told: Told) -> list[tuple[int, int | None, int]]:
    """(time, amount, currency) of each order that stands, an unknowable amount as -1."""
    numbers = {order: number for number, order in enumerate(sorted({order for _, _, order, _, _ in told if order}))}
    found, amount, currency = net_orders(
        np.array([0, 0, len(told), len(told)], np.int64),
        np.array([time for time, *_ in told], np.int64),
        np.array([role for _, role, *_ in told], np.uint8),
        np.array([numbers.get(order, -1) for _, _, order, _, _ in told], np.int32),
        np.array([amount or 0 for *_, amount, _ in told], np.int64),
        np.array([currency if amount is not None else -1 for *_, amount, currency in told], np.int32),
        RATES,
        USD,
    )
    out: list[tuple[int, int | None, int]] = []
    for at in range(len(told)):
        if found[at] in (STANDS, UNKNOWABLE):
            amount_of = int(amount[at]) if currency[at] >= 0 else None
            out.append((told[at][0], -1 if found[at] == UNKNOWABLE else amount_of, int(currency[at])))
        else:
            assert found[at] in (0, UNDONE)
    return out


@pytest.mark.parametrize(
    ("told", "stands"),
    [
        ([], []),
        ([o(1), o(1), o(2)], [(1, 100, USD), (1, 100, USD), (2, 100, USD)]),
        ([o(1, 100, "a"), o(5, 90, "a")], [(1, 90, USD)]),
        ([o(1, 100, "a"), o(5, None, "a")], [(1, 100, USD)]),
        ([o(1, None, "a")], [(1, None, -1)]),
        ([o(1, 100, "a"), (2, UPDATE, "a", 70, EUR)], [(1, 70, EUR)]),
        ([o(1, 100, "a"), (2, UPDATE, "a", None, 0)], [(1, 100, USD)]),
        ([(2, UPDATE, "a", 70, USD), o(2, 100, "a")], [(2, 70, USD)]),
        ([(1, UPDATE, "a", 70, USD), o(2, 100, "a")], [(2, 100, USD)]),
        ([(1, UPDATE, "a", 70, USD)], []),
        ([o(1), (2, UPDATE, "", 70, USD)], [(1, 70, USD)]),
        ([o(1, 100, "a"), (2, CANCEL, "a", None, 0)], []),
        ([(1, CANCEL, "a", None, 0), o(2, 100, "a")], []),
        ([o(1, 100, "a"), (2, CANCEL, "a", None, 0), o(3, 100, "a")], []),
        ([o(1, 100, "a"), (2, CANCEL, "b", None, 0)], [(1, 100, USD)]),
        ([o(1), o(2, 50), (3, CANCEL, "", None, 0)], [(1, 100, USD)]),
        ([o(1), o(2, 50), (3, CANCEL, "", None, 0), (4, CANCEL, "", None, 0)], []),
        ([o(1, 100, "a"), o(2, 50, "b"), (3, CANCEL, "b", None, 0), (4, CANCEL, "", None, 0)], []),
        ([(1, CANCEL, "", None, 0), o(2)], [(2, 100, USD)]),
        ([(2, CANCEL, "", None, 0), o(2)], []),
        ([o(1, 100, "a"), (2, REFUND, "a", 30, USD), (3, REFUND, "a", -20, USD)], [(1, 50, USD)]),
        ([o(1, 100, "a"), (2, REFUND, "a", 60, USD), (3, REFUND, "a", 40, USD)], []),
        ([o(1, 100, "a"), (2, REFUND, "a", 100, USD), (3, UPDATE, "a", 130, USD)], [(1, 30, USD)]),
        ([o(1, 100, "a"), (2, REFUND, "a", None, 0)], []),
        ([o(1, None, "a"), (2, REFUND, "a", 10, USD)], [(1, None, -1)]),
        ([o(1, 100, "a", EUR), (2, REFUND, "a", 30, USD)], [(1, 170, USD)]),
        ([o(1, 100, "a", EUR), (2, REFUND, "a", 200, USD)], []),
        ([o(1, 100, "a", EUR), (2, REFUND, "a", 30, USD), (3, REFUND, "a", 10, EUR)], [(1, 150, USD)]),
        ([o(1, 100, "a"), (2, REFUND, "a", 30, CHF)], [(1, -1, USD)]),
        ([o(1, 100, "a", CHF), (2, REFUND, "a", 30, CHF)], [(1, 70, CHF)]),
        ([o(1), o(2, 50), (3, REFUND, "", 50, USD), (4, REFUND, "", 20, USD)], [(1, 80, USD)]),
        ([o(1, 2**61, "a"), (2, REFUND, "a", 2**62, USD), (3, REFUND, "a", 2**62, USD)], [(1, -1, USD)]),
    ],
)
def test_what_stands(told: list[Told], stands: list[tuple[int, int | None, int]]) -> None:
    assert standing(*told) == stands


def test_many_orders_of_one_owner_take_no_square_of_their_number() -> None:
    n = 100_000
    told = [o(number, 1, f"o{number}") for number in range(n)] + [(n + k, CANCEL, "", None, 0) for k in range(n - 3)]
    assert [time for time, _, _ in standing(*told)] == [0, 1, 2]


def test_money_says_where_it_cannot_tell() -> None:
    assert converted(np.int64(1_000_001), np.int64(1_080_000)) == 1_080_001
    assert converted(np.int64(-1_000_001), np.int64(1_080_000)) == -1_080_001
    assert converted(np.int64(5), np.int64(0)) == UNTOLD
    assert converted(np.int64(2**61), np.int64(4_000_000)) == UNTOLD
    assert converted(np.int64(UNTOLD), np.int64(4_000_000)) == UNTOLD
    assert added(np.int64(2**61), np.int64(2**61)) == 2**62
    assert added(np.int64(2**62), np.int64(1)) == UNTOLD
    assert added(np.int64(UNTOLD), np.int64(1)) == UNTOLD
