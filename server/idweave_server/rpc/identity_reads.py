"""The reads of IdentityService: convert, call, convert."""

from __future__ import annotations

from idweave.v1.identity_service_pb2 import (
    BatchLookupRequest,
    BatchLookupResponse,
    ExplainRequest,
    ExplainResponse,
    GetProfileRequest,
    GetProfileResponse,
    GetTimelineRequest,
    GetTimelineResponse,
    LookupRequest,
    LookupResponse,
)

from idweave_server.operations.reader import Reader
from idweave_server.rpc.convert_explanation import put_explanation
from idweave_server.rpc.convert_lookup import put_lookup
from idweave_server.rpc.convert_observation import put_observation
from idweave_server.rpc.convert_profile import put_profile, put_profile_answer
from idweave_server.rpc.convert_questions import consistency_of, explain_question_of, query_of, subject_of, timeline_question_of


class IdentityReads:
    """Answers from the reader. Errors are the domain's; what surrounds the call makes statuses of them."""

    reader: Reader

    async def Lookup(self, request: LookupRequest) -> LookupResponse:  # noqa: N802
        if request.HasField("consistency"):
            await self.reader.fresh(consistency_of(request.consistency))
        answer = self.reader.look_up(query_of(request))
        response = LookupResponse(revision=self.reader.revision())
        put_lookup(response.result, answer)
        if request.include_profile and (profile := self.reader.profile_of(answer)) is not None:
            put_profile(response.profile, profile, self.reader.engine.policy)
        return response

    async def BatchLookup(self, request: BatchLookupRequest) -> BatchLookupResponse:  # noqa: N802
        await self.reader.fresh(consistency_of(request.consistency))
        response = BatchLookupResponse(revision=self.reader.revision())  # that of the first slice: later ones show this state or more
        async for answers in self.reader.look_up_all([query_of(query) for query in request.queries]):
            for answer in answers:
                put_lookup(response.results.add(), answer)
        return response

    async def GetProfile(self, request: GetProfileRequest) -> GetProfileResponse:  # noqa: N802
        subject = subject_of(request)
        await self.reader.fresh(consistency_of(request.consistency))
        answer = self.reader.get_profile(subject)
        response = GetProfileResponse(revision=self.reader.revision())
        put_profile_answer(response, answer, self.reader.engine.policy)
        return response

    async def GetTimeline(self, request: GetTimelineRequest) -> GetTimelineResponse:  # noqa: N802
        question = timeline_question_of(request)
        await self.reader.fresh(consistency_of(request.consistency))
        timeline = self.reader.get_timeline(question)
        response = GetTimelineResponse(
            next_page_token=timeline.token, total=timeline.total, profile_id=timeline.profile_id, revision=timeline.revision
        )
        for seen in timeline.observations:
            put_observation(response.observations.add(), seen, self.reader.engine.policy)
        return response

    async def Explain(self, request: ExplainRequest) -> ExplainResponse:  # noqa: N802
        question = explain_question_of(request)
        await self.reader.fresh(consistency_of(request.consistency))
        answer = await self.reader.explain(question)
        response = ExplainResponse(revision=self.reader.revision())
        put_explanation(response, answer, self.reader.engine.policy)
        return response
