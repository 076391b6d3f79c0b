"""Whom identifiers belong to: each outcome with the case that made it necessary."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.engine.standings import usual_standing, usual_standings
from idweave_server.errors import RequestError, TooLargeError
from idweave_server.model import MAX_TIME, Flag, Refusal, Shared, Verdict
from idweave_server.operations import lookup
from idweave_server.operations.lookup import LookupAnswer, LookupOutcome, Query

from tests.operations.living import Living, day, named

JO, KIM, COOKIE, PHONE = "email:jo@shop.de", "email:kim@shop.de", "cookie:c1", "phone:+14158475309"


def outcomes(answer: LookupAnswer) -> list[LookupOutcome]:
    return [match.outcome for match in answer.matches]


def test_an_identifier_that_was_seen_belongs_to_a_profile(living: Living) -> None:
    living.see(JO, COOKIE)
    answer = living.look_up("email: JO@shop.DE ")
    assert (answer.outcome, answer.valid_until) == (LookupOutcome.FOUND, None)
    assert answer.profile_id == answer.matches[0].profile_id == living.profile_of(COOKIE)
    assert answer.matches[0].identifier.value == "jo@shop.de", "the canonical form"


def test_what_was_never_seen_is_unknown(living: Living) -> None:
    answer = living.look_up(JO)
    assert (answer.outcome, answer.profile_id, answer.slot) == (LookupOutcome.UNKNOWN, "", -1)


def test_what_only_a_verdict_names_was_never_seen(living: Living) -> None:
    living.see(JO)
    living.say(Verdict.SAME, JO, KIM)
    assert living.look_up(KIM).outcome == LookupOutcome.UNKNOWN


def test_what_is_shared_says_so_and_with_how_many_people(living: Living) -> None:
    for name, other in (("Anna", "a"), ("Boris", "b"), ("Chen", "c"), ("Dagmar", "d")):
        living.see(PHONE, f"email:{other}{other}x@shop.de", first_name=name)
    answer = living.look_up(PHONE)
    match = answer.matches[0]
    assert (answer.outcome, match.shared) == (LookupOutcome.SHARED, Shared.NAMES)
    assert match.people >= 3


def test_an_office_s_mailbox_is_shared_and_flagged(living: Living) -> None:
    living.see("email:info@shop.de", COOKIE)
    match = living.look_up("email:info@shop.de").matches[0]
    assert (match.outcome, match.shared, match.flags) == (LookupOutcome.SHARED, Shared.ROLE, Flag.ROLE)


def test_a_verdict_makes_an_identifier_shared_and_personal_again(living: Living) -> None:
    living.see(JO)
    living.say(Verdict.SHARED, JO, at=1, verdict_id="v1")
    assert living.look_up(JO).matches[0].shared == Shared.ASSERTED
    living.say(Verdict.PERSONAL, JO, at=2, verdict_id="v2")
    assert living.look_up(JO).outcome == LookupOutcome.FOUND


@pytest.mark.parametrize("seen", [True, False])
def test_an_address_of_the_net_is_context_seen_or_not(living: Living, seen: bool) -> None:
    if seen:
        living.see(JO, "ip:10.0.0.1")
    match = living.look_up("ip:10.0.0.1").matches[0]
    assert (match.outcome, match.flags) == (LookupOutcome.CONTEXT, Flag.PRIVATE)


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        ("email:nobody at all", "identifiers[0].value", Refusal.EMAIL_SYNTAX),
        ("customer_id:1234", "identifiers[0].issuer", Refusal.ISSUER_MISSING),
        ("fax:1234", "identifiers[0].namespace", Refusal.NAMESPACE_UNKNOWN),
        ("name+birth_date:kelly neal 1985-03-04", "identifiers[0].namespace", Refusal.NAMESPACE_UNKNOWN),
    ],
)
def test_what_cannot_be_read_says_where_and_why(living: Living, text: str, field: str, reason: Refusal) -> None:
    answer = living.look_up(text)
    issue = answer.matches[0].issue
    assert answer.outcome == LookupOutcome.INVALID
    assert issue is not None
    assert (issue.field, issue.reason) == (field, reason)
    assert issue.message


def test_derived_identifiers_answer_nothing_even_where_they_are_known(living: Living) -> None:
    living.see(JO, first_name="Kelly", last_name="Neal", birth_date="1985-03-04")
    assert living.look_up("name+birth_date:kelly neal 1985-03-04").outcome == LookupOutcome.INVALID


def test_what_was_retracted_is_stale(living: Living) -> None:
    living.retract(living.see(JO))
    assert living.look_up(JO).outcome == LookupOutcome.STALE


def test_what_was_erased_is_unknown(living: Living) -> None:
    living.see(JO)
    living.erase(JO)
    assert living.look_up(JO).outcome == LookupOutcome.UNKNOWN


def test_what_expires_says_until_when_it_holds_and_is_stale_then() -> None:
    living = Living("[namespaces.cookie]\nttl_days = 30")
    living.see(JO, COOKIE)
    answer = living.look_up(COOKIE)
    assert answer.valid_until is not None
    assert day(29) < answer.valid_until <= day(32)
    living.tick(40)
    assert living.look_up(COOKIE).outcome == LookupOutcome.STALE
    assert living.look_up(JO).outcome == LookupOutcome.FOUND
    living.close()


def test_identifiers_that_agree_are_found_together(living: Living) -> None:
    living.see(JO, COOKIE)
    answer = living.look_up(COOKIE, JO, "ip:10.0.0.1", "phone:+14158475300")
    assert answer.outcome == LookupOutcome.FOUND
    assert outcomes(answer) == [LookupOutcome.FOUND, LookupOutcome.FOUND, LookupOutcome.CONTEXT, LookupOutcome.UNKNOWN]


def test_identifiers_that_disagree_are_ambiguous_each_with_its_own(living: Living) -> None:
    living.see(JO, COOKIE)
    living.see(KIM)
    answer = living.look_up(COOKIE, KIM)
    assert (answer.outcome, answer.profile_id, answer.slot) == (LookupOutcome.AMBIGUOUS, "", -1)
    assert [match.profile_id for match in answer.matches] == [living.profile_of(COOKIE), living.profile_of(KIM)]


def test_where_nobody_is_found_the_most_telling_outcome_speaks(living: Living) -> None:
    living.see("email:info@shop.de")
    living.retract(living.see("email:gone@shop.de"))
    texts = ["email:info@shop.de", "email:gone@shop.de", "email:new@shop.de", "ip:8.8.8.8", "email:no"]
    telling = [LookupOutcome.SHARED, LookupOutcome.STALE, LookupOutcome.UNKNOWN, LookupOutcome.CONTEXT, LookupOutcome.INVALID]
    for first, outcome in enumerate(telling):
        assert living.look_up(*reversed(texts[first:])).outcome == outcome


def test_a_number_that_changed_hands_belongs_to_whoever_had_it_then(living: Living) -> None:
    for at in (0, 1, 2):
        living.see(PHONE, JO, at=at, first_name="Johanna")
    for at in (100, 101, 102):
        living.see(PHONE, KIM, at=at, first_name="Kim")
    jo, kim = living.profile_of(JO), living.profile_of(KIM)
    assert jo != kim
    assert living.profile_of(PHONE) == kim, "now"
    assert living.profile_of(PHONE, as_of=1) == jo
    assert living.profile_of(PHONE, as_of=-300) == jo, "the first epoch has no beginning"
    assert living.profile_of(PHONE, as_of=101) == kim


@pytest.mark.parametrize("as_of", [MAX_TIME, -(2**40)])
def test_a_time_out_of_range_is_refused(living: Living, as_of: int) -> None:
    with pytest.raises(RequestError, match="as_of"):
        living.reader.look_up(Query([named(JO)], as_of))


def test_none_and_too_many_identifiers_are_refused_by_the_name_of_the_field(living: Living) -> None:
    with pytest.raises(RequestError, match="identifiers: at least one"):
        living.look_up()
    with pytest.raises(TooLargeError, match="at most 16"):
        living.look_up(*[f"cookie:c{n}" for n in range(17)])


def all_of(living: Living, queries: list[Query]) -> list[LookupAnswer]:
    async def collected() -> list[LookupAnswer]:
        return [answer async for answers in living.reader.look_up_all(queries) for answer in answers]

    return asyncio.run(collected())


def shown(answer: LookupAnswer) -> object:
    return answer.outcome, answer.profile_id, answer.valid_until, answer.matches, answer.slot


def test_a_batch_answers_in_order_what_each_lookup_would(living: Living) -> None:
    for number in range(30):
        living.see(f"email:person{number}@shop.de", f"cookie:c{number}")
    texts = [f"email:Person{n % 40}@shop.de" for n in range(1500)]
    queries = [Query([named(text), named(f"cookie:c{n % 7}"), named("ip:8.8.8.8")]) for n, text in enumerate(texts)]
    answers = all_of(living, queries)
    assert len(answers) == len(queries)
    assert [shown(answer) for answer in answers] == [shown(living.reader.look_up(query)) for query in queries]


def test_a_bad_query_of_a_batch_leaves_its_neighbours_alone(living: Living) -> None:
    living.see(JO)
    good = Query([named(JO)])
    many = Query([named(f"cookie:c{n}") for n in range(17)])
    answers = all_of(living, [good, Query([]), many, Query([named(JO)], MAX_TIME), good])
    invalid = LookupOutcome.INVALID
    assert [answer.outcome for answer in answers] == [LookupOutcome.FOUND, invalid, invalid, invalid, LookupOutcome.FOUND]
    assert len(answers[2].matches) == 17
    reasons = [match.issue.reason for answer in answers[2:4] for match in answer.matches[:1] if match.issue]
    assert reasons == [Refusal.TOO_MANY_IDENTIFIERS, Refusal.TIME_RANGE]


def test_a_batch_has_bounds(living: Living, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "MAX_QUERIES", 2)
    with pytest.raises(RequestError, match="queries"):
        all_of(living, [])
    with pytest.raises(TooLargeError, match="more than 2"):
        all_of(living, [Query([named(JO)])] * 3)


def test_others_get_their_turn_between_the_slices_of_a_batch(living: Living) -> None:
    turns = []

    async def both() -> None:
        async def other() -> None:
            while True:
                turns.append("other")
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        async for answers in living.reader.look_up_all([Query([named(JO)])] * 1200):
            turns.extend([str(len(answers))])
        task.cancel()

    asyncio.run(both())
    assert turns == ["500", "other", "500", "other", "200", "other"]


def test_a_number_that_the_store_knows_is_found_by_any_spelling_with_its_flags(living: Living) -> None:
    living.see("phone:+1 800 847 3172", JO)
    for spelled in ("phone:+18008473172", "phone:+1 (800) 847-3172", "phone:+18008473172"):
        match = living.look_up(spelled).matches[0]
        assert match.identifier.value == "+18008473172"
        assert (match.outcome, match.shared, match.flags) == (LookupOutcome.SHARED, Shared.SERVICE, Flag.SERVICE)
    assert living.look_up("phone:+18008473173").matches[0].flags == Flag.SERVICE, "unknown, and a service number all the same"


def test_the_short_way_says_what_the_long_one_does(living: Living) -> None:
    for at, (name, other) in enumerate((("Anna", "aa"), ("Boris", "bb"), ("Chen", "cc"))):
        living.see("cookie:many", f"email:{other}x@shop.de", "email:info@shop.de", "ip:8.8.8.8", at=at, first_name=name)
        living.see(PHONE, f"email:{other}y@shop.de", at=100 * at, first_name="Kim" if at else "Johanna")
        living.see(PHONE, f"email:{other}y@shop.de", at=100 * at + 1, first_name="Kim" if at else "Johanna")
    living.retract(living.see("email:gone@shop.de"))
    living.say(Verdict.SAME, JO, KIM)
    engine, codes = living.engine, np.arange(len(living.engine.state.identifiers), dtype=np.int32)
    usual = [usual_standing(engine.state, code) for code in codes.tolist()]
    assert usual_standings(engine.state, np.append(codes, np.int32(-1))) == [*usual, None]
    assert len([one for one in usual if one is None]) >= 4, "split, retracted and never seen"
    for code, one in enumerate(usual):
        standing = engine.standing(code)
        if one is not None:
            assert one == (engine.identifier(code).flags, standing.shared, standing.slot)
            assert (standing.alive, standing.begin, standing.end) == (True, None, None)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["email", "phone", "cookie", "fax", "ip"]), st.sampled_from(["", "x"]), st.text()), max_size=18))
def test_no_request_makes_a_lookup_stumble(identifiers: list[tuple[str, str, str]]) -> None:
    try:
        answer = EMPTY.reader.look_up(Query(identifiers))
    except (RequestError, TooLargeError):
        assert not 1 <= len(identifiers) <= 16
    else:
        assert len(answer.matches) == len(identifiers)
        assert answer.outcome in (LookupOutcome.UNKNOWN, LookupOutcome.CONTEXT, LookupOutcome.INVALID)


EMPTY = Living()
