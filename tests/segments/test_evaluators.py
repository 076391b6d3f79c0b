"""One random definition and one random population through everything that evaluates: the plain interpreter, the kernel with everybody and
with each person alone, masks over columns, all changes at once, and DuckDB. Truths are equal, and so is `until` where it is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any as Anything

import numpy as np
import pytest
from idweave_server.segments.expression import (
    All,
    Any,
    EventTest,
    Expression,
    FieldTest,
    Not,
    ProvenanceTest,
    Relation,
    SegmentTest,
    Sequence,
    Span,
    TimeTest,
)
from idweave_server.segments.subjects import FOREVER

from tests.segments.drawn import CALENDAR, CALENDAR_OF_UTC, SECONDS, Scale
from tests.segments.evaluators import (
    Question,
    Truths,
    by_crossings,
    by_duckdb,
    by_masks,
    by_the_interpreter,
    by_the_kernel,
    drawn,
    one_by_one,
)
from tests.segments.naive import Person, World, anniversaries, begin_of, moved, truth

TREES = 10  # in one world
PEOPLE = (1, 8, 9, 17)  # masks have eight in a byte
FAR = 5 * 366 * 86_400


@pytest.fixture(scope="module")
def connection() -> Anything:
    duckdb = pytest.importorskip("duckdb", reason="NOT TESTED: segments beside DuckDB; it needs the package duckdb")
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    return connection


def spans_of(tree: Expression, world: World) -> Iterator[tuple[Span, str, bool]]:
    """(span, zone, whether of anniversaries) of everything in a tree that the clock has a part in."""
    match tree:
        case All(parts) | Any(parts):
            for part in parts:
                yield from spans_of(part, world)
        case Not(part):
            yield from spans_of(part, world)
        case SegmentTest(name):
            yield from spans_of(world.segments[name], world)
        case FieldTest(name) if name in world.counts:
            unit = world.counts[name][1]
            longest = max((value for value in tree.values if isinstance(value, int)), default=-1) + 2
            for n in range(longest):
                for span in (Span(years=n) if unit == "years" else Span(days=n), Span(seconds=n * 86_400)):
                    yield span, tree.zone, False
        case TimeTest(_, relation, span, zone):
            yield span, zone, relation is Relation.ANNIVERSARY
        case EventTest() | ProvenanceTest():
            yield from ((span, tree.window.zone, False) for span in (tree.window.last, tree.window.until_ago) if span)
        case Sequence():
            yield from ((span, tree.zone, False) for span in (tree.wait, tree.last))


def instants(tree: Expression, person: Person, world: World, now: int) -> list[int]:
    """Every instant up to FAR at which a condition of the tree may change, with those before and after it."""
    times = {event.time for event in person.events} | {time for time, _, _, _ in person.observations}
    fields = [value for name, value in person.values.items() if name in ("birth_date", "last_order_time")]
    found = set(times) | {value for value in fields if isinstance(value, int)}
    for span, zone, yearly in set(spans_of(tree, world)):
        found |= {moved(when, span, zone) for when in [*times, *fields]}
        for when in fields:
            found |= {begin_of(when, zone), moved(when, span, zone, -1)}
            if yearly:
                found.update(end for pair in anniversaries(when, span, zone, now, now + FAR) for end in pair)
    return sorted({near for instant in found for near in (instant - 1, instant, instant + 1) if now < near <= now + FAR})


def first_other_truth(tree: Expression, person: Person, asked: Question, scale: Scale, last: int) -> int:
    """Looked for at every second, or at all instants at which something may change."""
    world, now = asked.world, asked.now
    later = instants(tree, person, world, now) if scale.of_calendar else range(now + 1, last + 1)
    first = truth(tree, person, now, world)
    return next((instant for instant in later if truth(tree, person, instant, world) is not first), FOREVER)


def differing(asked: Question, found: Truths, wanted: Truths) -> list[tuple[Expression, Person, int, int]]:
    return [(asked.trees[t], asked.people[p], int(found[t, p]), int(wanted[t, p])) for t, p in np.argwhere(found != wanted)[:1].tolist()]


def agree(seed: int, scale: Scale, connection: Anything = None) -> int:
    """How many definitions all evaluators agreed on."""
    asked = drawn(seed, scale, TREES, PEOPLE[seed % len(PEOPLE)])
    wanted = by_the_interpreter(asked)
    kernel, alone = by_the_kernel(asked), one_by_one(asked)
    for name, found in (("the kernel", kernel.truth), ("one by one", alone.truth), ("masks", by_masks(asked))):
        assert not (wrong := differing(asked, found, wanted)), (name, seed, asked.now, wrong)
    if connection is not None:
        assert not (wrong := differing(asked, by_duckdb(asked, connection), wanted)), ("DuckDB", seed, asked.now, wrong)
    assert np.array_equal(kernel.until, alone.until), seed
    last = asked.now + (FAR if scale.of_calendar else 4 * scale.spread)
    for t, tree in enumerate(asked.trees):
        until = int(kernel.until[t, 0])
        first = first_other_truth(tree, asked.people[0], asked, scale, last)
        assert first == (until if until <= last else FOREVER), (seed, asked.now, until, first, tree, asked.people[0])
        crossings = by_crossings(asked, tree, last)
        assert np.array_equal(crossings.truth, kernel.truth[t]), (seed, tree)
        for row in np.flatnonzero(kernel.truth[t] == 2).tolist():  # who is in leaves when the truth is another, and not before
            leaves = next(iter(crossings.time[crossings.row == row].tolist()), FOREVER)
            assert leaves == (kernel.until[t, row] if kernel.until[t, row] <= last else FOREVER), (seed, tree, asked.people[row])
    return len(asked.trees)


@pytest.mark.parametrize("scale", [SECONDS, CALENDAR_OF_UTC], ids=["seconds", "calendar"])
def test_everything_that_evaluates_agrees(connection: Anything, scale: Scale) -> None:
    assert sum(agree(seed, scale, connection) for seed in range(30)) == 300


def test_everything_but_duckdb_agrees_in_time_zones() -> None:
    assert sum(agree(seed, CALENDAR) for seed in range(60)) == 600


@pytest.mark.slow
@pytest.mark.parametrize("scale", [SECONDS, CALENDAR_OF_UTC], ids=["seconds", "calendar"])
def test_ten_thousand_more(connection: Anything, scale: Scale) -> None:
    assert sum(agree(seed, scale, connection) for seed in range(100_000, 101_000)) == 10_000


@pytest.mark.slow
def test_ten_thousand_more_in_time_zones() -> None:
    assert sum(agree(seed, CALENDAR) for seed in range(100_000, 101_000)) == 10_000
