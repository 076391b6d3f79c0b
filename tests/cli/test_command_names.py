"""What a server says in an error names its methods; the command line names commands instead."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import idweave_server
import pytest
from idweave.v1 import admin_service_pb2, identity_service_pb2, privacy_service_pb2, quality_service_pb2, segment_service_pb2
from idweave_server.cli.command_names import COMMANDS, in_commands

from tests.cli.running import idweave

SERVICES = (admin_service_pb2, identity_service_pb2, privacy_service_pb2, quality_service_pb2, segment_service_pb2)
METHODS = {method.name for module in SERVICES for service in module.DESCRIPTOR.services_by_name.values() for method in service.methods}
WRITES = {"Erase", "Retract"}  # words of other sentences too, and of no remedy
SPEAK = ("operations", "segments", "engine")


def sentences(path: Path) -> Iterator[str]:
    """What a module's strings say, but for its docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said and " " in node.value:
            yield node.value


def test_every_method_that_a_sentence_names_has_its_command() -> None:
    root = Path(idweave_server.__file__).parent
    named = {
        word
        for folder in SPEAK
        for path in (root / folder).rglob("*.py")
        for sentence in sentences(path)
        for word in re.findall(r"\b[A-Z]\w+", sentence)
        if word in METHODS - WRITES
    }
    assert {"ListSegments", "ListTemplates"} <= named
    assert named == set(COMMANDS)


@pytest.mark.parametrize("command", sorted(COMMANDS.values()))
def test_every_command_is_there(command: str) -> None:
    assert idweave(*command.split(), "--help").code == 0


def test_what_is_quoted_or_part_of_a_word_stays() -> None:
    assert in_commands("there is no segment 'Lookup'; ListSegments has them all") == (
        "there is no segment 'Lookup'; `idweave segment list` has them all"
    )
    assert in_commands('"Explain" and Lookups and GetSegment') == '"Explain" and Lookups and `idweave segment get`'
