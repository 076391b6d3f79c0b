"""Every call that the services have, as values: where it is found, what it is asked, what it answers, and whether it may be repeated."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import Message

from idweave.v1 import admin_service_pb2 as admin
from idweave.v1 import change_pb2 as change
from idweave.v1 import identity_service_pb2 as identity
from idweave.v1 import privacy_service_pb2 as privacy
from idweave.v1 import quality_service_pb2 as quality
from idweave.v1 import segment_service_pb2 as segment

Asked = TypeVar("Asked", bound=Message)
Answered = TypeVar("Answered", bound=Message)


@dataclass(frozen=True, slots=True)
class Rpc(Generic[Asked, Answered]):
    """One method of a service.

    repeatable: asked twice, it changes nothing more and answers the same, so a call that got no answer is made again.
    streamed: it answers with many messages. long: it may go through all that is known. lasts: its answers go on until somebody ends it,
    and where it breaks off it is made again from there (see watch), which gRPC itself could not.
    """

    service: str
    method: str
    request: type[Asked]
    response: type[Answered]
    repeatable: bool = True
    streamed: bool = False
    long: bool = False
    lasts: bool = False

    @property
    def path(self) -> str:
        return f"/idweave.v1.{self.service}/{self.method}"


INGEST = Rpc("IdentityService", "Ingest", identity.IngestRequest, identity.IngestResponse)
INGEST_BATCH = Rpc("IdentityService", "IngestBatch", identity.IngestBatchRequest, identity.IngestBatchResponse)
LOOKUP = Rpc("IdentityService", "Lookup", identity.LookupRequest, identity.LookupResponse)
BATCH_LOOKUP = Rpc("IdentityService", "BatchLookup", identity.BatchLookupRequest, identity.BatchLookupResponse)
GET_PROFILE = Rpc("IdentityService", "GetProfile", identity.GetProfileRequest, identity.GetProfileResponse)
GET_TIMELINE = Rpc("IdentityService", "GetTimeline", identity.GetTimelineRequest, identity.GetTimelineResponse)
EXPLAIN = Rpc("IdentityService", "Explain", identity.ExplainRequest, identity.ExplainResponse)
ASSERT = Rpc("IdentityService", "Assert", identity.AssertRequest, identity.AssertResponse)
# Once more, these two would take back nothing, and answer that they did.
RETRACT = Rpc("IdentityService", "Retract", identity.RetractRequest, identity.RetractResponse, repeatable=False, long=True)
SET_TAGS = Rpc("IdentityService", "SetTags", identity.SetTagsRequest, identity.SetTagsResponse)
PUT_SEGMENT = Rpc("SegmentService", "PutSegment", segment.PutSegmentRequest, segment.PutSegmentResponse)
GET_SEGMENT = Rpc("SegmentService", "GetSegment", segment.GetSegmentRequest, segment.GetSegmentResponse)
LIST_SEGMENTS = Rpc("SegmentService", "ListSegments", segment.ListSegmentsRequest, segment.ListSegmentsResponse)
# Once more, it would find no such segment.
DELETE_SEGMENT = Rpc("SegmentService", "DeleteSegment", segment.DeleteSegmentRequest, segment.DeleteSegmentResponse, repeatable=False)
PREVIEW_SEGMENT = Rpc("SegmentService", "PreviewSegment", segment.PreviewSegmentRequest, segment.PreviewSegmentResponse)
CHECK_MEMBERSHIP = Rpc("SegmentService", "CheckMembership", segment.CheckMembershipRequest, segment.CheckMembershipResponse)
BATCH_CHECK_MEMBERSHIP = Rpc(
    "SegmentService", "BatchCheckMembership", segment.BatchCheckMembershipRequest, segment.BatchCheckMembershipResponse
)
LIST_MEMBERS = Rpc("SegmentService", "ListMembers", segment.ListMembersRequest, segment.ListMembersResponse)
EXPLAIN_MEMBERSHIP = Rpc("SegmentService", "ExplainMembership", segment.ExplainMembershipRequest, segment.ExplainMembershipResponse)
FORECAST_SEGMENT = Rpc("SegmentService", "ForecastSegment", segment.ForecastSegmentRequest, segment.ForecastSegmentResponse)
GET_CUT_POINTS = Rpc("SegmentService", "GetCutPoints", segment.GetCutPointsRequest, segment.GetCutPointsResponse)
LIST_TEMPLATES = Rpc("SegmentService", "ListTemplates", segment.ListTemplatesRequest, segment.ListTemplatesResponse)
ERASE = Rpc("PrivacyService", "Erase", privacy.EraseRequest, privacy.EraseResponse, repeatable=False, long=True)
WATCH_PROFILES = Rpc(
    "IdentityService", "WatchProfiles", change.WatchProfilesRequest, change.WatchProfilesResponse, streamed=True, lasts=True
)
WATCH_MEMBERSHIP = Rpc(
    "SegmentService", "WatchMembership", change.WatchMembershipRequest, change.WatchMembershipResponse, streamed=True, lasts=True
)
VALIDATE = Rpc("QualityService", "Validate", quality.ValidateRequest, quality.ValidateResponse)
INFER_FORMATS = Rpc("QualityService", "InferFormats", quality.InferFormatsRequest, quality.InferFormatsResponse)
LIST_ISSUES = Rpc("QualityService", "ListIssues", quality.ListIssuesRequest, quality.ListIssuesResponse)
GET_STATUS = Rpc("AdminService", "GetStatus", admin.GetStatusRequest, admin.GetStatusResponse)
GET_POLICY = Rpc("AdminService", "GetPolicy", admin.GetPolicyRequest, admin.GetPolicyResponse)
VERIFY = Rpc("AdminService", "Verify", admin.VerifyRequest, admin.VerifyResponse, long=True)
EXPORT_FILES = Rpc("AdminService", "ExportFiles", admin.ExportFilesRequest, admin.ExportFilesResponse, streamed=True, long=True)

RPCS: tuple[Rpc[Message, Message], ...] = tuple(found for found in list(globals().values()) if isinstance(found, Rpc))

# Five tries are gRPC's own limit; these waits, each up to a fifth shorter or longer, last over a restart of a few seconds.
_RETRIES = {
    "maxAttempts": 5,
    "initialBackoff": "0.1s",
    "maxBackoff": "3s",
    "backoffMultiplier": 3,
    "retryableStatusCodes": ["UNAVAILABLE"],
}


def service_config(*, retries: bool) -> str:
    """What gRPC itself is to do about calls that nobody answers, as the JSON of its service config. retries: make them again."""
    if not retries:
        return json.dumps({"methodConfig": []})
    names = [{"service": f"idweave.v1.{rpc.service}", "method": rpc.method} for rpc in RPCS if rpc.repeatable and not rpc.lasts]
    return json.dumps({"methodConfig": [{"name": names, "retryPolicy": _RETRIES}]})
