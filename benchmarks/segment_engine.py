"""The engine with five hundred segments, each observation that comes in changing one profile: what looking at it again takes."""

from __future__ import annotations

import random
import time
from collections.abc import Generator
from typing import Any

from idweave_server.engine.applied import run
from idweave_server.engine.engine import Engine
from idweave_server.identifiers.lists import default_lists
from idweave_server.intake.prepare import prepare
from idweave_server.intake.reports import Report, ReportedEvent
from idweave_server.model import DAY
from idweave_server.resolution.policy import load_policy
from idweave_server.segments.definition import Definition
from idweave_server.segments.expression import (
    All,
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
    Relation,
    Span,
    TagTest,
    TimeTest,
    Window,
)
from idweave_server.segments.expression import Any as AnyOf
from idweave_server.segments.expression import Sequence as Followed

from benchmarks.results import row
from benchmarks.segment_people import NOW

SEED = 29
SEGMENTS, CONDITIONS = 500, 200
PEOPLE, EVENTS = 200, 60  # of each
TOGETHER = 1_000  # observations in an entry
TYPES = ("product_viewed", "searched", "cart_added", "checkout_started", "email_opened", "review_left", "store_visit", "page_viewed")
CATEGORIES, CITIES, TAGS = 20, 30, 10
MICRO = 1_000_000
ONE_CHANGED = f"{SEGMENTS} segments re-checked for one changed profile"
LATEST = 21_000_101  # no date of birth comes later


class Shop:
    """An engine, and the observations that it is given."""

    def __init__(self) -> None:
        self.engine, self._random, self._made = Engine(load_policy(""), default_lists(), b"a benchmark's key"), random.Random(SEED), 0
        self.now = NOW

    def observe(self, count: int, *, past: int = 0) -> None:
        """So many observations as one entry, up to so many seconds old."""
        engine = self.engine
        ready = prepare(engine.policy, engine.lists, [self._report(past) for _ in range(count)], today=LATEST)
        admission = engine.admit(ready, at=self.now, milliseconds=self.now * 1000, seed=engine.sequence.to_bytes(16, "little"))
        assert admission.entry is not None
        self.put(admission.entry)

    def put(self, entry: Any) -> None:
        run(self.engine.apply(entry, sequence=self.engine.sequence + 1, term=1, at=self.now))

    def _report(self, past: int) -> Report:
        draw, number = self._random, self._made
        self._made += 1
        kind = draw.choice((*TYPES, "order_placed", "order_placed"))
        amount = (draw.randint(5, 300), 0, "USD") if kind == "order_placed" else (0, 0, "")
        event = ReportedEvent(kind, *amount, (("category", f"category{draw.randrange(CATEGORIES)}"), ("order_id", str(number))))
        person, at = f"person{number % PEOPLE}@gmx.net", self.now - draw.randint(0, past)
        traits = (("city", f"city{draw.randrange(CITIES)}"),)
        return Report(f"o{number}", "shop", at, "ORDER", (("email", "", person),), traits, (event,))


def segments() -> list[Expression]:
    """SEGMENTS of five conditions each, out of CONDITIONS, half of them on events."""
    draw = random.Random(SEED)
    conditions = [_of_events(draw) for _ in range(CONDITIONS // 2)] + [_of_field(draw) for _ in range(CONDITIONS // 2)]
    return [five_of(draw, conditions) for _ in range(SEGMENTS)]


def five_of(draw: random.Random, conditions: list[Expression]) -> Expression:
    """Five of the conditions, joined somehow."""
    a, b, c, d, e = draw.sample(conditions, 5)
    return draw.choice((All((a, b, AnyOf((c, d)), Not(e))), All((AnyOf((a, b)), c, d, e)), AnyOf((All((a, b, c)), All((d, Not(e)))))))


def one_changed(repeats: int) -> list[dict[str, Any]]:
    """A row: milliseconds of processor to look at a profile again when something was observed of it, and to tell and note what changed."""
    shop = Shop()
    for _ in range(PEOPLE * EVENTS // TOGETHER):
        shop.observe(TOGETHER, past=365 * DAY)
    memberships = shop.engine.memberships
    for number, expression in enumerate(segments()):
        shop.put(memberships.defining(Definition(f"segment{number}", 0, expression)))
    told: list[int] = []
    taken: list[float] = []
    follow = memberships.follow
    shop.engine.heard = lambda changes: told.append(len(changes))

    def followed(*arguments: Any) -> Generator[Any, Any, None]:
        begun = time.process_time()
        yield from follow(*arguments)
        taken.append((time.process_time() - begun) * 1000)

    memberships.follow = followed  # type: ignore[method-assign, assignment]
    for _ in range(repeats + 1):
        shop.now += 1
        shop.observe(1)
    assert sum(told) > repeats, "nobody entered or left"
    return [
        row(ONE_CHANGED, taken[1:], "ms"),
        row("changes told of it", list(map(float, told[1:])), "", "neither"),
    ]


def _of_field(draw: random.Random) -> Expression:
    return draw.choice(
        (
            FieldTest("purchase_count", Operator.GREATER_OR_EQUAL, (draw.randint(1, 8),)),
            FieldTest("spend_total", Operator.LESS, (Money("USD", draw.randint(1, 500) * MICRO),)),
            FieldTest("city", Operator.EQUAL, (f"city{draw.randrange(CITIES)}",)),
            FieldTest("last_stars", Operator.GREATER, (float(draw.randint(1, 4)),)),
            FieldTest("favourite_category", Operator.EQUAL, (f"category{draw.randrange(CATEGORIES)}",)),
            TimeTest("last_purchase_time", Relation.OLDER, Span(months=draw.randint(1, 18)), "Europe/Berlin"),
            TimeTest("first_purchase_time", Relation.WITHIN, Span(seconds=draw.randint(10, 400) * DAY)),
            TagTest(f"tag{draw.randrange(TAGS)}"),
            IdentityTest("email"),
        )
    )


def _of_events(draw: random.Random) -> Expression:
    where = PropertyTest("category", Operator.EQUAL, (f"category{draw.randrange(CATEGORIES)}",))
    pattern = Pattern(tuple(draw.sample(TYPES, 2)), (where,) if draw.random() < 0.3 else ())
    exact = Window(Span(seconds=draw.randint(1, 120) * DAY))
    last = exact if draw.random() < 0.7 else Window(Span(months=draw.randint(1, 6)), zone="Europe/Berlin")
    least, bought = Operator.GREATER_OR_EQUAL, Pattern(("purchase",))
    return draw.choice(
        (
            EventTest(pattern, last, Measure.COUNT, least, draw.randint(1, 4)),
            EventTest(bought, last, Measure.SUM, least, Money("USD", draw.randint(50, 900) * MICRO)),
            EventTest(pattern, last, Measure.DISTINCT, least, draw.randint(2, 4), "category"),
            Followed(pattern, bought, Span(seconds=3_600), Span(seconds=draw.randint(1, 30) * DAY)),
        )
    )
