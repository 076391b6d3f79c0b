"""The layering of the tree, its names and its sizes, checked by reading the sources; nothing here imports the project.

To add a layer, give it a line in LAYERS; to let a layer use a library, add the library to its line.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST_MODULE = 400  # lines; a module that wants more is two things


@dataclass(frozen=True)
class Layer:
    """What one package (or module) may import besides itself: layers of ours, and libraries besides the standard one."""

    layers: tuple[str, ...] = ()  # of the same package, or those of the other one by their full name
    libraries: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()  # modules of the standard library that it may not import, with those inside them


INPUT_OUTPUT = ("io", "os", "pathlib", "shutil", "socket", "sqlite3", "subprocess", "tempfile", "urllib.request", "http")
CLOCK_AND_CHANCE = ("time", "random", "secrets", "uuid")
PURE = (*INPUT_OUTPUT, *CLOCK_AND_CHANCE, "logging", "asyncio", "threading", "multiprocessing")
WORDS = ("model", "errors", "suggestion")

LAYERS = {
    "idweave_server": Layer(),
    "idweave_server.model": Layer(closed=PURE),
    "idweave_server.errors": Layer(closed=PURE),
    "idweave_server.suggestion": Layer(closed=PURE),
    "idweave_server.kernels": Layer(WORDS, ("numpy", "numba", "llvmlite"), PURE),
    "idweave_server.kernel_cache": Layer((), ("numba",)),
    "idweave_server.kernel_compilation": Layer(("kernels", "kernel_cache"), ("numba",)),
    "idweave_server.identifiers": Layer(
        (*WORDS, "kernels"), ("numpy", "numba", "pyarrow", "email_validator", "phonenumbers", "idna", "orjson"), PURE
    ),
    # Two tools for maintainers, which nothing imports.
    "idweave_server.identifiers.refresh_nicknames": Layer((), ("nicknames",)),
    "idweave_server.identifiers.refresh_lists": Layer((), ("disposable_email_domains",)),
    "idweave_server.resolution": Layer((*WORDS, "kernels"), ("numpy", "numba", "pyarrow"), PURE),
    "idweave_server.intake": Layer(
        (*WORDS, "kernels", "identifiers", "resolution", "entries"), ("numpy", "pyarrow", "orjson"), CLOCK_AND_CHANCE
    ),
    "idweave_server.entries": Layer((*WORDS, "kernels", "identifiers", "resolution"), ("numpy", "pyarrow", "zstandard"), PURE),
    "idweave_server.log": Layer(WORDS, ("apsw", "neo4j"), (*CLOCK_AND_CHANCE, "socket", "urllib.request", "http")),
    "idweave_server.segments": Layer((*WORDS, "kernels", "resolution"), ("numpy", "numba"), PURE),
    "idweave_server.engine": Layer(
        (*WORDS, "kernels", "identifiers", "resolution", "segments", "intake", "entries"),
        ("numpy", "numba", "pyarrow", "orjson", "zstandard"),
        (*CLOCK_AND_CHANCE, "socket", "subprocess", "http", "logging", "asyncio", "threading", "multiprocessing"),
    ),
    "idweave_server.projection": Layer(
        (*WORDS, "kernels", "identifiers", "resolution", "segments", "entries", "engine", "log"),
        ("numpy", "pyarrow", "neo4j"),
        (*CLOCK_AND_CHANCE, "socket", "subprocess", "urllib.request", "http", "asyncio", "multiprocessing"),
    ),
    "idweave_server.operations": Layer(
        (*WORDS, "kernels", "kernel_cache", "identifiers", "resolution", "segments", "intake", "entries", "engine", "log", "projection"),
        ("numpy", "pyarrow", "orjson"),
        (*CLOCK_AND_CHANCE, "socket", "urllib.request", "http"),
    ),
    "idweave_server.batch": Layer(
        (*WORDS, "kernels", "identifiers", "resolution", "intake", "entries", "engine", "operations"),
        ("numpy", "pyarrow", "orjson", "python_calamine", "zstandard"),
        (*CLOCK_AND_CHANCE, "socket", "urllib.request", "http"),
    ),
    "idweave_server.batch.summary": Layer((*WORDS, "intake", "batch"), ("rich", "numpy", "pyarrow")),
    "idweave_server.rpc": Layer(
        (*WORDS, "identifiers", "resolution", "segments", "intake", "engine", "operations", "idweave", "idweave.v1"),
        ("google", "grpc", "grpc_health", "grpc_reflection", "orjson", "prometheus_client"),
        CLOCK_AND_CHANCE,
    ),
    "idweave_server.config": Layer(WORDS),
    "idweave_server.policy_file": Layer(WORDS),
    # What needs the extra `otel` to be installed; `extra` and `settings` alone are imported without it.
    "idweave_server.telemetry": Layer((*WORDS, "rpc"), ("opentelemetry", "prometheus_client"), CLOCK_AND_CHANCE),
    "idweave_server.running": Layer(
        (*WORDS, "config", "kernel_cache", "kernel_compilation", "kernels", "log", "operations", "rpc", "telemetry"), (), CLOCK_AND_CHANCE
    ),
    "idweave_server.app": Layer((*WORDS, "config", "policy_file", "log", "rpc", "running"), ("uvloop",)),
    "idweave_server.cli": Layer(
        (
            *(
                *WORDS,
                "kernels",
                "kernel_cache",
                "kernel_compilation",
                "identifiers",
                "resolution",
                "intake",
                "log",
                "operations",
                "batch",
                "batch.summary",
            ),
            *("config", "policy_file", "app", "running", "telemetry", "idweave", "idweave.v1"),
        ),
        ("typer", "rich", "numpy", "pyarrow", "orjson", "google"),
        ("socket", "urllib.request", "http"),
    ),
    "idweave": Layer(("v1",), ("google", "grpc")),
    "idweave.v1": Layer((), ("google", "grpc")),
}
SOURCES = {"idweave_server": ROOT / "server" / "idweave_server", "idweave": ROOT / "client" / "idweave"}

FORBIDDEN_WORDS = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc", "base", "v2", "new", "fast", "old"}
# The log's contract is called base.py by design; v1 is the version of the protocol, not of the code.
ALLOWED_NAMES = {"log/base.py"}

UNWANTED_TEXT = {
    "a registry's host": re.compile(r"pypi[.]org|pythonhosted[.]org|crates[.]io|registry[.]npmjs|repo1?[.]maven|deb[.]debian", re.I),
    "a path of one machine": re.compile(r"(?<![\w.])/(?:work|root|home/\w+|opt/wheels|Users)/(?!\*)\w", re.I),
}


@dataclass(frozen=True)
class Import:
    """One import as written: the module and line that hold it, and the full name imported."""

    module: str
    line: int
    name: str


def imports_of(module: str, text: str) -> Iterator[Import]:
    """All imports of a module, those inside functions too; relative ones with their full name."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            start = ".".join(module.split(".")[: -node.level]) + "." if node.level else ""
            for alias in node.names:
                yield Import(module, node.lineno, f"{start}{node.module or ''}.{alias.name}".replace("..", "."))


