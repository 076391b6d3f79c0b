"""The documentation agrees with the code: every TOML block loads, and the tables of reasons and words are those of the program."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from idweave_server.batch.columns import Table
from idweave_server.batch.mapping import load_mapping
from idweave_server.batch.output_tables import identifier_table, issue_table, link_table, node_order, observation_table, profile_table
from idweave_server.cli.main import application
from idweave_server.intake.remedies import REMEDIES
from idweave_server.model import Apart, Outcome, Refusal, Shared
from idweave_server.resolution.policy import load_policy
from typer.main import get_command

from tests.batch.hand_made import hand_made

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MAPPINGS = [DOCS / "mapping.md"]
POLICIES = [DOCS / "policy.md", DOCS / "events.md", ROOT / "CONTRIBUTING.md"]
NEEDED = {  # what a mapping cannot do without, for the blocks that show one part of it
    "[observation]": '[observation]\ntime = "at"\nsource = { value = "crm" }\n',
    "[identifiers]": '[identifiers]\nemail = "mail"\n',
}


def blocks(page: Path, language: str) -> list[tuple[str, str]]:
    """(where, text) of each code block in one language."""
    text = page.read_text("utf-8")
    found = re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [(f"{page.name}:{text[: block.start()].count(chr(10)) + 1}", block[1]) for block in found]


def all_blocks(pages: list[Path], language: str) -> list[object]:
    return [pytest.param(text, id=where) for page in pages for where, text in blocks(page, language)]


def completed(part: str) -> str:
    """A mapping that a part of one makes whole."""
    if "[[files]]" in part:
        return part
    if "[" not in part.splitlines()[0]:  # a bare key of [observation]
        return f'[observation]\nsource = {{ value = "crm" }}\n{part}\n{NEEDED["[identifiers]"]}'
    return part + "".join(f"\n{text}" for table, text in NEEDED.items() if table not in part)


@pytest.mark.parametrize("text", all_blocks(MAPPINGS, "toml"))
def test_mappings_load(text: str) -> None:
    assert load_mapping(completed(text), "mapping.toml")


@pytest.mark.parametrize("text", all_blocks(POLICIES, "toml"))
def test_policies_load(text: str) -> None:
    policy = load_policy(text, lambda name: ["97201"])
    assert policy.fingerprint != load_policy("").fingerprint


def test_there_are_blocks_to_check() -> None:
    assert len(all_blocks(MAPPINGS, "toml")) > 8
    assert len(all_blocks(POLICIES, "toml")) > 3


def commands() -> list[object]:
    pages = [*sorted(DOCS.rglob("*.md")), ROOT / "CONTRIBUTING.md", *sorted((ROOT / "examples").rglob("*.md"))]
    lines = [(where, line) for page in pages for where, text in blocks(page, "") for line in text.splitlines()]
    return [pytest.param(line, id=where) for where, line in lines if re.match(r"(\S*/)?idweave ", line)]


@pytest.mark.parametrize("line", commands())
def test_commands_parse(line: str) -> None:
    """Only their options are looked at: the files are the reader's."""
    _, name, *arguments = shlex.split(line, comments=True)
    command = known_commands().get(name)
    assert command is not None, f"there is no idweave {name}"
    while subcommands := getattr(command, "commands", {}):
        name, *arguments = arguments
        assert name in subcommands, f"there is no {name} in {line}"
        command = subcommands[name]
    command.make_parser(command.context_class(command)).parse_args(arguments)


def known_commands() -> dict[str, Any]:
    return dict(get_command(application()).commands)  # type: ignore[attr-defined]


def rows(page: Path, *header: str) -> list[tuple[str, ...]]:
    """The rows of the table with this header, without back-quotes."""
    lines = page.read_text("utf-8").splitlines()
    begin = lines.index("| " + " | ".join(header) + " |")
    found = []
    for line in lines[begin + 2 :]:
        if not line.startswith("|"):
            break
        found.append(tuple(cell.strip().strip("`") for cell in line.strip("|").split("|")))
    return found


def test_every_reason_is_documented_with_its_remedy() -> None:
    assert {reason for reason in Refusal if reason} == set(REMEDIES)
    table = rows(DOCS / "outputs.md", "reason", "refuses", "what to do")
    assert [(reason, remedy) for reason, _, remedy in table] == [(reason.label, remedy) for reason, remedy in REMEDIES.items()]
    assert {refuses for _, refuses, _ in table} <= {"row", "value", "row or value", "the file"}


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (("outcome", "meaning"), [word.name for word in Outcome]),
        (("shared", "meaning", "to change it"), [word.name.lower() for word in Shared if word]),
        (("outcome", "the two ends are not one person because"), [word.name.lower() for word in Apart if word]),
    ],
)
def test_every_word_of_the_outputs_is_documented(header: tuple[str, ...], words: list[str]) -> None:
    assert [row[0] for row in rows(DOCS / "outputs.md", *header)] == words


def tables() -> list[Table]:
    result = hand_made()
    order = node_order(result)
    unfragile = np.full(result.resolution.profiles, -1, np.int64)
    return [
        observation_table(result),
        identifier_table(result, order),
        link_table(result, order),
        profile_table(result, unfragile),
        issue_table(result),
    ]


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.name)
def test_every_column_is_documented_in_its_place(table: Table) -> None:
    """A row of the table may name several columns; where the policy decides which there are, it names none."""
    lines = (DOCS / "outputs.md").read_text("utf-8").splitlines()
    begin = lines.index("| column | meaning |", lines.index(f"## {table.name}"))
    end = lines.index("", begin)
    documented = [name for line in lines[begin + 2 : end] for name in re.findall(r"`([a-z_]+)`", line.split("|")[1])]
    columns = [column.name for column in table.columns]
    assert documented == (columns[: len(documented)] if table.name == "profiles" else columns)
    assert len(documented) > 3
