"""`idweave` as a process of its own, its output piped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from idweave_server.kernel_cache import use_kernel_cache

# The command keeps its compiled kernels where these tests keep theirs: compiling them again takes a minute.
ENVIRONMENT = {**os.environ, "NUMBA_CACHE_DIR": str(use_kernel_cache()), "PYTHONUTF8": "1"}
ENTRY = "from idweave_server.cli.main import main; main()"


def idweave(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    return subprocess.run(
        [sys.executable, "-c", ENTRY, *arguments],
        cwd=folder,
        env={name: value for name, value in ENVIRONMENT.items() if name not in ("COLUMNS", "FORCE_COLOR")},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
