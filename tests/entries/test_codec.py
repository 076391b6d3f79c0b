"""Entries as bytes: what comes back, how large it is, and what becomes of bytes that nobody wrote."""

from __future__ import annotations

import base64
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.entries import frame
from idweave_server.entries.codec import decode, encode, kind_of
from idweave_server.entries.columns import AnyEntry, Births, ObservationEntry, PolicyEntry, TickEntry
from idweave_server.errors import InputError, StoreCorruptError
from idweave_server.model import EntryKind

from tests.entries.drawn import entries, observation_entries
from tests.entries.realistic import observations
from tests.entries.sameness import differences

settings.register_profile("entries", derandomize=True, deadline=None, max_examples=150)
MANY = settings(settings.get_profile("entries"))


@MANY
@given(entries())
def test_what_was_written_is_read(entry: AnyEntry) -> None:
    assert differences(decode(kind_of(entry), encode(entry)), entry) == []


@pytest.mark.parametrize("n", [1, 2, 64, 1_000])
def test_realistic_observations_are_read_as_written(n: int) -> None:
    entry = observations(n)
    assert differences(decode(EntryKind.OBSERVATIONS, encode(entry)), entry) == []


@pytest.mark.parametrize(("n", "most"), [(64, 80), (1_000, 60)])
def test_size(n: int, most: int) -> None:
    """Bytes an observation. Of these 24 to 28 are hashes and ids, which nothing compresses."""
    sizes = [len(encode(observations(n, seed))) / n for seed in range(5)]
    assert max(sizes) <= most


def test_ticks_are_small() -> None:
    assert len(encode(TickEntry())) < 32


# ------------------------------------------------------------ damage


def damaged(body: bytes, chance: random.Random) -> bytes:
    """The body with bytes changed, cut off, put in or put behind it."""
    out = bytearray(body)
    match chance.randrange(4):
        case 0:
            for _ in range(chance.choice((1, 1, 3, 20))):
                out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
        case 1:
            del out[chance.randrange(len(out)) :]
        case 2:
            out += chance.randbytes(chance.choice((1, 9)))
        case _:
            at = chance.randrange(len(out))
            out[at:at] = chance.randbytes(chance.choice((1, 5)))
    return bytes(out)


@MANY
@given(entries(), st.integers(0, 2**32))
def test_a_changed_body_is_refused(entry: AnyEntry, seed: int) -> None:
    body = encode(entry)
    changed = damaged(body, random.Random(seed))
    if changed != body:
        with pytest.raises(StoreCorruptError, match="damaged"):
            decode(kind_of(entry), changed)


def resealed(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(content)


@MANY
@given(entries(), st.integers(0, 2**32))
def test_a_changed_content_under_a_good_checksum_does_no_worse(entry: AnyEntry, seed: int) -> None:
    """Nobody writes such a body but a fault of ours: it is refused, or it is an entry that holds together."""
    content = damaged(frame.content_of_body(encode(entry)), random.Random(seed))
    try:
        found = decode(kind_of(entry), resealed(content))
    except StoreCorruptError:
        return
    encode(found)


def test_three_thousand_changes_of_one_entry() -> None:
    chance = random.Random(3)
    entry = observations(3)
    content = frame.content_of_body(encode(entry))
    refused = 0
    for _ in range(3_000):
        try:
            decode(EntryKind.OBSERVATIONS, resealed(damaged(content, chance)))
        except StoreCorruptError:
            refused += 1
    assert refused > 1_000


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "frame"),
        (b"\x28\xb5\x2f\xfd", "frame"),
        (zstandard.ZstdCompressor(write_checksum=False).compress(b"\1\6\0\0"), "no checksum"),
        (zstandard.ZstdCompressor(write_checksum=True, write_content_size=False).compress(b"\1\6\0\0"), "at most 268,435,456"),
        (resealed(b""), "beyond its end"),
        (resealed(b"\1\6\0\0") + b"x", "frame"),
        (resealed(b"\1\2\0\0"), "another kind"),
        (resealed(b"\1\6\1\0\0\0"), "behind its end"),
        (resealed(b"\1\6" + b"\xff" * 10 + b"\0\0"), "too many digits"),
    ],
)
def test_bodies_that_are_none(body: bytes, message: str) -> None:
    with pytest.raises(StoreCorruptError, match=message):
        decode(EntryKind.TICK, body)


def test_a_newer_format_is_named() -> None:
    with pytest.raises(StoreCorruptError, match="of format 2, and this release reads format 1; upgrade"):
        decode(EntryKind.TICK, resealed(b"\2\6\0\0"))


def test_the_size_that_a_frame_claims_is_checked_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zstandard.ZstdCompressor(write_checksum=True).compress(bytes(frame.MAX_CONTENT_BYTES + 1))
    assert len(bomb) < 100_000

    def forbidden(*_: Any, **__: Any) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(zstandard, "ZstdDecompressor", forbidden)
    with pytest.raises(StoreCorruptError, match="268,435,457 bytes; at most 268,435,456"):
        decode(EntryKind.TICK, bomb)


def test_counts_are_checked_before_anything_is_allocated() -> None:
    claimed = frame.Sections()
    claimed.put_count(0)  # words
    claimed.put_count(2**40)  # erased identifiers
    content = bytes((frame.VERSION, EntryKind.ERASURE, len(claimed.numbers), 0)) + bytes(claimed.numbers)
    with pytest.raises(StoreCorruptError, match="more than the 2,097,152"):
        decode(EntryKind.ERASURE, resealed(content))


