"""The orders of 2,357 customers of CDNOW: RFM values and recent purchasers at three dates, equal to DuckDB's on the raw file.

The sample (Fader and Hardie) is in the package `lifetimes`, which pip fetches into the folder of the results, once.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import results

NAME = "cdnow"
SIZES = {"small": 300, "full": 2_357}  # customers
SAMPLE = "lifetimes/datasets/CDNOW_sample.txt"
DATES = ("1997-04-01", "1997-12-31", "1998-07-01")
RECENT = "purchased for 100 USD or more within 90 days"
ATONCE = 1_000  # observations in an entry
SINGLES = 200  # profiles gathered one by one
MICROS = 1_000_000
DAY = 86_400

VALUES = """
select lpad(customer, 4, '0') as customer, epoch(max(day))::bigint as recency, count(*) as frequency,
       (sum(amount) * 1000000)::bigint as monetary,
       bool_or(amount >= 100 and epoch(day) + 90 * 86400 > {now}) as recent
from orders where epoch(day) <= {now} group by customer order by customer
"""


def sample() -> Path:
    """The file, fetched where it is not there yet. Raises SystemExit."""
    path = results.FOLDER / "CDNOW_sample.txt"
    if path.exists():
        return path
    with tempfile.TemporaryDirectory(prefix="idweave-cdnow-") as scratch:
        asked = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", scratch, "lifetimes"]
        fetched = subprocess.run(asked, capture_output=True, text=True, check=False)
        wheels = list(Path(scratch).glob("*.whl"))
        if fetched.returncode or not wheels:
            raise SystemExit(
                "the cdnow benchmark needs the package `lifetimes`, which pip could not fetch; without a network, put its\n"
                f"{SAMPLE} at {path}\n{fetched.stderr.strip()[-500:]}"
            )
        data = zipfile.ZipFile(wheels[0]).read(SAMPLE)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def orders(path: Path, customers: int) -> list[tuple[str, int, str]]:
    """(customer, time, amount as it stands there) of the first so many customers."""
    found = []
    for line in path.read_text("ascii").splitlines():
        _, customer, day, _, amount = line.split()
        if int(customer) <= customers:
            found.append((customer, int(datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).timestamp()), amount))
    return found


def run(size: int, repeats: int) -> list[dict[str, Any]]:
    """Rows, after both have been found equal. Raises SystemExit where they differ, and where something is missing."""
    try:
        import duckdb
    except ImportError:
        raise SystemExit("the cdnow benchmark compares with DuckDB, which is not installed: pip install duckdb") from None
    told = orders(sample(), size)
    with tempfile.TemporaryDirectory(prefix="idweave-cdnow-") as scratch:
        raw = Path(scratch) / "orders.csv"
        raw.write_text("".join(f"{customer},{time},{amount}\n" for customer, time, amount in told), "ascii")
        database = duckdb.connect()
        database.execute(
            f"create table orders as select customer, to_timestamp(time) as day, amount "
            f"from read_csv('{raw}', header = false, columns = {{customer: 'varchar', time: 'bigint', amount: 'decimal(12, 2)'}})"
        )
    store, seconds = _store(told)
    rows = [results.row("customers", [size], "", "neither"), results.row("orders", [len(told)], "", "neither")]
    rows.append(results.row("ingest", [len(told) / seconds], "obs/s", "higher"))
    for date in DATES:
        now = int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp())
        wanted = database.execute(VALUES.format(now=now)).fetchall()
        wrong = _differences(store, wanted, now)
        if wrong:
            raise SystemExit(f"{date}: {len(wrong)} customers differ from DuckDB's, such as {wrong[:3]}")
        recent = sum(1 for line in wanted if line[-1])
        rows.append(results.row(f"{date}: who bought, equal to DuckDB's", [len(wanted)], "people", "neither"))
        rows.append(results.row(f"{date}: {RECENT}, equal to DuckDB's", [recent], "people", "neither"))
    return [*rows, *_timed(store, now, repeats)]


class _Store:
    """An engine with the orders in it; slots: int32, the profile of each customer."""

    def __init__(self, engine: Any, customers: list[str], slots: np.ndarray) -> None:
        self.engine, self.customers, self.slots = engine, customers, slots


def _store(told: list[tuple[str, int, str]]) -> tuple[_Store, float]:
    """(the store, seconds that the ingest took)"""
    from idweave_server.engine.applied import run
    from idweave_server.engine.engine import Engine
    from idweave_server.identifiers.lists import default_lists
    from idweave_server.intake.prepare import prepare
    from idweave_server.intake.reports import Report, ReportedEvent
    from idweave_server.kernels.warmup import warm_up
    from idweave_server.resolution.policy import default_policy

    warm_up()
    policy, lists = default_policy(), default_lists()
    engine, at = Engine(policy, lists, b"a key of a benchmark's store"), told[-1][1] + 1_000 * DAY
    reports = []
    for number, (customer, when, amount) in enumerate(told):
        units, _, cents = amount.partition(".")
        event = ReportedEvent("order_placed", int(units), int(cents) * 10_000_000, "USD", (("order_id", f"order {number}"),))
        reports.append(Report(f"order {number}", "cdnow", when, "ORDER", (("customer_id", "cdnow", customer),), (), (event,)))
    begun = time.perf_counter()
    for sequence, first in enumerate(range(0, len(reports), ATONCE), 1):
        ready = prepare(policy, lists, reports[first : first + ATONCE], today=20_260_101)
        admitted = engine.admit(ready, at=at, milliseconds=at * 1000, seed=sequence.to_bytes(16, "little"))
        assert admitted.entry is not None
        run(engine.apply(admitted.entry, sequence=sequence, term=1, at=at))
    seconds = time.perf_counter() - begun
    rows = np.array([engine.rows_of_observation("cdnow", report.observation_id) for report in reports])
    slots = dict(zip((customer for customer, _, _ in told), engine.assigned(rows).tolist(), strict=True))
    customers = sorted(slots)
    return _Store(engine, customers, np.array([slots[customer] for customer in customers], np.int32)), seconds


def _needs() -> Any:
    from idweave_server.segments.subjects import Needs

    return Needs(("last_purchase_time", "purchase_count", "spend_total"), events=True)


def _differences(store: _Store, wanted: list[tuple[Any, ...]], now: int) -> list[str]:
    """The customers of whom the two say different things."""
    from idweave_server.engine.subjects import gather
    from idweave_server.segments.subjects import STANDS

    found = gather(store.engine.state, store.slots, _needs(), now)
    events = found.events
    assert events is not None
    large = (events.flags & STANDS != 0) & (events.amount >= 100 * MICROS) & (events.time <= now) & (now < events.time + 90 * DAY)
    counted = np.concatenate(([0], np.cumsum(large)))
    recent = counted[events.start[1:]] > counted[events.start[:-1]]
    ours = {
        customer: (*values, member)
        for customer, values, member in zip(store.customers, found.values.T.tolist(), recent.tolist(), strict=True)
        if values[1]
    }
    theirs = {line[0]: tuple(line[1:]) for line in wanted}
    return sorted(customer for customer in ours.keys() | theirs.keys() if ours.get(customer) != theirs.get(customer))


def _timed(store: _Store, now: int, repeats: int) -> list[dict[str, Any]]:
    from idweave_server.engine.subjects import gather
    from idweave_server.segments.rfm import rfm_cuts
    from idweave_server.segments.subjects import Needs

    state, needs = store.engine.state, _needs()
    all_, one, everything, cuts = [], [], [], []
    scalar = ("favourite_category", "first_seen", "nps_score", "open_tickets", "spend_average", "typical_days_between_purchases")
    for _ in range(repeats):
        begun = time.perf_counter()
        found = gather(state, store.slots, needs, now)
        all_.append((time.perf_counter() - begun) / store.slots.size * 1e6)
        begun = time.perf_counter()
        gather(state, store.slots, Needs((*needs.fields, *scalar), ("tags",), ("",), events=True, sightings=True), now)
        everything.append((time.perf_counter() - begun) / store.slots.size * 1e6)
        begun = time.perf_counter()
        for slot in store.slots[:SINGLES, None]:
            gather(state, slot, needs, now)
        one.append((time.perf_counter() - begun) / min(SINGLES, store.slots.size) * 1e6)
        begun = time.perf_counter()
        rfm_cuts(found.values[0], found.values[1], found.values[2], np.arange(store.slots.size, dtype=np.uint64))
        cuts.append((time.perf_counter() - begun) * 1e3)
    return [
        results.row("gather all, RFM and events", all_, "us each"),
        results.row("gather all, ten fields, tags and sightings", everything, "us each"),
        results.row("gather one, RFM and events", one, "us"),
        results.row("cut points", cuts, "ms"),
    ]
