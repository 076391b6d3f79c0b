"""Small worlds in plain Python values, and the same worlds as the columns that the rules read."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from idweave_server.identifiers.names import label_table
from idweave_server.kernels.hashing import hash_strings, mix_hash
from idweave_server.model import DAY, Flag, Verdict
from idweave_server.resolution.observations import Identifiers, Observations, Verdicts
from idweave_server.resolution.policy import Policy

Key = tuple[str, str, str]  # namespace, issuer, value
START = 1_700_006_400  # midnight UTC of a day


@dataclass(frozen=True)
class Seen:
    """One observation."""

    name: str  # the observation id
    time: int
    source: str
    kind: str
    keys: tuple[Key, ...]
    first_name: str | None = None
    birth_date: int | None = None


@dataclass(frozen=True)
class Said:
    """One verdict."""

    name: str
    time: int
    kind: Verdict
    left: Key
    right: Key | None = None


@dataclass(frozen=True)
class World:
    seen: tuple[Seen, ...]
    said: tuple[Said, ...] = ()
    flags: dict[Key, Flag] = field(default_factory=dict)
    mailbox_names: dict[Key, str] = field(default_factory=dict)

    def without(self, name: str) -> World:
        return replace(self, seen=tuple(o for o in self.seen if o.name != name))

    def keys(self) -> list[Key]:
        said = {k for s in self.said for k in (s.left, s.right) if k}
        return sorted({k for o in self.seen for k in o.keys} | said)


@dataclass(frozen=True)
class Columns:
    """A world as the rules read it; keys[c] is the identifier with code c."""

    keys: list[Key]
    observations: Observations
    identifiers: Identifiers
    verdicts: Verdicts


def text_hash(*texts: str) -> np.ndarray:
    data = [t.encode() for t in texts]
    return hash_strings(np.frombuffer(b"".join(data), np.uint8), np.cumsum([0, *map(len, data)]).astype(np.int64))


def columns(policy: Policy, world: World, keys: list[Key] | None = None, sources: tuple[str, ...] | None = None) -> Columns:
    keys = keys or world.keys()
    code = {k: i for i, k in enumerate(keys)}
    names = sorted({o.first_name for o in world.seen if o.first_name} | set(world.mailbox_names.values()))
    label = {n: i for i, n in enumerate(names)}
    issuers = sorted({k[1] for k in keys})
    sources = sources or tuple(sorted({o.source for o in world.seen}))
    kinds = [k.name for k in policy.kinds]
    spaces = [n.name for n in policy.namespaces]
    entries = [sorted({code[k] for k in o.keys}) for o in world.seen]
    flat = [c for e in entries for c in e]
    return Columns(
        keys=keys,
        observations=Observations(
            time=np.array([o.time for o in world.seen], np.int64),
            source=np.array([sources.index(o.source) for o in world.seen], np.int32),
            kind=np.array([kinds.index(o.kind) for o in world.seen], np.uint8),
            content=text_hash(*(f"{o.source}\0{o.name}" for o in world.seen)) if world.seen else np.zeros((0, 2), np.uint64),
            first_name=np.array([label[o.first_name] if o.first_name else -1 for o in world.seen], np.int32),
            birth_date=np.array([o.birth_date or -1 for o in world.seen], np.int32),
            start=np.cumsum([0, *map(len, entries)]).astype(np.int64),
            identifier=np.array(flat, np.int32),
            hint=np.full(len(flat), -1, np.int32),
            sources=sources,
            labels=label_table(pa.array(names, pa.string())),
        ),
        identifiers=Identifiers(
            namespace=np.array([spaces.index(k[0]) for k in keys], np.uint8),
            content=text_hash(*("\0".join(k) for k in keys)) if keys else np.zeros((0, 2), np.uint64),
            issuer=np.array([issuers.index(k[1]) for k in keys], np.int32),
            flags=np.array([world.flags.get(k, Flag.NONE) for k in keys], np.uint8),
            mailbox_name=np.array([label[world.mailbox_names[k]] if k in world.mailbox_names else -1 for k in keys], np.int32),
        ),
        verdicts=Verdicts(
            kind=np.array([s.kind for s in world.said], np.uint8),
            time=np.array([s.time for s in world.said], np.int64),
            left=np.array([code[s.left] for s in world.said], np.int32),
            right=np.array([code[s.right] if s.right else -1 for s in world.said], np.int32),
            content=text_hash(*(s.name for s in world.said))[:, 0] if world.said else np.zeros(0, np.uint64),
        ),
    )


def epoch_content(key: Key, epoch: int) -> tuple[int, int]:
    """Content hash of a node, as the rules define it."""
    content = text_hash("\0".join(key))
    if epoch:
        content = mix_hash(content, np.array([[epoch, 0]], np.uint64))
    return int(content[0, 0]), int(content[0, 1])


NAMES = ("kelly", "kellie", "james", "jim", "maria", "omar", "k", "小明", "小红")
BIRTHS = (19850304, 19850403, 19900712, 19771130)


def random_world(seed: int, observations: int = 14) -> World:
    """About a dozen identifiers that cross every threshold often: few names, few days, verdicts, listed values."""
    r = random.Random(seed)
    keys: list[Key] = [("email", "", f"{n}@mail") for n in "abcd"] + [("phone", "", f"+{n}") for n in "1234"]
    keys += [("device", "", f"d{n}") for n in "123"] + [("cookie", "", f"c{n}") for n in "12"] + [("social", "", "x:h")]
    keys += [("loyalty_id", issuer, n) for issuer in ("shop", "club") for n in "12"] + [("ip", "", "192.0.2.1")]
    people = [(r.choice(NAMES), r.choice(BIRTHS)) for _ in range(4)]
    seen = []
    for i in range(observations):
        name, birth = r.choice(people)
        chosen = tuple(r.sample(keys, r.choice((1, 2, 2, 2, 3, 4))))
        seen.append(
            Seen(
                name=f"o{i}",
                time=START + r.randrange(0, 60) * DAY + r.randrange(0, 3) * 3600,
                source=r.choice(("web", "store", "list")),
                kind=r.choice(("LOGIN", "SOCIAL_LOGIN", "POS", "APPENDED", "ORDER")),
                keys=chosen,
                first_name=name if r.random() < 0.6 else None,
                birth_date=birth if r.random() < 0.3 else None,
            )
        )
    said = []
    for i in range(r.choice((0, 0, 1, 2, 4))):
        kind = r.choice(list(Verdict))
        left, right = r.sample(keys[:-1], 2)
        pair = kind in (Verdict.SAME, Verdict.DIFFERENT)
        said.append(Said(f"v{i}", START + r.randrange(0, 4) * DAY, kind, left, right if pair else None))
    flags = {key: flag for key, flag in ((keys[0], Flag.FAKE), (keys[1], Flag.ROLE), (keys[4], Flag.SERVICE)) if r.random() < 0.2}
    mailbox = {keys[1]: "kelly"} if r.random() < 0.5 else {}
    return World(tuple(seen), tuple(said), flags, mailbox)
