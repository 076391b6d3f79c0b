"""Observations read from their bytes are what the protobuf library's messages say, for every request: usual, odd, or broken."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave.v1.identity_service_pb2 import IngestBatchRequest
from idweave.v1.observation_pb2 import Observation
from idweave_server.entries.codec import encode
from idweave_server.intake.prepare import prepare
from idweave_server.intake.reports import Report
from idweave_server.intake.wire_reports import BATCH, OBSERVATION, SHAPE, WireReports, scanned
from idweave_server.kernels.wire import FIXED64, MANY, ONE, TEXT, VARINT
from idweave_server.resolution.policy import load_policy
from idweave_server.rpc.reported import SentBatch, reports_of, sent_batch

from tests.intake.reporting import LISTS, TODAY

POLICY = load_policy("[traits.city]\nrequired = true\n[traits.tags]\nmany = true\n")
NAMESPACES = ["email", "phone", "customer_id", "cookie", "social", "nonsense", "", "name+birth_date"]
ODD = ["", " ", "\x1f", "\u3000", " jo@lindenhof.net ", "jo@lindenhof.net", "+4930882344", "x" * 300, "ü" * 200, "twitter:@jo", "0"]
TEXTS = st.one_of(st.sampled_from(ODD), st.text(max_size=12))


def identifiers() -> st.SearchStrategy[Any]:
    issuers = st.sampled_from(["", "", "shop", " shop ", " ", "a\x00b", "y" * 2_000])
    return st.fixed_dictionaries({"namespace": st.sampled_from(NAMESPACES), "issuer": issuers, "value": TEXTS})


def traits() -> st.SearchStrategy[Any]:
    names = st.sampled_from(["city", " city ", "tags", "first_name", "birth_date", "age", "", "a\x07b", "n" * 250])
    value: st.SearchStrategy[dict[str, Any]] = st.one_of(
        st.fixed_dictionaries({"text": st.one_of(TEXTS, st.just("ß" * 70_000))}),
        st.fixed_dictionaries({"integer": st.integers(-(2**63), 2**63 - 1)}),
        st.fixed_dictionaries({"number": st.floats()}),
        st.fixed_dictionaries({"boolean": st.booleans()}),
        st.just({}),
    )
    return st.builds(lambda name, stated: {"name": name, **stated}, names, value)


def observations() -> st.SearchStrategy[Any]:
    seconds = st.one_of(st.integers(1_600_000_000, 1_700_000_000), st.integers(-(2**40), 2**40), st.just(0))
    event = st.fixed_dictionaries(
        {"type": st.sampled_from(["order_placed", "", "searched"])},
        optional={"amount": st.just({"currency": "EUR", "units": 12}), "properties": st.lists(traits(), max_size=2)},
    )
    return st.fixed_dictionaries(
        {},
        optional={
            "observation_id": TEXTS,
            "source": st.fixed_dictionaries({"name": st.sampled_from(["web", " web", "", "\t"])}),
            "time": st.fixed_dictionaries({}, optional={"seconds": seconds, "nanos": st.integers(0, 999_999_999)}),
            "evidence_kind": st.sampled_from(["LOGIN", " LOGIN", "", "WHO_KNOWS"]),
            "identifiers": st.one_of(st.lists(identifiers(), max_size=4), st.just([{"namespace": "email", "value": "a@b.de"}] * 17)),
            "traits": st.one_of(st.lists(traits(), max_size=5), st.just([{"name": "age", "integer": 1}] * 101)),
            "events": st.lists(event, max_size=2),
        },
    )


def said(reports: list[Report] | WireReports) -> tuple[Any, ...]:
    """Everything that comes of reading observations."""
    found = prepare(POLICY, LISTS, reports, today=TODAY)
    issues = found.issues
    rest = (issues.row.tolist(), issues.field, issues.reason.tolist(), issues.value, issues.message)
    return found.ids.to_pylist(), found.refusal.tolist(), found.place.tolist(), found.identity.tolist(), encode(found.columns), rest


def check(data: bytes) -> bool:
    """Whether the bytes were read as they are; then the library's messages say the same."""
    found = scanned(data)
    if found is None:
        return False
    message = IngestBatchRequest.FromString(data)
    sent = sent_batch(data)
    assert isinstance(sent.observations, WireReports)
    assert (sent.validate_only, sent.backfill, len(sent.observations)) == (
        message.validate_only,
        message.backfill,
        len(message.observations),
    )
    if message.observations:
        assert said(sent.observations) == said(reports_of(message.observations))
    return True


