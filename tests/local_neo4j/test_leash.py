"""What a process holds on a leash ends with it, also when it is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from local_neo4j.leash import Leash

ROOT = Path(__file__).parents[2]

OWNER = """
import subprocess, sys, time
from pathlib import Path
from local_neo4j.leash import Leash
leash = Leash(Path(sys.argv[1]))
first, second = (subprocess.Popen(["sleep", "600"]) for _ in range(2))
leash.hold(first.pid)
leash.hold(second.pid)
first.kill()
first.wait()
print(second.pid, flush=True)
time.sleep(600)
"""


def soon(true: Callable[[], bool], within: float = 20.0) -> bool:
    deadline = time.monotonic() + within
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_killed_owner_takes_its_process_and_its_folder_along(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "deep").mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", OWNER, str(folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT) as owner:
        assert owner.stdout is not None
        held = int(owner.stdout.readline())
        assert not gone(held)
        owner.send_signal(signal.SIGKILL)
        owner.wait()
    assert soon(lambda: gone(held))
    assert soon(lambda: not folder.exists())


def test_pulled_with_nothing_held_it_removes_the_folder_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with subprocess.Popen(["sleep", "600"]) as process:
        leash = Leash(folder)
        leash.hold(process.pid)
        leash.hold(None)
        leash.pull()
        assert not folder.exists()
        assert process.poll() is None
        process.kill()
