"""Messages from plain values and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st
from idweave import (
    LookupResult,
    Money,
    Observation,
    Outcome,
    Trait,
    event,
    identifier,
    moment,
    money,
    money_amount,
    observation,
    requests,
    trait,
    trait_value,
    word,
)
from idweave.v1.identity_service_pb2 import IngestBatchRequest

TIME = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def test_an_observation_says_what_it_is_given() -> None:
    order = event("order", amount=money("12.30", "EUR"), properties={"product": "tea", "pieces": 2})
    said = observation(
        source="shop", kind="ORDER", identifiers=["email:jo@example.org"], traits={"first_name": "Jo", "likes": ["tea", "go"], "vip": True},
        events=[order], time=TIME, observation_id="o-1",
    )  # fmt: skip
    assert said == Observation(
        observation_id="o-1",
        source={"name": "shop"},
        time=TIME,
        evidence_kind="ORDER",
        identifiers=[identifier("email:jo@example.org")],
        traits=[
            Trait(name="first_name", text="Jo"),
            Trait(name="likes", text="tea"),
            Trait(name="likes", text="go"),
            Trait(name="vip", boolean=True),
        ],
        events=[
            {
                "type": "order",
                "amount": Money(currency="EUR", units=12, nanos=300_000_000),
                "properties": [Trait(name="product", text="tea"), Trait(name="pieces", integer=2)],
            }
        ],
    )  # fmt: skip


def test_an_observation_is_named_and_timed_by_the_caller() -> None:
    one, other = (observation(source="web", kind="LOGIN", identifiers=[]) for _ in range(2))
    assert UUID(one.observation_id) != UUID(other.observation_id)
    assert abs(one.time.ToDatetime(tzinfo=UTC) - datetime.now(UTC)) < timedelta(minutes=1)
    assert observation(source="web", kind="LOGIN", identifiers=[], observation_id="").observation_id == ""


def test_times_are_of_any_zone_but_of_one() -> None:
    east = timezone(timedelta(hours=2))
    said = observation(source="web", kind="LOGIN", identifiers=[], time=datetime(2026, 3, 4, 7, 6, 7, tzinfo=east))
    assert moment(said, "time") == TIME
    with pytest.raises(ValueError, match="no time zone; write"):
        observation(source="web", kind="LOGIN", identifiers=[], time=datetime(2026, 3, 4))


@pytest.mark.parametrize("value", ["", "Jo", 0, -(2**63), 2**63 - 1, 0.5, True, False])
def test_traits_keep_value_and_type(value: Any) -> None:
    found = trait_value(trait("it", value))
    assert (found, type(found)) == (value, type(value))


def test_a_date_is_text_and_nothing_is_nothing() -> None:
    assert trait("birth_date", date(1985, 3, 4)).text == "1985-03-04"
    assert trait_value(Trait(name="it")) is None


@pytest.mark.parametrize("value", [None, TIME, b"x", object()])
def test_other_values_are_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="leave it out"):
        trait("it", value)


@given(st.integers(-(10**18), 10**18), st.integers(0, 9))
def test_money_is_exact(digits: int, places: int) -> None:
    amount = Decimal(digits).scaleb(-places)
    said = money(amount, "EUR")
    assert money_amount(said) == amount
    assert said.units * said.nanos >= 0
    assert money(f"{amount:f}", "EUR") == said


@pytest.mark.parametrize(("amount", "error"), [(0.1, TypeError), ("1.0000000001", ValueError), ("ten", ValueError), ("NaN", ValueError)])
def test_what_is_no_amount_is_refused(amount: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="amount"):
        money(amount, "EUR")


def test_a_time_that_is_not_set_is_none() -> None:
    assert moment(LookupResult(), "valid_until") is None
    assert moment(LookupResult(valid_until=Timestamp(seconds=0)), "valid_until") == datetime(1970, 1, 1, tzinfo=UTC)


def test_values_of_enumerations_are_words() -> None:
    assert word(Outcome, Outcome.OUTCOME_ACCEPTED) == "ACCEPTED"
    assert word(Outcome, 0) == "UNSPECIFIED"
    assert word(Outcome, 99) == "99"


@given(st.lists(st.integers(0, 1_500_000), max_size=40))
def test_batches_hold_everything_in_order_within_the_bounds(sizes: list[int]) -> None:
    observations = [Observation(observation_id=f"{n}", evidence_kind="x" * size) for n, size in enumerate(sizes)]
    found = list(requests.batches(observations))
    assert [one for batch in found for one in batch] == observations
    for batch in found:
        request = IngestBatchRequest(observations=batch)
        assert 0 < len(batch) <= requests.BATCH_OBSERVATIONS
        assert request.ByteSize() <= requests.BATCH_BYTES


def test_an_observation_beyond_the_bound_is_alone() -> None:
    small, large = Observation(observation_id="s"), Observation(observation_id="l" * (requests.BATCH_BYTES + 1))
    assert list(requests.batches([small, large, small])) == [[small], [large], [small]]
