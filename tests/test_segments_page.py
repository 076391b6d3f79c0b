"""What docs/segments.md and the pages of the templates show is read as they say: definitions, Python, and the words of the tables."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from idweave import Client, MembershipChange, WatchMembershipResponse, segments
from idweave_server.cli.segment_files import read_segment_file
from idweave_server.segments.definition_text import KINDS, OPERATORS, RELATIONS, read
from idweave_server.segments.expression import Any as AnyOf
from idweave_server.segments.templates.registry import instantiate

from tests.client.fake_server import FakeServer, serving

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "segments.md").read_text("utf-8")
PAGES = [DOCS / "segments.md", *sorted((DOCS / "segments").glob("*.md")), DOCS / "changes.md"]


def blocks(language: str) -> list[Any]:
    return [
        pytest.param(text, id=f"{page.name}-{number}")
        for page in PAGES
        for number, text in enumerate(re.findall(rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL))
    ]


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
    every: Any = tomllib.loads(re.findall(r"^```toml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)[-1])
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
    made, saved, handled = Client(server.address), list[str](), list[str]()
    monkeypatch.setattr("idweave.Client", lambda address: made)
    told = WatchMembershipResponse(changes=[MembershipChange(change_id="c")], resume_token="t")
    server.plan("WatchMembership", [told])
    around: dict[str, Any] = {"client": made, "segments": segments}
    around |= {"saved": lambda: "", "save": saved.append, "handle": lambda change: handled.append(change.change_id)}
    exec(compile(code, "page.md", "exec"), around)
    assert server.asked
    assert (saved, handled) in (([], []), (["t"], ["c"]))
    for put in server.requests("PutSegment"):
        if put.HasField("template"):
            assert instantiate(put.template.template, dict(put.template.parameters), {"currency": "USD"})


def test_the_tables_have_every_word() -> None:
    for word in (*KINDS, *OPERATORS, *RELATIONS):
        assert f"`{word}`" in TEXT or f"`{word} = " in TEXT, word
