"""What a Neo4j store's URL says: the server's address, the user, the database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from idweave_server.errors import InputError
from idweave_server.log.base import Credentials

FORM = "neo4j://[user@]host[:7687][/database], with bolt:// for one server by itself, and +s for TLS"
PORT = 7687
_DATABASE = re.compile(r"[a-zA-Z][a-zA-Z0-9.-]{2,62}")


@dataclass(frozen=True, slots=True)
class Neo4jUrl:
    """uri: what the driver takes, without a user; database: None for the server's default one."""

    uri: str
    user: str | None
    database: str | None

    def __str__(self) -> str:
        return self.uri + (f"/{self.database}" if self.database else "")

    def credentials(self, given: Credentials | None) -> Credentials | None:
        """Those to use: a user that the URL names goes before the one given."""
        if given is None or self.user is None:
            return given
        return Credentials(self.user, given.password)


def parse_url(url: str) -> Neo4jUrl:
    """Raises InputError; its text holds no password."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or PORT
    except ValueError:
        raise InputError(f"the store's URL cannot be read: write {FORM}") from None
    if parts.password is not None:
        raise InputError(
            "the store's URL holds a password, which would end up in shell histories and process lists: leave it out, and set the "
            f"environment variable IDWEAVE_NEO4J_PASSWORD; write {FORM}"
        )
    if not host:
        raise InputError(f"the store's URL names no host: write {FORM}")
    if parts.query or parts.fragment:
        raise InputError(f"the store's URL takes no ? and no #: write {FORM}")
    database = unquote(parts.path[1:]) or None
    if database is not None and not _DATABASE.fullmatch(database):
        raise InputError(f"the store's URL names a database that can be none, {database!r}: write {FORM}")
    if database == "system":
        raise InputError("the store's URL names the database system, which Neo4j keeps for itself: leave it out, or name another")
    place = f"[{host}]" if ":" in host else host
    return Neo4jUrl(f"{parts.scheme.lower()}://{place}:{port}", unquote(parts.username) if parts.username else None, database)