def layer_of(name: str) -> str | None:
    """The layer that a dotted name of ours belongs to: its longest prefix in LAYERS."""
    parts = name.split(".")
    return next((prefix for n in range(len(parts), 0, -1) if (prefix := ".".join(parts[:n])) in LAYERS), None)


def complaint(found: Import) -> str | None:
    """What is wrong with an import by the table, or None."""
    where = f"{found.module}, line {found.line}: imports {found.name}"
    layer = layer_of(found.module)
    if layer is None or (layer == "idweave_server" and "." in found.module):
        return f"{found.module} is in no layer of tests/test_architecture.py"
    rule, (top, _, _) = LAYERS[layer], found.name.partition(".")
    if top in SOURCES:
        target = layer_of(found.name)
        ours = layer.partition(".")[0]
        allowed = {layer, ours, *(name if name.split(".")[0] in SOURCES else f"{ours}.{name}" for name in rule.layers)}
        return None if target in allowed else f"{where}; {layer} may import {', '.join(rule.layers) or 'nothing of ours'}"
    if top in sys.stdlib_module_names:
        shut = any(f"{found.name}.".startswith(f"{name}.") for name in rule.closed)
        return f"{where}, which {layer} has no business with" if shut else None
    return None if top in rule.libraries else f"{where}; {layer} may use {', '.join(rule.libraries) or 'no library'}"


def modules() -> Iterator[tuple[str, Path]]:
    for package, folder in SOURCES.items():
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            yield ".".join((package, *(part for part in parts if part != "__init__"))), path