def test_an_entry_that_is_too_large_is_refused_when_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "MAX_CONTENT_BYTES", 1_000)
    with pytest.raises(InputError, match=r"at most 1,000 bytes, not [\d,]+; send fewer"):
        encode(PolicyEntry("x" * 1_000, "", ""))


# ------------------------------------------------------------ columns that do not fit together


def wrong(name: str, **changes: Any) -> Any:
    return pytest.param(changes, name, id=name)


ONE = np.zeros(1, np.int32)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        wrong("source", source=np.full(3, 3, np.int32)),
        wrong("source", source=ONE),
        wrong("kind", kind=np.full(3, 99, np.uint8)),
        wrong("first_name", first_name=np.full(3, -2, np.int32)),
        wrong("identifier", identifier=np.full(6, 2**31 - 1, np.int32)),
        wrong("start", start=np.array([0, 5, 4, 6], np.int64)),
        wrong("start", start=np.array([0, 6], np.int64)),
        wrong("id", id=pa.array(["a"])),
        wrong("content", content=np.zeros(2, np.uint64)),
        wrong("hint", hint=np.full(6, 99, np.int32)),
        wrong("births.place", births=Births(ONE + 99, np.zeros(1, np.uint64), np.zeros((1, 2), np.uint64), np.zeros(1, np.int64))),
        wrong("births.birth", births=Births(ONE, np.zeros(1, np.uint64), np.zeros((1, 2), np.uint64), np.zeros(1, np.int64), 5, b"s" * 16)),
        wrong("births.seed", births=Births(ONE, np.zeros(1, np.uint64), np.zeros((1, 2), np.uint64), np.zeros(1, np.int64), 5, b"s")),
        wrong("nulls", id=pa.array(["a", None, "b"])),
    ],
)
def test_columns_that_do_not_fit_together_are_not_written(changes: dict[str, Any], name: str) -> None:
    entry = replace(observations(3, seed=1), start=np.array([0, 2, 4, 6], np.int64))
    entry = replace(entry, identifier=np.zeros(6, np.int32), hint=np.full(6, -1, np.int32), observed=observations(0).observed)
    encode(entry)
    with pytest.raises(ValueError, match=name):
        encode(replace(entry, **changes))


@MANY
@given(observation_entries())
def test_the_order_of_identifiers_costs_bytes_at_most(entry: ObservationEntry) -> None:
    """Columns are written in whatever order they are in."""
    order = np.arange(len(entry.identifiers))[::-1]
    place = np.argsort(order).astype(np.int32)
    columns = entry.identifiers
    turned = replace(
        columns,
        namespace=columns.namespace[order],
        issuer=columns.issuer[order],
        value=columns.value.take(pa.array(order)),
        flags=columns.flags[order],
        mailbox_name=columns.mailbox_name[order],
        content=columns.content[order],
    )
    other = replace(entry, identifiers=turned, identifier=place[entry.identifier], births=Births.none())
    assert differences(decode(EntryKind.OBSERVATIONS, encode(other)), other) == []


IDS = ["4cbd87ad5c90a958", "cb5c74273f98e277"]
VALUES = ["karen_walabe12@aol.com", "+16556070773", "ck.099936f675cc81e74ef5", "ck.6b0d6f03675a1600a35a"]
GOLDEN = """
D77#BWcdIb1OPHg8Y7TJX$+s2XGS-nT8m8c{r>;|=vS(huePJYnEq>IlPzUR0b1)dPQW7q8L)<><D)|XZ_$lvAuI#;bZ|2b3g7)oWPt)8d2ZFS+(W8=x=g~G
g)`jK5Mx`WsuOdSStWQ=E1ifZSLz4=+n|+%pj${^6?9dT1Qperkw*fh2gn2fE-^AdUtwZnWovA0Zf|mTS&mF!T81H0t#G|7FflVVHa8$eRAFH@RUq9=AxCqD
2J*jt#{vo9FfubVH8(gpVPa!sWoDzfR=A`Gcx0NSHBr)M992?fX>4+KAQe<H6G25wPErCC17TuiY<C0$ArP-IchO<zm4~Nh>@eg5blL}llqQSu{bHiLJxIly
BfgEd6TugD4~+x>a)}`zFr~@^fc16T@9S4`k{c#)#Zp_bjw1igt@kel1qFc;?OHSTl6J~#Y(9xa52^0v2b50)?oN60wPjftQe8gqdI|vj)HuJCucgzatlZwz
S8XBdk?9PusK31qOwq3XX}#B-xKJRN*hpxQ5n?#-VG=SPnr2XdP9sV}^jDP~<F=o>1_A(M$;Y;(48%S*js
"""


def test_a_body_of_this_format_is_read_for_ever() -> None:
    """Two observations as the first release wrote them; what they say is written the same way (how it is compressed may change)."""
    body = base64.b85decode(GOLDEN.replace("\n", ""))
    entry = decode(EntryKind.OBSERVATIONS, body)
    assert isinstance(entry, ObservationEntry)
    assert frame.content_of_body(encode(entry)) == frame.content_of_body(body)
    assert entry.id.to_pylist() == IDS
    assert entry.identifiers.value.to_pylist() == VALUES


def test_no_struct_of_the_platform_is_written() -> None:
    """The bytes of a small entry, so that a change of format is seen; a change needs another frame.VERSION."""
    entry = PolicyEntry("a", "bc", "")
    assert frame.content_of_body(encode(entry)) == bytes.fromhex("01 01 09 04 03 01 11 00 01 02 00 03 03 61 62 63 24")
