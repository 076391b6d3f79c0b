"""What a condition asks of one column at an instant: values in ranges or in a table, and few that are looked at one by one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from idweave_server.kernels.civil import DAY, moved
from idweave_server.kernels.conditions import NO_VALUE, ProgramArrays, related_range, related_truths
from idweave_server.segments.columns import FEW, Column, Mask, Ranges, rows_of
from idweave_server.segments.expression import Relation
from idweave_server.segments.forms import Known, Less, OneOf, Related

FRINGE = (
    7 * DAY
)  # a calendar span of times so far from where its end passes now is surely on one side: months differ by 3 days, clocks by 1
LARGEST_TABLE = 1 << 22


@dataclass(frozen=True, slots=True)
class Predicate:
    """Where it is surely TRUE: a value in one of the ranges, or a code with a 1 in the table. fringe: values that are to be asked one by
    one, of `related` at `now`. unknown: where there is no value, and nothing else."""

    field: str
    ranges: Ranges = ()
    table: bytes = b""
    fringe: Ranges = ()
    related: Related | None = None
    now: int = 0
    unknown: bool = False

    def fill(self, column: Column, begin: int, mask: Mask, arrays: ProgramArrays | None) -> None:
        """Set the mask of the block that begins at a row. arrays: of a program with `related` as its only condition."""
        if self.unknown:
            column.fill_unknown(begin, mask)
        elif self.table:
            column.fill_table(np.frombuffer(self.table, np.uint8), begin, mask)
        else:
            column.fill_between(self.ranges, begin, mask)
        if self.fringe and arrays is not None:
            near = np.empty_like(mask)
            column.fill_between(self.fringe, begin, near)
            rows = rows_of(near, min(8 * mask.size, column.count - begin))
            true = rows[related_truths(arrays, 0, column.values_at(rows + begin), self.now) == 1]
            np.bitwise_or.at(mask, true >> 3, (128 >> (true & 7)).astype(np.uint8))


def predicate_of(condition: Less | OneOf | Known | Related, column: Column, now: int, arrays: ProgramArrays | None) -> Predicate:
    """What the condition asks of the column."""
    field = condition.field
    match condition:
        case Known():
            return Predicate(field, unknown=True)
        case Less(_, bound):
            return Predicate(field, ((NO_VALUE + 1, bound - 1),))
        case OneOf(_, constants):
            ranges = _runs(np.array(constants, np.int64))
            tabled = len(ranges) > FEW and column.most <= LARGEST_TABLE
            return _tabled(field, column, np.array(constants, np.int64)) if tabled else Predicate(field, ranges)
        case Related(_, relation, of_date):
            assert arrays is not None
            if column.most < column.least:
                return Predicate(field)
            if relation is Relation.ANNIVERSARY:
                return _anniversaries(condition, column, now, arrays)
            if of_date or not (condition.span[0] or condition.span[1]):
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
