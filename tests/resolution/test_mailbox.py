"""Names that an e-mail's local part shows: weak evidence, counted once, however often the address is seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from idweave_server.model import Apart, Flag
from idweave_server.resolution.policy import default_policy
from idweave_server.resolution.resolve import resolve

from tests.resolution.worlds import START, Key, Seen, World, columns

KNEAL, PHONE = ("email", "", "kneal85@mail"), ("phone", "", "+1")


def apart(first_name: str, *, hint: str | None = None, flags: dict[Key, Flag] | None = None, sightings: int = 1) -> int:
    """Why an address whose local part shows `hint` stays apart from the phone of somebody with this first name; 0 where it does not."""
    seen = tuple(Seen(f"a{i}", START + i, "web", "LOGIN", (KNEAL,)) for i in range(sightings))
    seen += (Seen("b", START, "web", "CALL", (PHONE,), first_name=first_name), Seen("link", START, "web", "WIFI", (KNEAL, PHONE)))
    world = World(seen, flags=flags or {}, mailbox_names={("email", "", "nobody@mail"): hint or "k"})
    policy = default_policy()
    built = columns(policy, world)
    names = sorted({o.first_name for o in seen if o.first_name} | set(world.mailbox_names.values()))
    code = built.keys.index(KNEAL)
    hints = np.where((built.observations.identifier == code) & (hint is not None), names.index(hint or "k"), -1).astype(np.int32)
    built = replace(built, observations=replace(built.observations, hint=hints))
    found = resolve(policy, built.observations, built.identifiers, built.verdicts, as_of=START)
    return int(found.apart[0]) if found.apart.size else -1


def test_an_initial_beside_the_last_name_keeps_strangers_apart() -> None:
    assert apart("omar", hint="k") == Apart.NAMES
    assert apart("omar") == Apart.NONE


def test_an_initial_fits_every_name_that_begins_with_it() -> None:
    assert apart("kelly", hint="k") == Apart.NONE


def test_it_counts_once() -> None:
    """Seen fifty times with the address, the initial still weighs 60; a stated name of one login weighs 90."""
    seen = tuple(Seen(f"a{i}", START + i, "web", "LOGIN", (KNEAL,)) for i in range(50))
    seen += (Seen("stated", START, "web", "LOGIN", (KNEAL,), first_name="omar"),)
    policy = default_policy()
    built = columns(policy, World(seen, mailbox_names={("email", "", "nobody@mail"): "k"}))
    hints = np.zeros(built.observations.identifier.size, np.int32)  # "k" sorts first
    built = replace(built, observations=replace(built.observations, hint=hints))
    names = resolve(policy, built.observations, built.identifiers, built.verdicts, as_of=START).statuses.node_names
    assert sorted(names.weight.tolist()) == [60, 90]


def test_a_role_address_names_nobody() -> None:
    assert apart("omar", hint="k", flags={KNEAL: Flag.ROLE}) == -1  # shared: no link at all
