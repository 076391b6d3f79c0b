"""Who enters and leaves a segment when, if nothing happens but time passing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from idweave_server.kernels.conditions import TRUE
from idweave_server.kernels.steps import room_for
from idweave_server.kernels.verdicts import crossings, room_to_work
from idweave_server.segments.program import Program, most_counted, subject_arrays
from idweave_server.segments.subjects import Subjects


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Profiles as they are from `now` until something of them changes by itself (Subjects.changes). rows: int64[p], who they are."""

    now: int
    rows: NDArray[np.int64]
    subjects: Subjects


@dataclass(frozen=True, slots=True, eq=False)
class Crossings:
    """truth: int8[p], at the beginning. row: int64[k]; time: int64[k], after the beginning, seconds; entered: bool[k]; a row's in the order
    of time."""

    truth: NDArray[np.int8]
    row: NDArray[np.int64]
    time: NDArray[np.int64]
    entered: NDArray[np.bool_]


def crossings_of(program: Program, stretches: Sequence[Stretch], last: int) -> Crossings:
    """Of the only segment of a program, up to an instant, which is included. stretches: the first has everybody, the others, in the order
    of time, those who change by themselves at their `now`."""
    truth = np.zeros(stretches[0].rows.size, np.int8)
    member = np.full(truth.size, -1, np.int8)
    rows, times = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for stretch in stretches:
        found, inside = np.zeros(stretch.rows.size, np.int8), member[stretch.rows]
        who, when = _crossings(program, stretch, last, found, inside)
        if stretch is stretches[0]:
            truth[stretch.rows] = found
        member[stretch.rows] = inside
        rows.append(stretch.rows[who])
        times.append(when)
    row, time = np.concatenate(rows), np.concatenate(times)
    order = np.lexsort((time, row))
    row, time = row[order], time[order]
    nth = np.arange(row.size) - np.searchsorted(row, row)  # of its row's, from 0
    return Crossings(truth, row, time, (nth % 2 == 0) != (truth[row] == TRUE))


def _crossings(
    program: Program, stretch: Stretch, last: int, truth: NDArray[np.int8], member: NDArray[np.int8]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """(who int32[k], of the stretch; when int64[k]). truth: int8[p], to be filled; member: int8[p], before, and then after it."""
    arrays = subject_arrays(program.needs, stretch.subjects)
    room = room_for(most_counted(arrays))
    work, before, places = room_to_work(program.arrays, room), member.copy(), 2 * member.size
    while True:
        who, when = np.empty(places, np.int32), np.empty(places, np.int64)
        count = crossings(program.arrays, arrays, 0, stretch.now, last, room, *work, truth, member, who, when)
        if count <= places:
            return who[:count], when[:count]
        member[:], places = before, count
