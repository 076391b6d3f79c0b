"""Kernels are compiled once, by several processes, whoever wants them; what cannot be done so is done where a kernel is called."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from idweave_server import kernel_compilation
from idweave_server.kernel_cache import use_kernel_cache
from idweave_server.kernel_compilation import are_compiled, compile_kernels
from idweave_server.kernels import warmup

from tests.server.running import until

WAITING = """
import pathlib, signal, sys
from idweave_server.kernel_compilation import compile_kernels
signal.signal(signal.SIGINT, signal.default_int_handler)  # which those do not have that a shell began in the background
compile_kernels(pathlib.Path(sys.argv[1]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cache with what is compiled already, where nobody has said that this is all."""
    for one in use_kernel_cache().iterdir():
        if one.is_dir():
            (tmp_path / one.name).symlink_to(one)
    return tmp_path


def test_what_is_compiled_is_not_compiled_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not are_compiled(folder)
    compile_kernels(folder)
    assert are_compiled(folder)
    monkeypatch.setattr(kernel_compilation, "_done_by_processes", lambda folder: pytest.fail("again"))
    compile_kernels(folder)
    monkeypatch.setattr("numba.__version__", "another")
    assert not are_compiled(folder)


def test_of_several_at_once_one_has_it_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Path] = []
    ready = Barrier(3)

    def do(folder: Path) -> bool:
        done.append(folder)
        return True

    monkeypatch.setattr(kernel_compilation, "_done_by_processes", do)

    def want() -> bool:
        ready.wait(30)
        compile_kernels(tmp_path)
        return are_compiled(tmp_path)

    with ThreadPoolExecutor(3) as pool:
        assert [wish.result() for wish in [pool.submit(want) for _ in range(3)]] == [True] * 3
    assert done == [tmp_path]


def test_a_part_that_fails_is_left_to_who_calls_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(warmup, "PARTS", (*warmup.PARTS, warm_up_of_nobody))
    compile_kernels(folder)
    assert not are_compiled(folder)
    assert "IndexError" in capfd.readouterr().err


def warm_up_of_nobody() -> None:
    """A part that the processes do not know."""


def test_a_cache_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    compile_kernels(tmp_path / "file" / "cache")
    assert not are_compiled(tmp_path / "file" / "cache")


def test_ctrl_c_ends_all_processes(tmp_path: Path) -> None:
    waiting = subprocess.Popen([sys.executable, "-c", WAITING, str(tmp_path)], stderr=subprocess.PIPE, text=True)
    children = Path(f"/proc/{waiting.pid}/task/{waiting.pid}/children")
    many = min(len(os.sched_getaffinity(0)), kernel_compilation.PROCESSES)
    until(lambda: len(children.read_text().split()) == many, "the processes to begin")
    until(lambda: any(tmp_path.rglob("*.nbi")), "something to be compiled")  # so that all were begun, and are waited for
    started = [int(pid) for pid in children.read_text().split()]
    os.kill(waiting.pid, signal.SIGINT)
    _, said = waiting.communicate(timeout=60)
    assert said.rstrip().endswith("KeyboardInterrupt")
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]
    assert not are_compiled(tmp_path)
