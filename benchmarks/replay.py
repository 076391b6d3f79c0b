"""Replay a store's log into an empty state, in a process of its own: `python -m benchmarks.replay URL` prints observations and seconds."""

from __future__ import annotations

import json
import subprocess
import sys
import time

from idweave_server.kernel_cache import use_kernel_cache


def replayed(url: str) -> tuple[int, float]:
    """(observations, seconds) of a replay without a snapshot. Raises SystemExit where it fails."""
    run = subprocess.run([sys.executable, "-m", __name__, url], capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(f"the replay of {url} failed:\n{run.stderr[-2000:]}")
    observations, seconds = json.loads(run.stdout)
    return observations, seconds


def main(url: str) -> None:
    use_kernel_cache()
    from idweave_server.kernels.warmup import warm_up
    from idweave_server.operations.store import Store

    warm_up()
    begun = time.perf_counter()
    with Store.read(url) as store:
        print(json.dumps([store.engine.counts().observations, time.perf_counter() - begun]))


if __name__ == "__main__":
    main(sys.argv[1])
