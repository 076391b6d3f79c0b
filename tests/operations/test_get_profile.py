"""Profiles: what they show, and what becomes of their ids."""

from __future__ import annotations

import pytest
from idweave_server.errors import NotFoundError, RequestError
from idweave_server.intake.reports import ReportedEvent
from idweave_server.model import DAY, Verdict
from idweave_server.operations.get_profile import GoneReason, Profile, ProfileAnswer, ProfileOutcome, Subject

from tests.operations.living import Living, day, named

JO, KIM, COOKIE, PHONE = "email:jo@shop.de", "email:kim@shop.de", "cookie:c1", "phone:+14158475309"
NOBODY = "01890000-0000-7000-8000-000000000000"


def ask(living: Living, profile_id: str) -> ProfileAnswer:
    return living.reader.get_profile(Subject(profile_id))


def profile_of(living: Living, identifier: str) -> Profile:
    found = living.reader.get_profile(Subject(identifier=named(identifier))).profile
    assert found is not None
    return found


def test_a_profile_shows_its_identifiers_lasting_ones_first_with_their_latest_spelling(living: Living) -> None:
    living.see(COOKIE, "email:Jo@Shop.de", at=1)
    living.see("email:JO@shop.de", PHONE, at=5)
    shown = profile_of(living, JO)
    assert [f"{i.identifier.namespace}:{i.identifier.value}" for i in shown.identifiers] == [JO, PHONE, COOKIE]
    email = shown.identifiers[0]
    assert (email.observed, email.first_seen, email.last_seen, email.observations) == ("JO@shop.de", day(1), day(5), 2)
    assert (email.begin, email.end) == (None, None)
    assert (shown.first_seen, shown.last_seen, shown.observations) == (day(1), day(5), 2)


def test_a_profile_shows_the_winning_traits_by_name_with_source_and_time(living: Living) -> None:
    living.see(JO, at=1, city="Ulm", first_name="Jo")
    living.see(JO, at=2, city="Bonn", source="crm")
    shown = profile_of(living, JO)
    assert [(t.name, t.value, t.source, t.time) for t in shown.traits] == [
        ("city", "Bonn", "crm", day(2)),
        ("first_name", "Jo", "shop", day(1)),
    ]


def test_identifiers_formed_from_traits_are_not_shown(living: Living) -> None:
    living.see(JO, first_name="Kelly", last_name="Neal", birth_date="1985-03-04")
    assert [i.identifier.namespace for i in profile_of(living, JO).identifiers] == ["email"]


def test_the_link_that_a_profile_hangs_on_is_shown(living: Living) -> None:
    living.see(JO, PHONE)
    weakest = profile_of(living, JO).weakest_link
    assert weakest is not None
    assert {weakest.left.value, weakest.right.value} == {"jo@shop.de", "+14158475309"}
    assert weakest.strength == living.engine.policy.cost([k.name for k in living.engine.policy.kinds].index("LOGIN"), "shop")
    living.see(KIM)
    assert profile_of(living, KIM).weakest_link is None


def test_an_epoch_of_a_profile_has_its_bounds(living: Living) -> None:
    for at in (0, 1, 2):
        living.see(PHONE, JO, at=at, first_name="Johanna")
    for at in (100, 101, 102):
        living.see(PHONE, KIM, at=at, first_name="Kim")
    mine, other = (next(i for i in profile_of(living, who).identifiers if i.identifier.namespace == "phone") for who in (JO, KIM))
    assert (mine.begin, other.end) == (None, None)
    assert mine.end is not None
    assert mine.end == other.begin
    assert day(2) <= mine.end < day(100)
    assert (mine.observations, mine.last_seen, other.first_seen) == (3, day(2), day(100))


def test_a_merge_keeps_the_older_id_and_the_younger_redirects(living: Living) -> None:
    living.see(JO, at=0)
    living.see(KIM, at=1)
    jo, kim = living.profile_of(JO), living.profile_of(KIM)
    living.see(JO, KIM, at=2)
    answer = ask(living, kim)
    assert answer.outcome == ProfileOutcome.REDIRECTED
    assert answer.profile is not None
    assert (answer.profile.profile_id, answer.profile.merged_from) == (jo, (kim,))
    assert ask(living, jo).outcome == ProfileOutcome.FOUND


def test_a_split_gives_the_id_back(living: Living) -> None:
    living.see(JO, at=0)
    living.see(KIM, at=1)
    kim = living.profile_of(KIM)
    living.retract(living.see(JO, KIM, at=2))
    answer = ask(living, kim)
    assert answer.outcome == ProfileOutcome.FOUND
    assert answer.profile is not None
    assert answer.profile.profile_id == kim


def test_a_profile_whose_observations_were_retracted_is_gone(living: Living) -> None:
    seen = living.see(JO)
    jo = living.profile_of(JO)
    living.retract(seen)
    answer = ask(living, jo)
    assert (answer.outcome, answer.profile, answer.gone, answer.former_company) == (ProfileOutcome.GONE, None, GoneReason.RETRACTED, "")


