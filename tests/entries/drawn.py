"""Entries of every shape, for hypothesis: empty, non-ASCII, the least and the greatest values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st
from idweave_server.entries.births import birth_ids, content_hashes
from idweave_server.entries.columns import (
    AnyEntry,
    Births,
    CutsEntry,
    ErasureEntry,
    EventColumns,
    IdentifierColumns,
    ObservationEntry,
    ObservedSpellings,
    PolicyEntry,
    QuarantineColumns,
    RetractionEntry,
    SegmentEntry,
    TickEntry,
    TraitEntries,
    VerdictEntry,
)
from idweave_server.model import Flag, Refusal, Verdict

texts = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12),
    st.sampled_from(["", "jo@example.org", "+12025550123", "0" * 32, "30a108c7-acec-5824-ace3-9ce3e4109d4f", "小明", "\0", "ß" * 40]),
    st.integers(0, 2**64 - 1).map(lambda number: f"ck.{number:020x}"),
)
words = st.lists(texts, min_size=1, max_size=4, unique=True).map(tuple)
WIDE = st.one_of(st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1), st.integers(1_780_000_000, 1_780_000_100))
HASH = st.integers(0, 2**64 - 1)


class Drawing:
    """Columns drawn one by one."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw

    def count(self, most: int = 12) -> int:
        return int(self.draw(st.integers(0, most)))

    def numbers(self, n: int, values: Any, dtype: Any) -> np.ndarray:
        return np.array(self.draw(st.lists(values, min_size=n, max_size=n)), dtype)

    def codes(self, n: int, size: int, dtype: Any = np.int32, *, least: int = 0) -> np.ndarray:
        """Below `size`, which is at least 1 where least is 0; often numbered by first use."""
        found = self.numbers(n, st.integers(least, max(size - 1, least)), dtype)
        if n and self.draw(st.booleans()):
            _, first, inverse = np.unique(found, return_index=True, return_inverse=True)
            found = (np.argsort(np.argsort(first))[inverse] + least).astype(dtype)
        return found

    def rows(self, n: int, size: int, dtype: Any = np.int32) -> np.ndarray:
        return np.sort(self.numbers(n, st.integers(0, size - 1), dtype)) if size else np.zeros(0, dtype)

    def texts(self, n: int) -> pa.StringArray:
        array = pa.array(["skipped", *self.draw(st.lists(texts, min_size=n, max_size=n))], pa.string())
        return array.slice(1)

    def identifiers(self, i: int, names: int) -> IdentifierColumns:
        namespaces, issuers = self.draw(words), self.draw(words)
        flags = self.numbers(i, st.integers(0, sum(Flag)), np.uint8)
        namespace = self.codes(i, len(namespaces), np.uint8)
        issuer, mailbox = self.codes(i, len(issuers), least=-1), self.codes(i, names, least=-1)
        columns = IdentifierColumns(namespace, namespaces, issuer, issuers, self.texts(i), flags, mailbox, np.zeros((i, 2), np.uint64))
        return replace(columns, content=content_hashes(columns))

    def births(self, identifiers: int) -> Births:
        b = self.count()
        place, keyed = self.codes(b, identifiers, least=-1), self.numbers(b, HASH, np.uint64)
        time = self.numbers(b, WIDE, np.int64)
        if b and self.draw(st.booleans()):
            milliseconds, seed = self.draw(st.integers(0, 2**48 - 1)), self.draw(st.binary(min_size=16, max_size=16))
            return Births(place, keyed, birth_ids(milliseconds, seed, b), time, milliseconds, seed)
        return Births(place, keyed, self.numbers(2 * b, HASH, np.uint64).reshape(b, 2), time)

    def events(self, n: int) -> EventColumns:
        v = self.count() if n else 0
        if not v:
            return EventColumns.none()
        q = self.count()
        types, currencies, properties = self.draw(words), self.draw(words), self.texts(3)
        return EventColumns(
            row=self.rows(v, n),
            type=self.codes(v, len(types)),
            types=types,
            units=self.numbers(v, WIDE, np.int64),
            nanos=self.numbers(v, st.integers(-(2**31), 2**31 - 1), np.int32),
            currency=self.codes(v, len(currencies), least=-1),
            currencies=currencies,
            property_event=self.rows(q, v),
            property_name=self.codes(q, 3),
            property_value=self.codes(q, 3),
            property_type=self.numbers(q, st.integers(0, 3), np.uint8),
            texts=properties,
        )

    def quarantined(self, n: int) -> QuarantineColumns:
        q = self.count() if n else 0
        if not q:
            return QuarantineColumns.none()
        fields = self.draw(words)
        reason = self.numbers(q, st.sampled_from(Refusal), np.uint8)
        return QuarantineColumns(self.codes(q, n), self.codes(q, len(fields)), fields, reason, self.texts(q), self.texts(q))

    def trait(self, n: int) -> TraitEntries:
        e = self.count() if n else 0
        return TraitEntries(self.draw(texts), self.rows(e, n), self.codes(e, 4), self.texts(4))


