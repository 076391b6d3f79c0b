"""What can be done about bodies that were replaced and still stand in the database's files.

Neo4j frees the records of a value that was replaced, and leaves in them what was there until they are used again; and its transaction log
keeps every value that was written, until it has been rotated, a checkpoint has come, and its retention policy lets it go. Nothing that a
client of the Community Edition may ask for makes either happen at once. So the freed space is written over with as much of nothing, which
also turns the transaction log over where that is set to small files; docs/neo4j.md says what remains, for how long, and how it is set.
"""

from __future__ import annotations

import re

from idweave_server.errors import StoreError
from idweave_server.log.neo4j_driver import Neo4jDatabase

RECORD_BYTES = 120  # of a value in one record of the file; a record that is not filled to its end keeps the end of what was there
HEADER_BYTES = 3  # before an array of bytes
PIECE_BYTES = 9_000 * RECORD_BYTES - HEADER_BYTES
MOST_BYTES = 64 * 2**20  # that are written to turn the transaction log over; with larger files than that it turns over in time
_SETTING = "SHOW SETTINGS 'db.tx_log.rotation.size' YIELD value RETURN value"
_FILL = "UNWIND range(1, $count) AS i CREATE (:Filler {body: $body})"
_REMOVE = "MATCH (f:Filler) DELETE f"
_UNITS = {"": 1, "B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def overwrite(database: Neo4jDatabase, freed: int, count: int) -> None:
    """Write over what bodies left that were `freed` bytes long, in `count` entries. Raises StoreError; then do it again."""
    pieces = max(freed + freed // 4, _rotation(database)) // PIECE_BYTES + 1
    database.ask(_FILL, count=4 * count + 64, body=bytes(RECORD_BYTES - HEADER_BYTES))
    for _ in range(pieces):
        database.ask(_FILL, count=1, body=bytes(PIECE_BYTES))
    database.ask(_REMOVE)


def _rotation(database: Neo4jDatabase) -> int:
    """Bytes after which the transaction log begins another file; 0 where that is not told, or too many."""
    try:
        records = database.ask(_SETTING)
    except StoreError:  # an edition with rights, and a user without this one
        return 0
    found = re.fullmatch(r"([\d.]+)\s*([KMG]iB|B)?", str(records[0]["value"])) if records else None
    size = int(float(found[1]) * _UNITS[found[2] or ""]) if found else 0
    return size if size <= MOST_BYTES else 0
