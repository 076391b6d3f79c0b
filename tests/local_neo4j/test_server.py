"""What is in the way of a start is told: a port that is taken, a password that is none, a Java that ends at once."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from local_neo4j import server
from local_neo4j.errors import LocalNeo4jError, PortTakenError, StartError
from local_neo4j.java import find_java
from local_neo4j.settings import HOST, Settings, configuration
from tests.neo4j_database import OwnDatabase, cannot, given, reserved_port


@pytest.fixture
def without_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is fetched: the start ends before, or because, Java finds none of the classes."""
    monkeypatch.setattr("local_neo4j.server.jars.jars", lambda *_: [])
    try:
        find_java()
    except LocalNeo4jError as error:
        cannot(str(error))


def test_a_port_that_is_taken_is_named_with_the_remedy(tmp_path: Path, without_files: None) -> None:
    with socket.create_server((HOST, 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"port {taken} of 127\.0\.0\.1 is taken .*--bolt and --http"):
            server.start(Settings(tmp_path, bolt=taken, http=None))


def test_a_start_that_fails_ends_with_the_last_words(tmp_path: Path, without_files: None) -> None:
    with reserved_port() as port, pytest.raises(StartError, match=r"ended while it started.*\n.*CommunityEntryPoint"):
        server.start(Settings(tmp_path / 'with "quotes" and \\', bolt=port, http=None))


def test_a_short_password_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(LocalNeo4jError, match="8 characters"):
        server.start(Settings(tmp_path / "none", password="short"))
    assert not (tmp_path / "none").exists()


def test_settings_do_not_show_the_password() -> None:
    assert "secret" not in repr(Settings(Path("x"), password="secret-secret"))
    assert "secret" not in configuration(Settings(Path("x"), password="secret-secret"))


def test_it_listens_on_loopback_alone() -> None:
    addresses = [line for line in configuration(Settings(Path("x"))).splitlines() if "address" in line]
    assert len(addresses) == 5
    assert all("=127.0.0.1" in line for line in addresses)


def test_a_reserved_port_is_nobody_else_s() -> None:
    with reserved_port() as one, reserved_port() as two:
        assert one != two


def test_without_a_database_a_user_s_tests_are_skipped_and_ci_s_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def unable(*_: object, **__: object) -> None:
        raise LocalNeo4jError("no Java here")

    monkeypatch.setattr("local_neo4j.server.find_java", unable)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(LocalNeo4jError, match="no Java here"):
        OwnDatabase()
    with pytest.raises(pytest.skip.Exception, match="no Java here"):
        cannot("no Java here")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="NEO4J_URI"):
        cannot("no Java here")


def test_the_environment_names_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEO4J_URI", raising=False)
    assert given() is None
    monkeypatch.setenv("NEO4J_URI", "neo4j://db.example:7687")
    monkeypatch.setenv("NEO4J_USER", "someone")
    monkeypatch.setenv("NEO4J_PASSWORD", "something")
    found = given()
    assert found is not None
    assert (found.uri, found.auth) == ("neo4j://db.example:7687", ("someone", "something"))
    assert "something" not in repr(found)
