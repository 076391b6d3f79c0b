"""ListIssues from request to reply."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from idweave.v1 import quality_service_pb2
from idweave.v1.issue_pb2 import RefusalReason
from idweave.v1.quality_service_pb2 import ListIssuesRequest, ListIssuesResponse
from idweave_server.errors import RequestError
from idweave_server.rpc.quality_reads import QualityReads

from tests.operations.living import Living, day


@pytest.fixture
def living() -> Iterator[Living]:
    made = Living()
    yield made
    made.close()


def list_issues(living: Living, *kinds: int, size: int = 0, token: str = "") -> ListIssuesResponse:
    service = QualityReads()
    service.reader = living.reader
    request = ListIssuesRequest(kinds=kinds, page_size=size, page_token=token)  # type: ignore[arg-type]
    return asyncio.run(service.ListIssues(request))


def test_issues_in_full(living: Living) -> None:
    living.see("email:jo@shop.de", "phone:+14158475309", "email:nobody", at=1, kind="WIFI", observation_id="a")
    living.see("email:info@shop.de", at=2)
    reply = list_issues(living)
    assert reply.revision == living.revision()
    assert [(count.kind, count.count, count.listed) for count in reply.counts] == [
        (quality_service_pb2.ISSUE_KIND_QUARANTINED, 1, 1),
        (quality_service_pb2.ISSUE_KIND_CONFLICT, 0, 0),
        (quality_service_pb2.ISSUE_KIND_REJECTED, 0, 0),
        (quality_service_pb2.ISSUE_KIND_SHARED, 1, 1),
        (quality_service_pb2.ISSUE_KIND_FRAGILE, 1, 1),
        (quality_service_pb2.ISSUE_KIND_VERDICT, 0, 0),
    ]
    aside, shared, fragile = reply.issues
    assert (aside.observation_id, aside.source, aside.time.seconds) == ("a", "shop", day(1))
    assert (aside.issue.reason, aside.issue.value) == (RefusalReason.REFUSAL_REASON_EMAIL_SYNTAX, "nobody")
    assert shared.identifier.value == "info@shop.de"
    assert not shared.HasField("issue")
    assert not shared.HasField("time")
    assert fragile.profile_id == living.profile_of("email:jo@shop.de")
    assert fragile.weakest_link.probability == pytest.approx(0.5)
    assert all(issue.remedy for issue in reply.issues)


def test_kinds_and_pages(living: Living) -> None:
    for at in range(3):
        living.see("email:jo@shop.de", f"email:nobody{at}", at=at, observation_id=str(at))
    kind = quality_service_pb2.ISSUE_KIND_QUARANTINED
    first = list_issues(living, kind, size=2)
    second = list_issues(living, kind, size=2, token=first.next_page_token)
    assert [issue.observation_id for issue in (*first.issues, *second.issues)] == ["2", "1", "0"]
    assert second.next_page_token == ""


@pytest.mark.parametrize("kind", [0, 99])
def test_a_kind_that_there_is_not_is_refused_by_its_place(living: Living, kind: int) -> None:
    with pytest.raises(RequestError, match=r"kinds\[0\]"):
        list_issues(living, kind)
