"""Segments in a store's graph: who is in which until when, through restarts, kills, snapshots, rebuilds and erasures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from idweave_server.model import DAY
from idweave_server.operations.committer import Committer
from idweave_server.operations.erase import EraseRequest
from idweave_server.operations.project import Projecting, Told, open_graph, opened_for
from idweave_server.operations.snapshot import task
from idweave_server.operations.store import Store
from idweave_server.operations.verify_graph import verify_graph
from idweave_server.projection import follower
from idweave_server.projection.graph import Graph
from idweave_server.segments.expression import EventTest, Pattern, Span, Window

from tests.engine.test_memberships import LARGE, Define, event
from tests.neo4j_database import Database
from tests.operations.world import NOW, World, ingest, report
from tests.projection.graphs import ask, credentials_of, held
from tests.projection.test_project import right

RECENT = EventTest(Pattern(("purchase",), (LARGE,)), Window(last=Span(seconds=90 * DAY)))
BUYERS = EventTest(Pattern(("purchase",)))
JO, AL, COOKIE = ("email", "jo@kranich-werft.de"), ("email", "al@kranich-werft.de"), ("cookie", "ab12cd34ef56ab78")
INSIDE = """
MATCH (p:Profile)-[r:IN_SEGMENT]->(s:Segment)
RETURN p.display_name AS who, s.name AS segment, r.since.epochSeconds AS since, r.until.epochSeconds AS until ORDER BY who, segment
"""


@contextmanager
def begun(world: World, database: Database, **chosen: Any) -> Iterator[tuple[Projecting, list[Told]]]:
    """A projector as `idweave project` makes it."""
    told: list[Told] = []
    graph = open_graph(database.uri, credentials_of(database))
    try:
        rebuild = chosen.pop("rebuild", False)
        read = partial(Store.read, world.url, snapshots=world.folder / "snapshots")
        with opened_for(graph, read, rebuild=rebuild) as store:
            kept = Projecting(store, graph, term=chosen.pop("term", 1), tell=told.append)
            kept.begin(rebuild=rebuild)
            told.clear()
            kept.catch_up()
            yield kept, told
    finally:
        graph.close()


def inside(database: Database) -> list[tuple[Any, ...]]:
    return [tuple(one.values()) for one in ask(database, INSIDE)]


def buy(world: World, committer: Committer, number: int, who: tuple[str, str], amount: int, *more: tuple[str, str]) -> int:
    """The moment of the purchase: now."""
    now = int(world.now)
    committer.perform(ingest(report(number, who, *more, time=now, events=(event("order_placed", amount),))))
    return now


def test_the_graph_says_who_is_in_a_segment_until_when(tmp_path: Path, graph_database: Database) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer = world.committer(store)
        bought = buy(world, committer, 1, JO, 120)
        with begun(world, graph_database) as (kept, told):
            assert inside(graph_database) == []
            world.pass_by(DAY)
            for name, expression in (("recent", RECENT), ("buyers", BUYERS)):
                committer.perform(Define(name, expression))
            kept.catch_up()
            jo = ("jo@kranich-werft.de", "recent")
            assert inside(graph_database) == [(JO[1], "buyers", NOW + DAY, None), (*jo, NOW + DAY, bought + 90 * DAY)]

            world.pass_by(DAY)
            again = buy(world, committer, 2, JO, 100)
            kept.catch_up()
            assert inside(graph_database)[1] == (*jo, NOW + DAY, again + 90 * DAY), "renewed, though nobody entered"

            told.clear()
            buy(world, committer, 3, JO, 20)
            kept.catch_up()
            assert [set(one.written) for one in told] == [{"identifiers", "profiles"}] or [set(one.written) for one in told] == [
                {"profiles"}
            ]

            world.pass_by(90 * DAY)
            other = buy(world, committer, 4, AL, 500)
            kept.catch_up()
            left = [(AL[1], "buyers", other, None), (AL[1], "recent", other, other + 90 * DAY), (JO[1], "buyers", NOW + DAY, None)]
            assert inside(graph_database) == left, "the clock has taken the membership away"

            committer.perform(ingest(report(5, JO, AL, time=int(world.now), kind="APP_LOGIN")))
            kept.catch_up()
            assert [row[1:] for row in inside(graph_database)] == [("buyers", NOW + DAY, None), ("recent", other, other + 90 * DAY)]

            committer.perform(Define("recent", None))
            kept.catch_up()
            assert [row[1] for row in inside(graph_database)] == ["buyers"]
            assert ask(graph_database, "MATCH (s:Segment) RETURN s.name AS name, s.version AS version") == [
                {"name": "buyers", "version": 1}
            ]
            assert right(world, graph_database)


def test_verify_counts_segments_and_memberships(tmp_path: Path, graph_database: Database) -> None:
    world, counted = World(tmp_path), []
    graph = open_graph(graph_database.uri, credentials_of(graph_database))
    try:
        with world.open() as store:
            committer = world.committer(store)
            buy(world, committer, 1, JO, 120)
            for name, expression in ((None, None), ("recent", RECENT)):
                if name is not None:
                    committer.perform(Define(name, expression))
                with begun(world, graph_database):
                    pass
                found = verify_graph(world.url, graph)
                assert found.equal
                counted.append((found.nodes, found.relationships))
        assert (counted[1][0] - counted[0][0], counted[1][1] - counted[0][1]) == (1, 1)
    finally:
        graph.close()


def snapshot(world: World, store: Store) -> None:
    """As a server's helper makes it: by a replay."""
    assert store.snapshots is not None
    request = {"url": world.url, "key": str(store.key_file), "credentials": None, "snapshots": str(store.snapshots.path)}
    made = task({**request, "until": store.engine.sequence, "milliseconds": world.milliseconds()})
    store.snapshots.publish(Path(made["aside"]))


