"""The client under asyncio: the methods of `Client`, to be awaited; pages and pieces come from `async for`."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from idweave import requests, rpcs
from idweave.aio_segment_calls import AsyncSegmentCalls
from idweave.channels import Reach, Tls, addresses_in
from idweave.observations import Traits
from idweave.requests import Fresh, Named, Query
from idweave.route import Route
from idweave.transport import AsyncTransport
from idweave.v1.admin_service_pb2 import (
    ExportFilesRequest,
    ExportFilesResponse,
    GetPolicyRequest,
    GetPolicyResponse,
    GetStatusRequest,
    GetStatusResponse,
    VerifyRequest,
    VerifyResponse,
)
from idweave.v1.change_pb2 import ProfileChangeKind, WatchMembershipResponse, WatchProfilesResponse
from idweave.v1.identity_service_pb2 import (
    AssertResponse,
    BatchLookupResponse,
    ExplainResponse,
    GetProfileResponse,
    GetTimelineResponse,
    IngestBatchRequest,
    IngestBatchResponse,
    IngestResponse,
    LookupResponse,
    RetractResponse,
)
from idweave.v1.observation_pb2 import Event, Observation
from idweave.v1.privacy_service_pb2 import EraseResponse
from idweave.v1.quality_service_pb2 import (
    InferFormatsResponse,
    IssueKind,
    ListIssuesResponse,
    TextColumn,
    ValidateRequest,
    ValidateResponse,
)
from idweave.v1.verdict_pb2 import Assertion, Verdict
from idweave.watch import AsyncWatch

Observations = Iterable[Observation] | AsyncIterable[Observation]


class AsyncClient(AsyncSegmentCalls):
    """Speaks to a server, or to the servers that share a store, from one event loop, that of its first call; tasks may share it.

    Arguments, retries, results and errors are those of `Client`.
    """

    def __init__(
        self,
        address: str | Sequence[str],
        *,
        timeout: float = 10.0,
        token: str | None = None,
        tls: bool | Tls = False,
        insecure: bool = False,
    ) -> None:
        self._transport = AsyncTransport(Route(addresses_in(address), Reach(token, tls, insecure)), timeout)

    def __repr__(self) -> str:
        return f"AsyncClient({str(self._transport.route)!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Give up the calls under way, and close the connection."""
        await self._transport.close()

    @property
    def channel(self) -> Any:
        """The grpc.aio.Channel to the server that is asked now, for the stubs in idweave.v1 and for other services; they do without the
        token and the typed errors."""
        return self._transport.channel

    async def ingest(
        self,
        observation: Observation | None = None,
        /,
        *,
        source: str = "",
        kind: str = "",
        identifiers: Iterable[Named] = (),
        traits: Traits = (),
        events: Iterable[Event] = (),
        time: datetime | None = None,
        observation_id: str | None = None,
        validate_only: bool = False,
        backfill: bool = False,
        timeout: float | None = None,
    ) -> IngestResponse:
        """Report one observation: a message, or what `idweave.observation` makes one from. Answered means durable and resolved."""
        request = requests.ingest(
            observation,
            source=source,
            kind=kind,
            identifiers=identifiers,
            traits=traits,
            events=events,
            time=time,
            observation_id=observation_id,
            validate_only=validate_only,
            backfill=backfill,
        )
        return await self._transport.call(rpcs.INGEST, request, timeout)

    async def ingest_batch(
        self, observations: Observations, *, validate_only: bool = False, backfill: bool = False, timeout: float | None = None
    ) -> IngestBatchResponse:
        """Report any number of observations, in as many requests as it takes; results in order. timeout: of each request."""
        whole = IngestBatchResponse()
        async for part in self.ingest_many(observations, validate_only=validate_only, backfill=backfill, timeout=timeout):
            whole.MergeFrom(part)  # results add up, and the later revision has all that the earlier one has
        return whole

    async def ingest_many(
        self, observations: Observations, *, validate_only: bool = False, backfill: bool = False, timeout: float | None = None
    ) -> AsyncIterator[IngestBatchResponse]:
        """As ingest_batch, but what became of each request is yielded as it is answered, and the next one is sent when it is asked for."""
        async for batch in requests.async_batches(observations):
            request = IngestBatchRequest(observations=batch, validate_only=validate_only, backfill=backfill)
            yield await self._transport.call(rpcs.INGEST_BATCH, request, timeout)

    async def lookup(
        self,
        *identifiers: Named,
        as_of: datetime | None = None,
        purpose: str = "",
        consistency: Fresh = None,
        include_profile: bool = False,
        timeout: float | None = None,
    ) -> LookupResponse:
        """Whom one identifier, or several seen together now, belong to."""
        return await self._transport.call(rpcs.LOOKUP, requests.lookup(identifiers, as_of, purpose, consistency, include_profile), timeout)

    async def batch_lookup(
        self, queries: Iterable[Query], *, purpose: str = "", consistency: Fresh = None, timeout: float | None = None
    ) -> BatchLookupResponse:
        """Up to 10,000 lookups at once, answered from one state; a query is an identifier, a sequence of some, or a LookupQuery."""
        return await self._transport.call(rpcs.BATCH_LOOKUP, requests.batch_lookup(queries, purpose, consistency), timeout)

    async def get_profile(self, subject: Named, *, consistency: Fresh = None, timeout: float | None = None) -> GetProfileResponse:
        """The profile of an id, or of an identifier that belongs to it."""
        return await self._transport.call(rpcs.GET_PROFILE, requests.get_profile(subject, consistency), timeout)

    def get_timeline(
        self,
        subject: Named,
        *,
        types: Iterable[str] = (),
        page_size: int = 0,
        page_token: str = "",
        consistency: Fresh = None,
        timeout: float | None = None,
    ) -> AsyncIterator[GetTimelineResponse]:
        """The pages of what a person did, newest first, each asked for as it is needed; `page_token` resumes at a page."""
        request = requests.get_timeline(subject, types, page_size, page_token, consistency)
        return self._transport.pages(rpcs.GET_TIMELINE, request, timeout)

    async def explain(
        self, left: Named, right: Named, *, as_of: datetime | None = None, consistency: Fresh = None, timeout: float | None = None
    ) -> ExplainResponse:
        """Why two identifiers are one person's, or two people's."""
        return await self._transport.call(rpcs.EXPLAIN, requests.explain(left, right, as_of, consistency), timeout)

    async def assert_same(
        self,
        left: Named,
        right: Named,
        *,
        source: str,
        time: datetime | None = None,
        assertion_id: str | None = None,
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> AssertResponse:
        """State that both identifiers are one person's."""
        stated = requests.assertion(Verdict.VERDICT_SAME, left, right, source, time)
        return await self.assert_verdict(stated, assertion_id=assertion_id, validate_only=validate_only, timeout=timeout)

    async def assert_different(
        self,
        left: Named,
        right: Named,
        *,
        source: str,
        time: datetime | None = None,
        assertion_id: str | None = None,
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> AssertResponse:
        """State that the identifiers are two people's."""
        stated = requests.assertion(Verdict.VERDICT_DIFFERENT, left, right, source, time)
        return await self.assert_verdict(stated, assertion_id=assertion_id, validate_only=validate_only, timeout=timeout)

    async def assert_shared(
        self,
        identifier: Named,
        *,
        source: str,
        time: datetime | None = None,
        assertion_id: str | None = None,
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> AssertResponse:
        """State that an identifier is used by many, and does not link."""
        stated = requests.assertion(Verdict.VERDICT_SHARED, identifier, None, source, time)
        return await self.assert_verdict(stated, assertion_id=assertion_id, validate_only=validate_only, timeout=timeout)

    async def assert_personal(
        self,
        identifier: Named,
        *,
        source: str,
        time: datetime | None = None,
        assertion_id: str | None = None,
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> AssertResponse:
        """State that an identifier is one person's, whatever speaks against it."""
        stated = requests.assertion(Verdict.VERDICT_PERSONAL, identifier, None, source, time)
        return await self.assert_verdict(stated, assertion_id=assertion_id, validate_only=validate_only, timeout=timeout)

    async def assert_verdict(
        self, assertion: Assertion, *, assertion_id: str | None = None, validate_only: bool = False, timeout: float | None = None
    ) -> AssertResponse:
        """State a verdict. assertion_id: a UUID where None; the answer has it. The time is the server's where the verdict has none."""
        return await self._transport.call(rpcs.ASSERT, requests.state(assertion, assertion_id, validate_only), timeout)

    async def withdraw(self, assertion_id: str, *, validate_only: bool = False, timeout: float | None = None) -> AssertResponse:
        """Withdraw the verdict that was stated under this id."""
        return await self._transport.call(rpcs.ASSERT, requests.withdraw(assertion_id, validate_only), timeout)

    async def retract(
        self, source: str, observation_id: str, *, validate_only: bool = False, timeout: float | None = None
    ) -> RetractResponse:
        """Take one observation back."""
        return await self._transport.call(rpcs.RETRACT, requests.retract(source, observation_id, validate_only), timeout)

    async def retract_source(
        self,
        source: str,
        *,
        from_: datetime | None = None,
        until: datetime | None = None,
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> RetractResponse:
        """Take back all that a source reported, from one time of observation on and before another; may take long."""
        return await self._transport.call(rpcs.RETRACT, requests.retract_source(source, from_, until, validate_only), timeout)

    async def erase(
        self,
        *identifiers: Named,
        profile_id: str | None = None,
        observed_until: datetime | None = None,
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> EraseResponse:
        """Forget identifiers, or those of a profile alone, and every observation that carries one up to a time; may take long."""
        request = requests.erase(identifiers, profile_id, observed_until, validate_only)
        return await self._transport.call(rpcs.ERASE, request, timeout)

    def watch_profiles(
        self,
        *,
        resume_token: str = "",
        profiles: Iterable[Named] = (),
        kinds: Iterable[ProfileChangeKind | str] = (),
        include_backfill: bool = False,
        heartbeat: float | None = None,
        timeout: float | None = None,
    ) -> AsyncWatch[WatchProfilesResponse]:
        """What happens to profiles, from a token on, or from now on; the call is taken up again where it breaks off. profiles: ids or
        identifiers, none for all; kinds: such as "merged"; heartbeat: seconds of silence after which progress is told; timeout: of the
        whole watch, which has no end without one."""
        request = requests.watch_profiles(resume_token, profiles, kinds, include_backfill, heartbeat)
        return self._transport.watch(rpcs.WATCH_PROFILES, request, timeout)

    def watch_membership(
        self,
        *segments: str,
        resume_token: str = "",
        profiles: Iterable[Named] = (),
        include_backfill: bool = False,
        heartbeat: float | None = None,
        timeout: float | None = None,
    ) -> AsyncWatch[WatchMembershipResponse]:
        """Who enters and leaves these segments, or any where none is named; the rest as for `watch_profiles`."""
        request = requests.watch_membership(segments, resume_token, profiles, include_backfill, heartbeat)
        return self._transport.watch(rpcs.WATCH_MEMBERSHIP, request, timeout)

    async def validate(self, observations: Iterable[Observation], *, timeout: float | None = None) -> ValidateResponse:
        """What the server would understand of up to 10,000 observations; changes nothing, and looks at nothing known."""
        return await self._transport.call(rpcs.VALIDATE, ValidateRequest(observations=observations), timeout)

    async def infer_formats(
        self, columns: Mapping[str, Iterable[str]] | Iterable[TextColumn], *, source: str = "", timeout: float | None = None
    ) -> InferFormatsResponse:
        """How columns of dates or times are written: {"born": ["04.03.1985", ...]}, or messages."""
        return await self._transport.call(rpcs.INFER_FORMATS, requests.infer_formats(columns, source), timeout)

    def list_issues(
        self,
        *,
        kinds: Iterable[IssueKind | str] = (),
        page_size: int = 0,
        page_token: str = "",
        consistency: Fresh = None,
        timeout: float | None = None,
    ) -> AsyncIterator[ListIssuesResponse]:
        """The pages of what needs a person's eye, each asked for as it is needed. kinds: such as "shared"; all where empty."""
        return self._transport.pages(rpcs.LIST_ISSUES, requests.list_issues(kinds, page_size, page_token, consistency), timeout)

    async def get_status(self, *, consistency: Fresh = None, timeout: float | None = None) -> GetStatusResponse:
        """How the server is."""
        return await self._transport.call(rpcs.GET_STATUS, GetStatusRequest(consistency=requests.consistency(consistency)), timeout)

    async def get_policy(self, *, consistency: Fresh = None, timeout: float | None = None) -> GetPolicyResponse:
        """What decides: the policy and its lists."""
        return await self._transport.call(rpcs.GET_POLICY, GetPolicyRequest(consistency=requests.consistency(consistency)), timeout)

    async def verify(self, *, graph: bool = False, timeout: float | None = None) -> VerifyResponse:
        """Have the server replay its log and compare that with its state; takes as long as a start. graph: the graph in Neo4j, too."""
        return await self._transport.call(rpcs.VERIFY, VerifyRequest(graph=graph), timeout)

    def export_files(self, *, timeout: float | None = None) -> AsyncIterator[ExportFilesResponse]:
        """All that is known, as files in pieces, one file after the other. timeout: of the whole stream."""
        return self._transport.stream(rpcs.EXPORT_FILES, ExportFilesRequest(), timeout)
