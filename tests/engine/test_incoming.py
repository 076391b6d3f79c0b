"""Entries that come together say what each says by itself, one after another."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.engine.incoming import Incoming, Numbered
from idweave_server.entries.columns import ObservationEntry

from tests.entries.drawn import observation_entries


def numbered(entry: ObservationEntry, sequence: int) -> Numbered:
    codes = np.arange(len(entry.identifiers), dtype=np.int32) * 3 + sequence
    return Numbered(entry, sequence, codes, np.arange(len(entry.names), dtype=np.int32) * 5 + sequence)


def said(coming: Incoming, first: int = 0, sighting: int = 0) -> dict[str, list[Any]]:
    """Everything in words, by row (from `first` on), sighting (from `sighting` on), trait value, event and quarantined value."""
    ids, values, texts = coming.id.to_pylist(), coming.traits.texts.to_pylist(), coming.events.texts.to_pylist()
    observed, events, aside = coming.observed, coming.events, coming.quarantined
    entry = np.searchsorted(coming.first, np.arange(len(coming)), side="right") - 1
    shown = aside.value.to_pylist(), aside.message.to_pylist()
    rows = [
        (
            int(coming.sequence[entry[row]]),
            bool(coming.backfill[entry[row]]),
            coming.sources[coming.source[row]],
            coming.kinds[coming.kind[row]],
            ids[row],
            *(column[row].item() for column in (coming.time, coming.first_name, coming.birth_date, coming.content, coming.size)),
        )
        for row in range(len(coming))
    ]
    happened = [
        (
            int(events.row[at]) + first,
            events.types[events.type[at]],
            *(column[at].item() for column in (events.units, events.nanos)),
            events.currencies[events.currency[at]] if events.currency[at] >= 0 else None,
            [
                (texts[events.property_name[q]], texts[events.property_value[q]], int(events.property_type[q]))
                for q in np.flatnonzero(events.property_event == at).tolist()
            ],
        )
        for at in range(events.row.size)
    ]
    return {
        "rows": rows,
        "sightings": list(zip(coming.identifier.tolist(), coming.hint.tolist(), strict=True)),
        "spellings": list(zip((observed.entry + sighting).tolist(), observed.text.to_pylist(), strict=True)),
        "traits": [
            (int(row) + first, coming.traits.names[trait], values[code])
            for row, trait, code in zip(coming.traits.row, coming.traits.trait, coming.traits.code, strict=True)
        ],
        "events": happened,
        "quarantined": [
            (int(row) + first, aside.fields[field], int(reason), value, message)
            for row, field, reason, value, message in zip(aside.row, aside.field, aside.reason, *shown, strict=True)
        ],
    }


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.lists(observation_entries(), min_size=1, max_size=4))
def test_together_they_say_what_each_says(entries: list[ObservationEntry]) -> None:
    some = [numbered(entry, number) for number, entry in enumerate(entries, 40)]
    found, first, sighting = said(Incoming.of(some)), 0, 0
    expected: dict[str, list[Any]] = {}
    for one in some:
        for what, lines in said(Incoming.of([one]), first, sighting).items():
            expected[what] = expected.get(what, []) + lines
        first, sighting = first + len(one.entry), sighting + one.entry.identifier.size
    assert found == expected


@settings(derandomize=True, deadline=None, max_examples=100)
@given(observation_entries())
def test_an_entry_alone_keeps_what_it_says(entry: ObservationEntry) -> None:
    found = said(Incoming.of([numbered(entry, 9)]))
    assert [row[2:6] for row in found["rows"]] == [
        (entry.sources[source], entry.kinds[kind], name, time)
        for source, kind, name, time in zip(entry.source, entry.kind, entry.id.to_pylist(), entry.time.tolist(), strict=True)
    ]
    assert found["sightings"] == [
        (int(code) * 3 + 9, int(hint) * 5 + 9 if hint >= 0 else -1) for code, hint in zip(entry.identifier, entry.hint, strict=True)
    ]
    assert found["traits"] == [
        (row, trait.name, trait.values[code].as_py())
        for trait in entry.traits
        for row, code in zip(trait.row.tolist(), trait.code.tolist(), strict=True)
    ]
    assert len(found["events"]) == entry.events.row.size
    assert len(found["quarantined"]) == entry.quarantined.row.size
