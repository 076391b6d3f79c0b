"""Take a person's verdict in, or take one back, and tell what it does now.

A verdict is known by its source and id: sent again it changes nothing, with another content under the same name it is refused. Its
identifiers need not have been observed; it counts as soon as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from idweave_server.entries.births import keyed
from idweave_server.entries.columns import VerdictEntry
from idweave_server.errors import ConflictError, NotFoundError, RequestError
from idweave_server.identifiers.text_hash import content_of
from idweave_server.intake.encoded import hexadecimal
from idweave_server.kernels.hashing import mix_hash
from idweave_server.model import MAX_IDENTIFIER_BYTES, MAX_TIME, MIN_TIME, Verdict
from idweave_server.operations.identifier_reader import IdentifierReader, Named, ReadIdentifier
from idweave_server.operations.list_issues import VERDICT_REMEDIES
from idweave_server.operations.named_columns import named_columns
from idweave_server.operations.steps import Steps
from idweave_server.resolution.resolve import Resolution
from idweave_server.resolution.unite import Standing

if TYPE_CHECKING:
    from idweave_server.engine.component import Component
    from idweave_server.engine.engine import Engine
    from idweave_server.engine.verdict_store import StatedVerdict
    from idweave_server.operations.committer import Committer, Stamp
    from idweave_server.operations.store import Store

PAIRS = (Verdict.SAME, Verdict.DIFFERENT)


class AssertionStanding(IntEnum):
    """What a verdict does at present; numbered as in identity_service.proto."""

    HOLDS = 1
    OVERRULED = 2
    CONTRADICTED = 3
    ASLEEP = 4
    UNSEEN = 5
    ERASED = 6
    WITHDRAWN = 7


REMEDIES = {
    **{AssertionStanding(standing + 1): remedy for standing, remedy in VERDICT_REMEDIES.items()},
    AssertionStanding.ERASED: "one of its identifiers was erased up to this time or later; a verdict stated later counts",
}


@dataclass(frozen=True, slots=True)
class AssertReply:
    """remedy: what to do where it has no effect, else empty; profile_ids: of its identifiers now, without repeats; revision: a state that
    contains it."""

    assertion_id: str
    standing: AssertionStanding
    remedy: str
    profile_ids: tuple[str, ...]
    revision: str


@dataclass(frozen=True, slots=True)
class AssertRequest:
    """left, right: (namespace, issuer or "", value); right is None for SHARED and PERSONAL; time: seconds UTC, None for now; assertion_id:
    "" for one made from what it says. validate_only: tell what it would do, and change nothing."""

    verdict: Verdict
    left: Named
    right: Named | None
    time: int | None
    source: str
    assertion_id: str = ""
    validate_only: bool = False

    def __post_init__(self) -> None:
        if (self.right is not None) != (self.verdict in PAIRS):
            said = "SAME and DIFFERENT are about two identifiers" if self.right is None else "SHARED and PERSONAL are about one identifier"
            raise RequestError.of("assertion.right", said)
        if not self.source:
            raise RequestError.of("assertion.source", "name the system that reports it")
        for field, text in (("assertion.source", self.source), ("assertion_id", self.assertion_id)):
            if len(text.encode()) > MAX_IDENTIFIER_BYTES or not (text.isprintable() or not text):
                raise RequestError.of(field, f"a line of text of at most {MAX_IDENTIFIER_BYTES:,} bytes is needed")
        if self.time is not None and not MIN_TIME <= self.time < MAX_TIME:
            raise RequestError.of("assertion.time", "a time from 1900-01-01 up to and without 2100-01-01 is needed")

    @property
    def weight(self) -> int:
        return 1

    def steps(self, committer: Committer) -> Steps[AssertReply]:
        store = committer.store
        ends = self._read(store)
        stamp = committer.stamp() if self.validate_only else (yield from committer.begin())
        time = stamp.at if self.time is None else self.time
        name = self.assertion_id or self._made_id(ends, time)
        known = _named(store.engine, self.source, name)
        if known is not None:
            self._check_same(store.engine, known, ends)
        elif _erased(store, ends, time):
            return AssertReply(name, AssertionStanding.ERASED, REMEDIES[AssertionStanding.ERASED], (), store.revision())
        elif self.validate_only:
            standing = yield from self._would_stand(store.engine, ends, time, name)
            return AssertReply(name, standing, REMEDIES.get(standing, ""), _profiles(store.engine, ends), store.revision())
        else:
            yield from self._commit(committer, stamp, ends, time, name)
        standing = yield from _standing(store.engine, self.source, name)
        return AssertReply(name, standing, REMEDIES.get(standing, ""), _profiles(store.engine, ends), store.revision())

    def _read(self, store: Store) -> list[ReadIdentifier]:
        """As those of an observation of the same source: in its region, and with itself for an issuer."""
        policy = store.engine.policy
        reader = IdentifierReader(replace(policy, source_default=policy.source(self.source)), store.lists, kept=2)
        issued = {space.name for space in policy.namespaces if space.issued}
        found = []
        for field, given in (("left", self.left), ("right", self.right)):
            if given is not None:
                namespace, issuer, value = given
                issuer = issuer or (self.source if namespace in issued else "")
                found.append(reader.usable((namespace, issuer, value), f"assertion.{field}"))
        if len(found) == 2 and (found[0].high, found[0].low) == (found[1].high, found[1].low):
            raise RequestError.of("assertion.right", "it is the same identifier as the left one; a verdict needs two")
        return found

    def _made_id(self, ends: Sequence[ReadIdentifier], time: int) -> str:
        said = np.array([[int(self.verdict), time & (2**64 - 1)], *((end.high, end.low) for end in ends)], np.uint64)
        content = said[:1]
        for at in range(1, len(said)):
            content = mix_hash(content, said[at : at + 1])
        return str(hexadecimal(content)[0].as_py())

    def _check_same(self, engine: Engine, known: StatedVerdict, ends: Sequence[ReadIdentifier]) -> None:
        codes = [engine.find_one(end.high, end.low) for end in ends]
        said = [known.left] if known.right < 0 else [known.left, known.right]
        if known.kind != self.verdict or codes != said or self.time not in (None, known.time):
            raise ConflictError(
                "the source stated another verdict under this id before; give this one an id of its own, or withdraw the other"
            )

    def _commit(self, committer: Committer, stamp: Stamp, ends: Sequence[ReadIdentifier], time: int, name: str) -> Steps[None]:
        columns, names, place = named_columns(committer.store.engine.policy, ends)
        entry = VerdictEntry(
            identifiers=columns,
            names=names,
            id=(name,),
            source=(self.source,),
            kind=np.array([self.verdict], np.uint8),
            time=np.array([time], np.int64),
            left=place[:1],
            right=place[1:2] if len(ends) == 2 else np.array([-1], np.int32),
            content=_identity(self.source, name),
        )
        yield from committer.commit(entry, stamp.at)

    def _would_stand(self, engine: Engine, ends: Sequence[ReadIdentifier], time: int, name: str) -> Steps[AssertionStanding]:
        codes = [engine.find_one(end.high, end.low) for end in ends]
        if not all(code >= 0 and engine.is_observed(code) for code in codes):
            return AssertionStanding.UNSEEN
        component = engine.component(codes)
        local = {code: at for at, code in enumerate(component.codes.tolist())}
        if not all(code in local for code in codes):  # listed or context: it links nothing, and nothing links it
            return AssertionStanding.ASLEEP if self.verdict is Verdict.SAME else AssertionStanding.HOLDS
        said = component.verdicts
        right = local[codes[1]] if len(codes) == 2 else -1
        supposed = replace(
            said,
            kind=np.append(said.kind, np.uint8(self.verdict)),
            time=np.append(said.time, np.int64(time)),
            left=np.append(said.left, np.int32(local[codes[0]])),
            right=np.append(said.right, np.int32(right)),
            content=np.append(said.content, _identity(self.source, name)),
        )
        found: Resolution = yield replace(component, verdicts=supposed).resolve
        return AssertionStanding(int(found.standing[-1]) + 1)


@dataclass(frozen=True, slots=True)
class WithdrawRequest:
    """Take back the verdict of this id; source: "" where the id is one source's alone. validate_only: tell whether it is there."""

    assertion_id: str
    source: str = ""
    validate_only: bool = False

    @property
    def weight(self) -> int:
        return 1

    def steps(self, committer: Committer) -> Steps[AssertReply]:
        store, engine = committer.store, committer.store.engine
        stamp = committer.stamp() if self.validate_only else (yield from committer.begin())
        said = self._said(engine)
        if not said.gone and not self.validate_only:
            columns, names, _ = named_columns(engine.policy, [])
            none = np.zeros(0, np.int32)
            entry = VerdictEntry(
                columns, names, (), (), none.astype(np.uint8), none.astype(np.int64), none, none, none.astype(np.uint64),
                withdrawn=((said.source, said.id),),
            )  # fmt: skip
            yield from committer.commit(entry, stamp.at)
        slots = [engine.standing(code).slot for code in engine.state.verdicts.ends(said)]
        profiles = tuple(dict.fromkeys(engine.profile_id(slot) for slot in slots if slot >= 0))
        return AssertReply(said.id, AssertionStanding.WITHDRAWN, "", profiles, store.revision())

    def _said(self, engine: Engine) -> StatedVerdict:
        if not self.assertion_id:
            raise RequestError.of("withdraw", "name the verdict by the id that its reply gave")
        verdicts = engine.state.verdicts
        numbers = [n for (source, name), n in verdicts.by_name.items() if name == self.assertion_id and self.source in ("", source)]
        found = [verdicts.stated[n] for n in numbers if verdicts.stated[n].gone != 2]
        if not found:
            raise NotFoundError("there is no verdict of this id")
        if len(found) > 1:
            raise RequestError.of("withdraw", f"{len(found)} sources stated a verdict of this id: name the source as well")
        return found[0]


