"""Templates on what people tell us: scores, stars, answers, and problems that are still open."""

from __future__ import annotations

from idweave_server.segments.expression import All, Expression, Not, Operator, Pattern, PropertyTest, Sequence, Span
from idweave_server.segments.templates.parameter import Parameter, ParameterType, refusal
from idweave_server.segments.templates.phrases import HOUR, PURCHASE, compared, days, exact_days, narrowed, optional_text
from idweave_server.segments.templates.template import Template

FAMILY = "feedback"
TICKET_DAYS = 365  # how long a ticket without an end keeps somebody from a survey


def promoters() -> Expression:
    return compared("nps_score", Operator.GREATER_OR_EQUAL, 9)


def passives() -> Expression:
    return All((compared("nps_score", Operator.GREATER_OR_EQUAL, 7), compared("nps_score", Operator.LESS, 9)))


def detractors() -> Expression:
    return compared("nps_score", Operator.LESS, 7)


def unhappy_reviewers(stars: int) -> Expression:
    return compared("last_stars", Operator.LESS_OR_EQUAL, stars)


def quiz_answer(question: str, answer: str, survey: str, days: int) -> Expression:
    """The latest answer counts: one with another answer to the question since ends it."""
    asked = narrowed(Pattern(("quiz_answered", "survey_answered")), survey=survey, question=question)
    other = Pattern(asked.types, (*asked.where, PropertyTest("answer", Operator.NOT_EQUAL, (answer,))))
    return Sequence(narrowed(asked, answer=answer), other, Span(), exact_days(days))


def service_problem_open(hours: int, days: int) -> Expression:
    if hours >= days * 24:
        raise refusal("hours", f"is {hours}, not less than the {days} days after which a problem no longer counts; nobody would enter")
    return open_problem(hours, days)


def ready_for_delayed_survey(days: int, until_days: int, survey: str, without_problem: bool) -> Expression:
    if until_days <= days:
        raise refusal("until_days", f"is {until_days}, not more than the {days} days of the delay; nobody would enter")
    answered = narrowed(Pattern(("survey_answered",)), survey=survey)
    due = Sequence(PURCHASE, answered, exact_days(days), exact_days(until_days))
    return All((due, Not(open_problem(0, TICKET_DAYS)))) if without_problem else due


def open_problem(hours: int, days: int) -> Sequence:
    return Sequence(
        Pattern(("support_ticket",)), Pattern(("support_closed",)), Span(seconds=hours * HOUR), exact_days(days), same="ticket_id"
    )


TEMPLATES = (
    Template("promoters", FAMILY, "Promoters", "The latest net promoter score is 9 or more.", (), promoters),
    Template("passives", FAMILY, "Passives", "The latest net promoter score is 7 or more and less than 9.", (), passives),
    Template("detractors", FAMILY, "Detractors", "The latest net promoter score is less than 7.", (), detractors),
    Template(
        "unhappy_reviewers",
        FAMILY,
        "Unhappy reviewers",
        "The latest review gave few stars.",
        (Parameter("stars", ParameterType.INTEGER, 2, "The most stars that count as few.", 1, 5),),
        unhappy_reviewers,
    ),
    Template(
        "quiz_answer",
        FAMILY,
        "Answer to a question",
        "Answered a question of a quiz or survey so, and not otherwise since.",
        (
            Parameter("question", ParameterType.TEXT, None, "The question, in the words of your events.", example="skin_type"),
            Parameter("answer", ParameterType.TEXT, None, "The answer, in the words of your events.", example="dry"),
            optional_text("survey", "Only in this quiz or survey; empty: any.", "skin-quiz"),
            days(3_650, "How long an answer counts, in days of 86,400 seconds.", 36_500),
        ),
        quiz_answer,
    ),
    Template(
        "service_problem_open",
        FAMILY,
        "Service problem open",
        "Has a support ticket that is not closed.",
        (
            Parameter("hours", ParameterType.INTEGER, 0, "How long it must have been open.", 0, 8_760),
            days(365, "After how long a ticket that nobody closed is forgotten, in days of 86,400 seconds."),
        ),
        service_problem_open,
    ),
    Template(
        "ready_for_delayed_survey",
        FAMILY,
        "Ready for a delayed survey",
        "Bought some days ago and has answered no survey since.",
        (
            days(14, "How long after a purchase the survey is due, in days of 86,400 seconds.", 3_600),
            Parameter("until_days", ParameterType.INTEGER, 21, "How long after it the survey makes sense no more.", 2, 3_650),
            optional_text("survey", "Only an answer to this survey counts; empty: to any.", "delivery"),
            Parameter("without_problem", ParameterType.BOOLEAN, True, "Leave out who has a support ticket open."),
        ),
        ready_for_delayed_survey,
    ),
)
