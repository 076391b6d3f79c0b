"""Ids, content hashes and keyed hashes of identifiers."""

from __future__ import annotations

import uuid
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.entries.births import MAX_BIRTHS, birth_ids, content_hashes, keyed
from idweave_server.entries.columns import IdentifierColumns
from idweave_server.intake.identifier_table import IdentifierInterner
from idweave_server.resolution.policy import default_policy

from tests.entries.realistic import observations

SEED = bytes(range(16))
FIRST_TWO = ("019e7044-887b-7242-9e63-e6ef68ab93c2", "019e7044-887b-7242-9e64-72f084b470f2")


def as_uuids(ids: np.ndarray) -> list[uuid.UUID]:
    return [uuid.UUID(int=int(high) << 64 | int(low)) for high, low in ids]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.integers(0, 2**48 - 1), st.binary(min_size=16, max_size=16), st.sampled_from([0, 1, 2, 5_000, 70_000]))
def test_they_are_ascending_uuids_of_version_7(milliseconds: int, seed: bytes, count: int) -> None:
    ids = birth_ids(milliseconds, seed, count)
    assert ids.shape == (count, 2)
    assert ids.dtype == np.uint64
    assert (ids[:, 0] >> np.uint64(16) == milliseconds).all()
    assert (ids[:, 0] >> np.uint64(12) & np.uint64(15) == 7).all()
    assert (ids[:, 1] >> np.uint64(62) == 2).all()
    order = np.lexsort((ids[:, 1], ids[:, 0]))
    assert (order == np.arange(count)).all()
    assert len(np.unique(ids, axis=0)) == count


def test_the_same_arguments_give_the_same_ids_for_ever() -> None:
    first, second = as_uuids(birth_ids(1_780_000_000_123, SEED, 2))
    assert first.version == second.version == 7
    assert (str(first), str(second)) == FIRST_TWO


def test_entries_of_one_millisecond_share_no_id() -> None:
    seeds = [number.to_bytes(16, "little") for number in range(300)]
    ids = np.concatenate([birth_ids(7, seed, 100) for seed in seeds])
    assert len(np.unique(ids, axis=0)) == 30_000
    assert len(np.unique(ids[:, 1] & np.uint64(2**48 - 1))) == 30_000  # the chance bits alone tell them apart


@pytest.mark.parametrize(
    ("milliseconds", "seed", "count", "message"),
    [
        (-1, SEED, 1, "milliseconds"),
        (2**48, SEED, 1, "milliseconds"),
        (0, b"short", 1, "16 bytes, not 5"),
        (0, SEED, -1, "births"),
        (0, SEED, MAX_BIRTHS + 1, "33,554,432 births"),
    ],
)
def test_what_gives_no_ids(milliseconds: int, seed: bytes, count: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        birth_ids(milliseconds, seed, count)


def test_content_is_hashed_as_intake_hashes_it() -> None:
    interner = IdentifierInterner(default_policy())
    given = [
        ("email", "", "jo@example.org"),
        ("email", "", "小明@example.org"),
        ("phone", "", "+12025550123"),
        ("customer_id", "shop", "1234"),
        ("customer_id", "müller", "1234"),
        ("cookie", "", "1234"),
        ("loyalty_id", "shop", ""),
    ]
    for namespace, issuer, value in given:
        issuers = pa.array([issuer]) if issuer else None
        interner.intern(namespace, pa.array([value]), np.zeros(1, np.uint8), issuers)
    table = interner.table()
    columns = IdentifierColumns(
        namespace=table.identifiers.namespace,
        namespaces=tuple(space.name for space in default_policy().namespaces),
        issuer=table.identifiers.issuer,
        issuers=tuple(table.issuers.to_pylist()),
        value=table.value,
        flags=table.identifiers.flags,
        mailbox_name=table.identifiers.mailbox_name,
        content=np.zeros((len(given), 2), np.uint64),
    )
    assert np.array_equal(content_hashes(columns), table.identifiers.content)
    assert len(np.unique(table.identifiers.content, axis=0)) == len(given)
    turned = replace(columns, namespaces=columns.namespaces[::-1], namespace=np.uint8(len(columns.namespaces) - 1) - columns.namespace)
    assert np.array_equal(content_hashes(turned), table.identifiers.content)  # codes mean nothing, words do


def test_keyed_hashes_need_the_key() -> None:
    content = observations(50).identifiers.content
    one, other = keyed(content, b"k" * 32), keyed(content, b"l" * 32)
    assert one.dtype == np.uint64
    assert not (one == other).any()
    assert len(np.unique(one)) == len(content)
    assert np.array_equal(keyed(content[::-1], b"k" * 32), one[::-1])
    assert keyed(content[:0], b"k" * 32).size == 0
    assert [hex(number) for number in keyed(np.array([[1, 2]], np.uint64), bytes(32))] == ["0x55fd2d21a3a6eabc"]
    with pytest.raises(ValueError, match="at least 16 bytes, not 3"):
        keyed(content, b"abc")
