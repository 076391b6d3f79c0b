"""`idweave serve` with a clock that a benchmark drives: the wall clock and as many milliseconds as a file says.

Run as a module with the store's URL and the file, which holds one int64: it says its address and serves.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from idweave_server.kernel_cache import use_kernel_cache


def ahead(file: Path) -> np.memmap:
    """int64[1]: milliseconds that the server's clock is ahead, to be read and written."""
    if not file.exists():
        file.write_bytes(bytes(8))
    return np.memmap(file, np.int64, "r+", shape=(1,))


def main(store: str, file: str) -> None:
    use_kernel_cache()
    from idweave_server import app
    from idweave_server.config import Config

    more = ahead(Path(file))
    app.milliseconds = lambda: time.time_ns() // 1_000_000 + int(more[0])
    config = Config(store=store, listen="127.0.0.1:0", metrics="", snapshot_every=0)
    app.run(config, lambda line: print(line, flush=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
