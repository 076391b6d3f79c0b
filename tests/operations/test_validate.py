"""What is understood of observations, and what is refused of them."""

from __future__ import annotations

from idweave_server.identifiers.lists import default_lists
from idweave_server.intake.reports import Report, ReportedEvent
from idweave_server.model import Flag, Outcome, Refusal
from idweave_server.operations.validate import validate
from idweave_server.resolution.policy import load_policy

POLICY = load_policy('[traits]\nvisits = { type = "integer" }\nrate = { type = "number" }\nvip = { type = "boolean" }')
TODAY, NOON = 20_240_501, 1_714_564_800


def test_it_shows_the_canonical_observation_and_what_was_set_aside() -> None:
    event = ReportedEvent("order", 12, 500_000_000, "EUR", (("product", "tea"), ("count", 2), ("weight", 0.5), ("gift", True)))
    identifiers = (("email", "", "Info@Acme.org"), ("customer_id", "", "12"), ("emial", "", "x@acme.org"), ("ip", "", "10.0.0.1"))
    traits = (("first_name", "Jo"), ("last_name", "Neal"), ("birth_date", "1985-03-04"), ("visits", "+7"), ("rate", 2), ("vip", "yes"))
    good = Report("1", "web", NOON, "login", identifiers, (*traits, ("visits", 8)), (event, ReportedEvent("")))
    bad = Report("2", "web", None, "LOGIN", (("email", "", "x@acme.org"),))
    one, other = validate(POLICY, default_lists(), [good, bad], today=TODAY)

    assert one.outcome == Outcome.ACCEPTED
    assert one.observation is not None
    read = one.observation
    assert (read.observation_id, read.source, read.time, read.kind) == ("1", "web", NOON, "LOGIN")
    named = {(known.namespace, known.issuer, known.value, Flag(known.flags), spelled) for known, spelled in read.identifiers}
    assert named == {
        ("email", "", "info@acme.org", Flag.ROLE, "Info@Acme.org"),
        ("customer_id", "web", "12", Flag.NONE, ""),
        ("ip", "", "10.0.0.1", Flag.PRIVATE, ""),
    }
    assert dict(read.traits) == {
        "first_name": "Jo",
        "last_name": "Neal",
        "birth_date": "1985-03-04",
        "visits": 7,
        "rate": 2.0,
        "vip": True,
    }
    assert read.events == (event,)
    assert [(issue.field, issue.reason) for issue in one.issues] == [
        ("events[1].type", Refusal.EVENT_SYNTAX),
        ("identifiers[2].namespace", Refusal.NAMESPACE_UNKNOWN),
        ("traits[6].name", Refusal.TRAIT_REPEATED),
    ]
    assert (other.outcome, other.observation) == (Outcome.REJECTED, None)
    assert [(issue.field, issue.reason) for issue in other.issues] == [("time", Refusal.TIME_MISSING)]


def test_validating_nothing_says_nothing() -> None:
    assert validate(POLICY, default_lists(), [], today=TODAY) == []
