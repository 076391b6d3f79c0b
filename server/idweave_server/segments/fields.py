"""The fields that conditions may name: the traits of the policy, and what is computed of a profile's events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from idweave_server.suggestion import nearest


class FieldType(Enum):
    """How the values of a field compare."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    DATE = "date"
    TEXT = "text"
    MONEY = "money"  # in the policy's currency
    TEXTS = "texts"  # list-valued


@dataclass(frozen=True, slots=True)
class Field:
    """One field. meaning: a sentence for people. counts: for a whole number that grows with the clock, (the time or date field that it is
    counted from, "years" or "days"): `age`, `days_since_...`; it has no column of its own and is rewritten into tests of that field."""

    name: str
    type: FieldType
    meaning: str
    counts: tuple[str, str] | None = None


class Fields:
    """The fields of one store."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self._fields = {field.name: field for field in fields}

    def __iter__(self) -> Iterator[Field]:
        return iter(self._fields.values())

    def find(self, name: str) -> Field | None:
        return self._fields.get(name)

    def nearest(self, name: str) -> str:
        """The most similar name, "" where none is."""
        return nearest(name, self._fields)
