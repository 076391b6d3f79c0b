"""Memberships kept by the live engine equal an evaluation of everybody after every step, and what is told of them adds up to them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from idweave_server.engine.changes import Changes
from idweave_server.engine.engine import Engine
from idweave_server.engine.profile_store import uuid_text
from idweave_server.engine.snapshot import load, save
from idweave_server.intake.reports import ReportedEvent
from idweave_server.kernels.conditions import TRUE
from idweave_server.model import DAY, ChangeCause, ChangeKind
from idweave_server.operations.committer import Committer, Stamp
from idweave_server.operations.retract import RetractRequest
from idweave_server.operations.steps import Steps, run
from idweave_server.operations.store import Store
from idweave_server.segments.definition import Definition
from idweave_server.segments.expression import (
    All,
    EventTest,
    Expression,
    FieldTest,
    IdentityTest,
    Money,
    Not,
    Operator,
    Pattern,
    PropertyTest,
    Relation,
    SegmentTest,
    Sequence,
    Span,
    TimeTest,
    Window,
)

from tests.operations.world import World, ingest, report

LARGE = PropertyTest("amount", Operator.GREATER_OR_EQUAL, (Money("USD", 100_000_000),))
SEGMENTS: dict[str, Expression] = {
    "recent": EventTest(Pattern(("purchase",), (LARGE,)), Window(last=Span(seconds=90 * DAY))),
    "first_time": All(
        (FieldTest("purchase_count", Operator.EQUAL, (1,)), TimeTest("last_purchase_time", Relation.WITHIN, Span(seconds=DAY)))
    ),
    "lapsed": TimeTest("last_purchase_time", Relation.OLDER, Span(months=6)),
    "cart": Sequence(Pattern(("cart_added",)), Pattern(("purchase",)), Span(seconds=3600), Span(seconds=7 * DAY)),
    "reachable": All((IdentityTest("email"), SegmentTest("recent"))),
    "others": Not(SegmentTest("recent")),
}


class Define:
    """A definition put, or a deletion where there is no expression."""

    weight = 1

    def __init__(self, name: str, expression: Expression | None) -> None:
        self.name, self.expression = name, expression

    def steps(self, committer: Committer) -> Steps[None]:
        stamp: Stamp = yield from committer.begin()
        memberships = committer.store.engine.memberships
        entry = memberships.deleting(self.name)
        if self.expression is not None:
            entry = memberships.defining(Definition(self.name, 0, self.expression))
        yield from committer.commit(entry, stamp.at)


class Follower:
    """Who hears all that is told, and knows nothing else. there: the (profile id, segment) that hold, with their leases."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.there: dict[tuple[str, str], int] = {}
        self.seen: list[tuple[ChangeKind, str, str, ChangeCause, int]] = []
        self.rows: list[tuple[int, np.ndarray]] = []  # by entry
        engine.heard = self.hear

    def hear(self, changes: Changes) -> None:
        assert changes.sequence == self.engine.sequence
        self.rows.append((changes.sequence, changes.rows))
        for row in changes.rows:
            kind, cause = ChangeKind(int(row["kind"])), ChangeCause(int(row["cause"]))
            if kind not in (ChangeKind.SEGMENT_ENTERED, ChangeKind.SEGMENT_LEFT):
                continue
            key = uuid_text(*row["profile"].tolist()), self.engine.memberships.store.names[int(row["segment"])]
            assert (key in self.there) == (kind is ChangeKind.SEGMENT_LEFT), key
            if kind is ChangeKind.SEGMENT_ENTERED:
                self.there[key] = int(row["until"])
            else:
                del self.there[key]
            self.seen.append((kind, *key, cause, int(row["effective_at"])))

    def check(self) -> None:
        engine = self.engine
        listed = {
            (engine.profile_id(slot), name) for name in engine.memberships.definitions for slot in engine.memberships.members(name).tolist()
        }
        assert self.there.keys() == listed == looked_at(engine)


def looked_at(engine: Engine) -> set[tuple[str, str]]:
    """Everybody evaluated by everything, at the state's time."""
    memberships, slots = engine.memberships, engine.memberships.everybody()
    parts = run(memberships.evaluated(memberships.program(), slots, engine.state_time))
    truth = np.concatenate([part.truth for part in parts], axis=1) if parts else np.zeros((0, 0))
    names = memberships.program().names
    return {(engine.profile_id(int(slots[who])), names[which]) for which, who in np.argwhere(truth == TRUE).tolist()}


def event(kind: str, amount: int = 0, **properties: Any) -> ReportedEvent:
    return ReportedEvent(kind, amount, 0, "USD" if amount else "", tuple(properties.items()))


def person(store: Store, email: str) -> int:
    """The slot of whom an e-mail belongs to."""
    engine = store.engine
    for code in range(len(engine.state.identifiers)):
        known = engine.identifier(code)
        if known.value == email:
            return engine.standing(code).slot
    raise KeyError(email)


