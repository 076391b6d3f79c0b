"""People who are made up for a load. All observations of a person carry one e-mail address, so that it is known whose they are."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from idweave import Observation, event, identifier, money

LONG_AGO = 1_700_000_000  # seconds UTC
FIRST = ("Anna", "Boris", "Carla", "Deniz", "Emil", "Farah", "Goran", "Hanna", "Ivo", "Jana")
LAST = ("Albers", "Brandt", "Celik", "Dorn", "Eder", "Fuchs", "Gruber", "Horvat")
SOURCES = ("web", "app", "shop")
KINDS = ("LOGIN", "APP_LOGIN", "ORDER", "SIGN_UP")  # one such report is enough to unite what it names


@dataclass(eq=False)
class Person:
    """number: another one for each; named: whether their observations state a name, which keeps them apart from people of other names.

    own: the profile id that they were given first; profile: the one they have now, another's where they are united with somebody; both are
    empty until they are told. known: their observations that count, by source and id.
    """

    number: int
    named: bool = True
    own: str = ""
    profile: str = ""
    known: dict[tuple[str, str], Observation] = field(default_factory=dict)

    @property
    def anchor(self) -> str:
        return f"email:p{self.number:07x}@kranich-werft.de"

    def learn(self, profile: str) -> None:
        """Whoever tells the profile of an observation of theirs has to tell the same."""
        assert profile, f"{self.anchor} belongs to nobody"
        self.own, self.profile = self.own or profile, self.profile or profile
        assert profile == self.profile, f"{self.anchor} was of {self.profile} and is of {profile} now"


def seen(name: str, *people: Person, chance: random.Random, time: int) -> Observation:
    """An observation of somebody; of several people at once it unites them. The first of a person's has nothing beside the address that
    could give a profile its id."""
    person = people[0]
    fresh = any(not one.own for one in people)
    beside = [f"cookie:ck-{person.number:07x}-{chance.randrange(3)}", f"ip:198.51.100.{chance.randrange(1, 250)}"]
    if not fresh:
        beside += [f"phone:+49304{person.number:07d}", f"device:dev-{person.number:07x}-0123456789", "phone:12"]  # the last cannot be read
    texts = [one.anchor for one in people] + chance.sample(beside, chance.randrange(len(beside)))
    made = Observation(observation_id=name, evidence_kind=chance.choice(KINDS), identifiers=[identifier(text) for text in texts])
    made.source.name = chance.choice(SOURCES)
    made.time.seconds = time
    if person.named:
        made.traits.add(name="first_name", text=FIRST[person.number % len(FIRST)])
        made.traits.add(name="last_name", text=LAST[person.number % len(LAST)])
    if chance.random() < 0.3:
        made.events.append(event("order", amount=money(chance.randrange(1, 500), "EUR"), properties={"item": chance.randrange(99)}))
    return made


def passer_by(name: str, chance: random.Random, time: int) -> Observation:
    """An observation that belongs to nobody: it names an address on the network alone."""
    made = Observation(observation_id=name, evidence_kind="BROWSE", identifiers=[identifier(f"ip:198.51.100.{chance.randrange(1, 250)}")])
    made.source.name = "web"
    made.time.seconds = time
    return made
