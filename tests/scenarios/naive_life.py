"""A scenario played in plain Python: profiles are what shared identifiers connect, and each is looked at second by second.

It knows nothing of shared identifiers, names or verdicts, so scenarios that need those it would get wrong; and it follows segments made
from templates alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from idweave_server.segments.expression import Expression
from idweave_server.segments.templates.registry import instantiate

from tests.scenarios.load import NEVER, Observed, Scenario, Stage
from tests.segments.templates.naive import Truth, timeline, truth
from tests.segments.templates.people import Happening, Person, at

STEP, HORIZON = 4 * 3_600, 800 * 86_400  # seconds; no scenario has a change that is taken back by time alone within a step
Profile = frozenset[str]  # its identifiers


@dataclass(frozen=True, slots=True)
class Came:
    """A change that came about: of which profile, by all its identifiers then."""

    effective_at: int
    segment: str
    kind: str
    cause: str
    profile: Profile


class Life:
    def __init__(self, scenario: Scenario) -> None:
        self.expressions = {one.name: instantiate(one.template, one.parameters) for one in scenario.segments if one.template}
        money = tomllib.loads(scenario.policy).get("money", {}).get("rates", {})
        self.rates = {(currency, "USD"): Decimal(str(rate)) for currency, rate in money.items()}
        self.observed: list[Observed] = []
        self.now = scenario.stages[0].at

    def play(self, stage: Stage) -> list[Came]:
        """What came about since the stage before, in order of time."""
        came = sorted(self._by_the_clock(stage.at), key=lambda one: (one.effective_at, one.segment))
        self.now = stage.at
        for observation in stage.observe:
            came += self._by_observation(observation)
        return came

    def truth(self, segment: str, identifier: str) -> Truth:
        return truth(self.expressions[segment], self._person(self._profile(identifier)), self.now)

    def valid_until(self, segment: str, identifier: str) -> int:
        person = self._person(self._profile(identifier))
        changes = timeline(self.expressions[segment], person, self.now, self.now + HORIZON, STEP)[1:]
        return at(changes[0][0]) if changes else NEVER

    def _by_the_clock(self, until: int) -> Iterator[Came]:
        for profile in self._profiles():
            for name, said in self.expressions.items():
                told = timeline(said, self._person(profile), self.now, until, STEP)
                for (_, before), (second, after) in pairwise(told):
                    if (before is True) != (after is True):
                        yield Came(at(second), name, "ENTERED" if after else "LEFT", "CLOCK", profile)

    def _by_observation(self, observation: Observed) -> Iterator[Came]:
        before = self._members()
        former = [profile for profile in self._profiles() if profile & set(observation.identifiers)]
        self.observed.append(observation)
        cause = "MERGE" if len(former) > 1 else "EVENT"
        (profile,) = (one for one in self._profiles() if set(observation.identifiers) <= one)
        for name in self.expressions:
            was = [old for old in former if (name, old) in before]
            if was and (name, profile) not in self._members():
                yield from (Came(self.now, name, "LEFT", cause, old) for old in was)
            if not was and (name, profile) in self._members():
                yield Came(self.now, name, "ENTERED", cause, profile)

    def _members(self) -> set[tuple[str, Profile]]:
        return {(name, one) for name, said in self.expressions.items() for one in self._profiles() if self._is_in(said, one)}

    def _is_in(self, said: Expression, profile: Profile) -> bool:
        return truth(said, self._person(profile), self.now) is True

    def _profiles(self) -> list[Profile]:
        found: list[Profile] = []
        for observation in self.observed:
            joined = [one for one in found if one & set(observation.identifiers)]
            found = [one for one in found if one not in joined] + [frozenset(observation.identifiers).union(*joined)]
        return found

    def _profile(self, identifier: str) -> Profile:
        return next(one for one in self._profiles() if identifier in one)

    def _person(self, profile: Profile) -> Person:
        own = [one for one in self.observed if profile & set(one.identifiers)]
        stated = {name: value for one in sorted(own, key=lambda one: one.time) for name, value in one.traits.items()}
        namespaces = tuple(identifier.partition(":")[0].partition("@")[0] for identifier in sorted(profile))
        return Person(tuple(happening for one in own for happening in happenings(one)), stated, identifiers=namespaces, rates=self.rates)


def happenings(observed: Observed) -> Iterator[Happening]:
    for event in observed.events:
        values = ((name, value) for name, given in event.properties.items() for value in ([given] if isinstance(given, str) else given))
        yield Happening(observed.time, event.type, event.amount, event.currency, tuple(values))
