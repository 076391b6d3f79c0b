"""What needs a person's eye: each kind with a case, and the counts beside them."""

from __future__ import annotations

import pytest
from idweave_server.model import Outcome, Refusal, Shared, Verdict
from idweave_server.operations import list_issues
from idweave_server.operations.list_issues import IssueCount, IssueKind, IssuesPage, IssuesQuestion
from idweave_server.operations.pages import PageRequest
from idweave_server.operations.tally import RefusedObservation

from tests.operations.living import Living, day

JO, KIM, PHONE = "email:jo@shop.de", "email:kim@shop.de", "phone:+14158475309"


def ask(living: Living, *kinds: IssueKind, size: int = 0, token: str = "") -> IssuesPage:
    return living.reader.list_issues(IssuesQuestion(frozenset(kinds), PageRequest(size, token)))


def refuse(living: Living, outcome: Outcome, observation_id: str, at: float) -> None:
    said = (Refusal.CONTENT_CONFLICT if outcome == Outcome.CONFLICT else Refusal.TIME_MISSING, "", "do this")
    living.tally.keep([RefusedObservation(day(at), "shop", observation_id, outcome, "time", *said)])
    living.tally.outcomes[outcome] += 1


def test_a_store_without_troubles_lists_none(living: Living) -> None:
    living.see(JO)
    page = ask(living)
    assert (page.issues, page.token) == ((), "")
    assert page.counts == tuple(IssueCount(kind, 0, 0) for kind in IssueKind)


def test_values_set_aside_the_latest_first(living: Living) -> None:
    living.see(JO, "email:nobody", at=1, observation_id="a")
    living.see(JO, "phone:12", at=2, observation_id="b")
    page = ask(living, IssueKind.QUARANTINED)
    assert page.counts == (IssueCount(IssueKind.QUARANTINED, 2, 2),)
    newest = page.issues[0]
    assert (newest.observation_id, newest.source, newest.time) == ("b", "shop", day(2))
    assert newest.issue is not None
    assert (newest.issue.field, newest.issue.value) == ("identifiers[1].value", "12")
    assert newest.remedy
    assert page.issues[1].observation_id == "a"


def test_refused_observations_by_kind_the_latest_first(living: Living) -> None:
    refuse(living, Outcome.REJECTED, "a", 1)
    refuse(living, Outcome.CONFLICT, "b", 2)
    refuse(living, Outcome.REJECTED, "c", 3)
    page = ask(living, IssueKind.REJECTED, IssueKind.CONFLICT)
    assert [(issue.kind, issue.observation_id) for issue in page.issues] == [
        (IssueKind.CONFLICT, "b"),
        (IssueKind.REJECTED, "c"),
        (IssueKind.REJECTED, "a"),
    ]
    living.tally.outcomes[Outcome.REJECTED] += 5  # those that the memory no longer holds
    assert ask(living, IssueKind.REJECTED).counts == (IssueCount(IssueKind.REJECTED, 7, 2),)


def test_shared_identifiers_with_the_reason(living: Living) -> None:
    living.see(JO, "email:info@shop.de")
    page = ask(living, IssueKind.SHARED)
    assert page.counts == (IssueCount(IssueKind.SHARED, 1, 1),)
    issue = page.issues[0]
    assert issue.identifier is not None
    assert (issue.identifier.value, issue.shared) == ("info@shop.de", Shared.ROLE)
    assert "PERSONAL" in issue.remedy


def test_fragile_profiles_with_their_weakest_link(living: Living) -> None:
    living.see(JO, PHONE, kind="WIFI")
    living.see(KIM)
    page = ask(living, IssueKind.FRAGILE)
    issue = page.issues[0]
    assert (len(page.issues), issue.profile_id) == (1, living.profile_of(JO))
    assert issue.weakest_link is not None
    assert {issue.weakest_link.left.value, issue.weakest_link.right.value} == {"jo@shop.de", "+14158475309"}
    assert issue.identifier == issue.weakest_link.left


def test_verdicts_without_effect_with_what_to_do(living: Living) -> None:
    living.see(JO, KIM)
    living.see("email:info@shop.de")
    living.say(Verdict.DIFFERENT, JO, KIM, at=2, verdict_id="holds")
    living.say(Verdict.SAME, JO, KIM, at=1, verdict_id="overruled")
    living.say(Verdict.SAME, JO, "email:info@shop.de", at=3, verdict_id="asleep")
    living.say(Verdict.SAME, JO, "email:lou@shop.de", at=4, verdict_id="unseen")
    page = ask(living, IssueKind.VERDICT)
    assert [issue.observation_id for issue in page.issues] == ["unseen", "asleep", "overruled"]
    assert [issue.source for issue in page.issues] == ["desk"] * 3
    assert "PERSONAL" in page.issues[1].remedy


def test_pages_go_on_through_the_kinds(living: Living) -> None:
    living.see(JO, "email:nobody", PHONE, at=1, kind="WIFI")
    living.see(KIM, "email:info@shop.de", at=2)
    refuse(living, Outcome.REJECTED, "x", 3)
    whole = ask(living)
    assert {issue.kind for issue in whole.issues} == {IssueKind.QUARANTINED, IssueKind.REJECTED, IssueKind.SHARED, IssueKind.FRAGILE}
    page = ask(living, size=1)
    got = list(page.issues)
    while page.token:
        page = ask(living, size=1, token=page.token)
        assert page.counts == whole.counts
        got += page.issues
    assert [(issue.kind, issue.observation_id, issue.profile_id) for issue in got] == [
        (issue.kind, issue.observation_id, issue.profile_id) for issue in whole.issues
    ]


def test_what_has_gone_meanwhile_is_not_shown(living: Living) -> None:
    living.see(JO, "email:info@shop.de")
    for n in range(2):
        living.see(f"email:sales@shop{n}.de", f"cookie:c{n}")
    page = ask(living, IssueKind.SHARED, size=1)
    for n in range(2):
        living.say(Verdict.PERSONAL, f"email:sales@shop{n}.de", verdict_id=f"v{n}")
    assert ask(living, IssueKind.SHARED, size=10, token=page.token).issues == ()


def test_values_of_an_erased_or_retracted_observation_are_not_shown(living: Living) -> None:
    living.see(JO, "email:secret nobody", at=1)
    living.see(KIM, "email:other nobody", at=2)
    taken_back = living.see(KIM, "email:third nobody", at=3)
    living.erase(JO)
    living.retract(taken_back)
    shown = [issue.issue.value for issue in ask(living, IssueKind.QUARANTINED).issues if issue.issue]
    assert shown == ["other nobody"]


def test_more_than_can_be_listed_is_counted(living: Living, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_issues, "LISTED", 2)
    for at in range(3):
        living.see(JO, f"email:nobody{at}", at=at, observation_id=str(at))
    page = ask(living, IssueKind.QUARANTINED)
    assert page.counts == (IssueCount(IssueKind.QUARANTINED, 3, 2),)
    assert [issue.observation_id for issue in page.issues] == ["2", "1"]
