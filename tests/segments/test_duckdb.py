"""The kernel and DuckDB give the same truths of random expressions over random people."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from idweave_server.segments.compile import compile_program
from idweave_server.segments.program import evaluate

from tests.segments import sql
from tests.segments.drawn import CALENDAR_OF_UTC, FIELDS, RATES, SECONDS, Draw, Scale
from tests.segments.encoding import Numbers, subjects_of

try:
    import duckdb
except ImportError:
    pytest.skip("NOT TESTED: segments beside DuckDB; it needs the package duckdb", allow_module_level=True)

TREES, PEOPLE = 8, 25


@pytest.fixture(scope="module")
def connection() -> Any:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    return connection


def agree(connection: Any, seed: int, scale: Scale) -> int:
    draw = Draw(seed, scale)
    world = draw.world()
    trees = [draw.expression(draw.one((1, 2, 3)), ("inner", "outer")) for _ in range(TREES)]
    people, now, words = [draw.person() for _ in range(PEOPLE)], draw.now(), Numbers()
    program = compile_program([(str(i), tree) for i, tree in enumerate(trees)], FIELDS, words, RATES, world.segments)
    found = evaluate(program, subjects_of(people, program.needs, words), now).truth
    sql.load(connection, people)
    translation = sql.Translation(world, now)
    wanted = sql.truths(connection.execute(translation.query(trees)).fetchall())
    wrong = np.argwhere(found != np.array(wanted))
    assert not wrong.size, (seed, now, trees[wrong[0][0]], people[wrong[0][1]], found[tuple(wrong[0])], translation.of(trees[wrong[0][0]]))
    return len(trees)


@pytest.mark.parametrize("scale", [SECONDS, CALENDAR_OF_UTC], ids=["seconds", "calendar"])
def test_truths_are_those_of_duckdb(connection: Any, scale: Scale) -> None:
    assert sum(agree(connection, seed, scale) for seed in range(12)) == 96


@pytest.mark.slow
@pytest.mark.parametrize("scale", [SECONDS, CALENDAR_OF_UTC], ids=["seconds", "calendar"])
def test_truths_of_ten_thousand_more_are_those_of_duckdb(connection: Any, scale: Scale) -> None:
    assert sum(agree(connection, seed, scale) for seed in range(100_000, 101_250)) == 10_000
