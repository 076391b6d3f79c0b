"""Definitions as text: JSON that people can write and the log can keep, one canonical text for each expression, read with clear errors.

The same structure is what a TOML file holds. docs/segments.md describes it. `write` and `read` turn an expression into that structure and
back; `encode` and `decode` wrap it with the number of its form, for what has to be read in years to come.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from idweave_server.model import Party
from idweave_server.segments.constant_text import read_instant, read_span, read_value, write_instant, write_span, write_value
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
    Sequence,
    Span,
    TagTest,
    TimeTest,
    Window,
)
from idweave_server.segments.text_nodes import Body, refused

FORM = 1  # of what `encode` writes; a later release reads this one too
DEEPEST = 64  # conditions within conditions that can be read; what a definition may have is less
LONGEST = 262_144  # characters of a text
MICRO = 1_000_000

OPERATORS = {
    "=": Operator.EQUAL,
    "!=": Operator.NOT_EQUAL,
    "<": Operator.LESS,
    "<=": Operator.LESS_OR_EQUAL,
    ">": Operator.GREATER,
    ">=": Operator.GREATER_OR_EQUAL,
    "in": Operator.IN,
    "known": Operator.KNOWN,
}
SYMBOLS = {operator: symbol for symbol, operator in OPERATORS.items()}
RELATIONS = {relation.name.lower(): relation for relation in Relation}
MEASURES = {measure.name.lower(): measure for measure in Measure}
PARTIES = {party.name.lower(): party for party in Party}

Node = dict[str, object]


def encode(expression: Expression) -> str:
    """The canonical text. Equal expressions have equal texts."""
    return json.dumps({"form": FORM, "when": write(expression)}, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def decode(text: str) -> Expression:
    """What `encode` wrote. Raises DefinitionError."""
    whole = Body(_parsed(text), "")
    form = whole.take("form")
    if form != FORM:
        raise refused("", f"this definition is of form {form!r}, which this release does not know; it knows {FORM}: use a newer release")
    expression = read(whole.take("when"))
    whole.end()
    return expression


def plain_text(expression: Expression) -> str:
    """The canonical structure alone, as people write it."""
    return json.dumps(write(expression), ensure_ascii=False, allow_nan=False)


def read_plain_text(text: str) -> Expression:
    """A definition that somebody wrote as JSON. Raises DefinitionError."""
    return read(_parsed(text))


def _parsed(text: str) -> object:
    if len(text) > LONGEST:
        raise refused("", f"the text has {len(text):,} characters; at most {LONGEST:,} can be read")
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise refused("", f"the conditions are too deep; at most {DEEPEST} within each other can be read") from None
    except ValueError as error:  # JSONDecodeError is one, and so is a number of thousands of digits
        raise refused("", f"this is no JSON: {error}") from None


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is not a number")


def write(expression: Expression) -> Node:
    """The structure of an expression: dictionaries, lists, texts, numbers and truths."""
    match expression:
        case All(parts):
            return {"all": [write(part) for part in parts]}
        case Any(parts):
            return {"any": [write(part) for part in parts]}
        case Not(part):
            return {"not": write(part)}
        case FieldTest(field, operator, values, zone):
            return {"field": {"name": field, **_comparison(operator, values), **_zone(zone)}}
        case TimeTest(field, relation, span, zone):
            return {"time": {"name": field, relation.name.lower(): write_span(span), **_zone(zone)}}
        case EventTest(pattern, window, measure, operator, value, named):
            measured: Node = {} if measure is Measure.COUNT else {"measure": measure.name.lower()}
            compared: Node = {"operator": SYMBOLS[operator], "value": write_value(value)}
            return {"events": {**_pattern(pattern), **_window(window), **measured, **_given(property=named), **compared}}
        case Sequence(first, then_not, wait, last, same, zone):
            spans: Node = {"wait": write_span(wait), "last": write_span(last)}
            return {"sequence": {"first": _pattern(first), "then_not": _pattern(then_not), **spans, **_given(same=same), **_zone(zone)}}
        case TagTest(tag):
            return {"tag": tag}
        case IdentityTest(namespace, least, strength):
            return {"identity": {**_given(namespace=namespace), "least": least, **_given(strength=strength / MICRO)}}
        case ProvenanceTest(sources, parties, kinds, window):
            said = _given(sources=list(sources), parties=[Party(one).name.lower() for one in parties], kinds=list(kinds))
            return {"provenance": {**said, **_window(window)}}
        case SegmentTest(segment):
            return {"segment": segment}


def _comparison(operator: Operator, values: tuple[Scalar | Money, ...]) -> Node:
    """One value stands by itself, but for `in`."""
    said: Node = {"operator": SYMBOLS[operator]}
    if operator is not Operator.IN and len(values) == 1:
        return {**said, "value": write_value(values[0])}
    return {**said, **_given(values=[write_value(value) for value in values])}


def _pattern(pattern: Pattern) -> Node:
    where = [{"name": test.name, **_comparison(test.operator, test.values)} for test in pattern.where]
    return _given(types=list(pattern.types), where=where)


def _window(window: Window) -> Node:
    return {
        **({} if window.last is None else {"last": write_span(window.last)}),
        **({} if window.until_ago is None else {"until_ago": write_span(window.until_ago)}),
        **({} if window.begin is None else {"begin": write_instant(window.begin)}),
        **({} if window.end is None else {"end": write_instant(window.end)}),
        **_zone(window.zone),
    }


def _zone(zone: str) -> Node:
    return {} if zone == UTC else {"zone": zone}


def _given(**named: object) -> Node:
    """What is neither empty nor 0."""
    return {name: value for name, value in named.items() if value}


def read(node: object, position: str = "", depth: int = 0) -> Expression:
    """The expression of a structure. Raises DefinitionError, which names the position and, for a misspelt word, the one meant."""
    if depth >= DEEPEST:
        raise refused(position, f"the conditions are too deep; at most {DEEPEST} within each other can be read")
    whole = Body(node, position, 'a condition such as { tag = "vip" }')
    kind = whole.only(KINDS)
    at = f"{position}.{kind}" if position else kind
    if kind in ("all", "any"):
        parts = tuple(read(part, f"{at}[{n}]", depth + 1) for n, part in enumerate(whole.list(kind)))
        return All(parts) if kind == "all" else Any(parts)
    if kind == "not":
        return Not(read(whole.take(kind), at, depth + 1))
    if kind in ("tag", "segment"):
        return TagTest(whole.text(kind)) if kind == "tag" else SegmentTest(whole.text(kind))
    body = Body(whole.take(kind), at)
    found = LEAVES[kind](body)
    body.end()
    return found


def _read_field(body: Body) -> Expression:
    return FieldTest(body.text("name"), *_read_comparison(body), _read_zone(body))


def _read_time(body: Body) -> Expression:
    name = body.text("name")
    relation = body.one_of(RELATIONS)
    return TimeTest(name, RELATIONS[relation], _read_span(body, relation), _read_zone(body))


def _read_events(body: Body) -> Expression:
    pattern, window = _read_pattern(body), _read_window(body)
    measure = body.word("measure", MEASURES, Measure.COUNT)
    operator = body.word("operator", OPERATORS, Operator.GREATER_OR_EQUAL)
    value = read_value(body.take("value"), body.at("value")) if "value" in body else 1
    if isinstance(value, bool | str):
        raise refused(body.at("value"), 'a number is needed, or an amount of money such as { amount = "100", currency = "EUR" }')
    return EventTest(pattern, window, measure, operator, value, body.text("property", ""))


def _read_sequence(body: Body) -> Expression:
    first, then_not = (Body(body.take(name), body.at(name)) for name in ("first", "then_not"))
    patterns = _read_pattern(first), _read_pattern(then_not)
    first.end()
    then_not.end()
    wait = _read_span(body, "wait") if "wait" in body else Span()
    return Sequence(*patterns, wait, _read_span(body, "last"), body.text("same", ""), _read_zone(body))


def _read_identity(body: Body) -> Expression:
    strength = body.number("strength", 0)
    return IdentityTest(body.text("namespace", ""), body.whole("least", 1), round(strength * MICRO))


def _read_provenance(body: Body) -> Expression:
    parties = tuple(int(body.known(word, PARTIES, f"parties[{n}]")) for n, word in enumerate(body.texts("parties")))
    return ProvenanceTest(body.texts("sources"), parties, body.texts("kinds"), _read_window(body))


LEAVES: dict[str, Callable[[Body], Expression]] = {
    "field": _read_field,
    "time": _read_time,
    "events": _read_events,
    "sequence": _read_sequence,
    "identity": _read_identity,
    "provenance": _read_provenance,
}
KINDS = ("all", "any", "not", "tag", "segment", *LEAVES)


def _read_comparison(body: Body) -> tuple[Operator, tuple[Scalar | Money, ...]]:
    """An operator that is not named is `in` for a list of values, else `=`."""
    if "value" in body and "values" in body:
        raise refused(body.at("values"), "give a value or values, not both")
    operator = body.word("operator", OPERATORS, Operator.IN if "values" in body else Operator.EQUAL)
    if "value" in body:
        return operator, (read_value(body.take("value"), body.at("value")),)
    values = body.list("values") if "values" in body else []
    return operator, tuple(read_value(value, body.at(f"values[{n}]")) for n, value in enumerate(values))


def _read_pattern(body: Body) -> Pattern:
    types = body.texts("types")
    where = []
    for n, node in enumerate(body.list("where") if "where" in body else []):
        test = Body(node, body.at(f"where[{n}]"))
        where.append(PropertyTest(test.text("name"), *_read_comparison(test)))
        test.end()
    return Pattern(types, tuple(where))


def _read_window(body: Body) -> Window:
    last, until_ago = (_read_span(body, name) if name in body else None for name in ("last", "until_ago"))
    begin, end = (read_instant(body.take(name), body.at(name)) if name in body else None for name in ("begin", "end"))
    window = Window(last, until_ago, begin, end, _read_zone(body))
    return EVER if window == EVER else window


def _read_span(body: Body, name: str) -> Span:
    return read_span(body.take(name), body.at(name))


def _read_zone(body: Body) -> str:
    return body.text("zone", UTC)
