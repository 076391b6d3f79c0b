"""Definitions of segments as people keep them: a TOML or JSON file with a condition, or with a template and its parameters."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from idweave import TemplateUse
from idweave.segments import template, text_of

from idweave_server.errors import InputError

LARGEST = 1024 * 1024  # bytes
TEXTS = ("name", "description", "owner")
KEYS = (*TEXTS, "when", "template", "parameters")
ENDINGS = (".toml", ".json")


@dataclass(frozen=True, slots=True)
class SegmentFile:
    """What a file says. definition: a condition in its text form, or a template in use."""

    name: str
    description: str
    owner: str
    definition: str | TemplateUse


def is_file(what: str) -> bool:
    """Whether a word of the command line means a file: a segment's name has neither such an ending nor a slash."""
    return what.endswith(ENDINGS) or "/" in what or "\\" in what


def read_segment_file(path: Path) -> SegmentFile:
    """Raises InputError."""
    found = _parsed(path)
    strange = [key for key in found if key not in KEYS]
    if strange:
        raise InputError(f"{path}: {strange[0]!r} means nothing here; a definition has {', '.join(KEYS)}")
    for key in TEXTS:
        if not isinstance(found.get(key, ""), str):
            raise InputError(f"{path}: {key} has to be text")
    if ("when" in found) == ("template" in found):
        raise InputError(f'{path}: give either a condition, [when], or a template = "..." with its [parameters]')
    name, description, owner = (found.get(key, "") for key in TEXTS)
    return SegmentFile(name, description, owner, _definition(path, found))


def template_in_use(name: str, said: Iterable[str]) -> TemplateUse:
    """said: name=value each. Raises InputError."""
    values = {}
    for one in said:
        key, equals, value = one.partition("=")
        if not equals or not key:
            raise InputError(f"--set {one!r}: write name=value, such as --set days=30")
        values[key.strip()] = value.strip()
    return template(name, **values)


def _definition(path: Path, found: Mapping[str, Any]) -> str | TemplateUse:
    if "when" in found:
        if "parameters" in found:
            raise InputError(f"{path}: [parameters] are a template's; a condition has none")
        if not isinstance(found["when"], dict):
            raise InputError(f'{path}: when has to be a condition, such as when = {{ tag = "vip" }}')
        return text_of(found["when"])
    values = found.get("parameters", {})
    if not isinstance(found["template"], str) or not isinstance(values, dict):
        raise InputError(f"{path}: template is a name, and [parameters] are names with values")
    for key, value in values.items():
        if not isinstance(value, str | int | float | bool):
            raise InputError(f"{path}: parameters.{key} has to be text, a number, true or false")
    return template(found["template"], **values)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path} is larger than {LARGEST:,} bytes: this is no definition of a segment")
        text = path.read_text("utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not text in UTF-8") from None
    try:
        found = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except RecursionError:
        raise InputError(f"{path} is nested too deep to be read: use another segment for a part of it") from None
    except ValueError as error:
        raise InputError(f"{path} is no {'JSON' if path.suffix == '.json' else 'TOML'}: {error}") from None
    if not isinstance(found, dict):
        raise InputError(f"{path}: a definition is an object with {', '.join(KEYS)}")
    return found