def eventful(world: World, database: Database) -> None:
    """Projectors come and go, snapshots are made, and meanwhile somebody leaves and enters again."""
    with world.open(snapshots=world.folder / "snapshots") as store:
        committer = world.committer(store)
        committer.perform(Define("recent", RECENT))
        committer.perform(Define("buyers", BUYERS))
        buy(world, committer, 1, JO, 120)
        with begun(world, database):
            pass
        world.pass_by(10 * DAY)
        buy(world, committer, 2, AL, 120)
        with begun(world, database):
            pass
        snapshot(world, store)
        world.pass_by(85 * DAY)
        committer.perform(ingest(report(3, COOKIE, time=int(world.now))))  # the clock takes Jo out
        buy(world, committer, 4, JO, 300)
        world.pass_by(DAY)
        snapshot(world, store)  # beyond what the graph shows
        committer.perform(ingest(report(5, COOKIE, time=int(world.now))))


def expected() -> list[tuple[Any, ...]]:
    back = NOW + 95 * DAY
    return [
        (AL[1], "buyers", NOW + 10 * DAY, None),
        (AL[1], "recent", NOW + 10 * DAY, NOW + 100 * DAY),
        (JO[1], "buyers", NOW, None),
        (JO[1], "recent", back, back + 90 * DAY),
    ]


def test_since_when_outlives_restarts_and_snapshots_and_is_the_same_in_a_rebuild(tmp_path: Path, graph_database: Database) -> None:
    world = World(tmp_path)
    eventful(world, graph_database)
    with begun(world, graph_database):
        assert inside(graph_database) == expected()
    shown = held(graph_database)
    with begun(world, graph_database):  # from the newest snapshot and what the graph says
        assert held(graph_database) == shown
    with begun(world, graph_database, rebuild=True):
        assert held(graph_database) == shown
    assert right(world, graph_database)


def test_killed_after_any_transaction_the_next_one_makes_it_right(
    tmp_path: Path, graph_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(Exception):
        pass

    monkeypatch.setattr(follower, "ROWS", 2)
    inner, done, last = Graph.transact, count(1), 0

    def transact(self: Graph, statements: Any, lane: int = 0) -> None:
        if next(done) == last:
            raise KilledError
        inner(self, statements, lane)

    monkeypatch.setattr(Graph, "transact", transact)
    lives = {False: 0, True: 0}
    for rebuild in lives:
        for life in range(1, 99):
            folder = tmp_path / f"{rebuild}{life}"
            folder.mkdir()
            ask(graph_database, "MATCH (x) DETACH DELETE x")
            world, last = World(folder), 0
            eventful(world, graph_database)
            done, last, lives[rebuild] = count(1), life, life
            try:
                with begun(world, graph_database, rebuild=rebuild, term=7):
                    break
            except KilledError:
                last = 0
            with begun(world, graph_database, term=8):
                assert inside(graph_database) == expected(), (rebuild, life)
        assert lives[rebuild] > 3, lives


def test_what_is_erased_leaves_its_segments(tmp_path: Path, graph_database: Database) -> None:
    world = World(tmp_path)
    with world.open() as store:
        committer = world.committer(store)
        committer.perform(Define("recent", RECENT))
        buy(world, committer, 1, JO, 120, COOKIE)
        buy(world, committer, 2, AL, 120)
        with begun(world, graph_database) as (kept, _):
            assert [row[0] for row in inside(graph_database)] == [AL[1], JO[1]]
            committer.perform(EraseRequest((("email", "", JO[1]),)))
            kept.catch_up()
            assert [row[0] for row in inside(graph_database)] == [AL[1]]
            assert ask(graph_database, "MATCH (p:Retired)-[r]->() RETURN count(r) AS n") == [{"n": 0}]
    assert right(world, graph_database)


def test_many_looked_at_are_written_in_parts(tmp_path: Path, graph_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "CHUNK", 3)
    world = World(tmp_path)
    with world.open() as store:
        committer = world.committer(store)
        for number in range(10):
            buy(world, committer, number, ("email", f"person{number}@kranich-werft.de"), 120)
        with begun(world, graph_database) as (kept, _):
            committer.perform(Define("recent", RECENT))
            kept.catch_up()
            assert len(inside(graph_database)) == 10
            assert right(world, graph_database)
            committer.perform(Define("recent", None))
            kept.catch_up()
            assert inside(graph_database) == []
            assert ask(graph_database, "MATCH (s:Segment) RETURN count(s) AS n") == [{"n": 0}]
            assert right(world, graph_database)