@st.composite
def observation_entries(draw: Any) -> ObservationEntry:
    d = Drawing(draw)
    n, i = d.count(), d.count()
    names, sources, kinds = draw(words), draw(words), draw(words)
    sizes = d.numbers(n, st.integers(0, 4 if i else 0), np.int64)
    start = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    k = int(start[-1])
    o = d.count(3) if k else 0
    return ObservationEntry(
        identifiers=d.identifiers(i, len(names)),
        births=d.births(i),
        names=names,
        sources=sources,
        kinds=kinds,
        id=d.texts(n),
        time=d.numbers(n, WIDE, np.int64),
        source=d.codes(n, len(sources)),
        kind=d.codes(n, len(kinds), np.uint8),
        first_name=d.codes(n, len(names), least=-1),
        birth_date=d.numbers(n, st.one_of(st.just(-1), st.integers(-(2**31), 2**31 - 1)), np.int32),
        content=d.numbers(n, HASH, np.uint64),
        backfill=draw(st.booleans()),
        start=start,
        identifier=d.codes(k, i),
        hint=d.codes(k, len(names), least=-1),
        observed=ObservedSpellings(d.rows(o, k, np.int64), d.texts(o)),
        traits=tuple(d.trait(n) for _ in range(d.count(3))),
        events=d.events(n),
        quarantined=d.quarantined(n),
    )


@st.composite
def verdict_entries(draw: Any) -> VerdictEntry:
    d = Drawing(draw)
    i = d.count()
    w = d.count() if i else 0
    names = draw(words)
    return VerdictEntry(
        identifiers=d.identifiers(i, len(names)),
        names=names,
        id=tuple(draw(st.lists(texts, min_size=w, max_size=w))),
        source=tuple(draw(st.lists(texts, min_size=w, max_size=w))),
        kind=d.numbers(w, st.sampled_from(Verdict), np.uint8),
        time=d.numbers(w, WIDE, np.int64),
        left=d.codes(w, i),
        right=d.codes(w, i, least=-1),
        content=d.numbers(w, HASH, np.uint64),
        withdrawn=tuple(draw(st.lists(st.tuples(texts, texts), max_size=3))),
    )


@st.composite
def erasure_entries(draw: Any) -> ErasureEntry:
    d = Drawing(draw)
    e = d.count()
    return ErasureEntry(d.numbers(e, HASH, np.uint64), d.numbers(e, WIDE, np.int64), d.numbers(e, WIDE, np.int64))


@st.composite
def cuts_entries(draw: Any) -> CutsEntry:
    d = Drawing(draw)
    known = d.numbers(3, st.integers(0, 1), np.uint8)
    return CutsEntry(known, d.numbers(12, WIDE, np.int64).reshape(3, 4), d.numbers(12, HASH, np.uint64).reshape(3, 4))


def entries() -> st.SearchStrategy[AnyEntry]:
    bounds = st.one_of(st.none(), WIDE)
    return st.one_of(
        observation_entries(),
        verdict_entries(),
        erasure_entries(),
        st.builds(RetractionEntry, texts, st.one_of(st.none(), texts), bounds, bounds),
        st.builds(PolicyEntry, texts, texts, texts),
        st.builds(SegmentEntry, texts, texts),
        cuts_entries(),
        st.just(TickEntry()),
    )
