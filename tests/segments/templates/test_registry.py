"""Templates are found by name, take typed parameters, and refuse what cannot be used with the limit and the remedy."""

from __future__ import annotations

import inspect
import re

import pytest
from idweave_server.errors import RequestError
from idweave_server.segments.expression import EVER, UTC, Money, Scalar, Span
from idweave_server.segments.templates.parameter import Parameter, ParameterType
from idweave_server.segments.templates.registry import TEMPLATES, instantiate
from idweave_server.segments.templates.template import Template

OF_THE_BRIEF = [
    *("recent_purchasers", "first_time_buyers", "weekly_buyers", "frequent_small_baskets", "gift_buyers", "same_season_last_year"),
    *(
        "cart_abandonment",
        "checkout_abandonment",
        "browse_abandonment",
        "several_categories_viewed_nothing_bought",
        "lost_deal_with_intent",
    ),
    *("lapsed", "due_for_reorder", "acquired_in_month", "holiday_acquired", "rfm_group", "vip", "promoters", "detractors", "quiz_answer"),
    *("service_problem_open", "ready_for_delayed_survey", "category_affinity", "preferred_channel", "loyalty_members"),
]


def needed(template: Template) -> dict[str, Scalar]:
    return {one.name: one.example for one in template.parameters if one.default is None and one.example is not None}


def test_those_asked_for_are_there_in_a_stable_order() -> None:
    assert [name for name in OF_THE_BRIEF if name not in TEMPLATES] == []
    assert list(TEMPLATES)[:3] == ["recent_purchasers", "first_time_buyers", "one_time_buyers"]
    assert len({template.title for template in TEMPLATES.values()}) == len(TEMPLATES)


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda one: one.name)
def test_a_template_is_told_and_makes_the_same_each_time(template: Template) -> None:
    assert list(inspect.signature(template.make).parameters) == [parameter.name for parameter in template.parameters]
    assert instantiate(template.name, needed(template)) == instantiate(template.name, needed(template))
    for text in (template.summary, *(parameter.meaning for parameter in template.parameters)):
        assert text.endswith(".")
        assert "|" not in text
    assert len({parameter.name for parameter in template.parameters}) == len(template.parameters)


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda one: one.name)
def test_every_default_is_allowed_and_said_in_words_is_the_same(template: Template) -> None:
    said = needed(template) | {one.name: one.default for one in template.parameters if one.default is not None}
    in_words = needed(template) | {one.name: one.default_text for one in template.parameters if one.default_text is not None}
    assert instantiate(template.name, said) == instantiate(template.name, needed(template)) == instantiate(template.name, in_words)


@pytest.mark.parametrize("template", [one for one in TEMPLATES.values() if needed(one)], ids=lambda one: one.name)
def test_what_is_needed_is_asked_for(template: Template) -> None:
    for name in needed(template):
        with pytest.raises(RequestError, match=rf"^parameters\.{name}: is needed: .*, such as "):
            instantiate(template.name, {other: value for other, value in needed(template).items() if other != name})


def test_the_store_may_have_a_currency_and_a_zone() -> None:
    own: dict[str, Scalar] = {"currency": "EUR", "zone": "Europe/Berlin", "amount": 7}
    assert instantiate("vip", {}, own) == instantiate("vip", {"currency": "EUR"})
    assert instantiate("vip", {"currency": "CHF"}, own) == instantiate("vip", {"currency": "CHF"})
    assert instantiate("lapsed", {}, own) == instantiate("lapsed", {"zone": "Europe/Berlin"}) != instantiate("lapsed")


def test_an_unknown_template_or_parameter_comes_with_the_nearest() -> None:
    with pytest.raises(RequestError, match=r"^template: there is no template of this name; did you mean 'lapsed'\?$"):
        instantiate("lapse")
    with pytest.raises(RequestError, match=r"^template: there is no template of this name; ListTemplates gives their names$"):
        instantiate("xyz")
    with pytest.raises(
        RequestError, match=r"^parameters\.month: lapsed has no such parameter; did you mean 'months'\?; it has months, zone$"
    ):
        instantiate("lapsed", {"month": 6})
    with pytest.raises(RequestError, match=r"^parameters\.months: promoters has no such parameter; it has none$"):
        instantiate("promoters", {"months": 6})


