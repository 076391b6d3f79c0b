"""The reads of SegmentService: convert, call, convert."""

from __future__ import annotations

from idweave.v1.segment_service_pb2 import (
    BatchCheckMembershipRequest,
    BatchCheckMembershipResponse,
    CheckMembershipRequest,
    CheckMembershipResponse,
    ExplainMembershipRequest,
    ExplainMembershipResponse,
    ForecastSegmentRequest,
    ForecastSegmentResponse,
    GetCutPointsRequest,
    GetCutPointsResponse,
    GetSegmentRequest,
    GetSegmentResponse,
    ListMembersRequest,
    ListMembersResponse,
    ListSegmentsRequest,
    ListSegmentsResponse,
    ListTemplatesRequest,
    ListTemplatesResponse,
    PreviewSegmentRequest,
    PreviewSegmentResponse,
)

from idweave_server.operations.pages import PageRequest
from idweave_server.operations.reader import Reader
from idweave_server.rpc.convert_memberships import (
    put_condition,
    put_cut_points,
    put_forecast,
    put_members,
    put_membership,
    put_preview,
    put_result,
    put_shown,
    put_template,
)
from idweave_server.rpc.convert_questions import consistency_of, subject_of
from idweave_server.rpc.convert_values import put_time
from idweave_server.rpc.segment_questions import batch_subject_of, forecast_question_of, members_question_of, preview_question_of


class SegmentReads:
    """Answers from the reader. Errors are the domain's; what surrounds the call makes statuses of them."""

    reader: Reader

    async def GetSegment(self, request: GetSegmentRequest) -> GetSegmentResponse:  # noqa: N802
        await self.reader.fresh(consistency_of(request.consistency))
        segments = self.reader.segments
        shown = segments.get(request.name, request.version)
        response = GetSegmentResponse(used_by=shown.used_by, revision=self.reader.revision())
        put_shown(response.segment, shown, segments.memberships.fields)
        return response

    async def ListSegments(self, request: ListSegmentsRequest) -> ListSegmentsResponse:  # noqa: N802
        await self.reader.fresh(consistency_of(request.consistency))
        segments = self.reader.segments
        page = segments.list(PageRequest(request.page_size, request.page_token))
        response = ListSegmentsResponse(next_page_token=page.token, total=page.total, revision=page.revision)
        for shown in page.segments:
            put_shown(response.segments.add(), shown, segments.memberships.fields)
        return response

    async def CheckMembership(self, request: CheckMembershipRequest) -> CheckMembershipResponse:  # noqa: N802
        subject = subject_of(request)
        if request.HasField("consistency"):
            await self.reader.fresh(consistency_of(request.consistency))
        checked = self.reader.segments.check(subject, request.segments)
        response = CheckMembershipResponse(profile_id=checked.profile_id, revision=self.reader.revision())
        for membership in checked.memberships:
            put_membership(response.memberships.add(), membership)
        put_time(response.time, self.reader.engine.state_time)
        return response

    async def BatchCheckMembership(self, request: BatchCheckMembershipRequest) -> BatchCheckMembershipResponse:  # noqa: N802
        await self.reader.fresh(consistency_of(request.consistency))
        response = BatchCheckMembershipResponse(revision=self.reader.revision())  # of the first slice: later ones show this state or more
        put_time(response.time, self.reader.engine.state_time)
        subjects = [batch_subject_of(subject) for subject in request.subjects]
        sent = iter(request.subjects)
        async for answers in self.reader.segments.check_all(subjects, request.segments):
            for checked in answers:
                put_result(response.results.add(subject=next(sent)), checked)
        return response

    async def ListMembers(self, request: ListMembersRequest) -> ListMembersResponse:  # noqa: N802
        question = members_question_of(request)
        await self.reader.fresh(consistency_of(request.consistency))
        response = ListMembersResponse()
        put_members(response, self.reader.segments.members(question))
        return response

    async def ExplainMembership(self, request: ExplainMembershipRequest) -> ExplainMembershipResponse:  # noqa: N802
        subject = subject_of(request)
        await self.reader.fresh(consistency_of(request.consistency))
        explained = self.reader.segments.explain(subject, request.segment)
        response = ExplainMembershipResponse(profile_id=explained.profile_id, revision=self.reader.revision())
        put_membership(response.membership, explained.membership)
        put_condition(response.condition, explained.condition)
        put_time(response.time, self.reader.engine.state_time)
        return response

    async def PreviewSegment(self, request: PreviewSegmentRequest) -> PreviewSegmentResponse:  # noqa: N802
        question = preview_question_of(request)
        await self.reader.fresh(consistency_of(request.consistency))
        segments = self.reader.segments
        response = PreviewSegmentResponse()
        put_preview(response, await segments.preview(question), segments.memberships.fields)
        return response

    async def ForecastSegment(self, request: ForecastSegmentRequest) -> ForecastSegmentResponse:  # noqa: N802
        question = forecast_question_of(request)
        await self.reader.fresh(consistency_of(request.consistency))
        response = ForecastSegmentResponse()
        put_forecast(response, await self.reader.segments.forecast(question))
        return response

    async def GetCutPoints(self, request: GetCutPointsRequest) -> GetCutPointsResponse:  # noqa: N802
        await self.reader.fresh(consistency_of(request.consistency))
        response = GetCutPointsResponse(revision=self.reader.revision())
        put_cut_points(response, self.reader.segments.cut_points())
        return response

    async def ListTemplates(self, request: ListTemplatesRequest) -> ListTemplatesResponse:  # noqa: N802
        response = ListTemplatesResponse()
        for template in self.reader.segments.list_templates():
            put_template(response.templates.add(), template)
        return response
