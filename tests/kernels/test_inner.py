"""Kernels that other kernels alone call cannot be called from Python, which nothing does, then."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
INNER = ("INNER", "INNER_BORROWING", "INLINED")  # of kernels.instructions


def is_kernel(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and any("njit" in ast.unparse(one) for one in node.decorator_list)


def inner_of(text: str) -> set[str]:
    """The names of a module's inner kernels."""
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef) and is_kernel(node)]
    return {node.name for node in found if any(f"**{word}" in ast.unparse(one) for word in INNER for one in node.decorator_list)}


def outside_kernels(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not is_kernel(child):
            yield child
            yield from outside_kernels(child)


def called_from_python(text: str, module: str, inner: dict[str, set[str]]) -> set[str]:
    """The inner kernels, "module.name", that code of this module names outside of kernels."""
    tree = ast.parse(text)
    known = {name: f"{module}.{name}" for name in inner.get(module, ())}
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            source = node.module.rpartition(".")[2]
            known |= {one.asname or one.name: f"{source}.{one.name}" for one in node.names if one.name in inner.get(source, ())}
            modules |= {one.asname or one.name: one.name for one in node.names if one.name in inner}
    named = set()
    for node in outside_kernels(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in known:
            named.add(known[node.id])
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            source = modules[node.value.id]
            named |= {f"{source}.{node.attr}"} if node.attr in inner[source] else set()
    return named


def test_no_inner_kernel_is_called_from_python() -> None:
    paths = [path for folder in ("server", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
    texts = {path: text for path in paths if re.search("kernel|njit", text := path.read_text("utf-8"))}
    inner = {path.stem: names for path, text in texts.items() if "idweave_server" in path.parts and (names := inner_of(text))}
    assert sum(map(len, inner.values())) > 80
    found = {str(path.relative_to(ROOT)): named for path, text in texts.items() if (named := called_from_python(text, path.stem, inner))}
    assert not found, f"make these entries, without INNER: {found}"


def test_a_call_is_found_wherever_it_is() -> None:
    inner = {"tally": {"merge"}}
    calls = (
        "from idweave_server.kernels.tally import merge\nmerge(1)",
        "from idweave_server.kernels.tally import merge as m\ndef f():\n    return m(1)",
        "from idweave_server.kernels import tally\ntally.merge(1)",
    )
    for call in calls:
        assert called_from_python(call, "somewhere", inner) == {"tally.merge"}
    assert called_from_python("@njit(**INNER)\ndef merge(): ...\nmerge()", "tally", inner) == {"tally.merge"}
    kernel = "from idweave_server.kernels.tally import merge\n@njit(cache=True)\ndef f():\n    return merge(1)"
    assert called_from_python(kernel, "somewhere", inner) == set()
    assert inner_of("@njit(cache=True, **INNER)\ndef a(): ...\n@njit(**INLINED)\ndef b(): ...\n@njit(**BORROWING)\ndef c(): ...") == {
        "a",
        "b",
    }
