"""Who is in which group of recency and frequency, and who is a VIP."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from idweave_server.segments.templates.registry import instantiate
from idweave_server.segments.templates.value import GROUPS

from tests.segments.templates.naive import timeline, truth
from tests.segments.templates.people import Person, at, order, person, refund

EXPECTED = {  # recency: the group of each frequency from 1 to 5
    5: ["first_steps", "potential_loyalists", "potential_loyalists", "champions", "champions"],
    4: ["promising", "potential_loyalists", "potential_loyalists", "loyal", "loyal"],
    3: ["about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"],
    2: ["hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"],
    1: ["hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"],
}


@pytest.mark.parametrize(("recency", "frequency"), list(product(range(1, 6), repeat=2)))
def test_every_pair_of_scores_is_in_exactly_one_group(recency: int, frequency: int) -> None:
    who = person(rfm_recency=recency, rfm_frequency=frequency, rfm_monetary=1)
    groups = [group for group in GROUPS if truth(instantiate("rfm_group", {"group": group}), who, 0)]
    assert groups == [EXPECTED[recency][frequency - 1]]


def test_without_purchases_no_group_is_known() -> None:
    assert {truth(instantiate("rfm_group", {"group": group}), person(), 0) for group in GROUPS} == {None}


@pytest.mark.parametrize("monetary", range(1, 6))
def test_a_group_may_ask_for_spending(monetary: int) -> None:
    who = person(rfm_recency=5, rfm_frequency=5, rfm_monetary=monetary)
    assert truth(instantiate("rfm_group", {"least_monetary": 3}), who, 0) is (monetary >= 3)
    assert truth(instantiate("top_fifth"), who, 0) is (monetary == 5)
    assert truth(instantiate("top_fifth", {"least_frequency": 4}), Person(stated={**who.stated, "rfm_frequency": 3}), 0) is False


def test_a_vip_is_one_from_the_purchase_that_reaches_the_amount_until_it_is_refunded() -> None:
    vip = instantiate("vip", {"currency": "USD"})
    who = person(order("2020-01-01", "900"), order("2026-01-10", "100", order_id="o2"), refund("2026-01-20", "o2", "0.01"))
    assert timeline(vip, who, at("2026-01-01"), at("2026-03-01"))[1:] == [
        ("2026-01-10T00:00:00Z", True),
        ("2026-01-20T00:00:00Z", False),
    ]
    assert truth(vip, person(), at("2026-01-01")) is False


def test_a_vip_in_another_currency_goes_by_the_rate_or_is_unknown() -> None:
    vip, bought = instantiate("vip", {"currency": "EUR"}), order("2026-01-01", "1200")
    assert truth(vip, person(bought), at("2026-01-02")) is None
    assert truth(vip, Person((bought,), rates={("USD", "EUR"): Decimal("0.9")}), at("2026-01-02")) is True
    assert truth(vip, Person((bought,), rates={("USD", "EUR"): Decimal("0.8")}), at("2026-01-02")) is False
