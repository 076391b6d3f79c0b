"""Places against a dictionary."""

from __future__ import annotations

import numpy as np
import pytest
from idweave_server.kernels.places import GOLDEN, Places


def naive(among: np.ndarray, wanted: np.ndarray) -> list[int]:
    known = {tuple(np.atleast_1d(value).tolist()): place for place, value in enumerate(among)}
    return [known.get(tuple(np.atleast_1d(value).tolist()), -1) for value in wanted]


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 1_000])
@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint64])
def test_numbers_are_found_and_others_are_not(size: int, dtype: type) -> None:
    chance = np.random.default_rng(size)
    among: np.ndarray = chance.permutation(3 * size + 2)[:size].astype(dtype)
    wanted = np.concatenate([chance.integers(0, 3 * size + 2, 2 * size + 3).astype(dtype), among[:3]])
    found = Places(among).of(wanted)
    assert found.dtype == np.int32
    assert found.tolist() == naive(among, wanted)


def test_nobody_is_minus_one_and_stands_nowhere() -> None:
    assert Places(np.array([3, 0, 7], np.int32)).of(np.array([-1, 7, -1, 3], np.int32)).tolist() == [-1, 2, -1, 0]


def test_pairs_of_words_are_told_apart_by_both() -> None:
    chance = np.random.default_rng(1)
    pairs = np.stack([chance.permutation(4_000) % 50, chance.permutation(4_000)], axis=1).astype(np.uint64)
    among, wanted = pairs[:1_000], np.concatenate([pairs, pairs[:, ::-1]])
    assert Places(among).of(wanted).tolist() == naive(among, wanted)


def test_values_with_one_home_are_all_found() -> None:
    inverse = pow(GOLDEN, -1, 2**64)
    among = np.array([value * inverse % 2**64 for value in range(600)], np.uint64)  # times GOLDEN they are small, and small is home 0
    assert Places(among).of(among[::-1]).tolist() == list(range(599, -1, -1))
    assert Places(among[:300]).of(among[300:]).tolist() == [-1] * 300


def test_what_is_read_only_or_lies_apart_is_taken_as_well() -> None:
    among = np.arange(20, dtype=np.int32)
    among.flags.writeable = False
    assert Places(among[::2]).of(among[::4]).tolist() == [0, 2, 4, 6, 8]
    assert Places(among).of(np.zeros(0, np.int32)).tolist() == []
