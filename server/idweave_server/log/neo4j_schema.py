"""What a log is in a Neo4j database: its nodes and constraints, how they are made, and how a database that holds something else is told.

(:Writer {name, store_id, format, term, holder, address, expires, seq, guard})   one; written to by whoever wants its lock
(:Entry {seq, term, kind, at, checksum, size, parts, body})                      body: the first PART_BYTES
(:EntryPart {entry, part, body})                                                 what is left of a large body, part from 1
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, LiteralString

import neo4j

from idweave_server.errors import StoreError, StoreFormatError
from idweave_server.log.neo4j_driver import Neo4jDatabase
from idweave_server.log.neo4j_errors import foreign

FORMAT = 1
NAME: Final = "log"  # of the writer's node
PART_BYTES = 2**20  # of a body in one node; measured: larger ones gain nothing, and hold the database up for longer

WRITER: Final = "MATCH (w:Writer {name: 'log'})"
# Whoever sets a property of the node waits for the one who has it locked, and reads what that one has left (see tests: no lost update).
LOCKED: Final = "MATCH (w:Writer {name: 'log'}) SET w.guard = true"


@dataclass(frozen=True, slots=True)
class Constraint:
    name: str
    label: str
    properties: tuple[str, ...]
    statement: LiteralString


CONSTRAINTS = (
    Constraint(
        "idweave_writer", "Writer", ("name",), "CREATE CONSTRAINT idweave_writer IF NOT EXISTS FOR (w:Writer) REQUIRE w.name IS UNIQUE"
    ),
    Constraint("idweave_entry", "Entry", ("seq",), "CREATE CONSTRAINT idweave_entry IF NOT EXISTS FOR (e:Entry) REQUIRE e.seq IS UNIQUE"),
    Constraint(
        "idweave_entry_part",
        "EntryPart",
        ("entry", "part"),
        "CREATE CONSTRAINT idweave_entry_part IF NOT EXISTS FOR (p:EntryPart) REQUIRE (p.entry, p.part) IS UNIQUE",
    ),
)
_PRESENT = """
SHOW CONSTRAINTS YIELD type, entityType, labelsOrTypes, properties
WHERE entityType = 'NODE' AND type IN ['UNIQUENESS', 'NODE_KEY', 'NODE_PROPERTY_UNIQUENESS']
RETURN labelsOrTypes[0] AS label, properties
"""
_ABOUT = "MATCH (w:Writer) RETURN w.name AS name, w.store_id AS store_id, w.format AS format, w.copying AS copying LIMIT 2"
_OTHERS = "OPTIONAL MATCH (e:Entry) WITH e LIMIT 1 OPTIONAL MATCH (p:EntryPart) RETURN e IS NULL AND p IS NULL AS clean LIMIT 1"
# Of several that make the store at once, one does: the name is unique.
_MAKE = """
MERGE (w:Writer {name: 'log'})
ON CREATE SET w.store_id = coalesce($store_id, replace(randomUUID(), '-', '')), w.format = $format, w.copying = $copying,
    w.term = 0, w.holder = '', w.address = '', w.seq = 0
RETURN w.store_id AS store_id
"""


def open_store(database: Neo4jDatabase, *, create: bool, read_only: bool, copying: bool = False, copied: str | None = None) -> str:
    """The store's id. create: make the store where there is none. Raises StoreError.

    copying: for one who fills a store with the entries of another, whose id `copied` is: only such a store is opened then, and none else.
    """
    database.check_version()
    found = _recognised(database, copying=copying)
    if found is None and not create:
        raise StoreError(f"{database.url} holds no store yet; name a database that does, or start a server on this one, which makes it")
    for constraint in _missing(database):
        if read_only:
            raise StoreFormatError(
                f"{database.url} lacks the constraint {constraint.name}, without which an entry could be there twice: "
                f"start a server on it, which makes it, or run there: {constraint.statement}"
            )
        _constrain(database, constraint)
    if found is None:
        made = database.ask(_MAKE, store_id=copied, format=FORMAT, copying=copying or None)
        found = str(made[0]["store_id"])
    if copied is not None and copied != found:
        raise StoreFormatError(f"{database.url} holds a part of another store: empty it, then copy again")
    return found


def _recognised(database: Neo4jDatabase, *, copying: bool) -> str | None:
    """The id of the store that is there; None where one may be made."""
    records = database.ask(_ABOUT)
    if not records:
        if not database.ask(_OTHERS)[0]["clean"]:
            raise foreign(database.url, "holds nodes with the label Entry or EntryPart that are none of a store's")
        return None
    about = records[0]
    if len(records) > 1 or about["name"] != NAME or not isinstance(about["store_id"], str):
        raise foreign(database.url, "holds nodes with the label Writer that are none of a store's")
    if not isinstance(about["format"], int) or about["format"] > FORMAT:
        raise StoreFormatError(
            f"{database.url} holds a store of format {about['format']}, which a newer release made; "
            f"this one reads up to {FORMAT}: upgrade idweave"
        )
    check_copying(database, bool(about["copying"]), copying)
    return str(about["store_id"])


def check_copying(database: Neo4jDatabase, found: bool, wanted: bool) -> None:
    """A store that `idweave migrate` was interrupted in is none yet; one that is whole is not to be copied into."""
    if found and not wanted:
        raise StoreFormatError(
            f"{database.url} holds a copy that is not finished: run the same idweave migrate again, which goes on where it ended"
        )
    if wanted and not found:
        raise StoreFormatError(f"{database.url} holds a store already: name an empty database to copy into")


def _constrain(database: Neo4jDatabase, constraint: Constraint) -> None:
    try:
        database.ask(constraint.statement)
    except StoreError as error:
        cause = error.__cause__
        code = (cause.code or "") if isinstance(cause, neo4j.exceptions.Neo4jError) else ""
        if "Schema" not in code:
            raise
        raise foreign(
            database.url,
            f"cannot hold a store: its nodes with the label {constraint.label} have an index, or values, in the way of {constraint.name}",
        ) from error


def _missing(database: Neo4jDatabase) -> list[Constraint]:
    present = {(record["label"], tuple(record["properties"])) for record in database.ask(_PRESENT)}
    return [constraint for constraint in CONSTRAINTS if (constraint.label, constraint.properties) not in present]
