"""Definitions as programs: conditions in plain forms, each once, and of every segment how they are joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from idweave_server.errors import InputError
from idweave_server.kernels.conditions import ANY_OF, FALSE, IS_EQUAL, IS_LESS, NO_VALUE, NONE_OF, PRESENT, RANGE, TRUE, UNKNOWN
from idweave_server.model import DAY
from idweave_server.segments.constants import LARGEST, clamped, day_number, millionths, months_and_days, threshold
from idweave_server.segments.expression import (
    EVER,
    UTC,
    All,
    Any,
    EventTest,
    Expression,
    FieldTest,
    IdentityTest,
    Measure,
    Money,
    Not,
    Operator,
    Pattern,
    PropertyTest,
    ProvenanceTest,
    Relation,
    Scalar,
    SegmentTest,
    Span,
    TagTest,
    TimeTest,
    Window,
)
from idweave_server.segments.expression import Sequence as SequenceTest
from idweave_server.segments.fields import Field, Fields, FieldType
from idweave_server.segments.forms import (
    Condition,
    Constant,
    Counted,
    Formula,
    Greatest,
    Known,
    Least,
    Less,
    Listed,
    ListKnown,
    Matching,
    Namespace,
    Negation,
    NoneFollowed,
    NoneSeen,
    OneOf,
    Related,
    SpanParts,
    Strength,
    When,
    Where,
    greatest,
    least,
    negated,
)
from idweave_server.segments.money import Rates
from idweave_server.segments.program import Program, Words
from idweave_server.segments.tables import arrays_of, needs_of

TAGS = "tags"  # the list-valued field of a profile's tags
AMOUNT = "amount"  # of PropertyTest, the amount of the event itself
PURCHASE = "purchase"  # of Pattern, orders that stand


def compile_program(
    definitions: Sequence[tuple[str, Expression]],
    fields: Fields,
    words: Words,
    rates: Rates,
    segments: Mapping[str, Expression] | None = None,
) -> Program:
    """A program of these definitions, which passed `check`. segments: what a SegmentTest means, by name; the definitions themselves, too,
    where it has no other. Raises InputError for a field or a segment that is not there (any more)."""
    translation = Translation(fields, words, rates, {**dict(definitions), **(segments or {})})
    formulas = [translation.formula(expression) for _, expression in definitions]
    conditions = list(dict.fromkeys(condition for formula in formulas for condition in conditions_of(formula)))
    needs = needs_of(conditions)
    return Program(
        tuple(name for name, _ in definitions),
        tuple(formulas),
        needs,
        tuple(frozenset(translation.reads(expression)) for _, expression in definitions),
        arrays_of(formulas, conditions, needs, rates, words),
        tuple(conditions),
    )


def conditions_of(formula: Formula) -> Iterator[Condition]:
    """The conditions of a formula in their order, each as often as it is asked."""
    match formula:
        case Constant():
            return
        case Negation(part):
            yield from conditions_of(part)
        case Least(parts) | Greatest(parts):
            for part in parts:
                yield from conditions_of(part)
        case _:
            yield formula


class Translation:
    """Expressions into formulas. A segment that others ask about is translated once."""

    def __init__(self, fields: Fields, words: Words, rates: Rates, segments: Mapping[str, Expression]) -> None:
        self._fields, self._words, self._rates, self._segments = fields, words, rates, segments
        self._translated: dict[str, Formula] = {}

    def formula(self, expression: Expression) -> Formula:
        match expression:
            case All(parts):
                return least(self.formula(part) for part in parts)
            case Any(parts):
                return greatest(self.formula(part) for part in parts)
            case Not(part):
                return negated(self.formula(part))
            case FieldTest():
                return self._field_test(expression)
            case TimeTest(name, relation, span, zone):
                return _related(self._field(name), relation, span, zone)
            case EventTest():
                return self._event_test(expression)
            case SequenceTest():
                return self._sequence(expression)
            case TagTest(tag):
                return Listed(TAGS, (self._words.text(tag),), FALSE)
            case IdentityTest(namespace, count, strength):
                wanted: list[Formula] = [Namespace(namespace, count)] if count > 0 else []
                return least([*wanted, Strength(strength)] if strength > 0 else wanted)
            case ProvenanceTest():
                return self._provenance(expression)
            case SegmentTest(segment):
                if segment not in self._translated:
                    self._translated[segment] = self.formula(self._segment(segment))
                return self._translated[segment]

    def reads(self, expression: Expression) -> Iterator[str]:
        """What of a profile decides an expression, as in Program.reads."""
        match expression:
            case All(parts) | Any(parts):
                for part in parts:
                    yield from self.reads(part)
            case Not(part):
                yield from self.reads(part)
            case FieldTest(name) | TimeTest(name):
                field = self._field(name)
                listed = field.type is FieldType.TEXTS
                yield f"{'list' if listed else 'field'}:{field.counts[0] if field.counts else name}"
            case EventTest(pattern):
                yield from _types_of(pattern)
            case SequenceTest(first, then_not):
                yield from (*_types_of(first), *_types_of(then_not))
            case TagTest():
                yield f"list:{TAGS}"
            case IdentityTest(_, _, strength):
                yield from ("namespaces", "strength") if strength > 0 else ("namespaces",)
            case ProvenanceTest():
                yield "sightings"
            case SegmentTest(segment):
                yield from self.reads(self._segment(segment))

    def _field(self, name: str) -> Field:
        field = self._fields.find(name)
        if field is None:
            raise InputError(f"no field {name}: change the segments that name it, or declare it again")
        return field

    def _segment(self, name: str) -> Expression:
        found = self._segments.get(name)
        if found is None:
            raise InputError(f"no segment {name}: change those that ask about it")
        return found

    def _field_test(self, test: FieldTest) -> Formula:
        field = self._field(test.field)
        if field.counts is not None:
            return self._count_of_time(test, field)
        if test.operator is Operator.KNOWN:
            return ListKnown(field.name) if field.type is FieldType.TEXTS else Known(field.name)
        numbers = [self._number(field.type, value) for value in test.values]
        known = tuple(sorted({number for number in numbers if number is not None}))
        unknown: list[Formula] = [Constant(UNKNOWN)] if None in numbers else []  # money that no rate leads to
        if field.type is FieldType.TEXTS:
            return negated(Listed(field.name, known, UNKNOWN), test.operator is Operator.NOT_EQUAL)
        if test.operator in (Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN):
            equal = greatest([*([OneOf(field.name, known)] if known else []), *unknown])
            return negated(equal, test.operator is Operator.NOT_EQUAL)
        if not known:
            return Constant(UNKNOWN)
        bound, turned = threshold(test.operator, known[0])
        return negated(Less(field.name, bound), turned)

    def _number(self, kind: FieldType, value: Scalar | Money) -> int | None:
        """A constant as the numbers of a field's column; None for money that no rate leads to."""
        if isinstance(value, Money):
            return self._rates.convert(value.micros, value.currency, self._rates.currency)
        if isinstance(value, str):
            return day_number(value) if kind is FieldType.DATE else self._words.text(value)
        return millionths(value) if kind is FieldType.NUMBER else clamped(int(value))

    def _count_of_time(self, test: FieldTest, field: Field) -> Formula:
        """A whole number of years or days since a time, by relations of that time to now; -1 while it is ahead."""
        name, unit = field.counts or ("", "")
        source = self._field(name)
        if test.operator is Operator.KNOWN:
            return Known(source.name)

        def reached(count: int) -> Formula:
            if count < 0:
                now = _related(source, Relation.OLDER, Span(), test.zone)
                return greatest([now, negated(now)])  # TRUE where the time is known
            if unit == "years":
                return _related(source, Relation.OLDER, Span(years=min(count, 10_000)), test.zone)
            days = min(count, 10_000_000)
            span = Span(days=days) if source.type is FieldType.DATE else Span(seconds=days * DAY)
            return _related(source, Relation.OLDER, span, test.zone)

        counts = [value for value in test.values if isinstance(value, int | float)]
        if test.operator in (Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN):
            equal = greatest(least([reached(int(count)), negated(reached(int(count) + 1))]) for count in counts)
            return negated(equal, test.operator is Operator.NOT_EQUAL)
        bound, turned = threshold(test.operator, counts[0])
        return negated(reached(bound), not turned)

    def _pattern(self, pattern: Pattern) -> Matching:
        types = tuple(sorted({self._words.event_type(name) for name in pattern.types if name != PURCHASE}))
        return Matching(types, PURCHASE in pattern.types, tuple(self._where(test) for test in pattern.where))

    def _where(self, test: PropertyTest) -> Where:
        moneys = tuple(sorted((value.micros, value.currency) for value in test.values if isinstance(value, Money)))
        of_amount = test.name == AMOUNT and (bool(moneys) or test.operator is Operator.KNOWN)
        name = -1 if of_amount else self._words.property_name(test.name)
        if test.operator is Operator.KNOWN:
            return Where(name, PRESENT, (0, 0), (), (), ())
        if test.operator in (Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN):
            texts = {self._words.text(_as_text(value)) for value in test.values if isinstance(value, str | bool)}
            numbers = {millionths(value) for value in test.values if isinstance(value, int | float) and not isinstance(value, bool)}
            mode = NONE_OF if test.operator is Operator.NOT_EQUAL else ANY_OF
            return Where(name, mode, (0, 0), tuple(sorted(texts)), tuple(sorted(numbers)), moneys if of_amount else ())
        (value,) = test.values
        constant = value.micros if isinstance(value, Money) else millionths(value) if isinstance(value, int | float) else 0
        bound, at_least = threshold(test.operator, constant)
        bounds = (bound, LARGEST) if at_least else (-LARGEST, bound - 1)
        return Where(name, RANGE, bounds, (), (), moneys if of_amount else ())

    def _event_test(self, test: EventTest) -> Formula:
        currency, value = "", test.value
        if isinstance(value, Money):
            currency, value = value.currency, value.micros
        elif test.measure is Measure.SUM:
            value = millionths(value)
        named = self._words.property_name(test.property) if test.measure is not Measure.COUNT and test.property else -1
        if test.operator in (Operator.EQUAL, Operator.NOT_EQUAL):
            if value != int(value):
                return Constant(TRUE if test.operator is Operator.NOT_EQUAL else FALSE)
            comparison, constant, turned = IS_EQUAL, clamped(int(value)), test.operator is Operator.NOT_EQUAL
        else:
            comparison, (constant, turned) = IS_LESS, threshold(test.operator, value)
        counted = Counted(
            self._pattern(test.pattern), _when(test.window), int(test.measure), comparison, constant, named, "" if named >= 0 else currency
        )
        return negated(counted, turned)

    def _sequence(self, test: SequenceTest) -> Formula:
        zone = test.zone if test.wait.of_calendar or test.last.of_calendar else UTC
        same = self._words.property_name(test.same) if test.same else -1
        first, then_not = self._pattern(test.first), self._pattern(test.then_not)
        return negated(NoneFollowed(first, then_not, _parts(test.wait), _parts(test.last), same, zone))

    def _provenance(self, test: ProvenanceTest) -> Formula:
        sources = tuple(sorted({self._words.source(name) for name in test.sources}))
        kinds = tuple(sorted({self._words.kind(name) for name in test.kinds}))
        parties = sum(1 << party for party in set(test.parties))
        return negated(NoneSeen(sources, parties, kinds, _when(test.window)))


def _as_text(value: str | bool) -> str:
    return value if isinstance(value, str) else "true" if value else "false"


def _parts(span: Span) -> SpanParts:
    return (*months_and_days(span), span.seconds)


def _related(field: Field, relation: Relation, span: Span, zone: str) -> Formula:
    of_date = field.type is FieldType.DATE
    by_zone = of_date or span.of_calendar or relation is Relation.ANNIVERSARY
    return Related(field.name, relation, of_date, _parts(span), zone if by_zone else UTC)


def _when(window: Window) -> When:
    if window == EVER:
        return When(None, None, NO_VALUE, LARGEST, UTC)
    spans = [span for span in (window.last, window.until_ago) if span is not None]
    return When(
        None if window.last is None else _parts(window.last),
        None if window.until_ago is None else _parts(window.until_ago),
        NO_VALUE if window.begin is None else window.begin,
        LARGEST if window.end is None else window.end,
        window.zone if any(span.of_calendar for span in spans) else UTC,
    )


def _types_of(pattern: Pattern) -> Iterable[str]:
    return [f"event:{name}" for name in pattern.types] or ["events"]
