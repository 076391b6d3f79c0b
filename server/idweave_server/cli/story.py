"""The bundled sample and its story: the chapters that `idweave demo` prints, with what each expects of the server's answers."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from idweave_server.errors import InputError

NO_INPUT = {".toml", ".md", ".txt", ".py"}  # suffixes of what in the sample's folder describes it


@dataclass(frozen=True, slots=True)
class Together:
    """All of these identifiers are one person's; `at` picks the owner of one that changed hands."""

    together: tuple[str, ...]
    at: date | None = None


@dataclass(frozen=True, slots=True)
class Separate:
    """These two identifiers are two people's; `because` names the rule that refused to unite them, if one did."""

    apart: tuple[str, ...]
    because: str = ""


@dataclass(frozen=True, slots=True)
class SharedByMany:
    """This identifier is nobody's; `because` says why."""

    shared: str
    because: str


@dataclass(frozen=True, slots=True)
class OwnersInTurn:
    """This identifier had so many owners, one after another."""

    owners: str
    count: int


@dataclass(frozen=True, slots=True)
class OutcomeOf:
    """What became of these observations; `of` is an identifier of the person whose they are."""

    outcome: str
    observations: tuple[str, ...]
    of: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """So many values of a column (of whole rows, where the field is blank) were refused for one reason in one file."""

    refused: str
    file: str
    field: str
    count: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """The server does not know this identifier."""

    unknown: str


Expectation = Together | Separate | SharedByMany | OwnersInTurn | OutcomeOf | Refused | Unknown
KINDS: tuple[type[Expectation], ...] = (Together, Separate, SharedByMany, OwnersInTurn, OutcomeOf, Refused, Unknown)


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    happened: str
    see: str
    expectations: tuple[Expectation, ...]


@contextmanager
def sample_folder() -> Iterator[Path]:
    """The folder of the bundled sample, unpacked for as long as it is needed where the package is zipped."""
    with as_file(files("idweave_server") / "sample") as folder:
        yield folder


def input_files(folder: Path) -> list[Path]:
    """The files of the sample that systems wrote, by name."""
    return sorted(path for path in folder.iterdir() if path.is_file() and path.suffix not in NO_INPUT)


def read_story(text: str) -> tuple[Chapter, ...]:
    """The chapters of a story.toml. Raises InputError for an expectation that nothing checks."""
    chapters = tomllib.loads(text)["chapters"]
    return tuple(
        Chapter(chapter["title"], chapter["happened"], chapter["see"], tuple(_expectation(keys) for keys in chapter["expect"]))
        for chapter in chapters
    )


def _expectation(keys: dict[str, Any]) -> Expectation:
    """The first field of each kind is the key that tells it from the others."""
    for kind in KINDS:
        known = {field.name: field for field in fields(kind)}
        needed = {name for name, field in known.items() if field.default is MISSING}
        if next(iter(known)) in keys and needed <= keys.keys() <= known.keys():
            values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in keys.items()}
            return kind(**values)
    raise InputError(f"no expectation has the keys {', '.join(keys)}; the head of story.toml lists them")
