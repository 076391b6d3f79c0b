"""Conditions from plain values are the messages that they should be; what is ambiguous is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from google.protobuf.json_format import ParseDict
from idweave import Expression, money
from idweave import segments as s

BUILT: list[tuple[Expression, dict[str, object]]] = [
    (s.all_of(s.tagged("a"), s.not_(s.any_of())), {"all": {"parts": [{"tag": {"tag": "a"}}, {"not": {"any": {}}}]}}),
    (
        s.compare("age", ">=", 18, zone="Asia/Tokyo"),
        {"field": {"field": "age", "operator": "OPERATOR_GREATER_OR_EQUAL", "values": [{"integer": 18}], "zone": "Asia/Tokyo"}},
    ),
    (
        s.compare("country", "in", "DE", "AT"),
        {"field": {"field": "country", "operator": "OPERATOR_IN", "values": [{"text": "DE"}, {"text": "AT"}]}},
    ),
    (
        s.compare("x", "=", True, 0.5, date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=UTC), money("1.5", "EUR")),
        {
            "field": {
                "field": "x",
                "operator": "OPERATOR_EQUAL",
                "values": [
                    {"boolean": True},
                    {"number": 0.5},
                    {"text": "2026-01-02"},
                    {"time": "2026-01-02T00:00:00Z"},
                    {"money": {"currency": "EUR", "units": 1, "nanos": 500_000_000}},
                ],
            }
        },
    ),
    (s.known("city"), {"field": {"field": "city", "operator": "OPERATOR_KNOWN"}}),
    (
        s.within("last_order_time", days=90),
        {"time": {"field": "last_order_time", "relation": "RELATION_WITHIN", "span": {"exact": "7776000s"}}},
    ),
    (
        s.older("last_order_time", months=6, zone="Europe/Berlin"),
        {
            "time": {
                "field": "last_order_time",
                "relation": "RELATION_OLDER",
                "span": {"calendar": {"months": 6}},
                "zone": "Europe/Berlin",
            }
        },
    ),
    (s.upcoming("t", hours=2), {"time": {"field": "t", "relation": "RELATION_UPCOMING", "span": {"exact": "7200s"}}}),
    (
        s.anniversary("birth_date", calendar_days=7),
        {"time": {"field": "birth_date", "relation": "RELATION_ANNIVERSARY", "span": {"calendar": {"days": 7}}}},
    ),
    (
        s.count("purchase", amount=">= 99.99 USD", where={"color": "!= red", "size": ("m", "l"), "gift": "known"}, weeks=1),
        {
            "events": {
                "pattern": {
                    "types": ["purchase"],
                    "where": [
                        {
                            "name": "amount",
                            "operator": "OPERATOR_GREATER_OR_EQUAL",
                            "values": [{"money": {"currency": "USD", "units": 99, "nanos": 990_000_000}}],
                        },
                        {"name": "color", "operator": "OPERATOR_NOT_EQUAL", "values": [{"text": "red"}]},
                        {"name": "size", "operator": "OPERATOR_IN", "values": [{"text": "m"}, {"text": "l"}]},
                        {"name": "gift", "operator": "OPERATOR_KNOWN"},
                    ],
                },
                "window": {"last": {"exact": "604800s"}},
                "measure": "MEASURE_COUNT",
                "operator": "OPERATOR_GREATER_OR_EQUAL",
                "value": {"integer": 1},
            }
        },
    ),
    (
        s.total("purchase", compared="> 1000 EUR"),
        {
            "events": {
                "pattern": {"types": ["purchase"]},
                "measure": "MEASURE_SUM",
                "operator": "OPERATOR_GREATER",
                "value": {"money": {"currency": "EUR", "units": 1_000}},
            }
        },
    ),
    (
        s.distinct("category", "product_viewed", compared=">= 3", window=s.events_in(begin=datetime(2026, 1, 1, tzinfo=UTC))),
        {
            "events": {
                "pattern": {"types": ["product_viewed"]},
                "window": {"begin": "2026-01-01T00:00:00Z"},
                "measure": "MEASURE_DISTINCT",
                "operator": "OPERATOR_GREATER_OR_EQUAL",
                "value": {"integer": 3},
                "property": "category",
            }
        },
    ),
    (
        s.then_not("cart_added", s.pattern("order_placed", where={"x": 1}), wait=timedelta(hours=1), last=s.span(months=1), same="product"),
        {
            "sequence": {
                "first": {"types": ["cart_added"]},
                "then_not": {
                    "types": ["order_placed"],
                    "where": [{"name": "x", "operator": "OPERATOR_EQUAL", "values": [{"integer": 1}]}],
                },
                "wait": {"exact": "3600s"},
                "last": {"calendar": {"months": 1}},
                "same": "product",
            }
        },
    ),
    (s.has("phone", strength=2.5), {"identity": {"namespace": "phone", "least": 1, "strength": 2.5}}),
    (
        s.seen_by("crm", parties=["zero"], kinds=["POS"], days=1),
        {
            "provenance": {
                "sources": ["crm"],
                "parties": ["PARTY_ZERO"],
                "kinds": ["POS"],
                "window": {"last": {"exact": "86400s"}},
            }
        },
    ),
    (s.in_segment("vips"), {"segment": {"segment": "vips"}}),
]


@pytest.mark.parametrize(("built", "expected"), BUILT)
def test_a_condition_is_its_message(built: Expression, expected: dict[str, object]) -> None:
    assert built == ParseDict(expected, Expression())


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: s.within("x"), ValueError, "how long"),
        (lambda: s.within("x", months=1, days=3), ValueError, "calendar_days"),
        (lambda: s.within("x", fortnights=1), TypeError, "fortnights"),
        (lambda: s.compare("x", "~", 1), ValueError, "no operator"),
        (lambda: s.compare("x", "=", b"1"), TypeError, "bytes"),  # type: ignore[arg-type]
        (lambda: s.compare("x", "<", datetime(2026, 1, 1)), ValueError, "no time zone"),
        (lambda: s.count("x", compared=("1", "2")), ValueError, "one number"),
        (lambda: s.count("x", compared="known"), ValueError, "one number"),
        (lambda: s.count("x", window=s.events_in(), days=1), ValueError, "not both"),
        (lambda: s.seen_by(parties=["tenth"]), ValueError, "TENTH"),
    ],
)
def test_what_cannot_be_a_condition_says_what_to_write(call: Callable[[], object], error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        call()
