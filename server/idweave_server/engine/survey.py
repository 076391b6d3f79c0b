"""Looks at the whole state: how much is known, what it costs, and what needs a person's eye."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.engine.component import Component, closed, gather
from idweave_server.engine.fold import rows_of
from idweave_server.engine.identifier_store import Known, Status
from idweave_server.engine.observation_store import Gone
from idweave_server.engine.profile_ids import epoch_ids
from idweave_server.engine.profile_store import uuid_words
from idweave_server.engine.recall import Recall
from idweave_server.engine.verdict_store import StatedVerdict
from idweave_server.kernels.sightings import rows_seen
from idweave_server.model import Flag, Shared, Verdict
from idweave_server.resolution.unite import Standing


@dataclass(frozen=True, slots=True)
class ProfileAnswer:
    """What became of a profile id. outcome: FOUND, REDIRECTED, GONE or UNKNOWN; slot: the profile or its survivor, -1 without one; reason,
    where GONE: SHARED, ERASED, RETRACTED or EXPIRED; former_company: the one profile of all former partners, -1 without one."""

    outcome: str
    slot: int = -1
    reason: str = ""
    former_company: int = -1


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is known; observations: those that count."""

    identifiers: int
    observations: int
    profiles: int
    shared_identifiers: int
    assertions: int
    retracted: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class MemoryLine:
    """What one kind of thing costs. budget: bytes each that it may cost, 0 where nothing is promised."""

    what: str
    count: int
    bytes: int
    budget: int


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """One verdict that was neither withdrawn nor erased. kind: model.Verdict; standing: what it does at present."""

    assertion_id: str
    kind: Verdict
    left: Known
    right: Known | None
    time: int
    source: str
    standing: Standing


