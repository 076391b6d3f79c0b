"""Every fault of a definition, each with its place in it and, where something is misspelt, what was meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from idweave_server.model import Party
from idweave_server.segments import limits
from idweave_server.segments.check_values import Problem, ValueCheck
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
    Operator,
    Pattern,
    PropertyTest,
    ProvenanceTest,
    Relation,
    SegmentTest,
    Span,
    TagTest,
    TimeTest,
    Window,
)
from idweave_server.segments.expression import Sequence as SequenceTest
from idweave_server.segments.fields import Field, Fields, FieldType
from idweave_server.segments.money import Rates
from idweave_server.segments.reach import reach_problems
from idweave_server.suggestion import nearest

EQUALITIES = (Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN, Operator.KNOWN)
UNORDERED = (FieldType.BOOLEAN, FieldType.TEXT, FieldType.TEXTS)
AMOUNT, PURCHASE = "amount", "purchase"


@dataclass(frozen=True, slots=True)
class KnownWords:
    """What the policy declares or observations brought, for suggestions."""

    event_types: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


def check(
    name: str,
    expression: Expression,
    fields: Fields,
    words: KnownWords,
    segments: Mapping[str, Expression],
    rates: Rates | None = None,
) -> list[Problem]:
    """Every fault of a definition that is to be called `name`, in the order of the tree; none where it can be used. Warnings are of what
    can be used, but is likely not meant. segments: the other definitions. rates: None refuses no money for the want of a rate."""
    if (depth := limits.depth_of(expression)) > limits.DEEPEST:
        return [Problem("", f"conditions are {depth} deep; at most {limits.DEEPEST} are allowed: use another segment for a part of them")]
    found = _Check(fields, words, segments, rates)
    found.expression("", expression)
    return found.problems + reach_problems(name, expression, segments)


@dataclass
class _Check:
    fields: Fields
    words: KnownWords
    segments: Mapping[str, Expression]
    rates: Rates | None
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, position: str, message: str, suggestion: str = "") -> None:
        self.problems.append(Problem(position.removeprefix("."), message, suggestion))

    def doubt(self, position: str, sort: str, word: str, known: tuple[str, ...]) -> None:
        """Warn of a word that nobody has used yet."""
        self.values(position).text(word)
        if word and known and word not in known:
            message = f"no {sort} {word!r} is known so far"
            self.problems.append(Problem(position.removeprefix("."), message, nearest(word, known), warning=True))

    def values(self, position: str) -> ValueCheck:
        return ValueCheck(position.removeprefix("."), self.problems)

    def expression(self, at: str, expression: Expression) -> None:
        match expression:
            case All(parts) | Any(parts):
                for i, part in enumerate(parts):
                    self.expression(f"{at}.{'all' if isinstance(expression, All) else 'any'}[{i}]", part)
            case Not(part):
                self.expression(f"{at}.not", part)
            case FieldTest():
                self.field_test(f"{at}.field", expression)
            case TimeTest():
                self.time_test(f"{at}.time", expression)
            case EventTest():
                self.event_test(f"{at}.events", expression)
            case SequenceTest():
                self.sequence(f"{at}.sequence", expression)
            case TagTest(tag):
                self.values(f"{at}.tag.tag").text(tag, "a tag")
            case IdentityTest():
                self.identity(f"{at}.identity", expression)
            case ProvenanceTest():
                self.provenance(f"{at}.provenance", expression)
            case SegmentTest(segment):
                if segment not in self.segments:
                    self.refuse(f"{at}.segment.segment", f"no segment {segment!r}", nearest(segment, tuple(self.segments)))

    def field(self, at: str, name: str) -> Field | None:
        found = self.fields.find(name)
        if found is None:
            self.refuse(f"{at}.field", f"no field {name!r}" if name else "no field is named", self.fields.nearest(name))
        return found

    def field_test(self, at: str, test: FieldTest) -> None:
        found = self.field(at, test.field)
        self.values(f"{at}.zone").zone(test.zone)
        if found is None:
            return
        allowed = EQUALITIES if found.type in UNORDERED else tuple(Operator)
        if self.operator(at, test.operator, allowed, f"{found.name}, which is {found.type.value},"):
            for place in self.constants(at, test.operator, test.values):
                check = self.values(f"{at}.values[{place}]")
                check.constant(test.values[place], found)
                value = test.values[place]
                if isinstance(value, Money) and self.rates and self.rates.factor(value.currency, self.rates.currency) is None:
                    known = (self.rates.currency, *sorted(self.rates.micros))
                    check.refuse(f"no rate leads from {value.currency} to {self.rates.currency}: declare one in the policy", known[0])

    def operator(self, at: str, operator: Operator, allowed: tuple[Operator, ...], what: str) -> bool:
        if operator in allowed:
            return True
        names = ", ".join(one.name for one in allowed)
        self.refuse(f"{at}.operator", f"{what} cannot be compared by {getattr(operator, 'name', operator)}: use one of {names}")
        return False

    def constants(self, at: str, operator: Operator, values: tuple[object, ...]) -> range:
        """The places of the constants that are there to be checked."""
        most = limits.CONSTANTS if operator is Operator.IN else 0 if operator is Operator.KNOWN else 1
        least = 0 if operator is Operator.KNOWN else 1
        if not least <= len(values) <= most:
            wanted = "no constant" if most == 0 else "one constant" if most == 1 else f"1 to {most:,} constants"
            self.refuse(f"{at}.values", f"{operator.name} takes {wanted}, not {len(values):,}")
        return range(min(len(values), most))

    def time_test(self, at: str, test: TimeTest) -> None:
        found = self.field(at, test.field)
        if found is not None and found.type not in (FieldType.TIME, FieldType.DATE):
            times = tuple(one.name for one in self.fields if one.type in (FieldType.TIME, FieldType.DATE))
            what = f"{found.name} is {found.type.value}, neither a time nor a date"
            self.refuse(f"{at}.field", what, found.counts[0] if found.counts else nearest(found.name, times))
        self.values(f"{at}.zone").zone(test.zone)
        span = self.values(f"{at}.span")
        if span.span(test.span, may_be_empty=test.relation is Relation.OLDER) and test.relation is Relation.ANNIVERSARY:
            span.within_a_year(test.span)

    def event_test(self, at: str, test: EventTest) -> None:
        self.pattern(at, test.pattern)
        self.window(f"{at}.window", test.window)
        self.operator(at, test.operator, tuple(Operator)[:6], "what is counted")
        value = self.values(f"{at}.value")
        if test.property:
            self.doubt(f"{at}.property", "property", test.property, self.words.properties)
        if test.measure is Measure.SUM and not test.property:
            value.money(test.value)
        elif test.measure is Measure.SUM:
            value.number(test.value)
        else:
            value.whole(test.value)
            if test.measure is Measure.COUNT and test.property:
                self.refuse(f"{at}.property", "COUNT counts events: name no property, or use DISTINCT")
            if test.measure is Measure.DISTINCT and not test.property:
                self.refuse(f"{at}.property", "DISTINCT counts the values of a property: name it")

    def pattern(self, at: str, pattern: Pattern) -> None:
        if len(pattern.types) > limits.TYPES:
            self.refuse(f"{at}.types", f"{len(pattern.types):,} types; at most {limits.TYPES} are allowed")
        for i, name in enumerate(pattern.types):
            if name != PURCHASE:
                known = (*self.words.event_types, PURCHASE) if self.words.event_types else ()
                self.doubt(f"{at}.types[{i}]", "type of event", name, known)
        if len(pattern.where) > limits.WHERES:
            self.refuse(f"{at}.where", f"{len(pattern.where):,} conditions on one event; at most {limits.WHERES} are allowed")
        for i, test in enumerate(pattern.where):
            self.property_test(f"{at}.where[{i}]", test)

    def property_test(self, at: str, test: PropertyTest) -> None:
        of_money = any(isinstance(value, Money) for value in test.values)
        if test.name != AMOUNT:
            self.doubt(f"{at}.name", "property", test.name, self.words.properties)
        ordered = all(isinstance(value, Money | int | float) and not isinstance(value, bool) for value in test.values)
        if not self.operator(at, test.operator, tuple(Operator) if ordered else EQUALITIES, "text"):
            return
        for place in self.constants(at, test.operator, test.values):
            check, value = self.values(f"{at}.values[{place}]"), test.values[place]
            if of_money and test.name == AMOUNT:
                check.money(value)
            elif isinstance(value, Money):
                check.refuse(f"money compares with the amount of an event, named {AMOUNT!r}", AMOUNT)
            elif isinstance(value, str):
                check.text(value)
            elif not isinstance(value, bool):
                check.number(value)

    def window(self, at: str, window: Window) -> None:
        self.values(f"{at}.zone").zone(window.zone)
        given = [(name, span) for name, span in (("last", window.last), ("until_ago", window.until_ago)) if span is not None]
        whole = [self.values(f"{at}.{name}").span(span, may_be_empty=name == "until_ago") for name, span in given]
        if window.last and window.until_ago and all(whole) and _no_longer(window.last, window.until_ago):
            self.refuse(at, "no event is within `last` and older than `until_ago`: make `last` the longer one")
        for name, value in (("begin", window.begin), ("end", window.end)):
            if value is not None:
                self.values(f"{at}.{name}").time(value)
        if window.begin is not None and window.end is not None and window.begin >= window.end:
            self.refuse(at, "it ends before it begins")

    def sequence(self, at: str, test: SequenceTest) -> None:
        self.pattern(f"{at}.first", test.first)
        self.pattern(f"{at}.then_not", test.then_not)
        whole = [self.values(f"{at}.wait").span(test.wait, may_be_empty=True), self.values(f"{at}.last").span(test.last)]
        if all(whole) and _no_longer(test.last, test.wait):
            self.refuse(at, "it would be over before it begins: make `last` longer than `wait`")
        if not test.then_not.where and (not test.then_not.types or set(test.first.types or ("",)) <= set(test.then_not.types)):
            self.refuse(f"{at}.then_not", "it matches the first event too, so that this is never true: name what must not follow")
        if test.same:
            self.doubt(f"{at}.same", "property", test.same, self.words.properties)
        self.values(f"{at}.zone").zone(test.zone)

    def identity(self, at: str, test: IdentityTest) -> None:
        known = self.words.namespaces
        if test.namespace and known and test.namespace not in known:
            self.refuse(f"{at}.namespace", f"no namespace {test.namespace!r}", nearest(test.namespace, known))
        if not 0 <= test.least <= limits.IDENTIFIERS:
            self.refuse(f"{at}.least", f"must lie between 0 and {limits.IDENTIFIERS:,}, not {test.least:,}")
        if not 0 <= test.strength <= limits.STRENGTH:
            self.refuse(f"{at}.strength", f"must lie between 0 and {limits.STRENGTH:,} micro-nats, not {test.strength:,}")

    def provenance(self, at: str, test: ProvenanceTest) -> None:
        for i, name in enumerate(test.sources):
            self.doubt(f"{at}.sources[{i}]", "source", name, self.words.sources)
        for i, party in enumerate(test.parties):
            if party not in set(Party):
                self.refuse(f"{at}.parties[{i}]", f"no party {party}: use one of {', '.join(one.name for one in Party)}")
        for i, name in enumerate(test.kinds):
            self.doubt(f"{at}.kinds[{i}]", "evidence kind", name, self.words.kinds)
        self.window(f"{at}.window", test.window)


def _no_longer(one: Span, other: Span) -> bool:
    """Whether a span is surely no longer than another one, compared part by part."""
    if one.of_calendar != other.of_calendar and other != Span():
        return False
    return one.years * 12 + one.months <= other.years * 12 + other.months and (
        one.weeks * 7 + one.days <= other.weeks * 7 + other.days and one.seconds <= other.seconds
    )
