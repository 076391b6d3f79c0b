"""Random expressions over random people: the kernel's truth and its `until` against the plain interpreter, instant by instant."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Several

import numpy as np
import pytest
from idweave_server.segments.compile import compile_program
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
from idweave_server.segments.program import Verdicts, evaluate
from idweave_server.segments.subjects import FOREVER

from tests.segments.drawn import CALENDAR, FIELDS, RATES, SECONDS, Draw, Scale
from tests.segments.encoding import Numbers, subjects_of
from tests.segments.naive import Person, World, anniversaries, begin_of, moved, truth

TREES = 10  # in one world
PEOPLE = 4
NUMBER = {False: 0, None: 1, True: 2}
FAR = 5 * 366 * 86_400


def drawn(seed: int, scale: Scale) -> tuple[Draw, World, list[Expression], list[Person]]:
    draw = Draw(seed, scale)
    world = draw.world()
    trees = [draw.expression(draw.one((1, 2, 3)), ("inner", "outer")) for _ in range(TREES)]
    return draw, world, trees, [draw.person() for _ in range(PEOPLE)]


def kernel(trees: Several[Expression], people: Several[Person], world: World, now: int) -> Verdicts:
    words = Numbers()
    named = [(f"tree {i}", tree) for i, tree in enumerate(trees)]
    program = compile_program(named, FIELDS, words, RATES, world.segments)
    return evaluate(program, subjects_of(people, program.needs, words), now)


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


def agree_on_truths(seed: int, scale: Scale) -> int:
    draw, world, trees, people = drawn(seed, scale)
    for _ in range(3):
        now = draw.now()
        found = kernel(trees, people, world, now).truth
        wanted = [[NUMBER[truth(tree, person, now, world)] for person in people] for tree in trees]
        wrong = np.argwhere(found != np.array(wanted))
        assert not wrong.size, (seed, now, trees[wrong[0][0]], people[wrong[0][1]], found[tuple(wrong[0])])
    return len(trees)


def agree_on_until(seed: int, scale: Scale) -> int:
    """The first later instant at which the plain truth is another: of every second, or of all instants at which something may change."""
    draw, world, trees, people = drawn(seed, scale)
    now = draw.now()
    found = kernel(trees, people[:1], world, now).until
    person = people[0]
    horizon = now + (FAR if scale.of_calendar else 4 * scale.spread)
    for i, tree in enumerate(trees):
        later = instants(tree, person, world, now) if scale.of_calendar else range(now + 1, horizon + 1)
        first = truth(tree, person, now, world)
        wanted = next((instant for instant in later if truth(tree, person, instant, world) is not first), FOREVER)
        until = int(found[i, 0])
        if until > horizon:
            assert wanted == FOREVER, (seed, now, until, wanted, tree, person)
            continue
        assert until == wanted, (seed, now, until, wanted, tree, person)
    return len(trees)


@pytest.mark.parametrize("scale", [SECONDS, CALENDAR], ids=["seconds", "calendar"])
def test_truths_are_those_of_the_plain_interpreter(scale: Scale) -> None:
    assert sum(agree_on_truths(seed, scale) for seed in range(75)) == 750


@pytest.mark.parametrize("scale", [SECONDS, CALENDAR], ids=["seconds", "calendar"])
def test_until_is_the_first_instant_of_another_truth(scale: Scale) -> None:
    assert sum(agree_on_until(seed, scale) for seed in range(1_000, 1_030)) == 300


@pytest.mark.slow
@pytest.mark.parametrize("scale", [SECONDS, CALENDAR], ids=["seconds", "calendar"])
def test_ten_thousand_more(scale: Scale) -> None:
    assert sum(agree_on_truths(seed, scale) for seed in range(100_000, 101_000)) == 10_000
    assert sum(agree_on_until(seed, scale) for seed in range(100_000, 101_000)) == 10_000
