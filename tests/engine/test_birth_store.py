"""Births against the plain list of what their entries said."""

from __future__ import annotations

import random

import numpy as np
import pytest
from idweave_server.engine.birth_store import FEW, BirthStore
from idweave_server.entries.births import SEED_BYTES, birth_ids
from idweave_server.entries.columns import Births
from idweave_server.model import DAY

START = 1_790_000_000_000  # milliseconds


def entry(chance: random.Random, milliseconds: int, size: int, *, elsewhere: bool) -> Births:
    seed = chance.randbytes(SEED_BYTES)
    ids = birth_ids(milliseconds, seed, size)
    time = milliseconds // 1000 - np.array([chance.randrange(100 * DAY) for _ in range(size)], np.int64)
    nobody = np.full(size, -1, np.int32)
    return Births(nobody, nobody.astype(np.uint64), ids, time, milliseconds, b"" if elsewhere else seed)


@pytest.mark.parametrize("seed", range(12))
def test_every_birth_keeps_its_id(seed: int) -> None:
    chance = random.Random(seed)
    store, ids, times, codes = BirthStore(), list[tuple[int, int]](), list[int](), list[int]()
    for number in range(40):
        births = entry(chance, START + 7 * number, chance.choice((0, 1, 2, FEW, FEW + 1, 300)), elsewhere=chance.random() < 0.2)
        whose = np.arange(len(births), dtype=np.int32) + len(ids)
        store.extend(births, whose)
        ids += [(high, low) for high, low in births.birth.tolist()]
        times += births.time.tolist()
        codes += whose.tolist()
        assert len(store) == len(ids)
    order = np.random.default_rng(seed).permutation(len(ids))
    assert [tuple(words) for words in store.id_of(order).tolist()] == [ids[birth] for birth in order]
    assert [store.born_with(ids[birth]) for birth in order[:200]] == order[:200].tolist()
    assert store.time.every().tolist() == times
    assert store.code.array.tolist() == codes
    for high, low in random.Random(1).sample(ids, 20):
        for strange in ((high, low ^ 1), (high ^ 1, low), (high + (1 << 40), low), (0, 0), (2**64 - 1, 2**64 - 1)):
            assert store.born_with(strange) == (ids.index(strange) if strange in ids else -1)


def test_ids_that_can_be_made_again_take_no_room() -> None:
    store, chance = BirthStore(), random.Random(3)
    for number in range(600):
        store.extend(entry(chance, START + number, 500, elsewhere=False), np.zeros(500, np.int32))
    assert store.nbytes / len(store) < 8.5
    assert store.id_of(np.zeros(0, np.int64)).shape == (0, 2)


def test_an_empty_store_knows_no_id() -> None:
    assert BirthStore().born_with((START << 16 | 7 << 12, 2 << 62)) == -1
