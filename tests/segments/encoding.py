"""Plain people as the columns that programs are evaluated on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from idweave_server.segments.subjects import FOREVER, NO_VALUE, STANDS, Events, Needs, Sightings, Subjects

from tests.segments.naive import Person

EPOCH = date(1970, 1, 1)


class Numbers:
    """Numbers for words of every sort, given as they come."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, int]] = {}

    def _number(self, sort: str, word: str) -> int:
        words = self.known.setdefault(sort, {})
        return words.setdefault(word, len(words))

    def text(self, text: str) -> int:
        return self._number("text", text)

    def event_type(self, name: str) -> int:
        return self._number("event_type", name)

    def property_name(self, name: str) -> int:
        return self._number("property_name", name)

    def currency(self, code: str) -> int:
        return self._number("currency", code)

    def source(self, name: str) -> int:
        return self._number("source", name)

    def kind(self, name: str) -> int:
        return self._number("kind", name)

    def spelled(self, number: int) -> str:
        return next(text for text, known in self.known.get("text", {}).items() if known == number)


def _value(value: Any, words: Numbers) -> int:
    if value is None:
        return NO_VALUE
    if isinstance(value, date):
        return (value - EPOCH).days
    return words.text(value) if isinstance(value, str) else int(value)


def _identifiers(person: Person, namespace: str) -> int:
    return person.namespaces.get(namespace, 0) if namespace else sum(person.namespaces.values())


def _starts(lengths: Sequence[int]) -> np.ndarray:
    return np.cumsum([0, *lengths], dtype=np.int64)


def subjects_of(people: Sequence[Person], needs: Needs, words: Numbers) -> Subjects:
    p = len(people)
    lists = [[person.tags if name == "tags" else person.values.get(name, []) for person in people] for name in needs.lists]
    values = [[_value(person.values.get(name), words) for person in people] for name in needs.fields]
    namespaces = [[_identifiers(person, name) for person in people] for name in needs.namespaces]
    return Subjects(
        count=p,
        values=np.array(values, np.int64).reshape(len(values), p),
        list_start=np.array([_starts([len(x) for x in texts]) for texts in lists], np.int64).reshape(len(lists), p + 1),
        lists=tuple(np.array([words.text(text) for x in texts for text in x], np.int32) for texts in lists),
        events=_events(people, words) if needs.events else None,
        sightings=_sightings(people, words) if needs.sightings else None,
        namespaces=np.array(namespaces, np.int32).reshape(len(namespaces), p),
        strength=np.array([NO_VALUE if person.strength is None else person.strength for person in people], np.int64),
        changes=np.full(p, FOREVER, np.int64),
    )


def _events(people: Sequence[Person], words: Numbers) -> Events:
    events = [event for person in people for event in sorted(person.events, key=lambda event: event.time)]
    properties = [pair for event in events for pair in event.properties]
    return Events(
        start=_starts([len(person.events) for person in people]),
        time=np.array([event.time for event in events], np.int64),
        type=np.array([words.event_type(event.type) for event in events], np.int32),
        flags=np.array([STANDS if event.stands else 0 for event in events], np.uint8),
        amount=np.array([event.amount or 0 for event in events], np.int64),
        currency=np.array([-1 if event.amount is None else words.currency(event.currency) for event in events], np.int32),
        property_start=_starts([len(event.properties) for event in events]),
        name=np.array([words.property_name(name) for name, _ in properties], np.int32),
        value=np.array([words.text(str(value)) for _, value in properties], np.int32),
        number=np.array([value * 1_000_000 if isinstance(value, int) else NO_VALUE for _, value in properties], np.int64),
    )


def _sightings(people: Sequence[Person], words: Numbers) -> Sightings:
    seen = [sorted(person.observations) for person in people]
    rows = [row for rows in seen for row in rows]
    return Sightings(
        start=_starts([len(rows) for rows in seen]),
        time=np.array([time for time, _, _, _ in rows], np.int64),
        source=np.array([words.source(source) for _, source, _, _ in rows], np.int32),
        party=np.array([party for _, _, party, _ in rows], np.uint8),
        kind=np.array([words.kind(kind) for _, _, _, kind in rows], np.int32),
    )
