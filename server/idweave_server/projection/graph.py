"""The database that holds the graph: constraints, the checkpoint, and transactions that are safe to try again.

Every transaction locks the checkpoint (:Projection) first, and ends where another projector has claimed it. It carries a number that goes
up; one whose outcome is unknown is tried again under that lock, and finds its number there if it had been committed. Two may be at work at
once, in a lane each: the second locks a node of its own, (:ProjectionLane), with a number of its own. Whoever claims the one claims both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import neo4j
from neo4j.exceptions import DriverError, Neo4jError

from idweave_server.errors import StoreError, StoreFormatError
from idweave_server.log.base import Credentials
from idweave_server.log.neo4j_driver import Neo4jDatabase
from idweave_server.log.neo4j_url import Neo4jUrl
from idweave_server.projection.schema import CONSTRAINTS, LANES, NAME
from idweave_server.projection.statements import ROWS, Statement

FORM = 1  # of the graph
SECONDS = 120.0  # that the database gives one transaction
_LOCK = "MATCH (p:{label} {{name: $name}}) SET p.guard = true RETURN p.term AS term, p.part AS part"
_COUNT = "MATCH (p:{label} {{name: $name}}) SET p.part = $part"
_ABOUT = """
OPTIONAL MATCH (p:Projection {name: $name})
RETURN p.term AS term, p.seq AS seq, p.part AS part, p.store_id AS store_id, p.whole AS whole
"""
_CLAIM = """
MERGE (p:Projection {name: $name})
SET p.guard = true, p.term = $term, p.part = 0, p.store_id = $store_id, p.form = $form, p.whole = false
MERGE (l:ProjectionLane {name: $name})
SET l.guard = true, l.term = $term, l.part = 0
"""
_OTHERS = "MATCH (x:Identifier|Profile|Segment) WITH x LIMIT 1 RETURN count(x) AS n"


class GraphAstrayError(StoreError):
    """Somebody changed the graph under the projector's hands: it has to be read and compared again."""


class GraphClaimedError(StoreError):
    """Another projector writes the graph now."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Which entries of which store the graph shows. whole: False while it shows no state, as when it is being built; term: of the
    projector that writes it, 0 for none; part: of the last transaction of the first lane: two readings that find it whole, with the same
    term and part, saw the same graph."""

    term: int
    sequence: int
    part: int
    store_id: str
    whole: bool


