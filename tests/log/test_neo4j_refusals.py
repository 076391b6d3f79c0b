"""A Neo4j that cannot be used as it is: each refusal says what is wrong, and what to do; none tells a password."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from idweave_server.errors import (
    InputError,
    StoreError,
    StoreFormatError,
    StoreFullError,
    StoreReadOnlyError,
    UnavailableError,
)
from idweave_server.log.base import Credentials
from idweave_server.log.locate import Folders, open_log, places
from idweave_server.log.neo4j import Neo4jLog
from idweave_server.log.neo4j_url import parse_url

from local_neo4j import server, settings
from tests.log.contract import OTHER, TERM, drafts, everything
from tests.log.graph_logs import Opening, graph_log
from tests.neo4j_database import Database, OwnDatabase

SECRET = "hunter2-hunter2"


def opened(url: str, credentials: Credentials | None = None) -> Neo4jLog:
    return Neo4jLog(url, credentials, create=True, lease_seconds=30)


# ------------------------------------------------------------ URLs


@pytest.mark.parametrize(
    ("url", "uri", "user", "database"),
    [
        ("neo4j://localhost", "neo4j://localhost:7687", None, None),
        ("bolt://jo@10.0.0.1:7700", "bolt://10.0.0.1:7700", "jo", None),
        ("neo4j+s://jo%40acme@db.example.org/people", "neo4j+s://db.example.org:7687", "jo@acme", "people"),
        ("bolt+ssc://[::1]:1/", "bolt+ssc://[::1]:1", None, None),
        ("BOLT://Host", "bolt://host:7687", None, None),
    ],
)
def test_what_a_url_says(url: str, uri: str, user: str | None, database: str | None) -> None:
    parsed = parse_url(url)
    assert (parsed.uri, parsed.user, parsed.database) == (uri, user, database)
    given = Credentials("neo4j", SECRET)
    assert parsed.credentials(given) == Credentials(user or "neo4j", SECRET)
    assert parsed.credentials(None) is None


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"neo4j://neo4j:{SECRET}@localhost", "holds a password.*IDWEAVE_NEO4J_PASSWORD"),
        ("neo4j://", "names no host"),
        ("neo4j://[::1", "cannot be read"),
        ("neo4j://localhost:none", "cannot be read"),
        ("neo4j://localhost?x=1", "takes no"),
        ("neo4j://localhost/a/b", "a database that can be none"),
        ("neo4j://localhost/system", "which Neo4j keeps for itself"),
    ],
)
def test_a_url_that_names_no_database(url: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        open_log(url, create=True)
    assert SECRET not in str(caught.value)


def test_where_its_key_and_its_snapshots_are(opening: Opening, tmp_path: Path) -> None:
    log, url = opening(), opening.database.uri
    found = places(url, log, Folders(tmp_path / "data", tmp_path / "cache"))
    assert found.key == tmp_path / "data" / f"{log.store_id()}.key"
    assert found.snapshots == tmp_path / "cache" / f"{log.store_id()}.snapshots"
    with pytest.raises(InputError, match="--key-file"):
        places(url, log)


# ------------------------------------------------------------ servers


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("bolt://127.0.0.1:1", "cannot be reached: start Neo4j there"),
        ("neo4j://127.0.0.1:1", "cannot be reached: start Neo4j there"),
        ("bolt://no-such-host.invalid", "its name is not known here"),
    ],
)
def test_one_that_is_not_there(url: str, told: str) -> None:
    with pytest.raises(UnavailableError, match=told) as caught:
        opened(url, Credentials("neo4j", SECRET))
    assert caught.value.retry_seconds > 0
    assert SECRET not in str(caught.value)


def test_one_without_encryption(opening: Opening) -> None:
    with pytest.raises(StoreError, match=r"no encrypted connection can be made there: leave \+s out"):
        opened(opening.database.uri.replace("bolt://", "bolt+s://"))


def test_a_wrong_version(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    for oldest, following in (((5, 99), (6, 0)), ((4, 0), (5, 0))):
        monkeypatch.setattr("idweave_server.log.neo4j_driver.OLDEST", oldest)
        monkeypatch.setattr("idweave_server.log.neo4j_driver.NEXT", following)
        with pytest.raises(StoreFormatError, match=r"runs Neo4j 5\.\d+\.\d+, and a store needs Neo4j 5\.26"):
            opening()


def test_a_database_that_is_not_there(opening: Opening) -> None:
    with pytest.raises(StoreError, match="no such database on that server; the Community Edition has one only"):
        opening(uri=f"{opening.database.uri}/another")


def test_a_log_tells_no_password(opening: Opening) -> None:
    given = Credentials("neo4j", SECRET)
    assert SECRET not in repr(given) + str(given)
    log = opening()
    assert repr(log) == f"Neo4jLog('{opening.database.uri}')"


@pytest.fixture(scope="module")
def guarded(own_database: Database) -> OwnDatabase:
    """The module's own database, with a password from now on."""
    assert isinstance(own_database, OwnDatabase)
    own_database.stop()
    own_database._settings = replace(own_database._settings, password=SECRET)
    own_database.start()
    return own_database


