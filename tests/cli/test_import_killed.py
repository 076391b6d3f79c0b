"""An import that is killed leaves whole entries, and goes on where it stopped."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from idweave_server.errors import StoreError
from idweave_server.log.locate import open_log

from tests.cli.as_process import ENTRY, ENVIRONMENT
from tests.cli.running import MAPPING, Results, in_csv, row
from tests.cli.serving import good, told
from tests.server.running import until

ROWS = 60_000  # six entries


def entries(url: str) -> int:
    """How long the log is, 0 where there is none yet."""
    try:
        with closing(open_log(url, read_only=True)) as log:
            return log.head().sequence
    except StoreError:
        return 0


@pytest.mark.slow
def test_a_killed_import_goes_on(tmp_path: Path) -> None:
    rows = [row(n, email=f"person{n % 20_000}@acme.org", cookie=f"c-0001-cookie-{n:05}") for n in range(ROWS)]
    (tmp_path / "a.csv").write_text(in_csv(rows), "utf-8")
    (tmp_path / "m.toml").write_text(MAPPING, "utf-8")
    url = f"sqlite:///{tmp_path / 'a.db'}"
    arguments = ["import", str(tmp_path / "a.csv"), "-m", str(tmp_path / "m.toml"), "--store", url]
    with subprocess.Popen(
        [sys.executable, "-c", ENTRY, *arguments], env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        until(lambda: entries(url) >= 3 or process.poll() is not None, "two entries of observations")
        process.kill()
    assert process.returncode == -signal.SIGKILL
    taken = entries(url) - 1
    again = told(*arguments)["outcomes"]
    assert again["DUPLICATE"] in range(10_000 * taken, ROWS)  # one more may have been made durable as it was killed
    assert again["ACCEPTED"] == ROWS - again["DUPLICATE"] > 0
    assert told("verify", "--store", url)["equal"]
    good("export", "--store", url, "--out", tmp_path / "out", "--quiet")
    assert len(Results(tmp_path / "out").rows("observations")) == ROWS
