"""Definitions as entries of the log: one JSON text, so that what somebody put can be read without the release that wrote it."""

from __future__ import annotations

import json

from idweave_server.entries.columns import SegmentEntry
from idweave_server.segments.definition import Definition
from idweave_server.segments.definition_text import decode, encode


def entry_of(said: Definition) -> SegmentEntry:
    """What makes it so. Its version and time follow from where the entry stands in the log."""
    text = json.dumps(
        {
            "definition": encode(said.expression),
            "description": said.description,
            "owner": said.owner,
            "template": said.template,
            "parameters": dict(said.parameters),
        },
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return SegmentEntry(said.name, text)


def deletion_of(name: str) -> SegmentEntry:
    return SegmentEntry(name, "")


def definition_of(entry: SegmentEntry, version: int, at: int, sequence: int) -> Definition:
    """What an entry says. Raises DefinitionError, ValueError, KeyError for what `entry_of` did not write."""
    said = json.loads(entry.text)
    return Definition(
        name=entry.name,
        version=version,
        expression=decode(said["definition"]),
        description=said["description"],
        owner=said["owner"],
        template=said["template"],
        parameters=tuple(sorted(said["parameters"].items())),
        at=at,
        sequence=sequence,
    )
