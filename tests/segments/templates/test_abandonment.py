"""Who has abandoned a cart, a checkout or their browsing, and what ends it at which second."""

from __future__ import annotations

import pytest
from idweave_server.errors import RequestError
from idweave_server.segments.expression import Expression
from idweave_server.segments.templates.registry import instantiate

from tests.segments.templates.naive import timeline, truth
from tests.segments.templates.people import Person, at, event, order, person, refund

CART = instantiate("cart_abandonment")
BEGIN, END = at("2026-01-01"), at("2026-02-01")


def changes(said: Expression, who: Person) -> list[tuple[str, object]]:
    """Those after 1 January, when nobody is in."""
    first, *rest = timeline(said, who, BEGIN, END)
    assert first == ("2026-01-01T00:00:00Z", False)
    return [*rest]


def test_a_cart_is_abandoned_an_hour_later_and_for_seven_days_after_it_was_filled() -> None:
    who = person(event("2026-01-01T12:00:00Z", "cart_added", item="i1"))
    assert changes(CART, who) == [("2026-01-01T13:00:00Z", True), ("2026-01-08T12:00:00Z", False)]


@pytest.mark.parametrize("minute", ["00", "10", "59"])
def test_an_order_before_that_hour_is_over_suppresses_it(minute: str) -> None:
    assert changes(CART, person(event("2026-01-01T12:00:00Z", "cart_added"), order(f"2026-01-01T12:{minute}:00Z"))) == []


def test_an_order_later_ends_it_at_its_second() -> None:
    who = person(event("2026-01-01T12:00:00Z", "cart_added"), order("2026-01-03T08:30:15Z"))
    assert changes(CART, who) == [("2026-01-01T13:00:00Z", True), ("2026-01-03T08:30:15Z", False)]


def test_an_order_before_the_cart_ends_nothing() -> None:
    who = person(order("2026-01-01T11:59:59Z"), event("2026-01-01T12:00:00Z", "cart_added"))
    assert changes(CART, who)[0] == ("2026-01-01T13:00:00Z", True)


def test_a_cart_filled_again_after_the_order_is_another_cart() -> None:
    who = person(event("2026-01-01T12:00:00Z", "cart_added"), order("2026-01-01T12:30:00Z"), event("2026-01-02T12:00:00Z", "cart_added"))
    assert changes(CART, who) == [("2026-01-02T13:00:00Z", True), ("2026-01-09T12:00:00Z", False)]


def test_an_order_taken_back_does_not_bring_the_cart_back() -> None:
    cart, bought = event("2026-01-01T12:00:00Z", "cart_added"), order("2026-01-01T12:30:00Z", order_id="o1")
    assert changes(CART, person(cart, bought, refund("2026-01-02", "o1"))) == []
    assert changes(CART, person(cart, bought, event("2026-01-02", "order_cancelled", order_id="o1"))) == []


def test_only_an_order_of_the_same_item_where_that_is_asked() -> None:
    same = instantiate("cart_abandonment", {"same_item": True})
    cart = event("2026-01-01T12:00:00Z", "cart_added", item="i1")
    assert changes(same, person(cart, event("2026-01-01T12:30:00Z", "order_placed", item=["i2", "i1"]))) == []
    assert len(changes(same, person(cart, event("2026-01-01T12:30:00Z", "order_placed", item=["i2"])))) == 2
    assert len(changes(same, person(cart, order("2026-01-01T12:30:00Z")))) == 2  # it does not say what of


def test_a_checkout_leaves_the_cart_abandoned_unless_it_is_to_end_it() -> None:
    who = person(event("2026-01-01T12:00:00Z", "cart_added"), event("2026-01-01T12:05:00Z", "checkout_started"))
    assert len(changes(CART, who)) == 2
    assert changes(instantiate("cart_abandonment", {"ended_by_checkout": True}), who) == []
    assert changes(instantiate("checkout_abandonment"), who) == [("2026-01-01T12:35:00Z", True), ("2026-01-08T12:05:00Z", False)]


def test_a_category_alone() -> None:
    shoes = instantiate("cart_abandonment", {"category": "shoes"})
    assert changes(shoes, person(event("2026-01-01T12:00:00Z", "cart_added", category="hats"))) == []
    assert len(changes(shoes, person(event("2026-01-01T12:00:00Z", "cart_added", category=["hats", "shoes"])))) == 2


