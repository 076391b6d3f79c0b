"""Listed issues into protobuf messages."""

from __future__ import annotations

from idweave.v1 import quality_service_pb2

from idweave_server.operations.list_issues import IssueKind, IssuesPage, ListedIssue
from idweave_server.rpc.convert_profile import put_weakest_link
from idweave_server.rpc.convert_values import numbers, put_identifier, put_issue, put_time

KINDS = numbers(quality_service_pb2.IssueKind, "ISSUE_KIND_", IssueKind)


def put_issues(message: quality_service_pb2.ListIssuesResponse, page: IssuesPage) -> None:
    message.next_page_token = page.token
    for listed in page.issues:
        put_listed_issue(message.issues.add(), listed)
    for count in page.counts:
        message.counts.add(kind=KINDS[count.kind], count=count.count, listed=count.listed)


def put_listed_issue(message: quality_service_pb2.ListedIssue, listed: ListedIssue) -> None:
    message.kind, message.remedy = KINDS[listed.kind], listed.remedy
    message.source, message.observation_id, message.profile_id = listed.source, listed.observation_id, listed.profile_id
    if listed.time is not None:
        put_time(message.time, listed.time)
    if listed.issue is not None:
        put_issue(message.issue, listed.issue)
    if listed.identifier is not None:
        put_identifier(message.identifier, listed.identifier, shared=listed.shared)
    if listed.weakest_link is not None:
        put_weakest_link(message.weakest_link, listed.weakest_link)
