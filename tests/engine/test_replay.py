"""Replay equals live, and a snapshot with the tail of the log equals replay: partitions, ids, statuses and all that is told of them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from idweave_server.engine.engine import Engine
from idweave_server.engine.snapshot import MANIFEST, load, save
from idweave_server.entries.births import keyed
from idweave_server.entries.codec import encode
from idweave_server.entries.columns import (
    AnyEntry,
    CutsEntry,
    ErasureEntry,
    ObservationEntry,
    RetractionEntry,
    SegmentEntry,
    TickEntry,
    VerdictEntry,
)
from idweave_server.identifiers.lists import default_lists
from idweave_server.model import DAY, EntryKind
from idweave_server.resolution.policy import Policy, load_policy

from tests.engine.living import KEY, Living, batch_view, live_view
from tests.resolution.test_resolve import FLEETING, TIGHT
from tests.resolution.worlds import START, Seen, World, random_world

KINDS = {
    ObservationEntry: EntryKind.OBSERVATIONS,
    VerdictEntry: EntryKind.VERDICTS,
    RetractionEntry: EntryKind.RETRACTION,
    ErasureEntry: EntryKind.ERASURE,
    TickEntry: EntryKind.TICK,
    SegmentEntry: EntryKind.SEGMENT,
    CutsEntry: EntryKind.CUTS,
}


@dataclass(frozen=True)
class Line:
    sequence: int
    term: int
    kind: EntryKind
    at: int
    body: bytes


def lines(log: list[tuple[AnyEntry, int]]) -> list[Line]:
    return [Line(n, 7, KINDS[type(entry)], at, encode(entry)) for n, (entry, at) in enumerate(log, 1)]


def lived(policy: Policy, seed: int) -> Living:
    """A store that saw batches in some order, verdicts, retractions and ticks."""
    world, r = random_world(seed, observations=8 + seed % 12), random.Random(seed)
    living, at = Living.begin(policy, world), START + 45 * DAY
    seen, said = list(world.seen), list(world.said)
    r.shuffle(seen)
    while seen or said:
        at += r.choice((0, 1, 3600, DAY))
        if said and r.random() < 0.3:
            living.say((said.pop(),), at)
        elif seen:
            size = r.choice((1, 2, 5))
            living.observe(tuple(seen[:size]), at)
            del seen[:size]
        if r.random() < 0.2 and living.world.seen:
            one = r.choice(living.world.seen)
            living.retract(one.source, one.name if r.random() < 0.7 else None, at)
        if r.random() < 0.2:
            living.tick(at + 600)
    return living


def replayed(living: Living, policy: Policy, engine: Engine | None = None) -> Living:
    engine = engine or Engine(policy, default_lists(), KEY)
    engine.replay(lines(living.log)[engine.sequence :])
    return Living(policy, living.world, engine, living.log, living.born)


@pytest.mark.parametrize("worlds", [range(15), pytest.param(range(15, 200), marks=pytest.mark.slow)], ids=["some", "many"])
@pytest.mark.parametrize("text", ["", TIGHT, FLEETING], ids=["default", "tight", "fleeting"])
def test_batches_in_any_order_end_as_one_batch_run_and_replay_is_live(text: str, worlds: range) -> None:
    policy = load_policy(text)
    for seed in worlds:
        living = lived(policy, seed)
        view = live_view(living)
        assert view == batch_view(living), seed
        again = replayed(living, policy)
        assert live_view(again) == view, seed
        assert again.engine.counts() == living.engine.counts()
        for slot in np.unique(living.engine.assigned(np.arange(len(living.engine.state.observations)))).tolist():
            if slot >= 0:
                same = again.engine.look_up_profile(living.engine.profile_id(slot))
                assert same.outcome == "FOUND"
                assert again.engine.merged_from(same.slot) == living.engine.merged_from(slot)


@pytest.mark.parametrize("text", ["", FLEETING], ids=["default", "fleeting"])
def test_a_snapshot_with_the_tail_is_replay(text: str, tmp_path: Path) -> None:
    policy = load_policy(text)
    for seed in range(12):
        living = lived(policy, seed)
        middle = Engine(policy, default_lists(), KEY)
        middle.replay(lines(living.log)[: len(living.log) // 2])
        folder = tmp_path / str(seed)
        folder.mkdir()
        save(middle, folder)
        loaded = load(folder, policy, default_lists(), KEY)
        assert loaded is not None
        assert live_view(replayed(living, policy, loaded)) == live_view(living), seed
        assert loaded.counts() == living.engine.counts()


def test_a_damaged_snapshot_is_none(tmp_path: Path) -> None:
    policy = load_policy("")
    engine = replayed(lived(policy, 3), policy).engine
    save(engine, tmp_path)
    assert load(tmp_path, policy, default_lists(), KEY) is not None
    assert load(tmp_path, load_policy("[shared]\npartners = 3"), default_lists(), KEY) is None
    for path in sorted(tmp_path.iterdir()):
        good = path.read_bytes()
        if not good:
            continue
        path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        assert load(tmp_path, policy, default_lists(), KEY) is None, path.name
        path.write_bytes(good)
    (tmp_path / MANIFEST).unlink()
    assert load(tmp_path, policy, default_lists(), KEY) is None


def test_ingest_then_retract_gives_what_was_there_before() -> None:
    policy = load_policy(TIGHT)
    for seed in range(40):
        world = random_world(seed, observations=12)
        living, at = Living.begin(policy, world), START + 45 * DAY
        living.observe(world.seen[:8], at)
        before = live_view(living)
        more = world.seen[8:]
        living.observe(more, at)
        for one in more:
            living.retract(one.source, one.name, at)
        after = live_view(living)
        assert {node: view for node, view in after.items() if node in before} == before
        assert all(view[3] is None for node, view in after.items() if node not in before and isinstance(node[0], tuple))


def test_what_was_erased_is_gone_and_replay_of_the_rewritten_log_agrees() -> None:
    policy = load_policy("")
    for seed in range(30):
        world = random_world(seed, observations=12)
        living, at = Living.begin(policy, world), START + 70 * DAY
        for one in world.seen:
            living.observe((one,), at)
        living.say(world.said, at)
        key = world.seen[0].keys[0]
        content = living.engine.state.identifiers.index.take(living.codes([key]))
        until = START + 30 * DAY
        living.erase(keyed(content, KEY), until, at)
        left = tuple(o for o in world.seen if not (key in o.keys and o.time <= until))
        said = tuple(s for s in world.said if not (key in (s.left, s.right) and s.time <= until))
        living.world = World(left, said, world.flags, world.mailbox_names)
        left_keys = set(living.world.keys())
        gone = [k for k in World.keys(world) if k not in left_keys]
        assert not gone or (living.codes(gone) == -1).all()
        assert live_view(living) == batch_view(living), seed
        again = replayed(living, policy)
        assert live_view(again) == live_view(living), seed
        covered = next(o for o in world.seen if key in o.keys and o.time <= until) if left != world.seen else None
        if covered is not None:
            assert living.observe((covered,), at).tolist() == [6]


def test_an_identifier_that_comes_back_after_its_erasure_is_itself_and_so_are_those_born_later() -> None:
    policy = load_policy("")
    first = Seen("o1", START, "web", "LOGIN", (("email", "", "a@mail"), ("phone", "", "+1")))
    again = Seen("o2", START + 9 * DAY, "web", "LOGIN", (("email", "", "a@mail"), ("phone", "", "+1")))
    later = Seen("o3", START + 9 * DAY, "web", "LOGIN", (("email", "", "b@mail"),))
    living = Living.begin(policy, World((first, again, later)))
    living.observe((first,), START + 10 * DAY)
    content = living.engine.state.identifiers.index.take(living.codes([("email", "", "a@mail")]))
    living.erase(keyed(content, KEY), START, START + 10 * DAY)
    assert living.codes(list(first.keys)).tolist() == [-1, -1]
    living.world, living.born = World(()), {}
    living.observe((again,), START + 11 * DAY)
    living.observe((later,), START + 11 * DAY)
    known = [living.engine.identifier(code) for code in living.codes([*first.keys, *later.keys]).tolist()]
    assert [(one.namespace, one.value) for one in known] == [("email", "a@mail"), ("phone", "+1"), ("email", "b@mail")]
    codes = living.codes([*first.keys, *later.keys])
    assert living.engine.state.identifiers.values(codes).to_pylist() == ["a@mail", "+1", "b@mail"]
