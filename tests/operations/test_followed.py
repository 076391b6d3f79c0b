"""Watching a few profiles: by id and by identifier, through merges and splits, and before they are there."""

from __future__ import annotations

import asyncio

import numpy as np
from idweave_server.engine.changes import Changes, rows_of
from idweave_server.engine.profile_store import uuid_words
from idweave_server.model import ChangeKind, Verdict
from idweave_server.operations.followed import Followed
from idweave_server.operations.get_profile import Subject
from idweave_server.operations.identifier_reader import IdentifierReader

from tests.operations.living import TERM, Living, named
from tests.operations.watched import Watched, listen, settle

JO, BO, CY = "email:jo.march@gmail.com", "email:bo.fields@gmail.com", "email:cy.young@gmail.com"
NOBODY = "00000000-0000-4000-8000-000000000000"


def rows(*happened: tuple[ChangeKind, str, str]) -> np.ndarray:
    """One row for each (kind, profile, other)."""
    words = [[uuid_words(one) or (0, 0) for one in (profile, other)] for _, profile, other in happened]
    columns = {name: np.array([pair[at] for pair in words], np.uint64) for at, name in enumerate(("profile", "other"))}
    return rows_of(len(happened), kind=np.array([kind for kind, _, _ in happened]), cause=1, **columns)


def followed(living: Living, *subjects: str) -> Followed:
    reader = IdentifierReader(living.engine.policy, living.engine.lists, kept=0)
    given = [Subject(identifier=named(one)) if ":" in one else Subject(one) for one in subjects]
    return Followed(living.engine, reader, [(f"subjects[{place}]", one) for place, one in enumerate(given)])


def changed(*profiles: str) -> np.ndarray:
    return rows(*((ChangeKind.PROFILE_CHANGED, profile, "") for profile in profiles))


def test_an_id_and_an_identifier_name_one_profile(living: Living) -> None:
    living.see(JO)
    living.see(BO)
    jo, bo = living.profile_of(JO), living.profile_of(BO)
    for subject in (jo, JO, jo.upper()):
        assert followed(living, subject).of(changed(jo, bo, NOBODY)).tolist() == [True, False, False]
    assert followed(living, jo, BO).of(changed(jo, bo, NOBODY)).tolist() == [True, True, False]


def test_what_names_a_profile_as_the_other_one_is_about_it(living: Living) -> None:
    living.see(JO)
    jo = living.profile_of(JO)
    merged = rows((ChangeKind.PROFILE_MERGED, NOBODY, jo), (ChangeKind.PROFILE_MERGED, NOBODY, ""))
    assert followed(living, JO).of(merged).tolist() == [True, False]


def test_a_merge_is_followed_both_ways(living: Living) -> None:
    living.see(JO)
    living.see(BO)
    jo, bo = living.profile_of(JO), living.profile_of(BO)
    of_jo, of_bo = followed(living, jo), followed(living, bo)
    living.say(Verdict.SAME, JO, BO)
    survivor = living.profile_of(JO)
    retired = bo if survivor == jo else jo
    merge = rows((ChangeKind.PROFILE_MERGED, retired, survivor))
    assert of_jo.of(merge).tolist() == of_bo.of(merge).tolist() == [True]
    for one in (of_jo, of_bo, followed(living, retired), followed(living, survivor)):  # from now on, or asked anew
        assert one.of(changed(survivor, retired, NOBODY)).tolist() == [True, True, False]


def test_a_split_leaves_an_id_with_its_own_and_an_identifier_with_its_person(living: Living) -> None:
    living.see(JO, kind="LOGIN")
    living.see(BO)
    living.say(Verdict.SAME, JO, BO)
    whole = living.profile_of(JO)
    of_both = followed(living, JO, BO)
    living.say(Verdict.DIFFERENT, JO, BO, at=1, verdict_id="w")
    parts = {living.profile_of(JO), living.profile_of(BO)}
    assert len(parts) == 2
    (fresh,) = parts - {whole}
    assert of_both.of(rows((ChangeKind.PROFILE_SPLIT, fresh, whole))).tolist() == [True]
    assert of_both.of(changed(*sorted(parts))).tolist() == [True, True]


def test_who_is_not_there_yet_is_watched_from_the_first_sight_on(living: Living) -> None:
    living.see(JO)
    of_cy = followed(living, CY)
    assert of_cy.of(changed(living.profile_of(JO))).tolist() == [False]
    living.see(CY)
    cy = living.profile_of(CY)
    created = rows((ChangeKind.PROFILE_CREATED, cy, ""), (ChangeKind.PROFILE_CHANGED, living.profile_of(JO), ""))
    assert of_cy.of(created).tolist() == [True, False]


def test_what_was_watched_is_told_to_its_end(living: Living) -> None:
    living.see(JO)
    jo = living.profile_of(JO)
    of_jo = followed(living, JO)
    living.erase(JO)
    assert of_jo.of(rows((ChangeKind.PROFILE_ERASED, jo, ""))).tolist() == [True]


def test_words_that_agree_when_mixed_are_told_apart(living: Living) -> None:
    living.see(JO)
    high, low = uuid_words(living.profile_of(JO)) or (0, 0)
    other = low ^ 1
    twin = (high ^ ((low * 0x9E3779B97F4A7C15) ^ (other * 0x9E3779B97F4A7C15)) % 2**64, other)
    same = rows_of(1, kind=ChangeKind.PROFILE_CHANGED, profile=np.array([twin], np.uint64))
    assert followed(living, JO).of(same).tolist() == [False]


def test_a_watch_of_one_person_hears_of_nobody_else(living: Living) -> None:
    async def test() -> None:
        living.see(JO)
        living.see(BO)
        watched = Watched(living=living, began=living.engine.sequence)
        listener = await listen(watched, subjects=(("identifiers[0]", Subject(identifier=named(JO))),))

        def tell(*happened: tuple[ChangeKind, str, str]) -> None:
            watched.add(Changes.of(living.engine.sequence, TERM, living.engine.state_time, [rows(*happened)]))

        living.see(BO, at=1)
        tell((ChangeKind.PROFILE_CHANGED, living.profile_of(BO), ""))
        living.see(JO, at=1)
        tell((ChangeKind.PROFILE_CHANGED, living.profile_of(JO), ""))
        await settle()
        assert listener.seen() == [(living.engine.sequence, 0)]
        await listener.stop()

    asyncio.run(test())
