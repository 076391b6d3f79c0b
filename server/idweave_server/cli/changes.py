"""What changes while the server runs, as further chapters: an id that retires and comes back, a merge and its undoing, somebody forgotten.

Each chapter does something through the client library and says what the server answers before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from idweave import (
    AssertionStanding,
    Client,
    GetProfileResponse,
    GoneReason,
    LookupOutcome,
    Observation,
    ProfileOutcome,
    identifier,
    observation,
    word,
)
from idweave import Outcome as OutcomeWord
from rich.text import Text

from idweave_server.cli.answers import Answers
from idweave_server.cli.findings import Finding
from idweave_server.cli.replies import called, named
from idweave_server.cli.story import Chapter

MAYA, PRIYA, CAMILLE = "email:maya.okafor@fernmail.zz", "email:priya.raman@fernmail.zz", "email:cdubois@postbus.zz"
NAMELESS = "cookie:c.c25420af83ccdbae"  # in the sample
BROWSER = "cookie:c.9b1d42e07a5c4f61"  # seen for the first time here
VISIT, LOGIN = "web-9001", "web-9002"  # observation ids
REDIRECTED, GONE = ProfileOutcome.PROFILE_OUTCOME_REDIRECTED, ProfileOutcome.PROFILE_OUTCOME_GONE

Told = tuple[Chapter, Sequence[Finding]]


@dataclass(frozen=True, slots=True)
class Stage:
    """The server as the chapters see it."""

    client: Client
    answers: Answers

    def owner(self, name: str) -> str:
        return self.client.lookup(identifier(name), consistency="full").result.profile_id

    def outcome(self, name: str) -> str:
        return word(LookupOutcome, self.client.lookup(identifier(name), consistency="full").result.outcome)

    def profile(self, profile_id: str) -> GetProfileResponse:
        return self.client.get_profile(profile_id, consistency="full")

    def visit(self, observation_id: str, kind: str, names: Sequence[str], day: int) -> Observation:
        seen = datetime(2024, 4, day, 9, 30, tzinfo=UTC)
        return observation(source="web", kind=kind, identifiers=names, time=seen, observation_id=observation_id)


def changes(client: Client, answers: Answers) -> list[Told]:
    """Make the changes, and tell them."""
    stage = Stage(client, answers)
    chapters: tuple[tuple[Chapter, Callable[[Stage], list[Finding]]], ...] = (
        (RETIRED, retired), (UNDONE, undone), (FORGOTTEN, forgotten),
    )  # fmt: skip
    return [(chapter, tell(stage)) for chapter, tell in chapters]


RETIRED = Chapter(
    "An id that retires, and comes back",
    "While the server runs, a browser nobody knows reads the web shop and is given a profile of its own. A day later Maya logs in from it.",
    "Two profiles become one, and the browser's id answers with hers from then on. Taken back, the log-in leaves no trace.",
    (),
)


def retired(stage: Stage) -> list[Finding]:
    client, maya = stage.client, stage.owner(MAYA)
    before = stage.profile(maya).profile
    alone = client.ingest(stage.visit(VISIT, "BROWSE", [BROWSER], 3)).result.profile_id
    found = [_found(alone not in ("", maya), f"{_short(BROWSER)} is somebody, and nobody knows who")]
    client.ingest(stage.visit(LOGIN, "LOGIN", [BROWSER, MAYA], 4))
    reply = stage.profile(alone)
    survivor = called(reply.profile)
    said = f"the browser's id answers {word(ProfileOutcome, reply.outcome)}: {survivor or 'nobody'} has absorbed it"
    found.append(_found(reply.outcome == REDIRECTED and reply.profile.profile_id == maya and alone in reply.profile.merged_from, said))
    took = client.retract("web", LOGIN)
    again = stage.owner(BROWSER) == alone and stage.profile(maya).profile == before
    said = f"{LOGIN} is retracted, {took.profiles_changed} profiles changed: the browser is itself again, and Maya's profile what it was"
    return [*found, _found(again, said)]


UNDONE = Chapter(
    "A merge, and its undoing",
    "The data desk takes a browser without a name for Priya Raman's, says so, and learns that it was her sister's.",
    "The verdict merges two profiles at once; withdrawn, it parts them again, each with what it had.",
    (),
)


def undone(stage: Stage) -> list[Finding]:
    client = stage.client
    ids = stage.owner(PRIYA), stage.owner(NAMELESS)
    before = [stage.profile(one).profile for one in ids]
    reply = client.assert_same(PRIYA, NAMELESS, source="desk", assertion_id="desk-9001")
    merged = stage.owner(PRIYA)
    retired = next(one for one in ids if one != merged)
    size = len(stage.profile(merged).profile.identifiers)
    whole = size == sum(len(one.identifiers) for one in before)
    holds = whole and stage.owner(NAMELESS) == merged and stage.profile(retired).outcome == REDIRECTED
    standing = word(AssertionStanding, reply.standing)
    found = [_found(holds, f"SAME {standing}: one profile has all {size} identifiers, and the other's id answers with it")]
    client.withdraw("desk-9001")
    apart = (stage.owner(PRIYA), stage.owner(NAMELESS)) == ids and [stage.profile(one).profile for one in ids] == before
    said = f"withdrawn: {called(before[0])} and {_short(NAMELESS)} are two again, under their own ids, with what they had"
    return [*found, _found(apart, said)]


FORGOTTEN = Chapter(
    "Forgotten for good",
    "Camille Dubois asks the shop to forget her. A week later a backup of an old system sends one of her orders again.",
    "Her profile, her observations and their traces in the log are gone; what the backup sends is refused without being kept.",
    (),
)


def forgotten(stage: Stage) -> list[Finding]:
    client, camille = stage.client, stage.owner(CAMILLE)
    sent = next(one for one in stage.answers.sent if one.profile_id == camille and one.canonical.source.name == "shop_us")
    would = client.erase(profile_id=camille, validate_only=True)
    done = client.erase(profile_id=camille)
    counts = f"{done.observations} observations forgotten, {done.rewritten_entries} log entries rewritten without them"
    found = [_found(done.observations == would.observations > 0, counts)]
    reply = stage.profile(camille)
    left = stage.outcome(CAMILLE)
    gone = reply.outcome == GONE and reply.gone_reason == GoneReason.GONE_REASON_ERASED and left == "UNKNOWN"
    answer = f"{word(ProfileOutcome, reply.outcome)} ({word(GoneReason, reply.gone_reason)})"
    found.append(_found(gone, f"her id answers {answer}, and her address is {left}"))
    result = client.ingest(sent.canonical).result
    refused = result.outcome == OutcomeWord.OUTCOME_ERASED and stage.outcome(CAMILLE) == "UNKNOWN"
    said = f"{sent.canonical.observation_id}, sent again, is {word(OutcomeWord, result.outcome)}: nothing of it is kept"
    return [*found, _found(refused, said)]


def _found(holds: bool, said: str) -> Finding:
    return Finding(holds, Text(said))


def _short(name: str) -> str:
    return named(identifier(name), short=True).plain
