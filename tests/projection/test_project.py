"""A store's graph, kept from its log: whatever is written, erased, killed or claimed by another in between."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import neo4j
import pytest
from idweave_server.errors import DeposedError, NotFoundError, StoreError, StoreFormatError
from idweave_server.model import Verdict
from idweave_server.operations import project
from idweave_server.operations.assert_verdict import AssertRequest
from idweave_server.operations.erase import EraseRequest
from idweave_server.operations.project import Projecting, Told, open_graph, parted
from idweave_server.operations.retract import RetractRequest
from idweave_server.operations.store import Store
from idweave_server.operations.verify_graph import verify_graph
from idweave_server.projection import follower
from idweave_server.projection.graph import Graph, GraphAstrayError, GraphClaimedError
from idweave_server.projection.schema import LANES
from neo4j.exceptions import ServiceUnavailable

from tests.neo4j_database import Database
from tests.operations.world import NOW, World, ingest, report
from tests.projection.graphs import ask, credentials_of, held, opened

EMAIL, SECOND = ("email", "kelly.neal@gmail.com"), ("email", "k.neal@yahoo.com")
PHONE, COOKIE, IP = ("phone", "+14156222671"), ("cookie", "ab12cd34ef56ab78"), ("ip", "93.184.216.34")
NAMES = (("first_name", "Kelly"), ("last_name", "Neal"))


@contextmanager
def projecting(world: World, database: Database, **chosen: Any) -> Iterator[tuple[Projecting, Graph]]:
    """A projector of the world's store, which has not begun."""
    graph = open_graph(database.uri, credentials_of(database))
    try:
        with Store.read(world.url) as store:
            told: Callable[[Told], None] = chosen.pop("tell", lambda told: None)
            yield Projecting(store, graph, term=chosen.pop("term", 1), tell=told, **chosen), graph
    finally:
        graph.close()


def right(world: World, database: Database) -> bool:
    graph = open_graph(database.uri, credentials_of(database))
    try:
        found = verify_graph(world.url, graph)
        assert [str(one) for one in found.differences] == []
        return found.equal
    finally:
        graph.close()


def filled(world: World, store: Store) -> None:
    committer = world.committer(store)
    committer.perform(ingest(report(1, EMAIL, PHONE, traits=NAMES), report(2, PHONE, COOKIE, IP), report(3, SECOND), report(4)))
    committer.perform(AssertRequest(Verdict.SAME, ("email", "", EMAIL[1]), ("email", "", SECOND[1]), NOW - 900, "desk", "v1"))


def test_a_store_is_followed_through_whatever_is_written_to_it(tmp_path: Path, graph_database: Database) -> None:
    world = World(tmp_path)
    with world.open() as store:
        filled(world, store)
        committer = world.committer(store)
        with projecting(world, graph_database) as (kept, _):
            assert kept.begin().written["identifiers"][0] == 6
            assert right(world, graph_database)
            steps: list[Any] = [
                ingest(report(5, SECOND, COOKIE), report(6, ("email", "info@acme.com"), PHONE)),
                RetractRequest("shop", "o1"),
                AssertRequest(Verdict.DIFFERENT, ("email", "", EMAIL[1]), ("phone", "", PHONE[1]), NOW - 800, "desk", "v2"),
                ingest(report(7, EMAIL, PHONE)),
            ]
            for step in steps:
                committer.perform(step)
                kept.catch_up()
                assert right(world, graph_database), step
            assert ask(graph_database, "MATCH (p:Projection) RETURN p.seq AS n") == [{"n": store.engine.sequence}]


def test_what_is_erased_is_gone_from_the_graph(tmp_path: Path, graph_database: Database) -> None:
    world = World(tmp_path)
    with world.open() as store:
        filled(world, store)
        committer = world.committer(store)
        with projecting(world, graph_database) as (kept, _):
            kept.begin()
            assert all(word in _everything(graph_database) for word in ("kellyneal", "Kelly", "93.184"))
            committer.perform(ingest(report(5, EMAIL)))
            committer.perform(EraseRequest((("email", "", EMAIL[1]), ("cookie", "", COOKIE[1]))))
            committer.perform(ingest(report(6, SECOND)))
            kept.catch_up()  # all three at once: the log held them when they were read
            said = _everything(graph_database)
            assert not [word for word in ("kellyneal", "Kelly", "93.184", COOKIE[1]) if word in said]
            assert "erased" in said, "the ids of what was erased stay, as those of somebody who is gone"
            assert right(world, graph_database)


def _everything(database: Database) -> str:
    nodes = ask(database, "MATCH (x) RETURN properties(x) AS said")
    return json.dumps([nodes, ask(database, "MATCH ()-[r]->() RETURN properties(r) AS said")], default=str)


