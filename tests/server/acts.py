"""What a client asks of a server in a load, with what it may be answered: the first time, and again where no answer came.

    told = await act.ask(client)           # raises IdweaveClientError where it is not acknowledged
    act.take(told, again=False)            # asserts that the answer is right, and notes what is true from now on

An act that got no answer is asked again after a restart and taken with `again=True`: it was done wholly before, or it is done now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from idweave import AssertionStanding, AsyncClient, IngestResult, NotFoundError, Observation, Outcome, word

from tests.server.people import LONG_AGO, Person

Name = tuple[str, str]  # of an observation: its source and its id
NEW = ("ACCEPTED", "UNLINKED")


def name_of(observation: Observation) -> Name:
    return observation.source.name, observation.observation_id


@dataclass
class Book:
    """What is known to be true of a server. known: the observations that count; taken: how often each was answered to be new; retracted,
    erased: what was; revisions: tokens that were handed out, with an address and the profile that it had then."""

    known: dict[Name, tuple[Observation, Person | None]] = field(default_factory=dict)
    taken: Counter[Name] = field(default_factory=Counter)
    retracted: list[Name] = field(default_factory=list)
    erased: dict[Name, Observation] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    revisions: list[tuple[str, Person]] = field(default_factory=list)

    def count(self, observation: Observation, person: Person | None, result: IngestResult) -> str:
        """Note what became of an observation that counts; the outcome in a word."""
        outcome, name = word(Outcome, result.outcome), name_of(observation)
        assert outcome in (*NEW, "DUPLICATE"), f"{name} is {outcome}: {result}"
        self.taken[name] += outcome in NEW
        assert self.taken[name] <= 1, f"{name} was taken in twice"
        self.known[name] = observation, person
        if person is None:
            assert not result.profile_id, f"{name} names nobody and belongs to {result.profile_id}"
        else:
            person.learn(result.profile_id)
            person.known[name] = observation
        return outcome

    def drop(self, name: Name) -> Observation:
        observation, person = self.known.pop(name)
        if person is not None:
            del person.known[name]
        return observation


class Act(Protocol):
    async def ask(self, client: AsyncClient) -> Any: ...

    def take(self, told: Any, *, again: bool) -> None: ...


@dataclass
class Report(Act):
    """Observations in one call. shared: other clients report the same ones; known: those that were acknowledged before it was made."""

    book: Book
    said: Sequence[tuple[Observation, Person | None]]
    shared: bool = False
    known: set[Name] = field(default_factory=set)

    async def ask(self, client: AsyncClient) -> Any:
        self.known = {name_of(observation) for observation, _ in self.said} & self.book.known.keys()
        if len(self.said) == 1:
            return await client.ingest(self.said[0][0])
        return await client.ingest_batch([observation for observation, _ in self.said])

    def take(self, told: Any, *, again: bool) -> None:
        results = [told.result] if len(self.said) == 1 else told.results
        outcomes = [self.book.count(*one, result) for one, result in zip(self.said, results, strict=True)]
        for (observation, _), outcome in zip(self.said, outcomes, strict=True):
            assert outcome == "DUPLICATE" or name_of(observation) not in self.known, f"{name_of(observation)} is new again"
        if not self.shared:
            assert "DUPLICATE" not in outcomes or (again and set(outcomes) == {"DUPLICATE"}), f"a call was done by half: {outcomes}"
        people = [person for _, person in self.said if person is not None]
        self.book.revisions += [(told.revision, person) for person in people[-1:]]


@dataclass
class Unite(Act):
    """Two people become one: by an observation that names both, or by a verdict. done, undone: whether it is known to be so."""

    book: Book
    left: Person
    right: Person
    verdict: str  # its id, empty where the bridge does it
    bridge: Observation
    done: bool = False
    undone: bool = False

    async def ask(self, client: AsyncClient) -> Any:
        if self.verdict:
            time = datetime.fromtimestamp(LONG_AGO, UTC)
            return await client.assert_same(self.left.anchor, self.right.anchor, source="desk", time=time, assertion_id=self.verdict)
        return await client.ingest(self.bridge)

    def take(self, told: Any, *, again: bool) -> None:
        if self.verdict:
            assert word(AssertionStanding, told.standing) == "HOLDS", told
            (profile,) = told.profile_ids
        else:
            profile = told.result.profile_id
        assert profile in (self.left.own, self.right.own)
        self.left.profile = self.right.profile = profile
        if not self.verdict:
            outcome = self.book.count(self.bridge, None if not profile else self.left, told.result)
            assert again or outcome == "ACCEPTED"
        self.done = True
        self.book.revisions += [(told.revision, self.left), (told.revision, self.right)]


@dataclass
class Part(Act):
    """What made two people one is taken back."""

    book: Book
    made: Unite

    async def ask(self, client: AsyncClient) -> Any:
        if self.made.verdict:
            return await client.withdraw(self.made.verdict)
        return await taken_back(client, self.made.bridge)

    def take(self, told: Any, *, again: bool) -> None:
        left, right = self.made.left, self.made.right
        left.profile, right.profile = left.own, right.own
        if self.made.verdict:
            assert word(AssertionStanding, told.standing) == "WITHDRAWN", told
            assert set(told.profile_ids) == {left.own, right.own}
        else:
            assert again or told is not None
            self.book.retracted.append(name_of(self.made.bridge))
            self.book.drop(name_of(self.made.bridge))
        self.made.undone = True
        if told is not None:
            self.book.revisions += [(told.revision, left), (told.revision, right)]


@dataclass
class Retract(Act):
    """One observation of somebody who has more."""

    book: Book
    name: Name
    person: Person

    async def ask(self, client: AsyncClient) -> Any:
        return await taken_back(client, self.book.known[self.name][0])

    def take(self, told: Any, *, again: bool) -> None:
        assert again or told is not None, f"{self.name} was acknowledged, and there is nothing to take back"
        assert told is None or told.observations == 1
        self.book.drop(self.name)
        self.book.retracted.append(self.name)
        if told is not None:
            self.book.revisions.append((told.revision, self.person))


@dataclass
class Erase(Act):
    """Forget somebody."""

    book: Book
    person: Person

    async def ask(self, client: AsyncClient) -> Any:
        return await client.erase(self.person.anchor)

    def take(self, told: Any, *, again: bool) -> None:
        assert again or told.observations >= len(self.person.known)
        self.book.people.remove(self.person)
        self.book.revisions = [(revision, person) for revision, person in self.book.revisions if person is not self.person]
        for name in list(self.person.known):
            self.book.erased[name] = self.book.drop(name)


async def taken_back(client: AsyncClient, observation: Observation) -> Any:
    """The answer to a retraction, None where there is nothing to retract."""
    try:
        return await client.retract(*name_of(observation))
    except NotFoundError:
        return None
