"""IdentityService: its writes here, its reads beside: convert, call, convert."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar

from idweave.v1.identity_service_pb2 import (
    AssertRequest,
    AssertResponse,
    IngestBatchResponse,
    IngestRequest,
    IngestResponse,
    RetractRequest,
    RetractResponse,
    SetTagsRequest,
    SetTagsResponse,
)

from idweave_server.errors import RequestError
from idweave_server.operations.ingest import IngestRequest as Ingest
from idweave_server.operations.reader import Reader
from idweave_server.operations.watch import Watches
from idweave_server.operations.writer import Writer
from idweave_server.rpc.convert_writes import assertion_of, ingested, put_asserted, put_ingested, retraction_of
from idweave_server.rpc.identity_reads import IdentityReads
from idweave_server.rpc.reported import SentBatch, report_of
from idweave_server.rpc.segment_questions import set_tags_of
from idweave_server.rpc.watching import WatchesProfiles

CONVERTED_HERE = 100  # observations, well under a millisecond
A = TypeVar("A")
B = TypeVar("B")


class IdentityService(IdentityReads, WatchesProfiles):
    """Errors are the domain's; what surrounds the call makes statuses of them."""

    def __init__(self, reader: Reader, writer: Writer, pool: Executor, watches: Watches) -> None:
        self.reader, self._writer, self._pool, self.watches = reader, writer, pool, watches

    async def Ingest(self, request: IngestRequest, context: Any = None) -> IngestResponse:  # noqa: N802
        if not request.HasField("observation"):
            raise RequestError.of("observation", "is not set: say what was observed")
        change = Ingest([report_of(request.observation)], request.validate_only, request.backfill)
        reply = await self._writer.submit(change, request.ByteSize())
        response = IngestResponse(revision=reply.revision)
        put_ingested(response.result, reply.results[0])
        return response

    async def IngestBatch(self, request: SentBatch, context: Any = None) -> IngestBatchResponse:  # noqa: N802
        reply = await self._writer.submit(Ingest(request.observations, request.validate_only, request.backfill), request.size)
        return await self._converted(ingested, reply, len(request.observations) > CONVERTED_HERE)

    async def Assert(self, request: AssertRequest, context: Any = None) -> AssertResponse:  # noqa: N802
        reply = await self._writer.submit(assertion_of(request))
        response = AssertResponse()
        put_asserted(response, reply)
        return response

    async def Retract(self, request: RetractRequest, context: Any = None) -> RetractResponse:  # noqa: N802
        reply = await self._writer.submit(retraction_of(request))
        return RetractResponse(
            observations=reply.observations,
            identifiers=reply.identifiers,
            profiles_changed=reply.profiles_changed,
            revision=reply.revision,
        )

    async def SetTags(self, request: SetTagsRequest, context: Any = None) -> SetTagsResponse:  # noqa: N802
        reply = await self._writer.submit(set_tags_of(request, self.reader.segments.identifiers), request.ByteSize())
        response = SetTagsResponse(tags=reply.tags, revision=reply.revision)
        put_ingested(response.result, reply.result)
        return response

    async def _converted(self, convert: Callable[[A], B], what: A, many: bool) -> B:
        """Here and now, or, where it is much, in a worker thread, so that other calls go on meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, convert, what) if many else convert(what)
