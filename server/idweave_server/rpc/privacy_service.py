"""PrivacyService: convert, call, convert."""

from __future__ import annotations

from typing import Any

from idweave.v1.privacy_service_pb2 import EraseRequest, EraseResponse

from idweave_server.operations.reader import Reader
from idweave_server.operations.writer import Writer
from idweave_server.rpc.convert_writes import erasure_of, put_erased


class PrivacyService:
    """Errors are the domain's; what surrounds the call makes statuses of them."""

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader, self._writer = reader, writer

    async def Erase(self, request: EraseRequest, context: Any = None) -> EraseResponse:  # noqa: N802
        reply = await self._writer.submit(erasure_of(request))
        self._reader.forget()  # what it keeps may be what was erased
        response = EraseResponse()
        put_erased(response, reply)
        return response
