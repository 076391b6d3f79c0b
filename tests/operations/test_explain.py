"""Why two identifiers are together or apart: every ground with the case that made it necessary."""

from __future__ import annotations

import pytest
from idweave_server.entries.columns import RetractionEntry
from idweave_server.errors import RequestError
from idweave_server.model import MAX_TIME, Apart, Shared, Verdict
from idweave_server.operations.explain import (
    LISTED,
    TRIES,
    ExplainQuestion,
    LinkEvidence,
    NobodysIdentifier,
    PathStep,
    SaidVerdict,
    Separated,
    Together,
    UnownedReason,
    explain,
)
from idweave_server.operations.grounds import in_a_row
from idweave_server.operations.steps import run

from tests.operations.living import Living, day, named

JO, KIM, COOKIE, PHONE = "email:jo@shop.de", "email:kim@shop.de", "cookie:c1", "phone:+14158475309"


def together(living: Living, left: str, right: str, as_of: float | None = None) -> Together:
    found = living.explain(left, right, as_of)
    assert isinstance(found, Together)
    return found


def apart(living: Living, left: str = JO, right: str = KIM, as_of: float | None = None) -> Separated:
    found = living.explain(left, right, as_of)
    assert isinstance(found, Separated)
    return found


def ends(step: PathStep) -> tuple[str, str]:
    return f"{step.left.namespace}:{step.left.value}", f"{step.right.namespace}:{step.right.value}"


def link(step: PathStep | None) -> LinkEvidence:
    assert step is not None
    assert isinstance(step.hold, LinkEvidence)
    return step.hold


def test_the_path_goes_from_left_to_right_and_names_its_weakest_link(living: Living) -> None:
    living.see(COOKIE, JO, at=1, kind="BROWSE", first_name="Jo")
    for at in (2, 4):
        living.see(JO, PHONE, at=at)
    found = together(living, PHONE, COOKIE)
    assert found.profile_id == living.profile_of(JO)
    assert [ends(step) for step in found.path] == [(PHONE, JO), (JO, COOKIE)]
    assert found.weakest == 1
    strong = link(found.path[0])
    assert (strong.evidence, strong.first, strong.last, strong.truncated) == (2, day(2), day(4), False)
    assert [seen.time for seen in strong.observations] == [day(2), day(4)]
    assert link(found.path[1]).strength < strong.strength


def test_of_much_evidence_the_earliest_is_listed_and_the_rest_is_owned_up_to(living: Living) -> None:
    for at in range(LISTED + 1):
        living.see(JO, PHONE, at=at)
    found = link(together(living, JO, PHONE).path[0])
    assert [seen.time for seen in found.observations] == [day(at) for at in range(LISTED)]
    assert (found.truncated, found.evidence) == (True, LISTED + 1)


def test_an_identifier_is_together_with_itself(living: Living) -> None:
    living.see(JO)
    found = together(living, JO, "email:JO@shop.de")
    assert (found.path, found.weakest) == ((), None)


def test_a_verdict_may_be_all_that_holds_them(living: Living) -> None:
    living.see(JO, at=1)
    living.see(KIM, at=1)
    living.say(Verdict.SAME, JO, KIM, at=2)
    found = together(living, JO, KIM)
    said = found.path[0].hold
    assert found.weakest is None
    assert isinstance(said, SaidVerdict)
    assert (said.verdict, said.time, said.source) == (Verdict.SAME, day(2), "desk")
    assert said.right is not None
    assert {said.left.value, said.right.value} == {"jo@shop.de", "kim@shop.de"}


def test_two_names_keep_two_people_apart_who_share_a_device(living: Living) -> None:
    for at in (1, 2):
        living.see(JO, COOKIE, at=at, first_name="Johanna")
    living.see(KIM, COOKIE, at=3, first_name="Kim")
    found = apart(living)
    assert (found.rule, found.grounds) == (Apart.NAMES, "first names: Johanna is not Kim")
    assert (found.left_profile_id, found.right_profile_id) == (living.profile_of(JO), living.profile_of(KIM))
    assert found.refused is not None
    assert ends(found.refused) == (COOKIE, KIM), "from the left one's side to the right one's"
    assert apart(living, KIM, JO).grounds == "first names: Kim is not Johanna"
    turned = apart(living, KIM, JO).refused
    assert turned is not None
    assert ends(turned) == (KIM, COOKIE)


def test_two_birth_dates_do(living: Living) -> None:
    for at in (1, 2):
        living.see(JO, COOKIE, at=at, birth_date="1985-03-04")
    living.see(KIM, COOKIE, at=3, birth_date="1992-11-30")
    found = apart(living)
    assert (found.rule, found.grounds) == (Apart.BIRTH_DATES, "birth dates: 1985-03-04 is not 1992-11-30")
    assert link(found.refused).evidence == 1


def test_two_values_of_which_a_person_has_one_do() -> None:
    living = Living("[namespaces.loyalty_id]\nunique = true")
    living.see("loyalty_id@shop:1", COOKIE, at=1)
    living.see("loyalty_id@shop:2", COOKIE, at=2, kind="WIFI")
    found = apart(living, "loyalty_id@shop:1", "loyalty_id@shop:2")
    assert found.rule == Apart.UNIQUE
    assert found.grounds == "one each: loyalty_id@shop:1 and loyalty_id@shop:2"
    living.close()


