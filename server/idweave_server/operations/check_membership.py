"""Whether profiles are in segments, and until when that holds by itself; one, or a thousand at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from idweave_server.errors import IdweaveError, NotFoundError, RequestError, TooLargeError
from idweave_server.operations.get_profile import Subject, find_slot
from idweave_server.operations.identifier_reader import IdentifierReader
from idweave_server.operations.memberships import Memberships, Standing, definition_of
from idweave_server.segments.definition import Definition

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine

MOST_SEGMENTS = 100
MOST_SUBJECTS = 1_000
SLICE = 100  # subjects answered at a stretch: a few milliseconds


@dataclass(frozen=True, slots=True, repr=False)
class Membership:
    """What one segment says of a profile."""

    definition: Definition
    standing: Standing


@dataclass(frozen=True, slots=True, repr=False)
class Checked:
    """What segments say of one subject. error: why there is no answer; then nothing else is set."""

    profile_id: str = ""
    memberships: tuple[Membership, ...] = ()
    error: NotFoundError | RequestError | None = None


def check_membership(
    engine: Engine, reader: IdentifierReader, memberships: Memberships, subject: Subject, segments: Sequence[str]
) -> Checked:
    """segments: all where none is named. Raises RequestError, TooLargeError, NotFoundError."""
    definitions = _named(memberships, segments)
    slot = find_slot(engine, reader, subject)
    found = memberships.standings(slot, [one.name for one in definitions])
    return Checked(engine.profile_id(slot), tuple(map(Membership, definitions, found)))


def check_memberships(
    engine: Engine, reader: IdentifierReader, memberships: Memberships, subjects: Sequence[Subject], segments: Sequence[str]
) -> Iterator[list[Checked]]:
    """The same of many, in order, slice by slice; a subject without an answer says why. Raises as `check_membership` for the rest."""
    if not subjects:
        raise RequestError.of("subjects", f"none was given; give 1 to {MOST_SUBJECTS:,}")
    if len(subjects) > MOST_SUBJECTS:
        raise TooLargeError.of("subjects", f"{len(subjects):,} are more than {MOST_SUBJECTS:,}; send them in parts")
    for start in range(0, len(subjects), SLICE):
        definitions = _named(memberships, segments)
        found = [_found(engine, reader, subject) for subject in subjects[start : start + SLICE]]
        slots = np.array([slot for slot in found if isinstance(slot, int)], np.int32)
        columns = [array.T.tolist() for array in memberships.verdicts(slots, [one.name for one in definitions])]
        said = iter([list(map(Standing, *rows)) for rows in zip(*columns, strict=True)])
        yield [
            Checked(engine.profile_id(slot), tuple(map(Membership, definitions, next(said))))
            if isinstance(slot, int)
            else Checked(error=slot)
            for slot in found
        ]


def _found(engine: Engine, reader: IdentifierReader, subject: Subject) -> int | NotFoundError | RequestError:
    """The profile that a subject is about, or why there is none."""
    try:
        return find_slot(engine, reader, subject)
    except IdweaveError as error:
        if isinstance(error, NotFoundError | RequestError):
            return error
        raise


def _named(memberships: Memberships, segments: Sequence[str]) -> list[Definition]:
    """In request order; all by name where none is named. Raises TooLargeError, NotFoundError."""
    if len(segments) > MOST_SEGMENTS:
        raise TooLargeError.of("segments", f"{len(segments):,} are more than {MOST_SEGMENTS}; ask in parts")
    known = memberships.definitions
    if segments:
        return [known.get(name) or definition_of(memberships, name) for name in segments]
    if len(known) > MOST_SEGMENTS:
        there = len(known)
        raise TooLargeError.of("segments", f"there are {there:,} segments: name those that are asked for, at most {MOST_SEGMENTS}")
    return [one for _, one in sorted(known.items())]
