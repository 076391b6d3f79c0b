"""Amounts convert by declared rates alone, and always to the same millionth."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from idweave_server.segments.money import Rates

RATES = Rates("USD", {"EUR": 1_087_300, "JPY": 6_713})


def test_through_the_policy_s_currency() -> None:
    assert RATES.convert(100_000_000, "EUR", "USD") == 108_730_000
    assert RATES.convert(100_000_000, "USD", "EUR") == 91_970_937  # 100 / 1.0873, to the nearest millionth
    assert RATES.convert(1_000_000, "EUR", "JPY") == 161_969_313
    assert RATES.convert(5, "GBP", "GBP") == 5


def test_without_a_rate_there_is_no_amount() -> None:
    assert RATES.convert(1, "GBP", "USD") is None
    assert RATES.convert(1, "USD", "GBP") is None
    assert Rates("USD", {"XXX": 0}).convert(1, "XXX", "USD") is None
    assert set(RATES.into("GBP")) == {"GBP"}
    assert set(RATES.into("EUR")) == {"EUR", "JPY", "USD"}


@given(st.integers(-(10**15), 10**15))
def test_kernels_round_alike(micros: int) -> None:
    factor = RATES.factor("EUR", "JPY")
    assert factor is not None
    assert RATES.convert(micros, "EUR", "JPY") == int(np.rint(np.int64(micros) * factor))
