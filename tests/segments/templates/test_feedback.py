"""Who is pleased or not, answered what, waits for help, and may be asked now."""

from __future__ import annotations

import pytest
from idweave_server.errors import RequestError
from idweave_server.segments.templates.registry import instantiate

from tests.segments.templates.naive import timeline, truth
from tests.segments.templates.people import at, event, order, person, refund


@pytest.mark.parametrize("score", [0, 1, 5.5, 6, 6.5, 6.999999, 7, 8, 8.5, 9, 9.5, 10])
def test_every_score_is_of_one_of_three_kinds(score: float) -> None:
    kinds = [name for name in ("detractors", "passives", "promoters") if truth(instantiate(name), person(nps_score=score), 0)]
    assert kinds == ["detractors" if score < 7 else "passives" if score < 9 else "promoters"]


def test_without_a_score_none_is_known() -> None:
    assert {truth(instantiate(name), person(), 0) for name in ("detractors", "passives", "promoters", "unhappy_reviewers")} == {None}


@pytest.mark.parametrize(("stars", "expected"), [(1, True), (2, True), (3, False), (5, False)])
def test_few_stars(stars: int, expected: bool) -> None:
    assert truth(instantiate("unhappy_reviewers"), person(last_stars=stars), 0) is expected


def test_the_latest_answer_to_a_question_counts() -> None:
    dry = instantiate("quiz_answer", {"question": "skin_type", "answer": "dry"})
    first = event("2026-01-01", "survey_answered", survey="skin-quiz", question="skin_type", answer="dry")
    unrelated = event("2026-01-03", "survey_answered", survey="skin-quiz", question="age_group", answer="30s")
    other = event("2026-01-05", "quiz_answered", survey="skin-quiz", question="skin_type", answer="oily")  # the type does not matter
    back = event("2026-01-07", "survey_answered", survey="other-quiz", question="skin_type", answer="dry")
    assert timeline(dry, person(first, unrelated, other, back), at("2026-01-01"), at("2026-02-01")) == [
        ("2026-01-01T00:00:00Z", True),
        ("2026-01-05T00:00:00Z", False),
        ("2026-01-07T00:00:00Z", True),
    ]
    named = instantiate("quiz_answer", {"question": "skin_type", "answer": "dry", "survey": "skin-quiz"})
    assert truth(named, person(first, other, back), at("2026-02-01")) is False
    assert truth(dry, person(), at("2026-02-01")) is False


def test_two_answers_in_one_second_contradict_each_other_and_several_in_one_do_not() -> None:
    dry = instantiate("quiz_answer", {"question": "skin_type", "answer": "dry"})
    one = event("2026-01-01", "survey_answered", question="skin_type", answer="dry")
    other = event("2026-01-01", "survey_answered", question="skin_type", answer="oily")
    both = event("2026-01-01", "survey_answered", question="skin_type", answer=["oily", "dry"])
    assert truth(dry, person(one, other), at("2026-01-02")) is False
    assert truth(dry, person(both), at("2026-01-02")) is True


def test_a_problem_is_open_until_its_own_ticket_is_closed() -> None:
    is_open = instantiate("service_problem_open")
    first = event("2026-01-01", "support_ticket", ticket_id="t1")
    second = event("2026-01-02", "support_ticket", ticket_id="t2")
    closed = [event(f"2026-01-0{day}", "support_closed", ticket_id=ticket) for day, ticket in ((3, "t1"), (5, "t2"))]
    assert timeline(is_open, person(first, second, *closed), at("2025-12-31"), at("2026-02-01"))[1:] == [
        ("2026-01-01T00:00:00Z", True),
        ("2026-01-05T00:00:00Z", False),
    ]
    again = event("2026-01-07", "support_ticket", ticket_id="t1")
    assert truth(is_open, person(first, closed[0], again), at("2026-01-08")) is True
    nameless = person(event("2026-01-01", "support_ticket"), event("2026-01-02", "support_closed"))
    assert timeline(is_open, nameless, at("2026-01-01"), at("2027-02-01"), 86_400)[1:] == [("2027-01-01T00:00:00Z", False)]


def test_a_problem_may_have_to_be_open_for_a_while() -> None:
    long = instantiate("service_problem_open", {"hours": 48})
    first = event("2026-01-01", "support_ticket", ticket_id="t1")
    assert timeline(long, person(first), at("2026-01-01"), at("2026-02-01"))[1:] == [("2026-01-03T00:00:00Z", True)]
    assert truth(long, person(first, event("2026-01-02", "support_closed", ticket_id="t1")), at("2026-01-10")) is False
    with pytest.raises(RequestError, match=r"parameters\.hours: is 48, not less than the 2 days"):
        instantiate("service_problem_open", {"hours": 48, "days": 2})


def test_ready_for_a_survey_from_day_14_to_day_21_unless_answered() -> None:
    ready = instantiate("ready_for_delayed_survey")
    bought = order("2026-01-01T12:00:00Z", order_id="o1")
    assert timeline(ready, person(bought), at("2026-01-01"), at("2026-03-01"))[1:] == [
        ("2026-01-15T12:00:00Z", True),
        ("2026-01-22T12:00:00Z", False),
    ]
    answered = person(bought, event("2026-01-17", "survey_answered", survey="delivery"))
    assert timeline(ready, answered, at("2026-01-01"), at("2026-03-01"))[2] == ("2026-01-17T00:00:00Z", False)
    named = instantiate("ready_for_delayed_survey", {"survey": "taste"})
    assert timeline(named, answered, at("2026-01-01"), at("2026-03-01"))[2] == ("2026-01-22T12:00:00Z", False)
    assert timeline(ready, person(bought, refund("2026-01-16", "o1")), at("2026-01-01"), at("2026-03-01"))[2][0] == "2026-01-16T00:00:00Z"


def test_nobody_is_asked_while_a_problem_is_open() -> None:
    bought = order("2026-01-01T12:00:00Z")
    troubled = person(
        bought,
        event("2026-01-10", "support_ticket", ticket_id="t1"),
        event("2026-01-18T09:00:00Z", "support_closed", ticket_id="t1"),
    )
    begin, end = at("2026-01-01"), at("2026-03-01")
    assert timeline(instantiate("ready_for_delayed_survey"), troubled, begin, end)[1] == ("2026-01-18T09:00:00Z", True)
    asked = instantiate("ready_for_delayed_survey", {"without_problem": False})
    assert timeline(asked, troubled, begin, end)[1] == ("2026-01-15T12:00:00Z", True)
    with pytest.raises(RequestError, match=r"parameters\.until_days: is 14, not more than the 14 days"):
        instantiate("ready_for_delayed_survey", {"until_days": 14})