@settings(deadline=None, max_examples=200)
@given(st.lists(observations(), min_size=1, max_size=6), st.booleans())
def test_a_request_says_the_same_either_way(stated: list[dict[str, Any]], flag: bool) -> None:
    request = IngestBatchRequest(observations=[Observation(**one) for one in stated], validate_only=flag)
    assert check(request.SerializeToString())


def usual(number: int) -> Observation:
    address = {"namespace": "email", "value": f"jo{number}@lindenhof.net"}
    values: dict[str, Any] = {"city": {"text": "Köln"}, "age": {"integer": -3}, "vip": {"boolean": True}, "width": {"number": 0.5}}
    return Observation(
        observation_id=f"o{number}",
        source={"name": "web"},
        time={"seconds": 1_690_000_000 + number, "nanos": 5},
        evidence_kind="LOGIN",
        identifiers=[address, {"namespace": "customer_id", "issuer": "é", "value": "7"}],
        traits=[{"name": name, **value} for name, value in values.items()],
        events=[{"type": "searched", "properties": [{"name": "q", "text": "shoes"}]}],
    )


USUAL = IngestBatchRequest(observations=[usual(number) for number in range(3)], backfill=True).SerializeToString()


def test_broken_and_strange_bytes_are_declined_or_read_as_the_library_does() -> None:
    chance = random.Random(11)
    read = declined = broken = 0
    for _ in range(3_000):
        data = bytearray(USUAL)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(data))
            match chance.randrange(4):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    data[at] ^= 1 << chance.randrange(8)
                case 2:
                    del data[at : at + chance.randrange(1, 5)]
                case 3:
                    data[at:at] = data[chance.randrange(len(data)) :][: chance.randrange(1, 9)]
        try:
            IngestBatchRequest.FromString(bytes(data))
        except DecodeError:
            broken += 1
            assert scanned(bytes(data)) is None
        else:
            good = check(bytes(data))
            read, declined = read + good, declined + (not good)
    assert min(read, declined, broken) > 30


def test_what_is_declined_is_read_by_the_library() -> None:
    twice = USUAL + b"\x0a\x08\x12\x02\x0a\x00\x12\x02\x0a\x00"  # an observation with two sources, which merge
    assert scanned(twice) is None
    sent = sent_batch(twice)
    assert isinstance(sent.observations, list)
    assert (len(sent.observations), sent.backfill) == (4, True)
    with pytest.raises(DecodeError):
        sent_batch(USUAL[:-3])


def test_parts_and_choices_of_what_was_sent() -> None:
    sent = sent_batch(USUAL * 2).observations
    assert isinstance(sent, WireReports)
    every = reports_of(IngestBatchRequest.FromString(USUAL * 2).observations)
    assert sent.all() == every
    parts = [sent.part(first, 4) for first in (0, 4)]
    assert [part.all() for part in parts if isinstance(part, WireReports)] == [every[:4], every[4:]]
    assert sent.part(0, 6) is sent
    assert sent.some([5, 0]) == [every[5], every[0]]
    assert sent.some([]) == []


def test_what_is_declined_together_is_read_by_the_library() -> None:
    """Each of these has few bytes for its messages; alone there is room for them, together there is not."""
    dense = IngestBatchRequest(observations=[Observation(identifiers=[{}] * 9) for _ in range(6)]).SerializeToString()
    one = sent_batch(dense).observations
    assert isinstance(one, WireReports)
    together = WireReports(dense * 20, 120, one.read)
    assert scanned(together.data) is None
    every = together.all()
    assert said(together) == said(every)
    assert together.some([119, 0]) == [every[119], every[0]]
    assert together.part(100, 50) == every[100:]


def test_the_shape_is_that_of_the_protos() -> None:
    """Every field that a caller sets is known by its number and type."""
    kinds = {9: TEXT, 8: VARINT, 3: VARINT, 5: VARINT, 1: FIXED64}
    seen: dict[int, Any] = {BATCH: IngestBatchRequest.DESCRIPTOR}
    for number in range(len(SHAPE.kind)):
        fields = seen[number].fields_by_number
        for at in np.flatnonzero(SHAPE.kind[number]).tolist():
            if fields[at].message_type is None:
                assert SHAPE.kind[number, at] == kinds[fields[at].type]
            else:
                assert SHAPE.kind[number, at] == (MANY if fields[at].is_repeated else ONE)
                seen[int(SHAPE.target[number, at])] = fields[at].message_type
    assert seen[OBSERVATION] is Observation.DESCRIPTOR
    assert set(np.flatnonzero(SHAPE.kind[OBSERVATION]).tolist()) == set(Observation.DESCRIPTOR.fields_by_number)


def test_a_batch_without_observations() -> None:
    assert sent_batch(b"") == SentBatch(WireReports(b"", 0, sent_batch(b"").observations.read), False, False, 0)  # type: ignore[union-attr]
