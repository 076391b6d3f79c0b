"""Templates on what was bought: recently, for the first time, every week, for much, in small baskets, as a gift."""

from __future__ import annotations

from idweave_server.segments.expression import EVER, All, EventTest, Expression, Measure, Money, Operator, Span, Window
from idweave_server.segments.templates.parameter import Parameter, ParameterType
from idweave_server.segments.templates.phrases import (
    CURRENCY,
    HOUR,
    PURCHASE,
    ZONE,
    amount,
    days,
    exact_days,
    happened,
    in_last,
    narrowed,
    never_happened,
    of_amount,
    optional_text,
)
from idweave_server.segments.templates.template import Template

FAMILY = "purchases"
CHANNEL = optional_text(
    "channel", "Only purchases through this channel, in the words of your events; empty: store and online alike.", "store"
)
EXACTLY_ONE = EventTest(PURCHASE, EVER, operator=Operator.EQUAL, value=1)


def recent_purchasers(amount: int, currency: str, days: int, channel: str) -> Expression:
    bought = of_amount(narrowed(PURCHASE, channel=channel), Operator.GREATER_OR_EQUAL, amount, currency)
    return happened(bought, in_last(days))


def first_time_buyers(hours: int) -> Expression:
    return All((EXACTLY_ONE, happened(PURCHASE, Window(last=Span(seconds=hours * HOUR)))))


def one_time_buyers(days: int) -> Expression:
    return All((EXACTLY_ONE, happened(PURCHASE, Window(until_ago=exact_days(days)))))


def weekly_buyers(weeks: int, slack_days: int) -> Expression:
    """Weeks are counted back from now, and each reaches `slack_days` further back than seven days: who buys every Saturday buys at another
    time of the day each time, and would leave for some hours. One purchase may so be in two weeks, hence their number is asked too."""
    windows = (
        Window(last=exact_days(7 * week + 7 + slack_days), until_ago=exact_days(7 * week) if week else None) for week in range(weeks)
    )
    enough = happened(PURCHASE, in_last(7 * weeks + slack_days), weeks)
    return All((*(happened(PURCHASE, window) for window in windows), enough))


def big_spenders(amount: int, currency: str, days: int) -> Expression:
    return EventTest(PURCHASE, in_last(days), Measure.SUM, Operator.GREATER_OR_EQUAL, Money(currency, amount))


def frequent_small_baskets(amount: int, currency: str, orders: int, days: int) -> Expression:
    small = of_amount(PURCHASE, Operator.LESS, amount, currency)
    large = of_amount(PURCHASE, Operator.GREATER_OR_EQUAL, amount, currency)
    return All((happened(small, in_last(days), orders), never_happened(large, in_last(days))))


def gift_buyers(days: int, orders: int) -> Expression:
    return happened(narrowed(PURCHASE, purchase_for="gift"), in_last(days), orders)


def same_season_last_year(months: int, category: str, not_yet: bool, zone: str) -> Expression:
    bought = narrowed(PURCHASE, category=category)
    last_year = Window(last=Span(years=1, months=months), until_ago=Span(months=12 - months), zone=zone)
    if not not_yet:
        return happened(bought, last_year)
    return All((happened(bought, last_year), never_happened(bought, Window(last=Span(months=months), zone=zone))))


TEMPLATES = (
    Template(
        "recent_purchasers",
        FAMILY,
        "Recent purchasers",
        "Bought for at least an amount in one order, in the last so many days, in a store or online.",
        (
            amount(100, "The least that one order must come to, after what was refunded of it."),
            CURRENCY,
            days(90, "How long a purchase counts, in days of 86,400 seconds."),
            CHANNEL,
        ),
        recent_purchasers,
    ),
    Template(
        "first_time_buyers",
        FAMILY,
        "First-time buyers",
        "Exactly one purchase ever, placed in the last so many hours.",
        (Parameter("hours", ParameterType.INTEGER, 24, "How long after it somebody is a first-time buyer.", 1, 8_760),),
        first_time_buyers,
    ),
    Template(
        "one_time_buyers",
        FAMILY,
        "One-time buyers",
        "Exactly one purchase ever, and that at least so many days ago.",
        (days(30, "How long ago the one purchase must be, in days of 86,400 seconds."),),
        one_time_buyers,
    ),
    Template(
        "weekly_buyers",
        FAMILY,
        "Weekly buyers",
        "A purchase in each of the last so many weeks, and as many purchases as weeks.",
        (
            Parameter("weeks", ParameterType.INTEGER, 4, "How many weeks, counted back from now in 7 x 86,400 seconds.", 1, 52),
            Parameter("slack_days", ParameterType.INTEGER, 1, "How much further back than its seven days each week reaches.", 0, 6),
        ),
        weekly_buyers,
    ),
    Template(
        "big_spenders",
        FAMILY,
        "Big spenders",
        "Purchases in the last so many days that come to at least an amount together.",
        (
            amount(1000, "The least that the purchases must come to together, after refunds."),
            CURRENCY,
            days(365, "How long a purchase counts, in days of 86,400 seconds."),
        ),
        big_spenders,
    ),
    Template(
        "frequent_small_baskets",
        FAMILY,
        "Frequent small baskets",
        "Several small purchases in the last so many days, and no larger one.",
        (
            amount(30, "A purchase of less than this is small; one of this or more ends the membership while it is in the window."),
            CURRENCY,
            Parameter("orders", ParameterType.INTEGER, 4, "The least number of small purchases.", 1, 1_000),
            days(90, "How long a purchase counts, in days of 86,400 seconds."),
        ),
        frequent_small_baskets,
    ),
    Template(
        "gift_buyers",
        FAMILY,
        "Gift buyers",
        "Bought something for somebody else in the last so many days.",
        (
            days(365, "How long a purchase counts, in days of 86,400 seconds."),
            Parameter("orders", ParameterType.INTEGER, 1, "The least number of purchases that were gifts.", 1, 1_000),
        ),
        gift_buyers,
    ),
    Template(
        "same_season_last_year",
        FAMILY,
        "Bought in this season last year",
        "A purchase about a year ago: a year and some months ago at most, a year less as many at least.",
        (
            Parameter("months", ParameterType.INTEGER, 1, "How far before and after this day of last year, in calendar months.", 1, 6),
            optional_text("category", "Only purchases of this category; empty: any.", "skiing"),
            Parameter(
                "not_yet", ParameterType.BOOLEAN, False, "Leave out who has bought (in the category) in the last so many months already."
            ),
            ZONE,
        ),
        same_season_last_year,
    ),
)
