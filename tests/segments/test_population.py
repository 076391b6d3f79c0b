"""Everybody at once: columns are narrow, masks are the truths of the kernel, and what is kept is dropped in time."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import pytest
from idweave_server.segments.columns import Column, Mask, rows_of, size_of
from idweave_server.segments.compile import compile_program
from idweave_server.segments.expression import All, Any, FieldTest, Not, Operator, Relation, Span, TagTest, TimeTest
from idweave_server.segments.population import Population
from idweave_server.segments.program import Program, evaluate
from idweave_server.segments.subjects import NO_VALUE

from tests.segments.drawn import CALENDAR, FIELDS, RATES, Draw
from tests.segments.encoding import Numbers, subjects_of
from tests.segments.naive import Person, at

NOW = at("2026-03-01T12:00:00")


def test_more_than_a_block_of_rows() -> None:
    draw = Draw(5, CALENDAR)
    few = [draw.person() for _ in range(97)]
    people = (few * 1400)[:131_077]
    words = Numbers()
    trees = [draw._field() if i % 2 else draw._time() for i in range(24)]
    program = compile_program([(str(i), tree) for i, tree in enumerate(trees)], FIELDS, words, RATES)
    subjects = subjects_of(few, program.needs, words)
    now = draw.now()
    truth = evaluate(program, subjects, now).truth
    population = Population(len(people))
    for name, values in zip(program.needs.fields, subjects.values, strict=True):
        population.put(name, np.tile(values, 1400)[: len(people)])
    lists = population.missing(program)
    for condition in lists:
        population.supply(condition, np.ones(len(people), np.int8))
    steps = population.asking(program, now)
    assert sum(1 for _ in steps) == 3 + 1  # of the predicates, of joining them
    for i, mask in enumerate(population.ask(program, now)):
        if not set(program.conditions) & set(lists) & set(map_leaves(program, i)):
            assert np.array_equal(np.unpackbits(mask, count=len(people)), np.tile(truth[i] == 2, 1400)[: len(people)])


def map_leaves(program: Program, segment: int) -> list[object]:
    begin, end = program.arrays.leaf_start[segment : segment + 2]
    return [program.conditions[leaf] for leaf in program.arrays.segment_leaves[begin:end]]


VALUES = (
    [NO_VALUE, NO_VALUE],
    [5, NO_VALUE, 5],
    [0, 127, NO_VALUE, 3],
    [0, 128],
    [1_000_000, 3_500_000, 2_500_000, NO_VALUE],
    [-40, -20, 0, 30_000 * 20],
    [2**40, 2**40 + 2**33 + 1, NO_VALUE],
    [NO_VALUE + 1, 2**61, 0, NO_VALUE],
)


@pytest.mark.parametrize("values", VALUES, ids=str)
def test_a_column_is_narrow_and_loses_nothing(values: list[int]) -> None:
    column = Column.of(np.array(values, np.int64))
    known = np.flatnonzero(np.array(values) != NO_VALUE)
    assert column.values_at(known).tolist() == [value for value in values if value != NO_VALUE]
    population = Population(len(values))
    population.put("orders", np.array(values, np.int64))
    for bound in {near for value in values if value != NO_VALUE for near in (value - 1, value, value + 1) if near > NO_VALUE}:
        for tree, expected in (
            (FieldTest("orders", Operator.LESS, (bound,)), [v != NO_VALUE and v < bound for v in values]),
            (FieldTest("orders", Operator.IN, (bound, bound + 5)), [v != NO_VALUE and v in (bound, bound + 5) for v in values]),
        ):
            if abs(bound) < 2**62:
                program = compile_program([("", tree)], FIELDS, Numbers(), RATES)
                assert np.unpackbits(population.ask(program, NOW)[0], count=len(values)).tolist() == expected, (bound, tree)


def test_many_constants_of_a_narrow_and_of_a_wide_column() -> None:
    rng = np.random.default_rng(3)
    for spread in (1_000, 2**40):
        values = rng.integers(0, spread, 3_000)
        constants = sorted({*values[::7].tolist(), *rng.integers(0, spread, 50).tolist()})[:400]
        population = Population(values.size)
        population.put("orders", values)
        program = compile_program([("", FieldTest("orders", Operator.IN, tuple(constants)))], FIELDS, Numbers(), RATES)
        assert rows_of(population.ask(program, NOW)[0], values.size).tolist() == np.flatnonzero(np.isin(values, constants)).tolist()


def test_a_changed_column_is_asked_anew_and_others_are_kept() -> None:
    words, population = Numbers(), Population(3)
    few, many = FieldTest("orders", Operator.LESS, (2,)), FieldTest("spend", Operator.KNOWN)
    program = compile_program([("few", few), ("many", many)], FIELDS, words, RATES)
    population.put("orders", np.array([1, 2, 3]))
    population.put("spend", np.array([1, NO_VALUE, 3]))
    steps = population.asking(program, NOW)
    assert len(list(steps)) == 2
    assert len(list(population.asking(program, NOW))) == 1
    population.put("orders", np.array([3, 2, 1]))
    assert len(list(population.asking(program, NOW))) == 2
    assert [rows_of(mask, 3).tolist() for mask in population.ask(program, NOW)] == [[2], [0, 2]]


def rest_of(steps: Generator[None, None, tuple[Mask, ...]]) -> tuple[Mask, ...]:
    """What a question comes to in the end."""
    found: list[tuple[Mask, ...]] = []

    def asked() -> Generator[None, None, None]:
        found.append((yield from steps))

    for _ in asked():
        pass
    return found[0]


def test_a_column_put_while_it_is_asked_is_not_mixed_in() -> None:
    population = Population(70_000)
    population.put("orders", np.zeros(70_000, np.int64))
    program = compile_program([("none", FieldTest("orders", Operator.EQUAL, (0,)))], FIELDS, Numbers(), RATES)
    steps = population.asking(program, NOW)
    next(steps)
    population.put("orders", np.ones(70_000, np.int64))
    (mask,) = rest_of(steps)
    assert size_of(mask) == 70_000
    assert size_of(population.ask(program, NOW)[0]) == 0


def test_what_is_not_there_is_refused() -> None:
    population = Population(1)
    program = compile_program([("a", FieldTest("orders", Operator.KNOWN))], FIELDS, Numbers(), RATES)
    with pytest.raises(ValueError, match="no column of orders"):
        population.ask(program, NOW)
    tagged = compile_program([("a", TagTest("vip"))], FIELDS, Numbers(), RATES)
    assert population.missing(tagged) == tagged.conditions
    with pytest.raises(ValueError, match="was not supplied"):
        population.ask(tagged, NOW)
    with pytest.raises(ValueError, match="1 rows, not 2"):
        population.put("orders", np.zeros(2, np.int64))


def test_the_masks_that_are_kept_are_bounded() -> None:
    population = Population(8, most_masks=4)
    population.put("orders", np.arange(8))
    trees = [(str(i), FieldTest("orders", Operator.LESS, (i,))) for i in range(1, 8)]
    program = compile_program(trees, FIELDS, Numbers(), RATES)
    for _ in range(2):
        assert [size_of(mask) for mask in population.ask(program, NOW)] == list(range(1, 8))
    assert len(population._masks) == 4


def test_everybody_and_nobody() -> None:
    population = Population(11)
    program = compile_program([("all", All(())), ("none", Any(())), ("not", Not(All(())))], FIELDS, Numbers(), RATES)
    assert [size_of(mask) for mask in population.ask(program, NOW)] == [11, 0, 0]


@pytest.mark.parametrize("relation", list(Relation))
@pytest.mark.parametrize("span", [Span(months=1), Span(days=3), Span(seconds=20_000_000), Span(months=11)], ids=str)
@pytest.mark.parametrize("field", ["last_order_time", "birth_date"])
def test_relations_around_the_end_of_a_month(relation: Relation, span: Span, field: str) -> None:
    """Every hour, or day, around where the span ends now."""
    test = TimeTest(field, relation, span, "Europe/Berlin")
    for now in (at("2025-03-31T00:30:00"), at("2024-02-29T23:30:00"), at("2025-10-26T00:30:00")):
        words = Numbers()
        program = compile_program([("", test)], FIELDS, words, RATES)
        near = np.concatenate(
            [np.arange(c - 40 * 86_400, c + 40 * 86_400, 1_800) for c in (now - 31_536_000, now - 2_592_000, now, now + 31_536_000)]
        )
        values = np.unique(near // 86_400) if field == "birth_date" else near
        subjects = subjects_of([Person() for _ in values], program.needs, words)
        subjects.values[0] = values
        population = Population(values.size)
        population.put(field, values)
        wanted = np.flatnonzero(evaluate(program, subjects, now).truth[0] == 2)
        assert rows_of(population.ask(program, now)[0], values.size).tolist() == wanted.tolist()
