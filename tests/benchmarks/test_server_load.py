"""What makes load and weighs it, on the server that does nothing: every call is counted, a failed one never passes for an answer."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from benchmarks import echo_server, h2load
from benchmarks.calls import at_rate, in_flight
from benchmarks.processes import Served, apart, serving
from benchmarks.weighing import Tally, weighed

ECHO = [sys.executable, "-m", "benchmarks.echo_server"]


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(ECHO, tmp_path_factory.mktemp("echo")) as served:
        yield served


def ignore(reply: bytes) -> None:
    assert reply == b""


def test_a_server_is_ended_whatever_happens(tmp_path: Path) -> None:
    started: list[Served] = []

    def fail() -> None:
        with serving(ECHO, tmp_path) as served:
            started.append(served)
            assert served.process.poll() is None
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert started[0].process.poll() is not None


def test_a_server_that_fails_is_told_of_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no good"), serving([sys.executable, "-c", "import sys; sys.exit('no good')"], tmp_path):
        pass


def test_calls_in_flight_are_all_made(echo: Served) -> None:
    load = in_flight(echo.address, echo_server.METHOD, [b"x"] * 50, 8, ignore)
    assert load.calls == 50
    assert 0 < load.percentile(0.5) <= load.percentile(1.0) < load.seconds * 1e6


def test_calls_at_a_rate_take_their_time(echo: Served) -> None:
    begun = time.perf_counter()
    load = at_rate(echo.address, echo_server.METHOD, [b"x"] * 20, 100.0, ignore)
    assert time.perf_counter() - begun >= 0.19
    assert load.calls == 20


def test_a_reply_that_is_not_what_it_should_be_fails_the_run(echo: Served) -> None:
    def strict(reply: bytes) -> None:
        raise AssertionError(f"{len(reply)} bytes")

    with pytest.raises(ExceptionGroup) as raised:
        in_flight(echo.address, echo_server.METHOD, [b"x"], 1, strict)
    assert raised.group_contains(AssertionError, match="0 bytes")
    with pytest.raises(ExceptionGroup) as raised:
        at_rate(echo.address, echo_server.METHOD, [b"x"], 10.0, strict)
    assert raised.group_contains(AssertionError, match="0 bytes")


def test_a_server_is_kept_apart_from_its_load_for_a_while(echo: Served) -> None:
    def cores(process: int) -> list[set[int]]:
        return [os.sched_getaffinity(int(thread.name)) for thread in Path(f"/proc/{process}/task").iterdir()]

    all_cores = os.sched_getaffinity(0)
    with apart(echo):
        if len(all_cores) > 1:
            assert all(one == {min(all_cores)} for one in cores(echo.process.pid))
            assert os.sched_getaffinity(0) == all_cores - {min(all_cores)}
    assert os.sched_getaffinity(0) == all_cores
    assert all(one == all_cores for one in cores(echo.process.pid))


def test_what_calls_cost_the_server_is_its_own_cpu(echo: Served) -> None:
    tally = Tally()
    each = weighed(tally, "echo", echo, lambda: in_flight(echo.address, echo_server.METHOD, [b"x"] * 1_500, 16, ignore), rate=True)
    assert 10 < each < 20_000  # microseconds
    assert [row["name"] for row in tally.rows()] == ["echo: server CPU", "echo: rate", "echo: p50", "echo: p99", "echo: p99.9"]


def test_h2load_makes_as_many_calls_as_it_is_told(echo: Served, tmp_path: Path) -> None:
    if shutil.which("h2load") is None:
        pytest.skip("NOT TESTED: load from h2load; it needs Debian's nghttp2-client")
    load = h2load.load(echo.address, echo_server.METHOD, b"abc", tmp_path, calls=200, rate=1_000.0)
    assert load.calls == 200
    assert load.seconds > 0.15
    load = h2load.load(echo.address, echo_server.METHOD, b"abc", tmp_path, calls=200, rate=None)
    assert load.calls == 200


def test_a_call_that_fails_is_not_loaded_with(tmp_path: Path) -> None:
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with pytest.raises(SystemExit, match="UNIMPLEMENTED"):
            h2load.load(f"127.0.0.1:{port}", "/nobody.Knows/This", b"", tmp_path, calls=1, rate=None)
    finally:
        server.stop(None).wait()


SAID = "traffic: 1.2KB (1260) total, 120B (120) headers (space savings 90%), 1.0KB ({}) data\nmin max\n"
LOG = "1000000\t200\t400\n1010000\t200\t900\n"


def test_what_h2load_says_is_read() -> None:
    load = h2load.read(LOG, SAID.format(40), 2, 20)
    assert load.microseconds.tolist() == [400, 900]
    assert load.seconds == pytest.approx(0.0109)
    assert load.rate == pytest.approx(2 / 0.0109)


@pytest.mark.parametrize(
    ("log", "received"),
    [
        (LOG, 20),  # a reply was empty: gRPC says in the trailers what went wrong
        (LOG.replace("\t200\t900", "\t503\t900"), 40),
        (LOG.partition("\n")[0], 40),
        ("", 0),
    ],
)
def test_a_run_with_a_failed_call_is_refused(log: str, received: int) -> None:
    with pytest.raises(SystemExit, match="were due"):
        h2load.read(log, SAID.format(received), 2, 20)


def test_where_h2load_is_missing_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match="apt-get install nghttp2-client"):
        h2load.find_h2load()
