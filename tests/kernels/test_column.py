"""Growing arrays: what was written stays, whatever the size, and a large one holds no more memory than it uses."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from idweave_server.kernels import column
from idweave_server.kernels.column import LARGE, Column

HOLDING = """
from pathlib import Path
import numpy as np
from idweave_server.kernels.column import LARGE, Column

def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

part, grown = np.ones(LARGE, np.int64), Column(np.int64)
before = resident()
grown.extend(part)
print(resident() - before)
"""


@pytest.mark.parametrize("width", [None, 2])
def test_what_was_written_stays_through_every_growth(width: int | None) -> None:
    shape = (100_003,) if width is None else (100_003, width)
    part = np.arange(np.prod(shape), dtype=np.int64).reshape(shape)
    grown = Column(np.int64, width, fill=-1)
    for times in range(1, 13):  # from nothing to well beyond LARGE
        grown.extend(part)
        assert len(grown) == times * len(part)
    assert grown.array.nbytes > LARGE
    assert (grown.array.reshape(12, *shape) == part).all()
    grown.grow(len(grown) + 5)
    assert (grown.array[-5:] == -1).all()
    grown.array[7] = 42
    assert (grown.array[7] == 42).all()
    grown.replace(part[:3])
    assert (grown.array == part[:3]).all()


def test_a_large_one_grows_in_place() -> None:
    grown = Column(np.int64)
    grown.extend(np.ones(LARGE, np.int64))
    assert grown.nbytes == 8 * LARGE
    view = grown.array
    grown.extend(np.full(LARGE, 2, np.int64))
    assert np.shares_memory(view, grown.array)  # nothing was copied
    assert grown.array.sum() == 3 * LARGE


def test_a_large_one_holds_what_it_uses() -> None:
    """Measured in a process of its own, where nothing else takes or returns memory meanwhile."""
    told = subprocess.run([sys.executable, "-c", HOLDING], capture_output=True, text=True, check=True)
    assert 8 * LARGE <= int(told.stdout) <= 8 * LARGE + 16 * 2**20


def test_without_addresses_to_reserve_it_doubles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column, "_reserved", lambda size: None)
    grown = Column(np.int32)
    for _ in range(3):
        grown.extend(np.arange(LARGE, dtype=np.int32))
    assert (grown.array.reshape(3, LARGE) == np.arange(LARGE)).all()
    assert grown.nbytes >= grown.array.nbytes
