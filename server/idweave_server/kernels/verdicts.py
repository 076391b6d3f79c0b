# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Segments asked of profiles: the truth of each now, and exactly until when it holds if nothing happens.

Every condition is worked out once a profile, as its truth now and its changes after that, and shared by the segments that ask it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import int8, int64, njit

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
from idweave_server.kernels.instructions import BORROWING, INLINED
from idweave_server.kernels.steps import Intervals, swept, tallied


class Course(NamedTuple):
    """The conditions of one profile over time. worked_out: uint8[l]; truth: int8[l], now; begin, end: int64[l], where the changes of each
    are: at int64[c], instants; truths int8[c], from then on."""

    worked_out: np.ndarray
    truth: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    at: np.ndarray
    truths: np.ndarray


class Walk(NamedTuple):
    """A segment's conditions followed through time: now and next of each: truth int8[w], following int64[w], place int64[w]; bounds of
    what is on the stack: low, high int8[d]."""

    truth: np.ndarray
    following: np.ndarray
    place: np.ndarray
    low: np.ndarray
    high: np.ndarray


def room_to_work(program: ProgramArrays, intervals: Intervals) -> tuple[Course, Walk]:
    """Room for the conditions of one profile. An interval changes a condition twice at most; what is not used is never touched."""
    leaves, changes = program.leaves.shape[0], 2 * program.leaves.shape[0] * max(1, intervals.begin.size)
    wide, narrow = np.zeros((2, leaves), np.int64), np.zeros(leaves, np.int8)
    course = Course(np.zeros(leaves, np.uint8), narrow, wide[0], wide[1], np.empty(changes, np.int64), np.empty(changes, np.int8))
    truth, places, stack = np.zeros(program.widest, np.int8), np.zeros((2, program.widest), np.int64), np.zeros((2, program.depth), np.int8)
    return course, Walk(truth, places[0], places[1], stack[0], stack[1])


@njit(**INLINED)
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


@njit(**INLINED)
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


@njit(**INLINED)
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


@njit(**INLINED)
def _work_out(program: ProgramArrays, subjects: SubjectArrays, leaf, row, now, intervals: Intervals, course: Course, at, truths, used):
    """Work out a condition over time; its changes follow the `used` ones. Returns how many there are then."""
    kind = program.leaves[leaf, 0]
    course.begin[leaf] = used
    if kind <= STRENGTH:
        course.truth[leaf] = lasting_truth(program, subjects, leaf, row)
    elif kind < ANNIVERSARY:
        course.truth[leaf], used = _course_of_time(program, subjects, leaf, row, now, at, truths, used)
    else:
        n = counted(program, subjects, leaf, row, now, intervals)
        measure, comparison, constant = comparison_of(program, leaf)
        course.truth[leaf], used = swept(intervals, n, measure, comparison, constant, now, at, truths, used)
    course.end[leaf] = used
    course.worked_out[leaf] = 1
    return used


@njit(**INLINED)
def _step(program: ProgramArrays, subjects: SubjectArrays, segment, row, now, walk: Walk, course: Course, at, truths):
    """Bring the segment's conditions to `now`, where something changes; returns the next instant at which something does."""
    following = int64(FOREVER)
    first = program.leaf_start[segment]
    for i in range(program.leaf_start[segment + 1] - first):
        leaf = int64(program.segment_leaves[first + i])
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


@njit(**INLINED)
def _begin(program: ProgramArrays, subjects: SubjectArrays, segment, row, now, walk: Walk, course: Course, at):
    """Set the conditions to now; those not worked out yet count as about to change. Returns whether there are any."""
    waiting = False
    first = program.leaf_start[segment]
    for i in range(program.leaf_start[segment + 1] - first):
        leaf = int64(program.segment_leaves[first + i])
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


@njit(**INLINED)
def _verdict(program: ProgramArrays, subjects: SubjectArrays, segment, row, now, walk: Walk, course: Course, at, truths):
    """(truth, until) of a segment whose conditions are worked out and begun."""
    truth = _truth(program, segment, walk)
    instant = int64(FOREVER)
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


@njit(**BORROWING)
def verdicts(
    program: ProgramArrays, subjects: SubjectArrays, segments, rows, now, intervals: Intervals, course: Course, walk: Walk, truth, until
):
    """truth: int8[s, p] and until: int64[s, p] are filled for the segments (int32[s]) and rows (int64[p]) at `now`."""
    at, truths = course.at, course.truths
    for p in range(rows.size):
        row, used = rows[p], int64(0)
        course.worked_out[:] = 0
        for s in range(segments.size):
            segment = int64(segments[s])  # wide, as in crossings, and leaves too: what is inlined is compiled for one type alone
            first, end = program.leaf_start[segment], program.leaf_start[segment + 1]
            for turn in range(2):  # what is cheap first
                for i in range(first, end):
                    leaf = int64(program.segment_leaves[i])
                    kind = program.leaves[leaf, 0]
                    if not course.worked_out[leaf] and kind != ANNIVERSARY and (turn or kind < ANNIVERSARY):
                        used = _work_out(program, subjects, leaf, row, now, intervals, course, at, truths, used)
                if not _begin(program, subjects, segment, row, now, walk, course, at):
                    truth[s, p], until[s, p] = _verdict(program, subjects, segment, row, now, walk, course, at, truths)
                    break
                low, high = _bounds(program, segment, walk)
                if low == high:
                    truth[s, p], until[s, p] = low, FOREVER
                    break
            until[s, p] = min(until[s, p], subjects.changes[row])


@njit(**BORROWING)
def measured(program: ProgramArrays, subjects: SubjectArrays, leaf, row, now, intervals: Intervals):
    """Tally in intervals.tally what is counted for a condition at `now`."""
    n = counted(program, subjects, leaf, row, now, intervals)
    tallied(intervals, n, comparison_of(program, leaf)[0], now)


@njit(**BORROWING)
def crossings(
    program: ProgramArrays,
    subjects: SubjectArrays,
    segment,
    now,
    last,
    intervals: Intervals,
    course: Course,
    walk: Walk,
    truth,
    member,
    who,
    when,
):
    """Who enters and leaves a segment after `now`, up to `last` included, and before subjects.changes, if nothing happens.

    truth: int8[p], at `now`, is filled. member: int8[p], before, -1 where nobody knows; it is set to what is in the end. who: int32[k],
    when: int64[k]: the rows and instants of the changes are put there as far as there is room, by row, then time; also one at `now` where
    `member` was another. Returns how many there are.
    """
    at, truths, count = course.at, course.truths, int64(0)
    first, end = program.leaf_start[segment], program.leaf_start[segment + 1]
    for row in range(member.size):
        used = int64(0)
        course.worked_out[:] = 0
        for i in range(first, end):
            leaf = int64(program.segment_leaves[i])
            if program.leaves[leaf, 0] != ANNIVERSARY:
                used = _work_out(program, subjects, leaf, row, now, intervals, course, at, truths, used)
        _begin(program, subjects, segment, row, now, walk, course, at)
        instant, following = int64(now), int64(FOREVER)
        for i in range(end - first):
            following = min(following, walk.following[i])
        truth[row] = _truth(program, segment, walk)
        while True:
            inside = int8(_truth(program, segment, walk) == TRUE)
            if member[row] >= 0 and inside != member[row]:
                if count < who.size:
                    who[count], when[count] = row, instant
                count += 1
            member[row] = inside
            low, high = _bounds(program, segment, walk)
            if low == high or following > last or following >= subjects.changes[row]:
                break
            instant = following
            following = _step(program, subjects, segment, row, instant, walk, course, at, truths)
    return count