class Graph(Neo4jDatabase):
    """One graph in one database."""

    def __init__(self, url: Neo4jUrl, credentials: Credentials | None) -> None:
        super().__init__(url, credentials)
        self.term, self._parts = 0, [0] * len(LANES)

    def prepare(self) -> None:
        """Check the server, and make the constraints where they are missing. Raises StoreError."""
        self.check_version()
        for name, label, key in CONSTRAINTS:
            self.put(f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (x:{label}) REQUIRE x.{key} IS UNIQUE")
        self.put("CALL db.awaitIndexes(300)")

    def checkpoint(self) -> Checkpoint | None:
        """None where nothing was ever projected. Raises StoreError."""
        found = self.put(_ABOUT, name=NAME)[0]
        if found["term"] is None:
            return None
        return Checkpoint(found["term"], found["seq"] or 0, found["part"] or 0, found["store_id"] or "", bool(found["whole"]))

    def claim(self, term: int, store_id: str, *, rebuild: bool) -> None:
        """Become the one who writes the graph. Raises StoreFormatError where it shows another store, or was not made by a projector."""
        found = self.checkpoint()
        if not rebuild:
            if found is not None and found.store_id != store_id:
                raise StoreFormatError(
                    f"{self.url} shows the graph of another store: name another database, or let --rebuild take its graph away"
                )
            if found is None and self.put(_OTHERS)[0]["n"]:
                raise StoreFormatError(
                    f"{self.url} holds nodes called Identifier, Profile or Segment that are not of this store: name another database, or "
                    "let --rebuild take them away"
                )
        self._begin(term, store_id)

    def resume(self, store_id: str) -> None:
        """Become that again after the checkpoint was lost. Raises GraphClaimedError where another projector has the graph."""
        found = self.checkpoint()
        if found is not None and found.term != self.term:
            raise self._claimed()
        self._begin(self.term, store_id)

    def release(self) -> None:
        """Stop being the one who writes the graph; nothing happens where somebody else is. Raises StoreError."""
        self.put("MATCH (p:Projection {name: $name}) WHERE p.term = $term SET p.guard = true, p.term = 0", name=NAME, term=self.term)

    def _begin(self, term: int, store_id: str) -> None:
        self.put(_CLAIM, name=NAME, term=term, store_id=store_id, form=FORM)
        self.term, self._parts = term, [0] * len(LANES)

    def put(self, text: str, /, **parameters: Any) -> list[neo4j.Record]:
        """The answer to a question that may be asked twice. Raises StoreError."""
        return self.ask(text, SECONDS, **parameters)

    def transact(self, statements: Sequence[Statement], lane: int = 0) -> None:
        """All of them or none, in one transaction; done when it returns. lane: by which it goes, one transaction at a time; what goes by
        two at once does so while the graph is not whole. Raises StoreError; GraphClaimedError, GraphAstrayError."""

        def work(transaction: neo4j.Transaction) -> None:
            for statement in statements:
                found = _answer(transaction, statement.text, statement.parameters)
                if statement.expected is not None and found != statement.expected:
                    raise self._astray()

        self._safely(work, lane)

    def translated(self, error: Exception) -> StoreError:
        code = getattr(error, "code", None) or ""
        if "ConstraintValidationFailed" in code:
            return self._astray()
        if "ConstraintCreationFailed" in code:
            return StoreFormatError(
                f"{self.url} holds several nodes with one key or profile_id, which no projector made: remove them, or name another database"
            )
        return super().translated(error)

    def _astray(self) -> GraphAstrayError:
        return GraphAstrayError(f"{self.url}: somebody changed the graph meanwhile; it is compared as a whole, and mended")

    def _claimed(self) -> GraphClaimedError:
        return GraphClaimedError(f"{self.url}: another projector writes the graph now; this one has stopped")

    def drop(self) -> None:
        """Remove the graph, in transactions of a bounded size, and nothing else that is in the database."""
        self.put("MATCH (p:Projection {name: $name}) SET p.seq = 0", name=NAME)
        self.remove("MATCH (:Profile)-[r:IN_SEGMENT]->() WITH r LIMIT $n DELETE r RETURN count(*) AS n")  # a node may have many
        for label in ("Identifier", "Profile", "Segment"):
            self.remove(f"MATCH (x:{label}) WITH x LIMIT $n DETACH DELETE x RETURN count(*) AS n")

    def remove(self, text: str) -> int:
        """Ask for the same deletion, of at most $n rows, until nothing is left; how many there were."""
        total = 0
        while True:
            counted: list[int] = []

            def work(transaction: neo4j.Transaction, counted: list[int] = counted) -> None:
                counted.append(_answer(transaction, text, {"n": ROWS}))

            self._safely(work, 0)
            if counted and not counted[-1]:
                return total
            total += counted[-1] if counted else 0

    def _safely(self, work: Callable[[neo4j.Transaction], None], lane: int) -> None:
        self._parts[lane] += 1
        for pause in self.pauses():
            try:
                self._locked(work, lane)
                return
            except (Neo4jError, DriverError, OSError) as error:
                self.wait(pause, error)

    def _locked(self, work: Callable[[neo4j.Transaction], None], lane: int) -> None:
        label, part = LANES[lane], self._parts[lane]
        session = self._driver.session(database=self.url.database, default_access_mode=neo4j.WRITE_ACCESS, fetch_size=-1)
        with session, session.begin_transaction(timeout=SECONDS) as transaction:
            found = transaction.run(_LOCK.format(label=label), name=NAME).single()
            if found is None:
                raise self._astray()
            if found["term"] != self.term:
                raise self._claimed()
            if found["part"] != part:  # else it had been committed when the connection broke
                transaction.run(_COUNT.format(label=label), name=NAME, part=part).consume()
                work(transaction)
            transaction.commit()
        self._away = False


def moved(sequence: int, at: int) -> Statement:
    """Moves the checkpoint. sequence: the last entry that the graph shows; at: its state's time, seconds UTC."""
    text = "MATCH (p:Projection {name: $name}) SET p.seq = $seq, p.at = datetime({epochSeconds: $at}), p.whole = true RETURN count(*) AS n"
    return Statement(text, {"name": NAME, "seq": sequence, "at": at}, 1, 1)


def _answer(transaction: neo4j.Transaction, text: str, parameters: dict[str, Any]) -> int:
    found = transaction.run(text, parameters).single()
    return int(found["n"]) if found is not None else 0