def test_an_erasure_is_taken_by_itself(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as store:
        filled(world, store)
        world.committer(store).perform(EraseRequest((("email", "", EMAIL[1]),)))
        world.committer(store).perform(ingest(report(6, SECOND), report(7)))
        kinds = [[entry.kind.name for entry in part] for part in parted(store.log.read(0, 99))]
    assert kinds == [["POLICY", "OBSERVATIONS", "VERDICTS"], ["ERASURE"], ["OBSERVATIONS"]]


def test_traits_stay_out_where_the_policy_says_so(tmp_path: Path, graph_database: Database) -> None:
    for name, policy in (("with", None), ("without", "[graph]\ntraits = false\n")):
        (tmp_path / name).mkdir()
        world = World(tmp_path / name, policy)
        with world.open() as store:
            filled(world, store)
            size = len(store.engine.state.profiles)
        with projecting(world, graph_database) as (kept, _):
            kept.begin(rebuild=True)
        profiles = ask(graph_database, "MATCH (p:Profile) WHERE p.size > 0 RETURN p.display_name AS name, p.trait_first_name AS trait")
        assert len(profiles) == size
        assert ({"name": "Kelly Neal", "trait": "Kelly"} in profiles) == (policy is None)
        assert ("Kelly" in _everything(graph_database)) == (policy is None)
        assert right(world, graph_database)


def test_killed_after_any_transaction_the_next_one_makes_it_right(
    tmp_path: Path, graph_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(Exception):
        pass

    monkeypatch.setattr(follower, "ROWS", 4)
    world, inner, done, last = World(tmp_path), Graph.transact, count(1), 0

    def transact(self: Graph, statements: Any, lane: int = 0) -> None:
        if next(done) == last:
            raise KilledError
        inner(self, statements, lane)

    with world.open() as store:
        filled(world, store)
    monkeypatch.setattr(Graph, "transact", transact)
    for lives in range(1, 99):
        done, last = count(1), lives
        with projecting(world, graph_database, term=lives) as (kept, _):
            try:
                kept.begin(rebuild=True)
                break
            except KilledError:
                last = 0
        with projecting(world, graph_database, term=100 + lives) as (kept, _):
            kept.begin()
        assert right(world, graph_database), lives
    assert lives > 5
    assert right(world, graph_database)


def test_an_interrupted_graph_is_not_taken_for_a_whole_one(tmp_path: Path, graph_database: Database) -> None:
    world = World(tmp_path)
    with world.open() as store:
        filled(world, store)
    graph = open_graph(graph_database.uri, credentials_of(graph_database))
    try:
        with pytest.raises(NotFoundError, match="idweave project"):
            verify_graph(world.url, graph)
        graph.prepare()
        graph.claim(5, store.store_id, rebuild=False)
        with pytest.raises(StoreError, match="interrupted"):
            verify_graph(world.url, graph)
    finally:
        graph.close()


def test_a_commit_of_unknown_outcome_is_not_done_twice(tmp_path: Path, graph_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "ROWS", 4)
    world, inner = World(tmp_path), Graph._locked
    lost = dict.fromkeys(range(len(LANES)), 0)

    def locked(self: Graph, work: Callable[[neo4j.Transaction], None], lane: int) -> None:
        """Every second time the connection breaks after the commit, every third time before it began."""
        lost[lane] += 1
        if lost[lane] % 3 == 0:
            raise ServiceUnavailable("broken")
        inner(self, work, lane)
        if lost[lane] % 2 == 0:
            raise ServiceUnavailable("broken")

    with world.open() as store:
        filled(world, store)
        with projecting(world, graph_database) as (kept, _):
            monkeypatch.setattr(Graph, "_locked", locked)
            kept.begin()
            others = [report(20 + n, ("email", f"other{n}@gmail.com"), ("phone", f"+1415622{n:04}")) for n in range(20)]
            world.committer(store).perform(ingest(report(9, COOKIE, ("email", "late@gmail.com")), *others))
            kept.catch_up()
    assert min(lost.values()) > 5
    assert right(world, graph_database)


def test_whoever_claimed_the_graph_last_writes_it(tmp_path: Path, graph_database: Database) -> None:
    world = World(tmp_path)
    with world.open() as store:
        filled(world, store)
        with projecting(world, graph_database, term=1) as (older, _), projecting(world, graph_database, term=2) as (younger, _):
            older.begin()
            younger.begin()
            world.committer(store).perform(ingest(report(9, COOKIE, ("email", "late@gmail.com"))))
            for _ in range(2):
                with pytest.raises(GraphClaimedError, match="another projector"):
                    older.catch_up()
            younger.catch_up()
            assert right(world, graph_database)


@pytest.mark.parametrize("lane", range(len(LANES)))
def test_whoever_claims_one_lane_claims_both(graph_database: Database, lane: int) -> None:
    with opened(graph_database, rebuild=True) as older:
        older.transact([], lane)
        with opened(graph_database) as younger:
            with pytest.raises(GraphClaimedError, match="another projector"):
                older.transact([], lane)
            younger.transact([], lane)


@pytest.mark.parametrize("released", [True, False], ids=["done", "died"])
def test_a_server_s_projector_waits_for_a_command_and_then_goes_on(
    tmp_path: Path, graph_database: Database, released: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project, "STANDSTILL", 4)
    world = World(tmp_path)
    told: list[Told] = []
    with world.open() as store:
        filled(world, store)
        mine = projecting(world, graph_database, term=1, writer=store.term, tell=told.append)
        with mine as (kept, _), projecting(world, graph_database, term=2) as (command, _):
            rounds = 0

            def go_on(seconds: float) -> bool:
                nonlocal rounds
                rounds += 1
                if rounds == 2:
                    command.begin(rebuild=True)
                    world.committer(store).perform(ingest(report(9, COOKIE, ("email", "late@gmail.com"))))
                if rounds == 5:
                    command.catch_up()
                    if released:
                        command.release()
                return rounds < 12

            kept.follow(go_on)
    assert [bool(one.error) for one in told][:3] == [False, True, False]
    assert ask(graph_database, "MATCH (p:Projection) RETURN p.term AS term") == [{"term": 1}]
    assert right(world, graph_database)


def test_it_ends_with_the_reign_of_its_writer(tmp_path: Path, graph_database: Database) -> None:
    world = World(tmp_path)
    with world.open() as store:
        filled(world, store)
        writer = store.term
    with projecting(world, graph_database, writer=writer) as (kept, _):
        kept.begin()
        with world.open() as store:
            world.committer(store).perform(ingest(report(9)))
        with pytest.raises(DeposedError, match="another server"):
            kept.catch_up()


def test_a_checkpoint_taken_away_by_hand_comes_back(tmp_path: Path, graph_database: Database) -> None:
    world = World(tmp_path)
    told: list[Told] = []
    with world.open() as store:
        filled(world, store)
        with projecting(world, graph_database, tell=told.append) as (kept, _):
            kept.begin()
            ask(graph_database, "MATCH (p:Projection) DELETE p")
            ask(graph_database, "MATCH (x:Phone) DETACH DELETE x")
            world.committer(store).perform(ingest(report(9, PHONE, ("email", "late@gmail.com"))))
            rounds = iter([True, True, False])
            kept.follow(lambda seconds: next(rounds))
    assert [bool(one.error) for one in told] == [False, True, False]
    assert right(world, graph_database)


def test_the_graph_of_another_store_is_not_overwritten(tmp_path: Path, graph_database: Database) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        with World(tmp_path / name).open() as store:
            filled(World(tmp_path / name), store)
    with projecting(World(tmp_path / "one"), graph_database) as (kept, _):
        kept.begin()
    before = held(graph_database)
    with projecting(World(tmp_path / "two"), graph_database) as (kept, _):
        with pytest.raises(StoreFormatError, match="another store"):
            kept.begin()
        assert held(graph_database) == before
        kept.begin(rebuild=True)
    assert right(World(tmp_path / "two"), graph_database)


def test_a_database_with_people_of_its_own_is_not_taken(tmp_path: Path, graph_database: Database) -> None:
    world = World(tmp_path)
    with world.open() as store:
        filled(world, store)
    ask(graph_database, "CREATE (:Profile {name: 'mine'})")
    with projecting(world, graph_database) as (kept, _), pytest.raises(StoreFormatError, match="--rebuild"):
        kept.begin()
    assert ask(graph_database, "MATCH (x:Profile) RETURN x.name AS name") == [{"name": "mine"}]


def test_a_row_that_somebody_made_meanwhile_is_no_dead_end(tmp_path: Path, graph_database: Database) -> None:
    world = World(tmp_path)
    with world.open() as store:
        filled(world, store)
        with projecting(world, graph_database) as (kept, _):
            kept.begin()
            ask(graph_database, "CREATE (:Identifier {key: 'email:late@gmail.com'})")
            world.committer(store).perform(ingest(report(9, PHONE, ("email", "late@gmail.com"))))
            with pytest.raises(GraphAstrayError):
                kept.catch_up()
            kept.catch_up()
    assert right(world, graph_database)
