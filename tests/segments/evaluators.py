"""Everything that evaluates segments, asked the same: random definitions of random people at an instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from idweave_server.segments.columns import rows_of
from idweave_server.segments.compile import compile_program
from idweave_server.segments.expression import Expression
from idweave_server.segments.forecast import Crossings, Stretch, crossings_of
from idweave_server.segments.population import Population
from idweave_server.segments.program import Program, Verdicts, evaluate
from idweave_server.segments.subjects import Subjects
from numpy.typing import NDArray

from tests.segments import sql
from tests.segments.drawn import FIELDS, RATES, Draw, Scale
from tests.segments.encoding import Numbers, subjects_of
from tests.segments.naive import Person, World, truth

NUMBER = {False: 0, None: 1, True: 2}
Truths = NDArray[np.int8]  # [t, p]: 0 FALSE, 1 UNKNOWN, 2 TRUE


@dataclass(frozen=True)
class Question:
    """Definitions in a world, and people, at an instant. program, subjects: the same as the kernels take them."""

    world: World
    trees: list[Expression]
    people: list[Person]
    now: int
    words: Numbers
    program: Program
    subjects: Subjects

    def people_at(self, rows: Sequence[int]) -> Subjects:
        return subjects_of([self.people[row] for row in rows], self.program.needs, self.words)


def question(world: World, trees: list[Expression], people: list[Person], now: int) -> Question:
    words = Numbers()
    program = compile_program([(f"tree {i}", tree) for i, tree in enumerate(trees)], FIELDS, words, RATES, world.segments)
    return Question(world, trees, people, now, words, program, subjects_of(people, program.needs, words))


def drawn(seed: int, scale: Scale, trees: int, people: int) -> Question:
    draw = Draw(seed, scale)
    world = draw.world()
    asked = [draw.expression(draw.one((1, 2, 3)), ("inner", "outer")) for _ in range(trees)]
    return question(world, asked, [draw.person() for _ in range(people)], draw.now())


def by_the_interpreter(asked: Question) -> Truths:
    plain = [[NUMBER[truth(tree, person, asked.now, asked.world)] for person in asked.people] for tree in asked.trees]
    return np.array(plain, np.int8)


def by_the_kernel(asked: Question) -> Verdicts:
    return evaluate(asked.program, asked.subjects, asked.now)


def one_by_one(asked: Question) -> Verdicts:
    """The kernel, which gets each person alone."""
    found = [evaluate(asked.program, asked.people_at([row]), asked.now) for row in range(len(asked.people))]
    return Verdicts(np.hstack([each.truth for each in found]), np.hstack([each.until for each in found]))


def by_masks(asked: Question) -> Truths:
    """A column of each field, and what no column answers as the kernel has it; asked twice: computed, then kept."""
    population = population_of(asked)
    for _ in range(2):
        sure, possible = (population.ask(asked.program, asked.now, possible) for possible in (False, True))
        sizes = [population.sizes(asked.program, asked.now, possible) for possible in (False, True)]
    found = np.zeros((len(asked.trees), len(asked.people)), np.int8)
    for masks, counted in zip((sure, possible), sizes, strict=True):
        for row, mask, size in zip(found, masks, counted, strict=True):
            inside = rows_of(mask, row.size)
            row[inside] += 1
            assert inside.size == size
    return found


def population_of(asked: Question) -> Population:
    program, population = asked.program, Population(asked.subjects.count)
    for name, values in zip(program.needs.fields, asked.subjects.values, strict=True):
        population.put(name, values)
    missing = population.missing(program)
    places = np.array([program.conditions.index(condition) for condition in missing], np.int32)
    one_each = np.arange(places.size + 1)
    arrays = program.arrays._replace(
        code_start=one_each, code=np.zeros(places.size, np.int32), leaf_start=one_each, segment_leaves=places
    )  # a segment of each condition
    alone = replace(program, names=("",) * places.size, formulas=missing, arrays=arrays)
    for condition, found in zip(missing, evaluate(alone, asked.subjects, asked.now).truth, strict=True):
        population.supply(condition, found)
    assert not population.missing(program)
    return population


def by_crossings(asked: Question, tree: Expression, last: int) -> Crossings:
    """All that one definition will be of everybody, at once."""
    alone = question(asked.world, [tree], asked.people, asked.now)
    return crossings_of(alone.program, [Stretch(asked.now, np.arange(len(asked.people)), alone.subjects)], last)


def by_duckdb(asked: Question, connection: Any) -> Truths:
    """Of worlds whose calendar is that of UTC."""
    sql.load(connection, asked.people)
    said = sql.Translation(asked.world, asked.now)
    return np.array([[NUMBER[value] for (value,) in connection.execute(said.query(tree)).fetchall()] for tree in asked.trees], np.int8)
