"""The policy of a file as a store keeps it: one text that needs no other file."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from idweave_server.cli.resolve import read_text
from idweave_server.errors import PolicyError


def policy_text(path: Path) -> str:
    """The text; where it names lists of allowed values, written anew with their values in place. Raises InputError, PolicyError."""
    text = read_text(path)
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{path} is not TOML: {error}") from None
    named = [rule for rule in _traits(tree) if isinstance(rule.get("allowed_file"), str)]
    for rule in named:
        lines = (line.strip() for line in read_text(path.parent / rule.pop("allowed_file")).splitlines())
        rule["allowed"] = [*rule.get("allowed", ()), *(line for line in lines if line and not line.startswith("#"))]
    return _written(tree) if named else text


def _traits(tree: dict[str, Any]) -> list[dict[str, Any]]:
    traits = tree.get("traits")
    return [rule for rule in traits.values() if isinstance(rule, dict)] if isinstance(traits, dict) else []


def _written(tree: dict[str, Any]) -> str:
    """A policy has tables of tables of plain values: one line for each."""
    lines = [f"{name} = {_value(value)}" for name, value in tree.items() if not isinstance(value, dict)]
    for name, table in tree.items():
        if isinstance(table, dict):
            lines += ["", f"[{_key(name)}]", *(f"{_key(key)} = {_value(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


def _key(name: str) -> str:
    return _value(name)
