"""What stands in a Neo4j database and should not, or is not there and should be: named, and never read as if it were right."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import pytest
from idweave_server.errors import StoreCorruptError, StoreError, StoreFormatError
from idweave_server.log.base import Head
from idweave_server.log.neo4j_schema import CONSTRAINTS, PART_BYTES
from neo4j import Driver

from tests.log.contract import OTHER, TERM, drafts, everything
from tests.log.graph_logs import Opening, graph_log
from tests.neo4j_database import Database, OwnDatabase


@pytest.fixture
def driver(opening: Opening) -> Iterator[Driver]:
    with opening.database.driver() as driver:
        yield driver


def run(driver: Driver, query: LiteralString) -> None:
    with driver.session() as session:
        session.run(query).consume()


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("MATCH (e:Entry {seq: 3}) DELETE e", "entry 3 is missing"),
        ("MATCH (e:Entry {seq: 1}) DELETE e", "entry 1 is missing"),
        ("MATCH (e:Entry {seq: 5}) DELETE e", "entry 5 is missing"),
        ("MATCH (e:Entry) DELETE e", "entry 1 is missing"),
        ("MATCH (e:Entry {seq: 3}) SET e.body = e.checksum", "lacks a part, or has one of another kind"),
        ("MATCH (e:Entry {seq: 3}), (o:Entry {seq: 2}) SET e.body = o.body", "entry 3 is not what was written"),
        ("MATCH (e:Entry {seq: 3}) SET e.term = e.term + 1", "entry 3 is not what was written"),
        ("MATCH (e:Entry {seq: 3}) SET e.at = e.at + 1", "entry 3 is not what was written"),
        ("MATCH (e:Entry {seq: 3}) REMOVE e.kind", "lacks a part"),
        ("MATCH (p:EntryPart {entry: 4, part: 2}) DELETE p", "entry 4 is not what was written"),
        ("MATCH (p:EntryPart) DELETE p", "entry 4 is not what was written"),
    ],
)
def test_damage_is_named(opening: Opening, driver: Driver, damage: LiteralString, told: str) -> None:
    log = opening()
    log.acquire("a test", "", TERM)
    log.append(TERM, drafts(b"a", b"bb", b"ccc", bytes(3 * PART_BYTES), b"e"))
    run(driver, damage)
    for reader in (log, opening(read_only=True)):
        with pytest.raises(StoreCorruptError, match=f"is damaged: .*({told}).*restore a backup"):
            everything(reader)


def test_a_missing_end_is_found_before_anything_is_written_after_it(opening: Opening, driver: Driver) -> None:
    log = opening()
    log.acquire("a test", "", TERM)
    log.append(TERM, drafts(b"a", b"b"))
    run(driver, "MATCH (e:Entry {seq: 2}) DELETE e")
    with pytest.raises(StoreCorruptError, match="entry 2 is missing"):
        log.head()
    log.release(TERM)
    with pytest.raises(StoreCorruptError, match="entry 2 is missing"):
        log.acquire("a test", "", OTHER)
    assert log.holder() is None


def test_entries_beyond_the_end_are_found(opening: Opening, driver: Driver) -> None:
    log = opening()
    log.acquire("a test", "", TERM)
    log.append(TERM, drafts(b"a"))
    run(driver, "CREATE (:Entry {seq: 2})")
    with pytest.raises(StoreCorruptError, match="entries that idweave did not write"):
        log.append(TERM, drafts(b"b"))
    assert log.head() == Head(1, TERM, 1_000)
    log.release(TERM)
    with pytest.raises(StoreCorruptError, match="it ends with entry 1, but entry 2 is there"):
        log.acquire("a test", "", OTHER)
    run(driver, "MATCH (e:Entry {seq: 2}) DELETE e")
    log.acquire("a test", "", OTHER)
    assert log.append(OTHER, drafts(b"b")) == 2


def test_a_database_that_holds_something_else_is_left_alone(opening: Opening, driver: Driver) -> None:
    for foreign in ("CREATE (:Entry {title: 'a diary'})", "CREATE (:Writer {name: 'Jane Austen'})", "CREATE (:EntryPart)"):
        run(driver, foreign)
        for create in (True, False):
            with pytest.raises(StoreFormatError, match="none of a store's; name another database"):
                opening(create=create)
        opening.database.wipe()
    run(driver, "CREATE (:Person {name: 'Jane Austen'})")  # which is in nobody's way
    opening().close()


def test_labels_with_an_index_in_the_way_are_told(opening: Opening, driver: Driver) -> None:
    run(driver, "CREATE INDEX mine FOR (e:Entry) ON (e.seq)")
    with pytest.raises(StoreFormatError, match="label Entry have an index, or values, in the way of idweave_entry"):
        opening()


def test_a_store_is_made_only_when_told_to(opening: Opening) -> None:
    for read_only in (False, True):
        with pytest.raises(StoreError, match="holds no store yet"):
            opening(create=False, read_only=read_only)
    one, two = opening(), opening()
    assert one.store_id() == two.store_id()


@pytest.mark.parametrize("name", [one.name for one in CONSTRAINTS])
def test_a_constraint_that_is_missing_is_made_by_a_writer_and_missed_by_a_reader(opening: Opening, driver: Driver, name: str) -> None:
    opening().close()
    with driver.session() as session:
        session.run(f"DROP CONSTRAINT {name}").consume()
    with pytest.raises(StoreFormatError, match=f"lacks the constraint {name}.*CREATE CONSTRAINT {name}"):
        opening(create=False, read_only=True)
    opening(create=False).close()
    opening(create=False, read_only=True).close()


def test_a_store_of_a_newer_release_is_left_alone(opening: Opening, driver: Driver) -> None:
    opening().close()
    run(driver, "MATCH (w:Writer) SET w.format = 2")
    with pytest.raises(StoreFormatError, match=r"format 2, which a newer release made; this one reads up to 1: upgrade"):
        opening()


def test_another_store_in_its_place_is_noticed(opening: Opening) -> None:
    log, reader = opening(), opening(read_only=True)
    log.acquire("a test", "", TERM)
    log.append(TERM, drafts(b"a"))
    opening.database.wipe()
    for other in (True, False):
        if other:
            opening().close()
        with pytest.raises(StoreError, match="another writer"):
            log.append(TERM, drafts(b"b"))
        for question in (reader.head, log.head, lambda: reader.read(0, 1), lambda: reader.term_at(1)):
            with pytest.raises(StoreFormatError, match="holds another store now, or none"):
                question()
        opening.database.wipe()


def test_a_closed_log_says_so(opening: Opening) -> None:
    log = opening()
    log.close()
    for question in (log.head, log.holder, lambda: log.read(0, 1), lambda: log.acquire("a test", "", TERM)):
        with pytest.raises(StoreError, match="was closed"):
            question()


def test_bodies_of_many_nodes(opening: Opening) -> None:
    log = opening()
    log.acquire("a test", "", TERM)
    sizes = [0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, 5 * PART_BYTES + 7, 12 * PART_BYTES, 3]
    bodies = [bytes([65 + at]) * size for at, size in enumerate(sizes)]
    log.append(TERM, drafts(*bodies))
    assert [e.body for e in everything(log)] == bodies
    changed = {9: b"z" * (3 * PART_BYTES), 7: b"y", 6: b"x" * (PART_BYTES + 5), 8: bodies[7][: PART_BYTES * 2]}
    log.rewrite(TERM, changed)
    assert [e.body for e in everything(opening(read_only=True))] == [changed.get(n, body) for n, body in enumerate(bodies, 1)]


# ------------------------------------------------------------ erasing


def holding(database: OwnDatabase, marker: bytes) -> list[str]:
    """The files of the database, without its logs of what it does, that hold these bytes."""
    found = subprocess.run(["grep", "-rlaF", marker.decode(), str(database._folder)], capture_output=True, text=True, check=False)
    return sorted(Path(name).name for name in found.stdout.split())


def test_what_was_rewritten_is_in_no_file_after_a_checkpoint(own_database: Database) -> None:
    """With the settings of docs/neo4j.md; a database in order makes a checkpoint when it stops, and every 15 minutes."""
    assert isinstance(own_database, OwnDatabase)
    log = graph_log(own_database)
    log.acquire("a test", "", TERM)
    sizes = dict(enumerate((20, 100, 300, 4_000, 100_000, 3_000_000), 1))
    markers = {number: b"SECRET-%04d-" % number for number in sizes}
    log.append(TERM, drafts(*(marker * (sizes[number] // len(marker) + 2) for number, marker in markers.items()), b"kept-entry-" * 50))
    log.close()
    own_database.stop()
    assert all(holding(own_database, marker) for marker in markers.values())
    own_database.start()
    log = graph_log(own_database)
    log.acquire("a test", "", TERM)
    log.rewrite(TERM, dict.fromkeys(sizes, b"gone"))
    log.close()
    own_database.stop()
    assert {number: holding(own_database, marker) for number, marker in markers.items()} == {number: [] for number in sizes}
    assert holding(own_database, b"kept-entry-")
    own_database.start()
