"""A scenario played on a real server whose clock is driven: through the client library alone, and what comes about is looked at as told.

    with aside(folder, clock, policy=...) as server, Client(server.address) as client:
        play = Play(client, lambda at: ..., scenario)
        for stage in scenario.stages:
            play.stage(stage)

Whoever plays says how the clock is moved: what is due then need not have come about when the call returns, since `stage` waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from idweave import (
    ChangeCause,
    Client,
    MembershipChange,
    MembershipChangeKind,
    Outcome,
    TemplateUse,
    Truth,
    event,
    moment,
    money,
    segments,
    word,
)
from idweave import Observation as Message
from idweave.observations import observation
from idweave_server.operations.writer import Writer

from tests.scenarios.load import NEVER, Change, Expected, Observed, Scenario, Segment, Stage

Row = tuple[str, datetime | None, datetime | None]  # (profile id, since when, until when) of a member


@dataclass(frozen=True, slots=True)
class Came:
    """A change as the server told it."""

    id: str
    segment: str
    profile: str
    kind: str
    cause: str
    effective_at: int


@dataclass(slots=True)
class Play:
    """move: moves the server's clock to a second, and returns when what is due by then has come about. told: all changes so far; begin: the
    token before them."""

    client: Client
    move: Callable[[int], None]
    scenario: Scenario
    told: list[Came] = field(default_factory=list)
    begin: str = ""
    _token: str = ""
    _owners: dict[str, set[str]] = field(default_factory=dict)  # the profiles that each identifier belonged to

    def open(self) -> None:
        """Put the segments; the clock says what it says before the first stage."""
        for segment in self.scenario.segments:
            reply = self.client.put_segment(segment.name, definition(segment))
            assert (reply.segment.version, list(reply.problems), list(reply.warnings)) == (1, [], []), segment.name
        self.begin = self._token = self.client.get_status(consistency="full").revision

    def stage(self, stage: Stage) -> None:
        """Play it, and look at what has to be so at its end."""
        self.move(stage.at)
        for observed in stage.observe:
            self._note_owners()
            reply = self.client.ingest(message(observed))
            assert word(Outcome, reply.result.outcome) == "ACCEPTED", (observed.id, reply)
            assert not reply.result.issues, (observed.id, reply)
            self._owners.update({one: self._owners.get(one, set()) for one in observed.identifiers})
            self._note_owners()
        self._look_at_changes(stage)
        assert self.entered() == {name: {row[0] for row in rows} for name, rows in self.members().items()}
        for check in stage.expect:
            self._look_at(check, stage.at)

    def members(self) -> dict[str, list[Row]]:
        """Who is in which segment, by profile."""
        found: dict[str, list[Row]] = {}
        for segment in self.scenario.segments:
            pages = self.client.list_members(segment.name, consistency="full")
            rows = [row for page in pages for row in page.members]
            found[segment.name] = [(row.profile_id, moment(row, "since"), moment(row, "valid_until")) for row in rows]
        return found

    def entered(self) -> dict[str, set[str]]:
        """Who is in which segment by what was told alone."""
        found: dict[str, set[str]] = {segment.name: set() for segment in self.scenario.segments}
        for one in self.told:
            inside = found[one.segment]
            assert (one.profile in inside) == (one.kind == "LEFT"), f"{one}, and it was so already"
            inside ^= {one.profile}
        return found

    def told_again(self) -> list[Came]:
        """All changes since the begin, asked for once more."""
        return drained(self.client, self.begin)

    def _look_at_changes(self, stage: Stage) -> None:
        came = drained(self.client, self._token)
        self.told += came
        self._token = self.client.get_status(consistency="full").revision
        told = sorted((one.effective_at, one.segment, one.kind, one.cause) for one in came)
        assert told == sorted((one.effective_at, one.segment, one.kind, one.cause) for one in stage.changes), said(stage.at)
        for expected in stage.changes:
            assert any(self._is(one, expected) for one in came), f"{expected} at {said(stage.at)}: {came}"
        effective = [one.effective_at for one in came]
        assert effective == sorted(effective), "changes are told in the order in which they come about"

    def _is(self, came: Came, expected: Change) -> bool:
        same = (came.segment, came.kind, came.effective_at) == (expected.segment, expected.kind, expected.effective_at)
        return same and came.profile in self._owners[expected.identifier]

    def _look_at(self, expected: Expected, at: int) -> None:
        reply = self.client.check_membership(expected.identifier, expected.segment, consistency="full")
        [found] = reply.memberships
        where = f"{expected.identifier} in {expected.segment} at {said(at)}"
        assert word(Truth, found.truth) == expected.truth, where
        until = moment(found, "valid_until")
        if expected.valid_until is not None:
            assert until == (None if expected.valid_until == NEVER else said(expected.valid_until)), where
        listed = {row[0]: row[2] for row in self.members()[expected.segment]}
        assert (reply.profile_id in listed) == (expected.truth == "TRUE"), f"{where}, as it is listed"
        assert listed.get(reply.profile_id, until) == until, f"{where}, as it is listed"

    def _note_owners(self) -> None:
        for identifier, owners in self._owners.items():
            owners.add(self.client.lookup(identifier, consistency="full").result.profile_id)


def definition(segment: Segment) -> TemplateUse | str:
    if segment.template:
        return segments.template(segment.template, **segment.parameters)
    return segments.text_of(segment.expression or {})


def message(observed: Observed) -> Message:
    happened = [
        event(one.type, amount=None if one.amount is None else money(one.amount, one.currency), properties=dict(one.properties))
        for one in observed.events
    ]
    return observation(
        source=observed.source,
        kind=observed.evidence_kind,
        identifiers=observed.identifiers,
        traits=dict(observed.traits),
        events=happened,
        time=said(observed.time),
        observation_id=observed.id,
    )


def drained(client: Client, token: str) -> list[Came]:
    """All changes after a token, up to the state as it is now."""
    found: list[Came] = []
    last = client.get_status(consistency="full").revision
    while token != last:
        watch = client.watch_membership(resume_token=token, timeout=60.0)
        more = True
        while more:
            told = next(watch)
            found += [came(one) for one in told.changes]
            more = told.more
        watch.close()
        token = told.resume_token
    return found


def came(change: MembershipChange) -> Came:
    assert not change.backfilled
    return Came(
        change.change_id,
        change.segment,
        change.profile_id,
        word(MembershipChangeKind, change.kind),
        word(ChangeCause, change.cause),
        change.effective_at.seconds,
    )


def next_due(writer: Writer) -> int:
    """The second at which a server has something to do by itself: what time changes, or cut points."""
    return min((at for at in (writer.due(), writer.cuts_due()) if at is not None), default=NEVER)


def said(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
