"""A live engine driven by the small worlds of tests/resolution, and the batch run that it must equal after every step."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from idweave_server.engine.applied import run
from idweave_server.engine.engine import Engine
from idweave_server.engine.profile_ids import epoch_ids
from idweave_server.engine.profile_store import uuid_text
from idweave_server.entries.births import content_hashes
from idweave_server.entries.columns import (
    AnyEntry,
    Births,
    ErasureEntry,
    IdentifierColumns,
    ObservationEntry,
    ObservedSpellings,
    RetractionEntry,
    TickEntry,
    VerdictEntry,
)
from idweave_server.identifiers.lists import default_lists
from idweave_server.identifiers.text_hash import content_of
from idweave_server.intake.issue_rows import IssueRows
from idweave_server.intake.prepare import Prepared
from idweave_server.kernels.hashing import mix_hash
from idweave_server.model import Flag, Outcome, Verdict
from idweave_server.resolution import bearers
from idweave_server.resolution.nodes import BEGINNING, END
from idweave_server.resolution.policy import Policy
from idweave_server.resolution.resolve import resolve

from tests.resolution.worlds import Key, Said, Seen, World, columns, text_hash

KEY = b"a key of a store for tests alone"


def named(seen: tuple[Seen, ...]) -> np.ndarray:
    """uint64[n, 2]: the hash by which a store knows observations."""
    source = pa.array([o.source for o in seen], pa.string())
    return mix_hash(content_of(source), content_of(pa.array([o.name for o in seen], pa.string())))


def identifier_columns(world: World, keys: list[Key], names: list[str]) -> IdentifierColumns:
    spaces, issuers = sorted({k[0] for k in keys}), sorted({k[1] for k in keys if k[1]})
    mailbox = [names.index(world.mailbox_names[k]) if k in world.mailbox_names else -1 for k in keys]
    said = IdentifierColumns(
        namespace=np.array([spaces.index(k[0]) for k in keys], np.uint8),
        namespaces=tuple(spaces),
        issuer=np.array([issuers.index(k[1]) if k[1] else -1 for k in keys], np.int32),
        issuers=tuple(issuers),
        value=pa.array([k[2] for k in keys], pa.string()),
        flags=np.array([world.flags.get(k, Flag.NONE) for k in keys], np.uint8),
        mailbox_name=np.array(mailbox, np.int32),
        content=np.zeros((len(keys), 2), np.uint64),
    )
    return replace(said, content=content_hashes(said))


def contents(keys: list[Key]) -> np.ndarray:
    """uint64[n, 2]: the content hashes of identifiers."""
    return identifier_columns(World(()), keys, []).content


def prepared(policy: Policy, world: World, seen: tuple[Seen, ...]) -> Prepared:
    keys = sorted({k for o in seen for k in o.keys})
    names = sorted({o.first_name for o in seen if o.first_name} | {world.mailbox_names[k] for k in keys if k in world.mailbox_names})
    sources, kinds = sorted({o.source for o in seen}), [k.name for k in policy.kinds]
    entries = [sorted({keys.index(k) for k in o.keys}) for o in seen]
    flat = np.array([c for e in entries for c in e], np.int32)
    said = ObservationEntry(
        identifiers=identifier_columns(world, keys, names),
        births=Births.none(),
        names=tuple(names),
        sources=tuple(sources),
        kinds=tuple(kinds),
        id=pa.array([o.name for o in seen], pa.string()),
        time=np.array([o.time for o in seen], np.int64),
        source=np.array([sources.index(o.source) for o in seen], np.int32),
        kind=np.array([kinds.index(o.kind) for o in seen], np.uint8),
        first_name=np.array([names.index(o.first_name) if o.first_name else -1 for o in seen], np.int32),
        birth_date=np.array([o.birth_date or -1 for o in seen], np.int32),
        content=text_hash(*(repr(o) for o in seen))[:, 0],
        backfill=False,
        start=np.cumsum([0, *map(len, entries)]).astype(np.int64),
        identifier=flat,
        hint=np.full(flat.size, -1, np.int32),
        observed=ObservedSpellings(np.zeros(0, np.int64), pa.array([], pa.string())),
    )
    none = np.zeros(len(seen), np.uint8)
    issues = IssueRows(np.zeros(0, np.int32), (), none[:0], (), ())
    return Prepared(said.id, none, np.arange(len(seen), dtype=np.int32), said, named(seen), issues)


@dataclass
class Living:
    """An engine and the world that it should know. born: the order and the time of every identifier's birth, in the order of births."""

    policy: Policy
    world: World  # whose flags and names in mailboxes hold; of its observations those that were not taken back
    engine: Engine
    log: list[tuple[AnyEntry, int]] = field(default_factory=list)
    born: dict[Key, tuple[int, int]] = field(default_factory=dict)
    changed: int = 0  # profiles, by the last entry

    @staticmethod
    def begin(policy: Policy, world: World) -> Living:
        empty = replace(world, seen=(), said=())
        return Living(policy, empty, Engine(policy, default_lists(), KEY))

    def put(self, entry: AnyEntry, at: int) -> Any:
        self.log.append((entry, at))
        applied = run(self.engine.apply(entry, sequence=len(self.log), term=7, at=at))
        self.changed = applied.profiles_changed
        return applied

    def observe(self, seen: tuple[Seen, ...], at: int) -> np.ndarray:
        """The outcomes."""
        ready = prepared(self.policy, self.world, seen)
        milliseconds = max(at, self.engine.state_time) * 1000
        admission = self.engine.admit(ready, at=max(at, self.engine.state_time), milliseconds=milliseconds, seed=bytes(16))
        if admission.entry is not None:
            keys = {tuple(content): key for content, key in zip(ready.columns.identifiers.content.tolist(), sorted_keys(seen), strict=True)}
            births = admission.entry.births
            for place, time in zip(births.place.tolist(), births.time.tolist(), strict=True):
                key = keys[tuple(admission.entry.identifiers.content[place].tolist())]
                assert key not in self.born
                self.born[key] = (len(self.born), time)
            kept = tuple(seen[at] for at in admission.taken.tolist())
            self.world = replace(self.world, seen=(*self.world.seen, *kept))
            self.put(admission.entry, max(at, self.engine.state_time))
        return admission.outcome

    def say(self, said: tuple[Said, ...], at: int, withdrawn: tuple[str, ...] = ()) -> None:
        keys = sorted({k for s in said for k in (s.left, s.right) if k})
        names = sorted({self.world.mailbox_names[k] for k in keys if k in self.world.mailbox_names})
        entry = VerdictEntry(
            identifiers=identifier_columns(self.world, keys, names),
            names=tuple(names),
            id=tuple(s.name for s in said),
            source=("desk",) * len(said),
            kind=np.array([s.kind for s in said], np.uint8),
            time=np.array([s.time for s in said], np.int64),
            left=np.array([keys.index(s.left) for s in said], np.int32),
            right=np.array([keys.index(s.right) if s.right else -1 for s in said], np.int32),
            content=text_hash(*(s.name for s in said))[:, 0] if said else np.zeros(0, np.uint64),
            withdrawn=tuple(("desk", name) for name in withdrawn),
        )
        kept = tuple(s for s in self.world.said if s.name not in withdrawn)
        self.world = replace(self.world, said=(*kept, *said))
        self.put(entry, at)

    def retract(self, source: str, name: str | None, at: int, begin: int | None = None, end: int | None = None) -> None:
        def covered(o: Seen) -> bool:
            if o.source != source:
                return False
            return o.name == name if name is not None else (begin is None or o.time >= begin) and (end is None or o.time < end)

        self.world = replace(self.world, seen=tuple(o for o in self.world.seen if not covered(o)))
        self.put(RetractionEntry(source, name, begin, end), at)

    def tick(self, at: int) -> None:
        self.put(TickEntry(), at)

    def erase(self, keyed: np.ndarray, until: int, at: int) -> None:
        begin = np.full(keyed.size, -(2**40), np.int64)
        self.put(ErasureEntry(keyed, begin, np.full(keyed.size, until, np.int64)), at)

    def codes(self, keys: list[Key]) -> np.ndarray:
        return self.engine.find(contents(keys))


