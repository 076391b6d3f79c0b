"""`python -m local_neo4j`, as `make neo4j` and `make neo4j-stop` call it: a whole life of one database."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from neo4j import GraphDatabase
from neo4j.exceptions import AuthError

from local_neo4j import background
from local_neo4j.settings import Settings
from tests.neo4j_database import reserved_port

ROOT = Path(__file__).parents[2]


def command(*arguments: str) -> tuple[int, str]:
    """Exit code and what was said."""
    done = subprocess.run(
        [sys.executable, "-m", "local_neo4j", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "neo4j"
    if (found := background.running_in(Settings(tmp_path / "neo4j"))) is not None:
        os.kill(found.process, signal.SIGKILL)


@contextlib.contextmanager
def two_ports() -> Iterator[tuple[str, str]]:
    with reserved_port() as bolt, reserved_port() as http:
        yield str(bolt), str(http)


def test_where_none_runs_stop_and_status_say_so(home: Path) -> None:
    assert command("stop", "--home", str(home)) == (0, f"no Neo4j runs in {home}\n")
    assert command("status", "--home", str(home)) == (1, f"no Neo4j runs in {home}\n")
    assert not home.exists()


def test_a_number_that_is_another_process_s_by_now_is_not_ours(home: Path) -> None:
    (home / "run").mkdir(parents=True)
    (home / "run" / "process.json").write_text(f'{{"process": {os.getpid()}, "bolt": 1, "http": 2}}', "utf-8")
    assert command("stop", "--home", str(home)) == (0, f"no Neo4j runs in {home}\n")


def test_the_make_targets_call_it() -> None:
    said = subprocess.run(
        ["make", "--dry-run", "neo4j", "neo4j-stop", "NEO4J=--heap 2g"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "-m local_neo4j start --heap 2g" in said.stdout
    assert "-m local_neo4j stop" in said.stdout


@pytest.mark.slow
def test_a_database_is_started_found_again_and_stopped_with_its_data(home: Path) -> None:
    with two_ports() as (bolt, http):
        start = ("start", "--home", str(home), "--bolt", bolt, "--http", http, "--heap", "256m", "--page-cache", "32m")
        code, said = command(*start)
        assert code == 0, said
        process = _process(said)
        assert f"bolt://127.0.0.1:{bolt}" in said
        password_file = home / "password"
        password = password_file.read_text("utf-8").strip()
        assert password not in said
        assert password_file.stat().st_mode & 0o077 == home.stat().st_mode & 0o077 == 0
        with urllib.request.urlopen(f"http://127.0.0.1:{http}/browser/", timeout=10) as page:
            assert b"Neo4j Browser" in page.read()
        with GraphDatabase.driver(f"neo4j://127.0.0.1:{bolt}", auth=("neo4j", password)) as driver:
            driver.execute_query("CREATE (:Kept)")
        with GraphDatabase.driver(f"bolt://127.0.0.1:{bolt}", auth=("neo4j", "neo4j")) as driver, pytest.raises(AuthError):
            driver.verify_connectivity()

        code, again = command(*start)
        assert (code, _process(again)) == (0, process)
        assert "runs already" in again
        code, said = command("status", "--home", str(home))
        assert (code, _process(said)) == (0, process)
        code, said = command("start", "--home", str(home.with_name("other")), "--bolt", bolt, "--http", http)
        assert code == 1
        assert f"port {bolt} of 127.0.0.1 is taken" in said
        wrong = home.with_name("wrong")
        wrong.write_text("another-password", "utf-8")
        code, said = command("status", "--home", str(home), "--password-file", str(wrong))
        assert code == 1
        assert "has another password than the one given" in said

        assert command("stop", "--home", str(home)) == (0, "Neo4j has ended; its data stays\n")
        assert command("status", "--home", str(home))[0] == 1

        code, said = command(*start)
        assert code == 0, said
        with GraphDatabase.driver(f"bolt://127.0.0.1:{bolt}", auth=("neo4j", password)) as driver:
            assert driver.execute_query("MATCH (x:Kept) RETURN count(x)").records[0][0] == 1
        assert command("stop", "--home", str(home))[0] == 0


def _process(said: str) -> int:
    found = re.search(r"\(process (\d+)\)", said)
    assert found, said
    return int(found[1])
