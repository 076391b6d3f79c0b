"""What needs a person's eye: values set aside, observations refused, shared identifiers, fragile profiles, verdicts without effect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from idweave_server.model import Issue, Outcome, Shared
from idweave_server.operations.get_profile import WeakestLink
from idweave_server.operations.pages import FIRST_PAGE, Listing, PageRequest, Pages
from idweave_server.operations.tally import RefusedObservation, Tally
from idweave_server.resolution.unite import Standing

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine
    from idweave_server.engine.identifier_store import Known
    from idweave_server.engine.survey import StoredVerdict

LISTED = 10_000  # of each kind


class IssueKind(IntEnum):
    """Numbered as in quality_service.proto, and listed in this order."""

    QUARANTINED = 1
    CONFLICT = 2
    REJECTED = 3
    SHARED = 4
    FRAGILE = 5
    VERDICT = 6


@dataclass(frozen=True, slots=True, repr=False)
class ListedIssue:
    """One thing to look at. time: seconds, None where none is known; source, observation_id: of the observation or the verdict; issue: what
    was refused. Fields that do not apply are blank."""

    kind: IssueKind
    remedy: str
    time: int | None = None
    source: str = ""
    observation_id: str = ""
    issue: Issue | None = None
    identifier: Known | None = None
    shared: Shared = Shared.NONE
    profile_id: str = ""
    weakest_link: WeakestLink | None = None


@dataclass(frozen=True, slots=True)
class IssueCount:
    """listed: how many of them the pages show."""

    kind: IssueKind
    count: int
    listed: int


@dataclass(frozen=True, slots=True)
class IssuesQuestion:
    """kinds: none for all."""

    kinds: frozenset[IssueKind] = frozenset()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True, slots=True, repr=False)
class IssuesPage:
    issues: tuple[ListedIssue, ...]
    counts: tuple[IssueCount, ...]
    token: str
    revision: str


# An item of a list: it looks the issue up when its page is asked for, and says None where it has gone meanwhile.
Item = Callable[[], ListedIssue | None]


def list_issues(engine: Engine, tally: Tally, pages: Pages, question: IssuesQuestion, revision: str) -> IssuesPage:
    """revision: of the present state. Raises RequestError, PageTokenError."""
    kinds = [kind for kind in IssueKind if not question.kinds or kind in question.kinds]

    def make() -> Listing:
        found = [_Lister(engine, tally).of(kind) for kind in kinds]
        counts = tuple(IssueCount(kind, count, len(items)) for kind, (count, items) in zip(kinds, found, strict=True))
        return Listing([item for _, items in found for item in items], (counts, revision))

    page = pages.page(question.page, ("issues", kinds), make)
    issues = tuple(issue for item in page.items if (issue := item()) is not None)
    counts, of_list = page.about
    return IssuesPage(issues, counts, page.token, of_list)


class _Lister:
    """Makes the list of each kind: how many there are, and an item for each that can be listed."""

    def __init__(self, engine: Engine, tally: Tally) -> None:
        self._engine, self._tally = engine, tally

    def of(self, kind: IssueKind) -> tuple[int, Sequence[Item]]:
        return {
            IssueKind.QUARANTINED: self._quarantined,
            IssueKind.CONFLICT: lambda: self._refused(IssueKind.CONFLICT, Outcome.CONFLICT),
            IssueKind.REJECTED: lambda: self._refused(IssueKind.REJECTED, Outcome.REJECTED),
            IssueKind.SHARED: self._shared,
            IssueKind.FRAGILE: self._fragile,
            IssueKind.VERDICT: self._verdicts,
        }[kind]()

    def _quarantined(self) -> tuple[int, Sequence[Item]]:
        places = self._engine.quarantined()
        return places.size, [lambda at=at: self._set_aside(at) for at in places[::-1][:LISTED].tolist()]

    def _set_aside(self, at: int) -> ListedIssue | None:
        value = self._engine.quarantined_value(at)
        if value is None:  # its observation was taken back since
            return None
        seen = self._engine.observation(value.row)
        issue = Issue("", 0, value.field, value.reason, value.value, value.message)
        return ListedIssue(IssueKind.QUARANTINED, value.message, seen.time, seen.source, seen.observation_id, issue)

    def _refused(self, kind: IssueKind, outcome: Outcome) -> tuple[int, Sequence[Item]]:
        kept = [refused for refused in reversed(self._tally.refused) if refused.outcome == outcome]
        return self._tally.of(outcome), [lambda one=one: _refusal(kind, one) for one in kept]

    def _shared(self) -> tuple[int, Sequence[Item]]:
        codes = self._engine.shared_codes()
        return len(codes), [lambda code=code: self._shared_now(code) for code in codes[:LISTED].tolist()]

    def _shared_now(self, code: int) -> ListedIssue | None:
        standing = self._engine.standing(code)
        if not standing.shared or not self._engine.is_observed(code):
            return None
        known, reason = self._engine.identifier(code), Shared(standing.shared)
        return ListedIssue(IssueKind.SHARED, SHARED_REMEDIES[reason], identifier=known, shared=reason)

    def _fragile(self) -> tuple[int, Sequence[Item]]:
        engine = self._engine
        found = [
            ListedIssue(
                IssueKind.FRAGILE,
                "look at its weakest link with Explain; state SAME where both ends are one person's, DIFFERENT where they are not",
                profile_id=engine.profile_id(slot),
                identifier=engine.identifier(left),
                weakest_link=WeakestLink(engine.identifier(left), engine.identifier(right), strength),
            )
            for slot, left, right, strength in engine.fragile(LISTED)
        ]
        return len(found), [lambda one=one: one for one in found]

    def _verdicts(self) -> tuple[int, Sequence[Item]]:
        idle = [verdict for verdict in self._engine.verdicts_listed() if verdict.standing in VERDICT_REMEDIES]
        newest = sorted(idle, key=lambda verdict: -verdict.time)
        return len(idle), [lambda one=one: _without_effect(one) for one in newest[:LISTED]]


def _refusal(kind: IssueKind, refused: RefusedObservation) -> ListedIssue:
    issue = Issue("", 0, refused.field, refused.reason, refused.value, refused.message)
    return ListedIssue(kind, refused.message, refused.time, refused.source, refused.observation_id, issue)


def _without_effect(verdict: StoredVerdict) -> ListedIssue:
    remedy = VERDICT_REMEDIES[verdict.standing]
    return ListedIssue(IssueKind.VERDICT, remedy, verdict.time, verdict.source, verdict.assertion_id, identifier=verdict.left)


SHARED_REMEDIES = {
    Shared.FAKE: "made up by its look; state PERSONAL where it is somebody's after all",
    Shared.ROLE: "an office's mailbox by its name; state PERSONAL where one person has it",
    Shared.SERVICE: "a toll-free, shared-cost or premium number; state PERSONAL where one person has it",
    Shared.NAMES: "seen with several people's names; state PERSONAL where it is one person's, or correct the source",
    Shared.PARTNERS: "seen with more addresses than one person has; state PERSONAL where it is one person's, or correct the source",
    Shared.ASSERTED: "a verdict says so; withdraw it, or state PERSONAL, where it is wrong",
}
VERDICT_REMEDIES = {
    Standing.OVERRULED: "a later verdict on the same identifiers counts instead; nothing to do, or withdraw it",
    Standing.CONTRADICTED: "a DIFFERENT forbids it, directly or through a chain of SAMEs; withdraw one of them",
    Standing.ASLEEP: "one of its identifiers is shared; state PERSONAL on that one first",
    Standing.UNSEEN: "one of its identifiers was never observed; it counts as soon as it is",
}
