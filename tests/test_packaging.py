"""What is shipped and installed: both wheels are complete, versions agree, every dependency is pinned, floored and explained."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import idweave_server
import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
SERVER: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CLIENT: dict[str, Any] = tomllib.loads((ROOT / "client" / "pyproject.toml").read_text("utf-8"))
DECLARED = [
    Requirement(text)
    for text in (*SERVER["project"]["dependencies"], *CLIENT["project"]["dependencies"], *SERVER["dependency-groups"]["dev"])
]
PINNED = {
    name.lower(): version
    for name, _, version in (line.partition("==") for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if "==" in line)
}


def wheel(folder: Path, into: Path) -> set[str]:
    """Names of the files in the wheel of a project."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(into)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return set(zipfile.ZipFile(next(into.glob("*.whl"))).namelist())


@pytest.mark.parametrize(("folder", "package"), [("server", "idweave_server"), ("client", "idweave")])
def test_a_wheel_holds_every_file_of_its_package(folder: str, package: str, tmp_path: Path) -> None:
    source = ROOT / folder / package
    expected = {f"{package}/{path.relative_to(source).as_posix()}" for path in source.rglob("*") if path.is_file()}
    expected = {name for name in expected if "__pycache__" not in name}
    found = wheel(ROOT if folder == "server" else ROOT / "client", tmp_path)
    assert {name for name in found if not name.startswith(f"{package}-")} == expected


def test_versions_agree() -> None:
    assert SERVER["project"]["version"] == CLIENT["project"]["version"] == idweave_server.__version__
    assert SERVER["project"]["requires-python"] == CLIENT["project"]["requires-python"]


@pytest.mark.parametrize("requirement", DECLARED, ids=str)
def test_a_dependency_is_pinned_within_its_bounds_and_explained(requirement: Requirement) -> None:
    name = requirement.name.lower()
    assert requirement.specifier, "a floor that is tested"
    assert requirement.specifier.contains(PINNED[name])
    assert re.search(rf"^\| {re.escape(name)} \|", (ROOT / "docs" / "dependencies.md").read_text("utf-8"), re.MULTILINE)


def test_only_declared_dependencies_are_explained() -> None:
    listed = re.findall(r"^\| ([a-z][\w-]*) \|", (ROOT / "docs" / "dependencies.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(set(listed) - {"package"}) == sorted({requirement.name.lower() for requirement in DECLARED})


def test_the_environment_in_use_is_the_one_that_is_pinned() -> None:
    from importlib.metadata import PackageNotFoundError, version

    other = {}
    for name, pin in PINNED.items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            continue
        if Version(installed) != Version(pin) and name not in {"pip", "setuptools"}:
            other[name] = (installed, pin)
    assert other == {}, "run `make setup`"


def test_make_lists_its_targets() -> None:
    said = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make ([a-z0-9-]+)", said, re.MULTILINE)) == set(
        re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )


def test_ci_runs_lint_then_tests_and_stops_at_the_first_failure() -> None:
    path = ROOT / ".ci" / "run"
    assert path.stat().st_mode & 0o111
    assert [line for line in path.read_text("utf-8").splitlines() if re.match(r"set|make", line)] == [
        "set -euo pipefail", "make lint", "make test",
    ]  # fmt: skip


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert SERVER["project"]["license"] == CLIENT["project"]["license"] == "Apache-2.0"
