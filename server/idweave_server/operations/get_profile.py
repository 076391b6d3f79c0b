"""One profile with its identifiers and traits; a retired id answers with its survivor, or says why there is none."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

from idweave_server.engine.standings import usual_standing
from idweave_server.errors import NotFoundError, RequestError
from idweave_server.operations.identifier_reader import IdentifierReader, Named
from idweave_server.operations.lookup import LookupOutcome, Query, look_up
from idweave_server.operations.memberships import Attribute, Held

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine
    from idweave_server.engine.identifier_store import Known
    from idweave_server.engine.reading import Member

PROFILE_ID_LENGTH = 36  # of a UUID as text
TAGS = "tags"  # an attribute that is shown by itself
KEPT = 4_096  # profiles whose answer is kept: a few kilobytes each
NO_PROFILE = "no profile has, or ever had, this id in this store"

Value = str | int | float | bool


class ProfileOutcome(IntEnum):
    """Numbered as in identity_service.proto."""

    FOUND = 1
    REDIRECTED = 2
    GONE = 3


class GoneReason(IntEnum):
    """Numbered as in identity_service.proto."""

    NONE = 0
    SHARED = 1
    ERASED = 2
    RETRACTED = 3
    EXPIRED = 4


@dataclass(frozen=True, slots=True, repr=False)
class Subject:
    """Whom a request is about: the id of a profile, or an identifier; one of them is given."""

    profile_id: str = ""
    identifier: Named | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ProfileIdentifier:
    """An identifier of a profile, or one epoch of it. observed: the latest spelling; begin (exclusive), end (inclusive): None for the first
    and the last epoch; times in seconds."""

    identifier: Known
    observed: str
    begin: int | None
    end: int | None
    first_seen: int
    last_seen: int
    observations: int


@dataclass(frozen=True, slots=True, repr=False)
class ProfileTrait:
    """A value that a profile shows, and which source stated it when."""

    name: str
    value: Value
    source: str
    time: int


@dataclass(frozen=True, slots=True, repr=False)
class WeakestLink:
    """strength: micro-nats."""

    left: Known
    right: Known
    strength: int


@dataclass(frozen=True, slots=True, repr=False)
class Profile:
    """identifiers: lasting ones before passing ones, then by namespace and value; traits: by name; merged_from: oldest first. attributes:
    those with a value; tags, segments: by name; all three as they are now, as they change with the clock."""

    profile_id: str
    identifiers: tuple[ProfileIdentifier, ...]
    traits: tuple[ProfileTrait, ...]
    merged_from: tuple[str, ...]
    first_seen: int
    last_seen: int
    observations: int
    weakest_link: WeakestLink | None
    attributes: tuple[Attribute, ...] = ()
    tags: tuple[str, ...] = ()
    segments: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class ProfileAnswer:
    """profile: None where GONE, and then gone says why; former_company: the profile of all former partners, "" without a single one."""

    outcome: ProfileOutcome
    profile: Profile | None
    gone: GoneReason = GoneReason.NONE
    former_company: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class _Kept:
    """touched: the entry that last touched the profile; ranking: the cut points of its scores; until: the second at which time changes it;
    profile: without segments."""

    touched: int
    ranking: object
    until: int
    profile: Profile


class Profiles:
    """Profiles as they are shown; what was built is kept until the profile is touched again or time changes what is computed of it."""

    def __init__(self, engine: Engine, kept: int = KEPT) -> None:
        self._engine, self._limit = engine, kept
        self._kept: OrderedDict[int, _Kept] = OrderedDict()  # by slot; slots are used again

    def get(self, reader: IdentifierReader, subject: Subject) -> ProfileAnswer:
        """Raises RequestError, and NotFoundError for an id that was never given out and for an identifier that belongs to nobody."""
        engine = self._engine
        if subject.identifier is not None:
            return ProfileAnswer(ProfileOutcome.FOUND, self.show(owner_of(engine, reader, subject.identifier)))
        found = engine.look_up_profile(checked_id(subject.profile_id))
        if found.outcome == "UNKNOWN":
            raise NotFoundError(NO_PROFILE)
        if found.outcome == "GONE":
            company = engine.profile_id(found.former_company) if found.former_company >= 0 else ""
            return ProfileAnswer(ProfileOutcome.GONE, None, GoneReason[found.reason or "NONE"], company)
        return ProfileAnswer(ProfileOutcome[found.outcome], self.show(found.slot))

    def forget(self) -> None:
        """Drop what is kept, as after an erasure."""
        self._kept.clear()

    def show(self, slot: int) -> Profile:
        """What there is to tell of a profile."""
        engine, now = self._engine, self._engine.state_time
        touched, ranking = engine.published(slot), engine.state.rfm_cuts
        kept = self._kept.get(slot)
        whose = kept.profile.profile_id if kept is not None else ""  # slots are used again
        if kept is None or kept.touched != touched or kept.ranking is not ranking or now >= kept.until or whose != engine.profile_id(slot):
            computed = engine.memberships.computed(slot)
            kept = _Kept(touched, ranking, computed.until, show_profile(engine, slot, computed.attributes))
            self._kept[slot] = kept
            if len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        self._kept.move_to_end(slot)
        held = engine.memberships.held(slot)
        return replace(kept.profile, segments=tuple(held)) if held else kept.profile


def find_slot(engine: Engine, reader: IdentifierReader, subject: Subject) -> int:
    """The profile that a subject is about, or its survivor. Raises RequestError, and NotFoundError where there is none (any more)."""
    if subject.identifier is not None:
        return owner_of(engine, reader, subject.identifier)
    found = engine.look_up_profile(checked_id(subject.profile_id))
    if found.outcome == "UNKNOWN":
        raise NotFoundError(NO_PROFILE)
    if found.outcome == "GONE":
        raise NotFoundError(f"the profile of this id is gone ({found.reason.lower()}); GetProfile tells what became of it")
    return int(found.slot)


def owner_of(engine: Engine, reader: IdentifierReader, identifier: Named) -> int:
    """The profile that an identifier belongs to now. Raises RequestError, NotFoundError; neither shows the value."""
    found = reader.usable(identifier, "identifier")
    code = engine.find_one(found.high, found.low)
    usual = usual_standing(engine.state, code) if code >= 0 else None
    if usual is not None and not usual[1] and usual[2] >= 0:  # nearly all that are asked
        return usual[2]
    answer = look_up(engine, reader, Query((identifier,)))
    if answer.outcome != LookupOutcome.FOUND:
        raise NotFoundError(f"the identifier belongs to nobody: {NOBODYS[answer.outcome]}")
    return answer.slot


NOBODYS = {
    LookupOutcome.UNKNOWN: "it was never observed",
    LookupOutcome.SHARED: "it does not single out a person; Lookup tells why",
    LookupOutcome.CONTEXT: "it is context, such as an IP address",
    LookupOutcome.STALE: "nothing of it counts any more, as it was retracted or has expired",
}


def checked_id(profile_id: str) -> str:
    """Raises RequestError."""
    if not profile_id:
        raise RequestError.of("subject", "name a profile_id or an identifier")
    if len(profile_id) != PROFILE_ID_LENGTH or not profile_id.isascii():
        raise RequestError.of("profile_id", "a profile id is a UUID, as replies give it: 8-4-4-4-12 hexadecimal digits")
    return profile_id.lower()


def show_profile(engine: Engine, slot: int, attributes: Sequence[Attribute]) -> Profile:
    """What there is to tell of a profile but the segments that it is in."""
    tags = next((one.value for one in attributes if one.name == TAGS), None)
    rows = engine.rows_of(slot)
    members = engine.members(slot)
    if len(rows):
        first, last = engine.time_of(int(rows[-1])), engine.time_of(int(rows[0]))
    else:  # every observation of its identifiers belongs to somebody else
        first, last = min((m.first_seen for m in members), default=0), max((m.last_seen for m in members), default=0)
    return Profile(
        profile_id=engine.profile_id(slot),
        identifiers=_identifiers(engine, members),
        traits=_traits(engine, slot),
        merged_from=tuple(engine.merged_from(slot)),
        first_seen=first,
        last_seen=last,
        observations=len(rows),
        weakest_link=_weakest_link(engine, slot),
        attributes=tuple(one for one in attributes if one.name != TAGS and one.value is not None),
        tags=tags if isinstance(tags, tuple) else (),
    )


def _identifiers(engine: Engine, members: list[Member]) -> tuple[ProfileIdentifier, ...]:
    """Those formed from traits are not shown: they say nothing that the traits do not."""
    derived = {namespace.name for namespace in engine.policy.namespaces if namespace.standing == "derived"}
    found = []
    for member in members:
        known = engine.identifier(member.code)
        if known.namespace not in derived:
            times = (member.begin, member.end, member.first_seen, member.last_seen, member.observations)
            found.append(ProfileIdentifier(known, engine.spelling_of(member.code), *times))
    return tuple(found)


def _traits(engine: Engine, slot: int) -> tuple[ProfileTrait, ...]:
    found = [
        ProfileTrait(trait.name, trait.value, engine.source_of(trait.row), engine.time_of(trait.row)) for trait in engine.traits_of(slot)
    ]
    return tuple(sorted(found, key=lambda trait: (trait.name, str(trait.value))))


def _weakest_link(engine: Engine, slot: int) -> WeakestLink | None:
    found = engine.weakest_link(slot)
    if found is None:
        return None
    left, right, strength = found
    return WeakestLink(engine.identifier(left), engine.identifier(right), strength)
