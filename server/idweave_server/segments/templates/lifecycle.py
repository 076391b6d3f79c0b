"""Templates on where somebody stands with us: lapsed, due again, acquired then or through this, with a birthday soon."""

from __future__ import annotations

from datetime import date, timedelta

from idweave_server.segments.expression import All, Any, Expression, FieldTest, Operator, Relation, Span, TimeTest
from idweave_server.segments.templates.parameter import Parameter, ParameterType
from idweave_server.segments.templates.phrases import ZONE, compared, days, exact_days, first_instant
from idweave_server.segments.templates.template import Template

FAMILY = "lifecycle"
BEGINNINGS = {"purchase": "first_purchase_time", "contact": "acquired_time"}
BY = Parameter(
    "by",
    ParameterType.TEXT,
    "purchase",
    "What made a customer: the first purchase that stands, or the first contact (observation) of any kind.",
    choices=tuple(BEGINNINGS),
)


def lapsed(months: int, zone: str) -> Expression:
    return TimeTest("last_purchase_time", Relation.OLDER, Span(months=months), zone)


def due_for_reorder(days: int, overdue_days: int) -> Expression:
    expected = TimeTest("next_purchase_expected", Relation.UPCOMING, exact_days(days))
    if not overdue_days:
        return expected
    return Any((expected, TimeTest("next_purchase_expected", Relation.WITHIN, exact_days(overdue_days))))


def birthday_soon(days: int, zone: str) -> Expression:
    return TimeTest("birth_date", Relation.ANNIVERSARY, Span(days=days), zone)


def acquired_in_month(month: str, by: str, zone: str) -> Expression:
    year, number = int(month[:4]), int(month[5:])
    following = (year, number + 1) if number < 12 else (year + 1, 1)
    return _acquired(by, first_instant(year, number, 1, zone), first_instant(*following, 1, zone))


def holiday_acquired(year: int, years: int, begin: str, end: str, by: str, zone: str) -> Expression:
    seasons = tuple(_season(by, one, begin, end, zone) for one in range(year - years + 1, year + 1))
    return seasons[0] if years == 1 else Any(seasons)


def acquired_through(by: str, value: str) -> Expression:
    return compared(f"acquisition_{by}", Operator.EQUAL, value)


def _season(by: str, year: int, begin: str, end: str, zone: str) -> Expression:
    """From the day `begin` of the year to the next day `end`, which is in the following year where the season goes over New Year."""
    begins = first_instant(year, int(begin[:2]), int(begin[3:]), zone)
    last = date(year if end >= begin else year + 1, int(end[:2]), int(end[3:]))
    after = last + timedelta(days=1)
    return _acquired(by, begins, first_instant(after.year, after.month, after.day, zone))


def _acquired(by: str, begin: int, end: int) -> Expression:
    field = BEGINNINGS[by]
    return All((FieldTest(field, Operator.GREATER_OR_EQUAL, (begin,)), FieldTest(field, Operator.LESS, (end,))))


TEMPLATES = (
    Template(
        "lapsed",
        FAMILY,
        "Lapsed customers",
        "The last purchase is so many calendar months ago or longer; enters by itself.",
        (Parameter("months", ParameterType.INTEGER, 6, "How long ago the last purchase is, in calendar months.", 1, 120), ZONE),
        lapsed,
    ),
    Template(
        "due_for_reorder",
        FAMILY,
        "Due for a reorder",
        "The next purchase is expected in the coming days, or is overdue by a few.",
        (
            days(7, "How soon the next purchase is expected, in days of 86,400 seconds.", 365),
            Parameter("overdue_days", ParameterType.INTEGER, 14, "How long after the expected time somebody stays; 0: not at all.", 0, 365),
        ),
        due_for_reorder,
    ),
    Template(
        "birthday_soon",
        FAMILY,
        "Birthday soon",
        "Has a birthday today or in the coming days.",
        (days(7, "The days that count, the birthday being the last of them; 1: the birthday alone.", 360), ZONE),
        birthday_soon,
    ),
    Template(
        "acquired_in_month",
        FAMILY,
        "Acquired in a month",
        "Became a customer in the given month.",
        (Parameter("month", ParameterType.MONTH, None, "The month, year-month.", example="2026-01"), BY, ZONE),
        acquired_in_month,
    ),
    Template(
        "holiday_acquired",
        FAMILY,
        "Acquired in a holiday season",
        "Became a customer in the holiday season of a year, or of several.",
        (
            Parameter("year", ParameterType.INTEGER, None, "The year in which the (last) season begins.", 1_970, 2_098, example=2025),
            Parameter("years", ParameterType.INTEGER, 1, "How many seasons, that one and those of the years before it.", 1, 40),
            Parameter("begin", ParameterType.DAY_OF_YEAR, "11-20", "The first day of the season, month-day."),
            Parameter("end", ParameterType.DAY_OF_YEAR, "12-31", "Its last day; where it is before the first, in the year after."),
            BY,
            ZONE,
        ),
        holiday_acquired,
    ),
    Template(
        "acquired_through",
        FAMILY,
        "Acquired through",
        "First heard of through a campaign, a channel or a source.",
        (
            Parameter("by", ParameterType.TEXT, "campaign", "What is asked.", choices=("campaign", "channel", "source")),
            Parameter("value", ParameterType.TEXT, None, "Its name, in the words of your events.", example="spring-sale"),
        ),
        acquired_through,
    ),
)
