"""Segments in the graph: whatever happens, it shows who is in which since when and until when, and writes again what changed alone."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from idweave_server.engine.applied import run
from idweave_server.engine.cut_points import cut
from idweave_server.engine.engine import Engine
from idweave_server.entries.births import keyed
from idweave_server.entries.columns import ErasureEntry
from idweave_server.kernels.conditions import TRUE
from idweave_server.model import DAY, Verdict
from idweave_server.projection.follower import NONE, Follower
from idweave_server.resolution.policy import load_policy
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
    Span,
    TimeTest,
    Window,
)
from idweave_server.segments.subjects import FOREVER

from tests.engine.living import KEY, contents
from tests.engine.shop import FLEETING, POLICY, people, random_reports, report
from tests.neo4j_database import Database
from tests.projection.graphs import Followed, ask, held, opened, put, wrong
from tests.resolution.worlds import START, Said, World

LARGE = PropertyTest("amount", Operator.GREATER_OR_EQUAL, (Money("USD", 99_000_000),))
SEGMENTS: dict[str, Expression] = {
    "recent": EventTest(Pattern(("purchase",), (LARGE,)), Window(last=Span(seconds=20 * DAY))),
    "first_time": All(
        (FieldTest("purchase_count", Operator.EQUAL, (1,)), TimeTest("last_purchase_time", Relation.WITHIN, Span(seconds=DAY)))
    ),
    "quiet": TimeTest("last_seen", Relation.OLDER, Span(seconds=9 * DAY)),
    "reachable": All((IdentityTest("email"), SegmentTest("recent"))),
    "others": Not(SegmentTest("recent")),
    "best": FieldTest("rfm_monetary", Operator.GREATER_OR_EQUAL, (4,)),
}


@pytest.mark.parametrize("seeds", [(3,), pytest.param(tuple(range(50, 60)), marks=pytest.mark.slow)], ids=["one", "many"])
@pytest.mark.parametrize("text", [POLICY, FLEETING], ids=["lasting", "fleeting"])
def test_the_graph_follows_every_step(graph_database: Database, text: str, seeds: tuple[int, ...]) -> None:
    for seed in seeds:
        with opened(graph_database, rebuild=True) as graph:
            followed = _lived(Followed(load_policy(text), World(()), graph), graph_database, seed)
            shown = held(graph_database)
        with opened(graph_database, rebuild=True) as graph:
            assert held(graph_database) == ([], [])
            Follower(followed.lived_again(), graph).reconcile()
            assert held(graph_database) == shown


def _lived(followed: Followed, database: Database, seed: int) -> Followed:
    """Reports, verdicts, definitions and ticks in some order; retractions, deletions, somebody erased."""
    living, r = followed.living, random.Random(seed)
    who = people(1 + seed % 4)
    steps: list[Any] = [*random_reports(seed, count=24), *SEGMENTS.items()]
    r.shuffle(steps)
    steps += ["cut", "undo", "unite", "part", "delete", "undo", "erase", "put", "replace", "cut", *random_reports(seed + 1, count=4)]
    at, inside, sent = START + 20 * DAY, 0, list[Any]()
    for number, step in enumerate(steps):
        at += r.choice((0, 3600, DAY, 3 * DAY))
        if (due := living.engine.due()) is not None and due <= at:
            living.tick(at)
        if isinstance(step, tuple):
            name, expression = step
            if name in ("reachable", "others") and "recent" not in living.engine.memberships.definitions:
                put(followed, "recent", SEGMENTS["recent"], at)
            put(followed, name, expression, at)
        elif step == "undo":
            one = sent.pop(r.randrange(len(sent)))
            living.retract(one.source, one.observation_id, at)
        elif step in ("unite", "part"):
            kind = Verdict.SAME if step == "unite" else Verdict.DIFFERENT
            living.say((Said(f"v{number}", at, kind, who[0][0], who[-1][0] if len(who) > 1 else who[0][1]),), at)
        elif step == "delete":
            put(followed, "quiet", None, at)
        elif step == "put":
            put(followed, "quiet", SEGMENTS["quiet"], at)
        elif step == "replace":
            put(followed, "recent", EventTest(Pattern(("purchase",)), Window(last=Span(seconds=40 * DAY))), at)
        elif step == "cut":
            living.put(run(cut(living.engine.state, at)), at)
        elif step == "erase":
            hashed = keyed(contents([who[0][0], who[0][1]]), KEY)
            followed.erase(ErasureEntry(hashed, np.full(2, -(2**40)), np.full(2, at)), at)
        else:
            report(living, [step], at)
            sent.append(step)
        if r.random() < 0.4:
            due = living.engine.due()
            living.tick(r.choice((at + 600, max(due or 0, at))))
            at = max(at, living.engine.state_time)
        if r.random() < 0.6 or step == "erase":
            followed.catch_up()  # else several entries are written together
            assert shown_memberships(database) == right(living.engine), (seed, number)
            if r.random() < 0.3:
                # An erasure rewrites a store's log; this one is as it was, so that what came after has to be taken in after it.
                again = followed.lived_again() if "erase" in steps[: number + 1] else followed.replayed()
                assert [str(one) for one in wrong(again, followed.graph)] == [], (seed, number)
            inside += len(right(living.engine))
            assert len(followed.follower.take(*nothing(living.engine))) == 0
            followed.follower.settle()
    followed.catch_up()
    assert inside > 10
    return followed


def nothing(engine: Engine) -> tuple[Any, list[np.ndarray]]:
    """Everybody was looked at, and nothing came of it."""
    return NONE, [engine.memberships.everybody()]


Membership = tuple[str, str, int | None, int | None]


def right(engine: Engine) -> list[Membership]:
    """(profile id, segment, since, until) of everybody, evaluated one by one."""
    found = []
    for slot in engine.memberships.everybody().tolist():
        names = sorted(engine.memberships.definitions)
        for name, said in zip(names, engine.memberships.standings(slot, names), strict=True):
            until = said.until if name != "best" else _until_cut_anew(engine, slot)
            if said.truth == TRUE:
                found.append((engine.profile_id(slot), name, said.since or None, until if until < FOREVER else None))
    return sorted(found, key=str)


def _until_cut_anew(engine: Engine, slot: int) -> int:
    """The midnight after the last cut points, though the state's time may be later than that."""
    found = engine.memberships
    program = found.compiled([("best", SEGMENTS["best"])])
    [verdicts] = run(found.evaluated(program, np.array([slot], np.int32), engine.state_time))
    return min(int(verdicts.until[0, 0]), (engine.state.cut_at // DAY + 1) * DAY)


def shown_memberships(database: Database) -> list[Membership]:
    rows = ask(
        database,
        "MATCH (p:Profile)-[r:IN_SEGMENT]->(s:Segment) RETURN p.profile_id AS profile, s.name AS segment, "
        "r.since.epochSeconds AS since, r.until.epochSeconds AS until",
    )
    return sorted(((one["profile"], one["segment"], one["since"], one["until"]) for one in rows), key=str)
