# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Segments asked of profiles: the truth of each now, and exactly until when it holds if nothing happens.

Every condition is worked out once a profile, as its truth now and its changes after that, and shared by the segments that ask it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from idweave_server.kernels.conditions import (
    ALL_OF,
    ANNIVERSARY,
    ANY_OF_THEM,
    FALSE,
    FOREVER,
    NO_VALUE,
    NOT,
    STRENGTH,
    TRUE,
    UNKNOWN,
    ProgramArrays,
    SubjectArrays,
    anniversary_truth,
    lasting_truth,
    span_of_truth,
)
from idweave_server.kernels.happenings import comparison_of, counted
from idweave_server.kernels.instructions import BORROWING
from idweave_server.kernels.steps import Intervals, swept, tallied

ROOM = 4096


class Course(NamedTuple):
    """The conditions of one profile over time: of each, worked_out uint8[l], truth int8[l], changes in begin to end int64[l] of Changes."""

    worked_out: np.ndarray
    truth: np.ndarray
    begin: np.ndarray
    end: np.ndarray


class Walk(NamedTuple):
    """A segment's conditions followed through time: now and next of each: truth int8[w], following int64[w], place int64[w]; bounds of
    what is on the stack: low, high int8[d]."""

    truth: np.ndarray
    following: np.ndarray
    place: np.ndarray
    low: np.ndarray
    high: np.ndarray


@njit(**BORROWING)
def _bounds(program: ProgramArrays, segment, walk: Walk):
    """(least, greatest) truth that a segment can have, where a condition with changes to come may have any."""
    low, high = walk.low, walk.high
    top, i, end = 0, program.code_start[segment], program.code_start[segment + 1]
    while i < end:
        word = program.code[i]
        i += 1
        if word >= 0:
            settled = walk.following[word] == FOREVER
            low[top] = walk.truth[word] if settled else FALSE
            high[top] = walk.truth[word] if settled else TRUE
            top += 1
        elif word == NOT:
            low[top - 1], high[top - 1] = TRUE - high[top - 1], TRUE - low[top - 1]
        elif word in (ALL_OF, ANY_OF_THEM):
            top -= program.code[i]
            for k in range(top + 1, top + program.code[i]):
                if word == ALL_OF:
                    low[top], high[top] = min(low[top], low[k]), min(high[top], high[k])
                else:
                    low[top], high[top] = max(low[top], low[k]), max(high[top], high[k])
            top += 1
            i += 1
        else:
            low[top] = high[top] = program.code[i]
            top += 1
            i += 1
    return low[0], high[0]


@njit(**BORROWING)
def _truth(program: ProgramArrays, segment, walk: Walk):
    """The truth of a segment by that of its conditions now."""
    stack = walk.low
    top, i, end = 0, program.code_start[segment], program.code_start[segment + 1]
    while i < end:
        word = program.code[i]
        i += 1
        if word >= 0:
            stack[top] = walk.truth[word]
            top += 1
        elif word == NOT:
            stack[top - 1] = TRUE - stack[top - 1]
        elif word in (ALL_OF, ANY_OF_THEM):
            top -= program.code[i]
            for k in range(top + 1, top + program.code[i]):
                stack[top] = min(stack[top], stack[k]) if word == ALL_OF else max(stack[top], stack[k])
            top += 1
            i += 1
        else:
            stack[top] = program.code[i]
            top += 1
            i += 1
    return stack[0]


@njit(cache=True, nogil=True)
def _with_room(at, truths, needed):
    """The changes, with room for so many."""
    if needed <= at.size:
        return at, truths
    wider_at, wider_truths = np.empty(2 * needed, np.int64), np.empty(2 * needed, np.int8)
    wider_at[: at.size], wider_truths[: at.size] = at, truths
    return wider_at, wider_truths


@njit(cache=True, nogil=True)
def _course_of_time(program: ProgramArrays, subjects: SubjectArrays, leaf, row, now, at, truths, used):
    """(truth, used) of WITHIN, OLDER and UPCOMING."""
    asked = program.leaves[leaf]
    value = subjects.values[asked[1], row]
    if value == NO_VALUE:
        return UNKNOWN, used
    begin, end = span_of_truth(program, asked, value)
    if begin >= end or end <= now:
        return FALSE, used
    if begin > now:
        at[used], truths[used] = begin, TRUE
        used += 1
    if end < FOREVER:
        at[used], truths[used] = end, FALSE
        used += 1
    return FALSE if begin > now else TRUE, used


@njit(cache=True, nogil=True)
def _work_out(program: ProgramArrays, subjects: SubjectArrays, leaf, row, now, intervals: Intervals, course: Course, at, truths, used):
    """Work out a condition over time; its changes follow the `used` ones. Returns (at, truths, used)."""
    kind = program.leaves[leaf, 0]
    course.begin[leaf] = used
    if kind <= STRENGTH:
        course.truth[leaf] = lasting_truth(program, subjects, leaf, row)
    elif kind < ANNIVERSARY:
        at, truths = _with_room(at, truths, used + 2)
        course.truth[leaf], used = _course_of_time(program, subjects, leaf, row, now, at, truths, used)
    else:
        n = counted(program, subjects, leaf, row, now, intervals)
        at, truths = _with_room(at, truths, used + 2 * n)
        measure, comparison, constant = comparison_of(program, leaf)
        course.truth[leaf], used = swept(intervals, n, measure, comparison, constant, now, at, truths, used)
    course.end[leaf] = used
    course.worked_out[leaf] = 1
    return at, truths, used


