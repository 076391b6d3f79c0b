# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""The conditions on events and observations, as intervals in which each of those counts."""

from __future__ import annotations

from numba import int64, njit

from idweave_server.kernels.civil import LONGEST, moved
from idweave_server.kernels.conditions import (
    COUNT,
    DISTINCT,
    EVENTS,
    FALSE,
    FOREVER,
    IS_LESS,
    NO_VALUE,
    SEQUENCE,
    TRUE,
    ProgramArrays,
    SubjectArrays,
    among,
    first_after,
)
from idweave_server.kernels.instructions import INLINED
from idweave_server.kernels.patterns import converted, matches
from idweave_server.kernels.steps import DOWNWARDS, UPWARDS, Intervals, differing, place_of, put


@njit(**INLINED)
def _counted_from(program: ProgramArrays, time, ago, zone):
    return time if ago < 0 else max(time, moved(program.zones, zone, time, program.spans, ago, int64(1)))


@njit(**INLINED)
def _counted_until(program: ProgramArrays, time, last, zone):
    return FOREVER if last < 0 else moved(program.zones, zone, time, program.spans, last, int64(1))


@njit(**INLINED)
def _first_of_window(program: ProgramArrays, times, begin, end, last, since, now):
    """The first place in times[begin:end] that a window can still reach."""
    if last >= 0:
        begin = first_after(times, begin, end, now - program.spans[last, LONGEST] - 1)
    if since != NO_VALUE:
        begin = first_after(times, begin, end, since - 1)
    return begin


@njit(**INLINED)
def _put_number(intervals: Intervals, n, begin, end, number, truth):
    """What an event that does match, or may, adds to a sum."""
    least, most = (number, number) if truth == TRUE else (min(int64(0), number), max(int64(0), number))
    return put(intervals, n, begin, end, least, most)


@njit(**INLINED)
def _put_one(intervals: Intervals, n, begin, end, truth):
    """What an event that does match, or may, adds to a count."""
    return put(intervals, n, begin, end, int64(1) if truth == TRUE else int64(0), int64(1))


@njit(**INLINED)
def _put_amount(program: ProgramArrays, subjects: SubjectArrays, intervals: Intervals, n, event, asked, truth, begin, end):
    """What an event adds to a sum of money: any amount of its sign where no rate converts it."""
    if subjects.currency[event] < 0:
        return n
    amount = converted(program, subjects.amount[event], subjects.currency[event], asked[11], asked[12])
    if amount == NO_VALUE:
        amount = subjects.amount[event]
        if amount != 0:
            n = put(intervals, n, begin, end, int64(0), int64(0))
            intervals.wide[n - 1] = UPWARDS if amount > 0 else DOWNWARDS
        return n
    return _put_number(intervals, n, begin, end, amount, truth)


@njit(**INLINED)
def _events_counted(program: ProgramArrays, subjects: SubjectArrays, leaf, row, now, intervals: Intervals):
    asked = program.leaves[leaf]
    zone, measure, named = asked[6], asked[7], asked[10]
    end_of_row = subjects.event_start[row + 1]
    n = int64(0)
    for event in range(
        _first_of_window(program, subjects.event_time, subjects.event_start[row], end_of_row, asked[2], asked[4], now), end_of_row
    ):
        time = subjects.event_time[event]
        if time >= asked[5]:
            break
        truth = matches(program, subjects, asked[1], event)
        if truth == FALSE:
            continue
        begin, end = _counted_from(program, time, asked[3], zone), _counted_until(program, time, asked[2], zone)
        if end <= now or begin >= end:
            continue
        if measure == COUNT:
            n = _put_one(intervals, n, begin, end, truth)
        elif named < 0:
            n = _put_amount(program, subjects, intervals, n, event, asked, truth, begin, end)
        else:
            for i in range(subjects.property_start[event], subjects.property_start[event + 1]):
                if subjects.property_name[i] != named:
                    continue
                number = subjects.property_number[i]
                if measure == DISTINCT:
                    intervals.group[n] = subjects.property_value[i]
                    n = _put_one(intervals, n, begin, end, truth)
                elif number != NO_VALUE:
                    n = _put_number(intervals, n, begin, end, number, truth)
    return n


@njit(**INLINED)
def _observations_counted(program: ProgramArrays, subjects: SubjectArrays, leaf, row, now, intervals: Intervals):
    asked = program.leaves[leaf]
    zone, last = asked[10], asked[6]
    end_of_row = subjects.sighting_start[row + 1]
    n = int64(0)
    for i in range(
        _first_of_window(program, subjects.sighting_time, subjects.sighting_start[row], end_of_row, last, asked[8], now), end_of_row
    ):
        time = subjects.sighting_time[i]
        if time >= asked[9]:
            break
        if asked[1] < asked[2] and not among(program.constants, asked[1], asked[2], int64(subjects.sighting_source[i])):
            continue
        if asked[3] and not asked[3] >> subjects.sighting_party[i] & 1:
            continue
        if asked[4] < asked[5] and not among(program.constants, asked[4], asked[5], int64(subjects.sighting_kind[i])):
            continue
        begin, end = _counted_from(program, time, asked[7], zone), _counted_until(program, time, last, zone)
        if end > now:
            n = put(intervals, n, begin, end, int64(1), int64(1))
    return n