def test_a_profile_whose_bearer_became_shared_is_gone_and_names_its_former_company(living: Living) -> None:
    living.see(JO, at=0)
    living.see(JO, PHONE, at=1)
    jo = living.profile_of(JO)
    living.say(Verdict.SHARED, JO, at=2)
    answer = ask(living, jo)
    assert (answer.outcome, answer.gone) == (ProfileOutcome.GONE, GoneReason.SHARED)
    assert answer.former_company == living.profile_of(PHONE)


def test_a_profile_that_was_erased_is_gone_and_names_nobody(living: Living) -> None:
    living.see(JO, PHONE, at=0)
    living.see(PHONE, at=1)
    jo = living.profile_of(JO)
    living.erase(JO)
    answer = ask(living, jo)
    assert (answer.outcome, answer.gone, answer.former_company) == (ProfileOutcome.GONE, GoneReason.ERASED, "")


def test_a_profile_whose_evidence_expired_is_gone() -> None:
    living = Living("[namespaces.cookie]\nttl_days = 30")
    living.see(COOKIE)
    cookie = living.profile_of(COOKIE)
    living.tick(40)
    assert (ask(living, cookie).outcome, ask(living, cookie).gone) == (ProfileOutcome.GONE, GoneReason.EXPIRED)
    living.close()


def test_an_id_in_capitals_is_the_same_id(living: Living) -> None:
    living.see(JO)
    assert ask(living, living.profile_of(JO).upper()).outcome == ProfileOutcome.FOUND


def test_an_id_that_was_never_given_out_is_not_found(living: Living) -> None:
    living.see(JO)
    with pytest.raises(NotFoundError):
        ask(living, NOBODY)


@pytest.mark.parametrize("text", ["", "jo", "x" * 36, NOBODY + "0", "é" * 36])
def test_what_is_no_id_is_refused_or_not_found(living: Living, text: str) -> None:
    with pytest.raises((RequestError, NotFoundError)):
        ask(living, text)


@pytest.mark.parametrize(
    ("identifier", "why"),
    [(KIM, "never observed"), ("email:info@shop.de", "single out"), ("ip:8.8.8.8", "context"), ("email:gone@shop.de", "counts any more")],
)
def test_an_identifier_of_nobody_s_is_not_found_and_not_shown(living: Living, identifier: str, why: str) -> None:
    living.see("email:info@shop.de")
    living.retract(living.see("email:gone@shop.de"))
    with pytest.raises(NotFoundError, match=why) as caught:
        profile_of(living, identifier)
    assert named(identifier)[2] not in str(caught.value)


def test_an_identifier_that_cannot_be_read_is_refused_by_its_field(living: Living) -> None:
    with pytest.raises(RequestError, match=r"identifier\.value"):
        profile_of(living, "email:nobody")


def test_what_was_built_is_kept_until_the_profile_changes(living: Living) -> None:
    living.see(JO, at=0, city="Ulm")
    before = profile_of(living, JO)
    living.see(KIM, at=0.5)
    assert profile_of(living, JO) is before
    living.see(JO, at=2, city="Bonn")
    assert [trait.value for trait in profile_of(living, JO).traits] == ["Bonn"]
    last = living.see(JO, at=3, city="Kiel")
    assert [trait.value for trait in profile_of(living, JO).traits] == ["Kiel"]
    living.retract(last)
    assert [trait.value for trait in profile_of(living, JO).traits] == ["Bonn"]


def test_after_forgetting_everything_is_built_again(living: Living) -> None:
    living.see(JO)
    before = profile_of(living, JO)
    living.reader.forget()
    assert profile_of(living, JO) is not before


def test_what_is_computed_changes_with_the_clock_alone(living: Living) -> None:
    """Days since, to the second; what is dated ahead, when its time comes; and never because somebody else was seen."""

    def shown() -> dict[str, object]:
        return {one.name: one.value for one in profile_of(living, JO).attributes}

    bought = ReportedEvent("order_placed", 10, 0, "EUR", (("order_id", "o1"),))
    living.see(JO, at=0, kind="ORDER", events=(bought,))
    living.see(JO, at=3, kind="LOGIN")
    assert (shown()["purchase_count"], shown()["days_since_last_purchase"]) == (1, 3)
    before = profile_of(living, JO)
    living.see(KIM, at=3.5)
    assert profile_of(living, JO) is before
    living.tick(4 - 1 / DAY)
    assert shown()["days_since_last_purchase"] == 3
    living.tick(4)
    assert shown()["days_since_last_purchase"] == 4
    assert "age" not in shown()


def test_tags_and_segments_are_shown_by_themselves(living: Living) -> None:
    tagged = ReportedEvent("tag_added", properties=(("tag", "vip"), ("milliseconds", 0)))
    living.see(JO, at=0, events=(tagged,))
    shown = profile_of(living, JO)
    assert (shown.tags, shown.segments) == (("vip",), ())
    assert "tags" not in {one.name for one in shown.attributes}
