"""Graphs of small worlds: an engine that is followed, what the database then holds, and what it should hold."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from idweave_server.engine.applied import Publication, run
from idweave_server.engine.engine import Engine
from idweave_server.entries.columns import AnyEntry, ErasureEntry
from idweave_server.identifiers.lists import default_lists
from idweave_server.log.base import Credentials
from idweave_server.log.neo4j_url import parse_url
from idweave_server.projection.difference import Difference, differences
from idweave_server.projection.follower import Follower, Written
from idweave_server.projection.frame import together
from idweave_server.projection.graph import Graph
from idweave_server.projection.leaving import leaving
from idweave_server.resolution.policy import Policy
from idweave_server.segments.definition import Definition
from idweave_server.segments.expression import Expression

from tests.engine.living import KEY, Living
from tests.engine.test_replay import lines
from tests.neo4j_database import Database
from tests.resolution.worlds import World

STORE = "a store of tests"
Dump = tuple[list[Any], list[Any]]
_terms = itertools.count(1)


@contextmanager
def opened(database: Database, *, rebuild: bool = False, store: str = STORE) -> Iterator[Graph]:
    """A graph that was claimed."""
    graph = Graph(parse_url(database.uri), credentials_of(database))
    try:
        graph.prepare()
        graph.claim(next(_terms), store, rebuild=rebuild)
        if rebuild:
            graph.drop()
        yield graph
    finally:
        graph.close()


def credentials_of(database: Database) -> Credentials | None:
    return Credentials(database.user, database.password) if database.password else None


class Followed:
    """A living engine whose every publishing is written to a graph."""

    def __init__(self, policy: Policy, world: World, graph: Graph) -> None:
        self.graph, self.policy = graph, policy
        self.living = Living.begin(policy, world)
        self.follower = Follower(self.living.engine, graph)
        self.follower.reconcile()
        self._heard: list[Publication] = []
        self._looked: list[np.ndarray] = []
        self.living.engine.told, self.living.engine.memberships.looks = self._heard.append, self._looked.append

    def catch_up(self) -> Written:
        """To be called after one entry or several."""
        written = self.follower.take(together(self.living.engine, self._heard), self._looked)
        self._heard.clear()
        self._looked.clear()
        self.follower.settle()
        return written

    def erase(self, entry: ErasureEntry, at: int) -> None:
        self.follower.remember(leaving(self.living.engine, entry))
        self.living.put(entry, at)

    def replayed(self) -> Engine:
        """Another engine with the same log."""
        engine = Engine(self.policy, default_lists(), KEY)
        engine.replay(lines(self.living.log))
        return engine

    def lived_again(self) -> Engine:
        """One that took the log in entry by entry, and so knows since when everybody is in a segment."""
        engine = Engine(self.policy, default_lists(), KEY)
        for place, (entry, at) in enumerate(self.living.log):
            run(engine.apply(entry, sequence=place + 1, term=7, at=at))
        return engine


def put(followed: Followed, name: str, expression: Expression | None, at: int) -> None:
    """A definition, or a deletion where there is no expression."""
    memberships = followed.living.engine.memberships
    entry: AnyEntry = memberships.deleting(name)
    if expression is not None:
        entry = memberships.defining(Definition(name, 0, expression, description=f"as of {at}"))
    followed.living.put(entry, at)


def wrong(engine: Engine, graph: Graph) -> list[Difference]:
    """What the graph shows otherwise than an engine says."""
    return list(differences(Follower(engine, graph)))


def held(database: Database) -> Dump:
    """All nodes and relationships of the graph, without the checkpoint."""
    with database.driver() as driver:
        nodes = driver.execute_query("MATCH (x:Identifier|Profile|Segment) RETURN labels(x) AS labels, properties(x) AS said").records
        ties = driver.execute_query(
            "MATCH (a:Identifier|Profile)-[r]->(b) RETURN type(r) AS type, coalesce(a.key, a.profile_id) AS start, "
            "coalesce(b.key, b.profile_id, b.name) AS end, properties(r) AS said"
        ).records
    return (
        sorted((sorted(one["labels"]), sorted((k, str(v)) for k, v in one["said"].items())) for one in nodes),
        sorted((one["type"], one["start"], one["end"], sorted((k, str(v)) for k, v in one["said"].items())) for one in ties),
    )


def ask(database: Database, question: Any, **parameters: Any) -> list[Any]:
    with database.driver() as driver:
        return [record.data() for record in driver.execute_query(question, parameters).records]