@njit(**BORROWING)
def _step(program: ProgramArrays, subjects: SubjectArrays, segment, row, now, walk: Walk, course: Course, at, truths):
    """Bring the segment's conditions to `now`, where something changes; returns the next instant at which something does."""
    following = FOREVER
    first = program.leaf_start[segment]
    for i in range(program.leaf_start[segment + 1] - first):
        leaf = program.segment_leaves[first + i]
        if program.leaves[leaf, 0] == ANNIVERSARY:
            if walk.following[i] <= now:
                walk.truth[i], walk.following[i] = anniversary_truth(
                    program, program.leaves[leaf], subjects.values[program.leaves[leaf, 1], row], now
                )
        else:
            while walk.following[i] <= now:
                walk.truth[i] = truths[walk.place[i]]
                walk.place[i] += 1
                walk.following[i] = at[walk.place[i]] if walk.place[i] < course.end[leaf] else FOREVER
        following = min(following, walk.following[i])
    return following


@njit(**BORROWING)
def _begin(program: ProgramArrays, subjects: SubjectArrays, segment, row, now, walk: Walk, course: Course, at):
    """Set the conditions to now; those not worked out yet count as about to change. Returns whether there are any."""
    waiting = False
    first = program.leaf_start[segment]
    for i in range(program.leaf_start[segment + 1] - first):
        leaf = program.segment_leaves[first + i]
        if program.leaves[leaf, 0] == ANNIVERSARY:
            walk.truth[i], walk.following[i] = anniversary_truth(
                program, program.leaves[leaf], subjects.values[program.leaves[leaf, 1], row], now
            )
        elif course.worked_out[leaf]:
            walk.truth[i], walk.place[i] = course.truth[leaf], course.begin[leaf]
            walk.following[i] = at[course.begin[leaf]] if course.begin[leaf] < course.end[leaf] else FOREVER
        else:
            walk.following[i] = now
            waiting = True
    return waiting


@njit(cache=True, nogil=True)
def _verdict(program: ProgramArrays, subjects: SubjectArrays, segment, row, now, walk: Walk, course: Course, at, truths):
    """(truth, until) of a segment whose conditions are worked out and begun."""
    truth = _truth(program, segment, walk)
    instant = FOREVER
    for i in range(program.leaf_start[segment + 1] - program.leaf_start[segment]):
        instant = min(instant, walk.following[i])
    while instant < FOREVER:
        low, high = _bounds(program, segment, walk)
        if low == high:
            break
        following = _step(program, subjects, segment, row, instant, walk, course, at, truths)
        if _truth(program, segment, walk) != truth:
            return truth, instant
        instant = following
    return truth, FOREVER


@njit(cache=True, nogil=True)
def verdicts(program: ProgramArrays, subjects: SubjectArrays, segments, rows, now, intervals: Intervals, truth, until):
    """truth: int8[s, p] and until: int64[s, p] are filled for the segments (int32[s]) and rows (int64[p]) at `now`."""
    leaves = program.leaves.shape[0]
    course = Course(np.zeros(leaves, np.uint8), np.zeros(leaves, np.int8), np.zeros(leaves, np.int64), np.zeros(leaves, np.int64))
    walk = Walk(
        np.zeros(program.widest, np.int8),
        np.zeros(program.widest, np.int64),
        np.zeros(program.widest, np.int64),
        np.zeros(program.depth, np.int8),
        np.zeros(program.depth, np.int8),
    )
    at, truths = np.empty(ROOM, np.int64), np.empty(ROOM, np.int8)
    for p in range(rows.size):
        row, used = rows[p], 0
        course.worked_out[:] = 0
        for s in range(segments.size):
            segment = segments[s]
            first = program.leaf_start[segment]
            count = program.leaf_start[segment + 1] - first
            for i in range(count):  # what is cheap first
                leaf = program.segment_leaves[first + i]
                if not course.worked_out[leaf] and program.leaves[leaf, 0] < ANNIVERSARY:
                    at, truths, used = _work_out(program, subjects, leaf, row, now, intervals, course, at, truths, used)
            if _begin(program, subjects, segment, row, now, walk, course, at):
                low, high = _bounds(program, segment, walk)
                if low == high:
                    truth[s, p], until[s, p] = low, subjects.changes[row]
                    continue
                for i in range(count):
                    leaf = program.segment_leaves[first + i]
                    if not course.worked_out[leaf] and program.leaves[leaf, 0] != ANNIVERSARY:
                        at, truths, used = _work_out(program, subjects, leaf, row, now, intervals, course, at, truths, used)
                _begin(program, subjects, segment, row, now, walk, course, at)
            truth[s, p], until[s, p] = _verdict(program, subjects, segment, row, now, walk, course, at, truths)
            until[s, p] = min(until[s, p], subjects.changes[row])


@njit(cache=True, nogil=True)
def measured(program: ProgramArrays, subjects: SubjectArrays, leaf, row, now, intervals: Intervals):
    """int64[4]: (least, greatest, any more, any less) of what is counted for a condition at `now`."""
    n = counted(program, subjects, leaf, row, now, intervals)
    return tallied(intervals, n, comparison_of(program, leaf)[0], now)