@njit(**INLINED)
def _values_of(subjects: SubjectArrays, begin, end, named, intervals: Intervals):
    """Put the different values of a property in events begin to end into intervals.values, ascending; returns how many there are."""
    n = int64(0)
    for i in range(subjects.property_start[begin], subjects.property_start[end]):
        if subjects.property_name[i] == named:
            intervals.group[n] = subjects.property_value[i]
            n += 1
    return differing(intervals, n)


@njit(**INLINED)
def _soonest(subjects: SubjectArrays, event, same, intervals: Intervals, different, column):
    """The soonest time of a later event with a value that this event has too, of any later event where no property is named."""
    if same < 0:
        return intervals.soonest[0, column]
    found = FOREVER
    for i in range(subjects.property_start[event], subjects.property_start[event + 1]):
        if subjects.property_name[i] == same:
            place = place_of(intervals.values, different, int64(subjects.property_value[i]))
            found = min(found, intervals.soonest[place, column])
    return found


@njit(**INLINED)
def _remember(subjects: SubjectArrays, event, same, intervals: Intervals, different, truth):
    """Of going backwards in time: this event is the soonest now of those that end a sequence; column 0 of those that surely do."""
    time = subjects.event_time[event]
    for column in range(0 if truth == TRUE else 1, 2):
        if same < 0:
            intervals.soonest[0, column] = time
            continue
        for i in range(subjects.property_start[event], subjects.property_start[event + 1]):
            if subjects.property_name[i] == same:
                intervals.soonest[place_of(intervals.values, different, int64(subjects.property_value[i])), column] = time


@njit(**INLINED)
def _sequences_counted(program: ProgramArrays, subjects: SubjectArrays, leaf, row, now, intervals: Intervals):
    """Each first event counts from the end of its wait until the first of: the end of `last`, an event that matches then_not."""
    asked = program.leaves[leaf]
    wait, last, same, zone = asked[3], asked[4], asked[5], asked[6]
    stop = subjects.event_start[row + 1]
    start = _first_of_window(program, subjects.event_time, subjects.event_start[row], stop, last, int64(NO_VALUE), now)
    different = _values_of(subjects, start, stop, same, intervals) if same >= 0 else int64(1)
    for i in range(different):
        intervals.soonest[i, 0] = intervals.soonest[i, 1] = FOREVER
    n, j = int64(0), stop
    while j > start:
        i = j  # events i to j are of one second
        while i > start and subjects.event_time[i - 1] == subjects.event_time[j - 1]:
            i -= 1
            truth = matches(program, subjects, asked[2], i)
            if truth != FALSE:
                _remember(subjects, i, same, intervals, different, truth)
        for event in range(i, j):
            truth = matches(program, subjects, asked[1], event)
            if truth == FALSE:
                continue
            time = subjects.event_time[event]
            begin = max(time, moved(program.zones, zone, time, program.spans, wait, int64(1)))
            end = moved(program.zones, zone, time, program.spans, last, int64(1))
            surely = min(end, _soonest(subjects, event, same, intervals, different, int64(1))) if truth == TRUE else begin
            possibly = min(end, _soonest(subjects, event, same, intervals, different, int64(0)))
            if surely > now:
                n = put(intervals, n, begin, surely, int64(1), int64(0))
            if possibly > now:
                n = put(intervals, n, begin, possibly, int64(0), int64(1))
        j = i
    return n


@njit(**INLINED)
def counted(program: ProgramArrays, subjects: SubjectArrays, leaf, row, now, intervals: Intervals):
    """Put what counts for a condition, now or later, into the intervals; returns how many there are."""
    kind = program.leaves[leaf, 0]
    if kind == EVENTS:
        return _events_counted(program, subjects, leaf, row, now, intervals)
    if kind == SEQUENCE:
        return _sequences_counted(program, subjects, leaf, row, now, intervals)
    return _observations_counted(program, subjects, leaf, row, now, intervals)


@njit(**INLINED)
def comparison_of(program: ProgramArrays, leaf):
    """(measure, comparison, constant) of a condition on what is counted. Those but EVENTS ask for one at least: for NOT LESS than 1."""
    if program.leaves[leaf, 0] == EVENTS:
        return program.leaves[leaf, 7], program.leaves[leaf, 8], program.leaves[leaf, 9]
    return int64(COUNT), int64(IS_LESS), int64(1)
