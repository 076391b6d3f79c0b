"""What is computed of one profile, as values for people and programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from idweave_server.engine.state import State
from idweave_server.engine.subjects import gather
from idweave_server.model import DAY
from idweave_server.segments.attributes import AGE, fields_of, is_attribute
from idweave_server.segments.expression import Money, Scalar
from idweave_server.segments.fields import Field, FieldType
from idweave_server.segments.subjects import FOREVER, NO_VALUE, Needs

MICROS = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, repr=False)
class Attribute:
    """value: as its type says, a time as seconds UTC, texts as a tuple; None where it is unknown."""

    name: str
    type: FieldType
    value: Scalar | Money | tuple[str, ...] | None


@dataclass(frozen=True, slots=True, repr=False)
class Computed:
    """The attributes of a profile, known or not, in the order of segments.attributes. until: the first later second at which time alone may
    change one, FOREVER for never."""

    attributes: tuple[Attribute, ...]
    until: int


def attributes_of(state: State, slot: int, now: int) -> tuple[Attribute, ...]:
    """The attributes of a profile at `now`, known or not, in the order of segments.attributes; days and years are those of UTC."""
    return computed_of(state, slot, now).attributes


def computed_of(state: State, slot: int, now: int) -> Computed:
    """The same, and until when it stays so by itself."""
    fields = fields_of(state.policy, ())
    asked = [field for field in fields if is_attribute(field.name)]
    scalar = [field.counts[0] if field.counts else field.name for field in asked if field.type is not FieldType.TEXTS]
    lists = [field.name for field in asked if field.type is FieldType.TEXTS]
    needs = Needs(tuple(dict.fromkeys(scalar)), tuple(lists))
    found = gather(state, np.array([slot], np.int32), needs, now)
    values = dict(zip(needs.fields, found.values[:, 0].tolist(), strict=True))
    texts = state.observations.texts
    many = {name: tuple(sorted(texts[code] for code in codes.tolist())) for name, codes in zip(needs.lists, found.lists, strict=True)}
    told = (Attribute(one.name, one.type, many[one.name] if one.name in many else _value(state, one, values, now)) for one in asked)
    counted = (_changes(field, values, now) for field in asked if field.counts)
    return Computed(tuple(told), min(int(found.changes[0]), *counted))


def _value(state: State, field: Field, values: dict[str, int], now: int) -> Scalar | Money | None:
    value = values[field.counts[0] if field.counts else field.name]
    if value == NO_VALUE:
        return None
    if field == AGE:
        return _years(value, now)
    if field.counts:
        return (now - value) // DAY
    if field.type is FieldType.TEXT:
        return state.observations.texts[value]
    if field.type is FieldType.MONEY:
        return Money(state.policy.money.currency, value)
    return value / MICROS if field.type is FieldType.NUMBER else value


def _changes(field: Field, values: dict[str, int], now: int) -> int:
    """When a number of days, or of years, is next another one; of years no later than that."""
    value = values[field.counts[0]] if field.counts else NO_VALUE
    if value == NO_VALUE:
        return FOREVER
    return (now // DAY + 1) * DAY if field == AGE else value + ((now - value) // DAY + 1) * DAY


def _years(born: int, now: int) -> int:
    """Birthdays since: somebody born on 29 February has it on the 28th in other years."""
    birth, today = _EPOCH + timedelta(days=born), _EPOCH + timedelta(seconds=now)
    leap = (birth.month, birth.day) == (2, 29) and not _is_leap(today.year)
    return today.year - birth.year - ((today.month, today.day) < (birth.month, 28 if leap else birth.day))


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
