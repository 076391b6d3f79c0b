"""Made-up profiles for the benchmark of segments: columns of many, and the events of one."""

from __future__ import annotations

import numpy as np
from idweave_server.segments.fields import Field, Fields, FieldType
from idweave_server.segments.subjects import FOREVER, NO_VALUE, STANDS, Events, Needs, Subjects
from numpy.typing import NDArray

NOW = 1_770_000_000
DAY = 86_400
CITIES, COUNTRIES, TYPES, NAMES, TEXTS = 300, 30, 12, 6, 200
MILLION = 1_000_000

FIELDS = Fields(
    [
        Field("orders", FieldType.INTEGER, "orders"),
        Field("spend", FieldType.MONEY, "what was paid"),
        Field("average_order", FieldType.MONEY, "what was paid an order"),
        Field("first_order_time", FieldType.TIME, "the first order"),
        Field("last_order_time", FieldType.TIME, "the last order"),
        Field("birth_date", FieldType.DATE, "the date of birth"),
        Field("city", FieldType.TEXT, "the city"),
        Field("country", FieldType.TEXT, "the country"),
        Field("newsletter", FieldType.BOOLEAN, "whether the newsletter is read"),
        Field("score", FieldType.NUMBER, "stars given"),
        Field("visits", FieldType.INTEGER, "visits"),
        Field("quintile", FieldType.INTEGER, "fifth by recency"),
        Field("age", FieldType.INTEGER, "full years", ("birth_date", "years")),
        Field("days_since_order", FieldType.INTEGER, "full days", ("last_order_time", "days")),
    ]
)


class Numbers:
    """Numbers for words: a text is its own number, as text<n>."""

    def text(self, text: str) -> int:
        return int(text.removeprefix("text"))

    event_type = property_name = currency = source = kind = text


def columns(n: int, seed: int) -> dict[str, NDArray[np.int64]]:
    """Twelve columns of n profiles, by field, as rows of Subjects.values; some people's city, date of birth and score are not known."""
    rng = np.random.default_rng(seed)
    orders = rng.geometric(0.45, n)
    average = rng.integers(500, 30_000, n) * (MILLION // 100)  # cents
    last = NOW - (rng.exponential(200.0, n) * DAY).astype(np.int64)
    found = {
        "orders": orders,
        "spend": average * orders,
        "average_order": average,
        "first_order_time": last - (rng.exponential(300.0, n) * DAY).astype(np.int64) * (orders > 1),
        "last_order_time": last,
        "birth_date": rng.integers(-12_000, 14_000, n),
        "city": np.minimum(rng.geometric(0.02, n), CITIES) - 1,
        "country": np.minimum(rng.geometric(0.2, n), COUNTRIES) - 1,
        "newsletter": rng.integers(0, 2, n),
        "score": rng.integers(2, 11, n) * (MILLION // 2),
        "visits": rng.poisson(20.0, n),
        "quintile": rng.integers(1, 6, n),
    }
    for name, share in (("city", 0.05), ("birth_date", 0.3), ("score", 0.6)):
        found[name][rng.random(n) < share] = NO_VALUE
    return {name: values.astype(np.int64) for name, values in found.items()}


def subjects(values: dict[str, NDArray[np.int64]], needs: Needs, events_each: int, seed: int) -> Subjects:
    """Profiles of these columns, with so many events each in the year before NOW, two properties an event."""
    rng = np.random.default_rng(seed)
    p = next(iter(values.values())).size
    e = p * events_each
    time = np.sort(NOW - rng.integers(0, 365 * DAY, (p, events_each)), axis=1).ravel()
    bought = rng.random(e) < 0.2
    events = Events(
        start=np.arange(p + 1, dtype=np.int64) * events_each,
        time=time,
        type=rng.integers(0, TYPES, e).astype(np.int32),
        flags=np.where(bought, STANDS, 0).astype(np.uint8),
        amount=rng.integers(500, 30_000, e) * (MILLION // 100),
        currency=np.where(bought, 0, -1).astype(np.int32),
        property_start=np.arange(e + 1, dtype=np.int64) * 2,
        name=rng.integers(0, NAMES, 2 * e).astype(np.int32),
        value=rng.integers(0, TEXTS, 2 * e).astype(np.int32),
        number=rng.integers(0, 10, 2 * e) * MILLION,
    )
    return Subjects(
        count=p,
        values=np.array([values[name] for name in needs.fields], np.int64).reshape(-1, p),
        list_start=np.empty((0, p + 1), np.int64),
        lists=(),
        events=events,
        sightings=None,
        namespaces=np.empty((0, p), np.int32),
        strength=np.full(p, NO_VALUE, np.int64),
        changes=np.full(p, FOREVER, np.int64),
    )