def written_by_hand() -> list[Path]:
    """Every Python file of the project but the generated ones and empty package markers."""
    folders = ("server", "client", "protos", "benchmarks", "local_neo4j", "tests", "examples")
    paths = [path for name in folders for path in sorted((ROOT / name).rglob("*.py"))]
    return [path for path in paths if path.parent != SOURCES["idweave"] / "v1" and (path.name != "__init__.py" or path.stat().st_size)]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_imports_point_one_way() -> None:
    found = [complaint(edge) for module, path in modules() for edge in imports_of(module, path.read_text("utf-8"))]
    assert len(found) > 20
    assert [text for text in found if text] == []


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("idweave_server.model", "import numpy"),
        ("idweave_server.identifiers.names", "from idweave_server.identifiers.refresh_nicknames import vendored"),
        ("idweave_server.kernels.components", "from idweave_server.resolution import policy"),
        ("idweave_server.kernels.components", "import pyarrow.compute as pc"),
        ("idweave_server.identifiers.email", "from idweave_server.resolution.policy import Policy"),
        ("idweave_server.identifiers.email", "from pathlib import Path"),
        ("idweave_server.identifiers.social", "from urllib.request import urlopen"),
        ("idweave_server.identifiers.social", "import os.path"),
        ("idweave_server.resolution.shared", "from idweave_server import identifiers"),
        ("idweave_server.resolution.shared", "from ..identifiers import email"),
        ("idweave_server.resolution.shared", "def late():\n    import time"),
        ("idweave_server.resolution.policy", "import random"),
        ("idweave_server.batch.readers", "from idweave_server.cli.main import main"),
        ("idweave_server.batch.readers", "import typer"),
        ("idweave_server.cli.main", "import grpc"),
        ("idweave_server.engine.state", "import time"),
        ("idweave.identifiers", "from idweave_server.model import Party"),
        ("idweave.identifiers", "import numpy"),
    ],
)
def test_a_planted_bad_edge_is_found(module: str, text: str) -> None:
    assert [complaint(edge) for edge in imports_of(module, text)] != [None]


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("idweave_server.kernels.components", "from .labels import similar\nimport numpy as np\nfrom numba import njit"),
        ("idweave_server.resolution.shared", "from ..kernels import labels\nfrom idweave_server.model import Shared"),
        ("idweave_server.identifiers.social", "from urllib.parse import urlsplit"),
        ("idweave_server.cli.main", "import time\nfrom idweave_server import __version__\nfrom idweave_server.batch.run import resolve"),
        ("idweave.identifiers", "import re\nfrom idweave.v1.identifier_pb2 import Identifier"),
    ],
)
def test_a_good_edge_passes(module: str, text: str) -> None:
    assert [complaint(edge) for edge in imports_of(module, text) if complaint(edge)] == []


def test_every_layer_of_the_table_is_there() -> None:
    names = {layer_of(module) for module, _ in modules()}
    assert set(LAYERS) - names == set(), "a folder appears when it has content, and its line in LAYERS with it"


@pytest.mark.parametrize("path", written_by_hand(), ids=named)
def test_a_module_says_what_it_is_for_and_is_one_thing(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= LONGEST_MODULE
    assert ast.get_docstring(ast.parse(text)), "a module opens with one sentence that says what it is for"


def bad_names(path: str, text: str) -> list[str]:
    """Words in the file's path, and in the names that it defines, that name nothing of the domain."""
    defined = [node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    files = [] if path.endswith(tuple(ALLOWED_NAMES)) else [part.removesuffix(".py") for part in path.split("/")]
    modules_bad = [name for name in files if FORBIDDEN_WORDS & set(name.lower().split("_")) or re.search(r"[a-z]2$", name)]
    started = re.compile(r"_*(base|new|fast|old|Base|New|Fast|Old)(_|(?=[A-Z]))|.*(_v\d|[Mm]anager|[Hh]elpers?|[Uu]tils?)$")
    return modules_bad + [name for name in defined if started.match(name)]


def test_names_are_the_domain_s() -> None:
    assert {named(path): bad for path in written_by_hand() if (bad := bad_names(named(path), path.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("server/idweave_server/batch/utils.py", ""),
        ("server/idweave_server/batch/csv_helpers.py", ""),
        ("server/idweave_server/kernels/components2.py", ""),
        ("server/idweave_server/kernels/fast_index.py", ""),
        ("server/idweave_server/resolution/v2/shared.py", ""),
        ("server/idweave_server/batch/readers.py", "class ReaderManager: ..."),
        ("server/idweave_server/batch/readers.py", "class BaseReader: ..."),
        ("server/idweave_server/batch/readers.py", "def _new_reader(): ..."),
    ],
)
def test_a_planted_bad_name_is_found(path: str, text: str) -> None:
    assert bad_names(path, text)


def tracked() -> list[Path]:
    """Files that git tracks or would; all of the tree's where it is no checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0:
        return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    ignored = {".venv", ".git", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not ignored & set(path.relative_to(ROOT).parts)]


def unwanted(text: str) -> list[str]:
    return [f"{what}: {found[0]}" for what, pattern in UNWANTED_TEXT.items() if (found := pattern.search(text))]


def test_no_file_names_a_registry_or_a_machine_s_path() -> None:
    files = [path for path in tracked() if path != Path(__file__)]
    assert len(files) > 20
    bad = {named(path): found for path in files if (found := unwanted(path.read_bytes().decode("utf-8", "replace")))}
    assert bad == {}


def test_planted_unwanted_text_is_found() -> None:
    assert unwanted("see https://pypi.org/simple")
    assert unwanted("open('/work/main/x')")
    assert unwanted("cd /home/jo/idweave")
    assert not unwanted("docs/work/flow, ./root/x, /usr/bin/env")
