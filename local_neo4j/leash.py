"""A process of ours, and its folder, that must not outlive us, however we end."""

from __future__ import annotations

import subprocess
from pathlib import Path

# The shell reads which process it holds until its input ends, which is our end too: the kernel closes what we held.
# What was killed may write for a moment yet, so the folder is removed more than once.
SCRIPT = """
while read -r line; do held=$line; done
[ -z "$held" ] || kill -9 "$held" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$1" 2>/dev/null && break; sleep 0.2; done
"""


class Leash:
    """Kills the process it holds and removes a folder, when this process is gone (SIGKILL included) or `pull` is called."""

    def __init__(self, folder: Path) -> None:
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", SCRIPT, "sh", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # what ends our group does not end the leash
        )

    def hold(self, process: int | None) -> None:
        """Hold this process instead of the one before; None: the folder alone."""
        assert self._shell.stdin is not None
        self._shell.stdin.write(f"{process or ''}\n".encode())
        self._shell.stdin.flush()

    def pull(self) -> None:
        """Kill and remove now; done when this returns."""
        assert self._shell.stdin is not None
        self._shell.stdin.close()
        self._shell.wait()
