"""Four clients that load a server at once until it dies, each with people of its own, and all with some observations that are the same.

load = Load(seed=7)
await load.run(address, after=30, die=kill)                    # 30 acts are begun, then it dies; returns when nothing runs any more
...                                                            # start it again
await load.settle(client)                                      # ask again for what was not answered
await check(client, load)                                      # see checks.py
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from idweave import AsyncClient, CallCancelledError, Observation, StoreFailedError, UnavailableError

from tests.server.acts import Act, Book, Erase, Part, Report, Retract, Unite
from tests.server.people import LONG_AGO, Person, passer_by, seen

CLIENTS = 4
MOST_ACTS = 2_000  # of one client in one life of a server: one that has not died by then never will
SHARED = 24  # observations in a life that all clients report
LOST = (UnavailableError, CallCancelledError, StoreFailedError)  # what a client hears of a server that dies
Said = tuple[Observation, Person | None]


class Moment:
    """When the server dies: as soon as so many acts are begun, and up to 20 milliseconds later. over: nobody is to begin anything more."""

    def __init__(self, after: int, die: Callable[[], Awaitable[None]], chance: random.Random) -> None:
        self.come, self.over = False, False
        self._left, self._die, self._chance, self._reached = after, die, chance, asyncio.Event()

    def pass_by(self) -> None:
        self._left -= 1
        if self._left == 0:
            self._reached.set()

    async def death(self) -> None:
        await self._reached.wait()
        await asyncio.sleep(self._chance.random() * 0.02)
        self.come = True
        await self._die()
        await asyncio.sleep(self._chance.random() * 0.05)  # answers that were on their way may or may not be heard


@dataclass
class Load:
    """book: what is true; unsure: acts that got no answer; acknowledged: acts that got one; mine: the people of each client."""

    seed: int
    book: Book = field(default_factory=Book)
    unsure: list[Act] = field(default_factory=list)
    acknowledged: int = 0
    lives: int = 0
    mine: tuple[list[Person], ...] = field(default_factory=lambda: tuple([] for _ in range(CLIENTS)))
    _numbers: int = 0

    def number(self) -> int:
        self._numbers += 1
        return self._numbers

    async def run(self, address: str, *, after: int, die: Callable[[], Awaitable[None]]) -> None:
        """Load a server until it is dead. die: brings that about."""
        self.lives += 1
        chance = random.Random(f"{self.seed} {self.lives}")
        moment, same = Moment(after, die, chance), self._same(chance)
        clients = [AsyncClient(address) for _ in range(CLIENTS)]
        workers = [
            Worker(self, client, random.Random(chance.random()), mine, chance.sample(same, len(same)))
            for client, mine in zip(clients, self.mine, strict=True)
        ]
        tasks, death = [asyncio.ensure_future(worker.work(moment)) for worker in workers], asyncio.ensure_future(moment.death())
        await asyncio.wait([*tasks, death], return_when=asyncio.FIRST_COMPLETED)
        moment.over = True
        for client in clients:
            await client.close()  # or it would try again for seconds where nobody is
        heard = await asyncio.gather(*tasks)
        assert moment.come, f"the server was lost before it was to die: {heard}"
        await death

    async def settle(self, client: AsyncClient) -> None:
        """Ask again for what was not answered."""
        for act in self.unsure:
            act.take(await act.ask(client), again=True)
        self.unsure.clear()

    def person(self, *, named: bool = True) -> Person:
        person = Person(self.number(), named)
        self.book.people.append(person)
        return person

    def observation(self, chance: random.Random, *people: Person) -> Observation:
        number = self.number()
        name, time = f"o{number}", LONG_AGO + 60 * number
        return seen(name, *people, chance=chance, time=time) if people else passer_by(name, chance, time)

    def _same(self, chance: random.Random) -> list[Said]:
        people = [self.person() for _ in range(SHARED // 3)]
        return [(self.observation(chance, person), person) for person in chance.choices(people, k=SHARED)]


@dataclass
class Worker:
    """One client, which does one thing after another. same: what it has yet to report of that which all report."""

    load: Load
    client: AsyncClient
    chance: random.Random
    mine: list[Person]
    same: list[Said]
    pair: Unite | None = None

    async def work(self, moment: Moment) -> Exception | None:
        """What the client heard of the server's death."""
        for _ in range(MOST_ACTS):
            if moment.over:
                return None
            act = self.act()
            moment.pass_by()
            try:
                told = await act.ask(self.client)
            except LOST as error:
                self.load.unsure.append(act)
                return error
            act.take(told, again=False)
            self.load.acknowledged += 1
        raise AssertionError("the server lives on")

    def act(self) -> Act:
        """What to do next."""
        what = self.chance.random()
        if what < 0.15 and self.same:
            some, self.same = self.same[:6], self.same[6:]
            return Report(self.load.book, some, shared=True)
        if what < 0.30:
            return self._pair()
        many = [person for person in self.mine if len(person.known) > 1]
        if what < 0.38 and many:
            person = self.chance.choice(many)
            return Retract(self.load.book, self.chance.choice(sorted(person.known)), person)
        if what < 0.40 and many:
            person = self.chance.choice(many)
            self.mine.remove(person)
            return Erase(self.load.book, person)
        return Report(self.load.book, [self._said() for _ in range(1 if what < 0.65 else self.chance.randrange(2, 30))])

    def _said(self) -> Said:
        if self.chance.random() < 0.05:
            return self.load.observation(self.chance), None
        if not self.mine or self.chance.random() < 0.3:
            self.mine.append(self.load.person())
        person = self.chance.choice(self.mine[-20:])
        return self.load.observation(self.chance, person), person

    def _pair(self) -> Act:
        """Two people appear, then they are united, then half of them are parted again."""
        book, pair = self.load.book, self.pair
        if pair is None or not pair.left.own or pair.undone or (pair.done and self.chance.random() < 0.5):
            left, right = self.load.person(named=False), self.load.person(named=False)
            first = [(self.load.observation(self.chance, person), person) for person in (left, right)]
            bridge = self.load.observation(self.chance, left, right)
            self.pair = Unite(book, left, right, f"v{self.load.number()}" if self.chance.random() < 0.5 else "", bridge)
            return Report(book, first)
        return Part(book, pair) if pair.done else pair
