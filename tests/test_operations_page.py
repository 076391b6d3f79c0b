"""docs/operations.md names all there is and nothing else: error reasons, metrics, log events, lines of memory; commands are explained."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from idweave.failures import BY_REASON
from idweave.v1.error_pb2 import ErrorReason
from idweave_server.operations.projector import ProjectionLag
from idweave_server.rpc.lag import LagMeter
from idweave_server.rpc.metering import CallMeter
from idweave_server.rpc.metrics import Metrics
from idweave_server.rpc.readings import readings
from idweave_server.rpc.status import TABLE
from prometheus_client.core import Metric

from tests.server.running import here
from tests.test_docs import DOCS, ROOT, known_commands, rows

PAGE = DOCS / "operations.md"
SERVER = ROOT / "server" / "idweave_server"
SOURCES = [
    path for folder in (SERVER, *(SERVER / name for name in ("rpc", "telemetry", "operations"))) for path in sorted(folder.glob("*.py"))
]
EVENT = re.compile(r'\.(?:_?say|fault|_line|_stand|_attempt)[(,]\s*"([a-z_]+)"')
UNNAMED = "ERROR_REASON_UNSPECIFIED"


def words(cell: str) -> list[str]:
    return re.findall(r"[A-Za-z_]+", cell)


def test_every_error_reason_has_its_code_its_class_and_a_remedy() -> None:
    table = rows(PAGE, "reason", "gRPC code", "in Python", "means", "what to do")
    found = {f"ERROR_REASON_{reason}": (set(words(codes)), kind) for reason, codes, kind, _, _ in table}
    codes: dict[str, set[str]] = {}
    for rule in TABLE.values():
        codes.setdefault(ErrorReason.Name(rule.reason), set()).add(rule.code.name)
    assert found == {name: (codes[name], BY_REASON[name].__name__) for name, _ in ErrorReason.items() if name != UNNAMED}
    assert all(means and remedy for _, _, _, means, remedy in table)


async def read_off(folder: Path) -> tuple[list[Metric], list[str]]:
    """What a server with a call and a snapshot behind it tells: its metrics, and its lines of memory."""
    meter = CallMeter()
    meter.method("/idweave.v1.IdentityService/Lookup").add("OK", 0.001, 1)
    newest: Any = SimpleNamespace(newest=lambda: SimpleNamespace(about=SimpleNamespace(milliseconds=0, sequence=1)))
    lag = ProjectionLag(1, 0, 0, 0, "")
    kept: Any = SimpleNamespace(lag=lambda: lag, written=lambda: 0, brake=SimpleNamespace(seconds=0.0))
    async with here(folder) as server:
        told = readings(replace(server.served(), snapshots=newest, projection=kept))
        lines = [line.what for line in server.store.engine.memory()]
    return list(Metrics(meter, LagMeter(time.perf_counter), lambda: told).collect()), lines


def test_every_metric_and_every_line_of_memory_is_documented(tmp_path: Path) -> None:
    metrics, lines = asyncio.run(read_off(tmp_path))
    ours = {"le"}  # a histogram's own label
    real = {
        metric.name + "_total" * (metric.type == "counter"): (metric.type, {name for one in metric.samples for name in one.labels} - ours)
        for metric in metrics
    }
    assert len(real) > 20
    assert {
        name: (kind, set(words(labels))) for name, kind, labels, _, _ in rows(PAGE, "metric", "kind", "labels", "says", "watch")
    } == real
    assert [name for name, _, _ in rows(PAGE, "line", "what it holds", "budget")] == lines


def test_every_log_event_is_documented() -> None:
    said = {event for path in SOURCES for event in EVENT.findall(path.read_text("utf-8"))}
    assert len(said) > 10
    assert {event for event, _, _ in rows(PAGE, "event", "fields", "means")} == said


@pytest.mark.parametrize("name", sorted(known_commands()))
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"`idweave {name}`" in (ROOT / "README.md").read_text("utf-8")


def test_the_unit_for_systemd_starts_a_command_that_exists() -> None:
    (line,) = re.findall(r"^ExecStart=\S+/idweave (.+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    name, *arguments = line.split()
    command = known_commands()[name]
    command.make_parser(command.context_class(command)).parse_args(arguments)
