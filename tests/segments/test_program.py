"""What a program of several segments says of itself, and what it is to be given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from idweave_server.segments.compile import compile_program
from idweave_server.segments.expression import (
    All,
    Any,
    EventTest,
    Expression,
    FieldTest,
    IdentityTest,
    Not,
    Operator,
    Pattern,
    ProvenanceTest,
    SegmentTest,
    TagTest,
)
from idweave_server.segments.program import evaluate
from idweave_server.segments.subjects import FOREVER

from tests.segments.drawn import FIELDS, RATES
from tests.segments.encoding import Numbers, subjects_of
from tests.segments.naive import Person
from tests.segments.test_cases import RECENT


def test_a_program_says_what_it_reads_and_shares_conditions() -> None:
    segments: list[tuple[str, Expression]] = [
        ("a", All((FieldTest("age", Operator.GREATER, (17,)), FieldTest("orders", Operator.GREATER, (2,)), TagTest("vip")))),
        ("b", Not(FieldTest("orders", Operator.LESS, (3,)))),
        ("c", Any((RECENT, IdentityTest("phone", 1, 5), ProvenanceTest(), SegmentTest("b")))),
        ("d", EventTest(Pattern())),
    ]
    program = compile_program(segments, FIELDS, Numbers(), RATES)
    assert [set(reads) for reads in program.reads] == [
        {"field:birth_date", "field:orders", "list:tags"},
        {"field:orders"},
        {"event:purchase", "namespaces", "strength", "sightings", "field:orders"},
        {"events"},
    ]
    assert (program.needs.fields, program.needs.lists, program.needs.namespaces) == (("birth_date", "orders"), ("tags",), ("phone",))
    assert program.needs.events
    assert program.needs.sightings
    assert program.needs.strength
    assert len(program.conditions) == 3 + 0 + 4 + 1  # `orders > 2` is the negation of `orders < 3`


def test_some_of_the_segments_can_be_asked_alone() -> None:
    words = Numbers()
    trees = [(str(i), FieldTest("orders", Operator.GREATER_OR_EQUAL, (i,))) for i in range(5)]
    program = compile_program(trees, FIELDS, words, RATES)
    people = [Person(values={"orders": n}) for n in (1, 3)]
    subjects = subjects_of(people, program.needs, words)
    assert evaluate(program, subjects, 0, [4, 0, 2]).truth.tolist() == [[0, 0], [2, 2], [0, 2]]
    with pytest.raises(ValueError, match=r"segments must lie in \[0, 5\)"):
        evaluate(program, subjects, 0, [5])


def test_until_is_never_after_the_instant_at_which_a_value_changes_by_itself() -> None:
    words = Numbers()
    program = compile_program([("a", FieldTest("orders", Operator.KNOWN))], FIELDS, words, RATES)
    subjects = subjects_of([Person(), Person()], program.needs, words)
    subjects.changes[0] = 77
    assert evaluate(program, subjects, 0).until.tolist() == [[77, FOREVER]]


def test_subjects_that_are_not_what_the_program_needs_are_refused() -> None:
    words = Numbers()
    program = compile_program(
        [("a", All((FieldTest("orders", Operator.KNOWN), EventTest(Pattern()), TagTest("vip"))))], FIELDS, words, RATES
    )
    good = subjects_of([Person()], program.needs, words)
    for bad, message in (
        (replace(good, events=None), "events are needed"),
        (replace(good, values=good.values.astype(np.int32)), "values must be an array of int64"),
        (replace(good, lists=()), "lists must be those of tags"),
        (replace(good, changes=good.changes[:0]), "changes must have 1 rows"),
        (replace(good, list_start=good.list_start + 1), "must ascend"),
    ):
        with pytest.raises(ValueError, match=message):
            evaluate(program, bad, 0)


def test_a_program_of_nothing_and_subjects_of_nobody() -> None:
    words = Numbers()
    empty = compile_program([], FIELDS, words, RATES)
    assert evaluate(empty, subjects_of([Person()], empty.needs, words), 0).truth.shape == (0, 1)
    program = compile_program([("a", RECENT)], FIELDS, words, RATES)
    assert evaluate(program, subjects_of([], program.needs, words), 0).until.shape == (1, 0)
