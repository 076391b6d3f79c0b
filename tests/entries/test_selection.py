"""An entry without some of its rows: nothing of what only they said is left, and everything else is as before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.entries import frame
from idweave_server.entries.births import content_hashes
from idweave_server.entries.codec import decode, encode
from idweave_server.entries.columns import IdentifierColumns, ObservationEntry, VerdictEntry
from idweave_server.entries.selection import without
from idweave_server.model import EntryKind

from tests.entries.drawn import observation_entries, verdict_entries
from tests.entries.realistic import observations
from tests.entries.sameness import differences

SOME = settings(derandomize=True, deadline=None, max_examples=100)


def named(columns: IdentifierColumns, at: int) -> tuple[str, str | None, str, int]:
    issuer = columns.issuers[columns.issuer[at]] if columns.issuer[at] >= 0 else None
    return columns.namespaces[columns.namespace[at]], issuer, columns.value[at].as_py(), int(columns.flags[at])


def word(words: tuple[str, ...], code: int) -> str | None:
    return words[code] if code >= 0 else None


def told(entry: ObservationEntry, row: int) -> list[object]:
    """Everything that one observation says, in words."""
    sightings = range(entry.start[row], entry.start[row + 1])
    spelled = dict(zip(entry.observed.entry.tolist(), entry.observed.text.to_pylist(), strict=True))
    events, refused = entry.events, entry.quarantined
    return [
        entry.id[row].as_py(),
        int(entry.time[row]),
        entry.sources[entry.source[row]],
        entry.kinds[entry.kind[row]],
        word(entry.names, entry.first_name[row]),
        int(entry.birth_date[row]),
        int(entry.content[row]),
        [(named(entry.identifiers, entry.identifier[k]), word(entry.names, entry.hint[k]), spelled.get(k)) for k in sightings],
        [word(entry.names, entry.identifiers.mailbox_name[entry.identifier[k]]) for k in sightings],
        sorted(
            (t.name, t.values[int(c)].as_py())
            for t in entry.traits
            for r, c in zip(t.row.tolist(), t.code.tolist(), strict=True)
            if r == row
        ),
        [
            (
                events.types[events.type[v]],
                int(events.units[v]),
                int(events.nanos[v]),
                word(events.currencies, events.currency[v]),
                [
                    (events.texts[int(events.property_name[q])].as_py(), events.texts[int(events.property_value[q])].as_py())
                    for q in np.flatnonzero(events.property_event == v)
                ],
            )
            for v in np.flatnonzero(events.row == row)
        ],
        [
            (refused.fields[refused.field[q]], int(refused.reason[q]), refused.value[q].as_py(), refused.message[q].as_py())
            for q in np.flatnonzero(refused.row == row).tolist()
        ],
    ]


@SOME
@given(observation_entries(), st.integers(0, 2**32))
def test_the_rest_says_what_it_said(entry: ObservationEntry, seed: int) -> None:
    rows = np.random.default_rng(seed).random(len(entry)) < 0.5
    rest = without(entry, rows)
    assert [told(rest, row) for row in range(len(rest))] == [told(entry, row) for row in np.flatnonzero(~rows).tolist()]
    assert np.array_equal(rest.identifiers.content, content_hashes(rest.identifiers))
    assert sorted(np.unique(rest.identifier)) == list(range(len(rest.identifiers)))  # none that no row names
    for name in ("keyed", "birth", "time"):
        assert np.array_equal(getattr(rest.births, name), getattr(entry.births, name))
    for place, before in zip(rest.births.place.tolist(), entry.births.place.tolist(), strict=True):
        used = before >= 0 and before in entry.identifier[np.repeat(~rows, np.diff(entry.start))]
        assert (place >= 0) == used
        if used:
            assert named(rest.identifiers, place) == named(entry.identifiers, before)
    assert differences(decode(EntryKind.OBSERVATIONS, encode(rest)), rest) == []


def test_no_byte_of_what_was_erased_is_left() -> None:
    entry = observations(40)
    email = entry.identifiers.namespaces.index("email")
    entry = replace(entry, observed=replace(entry.observed, entry=entry.observed.entry[:0], text=entry.observed.text.slice(0, 0)))
    victim = next(at for at in range(len(entry.identifiers)) if entry.identifiers.namespace[at] == email)
    address = entry.identifiers.value[victim].as_py().encode()
    rows = np.zeros(40, bool)
    rows[np.repeat(np.arange(40), np.diff(entry.start))[entry.identifier == victim]] = True
    assert address in frame.content_of_body(encode(entry))
    rest = without(entry, rows)
    assert address not in frame.content_of_body(encode(rest))
    assert 0 < len(rest) < 40


def test_all_and_nothing() -> None:
    entry = observations(20)
    nothing = without(entry, np.ones(20, bool))
    assert len(nothing) == len(nothing.identifiers) == len(nothing.names) == len(nothing.traits) == 0
    assert (nothing.births.place == -1).all()
    assert len(nothing.births) == len(entry.births)
    again = without(entry, np.zeros(20, bool))
    assert [told(again, row) for row in range(20)] == [told(entry, row) for row in range(20)]
    for rows in (np.ones(3, bool), np.zeros(20, np.int64)):
        with pytest.raises(ValueError, match=r"rows must be bool\[20\]"):
            without(entry, rows)


@SOME
@given(verdict_entries(), st.integers(0, 2**32))
def test_verdicts_too(entry: VerdictEntry, seed: int) -> None:
    rows = np.random.default_rng(seed).random(len(entry)) < 0.5

    def said(found: VerdictEntry, row: int) -> list[object]:
        ends = [named(found.identifiers, at) if at >= 0 else None for at in (found.left[row], found.right[row])]
        return [found.id[row], found.source[row], int(found.kind[row]), int(found.time[row]), int(found.content[row]), ends]

    rest = without(entry, rows)
    assert [said(rest, row) for row in range(len(rest))] == [said(entry, row) for row in np.flatnonzero(~rows).tolist()]
    assert len(rest.identifiers) == len(set(rest.left.tolist()) | set(rest.right.tolist()) - {-1})
    assert rest.withdrawn == entry.withdrawn
    assert differences(decode(EntryKind.VERDICTS, encode(rest)), rest) == []
    assert isinstance(rest.identifiers.value, pa.StringArray)