@pytest.mark.parametrize("following", ["cart_added", "checkout_started", "order_placed"])
def test_browsing_is_ended_by_whatever_goes_further(following: str) -> None:
    viewed = event("2026-01-01T12:00:00Z", "product_viewed", item="i1")
    browse = instantiate("browse_abandonment")
    assert changes(browse, person(viewed)) == [("2026-01-01T14:00:00Z", True), ("2026-01-08T12:00:00Z", False)]
    assert changes(browse, person(viewed, event("2026-01-01T13:00:00Z", following))) == []
    assert len(changes(browse, person(viewed, event("2026-01-01T13:00:00Z", "page_viewed")))) == 2


def test_browsing_of_a_category_or_an_item_alone() -> None:
    shoes = instantiate("browse_abandonment", {"category": "shoes"})
    assert changes(shoes, person(event("2026-01-01T12:00:00Z", "product_viewed", category="hats"))) == []
    same = instantiate("browse_abandonment", {"same_item": True})
    viewed = event("2026-01-01T12:00:00Z", "product_viewed", item="i1")
    assert changes(same, person(viewed, event("2026-01-01T13:00:00Z", "cart_added", item="i1"))) == []
    assert len(changes(same, person(viewed, event("2026-01-01T13:00:00Z", "cart_added", item="i2")))) == 2


def test_several_categories_viewed_and_nothing_bought() -> None:
    looked = instantiate("several_categories_viewed_nothing_bought")
    views = [
        event("2026-01-02", "product_viewed", category="hats"),
        event("2026-01-03", "product_viewed", category="shoes"),
        event("2026-01-04", "product_viewed", category="hats"),
        event("2026-01-05", "product_viewed", category="tents"),
    ]
    long = timeline(looked, person(*views), BEGIN, at("2026-03-01"))
    assert long[1:] == [("2026-01-05T00:00:00Z", True), ("2026-02-02T00:00:00Z", False)]  # the shoes are 30 days old
    assert changes(looked, person(*views, order("2026-01-10"))) == [("2026-01-05T00:00:00Z", True), ("2026-01-10T00:00:00Z", False)]
    returned = person(*views, order("2026-01-10", order_id="o1"), refund("2026-01-20", "o1"))
    assert changes(looked, returned)[2] == ("2026-01-20T00:00:00Z", True)
    assert changes(looked, person(event("2026-01-05", "product_viewed", category=["a", "b", "c"])))[0] == ("2026-01-05T00:00:00Z", True)
    assert changes(looked, person(*views[:3])) == []


def test_a_lost_deal_needs_intent() -> None:
    lost = instantiate("lost_deal_with_intent")
    began = event("2026-01-02T12:00:00Z", "checkout_started")
    assert changes(lost, person(began)) == []
    long = event("2026-01-02T11:00:00Z", "page_viewed", dwell_seconds="100")
    longer = event("2026-01-02T11:30:00Z", "product_viewed", dwell_seconds="80")
    assert changes(lost, person(long, began)) == []
    assert changes(lost, person(long, longer, began)) == [("2026-01-03T12:00:00Z", True)]
    assert changes(lost, person(long, longer)) == []
    paid = event("2026-01-02T12:10:00Z", "payment_entered")
    assert timeline(lost, person(began, paid), BEGIN, at("2026-03-01"))[1:] == [
        ("2026-01-03T12:10:00Z", True),
        ("2026-02-01T12:10:00Z", False),
    ]
    assert changes(lost, person(began, paid, order("2026-01-02T12:11:00Z"))) == []


@pytest.mark.parametrize("name", ["cart_abandonment", "checkout_abandonment", "browse_abandonment", "lost_deal_with_intent"])
def test_a_wait_that_nobody_outlasts_is_refused(name: str) -> None:
    with pytest.raises(RequestError, match=r"parameters\.wait_minutes: .* not less than the 1 days"):
        instantiate(name, {"wait_minutes": 1_440, "days": 1})
    assert truth(instantiate(name, {"wait_minutes": 1_439, "days": 1}), person(), BEGIN) is False