@pytest.mark.parametrize(
    ("template", "parameter", "value", "complaint"),
    [
        ("lapsed", "months", 0, "is less than 1, the least allowed"),
        ("lapsed", "months", 121, "is more than 120, the most allowed"),
        ("lapsed", "months", 1.5, "is not a whole number; leave the decimals out"),
        ("lapsed", "months", "six", "is not a whole number in digits"),
        ("lapsed", "months", True, "is not a whole number in digits"),
        ("lapsed", "months", "NaN", "is not a whole number in digits"),
        ("lapsed", "months", "1e999999999", "is not a whole number in digits"),
        ("lapsed", "months", "٦", "is not a whole number in digits"),
        ("lapsed", "months", "9" * 40, "is not a whole number in digits"),
        ("lapsed", "zone", "Europe/Berlim", "give a name of the IANA database"),
        ("lapsed", "zone", "../../etc/localtime", "give a name of the IANA database"),
        ("lapsed", "zone", "localtime", "give a name of the IANA database"),
        ("lapsed", "zone", "Europe", "give a name of the IANA database"),
        ("lapsed", "zone", "", "is empty; give one, such as UTC"),
        ("lapsed", "zone", 1, "is not text"),
        ("recent_purchasers", "amount", "99.9999999", "has more than six decimals"),
        ("recent_purchasers", "amount", -1, "is less than 0"),
        ("recent_purchasers", "amount", 1_000_000_001, "is more than 1000000000"),
        ("recent_purchasers", "amount", float("inf"), "is not a number in digits"),
        ("recent_purchasers", "amount", "100 EUR", "is not a number in digits"),
        ("recent_purchasers", "currency", "EURO", "give the three letters of ISO 4217"),
        ("recent_purchasers", "channel", "x" * 201, "is longer than 200 characters"),
        ("cart_abandonment", "same_item", "yes", "is neither true nor false"),
        ("cart_abandonment", "same_item", 1, "is neither true nor false"),
        ("acquired_in_month", "month", "2026-13", "is not a month"),
        ("acquired_in_month", "month", "Jan 2026", "is not a month"),
        ("holiday_acquired", "begin", "02-29", "is not a day of every year"),
        ("holiday_acquired", "begin", "11-31", "is not a day of every year"),
        ("holiday_acquired", "end", "13-01", "is not a day of every year"),
        ("rfm_group", "group", "champion", "is none of champions, loyal,"),
        ("quiz_answer", "answer", " ", "is empty; give one, such as dry"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused(template: str, parameter: str, value: Scalar, complaint: str) -> None:
    with pytest.raises(RequestError) as raised:
        instantiate(template, {**needed(TEMPLATES[template]), parameter: value})
    ((field, description),) = raised.value.violations
    assert field == f"parameters.{parameter}"
    assert complaint in description


@pytest.mark.parametrize(
    ("type", "given", "expected"),
    [
        (ParameterType.AMOUNT, 99.99, 99_990_000),
        (ParameterType.AMOUNT, "99.99", 99_990_000),
        (ParameterType.AMOUNT, 0.1 + 0.2 - 0.3 + 1, 1_000_000),
        (ParameterType.AMOUNT, "0.000001", 1),
        (ParameterType.INTEGER, "7", 7),
        (ParameterType.INTEGER, 7.0, 7),
        (ParameterType.BOOLEAN, "true", True),
        (ParameterType.BOOLEAN, False, False),
        (ParameterType.CURRENCY, "eur", "EUR"),
        (ParameterType.TEXT, " dry ", "dry"),
        (ParameterType.DAY_OF_YEAR, "02-28", "02-28"),
    ],
)
def test_a_value_is_read_exactly(type: ParameterType, given: Scalar, expected: object) -> None:  # noqa: A002
    value = Parameter("p", type, None, "A parameter.").read(given)
    assert value == expected
    assert value.__class__ is expected.__class__


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda one: one.name)
def test_the_least_and_the_most_of_a_parameter_make_no_empty_span(template: Template) -> None:
    """A definition may have 200 conditions, and a span of no length is refused where it would make a test that is never true."""
    for parameter in template.parameters:
        for value in (parameter.least, parameter.most):
            if value is None:
                continue
            try:
                said = str(instantiate(template.name, {**needed(template), parameter.name: value}))
            except RequestError as error:
                assert "nobody would enter" in str(error)  # noqa: PT017
                continue
            lengths = re.findall(r"(?:last|until_ago|span)=Span\(([^)]*)\)", said)
            assert all(re.search("[1-9]", length) for length in lengths), said
            assert said.count("Test(") - said.count("PropertyTest(") + said.count("Sequence(") <= 200


def test_the_expression_says_no_more_than_it_must() -> None:
    """Defaults stay defaults, so that two templates that mean the same are the same tree."""
    said = str(instantiate("recent_purchasers", {"currency": "USD"}))
    assert said.count("PropertyTest") == 1
    assert str(Money("USD", 100_000_000)) in said
    assert str(Span(seconds=90 * 86_400)) in said
    assert EVER.zone == UTC
