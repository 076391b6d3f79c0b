"""One condition asked of one person, for tests that are written by hand."""

from __future__ import annotations

from collections.abc import Mapping

from idweave_server.segments.compile import compile_program
from idweave_server.segments.expression import Expression
from idweave_server.segments.fields import Fields
from idweave_server.segments.money import Rates
from idweave_server.segments.program import evaluate

from tests.segments.drawn import FIELDS, RATES
from tests.segments.encoding import Numbers, subjects_of
from tests.segments.naive import Person

FALSE, UNKNOWN, TRUE = 0, 1, 2


def verdict(
    expression: Expression,
    person: Person,
    now: int,
    *,
    fields: Fields = FIELDS,
    rates: Rates = RATES,
    segments: Mapping[str, Expression] | None = None,
) -> tuple[int, int]:
    """(truth, until)."""
    words = Numbers()
    program = compile_program([("asked", expression)], fields, words, rates, segments)
    found = evaluate(program, subjects_of([person], program.needs, words), now)
    return int(found.truth[0, 0]), int(found.until[0, 0])
