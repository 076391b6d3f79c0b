"""Watches through a real channel: what is sent, flow control, deadlines, cancelling, limits, and how a stop ends them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any, cast

import grpc
import numpy as np
import pytest
from google.protobuf.duration_pb2 import Duration
from idweave.v1 import change_pb2
from idweave.v1.change_pb2 import WatchMembershipRequest, WatchMembershipResponse, WatchProfilesRequest, WatchProfilesResponse
from idweave.v1.identifier_pb2 import Identifier
from idweave.v1.identity_service_pb2 import LookupRequest, LookupResponse
from idweave_server.model import ChangeCause, ChangeKind
from idweave_server.operations.feed import Retention
from idweave_server.rpc.watching import WatchesMemberships, WatchesProfiles
from idweave_server.segments.subjects import FOREVER

from tests.operations.made_changes import BEGIN, PLENTY, a_change, entry
from tests.operations.watched import Watched
from tests.rpc.served import IDENTITY, Served, failure, served

PROFILES, MEMBERSHIP = f"{IDENTITY}WatchProfiles", "/idweave.v1.SegmentService/WatchMembership"
PATIENCE = 20  # seconds


class Service(WatchesProfiles, WatchesMemberships):
    def __init__(self, watched: Watched) -> None:
        self.watches = watched.watches


@contextlib.asynccontextmanager
async def watching(retention: Retention = PLENTY, **options: Any) -> AsyncIterator[tuple[Served, Watched]]:
    watched = Watched(retention)
    service = Service(watched)
    more: dict[str, Any] = options.pop("handlers", {})
    async with served({PROFILES: service.WatchProfiles, MEMBERSHIP: service.WatchMembership, **more}, **options) as at:
        yield at, watched


def profiles(at: Served, **options: Any) -> Any:
    """A watch under way."""
    request = options.pop("request", WatchProfilesRequest())
    method = at.channel.unary_stream(PROFILES, WatchProfilesRequest.SerializeToString, WatchProfilesResponse.FromString)
    return method(request, timeout=options.pop("timeout", PATIENCE), **options)


def memberships(at: Served, **asked: Any) -> Any:
    method = at.channel.unary_stream(MEMBERSHIP, WatchMembershipRequest.SerializeToString, WatchMembershipResponse.FromString)
    return method(WatchMembershipRequest(**asked), timeout=PATIENCE)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.001)


def test_profile_changes_say_all_there_is() -> None:
    async def test() -> None:
        async with watching() as (at, watched):
            call = profiles(at)
            hello = await call.read()
            assert (list(hello.changes), hello.resume_token, hello.more) == ([], watched.token(0), False)
            merged = a_change(5, ChangeKind.PROFILE_MERGED, at=BEGIN - 60, other=[[1, 2]], cause=ChangeCause.MERGE)
            erased = a_change(6, ChangeKind.PROFILE_ERASED, cause=ChangeCause.ERASURE)
            watched.add(entry(1, a_change(1, ChangeKind.SEGMENT_LEFT), merged, erased))
            told = await call.read()
            first, second = told.changes
            assert first == change_pb2.ProfileChange(
                change_id=f"{watched.token(1)}.0",
                kind=change_pb2.PROFILE_CHANGE_KIND_MERGED,
                profile_id="00000000-0000-0001-0000-000000000005",
                other_profile_id="00000000-0000-0001-0000-000000000002",
                effective_at={"seconds": BEGIN - 60},
                cause=change_pb2.CHANGE_CAUSE_MERGE,
            )
            assert second == change_pb2.ProfileChange(
                change_id=f"{watched.token(1)}.2",
                kind=change_pb2.PROFILE_CHANGE_KIND_ERASED,
                profile_id="00000000-0000-0001-0000-000000000006",
                effective_at={"seconds": BEGIN},
                cause=change_pb2.CHANGE_CAUSE_ERASURE,
            )
            assert (told.resume_token, told.revision, told.state_time.seconds) == (watched.token(1), watched.token(1), BEGIN + 1)
            call.cancel()

    asyncio.run(test())


def test_membership_changes_say_all_there_is() -> None:
    async def test() -> None:
        async with watching() as (at, watched):
            call = memberships(at, resume_token=watched.token(0), include_backfill=True, heartbeat={"seconds": 1, "nanos": 500_000_000})
            assert len((await call.read()).changes) == 0
            entered = a_change(1, ChangeKind.SEGMENT_ENTERED, until=BEGIN + 99, version=4, backfill=1)
            for_ever = a_change(2, ChangeKind.SEGMENT_ENTERED, until=FOREVER, segment=0, cause=ChangeCause.CLOCK)
            left = a_change(3, ChangeKind.SEGMENT_LEFT, other=[[7, 7]], cause=ChangeCause.SPLIT)
            watched.add(entry(1, entered, for_ever, left))
            one, two, three = (await call.read()).changes
            assert one == change_pb2.MembershipChange(
                change_id=f"{watched.token(1)}.0",
                kind=change_pb2.MEMBERSHIP_CHANGE_KIND_ENTERED,
                segment="recent",
                definition_version=4,
                profile_id="00000000-0000-0001-0000-000000000001",
                effective_at={"seconds": BEGIN},
                cause=change_pb2.CHANGE_CAUSE_EVENT,
                valid_until={"seconds": BEGIN + 99},
                backfilled=True,
            )
            assert (two.segment, two.HasField("valid_until"), two.cause) == ("lapsed", False, change_pb2.CHANGE_CAUSE_CLOCK)
            assert (three.kind, three.other_profile_id) == (
                change_pb2.MEMBERSHIP_CHANGE_KIND_LEFT,
                "00000000-0000-0007-0000-000000000007",
            )
            assert not three.HasField("valid_until")
            silence = asyncio.ensure_future(call.read())
            while not silence.done():
                await watched.clock.pass_by(0.5)
                await asyncio.sleep(0.001)
            assert len(silence.result().changes) == 0
            call.cancel()

    asyncio.run(test())


def test_messages_are_counted_as_they_leave() -> None:
    async def test() -> None:
        async with watching() as (at, watched):
            call = profiles(at)
            await call.read()
            meter = at.surroundings.meter.method(PROFILES)
            await until(lambda: meter.items == 1)
            for number in range(1, 4):
                watched.add(entry(number, a_change(number)))
                await call.read()
            await until(lambda: meter.items == 4)
            assert (meter.running, meter.codes, at.surroundings.watches) == (1, {}, 1)
            call.cancel()
            await until(lambda: not meter.running)
            assert (meter.items, meter.codes, at.surroundings.watches) == (4, {"CANCELLED": 1}, 0)
            (line,) = at.logged()
            assert (line["method"], line["code"], line["items"]) == (PROFILES, "CANCELLED", 4)

    asyncio.run(test())


def test_a_watch_that_is_cancelled_or_out_of_time_is_gone_at_once() -> None:
    async def test() -> None:
        async with watching() as (at, watched):
            call = profiles(at)
            await call.read()
            call.cancel()
            late = profiles(at, timeout=0.3)
            await late.read()
            with pytest.raises(grpc.RpcError) as caught:
                await late.read()
            assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
            await until(lambda: at.surroundings.watches == 0)
            assert not watched.feed._waiting
            async with asyncio.timeout(PATIENCE):
                await at.surroundings.idle()

    asyncio.run(test())


def test_whoever_reads_slowly_is_waited_for_and_then_told() -> None:
    """What gRPC holds for a reader is bounded, so the watch stays behind, and the feed passes it."""

    async def test() -> None:
        async with watching(Retention(200_000, 10**9)) as (at, watched):
            call = profiles(at, request=WatchProfilesRequest(resume_token=watched.token(0)))
            changes = np.concatenate([a_change(number) for number in range(499)])  # 20 MB in all: more than gRPC holds
            for sequence in range(1, 401):
                watched.add(entry(sequence, changes))
            await until_asleep(at)
            assert at.surroundings.meter.method(PROFILES).items < 350, "it is not all sent to somebody who reads nothing"
            watched.add(entry(401, np.repeat(changes, 500)))
            heard: list[str] = []
            said = failure(await to_the_end(call, heard))
            assert (said.code, said.reason) == (grpc.StatusCode.OUT_OF_RANGE, "ERROR_REASON_RESUME_TOKEN_EXPIRED")
            assert said.metadata["oldest"] == watched.token(400)
            assert 0 < len(heard) < 400
            assert heard == [watched.token(n + 1) for n in range(len(heard))], "all up to there, and nothing left out"

    asyncio.run(test())


async def until_asleep(at: Served) -> None:
    """Until no more leaves."""
    meter, before = at.surroundings.meter.method(PROFILES), 0
    while not meter.items or before != meter.items:
        before = meter.items
        await asyncio.sleep(0.2)


async def to_the_end(call: Any, tokens: list[str] | None = None) -> grpc.RpcError:
    """What a watch ends with; tokens: takes those of the answers."""
    try:
        while True:
            told = await call.read()
            if tokens is not None:
                tokens.append(told.resume_token)
    except grpc.RpcError as error:
        return error


def test_a_stop_tells_watches_to_come_again_and_waits_for_nobody_who_sleeps() -> None:
    async def test() -> None:
        async with watching() as (at, watched):
            quiet, asleep = profiles(at), profiles(at, request=WatchProfilesRequest(resume_token=watched.token(0)))
            await quiet.read()
            for sequence in range(1, 201):  # more than is sent to somebody who reads nothing
                watched.add(entry(sequence, *(a_change(number) for number in range(500))))
            await until_asleep(at)
            reading = asyncio.ensure_future(to_the_end(quiet))
            assert await at.server.drain(10) is True
            said = failure(await reading)
            assert (said.code, said.reason, said.retry) == (grpc.StatusCode.UNAVAILABLE, "ERROR_REASON_NOT_SERVING", 1.0)
            assert "stopping" in said.message
            assert (at.surroundings.meter.running, at.surroundings.watches) == (0, 0)
            said = failure(await to_the_end(asleep))
            assert said.code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)

    asyncio.run(test())


def test_a_store_that_is_loaded_again_ends_watches_and_takes_new_ones() -> None:
    async def test() -> None:
        async with watching() as (at, watched):
            call = profiles(at)
            await call.read()
            await at.server.close("the server loads its store again; send the call again in a moment")
            await at.server.close("once more")
            assert failure(await to_the_end(call)).reason == "ERROR_REASON_NOT_SERVING"
            assert failure(await to_the_end(profiles(at))).reason == "ERROR_REASON_NOT_SERVING"
            await at.server.open({PROFILES: Service(watched).WatchProfiles})
            again = profiles(at)
            await again.read()
            again.cancel()

    asyncio.run(test())


def test_watches_are_limited_and_take_no_place_from_other_calls() -> None:
    async def answer(request: LookupRequest) -> LookupResponse:
        return LookupResponse()

    async def test() -> None:
        async with watching(most_watches=2, most_running=1, handlers={"Lookup": answer}) as (at, _):
            open_ones = [profiles(at), memberships(at)]
            for call in open_ones:
                await call.read()
            said = failure(await to_the_end(profiles(at)))
            assert (said.code, said.reason, said.retry) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "ERROR_REASON_QUEUE_FULL", 5.0)
            assert "--max-watches" in said.message
            await at.channel.unary_unary(f"{IDENTITY}Lookup")(b"", timeout=PATIENCE)
            open_ones[0].cancel()
            await until(lambda: at.surroundings.watches == 1)
            again = profiles(at)
            await again.read()
            for call in (again, open_ones[1]):
                call.cancel()

    asyncio.run(test())


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (WatchProfilesRequest(kinds=["PROFILE_CHANGE_KIND_CREATED", cast(Any, 99)]), "kinds[1]"),
        (WatchProfilesRequest(kinds=["PROFILE_CHANGE_KIND_UNSPECIFIED"]), "kinds[0]"),
        (WatchProfilesRequest(heartbeat=Duration(nanos=1)), "heartbeat"),
        (WatchProfilesRequest(heartbeat=Duration(seconds=301)), "heartbeat"),
        (WatchProfilesRequest(profile_ids=["x"]), "profile_ids[0]"),
        (WatchProfilesRequest(identifiers=[Identifier(namespace="mail", value="jo@example.org")]), "identifiers[0].namespace"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_field(request_: WatchProfilesRequest, field: str) -> None:
    async def test() -> None:
        async with watching() as (at, _):
            said = failure(await to_the_end(profiles(at, request=request_)))
            assert (said.reason, [name for name, _ in said.fields]) == ("ERROR_REASON_INVALID_REQUEST", [field])

    asyncio.run(test())


def test_a_fault_half_way_tells_nothing_of_itself() -> None:
    async def broken(request: WatchProfilesRequest) -> AsyncGenerator[WatchProfilesResponse]:
        yield WatchProfilesResponse()
        raise KeyError("jo@example.org")

    async def test() -> None:
        async with watching(handlers={PROFILES: broken}) as (at, _):
            said = failure(await to_the_end(profiles(at)))
            assert (said.reason, "jo@example.org" in said.message) == ("ERROR_REASON_INTERNAL", False)
            assert at.surroundings.watches == 0

    asyncio.run(test())
