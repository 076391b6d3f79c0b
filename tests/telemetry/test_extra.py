"""Without the extra, or without asking for it, nothing of OpenTelemetry is there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from idweave_server.kernel_cache import use_kernel_cache

from tests.server.running import ENTRY

# Stands in for an environment without the extra: nothing of it can be imported.
WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
"""
SERVED = """
import asyncio, pathlib, sys
from tests.server.running import here

async def main():
    async with here(pathlib.Path(sys.argv[1])):
        pass

asyncio.run(main())
print(sorted(name for name in sys.modules if name.startswith("opentelemetry")))
print("idweave_server.telemetry.settings" in sys.modules or "idweave_server.telemetry.extra" in sys.modules)
"""


def test_a_server_that_nobody_asked_imports_nothing_of_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVED, str(tmp_path)]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(use_kernel_cache())}
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2], env=environment)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines() == ["[]", "True"]


@pytest.mark.parametrize(
    ("options", "environment"),
    [(("--otel",), {}), ((), {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317"})],
    ids=["option", "variable"],
)
def test_asked_for_and_not_installed_it_says_how_to_install_it(
    options: tuple[str, ...], environment: dict[str, str], tmp_path: Path
) -> None:
    command = [sys.executable, "-c", WITHOUT + ENTRY, "serve", "--store", f"sqlite:///{tmp_path}/i.db", "--listen", "127.0.0.1:0", *options]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin", "PYTHONUTF8": "1", **environment})
    assert ran.returncode == 2, ran.stderr
    assert "idweave-server[otel]" in "".join(ran.stderr.split())
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "i.db").exists()
