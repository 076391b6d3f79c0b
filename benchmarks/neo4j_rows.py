"""What the projector makes of a store, kind by kind, beside the same rows written by a driver alone; and what they take on disk."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, LiteralString

from neo4j.time import DateTime

from benchmarks.neo4j_database import ROWS, OwnNeo4j
from benchmarks.neo4j_ground import Neo4jGround
from benchmarks.project import KINDS, projected
from benchmarks.results import row
from benchmarks.weighing import Tally

CONSTRAINTS = (("Identifier", "key"), ("Profile", "profile_id"))
# What is read back of each kind: labels (none of relationships), keys of both ends (none of nodes), properties.
READ: dict[str, tuple[LiteralString, ...]] = {
    "identifiers": ("MATCH (x:Identifier) RETURN labels(x), NULL AS start, NULL AS end, properties(x)",),
    "profiles": ("MATCH (x:Profile) WHERE NOT x:Retired RETURN labels(x), NULL AS start, NULL AS end, properties(x)",),
    "links": ("MATCH (a:Identifier)-[r:OBSERVED_WITH]->(b:Identifier) RETURN NULL AS labels, a.key, b.key, properties(r)",),
    "memberships": ("MATCH (a:Identifier)-[r:BELONGS_TO]->(b:Profile) RETURN NULL AS labels, a.key, b.profile_id, properties(r)",),
    "retired ids": (
        "MATCH (x:Retired) RETURN labels(x), NULL AS start, NULL AS end, properties(x)",
        "MATCH (a:Retired)-[r:REDIRECTS_TO]->(b:Profile) RETURN NULL AS labels, a.profile_id, b.profile_id, properties(r)",
    ),
}
ENDS = {
    "links": ("(a:Identifier {key: $start[i]})", "(b:Identifier {key: $end[i]})", "OBSERVED_WITH"),
    "memberships": ("(a:Identifier {key: $start[i]})", "(b:Profile {profile_id: $end[i]})", "BELONGS_TO"),
    "retired ids": ("(a:Profile {profile_id: $start[i]})", "(b:Profile {profile_id: $end[i]})", "REDIRECTS_TO"),
}


@dataclass(frozen=True, slots=True)
class Batch:
    """A statement for at most ROWS rows, with its parameters as columns."""

    text: LiteralString
    parameters: dict[str, Any]

    @property
    def rows(self) -> int:
        return int(self.parameters["n"])


def rates(ground: Neo4jGround, turns: int) -> dict[str, list[Batch]]:
    """Both write the same into the same database, by turns, the first of which only has their statements compiled; returns the rows."""
    kept, database, batches = Tally(), ground.database, dict[str, list[Batch]]()
    for turn in range(turns + 1):
        tally = kept if turn else Tally()
        database.drop_graph()
        cpu = database.cpu
        found = projected(ground.store, ground.key, ground.store)
        cpu = database.cpu - cpu
        batches = batches or {kind: list(_batches(database, kind)) for kind in KINDS}
        database.drop_graph()
        bare, spent, alone = {}, dict[str, float](), 0.0
        for kind, some in batches.items():
            before = database.cpu
            bare[kind] = written(database, some)
            spent[kind] = database.cpu - before
        for kind in KINDS:
            if found.rows.get(kind, 0) != (rows := sum(one.rows for one in batches[kind])):
                raise SystemExit(f"the projector wrote {found.rows.get(kind, 0):,} rows of {kind}, of which the graph holds {rows:,}")
            if rows:
                alone += bare[kind]
                tally.add(f"{kind}: rows", rows, "rows", "neither")
                tally.add(f"{kind} by the projector", found.rate(kind), "rows/s", "higher")
                tally.add(f"{kind} by the projector, statements alone", rows / found.writing[kind], "rows/s", "higher")
                tally.add(f"{kind} by the driver", rows / bare[kind], "rows/s", "higher")
                tally.add(f"{kind} by the driver: CPU of the database", spent[kind] / rows * 1e6, "us/row")
                tally.add(f"{kind} by the projector, of the driver's rate", found.rate(kind) * bare[kind] / rows, "times", "higher")
        total = sum(found.rows.values())
        tally.add("graph by the projector", total / found.seconds, "rows/s", "higher")
        tally.add("graph by the driver", total / alone, "rows/s", "higher")
        tally.add("graph by the projector, of the driver's rate", alone / found.seconds, "times", "higher")
        tally.add("graph by the projector: its CPU", found.cpu / total * 1e6, "us/row")
        tally.add("graph by the projector: CPU of the database", cpu / total * 1e6, "us/row")
        tally.add("graph by the driver: CPU of the database", sum(spent.values()) / total * 1e6, "us/row")
    database.drop_graph()
    ground.rows += kept.rows()
    return batches


def sizes(ground: Neo4jGround, batches: dict[str, list[Batch]]) -> None:
    """In a database of their own that is stopped after each kind, since only then everything is in its files."""
    database = OwnNeo4j(ground.scratch, "sizes", brief=True)
    try:
        for label, key in CONSTRAINTS:
            database.ask(f"CREATE CONSTRAINT FOR (x:{label}) REQUIRE x.{key} IS UNIQUE")
        before = database.bytes_on_disk
        for name, kinds in (
            ("identifier", ("identifiers",)),
            ("link", ("links",)),
            ("membership, with profiles", ("profiles", "memberships")),
        ):
            database.start()
            for kind in kinds:
                written(database, batches[kind])
            database.stop()
            each = sum(one.rows for one in batches[kinds[-1]])
            ground.rows.append(row(f"on disk: {name}", [(database.bytes_on_disk - before) / each], "bytes"))
            before = database.bytes_on_disk
    finally:
        database.remove()


def written(database: OwnNeo4j, batches: list[Batch]) -> float:
    """Seconds for all of them, in transactions of about ROWS rows."""
    begun = time.perf_counter()
    with database.driver.session() as session:
        for part in _packed(batches):
            with session.begin_transaction() as transaction:
                for batch in part:
                    transaction.run(batch.text, batch.parameters).consume()
                transaction.commit()
    return time.perf_counter() - begun


def _packed(batches: list[Batch]) -> Iterator[list[Batch]]:
    part: list[Batch] = []
    for batch in batches:
        if part and sum(one.rows for one in part) + batch.rows > ROWS:
            yield part
            part = []
        part.append(batch)
    if part:
        yield part


def _batches(database: OwnNeo4j, kind: str) -> Iterator[Batch]:
    """All rows of a kind that the graph holds; those of one transaction have the same labels and properties."""
    groups: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    for text in READ[kind]:
        for labels, start, end, properties in database.ask(text):
            group = (tuple(sorted(labels or ())), tuple(sorted(properties)))
            groups.setdefault(group, []).append((start, end, properties))
    for (labels, names), rows in groups.items():
        for low in range(0, len(rows), ROWS):
            yield _batch(kind, labels, names, rows[low : low + ROWS])


def _batch(kind: str, labels: tuple[str, ...], names: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Batch:
    parameters: dict[str, Any] = {"n": len(rows)}
    made = []
    for number, name in enumerate(names):
        column = [properties[name] for _, _, properties in rows]
        moments = isinstance(column[0], DateTime)
        parameters[f"p{number}"] = [round(one.to_native().timestamp()) for one in column] if moments else column
        made.append(f"`{name}`: " + (f"datetime({{epochSeconds: $p{number}[i]}})" if moments else f"$p{number}[i]"))
    what = "{" + ", ".join(made) + "}"
    text = "UNWIND range(0, $n - 1) AS i "
    if labels:
        text += f"CREATE (:{':'.join(f'`{label}`' for label in labels)} {what})"
    else:
        start, end, of = ENDS[kind]
        parameters |= {"start": [row[0] for row in rows], "end": [row[1] for row in rows]}
        text += f"MATCH {start} MATCH {end} CREATE (a)-[:{of} {what}]->(b)"
    return Batch(text, parameters)
