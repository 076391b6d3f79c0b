"""What a store costs, line by line, against what it may cost."""

from __future__ import annotations

import numpy as np
import pytest
from idweave_server.engine.applied import run
from idweave_server.engine.engine import Engine
from idweave_server.engine.survey import MemoryLine
from idweave_server.identifiers.lists import default_lists
from idweave_server.intake.prepare import prepare
from idweave_server.intake.wire_reports import WireReports
from idweave_server.kernels import column
from idweave_server.resolution.policy import default_policy
from idweave_server.rpc.reported import sent_batch

from benchmarks.customers import IDENTIFIERS, OBSERVATIONS, Customers

NOW = 1_790_000_000
CUSTOMERS = 3_500  # which leaves few slots of the indexes free
TODAY = 20_260_921


@pytest.fixture(scope="module")
def engine() -> Engine:
    """A store of the server benchmark's customers. Columns hold no room that is not used, as the columns of a large store do."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(column, "LEAST", 16)
        patched.setattr(column, "LARGE", 4_096)
        patched.setattr(column, "MOST", 2**24)
        patched.setattr(column, "MOST_BYTES", 2**26)
        engine = Engine(default_policy(), default_lists(), bytes(range(16)))
        for number, (_, request) in enumerate(Customers(3, NOW).batches(0, CUSTOMERS)):
            sent = sent_batch(request).observations
            assert isinstance(sent, WireReports)
            prepared = prepare(engine.policy, engine.lists, sent, today=TODAY)
            milliseconds = NOW * 1_000 + number
            admission = engine.admit(prepared, at=NOW, milliseconds=milliseconds, seed=np.full(16, number, np.uint8).tobytes())
            assert admission.entry is not None
            run(engine.apply(admission.entry, sequence=number + 1, term=1, at=NOW))
        return engine


def test_every_line_is_within_its_budget(engine: Engine) -> None:
    lines = {line.what: line for line in engine.memory()}
    assert lines["identifiers"].count == CUSTOMERS * IDENTIFIERS
    assert lines["observations"].count == CUSTOMERS * OBSERVATIONS
    for line in lines.values():
        assert line.count or line.what == "quarantined values"
        if line.budget:
            assert line.bytes / line.count <= line.budget, line


def test_the_lines_tell_of_all_that_is_held(engine: Engine) -> None:
    state = engine.state
    held = state.identifiers.nbytes + state.observations.nbytes + state.profiles.nbytes + state.labels.nbytes
    assert sum(line.bytes for line in engine.memory()) == held
    assert all(isinstance(line, MemoryLine) and line.bytes > 0 for line in engine.memory())
