"""The policy of a file as a store keeps it: one text that needs no other file."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from idweave_server.errors import InputError, PolicyError


def policy_text(path: Path) -> str:
    """The text; where it names files of allowed values, written anew with the values in their place. Raises InputError, PolicyError."""
    text = _read(path)
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{path} is not TOML: {error}") from None
    naming = [rule for rule in _traits(tree) if isinstance(rule.get("allowed_file"), str)]
    for rule in naming:
        lines = (line.strip() for line in _read(path.parent / rule.pop("allowed_file")).splitlines())
        rule["allowed"] = [*rule.get("allowed", ()), *(line for line in lines if line and not line.startswith("#"))]
    return _written(tree) if naming else text


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text") from None
    except OSError as error:
        raise InputError(f"the policy's file {path} cannot be read: {error.strerror or error}") from None


def _traits(tree: dict[str, Any]) -> list[dict[str, Any]]:
    traits = tree.get("traits")
    return [rule for rule in traits.values() if isinstance(rule, dict)] if isinstance(traits, dict) else []


def _written(tree: dict[str, Any]) -> str:
    """TOML: what stands by itself, then a section for each table, its own tables on a line each."""
    lines = [f"{name} = {_value(value)}" for name, value in tree.items() if not isinstance(value, dict)]
    for name, table in tree.items():
        if isinstance(table, dict):
            lines += ["", f"[{_value(name)}]", *(f"{_value(key)} = {_value(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_value(key)} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)
