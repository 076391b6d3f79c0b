"""Why a profile is in a segment or not: every condition's truth, until when it holds, what was found, and which conditions decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from idweave_server.kernels.civil import moved_all
from idweave_server.kernels.conditions import ANNIVERSARY, span_of_truth
from idweave_server.model import DAY
from idweave_server.segments.compile import TAGS, compile_program
from idweave_server.segments.expression import (
    All,
    Any,
    EventTest,
    Expression,
    FieldTest,
    IdentityTest,
    Measure,
    Money,
    Not,
    ProvenanceTest,
    SegmentTest,
    TagTest,
    TimeTest,
)
from idweave_server.segments.expression import Sequence as SequenceTest
from idweave_server.segments.fields import Field, Fields, FieldType
from idweave_server.segments.money import Rates
from idweave_server.segments.program import Program, Words, evaluate, measure
from idweave_server.segments.subjects import NO_VALUE, Needs, Subjects
from idweave_server.segments.wording import condition_told, constant_told, date_told, decimal_told, instant_told, length_told
from idweave_server.segments.zones import zone_tables


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """A condition of a definition, and what it is of one profile.

    position: as of Problem; inside another segment behind its name and a colon. truth: 0 FALSE, 1 UNKNOWN, 2 TRUE; until: when this
    condition alone is another one by itself, FOREVER never. found: what the profile has, in words, "" where nothing can be told.
    missed: by how much it is not TRUE, in words, "" where it is or that has no measure. decides: whether it has a part in the verdict on
    the whole: the whole is as it is because these are as they are.
    """

    position: str
    text: str
    truth: int
    until: int
    found: str
    missed: str
    decides: bool
    parts: tuple[Explanation, ...]


@dataclass(frozen=True, slots=True)
class _Node:
    position: str
    expression: Expression
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Inquiry:
    """A definition prepared for being explained: every expression in it is a segment of the program."""

    nodes: tuple[_Node, ...]
    program: Program
    fields: Fields
    rates: Rates

    @property
    def needs(self) -> Needs:
        return self.program.needs


def inquiry_of(
    expression: Expression, fields: Fields, words: Words, rates: Rates, segments: Mapping[str, Expression] | None = None
) -> Inquiry:
    """Prepare a definition that passed `check`. What is gathered for `explain` is what its `needs` say."""
    nodes: list[_Node] = []
    _enlist(nodes, "", "", expression, segments or {})
    program = compile_program([(str(i), node.expression) for i, node in enumerate(nodes)], fields, words, rates, segments)
    return Inquiry(tuple(nodes), program, fields, rates)


def _enlist(nodes: list[_Node], scope: str, at: str, expression: Expression, segments: Mapping[str, Expression]) -> int:
    """Enlist an expression behind those inside it; returns its number."""
    inside: Iterator[tuple[str, str, Expression]] = iter(())
    match expression:
        case All(parts) | Any(parts):
            word = "all" if isinstance(expression, All) else "any"
            inside = ((scope, f"{at}.{word}[{i}]", part) for i, part in enumerate(parts))
        case Not(part):
            inside = iter([(scope, f"{at}.not", part)])
        case SegmentTest(segment):
            at = f"{at}.segment"
            inside = iter([(f"{segment}:", "", segments[segment])] if segment in segments else [])
        case _:
            at = f"{at}.{_KINDS[type(expression)]}"
    parts_at = tuple(_enlist(nodes, *one, segments) for one in inside)
    nodes.append(_Node(scope + at.removeprefix("."), expression, parts_at))
    return len(nodes) - 1


_KINDS: dict[type, str] = {
    FieldTest: "field",
    TimeTest: "time",
    EventTest: "events",
    SequenceTest: "sequence",
    TagTest: "tag",
    IdentityTest: "identity",
    ProvenanceTest: "provenance",
}


def explain(
    inquiry: Inquiry,
    subjects: Subjects,
    now: int,
    spelled: Callable[[int], str],
    row: int = 0,
    told: Callable[[Program, NDArray[np.int64]], NDArray[np.int64]] = lambda program, until: until,
) -> Explanation:
    """Why the profile is what it is at `now`. spelled: the text of a number of Words.text; told: until when verdicts may be relied on."""
    verdicts = evaluate(inquiry.program, subjects, now)
    lasting = told(inquiry.program, verdicts.until)
    finding = _Finding(inquiry, subjects, row, now, spelled)
    nodes: list[Explanation] = []
    for i, node in enumerate(inquiry.nodes):
        truth, until = int(verdicts.truth[i, row]), int(lasting[i, row])
        found, missed = finding.of(i, node.expression)
        parts = tuple(nodes[part] for part in node.parts)
        text = condition_told(node.expression)
        nodes.append(Explanation(node.position, text, truth, until, found, "" if truth == 2 else missed, False, parts))
    return _deciding(nodes[-1], inquiry.nodes, len(nodes) - 1)


def _deciding(told: Explanation, nodes: tuple[_Node, ...], number: int) -> Explanation:
    """Mark what decides: of what joins others, those parts that are as it is; what it turns round, or asks about, always."""
    joined = isinstance(nodes[number].expression, All | Any)
    parts = tuple(
        part if joined and part.truth != told.truth else _deciding(part, nodes, place)
        for part, place in zip(told.parts, nodes[number].parts, strict=True)
    )
    return replace(told, decides=True, parts=parts)


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one profile has, of what a condition asks, and by how much that misses it."""

    inquiry: Inquiry
    subjects: Subjects
    row: int
    now: int
    spelled: Callable[[int], str]

    def of(self, number: int, expression: Expression) -> tuple[str, str]:
        match expression:
            case FieldTest(name):
                field = self.inquiry.fields.find(name)
                return ("", "") if field is None else self._field(expression, field)
            case TimeTest(name):
                return self._time(number, name)
            case EventTest():
                return self._events(number, expression)
            case SequenceTest() | ProvenanceTest():
                least, most, _, _ = measure(self.inquiry.program, self.subjects, self._leaf(number), self.row, self.now)
                return (f"{least:,}" if least == most else f"{least:,} to {most:,}"), ""
            case TagTest():
                return self._texts(TAGS), ""
            case IdentityTest():
                return self._identity(expression)
        return "", ""

    def _leaf(self, number: int) -> int:
        arrays = self.inquiry.program.arrays
        return int(arrays.segment_leaves[arrays.leaf_start[number]])

    def _value(self, name: str) -> int:
        fields = self.inquiry.needs.fields
        return int(self.subjects.values[fields.index(name), self.row]) if name in fields else NO_VALUE

    def _texts(self, name: str) -> str:
        lists = self.inquiry.needs.lists
        if name not in lists:
            return ""
        at = lists.index(name)
        begin, end = self.subjects.list_start[at, self.row : self.row + 2]
        return ", ".join(sorted(self.spelled(int(code)) for code in self.subjects.lists[at][begin:end])) or "none"

    def _field(self, test: FieldTest, field: Field) -> tuple[str, str]:
        if field.type is FieldType.TEXTS:
            return self._texts(field.name), ""
        value = self._count_of_time(field, test.zone) if field.counts else self._value(field.name)
        if value == NO_VALUE:
            return "no value", ""
        found = self._told(field, value)
        gaps = [abs(constant - value) for one in test.values if (constant := self._constant(field, one)) is not None]
        if not gaps or field.type in (FieldType.TEXT, FieldType.BOOLEAN):
            return found, ""
        gap = min(gaps)
        if field.type is FieldType.TIME:
            return found, length_told(gap)
        return found, f"{gap:,} day{'' if gap == 1 else 's'}" if field.type is FieldType.DATE else self._told(field, gap)

    def _constant(self, field: Field, value: object) -> int | None:
        if isinstance(value, Money):
            return self.inquiry.rates.convert(value.micros, value.currency, self.inquiry.rates.currency)
        if isinstance(value, str):
            return (np.datetime64(value, "D") - np.datetime64(0, "D")).astype(int).item() if field.type is FieldType.DATE else None
        if not isinstance(value, int | float):
            return None
        return round(value * 1_000_000) if field.type is FieldType.NUMBER else int(value)

    def _told(self, field: Field, value: int) -> str:
        match field.type:
            case FieldType.MONEY:
                return constant_told(Money(self.inquiry.rates.currency, value))
            case FieldType.NUMBER:
                return decimal_told(value)
            case FieldType.BOOLEAN:
                return constant_told(bool(value))
            case FieldType.TIME:
                return instant_told(value)
            case FieldType.DATE:
                return date_told(value)
            case FieldType.TEXT:
                return self.spelled(value)
        return f"{value:,}"

    def _count_of_time(self, field: Field, zone: str) -> int:
        """The years or days that a field counts, by the same spans that its conditions are made of."""
        name, unit = field.counts or ("", "")
        source, value = self.inquiry.fields.find(name), self._value(name)
        if value == NO_VALUE or source is None:
            return NO_VALUE
        zones, of_date = zone_tables((zone,)), source.type is FieldType.DATE
        if unit == "days" and not of_date:
            return max(-1, (self.now - value) // DAY)
        wall = np.array([value * DAY if of_date else value], np.int64)
        spans = np.array(
            [[12 * n if unit == "years" else 0, 0 if unit == "years" else n, 0, 0] for n in self._counts(wall[0], unit)], np.int64
        )
        for span in range(len(spans) - 1, -1, -1):
            reached = moved_all(zones, 0, wall, of_date, spans, span, 1)[0]
            if reached <= self.now:
                return int(spans[span].max())
        return -1

    def _counts(self, wall: int, unit: str) -> range:
        """The counts that may be right."""
        about = max(0, (self.now - int(wall)) // (365 * DAY if unit == "years" else DAY))
        return range(max(0, about - 2 - about // 1000), about + 3)

    def _time(self, number: int, name: str) -> tuple[str, str]:
        field, value = self.inquiry.fields.find(name), self._value(name)
        if value == NO_VALUE or field is None:
            return "no value", ""
        found, arrays = self._told(field, value), self.inquiry.program.arrays
        asked = arrays.leaves[self._leaf(number)]
        if asked[0] == ANNIVERSARY:
            return found, ""
        begin, end = span_of_truth(arrays, asked, value)
        if self.now < begin:
            return found, f"begins in {length_told(begin - self.now)}"
        return found, f"ended {length_told(self.now - end)} ago" if end <= self.now else ""

    def _events(self, number: int, test: EventTest) -> tuple[str, str]:
        arrays = self.inquiry.program.arrays
        if arrays.leaf_start[number] == arrays.leaf_start[number + 1]:
            return "", ""
        least, most, more, less = measure(self.inquiry.program, self.subjects, self._leaf(number), self.row, self.now)
        summed = test.measure is Measure.SUM
        unit = f" {test.value.currency}" if isinstance(test.value, Money) else ""

        def told(count: int) -> str:
            return (decimal_told(count) if summed else f"{count:,}") + unit

        if more or less:
            return f"{'any sum' if less else 'at least ' + told(least)}, for money that no rate converts", ""
        found = told(least) if least == most else f"{told(least)} to {told(most)}"
        constant = test.value.micros if isinstance(test.value, Money) else test.value * (1_000_000 if summed else 1)
        return found, told(int(abs(constant - (least if least >= constant else most))))

    def _identity(self, test: IdentityTest) -> tuple[str, str]:
        found, missed = [], ""
        if test.least > 0:
            count = int(self.subjects.namespaces[self.inquiry.needs.namespaces.index(test.namespace), self.row])
            found.append(f"{count:,} identifier{'' if count == 1 else 's'}{f' of {test.namespace}' if test.namespace else ''}")
            missed = f"{test.least - count:,}" if count < test.least else ""
        if test.strength > 0:
            strength = int(self.subjects.strength[self.row])
            found.append("no link" if strength == NO_VALUE else f"a link of {decimal_told(strength)} nats")
            if strength != NO_VALUE and strength < test.strength:
                missed = missed or f"{decimal_told(test.strength - strength)} nats"
        return " and ".join(found), missed
