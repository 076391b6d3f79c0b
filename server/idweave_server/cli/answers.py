"""What a server answers about a story's observations and identifiers, in the words of its chapters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache

from idweave import (
    Client,
    Identifier,
    LookupMatch,
    LookupOutcome,
    NotFoundError,
    Observation,
    Profile,
    identifier,
    trait_value,
)
from rich.text import Text

from idweave_server.cli.replies import called, named
from idweave_server.cli.wording import QUIET, listed, quoted
from idweave_server.errors import InputError
from idweave_server.model import Outcome

FOUND = LookupOutcome.LOOKUP_OUTCOME_FOUND


@dataclass(frozen=True, slots=True)
class Sent:
    """An observation that was sent. canonical: as the server understands it; outcome: what became of it; profile_id: whose it is at the
    end, blank for nobody's."""

    canonical: Observation
    outcome: Outcome
    profile_id: str

    @property
    def names(self) -> list[str]:
        return [named(one).plain for one in self.canonical.identifiers]


class Answers:
    """Asks one server, and remembers what it said of profiles: nothing changes while a story is told."""

    def __init__(self, client: Client, sent: Sequence[Sent]) -> None:
        self.client, self.sent = client, sent
        self.profile = cache(self._profile)

    def match(self, name: str, at: date | None = None) -> LookupMatch:
        """What is found for an identifier, now or at the beginning of a day."""
        return self.client.lookup(identifier(name), as_of=moment_of(at), consistency="full").result.matches[0]

    def owner(self, name: str, at: date | None = None) -> str:
        """The id of the profile that it belongs to, blank for nobody's. Raises InputError for what was never observed."""
        found = self.match(name, at)
        if found.outcome == LookupOutcome.LOOKUP_OUTCOME_UNKNOWN:
            raise InputError(f"{name} is in no observation")
        return found.profile_id

    def _profile(self, profile_id: str) -> Profile | None:
        """The profile of an id, or its survivor."""
        try:
            reply = self.client.get_profile(profile_id)
        except NotFoundError:
            return None
        return reply.profile if reply.HasField("profile") else None

    def observations_of(self, profile_id: str) -> list[Observation]:
        """What a person did, newest first."""
        return [one for page in self.client.get_timeline(profile_id, page_size=1_000) for one in page.observations]

    def person(self, profile_id: str, *, told_apart: bool = False) -> Text:
        """What a profile is called; one without a name goes by its first identifier. told_apart: add one where it has a name, too."""
        profile = self.profile(profile_id) if profile_id else None
        if profile is None:
            return Text("nobody")
        emails = [one.identifier for one in profile.identifiers if one.identifier.namespace == "email"]
        first = named((emails or [one.identifier for one in profile.identifiers])[0], short=True)
        name = called(profile)
        if not name:
            return first
        return Text.assemble((name, "bold"), (f" ({first.plain.partition(':')[2]})", QUIET)) if told_apart else Text(name, "bold")

    def people(self, profile_ids: Sequence[str]) -> Text:
        """Who they are; with an address of each where two are called the same."""
        plain = [self.person(one) for one in profile_ids]
        alike = len({text.plain for text in plain}) < len(plain)
        return listed([self.person(one, told_apart=True) for one in profile_ids] if alike else plain)

    def saw(self, name: str) -> list[Sent]:
        """The observations that count and that saw an identifier, in the order of their times."""
        found = [one for one in self.sent if one.outcome in (Outcome.ACCEPTED, Outcome.UNLINKED) and name in one.names]
        return sorted(found, key=lambda one: (one.canonical.time.seconds, one.canonical.observation_id))

    def reports(self, observation_id: str) -> list[Sent]:
        return [one for one in self.sent if one.canonical.observation_id == observation_id]


def first_names(observations: Iterable[Observation]) -> list[tuple[str, int]]:
    """The first names that observations state, with how often; the most frequent first."""
    said: Counter[str] = Counter()
    for one in observations:
        stated = {trait.name: str(trait_value(trait)) for trait in one.traits}
        first, _, rest = stated.get("full_name", "").partition(" ")
        name = stated.get("first_name") or (first if rest else "")
        if name:
            said[name.title()] += 1
    return sorted(said.items(), key=lambda name: (-name[1], name[0]))


def counted(names: Sequence[tuple[str, int]]) -> str:
    """First names with how often each was stated."""
    return quoted([f"{name} ({count})" for name, count in names])


def moment_of(at: date | None) -> datetime | None:
    return None if at is None else datetime.combine(at, time(), UTC)


def short(found: Identifier) -> Text:
    return named(found, short=True)
