"""The calls about segments and tags under asyncio: those of `SegmentCalls`, to be awaited."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta

from idweave import rpcs, segment_requests
from idweave.requests import Fresh, Named
from idweave.requests import consistency as consistency_of
from idweave.segment_requests import Definition
from idweave.transport import AsyncTransport
from idweave.v1.identity_service_pb2 import SetTagsResponse
from idweave.v1.segment_service_pb2 import (
    BatchCheckMembershipResponse,
    CheckMembershipResponse,
    DeleteSegmentRequest,
    DeleteSegmentResponse,
    ExplainMembershipResponse,
    ForecastSegmentResponse,
    GetCutPointsRequest,
    GetCutPointsResponse,
    GetSegmentRequest,
    GetSegmentResponse,
    ListMembersResponse,
    ListSegmentsRequest,
    ListSegmentsResponse,
    ListTemplatesRequest,
    ListTemplatesResponse,
    PreviewSegmentResponse,
    PutSegmentResponse,
)


class AsyncSegmentCalls:
    """Arguments and results are those of `SegmentCalls`."""

    _transport: AsyncTransport

    async def set_tags(
        self,
        subject: Named,
        *,
        source: str,
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
        time: datetime | None = None,
        observation_id: str | None = None,
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> SetTagsResponse:
        """Put tags on a profile, or take them off, through an identifier of it or its id."""
        request = segment_requests.set_tags(subject, source, add, remove, time, observation_id, validate_only)
        return await self._transport.call(rpcs.SET_TAGS, request, timeout)

    async def put_segment(
        self,
        name: str,
        definition: Definition,
        *,
        description: str = "",
        owner: str = "",
        expected_version: int | None = None,
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> PutSegmentResponse:
        """Define a segment, or define it anew. expected_version: that it must have now, 0 where it must not be there."""
        request = segment_requests.put(name, definition, description, owner, expected_version, validate_only)
        return await self._transport.call(rpcs.PUT_SEGMENT, request, timeout)

    async def get_segment(
        self, name: str, *, version: int = 0, consistency: Fresh = None, timeout: float | None = None
    ) -> GetSegmentResponse:
        """A segment as it is defined, or was in some version."""
        request = GetSegmentRequest(name=name, version=version, consistency=consistency_of(consistency))
        return await self._transport.call(rpcs.GET_SEGMENT, request, timeout)

    def list_segments(
        self, *, page_size: int = 0, page_token: str = "", consistency: Fresh = None, timeout: float | None = None
    ) -> AsyncIterator[ListSegmentsResponse]:
        """The pages of all segments, by name, each asked for as it is needed."""
        request = ListSegmentsRequest(page_size=page_size, page_token=page_token, consistency=consistency_of(consistency))
        return self._transport.pages(rpcs.LIST_SEGMENTS, request, timeout)

    async def delete_segment(
        self, name: str, *, expected_version: int | None = None, validate_only: bool = False, timeout: float | None = None
    ) -> DeleteSegmentResponse:
        """Delete a segment: everybody leaves it. Refused while another one's definition names it."""
        request = DeleteSegmentRequest(name=name, expected_version=expected_version, validate_only=validate_only)
        return await self._transport.call(rpcs.DELETE_SEGMENT, request, timeout)

    async def preview_segment(
        self,
        definition: Definition,
        *,
        narrow_below: int = 0,
        sample_size: int = 0,
        consistency: Fresh = None,
        timeout: float | None = None,
    ) -> PreviewSegmentResponse:
        """What a definition selects: its exact size, how many could be addressed, overlaps, examples, its coming sizes."""
        request = segment_requests.preview(definition, narrow_below, sample_size, consistency)
        return await self._transport.call(rpcs.PREVIEW_SEGMENT, request, timeout)

    async def check_membership(
        self, subject: Named, *segments: str, consistency: Fresh = None, timeout: float | None = None
    ) -> CheckMembershipResponse:
        """Whether a profile, by its id or an identifier, is in segments, and until when; in all of them where none is named."""
        return await self._transport.call(rpcs.CHECK_MEMBERSHIP, segment_requests.check(subject, segments, consistency), timeout)

    async def batch_check_membership(
        self, subjects: Iterable[Named], segments: Iterable[str] = (), *, consistency: Fresh = None, timeout: float | None = None
    ) -> BatchCheckMembershipResponse:
        """The same of up to 1,000 at once, results in order."""
        request = segment_requests.check_all(subjects, segments, consistency)
        return await self._transport.call(rpcs.BATCH_CHECK_MEMBERSHIP, request, timeout)

    def list_members(
        self,
        segment: str,
        *,
        namespace: str = "",
        page_size: int = 0,
        page_token: str = "",
        consistency: Fresh = None,
        timeout: float | None = None,
    ) -> AsyncIterator[ListMembersResponse]:
        """The pages of who is in a segment, each asked for as it is needed. namespace: one row an identifier of it, such as email."""
        request = segment_requests.members(segment, namespace, page_size, page_token, consistency)
        return self._transport.pages(rpcs.LIST_MEMBERS, request, timeout)

    async def explain_membership(
        self, subject: Named, segment: str, *, consistency: Fresh = None, timeout: float | None = None
    ) -> ExplainMembershipResponse:
        """Why a profile is in a segment or is not."""
        return await self._transport.call(rpcs.EXPLAIN_MEMBERSHIP, segment_requests.explain(subject, segment, consistency), timeout)

    async def forecast_segment(
        self,
        definition: Definition,
        *,
        times: Iterable[datetime] = (),
        horizon: timedelta | None = None,
        limit: int = 0,
        consistency: Fresh = None,
        timeout: float | None = None,
    ) -> ForecastSegmentResponse:
        """How many will be in a segment at these times, and who enters and leaves it up to the horizon, if nothing happens."""
        request = segment_requests.forecast(definition, times, horizon, limit, consistency)
        return await self._transport.call(rpcs.FORECAST_SEGMENT, request, timeout)

    async def get_cut_points(self, *, consistency: Fresh = None, timeout: float | None = None) -> GetCutPointsResponse:
        """Where the fifths of buyers end that scores go by, and when they are computed next."""
        return await self._transport.call(rpcs.GET_CUT_POINTS, GetCutPointsRequest(consistency=consistency_of(consistency)), timeout)

    async def list_templates(self, *, timeout: float | None = None) -> ListTemplatesResponse:
        """The definitions that are ready made, with their parameters."""
        return await self._transport.call(rpcs.LIST_TEMPLATES, ListTemplatesRequest(), timeout)
