"""Mapping files: TOML that says what a file's columns are, read with a remedy for every mistake, and the choice of a mapping for a file.

[file]                       how to read it, where the suffix does not say: format, delimiter, encoding, sheet, header
[observation]                id, time, source, evidence
[identifiers]                namespace = "column" | { field | fields, region, network, issuer } | [ … ]
[traits]                     name = "column" | { field, format }
[events]                     type = …
[assertions]                 same, different = { when, left, right }; shared, personal = { when, identifier }
[erasures]                   when, identifiers, until
[[files]]                    instead: several mappings in one file, each with its `pattern` and its own tables, [files.observation] …
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Any

from idweave_server.batch.files import FORMATS, FileOptions
from idweave_server.batch.mapping_model import Erasures, Identifier, Mapping, Trait, Verdicts
from idweave_server.batch.mapping_values import read_date_format, read_evidence, read_identifiers, read_time, read_value, read_when
from idweave_server.batch.text_stream import codec_name
from idweave_server.batch.toml_section import Section
from idweave_server.errors import MappingError
from idweave_server.model import Verdict

__all__ = ["Mapping", "assign_mappings", "choose_mapping", "load_mapping"]

TABLES = ("file", "observation", "identifiers", "traits", "events", "assertions", "erasures")
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
NEVER_DELIMIT = '"\r\n\0'


def load_mapping(text: str, name: str) -> tuple[Mapping, ...]:
    """Read a mapping file: one mapping, or one for each of its [[files]] sections. `name` is the file's in messages.

    Raises MappingError for what is not TOML, an unknown key, a wrong type or a missing part.
    """
    try:
        root = Section(tomllib.loads(text), "", name)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{name} is not TOML: {error}") from error
    except RecursionError as error:
        raise MappingError(f"{name} is not usable: it is nested too deeply") from error
    files = root.sections("files", 'one table a kind of file, [[files]] with pattern = "crm_*.csv"')
    if not files:
        root.only(*TABLES, "files")
        return (_mapping(root, name, None),)
    root.only("files")
    mappings = []
    for section in files:
        section.only("pattern", *TABLES)
        pattern = section.text("pattern", 'the file names it is for, "crm_*.csv"')
        if pattern is None:
            raise section.error("", 'names no files; add pattern = "crm_*.csv"')
        mappings.append(_mapping(section, name, pattern))
    return tuple(mappings)


def choose_mapping(mappings: Sequence[Mapping], path: str | PurePath) -> Mapping:
    """The first mapping whose pattern fits the file's name, or its whole path where the pattern has a "/"."""
    path = PurePath(path)
    for mapping in mappings:
        pattern = mapping.pattern
        if pattern is None or fnmatchcase(path.as_posix() if "/" in pattern else path.name, pattern):
            return mapping
    patterns = ", ".join(f"{mapping.pattern} ({mapping.name})" for mapping in mappings)
    raise MappingError(
        f'no mapping is for {path}: the patterns are {patterns or "none"}. Add a [[files]] section with pattern = "{path.name}"'
    )


def assign_mappings(loaded: Sequence[Sequence[Mapping]], paths: Sequence[str | PurePath]) -> tuple[Mapping, ...]:
    """A mapping for every file: from one mapping file for all of them, or from as many as there are files, in the same order."""
    if len(loaded) == 1:
        return tuple(choose_mapping(loaded[0], path) for path in paths)
    if len(loaded) == len(paths):
        return tuple(choose_mapping(mappings, path) for mappings, path in zip(loaded, paths, strict=True))
    raise MappingError(
        f"{len(paths)} files and {len(loaded)} mappings: give one --mapping for all files, or one for each, in the order of the files; "
        f"one mapping file can also serve different files by patterns, [[files]]"
    )