def sorted_keys(seen: tuple[Seen, ...]) -> list[Key]:
    return sorted({k for o in seen for k in o.keys})


View = dict[Any, Any]


def live_view(living: Living) -> View:
    """Of every identifier its epochs with why they are shared and the profile that they belong to, as (id, members); of every observation
    its profile's id."""
    state = living.engine.state
    out: View = {}
    keys = living.world.keys()
    codes = dict(zip(keys, living.codes(keys).tolist(), strict=True)) if keys else {}
    nodes: dict[Any, tuple[int, int, int, int]] = {}
    for key, code in codes.items():
        if code < 0:
            continue
        split = state.identifiers.splits.get(code)
        if split is not None:
            for e in range(len(split.end)):
                nodes[key, e] = int(split.begin[e]), int(split.end[e]), int(split.shared[e]), int(split.profile[e])
        else:
            standing = living.engine.standing(code)
            if standing.alive:
                nodes[key, 0] = int(BEGINNING), int(END), int(standing.shared), standing.slot
    members: dict[int, set[Any]] = {}
    for node, (_, _, _, slot) in nodes.items():
        members.setdefault(slot, set()).add(node)
    for node, (begin, end, shared, slot) in nodes.items():
        owner = (living.engine.profile_id(slot), frozenset(members[slot])) if slot >= 0 else None
        out[node] = begin, end, shared, owner
    for o in living.world.seen:
        slot = int(living.engine.assigned(np.array([living.engine.rows_of_observation(o.source, o.name)]))[0])
        out[o.source, o.name] = living.engine.profile_id(slot) if slot >= 0 else None
    return out


