"""Sends transactions to a graph in threads of their own: while the database works on some, the next are made."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from idweave_server.projection.graph import Graph
from idweave_server.projection.schema import LANES
from idweave_server.projection.statements import Statement

Transactions = Sequence[Sequence[Statement]]
Stage = Sequence[Transactions]  # of each lane


class Sending:
    """One stage after the other, the lanes of a stage at once; nobody else may use the graph while anything is on its way."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._aside, self._beside = ThreadPoolExecutor(1, "graph"), ThreadPoolExecutor(len(LANES) - 1, "graph-lane")
        self._on_its_way: Future[None] | None = None

    def send(self, stages: Sequence[Stage]) -> None:
        """Begin with these once those before them are done. Raises the StoreError with which those ended: then these are not begun."""
        self.settle()
        self._on_its_way = self._aside.submit(self._run, stages)

    def settle(self) -> None:
        """Return when nothing is on its way. Raises the StoreError with which it ended."""
        last, self._on_its_way = self._on_its_way, None
        if last is not None:
            last.result()

    def _run(self, stages: Sequence[Stage]) -> None:
        for first, *rest in stages:
            others = [self._beside.submit(self._transact, transactions, lane) for lane, transactions in enumerate(rest, 1)]
            try:
                self._transact(first, 0)
            finally:
                wait(others)
            for other in others:
                other.result()

    def _transact(self, transactions: Transactions, lane: int) -> None:
        for statements in transactions:
            self._graph.transact(statements, lane)
