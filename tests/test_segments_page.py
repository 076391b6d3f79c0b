"""What docs/segments.md shows is read as it says: definitions, Python, and the words of its tables."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from idweave import Client
from idweave_server.cli.segment_files import read_segment_file
from idweave_server.segments.definition_text import KINDS, OPERATORS, RELATIONS, read
from idweave_server.segments.expression import Any as AnyOf

from tests.client.fake_server import FakeServer, serving

PAGE = Path(__file__).parents[1] / "docs" / "segments.md"
TEXT = PAGE.read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", blocks("toml"))
def test_definitions_are_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(text, "utf-8")
    assert read_segment_file(path).definition
    found: Any = tomllib.loads(text)
    if "when" in found and "template" not in found:
        assert read(_plain(found["when"]))


def _plain(node: Any) -> Any:
    """TOML's own times as the client sends them."""
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node if isinstance(node, str | int | float | bool) else {"time": node.isoformat()}


def test_there_is_an_example_of_every_condition() -> None:
    every: Any = tomllib.loads(blocks("toml")[-1])
    expression = read(_plain(every["when"]))
    assert isinstance(expression, AnyOf)
    assert {type(part).__name__ for part in expression.parts} == {
        *("FieldTest", "TimeTest", "EventTest", "Sequence", "IdentityTest", "ProvenanceTest", "SegmentTest")
    }


@pytest.fixture
def server() -> Iterator[FakeServer]:
    yield from serving()


@pytest.mark.parametrize("code", blocks("python"))
def test_python_runs(code: str, server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Client(server.address)
    monkeypatch.setattr("idweave.Client", lambda address: made)
    exec(compile(code, "segments.md", "exec"), {})
    assert server.asked


def test_the_tables_have_every_word() -> None:
    for word in (*KINDS, *OPERATORS, *RELATIONS):
        assert f"`{word}`" in TEXT or f"`{word} = " in TEXT, word
