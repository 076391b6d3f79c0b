"""How a distributed run is divided among its workers: by files, but all that want a Neo4j go to one worker."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

ROOT = Path(__file__).parents[1]
WANTS_NEO4J = re.compile("neo4j_database|graph_database|own_database|graph_logs")
NEO4J = "neo4j"


class OneDatabase(LoadFileScheduling):  # type: ignore[misc]  # xdist says nothing of types
    """Tests with a Neo4j wait most of the time, and a database takes a minute of a core until it is warm: one worker has one, and all of
    these tests, while the others compute."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # they come as `put_in_order` leaves them

    def _split_scope(self, nodeid: str) -> str:
        return division_of(nodeid)


def put_in_order(items: list[pytest.Item]) -> None:
    """What takes long begins first: the tests with a Neo4j, then files of few tests, for those of many have quick ones."""
    sizes = Counter(division_of(item.nodeid) for item in items)
    items.sort(key=lambda item: 0 if (division := division_of(item.nodeid)) == NEO4J else sizes[division])


def division_of(nodeid: str) -> str:
    """What a worker takes as one."""
    file = nodeid.split("::", 1)[0]
    return NEO4J if _wants_neo4j(file) else file


@cache
def _wants_neo4j(file: str) -> bool:
    return bool(WANTS_NEO4J.search((ROOT / file).read_text("utf-8")))
