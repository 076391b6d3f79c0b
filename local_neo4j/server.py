"""One Neo4j of this machine as a process: prepared, started, waited for, stopped."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from neo4j import GraphDatabase
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from . import jars, lock
from .errors import LocalNeo4jError, PortTakenError, StartError
from .java import find_java
from .settings import HOST, USER, Settings, configuration, java_arguments

READY_WITHIN = 180.0  # seconds; 6 to 7 are usual with the files there
GONE_WITHIN = 60.0
PAUSE = 0.05
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy has no business with loopback
FIRST_PASSWORD = "neo4j"  # what every Neo4j starts with; it allows nothing but being changed


@dataclass(frozen=True, slots=True)
class Running:
    """A Neo4j that answers."""

    settings: Settings
    process: subprocess.Popen[bytes]

    def stop(self, within: float = GONE_WITHIN) -> None:
        """End it in order; it has written everything when this returns."""
        self.process.terminate()
        try:
            self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it as a crash would (SIGKILL)."""
        self.process.kill()
        self.process.wait()


def start(settings: Settings, within: float = READY_WITHIN, born: Callable[[int], object] = int) -> Running:
    """Fetch what is missing, start Neo4j in a session of its own, and return when it answers. Raises LocalNeo4jError.

    born(process) is told the process's number before it is waited for.
    """
    if settings.password is not None and len(settings.password) < 8:
        raise LocalNeo4jError("Neo4j wants a password of 8 characters or more: put a longer one into the file")
    java = find_java()
    files = jars.jars(lock.read(), jars.maven_folder())
    for port in (settings.bolt, settings.http):
        if port is not None:
            check_free(port)
    for folder in ("conf", "data", "logs", "plugins", "import", "run"):
        (settings.home / folder).mkdir(parents=True, exist_ok=True)
    (settings.home / "conf" / "neo4j.conf").write_text(configuration(settings), "utf-8")
    arguments = settings.home / "run" / "java.arguments"  # a file: 225 jars are a long command line
    arguments.write_text("".join(f'"{_escaped(part)}"\n' for part in java_arguments(settings, files)), "utf-8")
    with settings.console.open("wb") as console:
        process = subprocess.Popen(
            [java, f"@{arguments}"],
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            cwd=settings.home,
            start_new_session=True,  # Ctrl-C at the terminal is not for the database
        )
    running = Running(settings, process)
    try:
        born(process.pid)
        _wait(running, within)
    except BaseException:
        running.kill()
        raise
    return running


def check_free(port: int) -> None:
    """Raises PortTakenError when somebody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortTakenError(
                f"port {port} of {HOST} is taken ({error.strerror}): end what listens there, or choose others with --bolt and --http"
            ) from error


def _escaped(argument: str) -> str:
    return argument.replace("\\", "\\\\").replace('"', '\\"')


def _wait(running: Running, within: float) -> None:
    deadline = time.monotonic() + within
    while not answers(running.settings):
        if running.process.poll() is not None:
            raise StartError(f"Neo4j ended while it started; {_last_words(running.settings.console)}")
        if time.monotonic() > deadline:
            raise StartError(f"Neo4j did not answer within {within:.0f} s; {_last_words(running.settings.console)}")
        time.sleep(PAUSE)


def _last_words(console: Path) -> str:
    return "\n".join([f"{console} ends with:", *console.read_text("utf-8", "replace").splitlines()[-15:]])


def answers(settings: Settings) -> bool:
    """Whether it answers a query and, where it has a Browser, serves it; sets the password of a database that has none yet."""
    try:
        socket.create_connection((HOST, settings.bolt), timeout=1).close()  # cheaper than a driver's failure
    except OSError:
        return False
    try:
        _ask(settings, settings.password, "RETURN 1", {})
    except AuthError:
        if settings.password is None:
            raise StartError(f"the Neo4j at {settings.uri} wants a password: name the file that holds it") from None
        _set_first_password(settings)
        return False
    except (DriverError, Neo4jError, OSError):
        return False
    return settings.http is None or _serves(f"http://{HOST}:{settings.http}/")


def _set_first_password(settings: Settings) -> None:
    try:
        _ask(settings, FIRST_PASSWORD, "ALTER CURRENT USER SET PASSWORD FROM $was TO $is", {"was": FIRST_PASSWORD, "is": settings.password})
    except AuthError as error:
        raise StartError(
            f"the database in {settings.home} has another password than the one given: give that one, or remove the folder with its data"
        ) from error


def _ask(settings: Settings, password: str | None, query: str, parameters: dict[str, object]) -> None:
    auth = None if password is None else (USER, password)
    with GraphDatabase.driver(settings.uri, auth=auth, connection_timeout=5, telemetry_disabled=True) as driver:
        driver.execute_query(query, parameters, database_="system" if parameters else None)


def _serves(url: str) -> bool:
    try:
        with DIRECTLY.open(url, timeout=5):
            return True
    except OSError:
        return False
