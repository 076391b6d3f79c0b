"""Expressions as SQL over tables of plain people, as DuckDB understands it: NULL is UNKNOWN, and AND, OR and NOT are Kleene's.

Spans of the calendar are those of UTC alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any as Anything

from idweave_server.model import DAY
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
from idweave_server.segments.fields import FieldType

from tests.segments.drawn import FIELDS
from tests.segments.naive import Person, World

SIGNS = {
    Operator.EQUAL: "=",
    Operator.NOT_EQUAL: "<>",
    Operator.LESS: "<",
    Operator.LESS_OR_EQUAL: "<=",
    Operator.GREATER: ">",
    Operator.GREATER_OR_EQUAL: ">=",
}
TYPES = {
    FieldType.INTEGER: "BIGINT",
    FieldType.NUMBER: "BIGINT",
    FieldType.BOOLEAN: "BOOLEAN",
    FieldType.TIME: "BIGINT",
    FieldType.DATE: "DATE",
    FieldType.TEXT: "VARCHAR",
    FieldType.MONEY: "BIGINT",
    FieldType.TEXTS: "VARCHAR[]",
}
HUGE = 10**17  # more than any sum
COLUMNS = [field for field in FIELDS if field.counts is None]


TABLES = {
    "people": {"id": "BIGINT", **{field.name: TYPES[field.type] for field in COLUMNS}, "tags": "VARCHAR[]", "strength": "BIGINT"},
    "events": {
        "id": "BIGINT",
        "event": "BIGINT",
        "happened": "BIGINT",
        "type": "VARCHAR",
        "stands": "BOOLEAN",
        "amount": "BIGINT",
        "currency": "VARCHAR",
    },
    "properties": {"event": "BIGINT", "name": "VARCHAR", "word": "VARCHAR", "number": "BIGINT"},
    "observations": {"id": "BIGINT", "happened": "BIGINT", "source": "VARCHAR", "party": "BIGINT", "kind": "VARCHAR"},
    "namespaces": {"id": "BIGINT", "name": "VARCHAR", "count": "BIGINT"},
}


def load(connection: Anything, people: Sequence[Person]) -> None:
    """Make the tables of these people, numbered in their order. By the column: a statement a row took most of the time of a comparison."""
    rows: dict[str, list[list[Anything]]] = {name: [] for name in TABLES}
    for i, person in enumerate(people):
        values = [person.values.get(field.name) for field in COLUMNS]
        rows["people"].append([i, *(None if value == [] else value for value in values), person.tags, person.strength])
        for event in person.events:
            number = len(rows["events"])
            rows["events"].append([i, number, event.time, event.type, event.stands, event.amount, event.currency])
            for name, value in event.properties:
                rows["properties"].append([number, name, str(value), value if isinstance(value, int) else None])
        rows["observations"] += [[i, *observation] for observation in person.observations]
        rows["namespaces"] += [[i, name, count] for name, count in person.namespaces.items()]
    for table, columns in TABLES.items():
        shown = ", ".join(f"unnest(${i}::{type_}[]) AS {name}" for i, (name, type_) in enumerate(columns.items(), start=1))
        found = [list(column) for column in zip(*rows[table], strict=True)] or [[] for _ in columns]
        connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT {shown}", found)


def quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def moved(when: str, span: Span, sign: int = 1, of_date: bool = False) -> str:
    """The instant of a time in seconds, or of a date, moved by a span."""
    way = "+" if sign > 0 else "-"
    if not span.of_calendar:
        return f"({f'epoch({when})::BIGINT' if of_date else when} {way} {span.seconds})"
    stamp = f"{when}::TIMESTAMP" if of_date else f"make_timestamp({when} * 1000000)"
    months, days = span.years * 12 + span.months, span.weeks * 7 + span.days
    return f"epoch({stamp} {way} INTERVAL {months} MONTH {way} INTERVAL {days} DAY)::BIGINT"


class Translation:
    """Expressions at an instant, of the person p of the enclosing query."""

    def __init__(self, world: World, now: int) -> None:
        self.world, self.now = world, now

    def query(self, tree: Expression) -> str:
        """Of one expression: to plan ten in one query took up to ten times as long as ten queries."""
        return f"SELECT {self.of(tree)} FROM people p ORDER BY p.id"

    def of(self, tree: Expression) -> str:
        match tree:
            case All(parts):
                return f"({' AND '.join(self.of(part) for part in parts) or 'TRUE'})"
            case Any(parts):
                return f"({' OR '.join(self.of(part) for part in parts) or 'FALSE'})"
            case Not(part):
                return f"(NOT {self.of(part)})"
            case FieldTest():
                return self.field_test(tree)
            case TimeTest():
                return self.time_test(tree)
            case EventTest():
                return self.event_test(tree)
            case SequenceTest():
                return self.sequence(tree)
            case TagTest(tag):
                return f"list_contains(p.tags, {quoted(tag)})"
            case IdentityTest(namespace, least, strength):
                named = f" AND name = {quoted(namespace)}" if namespace else ""
                has = f"coalesce((SELECT sum(count) FROM namespaces WHERE id = p.id{named}), 0) >= {least}"
                return f"({has} AND coalesce(p.strength >= {strength}, TRUE))" if strength else f"({has})"
            case ProvenanceTest(sources, parties, kinds, window):
                asked = [
                    ("source", [quoted(one) for one in sources]),
                    ("party", [str(int(one)) for one in parties]),
                    ("kind", [quoted(one) for one in kinds]),
                ]
                by = [f"o.{name} IN ({', '.join(values)})" for name, values in asked if values]
                conditions = " AND ".join(["o.id = p.id", *by, *self.window("o.happened", window)])
                return f"EXISTS (SELECT 1 FROM observations o WHERE {conditions})"
            case SegmentTest(segment):
                return self.of(self.world.segments[segment])

    def constant(self, value: object, field: str) -> str:
        if isinstance(value, Money):
            converted = self.world.rates.convert(value.micros, value.currency, self.world.rates.currency)
            return "NULL" if converted is None else str(converted)
        if field in self.world.numbers and isinstance(value, int | float):
            return str(round(value * 1_000_000))
        if isinstance(value, bool):
            return str(value).upper()
        return f"DATE {quoted(value)}" if field == "birth_date" else quoted(value) if isinstance(value, str) else str(value)

    def field_test(self, test: FieldTest) -> str:
        value = self.count(*self.world.counts[test.field]) if test.field in self.world.counts else f"p.{test.field}"
        if test.operator is Operator.KNOWN:
            return f"({value} IS NOT NULL)"
        constants = [self.constant(constant, test.field) for constant in test.values]
        if test.field == "colours":
            found = " OR ".join(f"list_contains(p.colours, {constant})" for constant in constants)
            return f"(NOT ({found}))" if test.operator is Operator.NOT_EQUAL else f"({found})"
        if test.operator is Operator.IN:
            return f"({value} IN ({', '.join(constants)}))"
        return f"({value} {SIGNS[test.operator]} {constants[0]})"

    def count(self, field: str, unit: str) -> str:
        when = f"p.{field}"
        if unit == "years":
            reached = f"SELECT count(*) FROM range(0, 100) years(n) WHERE epoch({when} + to_years(n::INTEGER)) <= {self.now}"
            return f"CASE WHEN {when} IS NOT NULL THEN ({reached}) - 1 END"
        days = (
            f"date_diff('day', {when}, make_timestamp({self.now * 1_000_000})::DATE)"
            if field == "birth_date"
            else f"(({self.now} - {when} + {10**5 * DAY}) // {DAY} - {10**5})"
        )
        return f"CASE WHEN {when} IS NOT NULL THEN greatest(-1, {days}) END"

    def time_test(self, test: TimeTest) -> str:
        when, of_date = f"p.{test.field}", test.field == "birth_date"
        begin = moved(when, Span(), 1, of_date)
        if test.relation is Relation.WITHIN:
            return f"({begin} <= {self.now} AND {self.now} < {moved(when, test.span, 1, of_date)})"
        if test.relation is Relation.OLDER:
            return f"({moved(when, test.span, 1, of_date)} <= {self.now})"
        if test.relation is Relation.UPCOMING:
            return f"({moved(when, test.span, -1, of_date)} <= {self.now} AND {self.now} < {begin})"
        day = when if of_date else f"make_timestamp({when} * 1000000)::DATE"
        spans = f"SELECT ({day} + to_years(n::INTEGER) + INTERVAL 1 DAY)::DATE AS after FROM range(1, 100) years(n)"
        following = f"SELECT min(after) AS after FROM ({spans}) WHERE epoch(after) > {self.now}"
        return f"CASE WHEN {when} IS NOT NULL THEN (SELECT {moved('after', test.span, -1, True)} <= {self.now} FROM ({following})) END"

    def window(self, at: str, window: Window) -> Iterator[str]:
        yield f"{at} <= {self.now}"
        if window.last is not None:
            yield f"{self.now} < {moved(at, window.last)}"
        if window.until_ago is not None:
            yield f"{moved(at, window.until_ago)} <= {self.now}"
        if window.begin is not None:
            yield f"{window.begin} <= {at}"
        if window.end is not None:
            yield f"{at} < {window.end}"

    def converted(self, event: str, currency: str) -> str:
        cases = " ".join(f"WHEN {quoted(source)} THEN {factor!r}" for source, factor in self.world.rates.into(currency).items())
        return f"round_even({event}.amount * CASE {event}.currency {cases} END, 0)::BIGINT"

    def matches(self, pattern: Pattern, event: str) -> str:
        types = [f"{event}.stands" if name == "purchase" else f"{event}.type = {quoted(name)}" for name in pattern.types]
        return " AND ".join([f"({' OR '.join(types) or 'TRUE'})", *(self.property_test(test, event) for test in pattern.where)])

    def property_test(self, test: PropertyTest, event: str) -> str:
        if test.name == "amount" and (test.operator is Operator.KNOWN or isinstance(test.values[0], Money)):
            if test.operator is Operator.KNOWN:
                return f"({event}.amount IS NOT NULL)"
            sign = SIGNS.get(test.operator, "=")
            found = [f"{self.converted(event, one.currency)} {sign} {one.micros}" for one in test.values if isinstance(one, Money)]
            return f"({event}.amount IS NOT NULL AND ({' OR '.join(found)}))"
        has = f"SELECT 1 FROM properties q WHERE q.event = {event}.event AND q.name = {quoted(test.name)}"
        if test.operator is Operator.KNOWN:
            return f"EXISTS ({has})"
        parts = [
            f"coalesce(q.number {SIGNS.get(test.operator, '=')} {one}, FALSE)"
            if not isinstance(one, str)
            else f"(q.number IS NULL AND q.word {SIGNS.get(test.operator, '=')} {quoted(one)})"
            for one in test.values
        ]
        if test.operator is Operator.NOT_EQUAL:
            (one,) = test.values
            equal = f"q.word = {quoted(one)}"
            return f"(EXISTS ({has}) AND NOT EXISTS ({has} AND {equal}))"
        return f"EXISTS ({has} AND ({' OR '.join(parts)}))"

    def counted(self, test: EventTest) -> str:
        """(m, amount, event) of the events in the window; m: whether they match."""
        conditions = " AND ".join(["e.id = p.id", *self.window("e.happened", test.window)])
        amount = self.converted("e", test.value.currency) if isinstance(test.value, Money) else "NULL"
        columns = f"({self.matches(test.pattern, 'e')}) AS m, e.event AS event, e.amount AS paid, {amount} AS amount"
        return f"SELECT {columns} FROM events e WHERE {conditions}"

    def event_test(self, test: EventTest) -> str:
        counted = self.counted(test)
        constant = str(test.value.micros if isinstance(test.value, Money) else test.value)
        if test.measure is Measure.COUNT:
            bounds = f"SELECT count(*) FILTER (m) AS low, count(*) FILTER (m IS NOT FALSE) AS high FROM ({counted})"
        elif test.measure is Measure.DISTINCT:
            values = (
                f"SELECT m, q.word AS word FROM ({counted}) c JOIN properties q ON q.event = c.event AND q.name = {quoted(test.property)}"
            )
            bounds = f"SELECT count(DISTINCT word) FILTER (m) AS low, count(DISTINCT word) FILTER (m IS NOT FALSE) AS high FROM ({values})"
        elif test.property:
            values = (
                f"SELECT m, q.number AS n FROM ({counted}) c JOIN properties q ON q.event = c.event AND q.name = {quoted(test.property)}"
            )
            least, most = "coalesce(sum(CASE WHEN m THEN n WHEN m IS NULL THEN", "ELSE 0 END), 0)"
            bounds = (
                f"SELECT {least} least(0, n) {most} AS low, {least} greatest(0, n) {most} AS high FROM ({values} AND q.number IS NOT NULL)"
            )
        else:
            none = "WHEN m IS FALSE OR paid IS NULL THEN 0 WHEN amount IS NULL THEN CASE WHEN paid"
            low = f"sum(CASE {none} < 0 THEN -{HUGE} ELSE 0 END WHEN m THEN amount ELSE least(0, amount) END)"
            high = f"sum(CASE {none} > 0 THEN {HUGE} ELSE 0 END WHEN m THEN amount ELSE greatest(0, amount) END)"
            bounds = f"SELECT coalesce({low}, 0) AS low, coalesce({high}, 0) AS high FROM ({counted})"
        if test.operator in (Operator.EQUAL, Operator.NOT_EQUAL):
            found = f"CASE WHEN low = high THEN low = {constant} WHEN {constant} < low OR {constant} > high THEN FALSE END"
            found = f"NOT ({found})" if test.operator is Operator.NOT_EQUAL else found
        else:
            sign = SIGNS[test.operator]
            found = f"CASE WHEN (low {sign} {constant}) = (high {sign} {constant}) THEN low {sign} {constant} END"
        return f"(SELECT {found} FROM ({bounds}))"

    def sequence(self, test: SequenceTest) -> str:
        shared = (
            f" AND EXISTS (SELECT 1 FROM properties q JOIN properties r ON q.word = r.word WHERE q.event = a.event AND r.event = b.event "
            f"AND q.name = {quoted(test.same)} AND r.name = {quoted(test.same)})"
            if test.same
            else ""
        )
        pairs = (
            f"SELECT a.event, ({self.matches(test.first, 'a')}) AS m, b.event AS later, "
            f"CASE WHEN b.event IS NULL THEN FALSE ELSE ({self.matches(test.then_not, 'b')}){shared} END AS followed "
            f"FROM events a JOIN events b ON b.id = a.id AND b.happened >= a.happened AND b.happened <= {self.now} "
            f"WHERE a.id = p.id AND a.happened <= {self.now} "
            f"AND {moved('a.happened', test.wait)} <= {self.now} AND {self.now} < {moved('a.happened', test.last)}"
        )
        followed = "CASE WHEN bool_or(followed) THEN TRUE WHEN count(*) > count(followed) THEN NULL ELSE FALSE END"
        each = f"SELECT bool_and(m) AND NOT {followed} AS m FROM ({pairs}) GROUP BY event"
        return f"(SELECT CASE WHEN bool_or(m) THEN TRUE WHEN count(*) > count(m) THEN NULL ELSE FALSE END FROM ({each}))"
