"""Observations of requests as reports."""

from __future__ import annotations

from idweave.v1.observation_pb2 import Observation
from idweave_server.intake.reports import Report, ReportedEvent
from idweave_server.rpc.reported import report_of, reports_of


def test_everything_that_was_stated_is_carried_over_unread() -> None:
    observation = Observation(observation_id="1", evidence_kind="LOGIN")
    observation.source.name = "web"
    observation.time.seconds, observation.time.nanos = -5, 999
    observation.identifiers.add(namespace="email", value=" Jo@Example.org ")
    observation.identifiers.add(namespace="customer_id", issuer="shop", value="12")
    observation.traits.add(name="first_name", text="Jo")
    observation.traits.add(name="age", integer=0)
    observation.traits.add(name="score", number=0.5)
    observation.traits.add(name="vip", boolean=False)
    observation.traits.add(name="nothing")
    event = observation.events.add(type="order")
    event.amount.currency, event.amount.units, event.amount.nanos = "EUR", 12, 5
    event.properties.add(name="gift", boolean=True)
    observation.events.add(type="visit")
    assert report_of(observation) == Report(
        "1",
        "web",
        -5,
        "LOGIN",
        (("email", "", " Jo@Example.org "), ("customer_id", "shop", "12")),
        (("first_name", "Jo"), ("age", 0), ("score", 0.5), ("vip", False), ("nothing", "")),
        (ReportedEvent("order", 12, 5, "EUR", (("gift", True),)), ReportedEvent("visit")),
    )


def test_what_is_not_stated_is_empty_and_a_time_of_zero_is_a_time() -> None:
    timed = Observation()
    timed.time.SetInParent()
    assert reports_of([Observation(), timed]) == [Report("", "", None, "", ()), Report("", "", 0, "", ())]
