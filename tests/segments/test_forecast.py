"""Who enters and leaves a segment by itself: every change at once equals one look after another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from idweave_server.segments.compile import compile_program
from idweave_server.segments.expression import Expression, Relation, Span, TimeTest
from idweave_server.segments.forecast import Stretch, crossings_of
from idweave_server.segments.program import Program, evaluate
from idweave_server.segments.subjects import Subjects

from tests.segments.asking import TRUE
from tests.segments.drawn import CALENDAR, FIELDS, RATES, SECONDS, Scale
from tests.segments.encoding import Numbers, subjects_of
from tests.segments.evaluators import drawn
from tests.segments.naive import Person

Changes = list[tuple[int, int, bool]]  # row, instant, whether it entered


def looked(program: Program, subjects: Subjects, now: int, last: int) -> Changes:
    """One look at each instant at which somebody's truth may change."""
    found = evaluate(program, subjects, now)
    member, until = found.truth[0] == TRUE, found.until[0].copy()
    changes: Changes = []
    while (instant := int(until.min())) <= last:
        again = evaluate(program, subjects, instant)
        for row in np.flatnonzero(until == instant).tolist():
            if (again.truth[0, row] == TRUE) != member[row]:
                member[row] = not member[row]
                changes.append((row, instant, bool(member[row])))
            until[row] = again.until[0, row]
    return sorted(changes)


def told(program: Program, stretches: list[Stretch], last: int) -> Changes:
    found = crossings_of(program, stretches, last)
    return list(zip(found.row.tolist(), found.time.tolist(), found.entered.tolist(), strict=True))


def compiled(tree: Expression, people: list[Person], segments: dict[str, Expression]) -> tuple[Program, Subjects]:
    words = Numbers()
    program = compile_program([("asked", tree)], FIELDS, words, RATES, segments)
    return program, subjects_of(people, program.needs, words)


@pytest.mark.parametrize("scale", [SECONDS, CALENDAR], ids=["seconds", "calendar"])
def test_all_changes_at_once_are_those_of_one_look_after_another(scale: Scale) -> None:
    changed = 0
    for seed in range(3_000, 3_040):
        asked = drawn(seed, scale, 10, 4)
        people, now = asked.people, asked.now
        last = now + (3 * 366 * 86_400 if scale.of_calendar else 4 * scale.spread)
        for tree in asked.trees:
            program, subjects = compiled(tree, people, dict(asked.world.segments))
            wanted = looked(program, subjects, now, last)
            everybody = np.arange(len(people))
            assert told(program, [Stretch(now, everybody, subjects)], last) == wanted, (seed, tree)
            changed += len(wanted)
    assert changed > 100, changed


def test_a_profile_that_changes_by_itself_is_followed_from_stretch_to_stretch() -> None:
    """Two people with an order 10 s ago; the second has another one, dated 50 s ahead, by which it stays, or enters again."""
    recent = TimeTest("last_order_time", Relation.WITHIN, Span(seconds=30))
    now = 1_000_000
    before = [Person(values={"last_order_time": now - 10}), Person(values={"last_order_time": now - 10})]
    program, subjects = compiled(recent, before, {})
    after = subjects_of([Person(values={"last_order_time": now + 50})], program.needs, Numbers())
    first = Stretch(now, np.arange(2), replace(subjects, changes=np.array([2**62, now + 50])))
    second = Stretch(now + 50, np.array([1]), after)
    found = told(program, [first, second], now + 1_000)
    assert found == [(0, now + 20, False), (1, now + 20, False), (1, now + 50, True), (1, now + 80, False)]
    assert told(program, [first, second], now + 79) == found[:3]
    assert told(program, [first, second], now + 80) == found
    assert crossings_of(program, [first, second], now).truth.tolist() == [TRUE, TRUE]


def test_more_changes_than_there_was_room_for() -> None:
    yearly = TimeTest("birth_date", Relation.ANNIVERSARY, Span(days=1))
    program, subjects = compiled(yearly, [Person(values={"birth_date": 7_000})], {})
    now, years = 1_700_000_000, 9
    found = told(program, [Stretch(now, np.arange(1), subjects)], now + years * 366 * 86_400)
    assert len(found) >= 2 * years
    assert [entered for _, _, entered in found] == [True, False] * (len(found) // 2) + [True] * (len(found) % 2)
