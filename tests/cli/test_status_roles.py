"""`idweave status` tells who writes, how far a standby is behind, and what is the matter with store and graph."""

from __future__ import annotations

import pytest
from idweave import FollowLag, GetStatusResponse, ProjectionStatus, ServerRole
from idweave_server.cli.status import _lines
from rich.console import Console


def shown(response: GetStatusResponse) -> str:
    console = Console(width=200)
    with console.capture() as caught:
        for line in _lines(response, "a:1"):
            console.print(line)
    return caught.get()


def leased(role: ServerRole, **fields: object) -> GetStatusResponse:
    response = GetStatusResponse(role=role, store_reachable=True)
    response.lease.FromSeconds(10)
    for name, value in fields.items():
        setattr(response, name, value)
    return response


def test_a_store_with_a_lock_of_its_own_has_no_roles() -> None:
    assert "role" not in shown(GetStatusResponse(role=ServerRole.SERVER_ROLE_WRITER, leader="a:1"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "stands by; nobody writes just now; 3 entries behind, 1.5 s ago it had all"),
        ({"leader": "b:1"}, "stands by; b:1 writes;"),
        ({"store_reachable": False}, "its database cannot be reached: reads go on, writes are refused"),
    ],
)
def test_a_standby_says_whom_it_follows(fields: dict[str, object], said: str) -> None:
    response = leased(ServerRole.SERVER_ROLE_STANDBY, **fields)
    lag = FollowLag(entries=3)
    lag.time.FromMilliseconds(1_500)
    response.lag.CopyFrom(lag)
    assert said in shown(response)


def test_the_one_that_writes_says_so_and_how_its_graph_is() -> None:
    response = leased(ServerRole.SERVER_ROLE_WRITER)
    assert "writes; another server may take over 10 s after it died" in shown(response)
    assert "graph" not in shown(response)
    response.projection.CopyFrom(ProjectionStatus(entries=7))
    assert "as far as the log" in shown(response)
    response.projection.CopyFrom(ProjectionStatus(entries=7, lag_entries=2, lag_observations=9, holds_writes=True, error="it is away"))
    assert "2 entries, 9 observations behind; writes wait for it  it is away" in shown(response)
