"""What must be true of a server that was started again after its death: all that it had acknowledged, once, and nothing by half."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

from idweave import AsyncClient, LookupOutcome, NotFoundError, Outcome, word

from tests.server.acts import Book, Name, name_of
from tests.server.people import Person

RECENT, OLD = 40, 10  # how many of the last ones and of the others are looked at one by one
Item = TypeVar("Item")


async def check(client: AsyncClient, book: Book, chance: random.Random, *, whole: bool = False) -> None:
    """What takes a call for each is checked for the newest and for some of the others, or, if `whole`, for all."""

    def some(items: Sequence[Item]) -> Sequence[Item]:
        older, recent = items[:-RECENT], items[-RECENT:]
        return items if whole else [*chance.sample(older, min(OLD, len(older))), *recent]

    await observations_count_once(client, book)
    await people_have_their_profiles(client, book)
    await revisions_are_honoured(client, some(book.revisions))
    await timelines_tell_each_once(client, book, some(book.people))
    await retracted_ones_are_gone(client, some(book.retracted))
    await erased_ones_stay_away(client, book)


async def observations_count_once(client: AsyncClient, book: Book) -> None:
    """Sent again they are DUPLICATE, of the same profile; and there are none but those."""
    known = list(book.known.values())
    told = await client.ingest_batch([observation for observation, _ in known])
    for (observation, person), result in zip(known, told.results, strict=True):
        assert word(Outcome, result.outcome) == "DUPLICATE", f"{name_of(observation)} was acknowledged: {result}"
        assert result.profile_id == (person.profile if person else ""), f"{name_of(observation)} was of {person}: {result}"
    assert (await client.get_status()).counts.observations == len(known)


async def people_have_their_profiles(client: AsyncClient, book: Book) -> None:
    """All of them still have the very id that was acknowledged."""
    if book.people:
        told = await client.batch_lookup([person.anchor for person in book.people])
        for person, result in zip(book.people, told.results, strict=True):
            assert result.profile_id == person.profile, f"{person}: {result}"


async def revisions_are_honoured(client: AsyncClient, revisions: Sequence[tuple[str, Person]]) -> None:
    for revision, person in revisions:
        told = await client.lookup(person.anchor, consistency=revision)
        assert told.result.profile_id == person.profile, f"{person}: {told}"


async def timelines_tell_each_once(client: AsyncClient, book: Book, people: Sequence[Person]) -> None:
    of_profile: dict[str, list[Name]] = defaultdict(list)
    for person in book.people:
        of_profile[person.profile] += person.known
    for person in people:
        if person.known:
            pages = [page async for page in client.get_timeline(person.anchor, page_size=50)]
            told = [name_of(observation) for page in pages for observation in page.observations]
            assert sorted(told) == sorted(of_profile[person.profile]), person
            assert pages[0].total == len(told)


async def retracted_ones_are_gone(client: AsyncClient, names: Sequence[Name]) -> None:
    for name in names:
        try:
            told = await client.retract(*name, validate_only=True)
        except NotFoundError:
            continue
        raise AssertionError(f"{name} was retracted, and is there: {told}")


async def erased_ones_stay_away(client: AsyncClient, book: Book) -> None:
    erased = list(book.erased.values())
    if erased:
        told = await client.ingest_batch(erased)
        assert {word(Outcome, result.outcome) for result in told.results} == {"ERASED"}
        anchors = {one.value: one for observation in erased for one in observation.identifiers if one.namespace == "email"}
        found = await client.batch_lookup(list(anchors.values()))
        assert {word(LookupOutcome, result.outcome) for result in found.results} == {"UNKNOWN"}
