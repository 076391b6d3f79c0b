"""Templates on what somebody likes and how they are best met: category, channel, club, silence."""

from __future__ import annotations

from idweave_server.segments.expression import EVER, All, Expression, IdentityTest, Operator, Pattern
from idweave_server.segments.templates.parameter import Parameter, ParameterType
from idweave_server.segments.templates.phrases import compared, days, happened, in_last, never_happened
from idweave_server.segments.templates.template import Template

FAMILY = "affinity"


def category_affinity(category: str) -> Expression:
    return compared("favourite_category", Operator.EQUAL, category)


def preferred_channel(channel: str) -> Expression:
    return compared("preferred_channel", Operator.EQUAL, channel)


def loyalty_members(namespace: str) -> Expression:
    return IdentityTest(namespace)


def dormant_subscribers(days: int) -> Expression:
    reacted = Pattern(("email_opened", "email_clicked"))
    return All((IdentityTest("email"), happened(reacted, EVER), never_happened(reacted, in_last(days))))


TEMPLATES = (
    Template(
        "category_affinity",
        FAMILY,
        "Category affinity",
        "Buys most in a category, or looks most at it before any purchase; gifts do not count.",
        (Parameter("category", ParameterType.TEXT, None, "The category, in the words of your events.", example="shoes"),),
        category_affinity,
    ),
    Template(
        "preferred_channel",
        FAMILY,
        "Preferred channel",
        "Prefers a channel: the one declared, else the one inferred.",
        (Parameter("channel", ParameterType.TEXT, None, "The channel, in the words of your events.", example="email"),),
        preferred_channel,
    ),
    Template(
        "loyalty_members",
        FAMILY,
        "Loyalty members",
        "Has a number of the loyalty programme.",
        (Parameter("namespace", ParameterType.TEXT, "loyalty_id", "The namespace of the programme's numbers in your policy."),),
        loyalty_members,
    ),
    Template(
        "dormant_subscribers",
        FAMILY,
        "Dormant subscribers",
        "Has an e-mail address, once opened or clicked what was sent, and has not for so many days.",
        (days(180, "How long nothing was opened or clicked, in days of 86,400 seconds."),),
        dormant_subscribers,
    ),
)
