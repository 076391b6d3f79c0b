"""Profiles gathered as columns equal a naive recomputation of each, after merges, splits, retractions and late arrivals."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from idweave_server.engine import belongings
from idweave_server.engine.engine import Engine
from idweave_server.engine.state import State
from idweave_server.engine.subjects import gather
from idweave_server.model import DAY, Verdict
from idweave_server.resolution.policy import load_policy
from idweave_server.segments.attributes import fields_of
from idweave_server.segments.fields import FieldType
from idweave_server.segments.subjects import FOREVER, NO_VALUE, STANDS, Needs, Subjects

from tests.engine.living import Living
from tests.engine.shop import FLEETING, MICRO, POLICY, attributes, days, happenings, in_order, orders, people, random_reports, report
from tests.resolution.worlds import START, Said, World

NOW = START + 45 * DAY
SPACES = ("", "email", "cookie", "name+birth_date", "nothing")


def everything(state: State) -> Needs:
    fields = [f for f in fields_of(state.policy, state.observations.trait_names.words) if f.counts is None]
    many = [f.name for f in fields if f.type is FieldType.TEXTS]
    return Needs(tuple(f.name for f in fields if f.name not in many), tuple(many), SPACES, events=True, sightings=True, strength=True)


def shown(engine: Engine, needs: Needs, found: Subjects, at: int) -> dict[str, Any]:
    """One of the profiles gathered, as plain values."""
    state = engine.state
    fields, texts = fields_of(state.policy, state.observations.trait_names.words), state.observations.texts
    out: dict[str, Any] = {}
    for name, value in zip(needs.fields, found.values[:, at].tolist(), strict=True):
        field = fields.find(name)
        assert field is not None
        out[name] = None if value == NO_VALUE else texts[value] if field.type is FieldType.TEXT else value
    for name, start, codes in zip(needs.lists, found.list_start, found.lists, strict=True):
        out[name] = sorted(texts[code] for code in codes[start[at] : start[at + 1]].tolist())
    events, seen = found.events, found.sightings
    assert events is not None
    assert seen is not None
    out["events"] = []
    for e in range(int(events.start[at]), int(events.start[at + 1])):
        money = state.observations.currencies[int(events.currency[e])] if events.currency[e] >= 0 else ""
        told = [
            (texts[int(events.name[q])], texts[int(events.value[q])], int(events.number[q]))
            for q in range(int(events.property_start[e]), int(events.property_start[e + 1]))
        ]
        kind = state.observations.event_types[int(events.type[e])]
        out["events"].append((int(events.time[e]), kind, bool(events.flags[e] & STANDS), int(events.amount[e]), money, sorted(told)))
    out["sightings"] = [
        (int(seen.time[r]), state.observations.sources[int(seen.source[r])], int(seen.party[r]), state.policy.kinds[int(seen.kind[r])].name)
        for r in range(int(seen.start[at]), int(seen.start[at + 1]))
    ]
    out["namespaces"] = found.namespaces[:, at].tolist()
    out["strength"], out["changes"] = int(found.strength[at]), int(found.changes[at])
    return out


def number(text: str) -> int:
    try:
        return round(Fraction(text) * MICRO)
    except ValueError:
        return NO_VALUE


def naive(engine: Engine, needs: Needs, slot: int, now: int) -> dict[str, Any]:
    policy, seen = engine.policy, in_order(engine, engine.rows_of(slot))
    out = attributes(policy, seen, now)
    traits: dict[str, list[Any]] = {}
    for trait in engine.traits_of(slot):
        traits.setdefault(trait.name, []).append(trait.value)
    for name in (*needs.fields, *needs.lists):
        stated, rule = traits.get(name.removeprefix("trait."), []), policy.trait(name.removeprefix("trait."))
        if name in out or name.startswith(("rfm_", "acquisition_campaign", "preferred_channel")):
            continue
        values = [days(v) if rule.type == "date" else round(v * MICRO) if rule.type == "number" else v for v in stated]
        out[name] = sorted(values) if rule.many else values[0] if values else None
    out["preferred_channel"] = traits.get("preferred_channel", [out["favourite_channel"]])[0]
    events = happenings(policy, seen)
    stand = {o.first: o.net() for o in orders(events, now)}
    out["events"] = []
    for place, e in enumerate(events):
        state, amount, currency = stand.get(place, ("undone", None, ""))
        if state == "undone":
            amount, currency = e.amount, e.currency
        told = sorted((name, value, number(value)) for name, value in e.said)
        money = "XXX" if state == "unknown" else currency
        out["events"].append((e.time, e.type, state != "undone", (amount or Fraction(0)) * MICRO, money, told))
    out["sightings"] = [(o.time, o.source, int(policy.source(o.source).party), o.kind) for o in seen]
    spaces = [engine.identifier(code).namespace for code in {m.code for m in engine.members(slot)}]
    lasting = [space for space in spaces if policy.namespace(space).standing != "derived"]
    out["namespaces"] = [spaces.count(space) if space else len(lasting) for space in SPACES]
    profiles = engine.state.profiles
    weak = profiles.weak_left.array[slot] >= 0
    out["strength"] = int(profiles.weak_strength.array[slot]) if weak else NO_VALUE
    out["changes"] = min((o.time for o in seen if o.time > now), default=FOREVER)
    return out


LOOSE = ("spend_total", "spend_average", "lifetime_value")  # a fraction is rounded


def assert_equal(found: dict[str, Any], wanted: dict[str, Any], where: object) -> None:
    for name, value in wanted.items():
        got = found[name]
        if name == "tags":
            assert set(got) == value, (where, name)
        elif name in LOOSE:
            assert (got is None) == (value is None), (where, name, got, value)
            assert got is None or abs(got - value * MICRO) < 20, (where, name, got, value)
        elif name in ("nps_score", "last_stars", "typical_days_between_purchases"):
            assert got == (None if value is None else round(value * MICRO)), (where, name, got, value)
        elif name == "events":
            assert len(got) == len(value), (where, name)
            assert [event[0] for event in got] == [event[0] for event in value], (where, name)
            for one, other in zip(sorted(got), sorted(value), strict=True):  # in which order one observation told of them means nothing
                assert (one[:3], one[4:]) == (other[:3], other[4:]), (where, name, one, other)
                assert abs(one[3] - other[3]) < 5, (where, one, other)
        else:
            assert got == value, (where, name, got, value)


def check(engine: Engine, r: random.Random, now: int, where: object) -> int:
    """Every profile by itself, some in any order, and all; how many there are."""
    state = engine.state
    taken = np.flatnonzero(state.profiles.bearer.array >= 0).astype(np.int32)
    needs = everything(state)
    wanted = {slot: naive(engine, needs, slot, now) for slot in taken.tolist()}
    some = np.array(r.sample(taken.tolist(), min(taken.size, 3)), np.int32)
    for slots in (taken, some, taken[:0], *taken[:, None]):
        found = gather(state, slots, needs, now)
        for at, slot in enumerate(slots.tolist()):
            assert_equal(shown(engine, needs, found, at), wanted[slot], (where, slot))
    return int(taken.size)


@pytest.mark.parametrize("many", [0, 10**9], ids=["by component", "by one pass"])
@pytest.mark.parametrize("worlds", [range(6), pytest.param(range(6, 40), marks=pytest.mark.slow)], ids=["some", "more"])
@pytest.mark.parametrize("text", [POLICY, FLEETING], ids=["lasting", "fleeting"])
def test_gathered_profiles_equal_the_naive_ones_at_every_step(text: str, worlds: range, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(belongings, "MANY", many)
    policy, profiles, stood, parted = load_policy(text), 0, 0, 0
    for seed in worlds:
        r, living = random.Random(seed), Living.begin(policy, World(()))
        reports = random_reports(seed, count=20 + seed % 30)
        at = NOW
        for first in range(0, len(reports), 10):
            report(living, reports[first : first + 10], at)
            profiles += check(living.engine, r, living.engine.state_time, (seed, first))
            at += r.choice((1, DAY))
            stood += sum(gather(living.engine.state, taken(living.engine), Needs(("purchase_count",)), at).values[0].tolist())
        parted += len(living.engine.state.identifiers.splits)
        one, other = people(2)[0][0], people(2)[-1][-1]
        living.say((Said("same", at, Verdict.SAME, one, other),), at)
        check(living.engine, r, at, (seed, "merged"))
        living.say((Said("apart", at + 1, Verdict.DIFFERENT, one, other),), at + 1)
        check(living.engine, r, at, (seed, "split"))
        for gone in r.sample(reports, len(reports) // 3):
            living.retract(gone.source, gone.observation_id, at + 1)
        check(living.engine, r, at + 2, (seed, "taken back"))
        living.tick(at + 20 * DAY)
        check(living.engine, r, at + 20 * DAY, (seed, "later"))
    assert profiles > 2 * len(worlds)
    assert stood > 5 * len(worlds)
    assert parted > 0 or text == FLEETING


def taken(engine: Engine) -> np.ndarray:
    return np.flatnonzero(engine.state.profiles.bearer.array >= 0).astype(np.int32)
