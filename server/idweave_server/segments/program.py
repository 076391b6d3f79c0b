"""A program: definitions of segments as arrays, and its evaluation on profiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from idweave_server.kernels.arrays import checked, checked_offsets
from idweave_server.kernels.conditions import ProgramArrays, SubjectArrays
from idweave_server.kernels.steps import room_for
from idweave_server.kernels.verdicts import measured, room_to_work, verdicts
from idweave_server.segments.forms import Condition, Formula
from idweave_server.segments.subjects import Events, Needs, Sightings, Subjects


class Words(Protocol):
    """The numbers that texts have in `Subjects`. Each interns a word that it does not know, so that numbers never change."""

    def text(self, text: str) -> int: ...
    def event_type(self, name: str) -> int: ...
    def property_name(self, name: str) -> int: ...
    def currency(self, code: str) -> int: ...
    def source(self, name: str) -> int: ...
    def kind(self, name: str) -> int: ...


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Segments that are evaluated together.

    names: of the segments, in order; formulas: what each asks; needs: what is read of a profile; reads: of each segment, for knowing which
    to ask again when something of a profile changes: "field:NAME", "list:NAME" ("list:tags"), "event:TYPE", "events" (of any type),
    "namespaces", "strength", "sightings"; conditions: of each row of arrays.leaves, what it asks, whatever the program.
    """

    names: tuple[str, ...]
    formulas: tuple[Formula, ...]
    needs: Needs
    reads: tuple[frozenset[str], ...]
    arrays: ProgramArrays
    conditions: tuple[Condition, ...]

    @property
    def size(self) -> int:
        return len(self.names)


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """truth: int8[s, p], 0 FALSE, 1 UNKNOWN, 2 TRUE; until: int64[s, p], the first later instant at which that truth may be another if
    nothing happens: exactly when it is, but for a value that changes by itself (Subjects.changes); FOREVER where never."""

    truth: NDArray[np.int8]
    until: NDArray[np.int64]


def evaluate(program: Program, subjects: Subjects, now: int, segments: Sequence[int] | NDArray[np.integer] | None = None) -> Verdicts:
    """The verdicts on all profiles, of all segments or of these, in their order. Raises ValueError where the subjects are not what the
    program needs."""
    arrays = subject_arrays(program.needs, subjects)
    chosen = np.arange(program.size, dtype=np.int32) if segments is None else np.ascontiguousarray(segments, np.int32)
    if chosen.size and not 0 <= int(chosen.min()) <= int(chosen.max()) < program.size:
        raise ValueError(f"segments must lie in [0, {program.size})")
    found = Verdicts(np.empty((chosen.size, subjects.count), np.int8), np.empty((chosen.size, subjects.count), np.int64))
    rows = np.arange(subjects.count, dtype=np.int64)
    room = room_for(most_counted(arrays))
    verdicts(program.arrays, arrays, chosen, rows, now, room, *room_to_work(program.arrays, room), found.truth, found.until)
    return found


def measure(program: Program, subjects: Subjects, leaf: int, row: int, now: int) -> tuple[int, int, bool, bool]:
    """(least, greatest, or any more, or any less) of what a condition on events or observations counts at `now`."""
    arrays = subject_arrays(program.needs, subjects)
    room = room_for(most_counted(arrays))
    measured(program.arrays, arrays, leaf, row, now, room)
    least, most, upwards, downwards = room.tally.tolist()
    return least, most, upwards > 0, downwards > 0


def most_counted(arrays: SubjectArrays) -> int:
    """The greatest number of intervals that one condition has on one profile."""
    events = np.diff(arrays.event_start)
    properties = np.diff(arrays.property_start[arrays.event_start])
    return int(max(2 * events.max(initial=0), properties.max(initial=0), np.diff(arrays.sighting_start).max(initial=0))) + 1


def subject_arrays(needs: Needs, subjects: Subjects) -> SubjectArrays:
    """The profiles as the kernels take them. Raises ValueError where they are not what is needed."""
    p = subjects.count
    lists = [checked(f"lists[{i}]", values, np.int32) for i, values in enumerate(subjects.lists)]
    if len(lists) != len(needs.lists):
        raise ValueError(f"lists must be those of {', '.join(needs.lists) or 'nothing'}, not {len(lists)}")
    offset = np.zeros(len(lists) + 1, np.int64)
    np.cumsum([values.size for values in lists], out=offset[1:])
    for i, values in enumerate(lists):
        checked_offsets(f"list_start[{i}]", np.ascontiguousarray(subjects.list_start[i]), np.int64, values.size, p + 1)
    return SubjectArrays(
        _rows("values", subjects.values, np.int64, len(needs.fields), p),
        _rows("list_start", subjects.list_start, np.int64, len(lists), p + 1),
        offset[:-1].copy(),
        np.concatenate([np.empty(0, np.int32), *lists]),
        _rows("namespaces", subjects.namespaces, np.int32, len(needs.namespaces), p),
        checked("strength", subjects.strength, np.int64, p if needs.strength else None),
        checked("changes", subjects.changes, np.int64, p),
        *_event_arrays(needs, subjects.events, p),
        *_sighting_arrays(needs, subjects.sightings, p),
    )


def _rows(name: str, array: NDArray[np.generic], dtype: type, rows: int, width: int) -> NDArray[np.generic]:
    """An array of at least one row, so that a kernel has a shape to read."""
    if rows == 0:
        return np.empty((0, width), dtype)
    return checked(name, array, dtype, rows, width)


def _event_arrays(needs: Needs, events: Events | None, p: int) -> tuple[NDArray[np.generic], ...]:
    if not needs.events or events is None:
        if needs.events:
            raise ValueError("events are needed, but not there")
        columns = (np.empty(0, kind) for kind in (np.int64, np.int32, np.uint8, np.int64, np.int32))
        properties = (np.empty(0, kind) for kind in (np.int32, np.int32, np.int64))
        return (np.zeros(p + 1, np.int64), *columns, np.zeros(1, np.int64), *properties)
    time = checked("events.time", events.time, np.int64)
    name = checked("events.name", events.name, np.int32)
    n, q = time.size, name.size
    return (
        checked_offsets("events.start", events.start, np.int64, n, p + 1),
        time,
        checked("events.type", events.type, np.int32, n),
        checked("events.flags", events.flags, np.uint8, n),
        checked("events.amount", events.amount, np.int64, n),
        checked("events.currency", events.currency, np.int32, n),
        checked_offsets("events.property_start", events.property_start, np.int64, q, n + 1),
        name,
        checked("events.value", events.value, np.int32, q),
        checked("events.number", events.number, np.int64, q),
    )


def _sighting_arrays(needs: Needs, sightings: Sightings | None, p: int) -> tuple[NDArray[np.generic], ...]:
    if not needs.sightings or sightings is None:
        if needs.sightings:
            raise ValueError("sightings are needed, but not there")
        none = (np.empty(0, t) for t in (np.int64, np.int32, np.uint8, np.int32))
        return (np.zeros(p + 1, np.int64), *none)
    time = checked("sightings.time", sightings.time, np.int64)
    return (
        checked_offsets("sightings.start", sightings.start, np.int64, time.size, p + 1),
        time,
        checked("sightings.source", sightings.source, np.int32, time.size),
        checked("sightings.party", sightings.party, np.uint8, time.size),
        checked("sightings.kind", sightings.kind, np.int32, time.size),
    )
