"""SegmentService: its writes here, its reads and its watch beside: convert, call, convert."""

from __future__ import annotations

from typing import Any

from idweave.v1.segment_service_pb2 import (
    DeleteSegmentRequest,
    DeleteSegmentResponse,
    PutSegmentRequest,
    PutSegmentResponse,
)

from idweave_server.errors import DefinitionError, RequestError
from idweave_server.operations.reader import Reader
from idweave_server.operations.segment_source import problems_of
from idweave_server.operations.watch import Watches
from idweave_server.operations.writer import Writer
from idweave_server.rpc.convert_memberships import put_problems, put_reply
from idweave_server.rpc.segment_questions import delete_segment_of, put_segment_of, source_of
from idweave_server.rpc.segment_reads import SegmentReads
from idweave_server.rpc.watching import WatchesMemberships


class SegmentService(SegmentReads, WatchesMemberships):
    """Errors are the domain's; what surrounds the call makes statuses of them."""

    def __init__(self, reader: Reader, writer: Writer, watches: Watches) -> None:
        self.reader, self._writer, self.watches = reader, writer, watches

    async def PutSegment(self, request: PutSegmentRequest, context: Any = None) -> PutSegmentResponse:  # noqa: N802
        response = PutSegmentResponse()
        try:
            source = source_of(request)
        except (DefinitionError, RequestError) as error:
            if not request.validate_only:
                raise
            response.revision = self.reader.revision()
            put_problems(response.problems, problems_of(error))
            return response
        reply = await self._writer.submit(put_segment_of(request, source, self.reader.segments.templates), request.ByteSize())
        put_reply(response, reply, self.reader.segments.memberships.fields)
        return response

    async def DeleteSegment(self, request: DeleteSegmentRequest, context: Any = None) -> DeleteSegmentResponse:  # noqa: N802
        reply = await self._writer.submit(delete_segment_of(request))
        return DeleteSegmentResponse(members=reply.members, revision=reply.revision)
