"""Messages that no client of ours would send: each is answered with a proper status, and the server serves on with its state intact."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from idweave.v1 import admin_service_pb2 as admin
from idweave.v1 import identity_service_pb2 as identity
from idweave.v1 import privacy_service_pb2 as privacy
from idweave.v1 import quality_service_pb2 as quality
from idweave.v1.consistency_pb2 import Consistency
from idweave.v1.identifier_pb2 import Identifier
from idweave.v1.verdict_pb2 import Assertion, Verdict

from tests.server.running import health, process
from tests.server.talk import seen, talk

COUNTER = "0000001"  # becomes a number of the request's own, so that there are many people
WORK = Identifier(namespace="email", value=f"jo.{COUNTER}@kranich-werft.de")
PHONE = Identifier(namespace="phone", value="+493088234417")
CUSTOMER = Identifier(namespace="customer_id", issuer="shop", value=COUNTER)
OUTCOMES = {"OK", "INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "FAILED_PRECONDITION", "RESOURCE_EXHAUSTED"}
AT_ONCE = 64
SEED = 20_240_229


def valid() -> list[tuple[str, Message]]:
    """One good request, or several, for every method that answers at once."""
    texts = (f"email:Jo.{COUNTER}@Kranich-Werft.de", "phone:+49 30 8823 4417", f"customer_id@shop:{COUNTER}")
    observation = seen(COUNTER, *texts, first_name="Jo", city="Bremen")
    event = observation.events.add(type="order")
    event.amount.currency, event.amount.units, event.amount.nanos = "EUR", 12, 500_000_000
    event.properties.add(name="count", integer=3)
    assertion = Assertion(verdict=Verdict.VERDICT_DIFFERENT, left=WORK, right=PHONE, source="crm")
    retract_one, retract_many = identity.RetractRequest(), identity.RetractRequest()
    retract_one.observation.source, retract_one.observation.observation_id = "web", COUNTER
    retract_many.range.source = "nobody"
    retract_many.range.until.seconds = 1_600_000_000
    erase = privacy.EraseRequest(validate_only=True)
    erase.identifiers.identifiers.append(CUSTOMER)
    formats = quality.InferFormatsRequest()
    formats.columns.add(name="birth", values=["1985-03-04", "3/4/21", "x"])
    return [
        ("IdentityService/Ingest", identity.IngestRequest(observation=observation)),
        (
            "IdentityService/IngestBatch",
            identity.IngestBatchRequest(observations=[observation, seen(f"b{COUNTER}", "email:a@b.de")], backfill=True),
        ),
        ("IdentityService/Lookup", identity.LookupRequest(identifiers=[WORK, CUSTOMER], include_profile=True)),
        ("IdentityService/Lookup", identity.LookupRequest(identifiers=[WORK], consistency=Consistency(at_least_as_fresh="AAAA"))),
        ("IdentityService/BatchLookup", identity.BatchLookupRequest(queries=[identity.LookupQuery(identifiers=[PHONE])] * 3)),
        ("IdentityService/GetProfile", identity.GetProfileRequest(identifier=WORK)),
        ("IdentityService/GetProfile", identity.GetProfileRequest(profile_id="018f4c3e-0000-7000-8000-000000000000")),
        ("IdentityService/GetTimeline", identity.GetTimelineRequest(identifier=WORK, types=["order"])),
        ("IdentityService/GetTimeline", identity.GetTimelineRequest(identifier=WORK, page_size=2, page_token="AAAA")),
        ("IdentityService/Explain", identity.ExplainRequest(left=WORK, right=PHONE)),
        ("IdentityService/Assert", identity.AssertRequest(assertion=assertion, assertion_id="v")),
        ("IdentityService/Assert", identity.AssertRequest(withdraw="v")),
        ("IdentityService/Retract", retract_one),
        ("IdentityService/Retract", retract_many),
        ("PrivacyService/Erase", erase),
        ("QualityService/Validate", quality.ValidateRequest(observations=[observation])),
        ("QualityService/InferFormats", formats),
        ("QualityService/ListIssues", quality.ListIssuesRequest()),
        ("QualityService/ListIssues", quality.ListIssuesRequest(page_size=2, page_token="AAAA")),
        ("AdminService/GetStatus", admin.GetStatusRequest()),
        ("AdminService/GetPolicy", admin.GetPolicyRequest(consistency=Consistency(fully_consistent=True))),
    ]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The bytes with something done to them that a broken or hostile client might do."""
    what = chance.randrange(8)
    at = chance.randrange(len(data) + 1)
    if what == 0:  # flip some bytes
        found = bytearray(data or b"\0")
        for _ in range(chance.randint(1, 4)):
            found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
        return bytes(found)
    if what == 1:  # cut it off
        return data[:at]
    if what == 2:  # say it again, and again
        return data * chance.randint(2, 40)
    if what == 3:  # a piece of it, once more and elsewhere
        end = chance.randrange(at, len(data) + 1)
        return data[:at] + data[at:end] * chance.randint(2, 9) + data[at:]
    if what == 4:  # a text that is no UTF-8, has NUL in it, or is odd in other ways
        return data.replace(b"jo.", chance.choice([b"\xc3\x28\xff", b"\0\0\0", b"\xe2\x80\xae", b"\xf0\x9f\x98\x80"])[:3])
    if what == 5:  # a field that is not there, or of another type
        return data + bytes([chance.randrange(1, 256)]) + chance.randbytes(chance.randrange(12))
    if what == 6:  # a huge text in the first field
        length = chance.choice([1_025, 70_000, 300_000])
        return data + b"\x0a" + varint(length) + b"x" * length
    return chance.randbytes(chance.randrange(200))


def varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def requests(count: int) -> Iterator[tuple[str, bytes]]:
    chance = random.Random(SEED)
    good = [(name, message.SerializeToString()) for name, message in valid()]
    for number, (name, unnumbered) in enumerate(itertools.islice(itertools.cycle(good), count)):
        data = unnumbered.replace(COUNTER.encode(), b"%07d" % (number // len(good) * chance.randint(0, 1)))
        yield name, mutated(data, chance) if chance.random() < 0.9 else data


def answered(channel: grpc.Channel, count: int) -> Counter[str]:
    """How often each method ended in each way."""
    found: Counter[str] = Counter()
    waiting = requests(count)
    while sent := list(itertools.islice(waiting, AT_ONCE)):
        calls = [(name, channel.unary_unary(f"/idweave.v1.{name}").future(data, timeout=120)) for name, data in sent]
        for name, call in calls:
            code = call.code().name
            found[f"{name} {code}"] += 1
            if code not in ("OK", "RESOURCE_EXHAUSTED"):
                status = Status.FromString(dict(call.trailing_metadata()).get("grpc-status-details-bin", b""))
                assert (status.code, len(status.details) >= 1) == (call.code().value[0], True), (name, code, call.details())
    return found


@pytest.mark.parametrize("count", [2_000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_mutated_messages_harm_nothing(count: int, tmp_path: Path) -> None:
    with process(tmp_path) as server, grpc.insecure_channel(server.address) as channel, talk(server.address) as said:
        profile = said.identity.Ingest(identity.IngestRequest(observation=seen("kept", "email:kept@lindenhof.net"))).result.profile_id
        found = answered(channel, count)
        faults = [line for line in server.log.read_text().splitlines() if '"fault"' in line]
        assert faults == []
        assert {key.split()[1] for key in found} <= OUTCOMES, found
        assert {key.split()[0] for key in found if key.endswith(" OK")} == {name for name, _ in valid()}
        assert health(server.address) == "SERVING"
        asked = identity.LookupRequest(identifiers=[Identifier(namespace="email", value="kept@lindenhof.net")])
        assert said.identity.Lookup(asked).result.profile_id == profile
        verified = said.admin.Verify(admin.VerifyRequest(), timeout=120)
        assert (verified.equal, list(verified.differences)) == (True, [])
        assert server.stop() == 0
