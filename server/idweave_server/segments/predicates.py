"""What a condition asks of one column at an instant: values in ranges or in a table, and few that are looked at one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from idweave_server.kernels.civil import DAY, moved
from idweave_server.kernels.conditions import NO_VALUE, ProgramArrays, related_range, related_truths
from idweave_server.segments.columns import FEW, Column, Mask, Ranges, rows_of
from idweave_server.segments.expression import Relation
from idweave_server.segments.forms import Known, Less, OneOf, Related
from idweave_server.segments.tables import arrays_alone

FRINGE = (
    7 * DAY
)  # a calendar span of times so far from where its end passes now is surely on one side: months differ by 3 days, clocks by 1
LARGEST_TABLE = 1 << 22


@dataclass(frozen=True, slots=True)
class Predicate:
    """Where a value lies in one of the ranges, which ascend, or a code has a 1 in the table. fringe: values that are to be asked one by
    one, of `related` at `now`. or_unknown: also where there is no value."""

    field: str
    ranges: Ranges = ()
    table: bytes = b""
    fringe: Ranges = ()
    related: Related | None = None
    now: int = 0
    or_unknown: bool = False


class Filling:
    """A predicate on one column, ready to be asked block by block."""

    def __init__(self, predicate: Predicate, column: Column) -> None:
        self._predicate, self._column = predicate, column
        self._bounds = column.bounds(predicate.ranges, predicate.or_unknown)
        self._fringe = column.bounds(predicate.fringe)
        self._table = np.frombuffer(predicate.table, np.uint8).copy()  # writable, as kernels are compiled for
        self._arrays = arrays_alone(predicate.related) if predicate.related else None

    def fill(self, begin: int, mask: Mask) -> None:
        """Set the mask of the block that begins at a row."""
        column = self._column
        if not self._table.size:
            column.fill_between(self._bounds, begin, mask)
        else:
            column.fill_table(self._table, begin, mask)
            if self._bounds.size:
                unknown = np.empty_like(mask)
                column.fill_between(self._bounds, begin, unknown)
                mask |= unknown
        if self._fringe.size and self._arrays is not None:
            near = np.empty_like(mask)
            column.fill_between(self._fringe, begin, near)
            rows = rows_of(near, min(8 * mask.size, column.count - begin))
            true = rows[related_truths(self._arrays, 0, column.values_at(rows + begin), self._predicate.now) == 1]
            np.bitwise_or.at(mask, true >> 3, (128 >> (true & 7)).astype(np.uint8))


def predicate_of(condition: Less | OneOf | Known | Related, column: Column, possible: bool, now: int) -> Predicate:
    """What the condition asks of the column: where it is TRUE, or where it is not FALSE."""
    field = condition.field
    match condition:
        case Known():
            return Predicate(field, (column.extremes,))
        case Less(_, bound):
            found = Predicate(field, ((NO_VALUE + 1, bound - 1),))
        case OneOf(_, constants):
            ranges = _runs(np.array(constants, np.int64))
            tabled = len(ranges) > FEW and column.most <= LARGEST_TABLE
            found = _tabled(field, column, np.array(constants, np.int64)) if tabled else Predicate(field, ranges)
        case Related():
            found = _relation(condition, column, now)
    return replace(found, or_unknown=True) if possible and column.has_unknown else found


def _relation(condition: Related, column: Column, now: int) -> Predicate:
    field, arrays = condition.field, arrays_alone(condition)
    if column.most < column.least:
        return Predicate(field)
    if condition.relation is Relation.ANNIVERSARY:
        return _anniversaries(condition, column, now, arrays)
    if condition.of_date or not (condition.span[0] or condition.span[1]):
        low, high = related_range(arrays, 0, *column.extremes, now)
        return Predicate(field, ((low, high),) if low <= high else ())
    return _around(condition, column, now, arrays)


def _runs(values: NDArray[np.int64]) -> Ranges:
    """The ranges of whole numbers that ascending values fill."""
    cuts = np.flatnonzero(np.diff(values) > 1) + 1
    return tuple((int(run[0]), int(run[-1])) for run in np.split(values, cuts)) if values.size else ()


def _tabled(field: str, column: Column, constants: NDArray[np.int64]) -> Predicate:
    codes, rest = np.divmod(constants - column.origin, column.step)
    codes = codes[(rest == 0) & (codes >= max(0, column.least)) & (codes <= column.most)]
    table = np.zeros(int(codes.max(initial=-1)) + 1, np.uint8)
    table[codes] = 1
    return Predicate(field, table=table.tobytes())


def _anniversaries(condition: Related, column: Column, now: int, arrays: ProgramArrays) -> Predicate:
    """Dates by a table of their days; times one by one."""
    if not condition.of_date or column.most - column.least > LARGEST_TABLE:
        return Predicate(condition.field, fringe=(column.extremes,), related=condition, now=now)
    days = column.origin + np.arange(column.most + 1, dtype=np.int64) * column.step
    return Predicate(condition.field, table=related_truths(arrays, 0, days, now).tobytes())


def _around(condition: Related, column: Column, now: int, arrays: ProgramArrays) -> Predicate:
    """Times and a calendar span: those near where the span's end passes now are asked one by one, since that end may fall as times rise."""
    sign = 1 if condition.relation is Relation.UPCOMING else -1
    middle = moved(arrays.zones, 0, now, arrays.spans, 0, sign)
    low = column.extremes[0]
    sure = {
        Relation.WITHIN: (middle + FRINGE + 1, now),
        Relation.OLDER: (low, middle - FRINGE - 1),
        Relation.UPCOMING: (now + 1, middle - FRINGE - 1),
    }[condition.relation]
    ranges = (sure,) if sure[0] <= sure[1] else ()
    return Predicate(condition.field, ranges, b"", ((middle - FRINGE, middle + FRINGE),), condition, now)
