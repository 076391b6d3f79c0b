"""Segments: five conditions over a population beside DuckDB and Polars, a hundred over kept masks, and five hundred of one profile.

DuckDB and Polars get the columns as idweave has them, as narrow, in memory, NULL for what is not known, and one thread each. All three are
asked how many members there are. What is computed here is told in time of the processor, so that a busy machine is no slower.

Then the engine, with the changes of one profile; and a server of its own: CheckMembership beside Lookup, and a hundred thousand people who
leave a segment in one second, by a clock that is driven. Both want h2load and Linux, as the server benchmark does.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from idweave_server.model import DAY
from idweave_server.segments.columns import Column
from idweave_server.segments.compile import compile_program
from idweave_server.segments.expression import (
    All,
    EventTest,
    Expression,
    FieldTest,
    Measure,
    Money,
    Not,
    Operator,
    Pattern,
    PropertyTest,
    Relation,
    Span,
    TimeTest,
    Window,
)
from idweave_server.segments.expression import Sequence as Followed
from idweave_server.segments.money import Rates
from idweave_server.segments.population import Population
from idweave_server.segments.program import evaluate
from numpy.typing import NDArray

from benchmarks import results
from benchmarks.customers import Customers
from benchmarks.h2load import find_h2load
from benchmarks.segment_engine import ONE_CHANGED, five_of, one_changed
from benchmarks.segment_people import COUNTRIES, FIELDS, NAMES, NOW, TEXTS, TYPES, Numbers, columns, subjects
from benchmarks.segment_server import CHECK_OVER_LOOKUP, LAST_IS_TOLD, LOOKUP_OVER_IDLE, leaving, segment_calls
from benchmarks.server_store import Ground
from benchmarks.targets import Target, told

NAME = "segments"
SIZES = {"small": 200_000, "full": 5_000_000}  # profiles
LARGE = 1_000_000  # profiles; from here on all is as large as the targets say
SEED = 17
CUSTOMERS = {False: 500, True: 5_000}  # that are asked about
PAIRS = {False: 1, True: 5}
LEAVING = {False: 5_000, True: 100_000}
PARTS = (5, 1)  # the population is measured at a fifth of the size, then at all of it
KEPT, SEGMENTS, CONDITIONS = 100, 500, 200
EVENTS = 60  # of each profile that is asked one by one
MANY = 100_000
RATES = Rates("0")
MICRO = 1_000_000

T = TypeVar("T")

FIVE = All(
    (
        FieldTest("spend", Operator.GREATER_OR_EQUAL, (Money("0", 100 * MICRO),)),
        TimeTest("last_order_time", Relation.WITHIN, Span(seconds=90 * DAY)),
        FieldTest("city", Operator.IN, ("text3", "text7", "text11")),
        Not(FieldTest("age", Operator.LESS, (30,))),
        FieldTest("newsletter", Operator.EQUAL, (True,)),
    )
)


def run(size: int, repeats: int) -> list[dict[str, Any]]:
    """Rows for a population of `size` profiles. Raises SystemExit without DuckDB or Polars, AssertionError where the three disagree."""
    os.environ["POLARS_MAX_THREADS"] = "1"  # read when it is imported
    try:
        import duckdb  # noqa: F401
        import polars  # noqa: F401
    except ImportError as error:
        raise SystemExit(
            f"{error.name} is not there: the benchmark sets DuckDB and Polars beside idweave; pip install duckdb polars"
        ) from None
    _population(10_000, 1)  # compiles, or loads what is compiled
    rows = [row for part in PARTS for row in _population(size // part, max(5, repeats))]
    rows += _one_profile(max(20, repeats)) + _many_profiles(min(MANY, size), repeats) + one_changed(max(100, repeats))
    rows += _served(size >= LARGE, repeats)
    print(told(targets(rows, size)))
    if size < LARGE:
        print(f"the targets are for {SIZES['full']:,} profiles, and {LEAVING[True]:,} that leave at once")
    return rows


def _served(large: bool, repeats: int) -> list[dict[str, Any]]:
    """Of a server of its own. Raises SystemExit where it cannot run."""
    if not Path("/proc/self/stat").exists():
        raise SystemExit("the segments benchmark reads what processes cost from /proc, which only Linux has")
    find_h2load()
    results.FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="segments-", dir=results.FOLDER) as scratch:
        ground = Ground(Path(scratch), Customers(SEED, int(time.time())))
        segment_calls(ground, CUSTOMERS[large], PAIRS[large], repeats if large else 1)
        for _ in range(repeats if large else 1):
            leaving(ground, LEAVING[large])
        return ground.rows


def targets(rows: list[dict[str, Any]], size: int) -> list[Target]:
    """What the design asks for, of five million rows or as many fewer."""
    found = {row["name"]: row["value"] for row in rows}
    share = size / 5_000_000
    five, others = (
        found[f"five conditions, {size:,} rows"],
        [found[f"five conditions, {size:,} rows, {name}"] for name in ("DuckDB", "Polars")],
    )
    return [
        Target(f"five conditions, {size:,} rows", 25 * share, "ms", five),
        Target("five conditions, the quicker of DuckDB and Polars over idweave", 1, "times", min(others) / five, least=True),
        Target(
            f"{KEPT} segments over kept masks, {size:,} rows", 100 * share, "ms", found[f"{KEPT} segments over kept masks, {size:,} rows"]
        ),
        Target(f"{SEGMENTS} segments of one profile, with until", 2, "ms", found[f"{SEGMENTS} segments of one profile, with until"]),
        Target(ONE_CHANGED, 2, "ms", found[ONE_CHANGED]),
        Target(CHECK_OVER_LOOKUP, 1.2, "times", found[CHECK_OVER_LOOKUP]),
        Target(LAST_IS_TOLD, 2, "s", found[LAST_IS_TOLD]),
        Target(LOOKUP_OVER_IDLE, 5, "times", found[LOOKUP_OVER_IDLE]),
    ]


def timed(repeats: int, function: Callable[[], T]) -> tuple[list[float], T]:
    """Milliseconds of processor, on whichever thread, of every repeat, and the last result."""
    taken = []
    for _ in range(repeats):
        begun = time.process_time()
        found = function()
        taken.append((time.process_time() - begun) * 1000)
    return taken, found


def _population(n: int, repeats: int) -> list[dict[str, Any]]:
    population, values = Population(n), columns(n, SEED)
    for name, column in values.items():
        population.put(name, column)
    five = compile_program([("five", FIVE)], FIELDS, Numbers(), RATES)
    duckdb, polars = _beside(values)
    ours: list[float] = []
    theirs: dict[str, list[float]] = {"DuckDB": [], "Polars": []}
    for _ in range(repeats):  # turn by turn, so that a slow moment of the machine hits all of them
        population.forget()
        taken, members = timed(1, lambda: population.sizes(five, NOW)[0])
        ours += taken
        for name, ask in (("DuckDB", duckdb), ("Polars", polars)):
            taken, others = timed(1, ask)
            theirs[name] += taken
            assert others == members, f"{name} finds {others:,} members, idweave {members:,}"
    title = f"five conditions, {n:,} rows"
    return [
        results.row(title, ours, "ms"),
        *(results.row(f"{title}, {name}", taken, "ms") for name, taken in theirs.items()),
        *(
            results.row(f"{title}, {name} over idweave", [a / b for a, b in zip(taken, ours, strict=True)], "times", "higher")
            for name, taken in theirs.items()
        ),
        *_kept(population, n, repeats),
    ]


def _kept(population: Population, n: int, repeats: int) -> list[dict[str, Any]]:
    rng = random.Random(SEED)
    conditions = [_of_field(rng) for _ in range(40)]
    trees = [(str(i), five_of(rng, conditions)) for i in range(KEPT)]
    program = compile_program(trees, FIELDS, Numbers(), RATES)
    population.ask(program, NOW)
    taken, _ = timed(repeats, lambda: population.sizes(program, NOW))
    return [results.row(f"{KEPT} segments over kept masks, {n:,} rows", taken, "ms")]


def _beside(values: dict[str, NDArray[np.int64]]) -> tuple[Callable[[], int], Callable[[], int]]:
    """The five conditions as DuckDB and Polars ask them, of the same codes: a value is origin + code * step."""
    import duckdb
    import polars as pl

    held = {name: Column.of(column) for name, column in values.items()}
    least = {name: np.iinfo(column.codes.dtype).min for name, column in held.items()}
    frame = pl.DataFrame({name: column.codes for name, column in held.items()})
    frame = frame.with_columns(pl.when(pl.col(name) != code).then(pl.col(name)).alias(name) for name, code in least.items())

    def code(name: str, value: int) -> int:
        return -(-(value - held[name].origin) // held[name].step)

    spend, since, until = code("spend", 100 * MICRO), code("last_order_time", NOW - 90 * DAY + 1), code("last_order_time", NOW + 1)
    cities = [code("city", city) for city in (3, 7, 11)]
    subscribed = code("newsletter", 1)
    day = np.datetime64(NOW, "s").astype("datetime64[D]").astype(object)
    thirty = int(np.datetime64(day.replace(year=day.year - 30), "D").astype(np.int64))
    born = code("birth_date", thirty)
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute("CREATE TABLE people AS SELECT * FROM frame")
    sql = (
        f"SELECT count(*) FROM people WHERE spend >= {spend} AND last_order_time >= {since} AND last_order_time < {until} "
        f"AND city IN ({', '.join(map(str, cities))}) AND NOT birth_date > {born} AND newsletter = {subscribed}"
    )
    last, city = pl.col("last_order_time"), pl.col("city")
    asked = (
        (pl.col("spend") >= spend)
        & (last >= since)
        & (last < until)
        & ((city == cities[0]) | (city == cities[1]) | (city == cities[2]))
        & ~(pl.col("birth_date") > born)
        & (pl.col("newsletter") == subscribed)
    )
    return lambda: int(connection.execute(sql).fetchall()[0][0]), lambda: int(frame.select(asked.sum()).item())


def _of_field(rng: random.Random) -> Expression:
    return rng.choice(
        (
            FieldTest("orders", Operator.GREATER_OR_EQUAL, (rng.randint(1, 8),)),
            FieldTest("spend", Operator.LESS, (Money("0", rng.randint(1, 500) * MICRO),)),
            FieldTest("country", Operator.EQUAL, (f"text{rng.randrange(COUNTRIES)}",)),
            FieldTest("score", Operator.GREATER, (rng.randint(2, 9) / 2,)),
            FieldTest("visits", Operator.LESS_OR_EQUAL, (rng.randint(5, 40),)),
            FieldTest("age", Operator.GREATER_OR_EQUAL, (rng.randint(18, 70),)),
            FieldTest("days_since_order", Operator.LESS, (rng.randint(5, 400),)),
            TimeTest("last_order_time", Relation.OLDER, Span(months=rng.randint(1, 18)), "Europe/Berlin"),
            TimeTest("first_order_time", Relation.WITHIN, Span(seconds=rng.randint(10, 400) * DAY)),
        )
    )


def _of_events(rng: random.Random) -> Expression:
    names = [f"text{n}" for n in range(TYPES)]
    where = PropertyTest(f"text{rng.randrange(NAMES)}", Operator.EQUAL, (f"text{rng.randrange(TEXTS)}",))
    pattern = Pattern(tuple(rng.sample(names, 2)), (where,) if rng.random() < 0.3 else ())
    last = Window(Span(seconds=rng.randint(1, 120) * DAY) if rng.random() < 0.7 else Span(months=rng.randint(1, 6)), zone="Europe/Berlin")
    least = Operator.GREATER_OR_EQUAL
    return rng.choice(
        (
            EventTest(pattern, last, Measure.COUNT, least, rng.randint(1, 4)),
            EventTest(Pattern(("purchase",)), last, Measure.SUM, least, Money("0", rng.randint(50, 900) * MICRO)),
            EventTest(pattern, last, Measure.DISTINCT, least, rng.randint(2, 4), f"text{rng.randrange(NAMES)}"),
            Followed(pattern, Pattern(("purchase",)), Span(seconds=3_600), Span(seconds=rng.randint(1, 30) * DAY)),
        )
    )


def _five_hundred() -> list[tuple[str, Expression]]:
    rng = random.Random(SEED)
    conditions = list(dict.fromkeys([_of_events(rng) for _ in range(CONDITIONS // 2)] + [_of_field(rng) for _ in range(CONDITIONS // 2)]))
    return [(str(i), five_of(rng, conditions)) for i in range(SEGMENTS)]


def _one_profile(repeats: int) -> list[dict[str, Any]]:
    program = compile_program(_five_hundred(), FIELDS, Numbers(), RATES)
    one = [subjects(columns(1, seed), program.needs, EVENTS, seed) for seed in range(repeats)]
    evaluate(program, one[0], NOW)
    turns = iter(one)
    taken, _ = timed(repeats, lambda: evaluate(program, next(turns), NOW))
    return [
        results.row(f"{SEGMENTS} segments of one profile, with until", taken, "ms"),
        results.row("different conditions in them", [float(len(program.conditions))], "", "neither"),
    ]


def _many_profiles(n: int, repeats: int) -> list[dict[str, Any]]:
    program = compile_program(_five_hundred()[:5], FIELDS, Numbers(), RATES)
    people = subjects(columns(n, SEED), program.needs, EVENTS // 6, SEED)
    taken, _ = timed(repeats, lambda: evaluate(program, people, NOW))
    return [results.row(f"5 segments of {n:,} profiles, with until", taken, "ms")]