def _mapping(section: Section, name: str, pattern: str | None) -> Mapping:
    observation = section.section("observation", "a table, [observation]")
    if observation is None:
        raise section.error("observation", 'is missing; add [observation] with time = "a column" and source = { value = "crm" }')
    observation.only("id", "time", "source", "evidence")
    time = read_time(observation, "time")
    if time is None:
        raise observation.error(
            "time", 'is missing; write the column, time = "created_at", or one time for all rows, time = { value = "2024-01-31" }'
        )
    source = read_value(observation, "source", allow=("default",))
    if source is None:
        raise observation.error("source", 'is missing; name the system that reports, source = { value = "crm" }, or the column that does')
    identifiers = _identifiers(section)
    events = section.section("events", 'a table, [events] with type = "a column"') or Section({}, "events", name)
    verdicts = _verdicts(section)
    erasures = tuple(_erasures(one) for one in section.sections("erasures", "a table, [erasures]"))
    if not (identifiers or verdicts or erasures):
        raise section.error("identifiers", 'is missing, so no row says anything; add [identifiers] with, for example, email = "a column"')
    return Mapping(
        name=name,
        time=time,
        source=source,
        evidence=read_evidence(observation),
        id=read_value(observation, "id"),
        pattern=pattern,
        options=_options(section),
        identifiers=identifiers,
        traits=_traits(section),
        events={name: value for name in events.values if (value := read_value(events, name)) is not None},
        verdicts=verdicts,
        erasures=erasures,
    )


def _options(parent: Section) -> FileOptions:
    section = parent.section("file", "a table, [file]")
    if section is None:
        return FileOptions()
    section.only("format", "delimiter", "encoding", "sheet", "header")
    delimiter = section.text("delimiter", 'one character, ";", or "tab"') if section.values.get("delimiter") != "\t" else "\t"
    delimiter = DELIMITERS.get(delimiter, delimiter) if delimiter else None
    if delimiter and (len(delimiter) != 1 or delimiter in NEVER_DELIMIT):
        raise section.error("delimiter", f'{delimiter!r} cannot delimit; write one character, ";", or one of {", ".join(DELIMITERS)}')
    encoding = section.text("encoding", 'the name of an encoding, "utf-8"')
    header: Any = section.values.get("header", True)
    if isinstance(header, list):
        if not header or not all(isinstance(one, str) and one.strip() for one in header) or len(set(header)) < len(header):
            raise section.wrong("header", 'every column\'s name once, ["id", "email"]')
        header = tuple(header)
    elif not isinstance(header, bool):
        raise section.wrong("header", 'true, false, or the columns\' names where the file has no header row, ["id", "email"]')
    if encoding:
        codec_name(encoding, f"{section.file}: {section.name('encoding')}")
    return FileOptions(
        section.choice("format", FORMATS), delimiter, encoding, section.text("sheet", 'the sheet\'s name, "Customers"'), header
    )


def _identifiers(parent: Section) -> tuple[Identifier, ...]:
    section = parent.section("identifiers", 'a table, [identifiers] with email = "a column"')
    if section is None:
        return ()
    found: list[Identifier] = []
    for namespace in section.values:
        items = section.spread(namespace)
        for key in items.values:
            found.extend(read_identifiers(items, key, namespace))
    return tuple(found)


def _traits(parent: Section) -> tuple[Trait, ...]:
    section = parent.section("traits", 'a table, [traits] with first_name = "a column"')
    traits = []
    for name in section.values if section else ():
        value = read_value(section, name, allow=("format",)) if section else None
        if section and value:
            traits.append(Trait(name, value, read_date_format(section, name)))
    return tuple(traits)


def _verdicts(parent: Section) -> tuple[Verdicts, ...]:
    section = parent.section("assertions", "a table, [assertions] with same, different, shared or personal")
    if section is None:
        return ()
    section.only(*(verdict.name.lower() for verdict in Verdict))
    found = []
    for verdict in Verdict:
        pair = verdict in (Verdict.SAME, Verdict.DIFFERENT)
        ends = ("left", "right") if pair else ("identifier",)
        example = '{ when = { event = "…" }, ' + ", ".join(f'{end} = "a column"' for end in ends) + " }"
        for rows in section.sections(verdict.name.lower(), example):
            rows.only("when", *ends, "time")
            sides = []
            for end in ends:
                if end not in rows.values:
                    raise rows.error(end, f'is missing; write the column that holds the identifier, {end} = "a column"')
                sides.extend(read_identifiers(rows, end, None))
            if len(sides) != len(ends):
                raise rows.error("", f"one column for each of {' and '.join(ends)}")
            found.append(Verdicts(verdict, read_when(rows), sides[0], sides[1] if pair else None, read_time(rows, "time")))
    return tuple(found)


def _erasures(section: Section) -> Erasures:
    section.only("when", "identifiers", "until")
    if "identifiers" not in section.values:
        raise section.error("identifiers", 'is missing; write the column that holds them, identifiers = "a column"')
    items = section.spread("identifiers")
    identifiers = tuple(one for key in items.values for one in read_identifiers(items, key, None))
    return Erasures(read_when(section), identifiers, read_time(section, "until"))
