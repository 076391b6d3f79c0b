"""Templates on what somebody is worth: groups of recency, frequency and spending, and the most valuable."""

from __future__ import annotations

from idweave_server.segments.expression import All, Expression, FieldTest, Money, Operator
from idweave_server.segments.templates.parameter import Parameter, ParameterType
from idweave_server.segments.templates.phrases import CURRENCY, amount, compared
from idweave_server.segments.templates.template import Template

FAMILY = "value"

# group: (least recency, most, least frequency, most), each in fifths, 5 being the best. Every pair of scores is in exactly one group.
GROUPS = {
    "champions": (5, 5, 4, 5),
    "loyal": (3, 4, 4, 5),
    "potential_loyalists": (4, 5, 2, 3),
    "first_steps": (5, 5, 1, 1),
    "promising": (4, 4, 1, 1),
    "need_attention": (3, 3, 3, 3),
    "about_to_sleep": (3, 3, 1, 2),
    "cannot_lose": (1, 2, 5, 5),
    "at_risk": (1, 2, 3, 4),
    "hibernating": (1, 2, 1, 2),
}


def rfm_group(group: str, least_monetary: int) -> Expression:
    least_recency, most_recency, least_frequency, most_frequency = GROUPS[group]
    bounds = (
        ("rfm_recency", least_recency, most_recency),
        ("rfm_frequency", least_frequency, most_frequency),
        ("rfm_monetary", least_monetary, 5),
    )
    return All(tuple(test for field, least, most in bounds for test in _between(field, least, most)))


def vip(amount: int, currency: str) -> Expression:
    return compared("lifetime_value", Operator.GREATER_OR_EQUAL, Money(currency, amount))


def top_fifth(least_frequency: int) -> Expression:
    return All((*_between("rfm_monetary", 5, 5), *_between("rfm_frequency", least_frequency, 5)))


def _between(field: str, least: int, most: int) -> tuple[FieldTest, ...]:
    """The fewest tests that say it of scores from 1 to 5."""
    if least == most:
        return (compared(field, Operator.EQUAL, least),)
    above = (compared(field, Operator.GREATER_OR_EQUAL, least),) if least > 1 else ()
    return (*above, compared(field, Operator.LESS_OR_EQUAL, most)) if most < 5 else above


TEMPLATES = (
    Template(
        "rfm_group",
        FAMILY,
        "RFM group",
        "A group of customers by fifths of recency and frequency, and of spending where asked for.",
        (
            Parameter("group", ParameterType.TEXT, "champions", "Which group.", choices=tuple(GROUPS)),
            Parameter("least_monetary", ParameterType.INTEGER, 1, "The least fifth of spending, 5 being the highest; 1: any.", 1, 5),
        ),
        rfm_group,
    ),
    Template(
        "vip",
        FAMILY,
        "VIP by value",
        "All that was ever bought comes to at least an amount.",
        (amount(1_000, "The least that all purchases come to, after refunds."), CURRENCY),
        vip,
    ),
    Template(
        "top_fifth",
        FAMILY,
        "VIP by rank",
        "In the highest fifth of spending.",
        (Parameter("least_frequency", ParameterType.INTEGER, 1, "The least fifth of frequency, 5 being the highest; 1: any.", 1, 5),),
        top_fifth,
    ),
)
