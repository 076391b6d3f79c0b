"""Content hashes: golden values, the published algorithm again in plain Python, avalanche, and no byte read that is not the string's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.kernels.hashing import hash_strings, hash_words, mix_hash, tie_hash

from tests.kernels import naive

KEY = int.from_bytes(bytes(range(16)), "little")  # the key of the published test vectors


def column(strings: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    return np.frombuffer(b"".join(strings), np.uint8), np.cumsum([0, *map(len, strings)]).astype(np.int32)


def as_words(hashes: np.ndarray) -> list[tuple[int, int]]:
    return [(int(a), int(b)) for a, b in hashes]


def test_published_vectors() -> None:
    """From vectors.h of the reference implementation: the hashes of nothing, 00, and 00 01 ... 0e."""
    found = hash_strings(*column([b"", b"\0", bytes(range(15))]), seed=KEY)
    assert [row.astype("<u8").tobytes().hex() for row in found] == [
        "a3817f04ba25a8e66df67214c7550293",
        "da87c1d86b99af44347659119b22fc45",
        "5493e99933b0a8117e08ec0f97cfc3d9",
    ]


def test_values_never_change() -> None:
    """Ids and tie-breaks are made of these: a change here changes every partition's ids."""
    found = hash_strings(*column([b"", b"jo@example.org", "小明".encode(), b"x" * 100]))
    mixed = mix_hash(found[:1], found[1:2])
    assert as_words(found) == GOLDEN
    assert as_words(mixed) == GOLDEN_MIX
    assert tie_hash(found[:1, 0].copy(), found[1:2, 0].copy()).tolist() == GOLDEN_TIE


GOLDEN = [
    (0x7DE0A38047D74950, 0xF4F2CED447AB0242),
    (0x913949236A54E54E, 0x4790B5ACB9C171E7),
    (0x90A6227022CE974E, 0x07FA6856B41DB76B),
    (0x434399F32E658514, 0x4E91360E4BEB6642),
]
GOLDEN_MIX = [(0xF6373911C07CBD37, 0x8F538561D9186E06)]
GOLDEN_TIE = [0x78C47887A43896D6]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(0, 2**128 - 1), st.booleans())
def test_equals_the_oracle(strings: list[bytes], seed: int, wide: bool) -> None:
    data, offsets = column(strings)
    found = hash_strings(data, offsets.astype(np.int64) if wide else offsets, seed)
    assert as_words(found) == [naive.siphash(s, seed) for s in strings]


def test_a_hash_depends_on_no_byte_outside_its_string() -> None:
    for length in range(26):
        text = bytes(range(100, 100 + length))
        alone = hash_strings(np.frombuffer(text, np.uint8), np.array([0, length], np.int32))
        amid = np.frombuffer(b"\xff" * 9 + text + b"\xee" * 9, np.uint8)
        assert (hash_strings(amid, np.array([9, 9 + length], np.int32)) == alone).all()


def test_every_input_bit_flips_half_of_the_output() -> None:
    rng = np.random.default_rng(1)
    for length in (1, 7, 8, 9, 20):
        flips = np.zeros(128)
        words = rng.integers(0, 256, (64, length), dtype=np.uint8)
        before = hash_strings(words.reshape(-1), np.arange(0, 64 * length + 1, length, dtype=np.int32))
        for bit in range(length * 8):
            changed = words.copy()
            changed[:, bit // 8] ^= np.uint8(1 << bit % 8)
            after = hash_strings(changed.reshape(-1), np.arange(0, 64 * length + 1, length, dtype=np.int32))
            flips += np.unpackbits((before ^ after).view(np.uint8), axis=1).sum(0)
        share = flips / (64 * length * 8)
        assert (np.abs(share - 0.5) < 6 * 0.5 / np.sqrt(64 * length * 8)).all(), (length, share)


def test_mixes_keep_order_and_spread() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.integers(0, 2**64, (2, 500, 2), dtype=np.uint64)
    assert not (mix_hash(a, b) == mix_hash(b, a)).any()
    joined = np.concatenate([a, b], axis=1).astype("<u8").tobytes()
    wanted = [naive.siphash(joined[i : i + 32], 0x72696170) for i in range(0, len(joined), 32)]
    assert as_words(mix_hash(a, b)) == wanted
    small = np.arange(1000, dtype=np.uint64)
    ties = np.concatenate([tie_hash(small, small + np.uint64(1)), tie_hash(small + np.uint64(1), small)])
    assert len(np.unique(ties)) == 2000
    bits = np.unpackbits(ties.view(np.uint8).reshape(-1, 8), axis=1).mean(0)
    assert (np.abs(bits - 0.5) < 0.1).all(), bits


def test_a_sliced_and_a_read_only_column_hash_alike() -> None:
    data, offsets = column([b"anna", b"bob", b"carla"])
    assert (hash_strings(data, offsets[1:]) == hash_strings(data.copy(), offsets)[1:]).all()


@pytest.mark.parametrize(
    ("offsets", "seed", "message"),
    [
        ([0, 5], 0, "offsets must ascend within 0 and 4"),
        ([3, 1], 0, "offsets must ascend"),
        ([-1, 2], 0, "offsets must ascend"),
        ([], 0, "one more entry"),
        ([0, 4], -1, "seed must lie in"),
    ],
)
def test_misuse_is_refused(offsets: list[int], seed: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        hash_strings(np.zeros(4, np.uint8), np.array(offsets, np.int32), seed)


def test_wrong_types_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="data must be an array of uint8, not int8"):
        hash_strings(np.zeros(4, np.int8), np.array([0, 4], np.int32))
    with pytest.raises(ValueError, match=r"a must have shape \[n, 2\], not \[4\]"):
        mix_hash(np.zeros(4, np.uint64), np.zeros((2, 2), np.uint64))
    with pytest.raises(ValueError, match="b must have 4 rows, not 3"):
        tie_hash(np.zeros(4, np.uint64), np.zeros(3, np.uint64))


def test_words_under_seeds_of_their_own_hash_as_their_bytes() -> None:
    rng = np.random.default_rng(3)
    words, seeds = rng.integers(0, 2**64, 50, np.uint64), rng.integers(0, 2**64, (50, 2), np.uint64)
    expected = [
        int(hash_strings(np.frombuffer(word.astype("<u8").tobytes(), np.uint8), np.array([0, 8]), int(low) | int(high) << 64)[0, 0])
        for word, (low, high) in zip(words, seeds, strict=True)
    ]
    assert hash_words(words, seeds).tolist() == expected
    with pytest.raises(ValueError, match="seeds must have 50 rows"):
        hash_words(words, seeds[:3])
