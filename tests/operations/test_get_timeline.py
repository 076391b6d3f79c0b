"""What a person did, newest first, by the page."""

from __future__ import annotations

import pytest
from idweave_server.errors import NotFoundError, PageTokenError, TooLargeError
from idweave_server.intake.reports import ReportedEvent
from idweave_server.operations.get_profile import Subject
from idweave_server.operations.get_timeline import Timeline, TimelineQuestion
from idweave_server.operations.pages import KEPT_SECONDS, PageRequest

from tests.operations.living import Living, named

JO, KIM, COOKIE = "email:jo@shop.de", "email:kim@shop.de", "cookie:c1"


def ask(living: Living, identifier: str = JO, types: tuple[str, ...] = (), size: int = 0, token: str = "") -> Timeline:
    subject = Subject(identifier=named(identifier))
    return living.reader.get_timeline(TimelineQuestion(subject, frozenset(types), PageRequest(size, token)))


def ids(timeline: Timeline) -> list[str]:
    return [seen.observation_id for seen in timeline.observations]


def test_newest_first_with_all_that_was_said(living: Living) -> None:
    first = living.see("email:JO@shop.de", COOKIE, at=1, kind="BROWSE", first_name="Jo")
    order = ReportedEvent("order", 20, 500_000_000, "EUR", (("product", "tea"), ("pieces", 2)))
    second = living.see(JO, at=3, kind="ORDER", events=(order,))
    timeline = ask(living)
    assert (ids(timeline), timeline.total, timeline.token) == ([second, first], 2, "")
    assert timeline.profile_id == living.profile_of(JO)
    newest, oldest = timeline.observations
    assert (newest.kind, newest.events) == ("ORDER", (order,))
    assert ("first_name", "Jo") in oldest.traits
    assert {(known.value, observed) for known, observed in oldest.identifiers} == {("jo@shop.de", "JO@shop.de"), ("c1", "")}


def test_only_what_has_the_event_or_the_evidence_kind(living: Living) -> None:
    view = living.see(JO, at=1, kind="BROWSE", events=(ReportedEvent("page_view"),))
    order = living.see(JO, at=2, kind="ORDER", events=(ReportedEvent("order"), ReportedEvent("page_view")))
    login = living.see(JO, at=3)
    assert ids(ask(living, types=("page_view",))) == [order, view]
    assert ids(ask(living, types=("LOGIN", "order"))) == [login, order]
    assert ask(living, types=("nothing",)).total == 0


def test_all_pages_are_of_the_list_that_the_first_one_made(living: Living) -> None:
    seen = [living.see(JO, at=n) for n in range(5)]
    page = ask(living, size=2)
    first_revision = page.revision
    living.see(JO, at=9)
    got = ids(page)
    while page.token:
        page = ask(living, size=2, token=page.token)
        assert (page.total, page.revision) == (5, first_revision)
        got += ids(page)
    assert got == seen[::-1]
    assert ask(living).total == 6


def test_what_was_taken_back_or_erased_meanwhile_is_not_shown(living: Living) -> None:
    seen = [living.see(JO, COOKIE, at=n) for n in range(4)]
    other = living.see(JO, at=-1)
    page = ask(living, size=1)
    living.retract(seen[2])
    living.erase(COOKIE)
    assert ids(ask(living, size=10, token=page.token)) == [other]


def test_a_list_older_than_ten_minutes_is_asked_for_again(living: Living) -> None:
    for n in range(3):
        living.see(JO, at=n)
    page = ask(living, size=1)
    living.steady.now += KEPT_SECONDS
    with pytest.raises(PageTokenError, match="first page"):
        ask(living, size=1, token=page.token)


def test_a_token_is_for_one_person_and_filter(living: Living) -> None:
    for n in range(3):
        living.see(JO, at=n)
        living.see(KIM, at=n)
    page = ask(living, size=1)
    for other in ({"identifier": KIM}, {"types": ("LOGIN",)}):
        with pytest.raises(PageTokenError, match="another question"):
            ask(living, size=1, token=page.token, **other)


def test_a_retired_id_answers_with_its_survivor_s(living: Living) -> None:
    living.see(JO, at=0)
    living.see(KIM, at=1)
    kim = living.profile_of(KIM)
    living.see(JO, KIM, at=2)
    timeline = living.reader.get_timeline(TimelineQuestion(Subject(kim)))
    assert (timeline.total, timeline.profile_id) == (3, living.profile_of(JO))


def test_a_profile_that_is_gone_has_none(living: Living) -> None:
    seen = living.see(JO)
    jo = living.profile_of(JO)
    living.retract(seen)
    with pytest.raises(NotFoundError, match="retracted"):
        living.reader.get_timeline(TimelineQuestion(Subject(jo)))


def test_types_are_bounded(living: Living) -> None:
    with pytest.raises(TooLargeError, match="types"):
        ask(living, types=tuple(f"t{n}" for n in range(101)))
