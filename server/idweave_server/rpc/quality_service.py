"""QualityService: convert, call, convert; listing issues is beside, in quality_reads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Any

from idweave.v1.quality_service_pb2 import (
    InferFormatsRequest,
    InferFormatsResponse,
    ValidateRequest,
    ValidateResponse,
)

from idweave_server.identifiers.lists import Lists
from idweave_server.operations.infer_formats import TextColumn, infer_formats
from idweave_server.operations.ingest import calendar_day
from idweave_server.operations.reader import Reader
from idweave_server.operations.validate import validate
from idweave_server.rpc.convert_observation import put_observation
from idweave_server.rpc.convert_writes import OUTCOMES, put_item_issue
from idweave_server.rpc.quality_reads import QualityReads
from idweave_server.rpc.reported import reports_of


class QualityService(QualityReads):
    """milliseconds: the wall clock. Long work is done in the pool, from the policy alone."""

    def __init__(self, reader: Reader, lists: Lists, pool: Executor, milliseconds: Callable[[], int]) -> None:
        self.reader, self._lists, self._pool, self._milliseconds = reader, lists, pool, milliseconds

    async def Validate(self, request: ValidateRequest, context: Any = None) -> ValidateResponse:  # noqa: N802
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._validated, request)

    def _validated(self, request: ValidateRequest) -> ValidateResponse:
        policy, today = self.reader.engine.policy, calendar_day(self._milliseconds() // 1000)
        response = ValidateResponse()
        for result in validate(policy, self._lists, reports_of(request.observations), today=today):
            message = response.results.add(outcome=OUTCOMES[result.outcome])
            if result.observation is not None:
                put_observation(message.observation, result.observation, policy)
            for issue in result.issues:
                put_item_issue(message.issues.add(), issue)
        return response

    async def InferFormats(self, request: InferFormatsRequest, context: Any = None) -> InferFormatsResponse:  # noqa: N802
        columns = [TextColumn(column.name, column.values) for column in request.columns]
        found = await asyncio.get_running_loop().run_in_executor(self._pool, partial(infer_formats, columns))
        response = InferFormatsResponse()
        for column in found:
            message = response.inferences.add(
                name=column.name, format=column.format, decided_by=column.decided_by, question=column.question
            )
            for form, count in column.fits:
                message.fits.add(format=form, values=count)
        return response
