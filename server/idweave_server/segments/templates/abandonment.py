"""Templates on what was begun and not finished: A happened, and B has not since."""

from __future__ import annotations

from idweave_server.segments.expression import All, Any, EventTest, Expression, Measure, Pattern, Sequence, Span
from idweave_server.segments.templates.parameter import Parameter, ParameterType, refusal
from idweave_server.segments.templates.phrases import (
    MINUTE,
    ORDER,
    PURCHASE,
    days,
    exact_days,
    in_last,
    narrowed,
    never_happened,
    optional_text,
)
from idweave_server.segments.templates.template import Template

FAMILY = "abandonment"
DAYS = days(7, "How long after it the abandonment counts, in days of 86,400 seconds.", 365)
SAME_ITEM = Parameter(
    "same_item",
    ParameterType.BOOLEAN,
    False,
    "Only an order that names the same item ends it (property item of both events); otherwise any order does.",
)
CATEGORY = optional_text("category", "Only of this category; empty: any.", "shoes")


def wait(default: int) -> Parameter:
    meaning = "How long nothing must have followed before it is an abandonment, in minutes."
    return Parameter("wait_minutes", ParameterType.INTEGER, default, meaning, 0, 100_000)


def begun(first: Pattern, then_not: Pattern, wait_minutes: int, days: int, same_item: bool = False) -> Sequence:
    wait, last = Span(seconds=wait_minutes * MINUTE), exact_days(days)
    if wait.seconds >= last.seconds:
        raise refusal(
            "wait_minutes", f"is {wait_minutes}, not less than the {days} days after which it no longer counts; nobody would enter"
        )
    return Sequence(first, then_not, wait, last, same="item" if same_item else "")


def cart_abandonment(wait_minutes: int, days: int, category: str, same_item: bool, ended_by_checkout: bool) -> Expression:
    ends = Pattern(("order_placed", "checkout_started")) if ended_by_checkout else ORDER
    return begun(narrowed(Pattern(("cart_added",)), category=category), ends, wait_minutes, days, same_item)


def checkout_abandonment(wait_minutes: int, days: int) -> Expression:
    return begun(Pattern(("checkout_started",)), ORDER, wait_minutes, days)


def browse_abandonment(wait_minutes: int, days: int, category: str, same_item: bool) -> Expression:
    ends = Pattern(("cart_added", "checkout_started", "order_placed"))
    return begun(narrowed(Pattern(("product_viewed",)), category=category), ends, wait_minutes, days, same_item)


def several_categories_viewed_nothing_bought(categories: int, days: int) -> Expression:
    viewed = EventTest(Pattern(("product_viewed",)), in_last(days), Measure.DISTINCT, value=categories, property="category")
    return All((viewed, never_happened(PURCHASE, in_last(days))))


def lost_deal_with_intent(wait_minutes: int, days: int, dwell_seconds: int) -> Expression:
    paid = begun(Pattern(("payment_entered",)), ORDER, wait_minutes, days)
    checked_out = begun(Pattern(("checkout_started", "checkout_step")), ORDER, wait_minutes, days)
    stayed = EventTest(
        Pattern(("page_viewed", "product_viewed")), in_last(days), Measure.SUM, value=dwell_seconds, property="dwell_seconds"
    )
    return Any((paid, All((checked_out, stayed))))


TEMPLATES = (
    Template(
        "cart_abandonment",
        FAMILY,
        "Abandoned carts",
        "Put something into a cart and has placed no order since.",
        (
            wait(60),
            DAYS,
            CATEGORY,
            SAME_ITEM,
            Parameter("ended_by_checkout", ParameterType.BOOLEAN, False, "A checkout begun ends it too, so that it is never told twice."),
        ),
        cart_abandonment,
    ),
    Template(
        "checkout_abandonment",
        FAMILY,
        "Abandoned checkouts",
        "Began a checkout and has placed no order since.",
        (wait(30), DAYS),
        checkout_abandonment,
    ),
    Template(
        "browse_abandonment",
        FAMILY,
        "Abandoned browsing",
        "Viewed a product and has put nothing into a cart, begun no checkout and placed no order since.",
        (wait(120), DAYS, CATEGORY, SAME_ITEM),
        browse_abandonment,
    ),
    Template(
        "several_categories_viewed_nothing_bought",
        FAMILY,
        "Looked around, bought nothing",
        "Viewed products of several categories in the last so many days and bought nothing in them.",
        (
            Parameter("categories", ParameterType.INTEGER, 3, "The least number of different categories.", 2, 1_000),
            days(30, "How far back it looks, in days of 86,400 seconds."),
        ),
        several_categories_viewed_nothing_bought,
    ),
    Template(
        "lost_deal_with_intent",
        FAMILY,
        "Lost deals with intent",
        "Entered payment details, or began a checkout after long looking, and has placed no order since.",
        (
            wait(1_440),
            days(30, "How long after it the lost deal counts, and how far back looking counts, in days of 86,400 seconds.", 365),
            Parameter(
                "dwell_seconds",
                ParameterType.INTEGER,
                180,
                "How long looking at pages and products is long, in seconds together.",
                1,
                86_400,
            ),
        ),
        lost_deal_with_intent,
    ),
)