def test_a_verdict_does(living: Living) -> None:
    living.see(JO, KIM, at=1)
    living.say(Verdict.DIFFERENT, JO, KIM, at=2)
    found = apart(living)
    assert (found.rule, found.grounds) == (Apart.DIFFERENT, "verdict of desk on 2026-01-03: different people")
    assert found.verdict is not None
    assert found.verdict.verdict == Verdict.DIFFERENT
    assert link(found.refused).evidence == 1


def test_without_a_rule_there_is_what_they_share_or_nothing(living: Living) -> None:
    living.see(JO, "email:info@shop.de")
    living.see(KIM, "email:info@shop.de")
    living.see("email:lou@shop.de")
    assert (apart(living).rule, apart(living).grounds) == (Apart.NONE, "all they share is email:info@shop.de")
    found = apart(living, JO, "email:lou@shop.de")
    assert (found.rule, found.grounds, found.refused, found.verdict) == (Apart.NONE, "nothing was ever seen with both", None, None)


def test_a_number_that_changed_hands_is_explained_for_the_epoch_meant(living: Living) -> None:
    for at in (0, 1, 2):
        living.see(PHONE, JO, at=at, first_name="Johanna")
    for at in (100, 101, 102):
        living.see(PHONE, KIM, at=at, first_name="Kim")
    assert together(living, PHONE, KIM).profile_id == living.profile_of(KIM)
    assert together(living, PHONE, JO, as_of=1).profile_id == living.profile_of(JO)
    assert apart(living, PHONE, JO).left_profile_id == living.profile_of(KIM)
    assert apart(living).grounds == f"what both had, in turn, is {PHONE}"


def test_what_is_nobody_s_says_why(living: Living) -> None:
    living.see(JO, "email:info@shop.de", "ip:10.0.0.1")
    living.retract(living.see(KIM))
    living.say(Verdict.SAME, JO, "email:lou@shop.de")
    for identifier, reason in (
        ("email:info@shop.de", UnownedReason.SHARED),
        ("ip:10.0.0.1", UnownedReason.CONTEXT),
        ("ip:10.0.0.2", UnownedReason.CONTEXT),
        ("email:new@shop.de", UnownedReason.UNKNOWN),
        ("email:lou@shop.de", UnownedReason.UNKNOWN),
        (KIM, UnownedReason.STALE),
    ):
        shared = Shared.ROLE if reason == UnownedReason.SHARED else Shared.NONE
        expected = NobodysIdentifier((reason, UnownedReason.NONE), (shared, Shared.NONE))
        assert living.explain(identifier, JO) == expected, identifier
        assert living.explain(JO, identifier) == NobodysIdentifier(expected.reason[::-1], expected.shared[::-1])


def test_what_cannot_be_read_is_refused_by_its_side(living: Living) -> None:
    with pytest.raises(RequestError, match=r"right\.value"):
        living.explain(JO, "email:nobody")
    with pytest.raises(RequestError, match=r"left\.namespace"):
        living.explain("name+birth_date:kelly neal 1985-03-04", JO)
    with pytest.raises(RequestError, match="as_of"):
        run(explain(living.engine, living.identifiers, ExplainQuestion(named(JO), named(JO), MAX_TIME)))


def test_a_write_meanwhile_makes_it_look_again(living: Living) -> None:
    living.see(JO, PHONE)
    living.see(KIM)
    steps = explain(living.engine, living.identifiers, ExplainQuestion(named(JO), named(KIM)))
    resolved = next(steps)()
    living.see(JO, KIM, at=1)  # while the job ran
    resolved = steps.send(resolved)()
    with pytest.raises(StopIteration) as end:
        steps.send(resolved)
    assert isinstance(end.value.value, Together)


def test_a_writer_that_never_rests_cannot_keep_an_answer_away(living: Living) -> None:
    living.see(JO, PHONE)
    steps = explain(living.engine, living.identifiers, ExplainQuestion(named(JO), named(PHONE)))
    resolved = next(steps)()
    for at in range(TRIES - 1):
        living.see(KIM, at=at)
        resolved = steps.send(resolved)()
    living.see(KIM, at=TRIES)
    with pytest.raises(StopIteration) as end:
        steps.send(resolved)
    assert isinstance(end.value.value, Together)


def test_cookies_are_cut_short_in_words_and_lists_too() -> None:
    living = Living("[namespaces.cookie]\nunique = true")
    living.see(JO, "cookie:" + "a" * 30, at=1)
    living.see(JO, "cookie:" + "b" * 30, at=2, kind="WIFI")
    found = apart(living, "cookie:" + "a" * 30, "cookie:" + "b" * 30)
    assert found.grounds == f"one each: cookie:{'a' * 12}… and cookie:{'b' * 12}…"
    assert in_a_row(["a", "b"], 2) == "a and b"
    assert in_a_row(["a", "b"], 7) == "a, b and 5 more"
    assert in_a_row(["a"], 1) == "a"
    living.close()


def test_a_retraction_that_is_only_half_applied_leaves_what_it_took_stale(living: Living) -> None:
    living.see(JO, PHONE, at=1)
    engine = living.engine
    steps = engine.apply(RetractionEntry("shop", None), sequence=engine.sequence + 1, term=engine.term, at=engine.state_time)
    next(steps)  # taken back, but not published
    found = living.explain(JO, PHONE)
    assert isinstance(found, NobodysIdentifier)
    assert found.reason == (UnownedReason.STALE, UnownedReason.STALE)
