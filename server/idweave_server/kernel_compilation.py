"""All kernels compiled once, by as many processes as there are cores, before the first of them is wanted.

Run as a module, it is one of these processes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from idweave_server.kernel_cache import use_kernel_cache

PROCESSES = 4  # at most: each takes 300 MB


def are_compiled(folder: Path) -> bool:
    """Whether a cache has all kernels of this release, for this Python."""
    return _mark(folder).exists()


def compile_kernels(folder: Path) -> None:
    """Compile into a cache what it does not have yet. Of several processes that want it at once, one has it done, and the others wait.

    Promises nothing: what could not be compiled, or not be kept, is compiled where it is called.
    """
    if are_compiled(folder):
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "compiling").open("w")
    except OSError:
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # ends with the process, however that ends
        if not are_compiled(folder) and _done_by_processes(folder):
            _mark(folder).touch()


def _done_by_processes(folder: Path) -> bool:
    """The processes take the parts from a pipe, one byte each, so that none waits for another."""
    from idweave_server.kernels.warmup import PARTS  # not at the top: it imports kernels, whose cache must be named before

    parts, giving = os.pipe()
    os.write(giving, bytes(range(len(PARTS))))
    os.close(giving)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    running: list[subprocess.Popen[bytes]] = []
    try:
        count = min(len(os.sched_getaffinity(0)), PROCESSES, len(PARTS))
        running.extend(subprocess.Popen([sys.executable, "-m", __name__], stdin=parts, env=environment) for _ in range(count))
        codes = [process.wait() for process in running]
        return not any(codes)
    finally:
        os.close(parts)
        for process in running:
            process.kill()
            process.wait()


def _mark(folder: Path) -> Path:
    """The file that says that all is there: of these sources, as numba tells them apart, for this Python and this numba."""
    import numba  # not at the top: it is slow to import

    said = [f"{sys.implementation.cache_tag} {numba.__version__}"]
    for source in sorted((Path(__file__).parent / "kernels").glob("*.py")):
        stat = source.stat()
        said.append(f"{source} {stat.st_mtime_ns} {stat.st_size}")
    return folder / f"compiled-{hashlib.blake2b(os.fsencode(chr(10).join(said)), digest_size=8).hexdigest()}"


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who waits, who ends this
    use_kernel_cache()
    from idweave_server.kernels.warmup import PARTS

    while part := os.read(0, 1):
        PARTS[part[0]]()


if __name__ == "__main__":
    main()
