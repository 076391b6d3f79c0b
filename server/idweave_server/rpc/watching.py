"""The calls that last: what happens to profiles, and who enters and leaves segments, for as long as somebody listens."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from idweave.v1.change_pb2 import WatchMembershipRequest, WatchMembershipResponse, WatchProfilesRequest, WatchProfilesResponse

from idweave_server.operations.watch import Watches
from idweave_server.rpc.convert_changes import (
    membership_response,
    profiles_response,
    watch_membership_question_of,
    watch_profiles_question_of,
)


class WatchesProfiles:
    """The watch of IdentityService."""

    watches: Watches

    async def WatchProfiles(self, request: WatchProfilesRequest) -> AsyncGenerator[WatchProfilesResponse]:  # noqa: N802
        async with aclosing(self.watches.watch_profiles(watch_profiles_question_of(request))) as answers:
            async for told in answers:
                yield profiles_response(told)


class WatchesMemberships:
    """The watch of SegmentService."""

    watches: Watches

    async def WatchMembership(self, request: WatchMembershipRequest) -> AsyncGenerator[WatchMembershipResponse]:  # noqa: N802
        async with aclosing(self.watches.watch_memberships(watch_membership_question_of(request))) as answers:
            async for told in answers:
                yield membership_response(told, self.watches.segments.name)