def test_a_password(guarded: OwnDatabase) -> None:
    for credentials, told in (
        (None, "wants a password: set the environment variable IDWEAVE_NEO4J_PASSWORD"),
        (Credentials("neo4j", "wrong-" + SECRET), "does not accept the user 'neo4j' with the password given"),
        (Credentials("jo", SECRET), "does not accept the user 'jo'"),
    ):
        with pytest.raises(StoreError, match=told) as caught:
            opened(guarded.uri, credentials)
        assert SECRET not in f"{caught.value} {caught.value.__cause__}"
    opened(guarded.uri, Credentials("neo4j", SECRET)).close()


@pytest.mark.slow
def test_one_that_is_set_to_read_only(guarded: OwnDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Credentials("neo4j", SECRET)
    log = opened(guarded.uri, mine)
    log.acquire("a test", "", TERM)
    log.append(TERM, drafts(b"a"))
    log.close()
    guarded.stop()
    with monkeypatch.context() as patch:
        more = "server.databases.default_to_read_only=true\n"
        patch.setattr(server, "configuration", lambda given: settings.configuration(given) + more)
        guarded.start()
    writer = Neo4jLog(guarded.uri, mine, create=False, lease_seconds=30)
    with pytest.raises(StoreReadOnlyError, match="set to read-only"):
        writer.acquire("a test", "", OTHER)
    writer.close()
    reader = Neo4jLog(guarded.uri, mine, create=False, read_only=True, lease_seconds=30)
    assert [e.body for e in everything(reader)] == [b"a"]
    reader.close()
    guarded.stop()
    guarded.start()
    opened(guarded.uri, mine).close()


@pytest.mark.slow
def test_one_whose_disk_is_full(own_database: Database) -> None:
    """Nothing that was acknowledged is lost, and with space made and the database started again it goes on."""
    assert isinstance(own_database, OwnDatabase)
    if os.geteuid() != 0:
        pytest.skip("a small disk can be had by root alone")
    own_database.stop()
    own_database._settings = replace(own_database._settings, password=None)
    data = own_database._settings.home / "data"
    full = own_database._settings.home / "data-before"
    data.rename(full)
    data.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(data)], check=False).returncode:
        pytest.skip("no small disk can be had here")
    try:
        own_database.start()
        log = graph_log(own_database, lease=3_600)
        log.acquire("a test", "", TERM)
        last = 0

        def append() -> None:
            nonlocal last
            for number in range(200):
                last = log.append(TERM, drafts(bytes([number]) * 400_000))

        with pytest.raises(StoreFullError, match="no space is left on the database's disk"):
            append()
        for _ in range(2):
            with pytest.raises((UnavailableError, StoreFullError), match=r"a full disk|no space is left"):
                log.append(TERM, drafts(b"small"))
        own_database.kill()
        subprocess.run(["mount", "-o", "remount,size=200m", str(data)], check=True)
        own_database.start()
        found = everything(log)
        assert [e.sequence for e in found] == list(range(1, len(found) + 1))
        assert last <= len(found) <= last + 1
        assert log.append(TERM, drafts(b"small")) == len(found) + 1
        log.close()
    finally:
        if own_database._running is not None:
            own_database.kill()
        subprocess.run(["umount", str(data)], check=True)
        data.rmdir()
        full.rename(data)
        own_database.start()