def put(world: World, committer: Committer) -> None:
    for name, expression in SEGMENTS.items():
        committer.perform(Define(name, expression))


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(n, marks=pytest.mark.slow) for n in range(6, 60))])
def test_memberships_are_what_an_evaluation_of_everybody_gives(seed: int, tmp_path: Path) -> None:
    world, r = World(tmp_path), random.Random(seed)
    with world.open() as store:
        committer, follower = world.committer(store), Follower(store.engine)
        defined = list(SEGMENTS.items())
        sent: list[str] = []
        half = tmp_path / "half"
        half.mkdir()
        for step in range(40):
            if step == 20:
                save(store.engine, half)
            world.pass_by(r.choice((0, 1, 3599, 3600, DAY, 7 * DAY, 90 * DAY)))
            what = r.random()
            if defined and what < 0.2:
                committer.perform(Define(*defined.pop(0)))
            elif sent and what < 0.3:
                committer.perform(RetractRequest(source="shop", observation_id=sent.pop(r.randrange(len(sent)))))
            else:
                committer.perform(ingest(drawn(r, step, int(world.now))))
                sent.append(f"o{step}")
            follower.check()
        world.pass_by(200 * DAY)
        committer.perform(ingest(report(999, time=int(world.now))))
        follower.check()
        live = looked_at(store.engine)
        snapshot = tmp_path / "snapshot"
        snapshot.mkdir()
        save(store.engine, snapshot)
        again = load(snapshot, store.engine.policy, store.lists, store.key)
        assert again is not None
        assert looked_at(again) == live == listed(again)
        assert again.due() == store.engine.due()
        known = since_of(store.engine)
        assert all(at > 0 for at in known.values())
        begun = load(half, store.engine.policy, store.lists, store.key)
        assert begun is not None
        first = begun.sequence
        begun.replay(store.log.read(first, 1_000), recalled=True)
        begun.recall_since(np.concatenate([rows for sequence, rows in follower.rows if sequence > first]))
        assert since_of(begun) == known, "a snapshot, and what was told after it"
    with world.open() as replayed:
        assert listed(replayed.engine) == live
        assert not any(since_of(replayed.engine).values()), "a replay by itself does not know"
        replayed.engine.recall_since(np.concatenate([rows for _, rows in follower.rows]))
        assert since_of(replayed.engine) == known


def since_of(engine: Engine) -> dict[tuple[str, str], int]:
    """Since when everybody is a member, by profile id and segment; 0 where that is not known."""
    found = engine.memberships
    return {
        (engine.profile_id(slot), name): found.standings(slot, [name])[0].since
        for name in found.definitions
        for slot in found.members(name).tolist()
    }


def members(store: Store, name: str) -> list[int]:
    return list(store.engine.memberships.members(name).tolist()) if name in store.engine.memberships.definitions else []


def listed(engine: Engine) -> set[tuple[str, str]]:
    found = engine.memberships
    return {(engine.profile_id(slot), name) for name in found.definitions for slot in found.members(name).tolist()}


def drawn(r: random.Random, number: int, now: int) -> Any:
    keys = [
        ("email", f"{r.choice('abc')}@example.org"),
        ("cookie", f"cookie.{r.randrange(4)}.123456"),
        ("loyalty_id", "club", r.choice("xyz") * 8),
    ]
    kinds = [
        event("order_placed", r.choice((20, 99, 100, 250)), order_id=f"n{number}"),
        event("cart_added"),
        event("order_cancelled", order_id=f"n{r.randrange(40)}"),
    ]
    return report(
        number,
        *r.sample(keys, r.choice((1, 1, 2))),
        time=now - r.choice((0, 0, 10, 89 * DAY, 400 * DAY)),
        events=tuple(r.sample(kinds, r.choice((0, 1, 2)))),
    )


def test_a_purchase_enters_and_the_clock_takes_it_away(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer, follower = world.committer(store), Follower(store.engine)
        put(world, committer)
        bought = int(world.now)
        jo = ("email", "jo@kranich-werft.de")
        committer.perform(ingest(report(1, jo, time=bought, events=(event("order_placed", 120),))))
        assert store.engine.memberships.standings(person(store, jo[1]), ["recent"])[0] == (TRUE, bought + 90 * DAY, bought)
        world.pass_by(10 * DAY)
        committer.perform(ingest(report(2, jo, time=int(world.now), events=(event("order_placed", 20),))))
        assert store.engine.memberships.standings(person(store, jo[1]), ["recent"])[0] == (TRUE, bought + 90 * DAY, bought)
        world.pass_by(1000 * DAY)
        committer.perform(ingest(report(3, ("email", "al@kranich-werft.de"))))
        left = [(name, cause, at) for kind, _, name, cause, at in follower.seen if kind is ChangeKind.SEGMENT_LEFT]
        assert left[:2] == [("first_time", ChangeCause.EVENT, bought + 10 * DAY), ("recent", ChangeCause.CLOCK, bought + 90 * DAY)] or left
        assert ("recent", ChangeCause.CLOCK, bought + 90 * DAY) in left
        follower.check()
