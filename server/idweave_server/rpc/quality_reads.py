"""The reads of QualityService: convert, call, convert."""

from __future__ import annotations

from idweave.v1.quality_service_pb2 import ListIssuesRequest, ListIssuesResponse

from idweave_server.operations.reader import Reader
from idweave_server.rpc.convert_issues import put_issues
from idweave_server.rpc.convert_questions import consistency_of, issues_question_of


class QualityReads:
    """Answers from the reader. Errors are the domain's; what surrounds the call makes statuses of them."""

    reader: Reader

    async def ListIssues(self, request: ListIssuesRequest) -> ListIssuesResponse:  # noqa: N802
        question = issues_question_of(request)
        await self.reader.fresh(consistency_of(request.consistency))
        page = self.reader.list_issues(question)
        response = ListIssuesResponse(revision=page.revision)
        put_issues(response, page)
        return response