class Survey(Recall):
    """Reads that look at more than one profile."""

    def look_up_profile(self, profile_id: str) -> ProfileAnswer:
        """Every id that was ever given answers; only births know them, no table of aliases."""
        words = uuid_words(profile_id)
        if words is None:
            return ProfileAnswer("UNKNOWN")
        ids = self.state.identifiers
        number = ids.births.born_with(words)
        code, at = (int(ids.births.code.array[number]), ids.births.time.one(number)) if number >= 0 else self._epoch_born(words)
        if code < 0:
            return ProfileAnswer("GONE", reason="ERASED") if number >= 0 else ProfileAnswer("UNKNOWN")
        standing = self.standing(code, at)
        if standing.slot < 0:
            return ProfileAnswer("GONE", -1, self._reason(code, standing.shared), self._former_company(code))
        same = tuple(self.state.profiles.id.array[standing.slot].tolist()) == words
        return ProfileAnswer("FOUND" if same else "REDIRECTED", standing.slot)

    def _epoch_born(self, words: tuple[int, int]) -> tuple[int, int]:
        """(code, time): the split identifier and the observation of it that this id was made from, (-1, 0) where there is none."""
        ids = self.state.identifiers
        wanted = np.array(words, np.uint64)
        for code in ids.splits:
            if ids.birth.array[code] < 0:
                continue
            rows = rows_of(self.state, np.array([code], np.int32))
            time = np.unique(self.state.observations.time.take(rows))
            found = epoch_ids(np.tile(ids.births.id_of(ids.birth.array[code : code + 1])[0], (time.size, 1)), time)
            at = np.flatnonzero((found == wanted).all(axis=1))
            if at.size:
                return code, int(time[at[0]])
        return -1, 0

    def _reason(self, code: int, shared: Shared) -> str:
        if shared:
            return "SHARED"
        return "EXPIRED" if rows_of(self.state, np.array([code], np.int32)).size else "RETRACTED"

    def _former_company(self, code: int) -> int:
        """The single profile of all identifiers that were ever seen with one, -1 where there are several or none."""
        ids, seen = self.state.identifiers, self.state.observations
        erased = seen.gone.array & Gone.ERASED
        rows = rows_seen(np.array([code], np.int32), ids.head.array, seen.before.array, seen.sightings.row.array, erased, seen.mark.array)
        partners = self.identifiers_of(rows)
        slots = np.unique(ids.profile.array[partners[partners != code]])
        slots = slots[slots >= 0]
        return int(slots[0]) if slots.size == 1 else -1

    def said(self, component: Component, place: int) -> StoredVerdict:
        """The verdict at `place` among those of a component; its standing is not looked at."""
        return self._verdict(self.state.verdicts.stated[component.verdict_numbers[place]], Standing.HOLDS)

    def _verdict(self, said: StatedVerdict, standing: Standing) -> StoredVerdict:
        right = self.identifier(said.right) if said.right >= 0 else None
        return StoredVerdict(said.id, Verdict(said.kind), self.identifier(said.left), right, said.time, said.source, standing)

    def standing_of(self, source: str, assertion_id: str) -> Standing | None:
        """What a verdict does at present; None for one that is not there or was withdrawn."""
        number = self.state.verdicts.by_name.get((source, assertion_id), -1)
        if number < 0 or self.state.verdicts.stated[number].gone == 1:
            return None
        if self.state.verdicts.stated[number].gone == 2:
            return Standing.ERASED
        return self.standings([number])[number]

    def standings(self, numbers: list[int]) -> dict[int, Standing]:
        """What these verdicts, all in force, do at present, and perhaps others with them."""
        stated = self.state.verdicts.stated
        ends = np.unique(np.array([end for n in numbers for end in self.state.verdicts.ends(stated[n])], np.int32))
        component = gather(self.state, closed(self.state, ends), self.state.time)
        found = component.resolve().standing.tolist()
        return {n: Standing(s) for n, s in zip(component.verdict_numbers, found, strict=True)}

    def verdicts_listed(self) -> list[StoredVerdict]:
        """All verdicts in force, in the order of the log."""
        stated = self.state.verdicts.stated
        numbers = [n for n, said in enumerate(stated) if not said.gone]
        standings = self.standings(numbers) if numbers else {}
        return [self._verdict(stated[n], standings[n]) for n in numbers]

    def shared_codes(self) -> np.ndarray:
        """int32: the identifiers that do not single out a person; context, which never does, left out."""
        ids = self.state.identifiers
        listed = (ids.flags.array & np.uint8(Flag.FAKE | Flag.ROLE)) != 0
        unresolved = (ids.status.array == Status.UNKNOWN) & (ids.head.array >= 0)
        links = self.state.namespaces_that(links=True)[ids.namespace.array]
        return np.flatnonzero(links & ((ids.shared.array != 0) | (listed & unresolved))).astype(np.int32)

    def weakest_link(self, slot: int) -> tuple[int, int, int] | None:
        """(left code, right code, strength in micro-nats): the weakest link without which a profile would fall in two with lasting
        identifiers on both sides; None where no one loss would part it."""
        profiles = self.state.profiles
        left = profiles.weak_left.array.item(slot)
        return (left, profiles.weak_right.array.item(slot), profiles.weak_strength.array.item(slot)) if left >= 0 else None

    def component(self, codes: list[int]) -> Component:
        """A private copy of the components of these identifiers."""
        return gather(self.state, closed(self.state, np.array(codes, np.int32)), self.state.time)

    def fragile(self, limit: int) -> list[tuple[int, int, int, int]]:
        """(slot, left code, right code, strength in micro-nats) of the profiles that hang on one link, the weakest first."""
        profiles = self.state.profiles
        slots = np.flatnonzero(profiles.weak_left.array >= 0)
        strength = profiles.weak_strength.array[slots]
        order = np.lexsort((profiles.id.array[slots, 1], profiles.id.array[slots, 0], strength))[:limit]
        ends = profiles.weak_left.array[slots[order]], profiles.weak_right.array[slots[order]]
        return list(zip(slots[order].tolist(), ends[0].tolist(), ends[1].tolist(), strength[order].tolist(), strict=True))

    def counts(self) -> Counts:
        ids, seen = self.state.identifiers, self.state.observations
        gone = seen.gone.array
        return Counts(
            identifiers=int(np.count_nonzero(ids.head.array >= 0)) - len(ids.erased),
            observations=int(np.count_nonzero(gone == 0)),
            profiles=len(self.state.profiles),
            shared_identifiers=int(self.shared_codes().size),
            assertions=sum(not said.gone for said in self.state.verdicts.stated),
            retracted=int(np.count_nonzero(gone == Gone.RETRACTED)),
            quarantined=int(self.quarantined().size),
        )

    def memory(self) -> list[MemoryLine]:
        """By the lines of the budget: identifiers with index, text and birth; observations with their sightings; traits; events."""
        ids, seen, profiles = self.state.identifiers, self.state.observations, self.state.profiles
        standing = (ids.head, ids.ring, ids.status, ids.shared, ids.profile, ids.dominant, ids.judged, ids.mark, ids.local)
        threads = (seen.before, seen.links, seen.profile, seen.mark, seen.sightings.row)
        traits = (seen.traits, seen.trait, seen.value)
        events = (seen.events, seen.event_type, seen.units, seen.nanos, seen.currency)
        properties = (seen.properties, seen.property_name, seen.property_value, seen.property_type)
        set_aside = (seen.quarantined, seen.quarantined_field, seen.quarantined_reason, seen.quarantined_value, seen.quarantined_message)
        elsewhere = (*threads, *traits, *events, *properties, *set_aside, seen.texts)

        def held(columns: tuple[object, ...]) -> int:
            return sum(column.nbytes for column in columns)  # type: ignore[attr-defined]

        return [
            MemoryLine("identifiers", len(ids), ids.nbytes - held(standing), 75),
            MemoryLine("observations", len(seen), seen.nbytes - held(elsewhere), 50),
            MemoryLine("resolution", len(profiles), held((*standing, *threads, profiles)), 0),
            MemoryLine("trait values", len(seen.trait), held(traits), 24),
            MemoryLine("events", len(seen.event_type), held(events), 32),
            MemoryLine("event properties", len(seen.property_name), held(properties), 0),
            MemoryLine("interned text", len(seen.texts), seen.texts.nbytes + self.state.labels.nbytes, 0),
            MemoryLine("quarantined values", len(seen.quarantined), held(set_aside), 0),
        ]
