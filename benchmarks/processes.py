"""Server processes of a benchmark: started, waited for, weighed, and ended whatever happens. Linux: what they cost is read from /proc."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 600.0  # seconds for a start: a million observations may have to be replayed
POLL = 0.005
SAID = re.compile(r"serving on (\S+),")
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Served:
    """A server that is ready. seconds: from its start until it said so."""

    address: str
    process: subprocess.Popen[bytes]
    seconds: float

    @property
    def cpu(self) -> float:
        """Seconds of processor that its threads have had, user and system."""
        return cpu_seconds(self.process.pid)

    def keep_to(self, cores: list[int]) -> None:
        """Run all threads, and those that they will start, on these cores."""
        for thread in Path(f"/proc/{self.process.pid}/task").iterdir():
            with contextlib.suppress(ProcessLookupError):  # one that has just ended
                os.sched_setaffinity(int(thread.name), cores)

    @property
    def resident(self) -> float:
        """Bytes of memory."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * float(os.sysconf("SC_PAGE_SIZE"))


def cpu_seconds(process: int) -> float:
    """Of processor that all threads of a process have had, user and system."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children(process: int) -> Iterator[int]:
    """The processes that a process has started and that still run."""
    for thread in Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(OSError):  # one that has just ended
            yield from map(int, (thread / "children").read_text().split())


@contextlib.contextmanager
def serving(command: list[str], scratch: Path) -> Iterator[Served]:
    """Run a server that prints `serving on ADDRESS,` when it is ready; asked to stop at the end, and killed where it does not.

    Raises SystemExit with its last words where it fails.
    """
    number = len(list(scratch.glob("server-*.out")))
    output, log = scratch / f"server-{number}.out", scratch / f"server-{number}.log"
    begun = time.perf_counter()
    with output.open("wb") as out, log.open("wb") as err:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, preexec_fn=_end_with_parent)
    try:
        while not (said := SAID.search(output.read_text())):
            if process.poll() is not None or time.perf_counter() - begun > PATIENCE:
                raise SystemExit(f"{' '.join(command)}: not serving ({process.poll()})\n{log.read_text()[-2000:]}")
            time.sleep(POLL)
        yield Served(said[1], process, time.perf_counter() - begun)
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@contextlib.contextmanager
def apart(*servers: Served) -> Iterator[None]:
    """Servers on one core and this process, with what it starts, on the others, where there are several.

    For what calls cost: on a virtual machine, threads that wake each other across cores cost up to twice as much, and never the same twice.
    """
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) == 1:
        yield
        return
    try:
        for server in servers:
            server.keep_to(cores[:1])
        os.sched_setaffinity(0, cores[1:])
        yield
    finally:
        os.sched_setaffinity(0, cores)
        for server in servers:
            server.keep_to(cores)


def idweave(*arguments: str) -> list[str]:
    """The installed program with arguments. Raises SystemExit where it is not installed."""
    program = Path(sys.executable).parent / "idweave"
    if not program.exists():
        raise SystemExit(f"{program} is not there: the benchmark runs the installed program; run `make setup`")
    return [str(program), *arguments]


def _end_with_parent() -> None:
    """In the child, before it becomes the server: a benchmark that is killed leaves nothing running."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