def batch_view(living: Living) -> View:
    """The same from one batch run over what should be known."""
    policy, world = living.policy, living.world
    built = columns(policy, world)
    observations = replace(built.observations, content=named(world.seen)) if world.seen else built.observations
    keys = built.keys
    births = bearers.Births(
        np.array([living.born.get(k, (2**50, 0))[0] for k in keys], np.int64),
        np.array([living.born.get(k, (0, 0))[1] for k in keys], np.int64),
    )
    identifiers = replace(built.identifiers, content=contents(keys))
    found = resolve(policy, observations, identifiers, built.verdicts, as_of=living.engine.state_time, births=births)
    nodes = found.statuses.nodes
    name = [(keys[i], int(e)) for i, e in zip(nodes.identifier.tolist(), nodes.epoch.tolist(), strict=True)]
    ids = []
    for p in range(found.profiles):
        key = name[int(found.bearers.node[p])][0]
        birth = living.engine.state.identifiers.births.id_of(np.array([living.born[key][0]]))[0]
        if not found.bearers.bears_birth[p]:
            birth = epoch_ids(birth[None, :], found.bearers.since[p : p + 1])[0]
        ids.append(uuid_text(int(birth[0]), int(birth[1])))
    members = [frozenset(name[v] for v in np.flatnonzero(found.profile == p).tolist()) for p in range(found.profiles)]
    out: View = {}
    context = {n.name for n in policy.namespaces if not n.links}
    for v, node in enumerate(name):
        p = int(found.profile[v])
        shared = 0 if node[0][0] in context else int(found.statuses.shared[v])
        out[node] = int(nodes.begin[v]), int(nodes.end[v]), shared, (ids[p], members[p]) if p >= 0 else None
    for o, p in zip(world.seen, found.observation_profiles().tolist(), strict=True):
        out[o.source, o.name] = ids[p] if p >= 0 else None
    return out


def outcome_counts(outcome: np.ndarray) -> dict[str, int]:
    return {Outcome(value).name: int((outcome == value).sum()) for value in np.unique(outcome).tolist()}


PAIR = (Verdict.SAME, Verdict.DIFFERENT)