def _identity(source: str, name: str) -> np.ndarray:
    """uint64[1]: hash of a verdict's source and id, as a batch run computes it."""
    return mix_hash(content_of(pa.array([source])), content_of(pa.array([name])))[:, 0]


def _named(engine: Engine, source: str, name: str) -> StatedVerdict | None:
    """The verdict of this name, None where there is none, or none that counts any more: what is sent again after a withdrawal is new."""
    number = engine.state.verdicts.by_name.get((source, name), -1)
    said = engine.state.verdicts.stated[number] if number >= 0 else None
    return said if said is not None and not said.gone else None


def _erased(store: Store, ends: Sequence[ReadIdentifier], time: int) -> bool:
    content = np.array([(end.high, end.low) for end in ends], np.uint64)
    return bool(store.engine.state.tombstones.covers(keyed(content, store.key), np.full(len(ends), time, np.int64)).any())


def _standing(engine: Engine, source: str, name: str) -> Steps[AssertionStanding]:
    number = engine.state.verdicts.by_name[source, name]
    component: Component = engine.component(engine.state.verdicts.ends(engine.state.verdicts.stated[number]))
    found: Resolution = yield component.resolve
    return AssertionStanding(Standing(int(found.standing[component.verdict_numbers.index(number)])) + 1)


def _profiles(engine: Engine, ends: Sequence[ReadIdentifier]) -> tuple[str, ...]:
    codes = [engine.find_one(end.high, end.low) for end in ends]
    slots = [engine.standing(code).slot for code in codes if code >= 0]
    return tuple(dict.fromkeys(engine.profile_id(slot) for slot in slots if slot >= 0))
