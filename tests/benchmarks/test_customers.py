"""The made-up customers of the server benchmark: nobody's bytes are anybody else's, and what is asked for is what was sent."""

from __future__ import annotations

from collections import defaultdict

from idweave.v1.identity_service_pb2 import BatchLookupRequest, IngestBatchRequest, IngestRequest, LookupRequest
from idweave.v1.observation_pb2 import Observation

from benchmarks.customers import BATCH, IDENTIFIERS, OBSERVATIONS, TRAITS, Customers, batch_lookup, lookup

NOW = 1_790_000_000
CUSTOMERS = Customers(3, NOW)


def sent(first: int, count: int) -> list[Observation]:
    return [one for _, body in CUSTOMERS.batches(first, count) for one in IngestBatchRequest.FromString(body).observations]


def text(one: object) -> str:
    return str(one)


def test_a_customer_is_eight_identifiers_and_six_traits_in_fourteen_observations() -> None:
    seen = sent(5, 1)
    assert len(seen) == OBSERVATIONS
    assert sum(len(one.identifiers) == 1 for one in seen) == 9
    assert {text(one) for observation in seen for one in observation.identifiers} == {
        text(CUSTOMERS.identifier(5, place)) for place in range(IDENTIFIERS)
    }
    assert len({trait.name for observation in seen for trait in observation.traits}) == TRAITS
    assert all(NOW - 200 * 86_400 <= observation.time.seconds < NOW for observation in seen)


def test_customers_share_no_identifier_and_no_observation() -> None:
    seen = sent(0, 2_500)
    assert len({one.observation_id for one in seen}) == len(seen) == 2_500 * OBSERVATIONS
    owners = defaultdict(set)
    for observation in seen:
        for one in observation.identifiers:
            owners[one.namespace, one.value].add(observation.observation_id[:8])
    assert len(owners) == 2_500 * IDENTIFIERS
    assert {len(numbers) for numbers in owners.values()} == {1}


def test_requests_hold_a_thousand_and_mix_customers() -> None:
    counted = [(count, len(IngestBatchRequest.FromString(body).observations)) for count, body in CUSTOMERS.batches(0, 200)]
    assert counted == [(BATCH, BATCH), (BATCH, BATCH), (800, 800)]
    first = IngestBatchRequest.FromString(next(CUSTOMERS.batches(0, 200))[1])
    assert len({one.observation_id[:8] for one in first.observations}) > 150


def test_single_observations_are_requests_of_their_own() -> None:
    requests = [IngestRequest.FromString(body) for body in CUSTOMERS.single(7, 1)]
    assert sorted(text(one.observation) for one in requests) == sorted(text(one) for one in sent(7, 1))


def test_lookups_are_of_customers_that_are_known() -> None:
    wanted = CUSTOMERS.any_identifiers(1, 50, 300)
    known = {text(CUSTOMERS.identifier(customer, place)) for customer in range(50) for place in range(IDENTIFIERS)}
    assert {text(one) for one in wanted} <= known
    assert len({text(one) for one in wanted}) > 150
    asked = LookupRequest.FromString(lookup(wanted[0], include_profile=True))
    assert (list(asked.identifiers), asked.include_profile) == ([wanted[0]], True)
    assert [query.identifiers[0] for query in BatchLookupRequest.FromString(batch_lookup(wanted)).queries] == wanted
