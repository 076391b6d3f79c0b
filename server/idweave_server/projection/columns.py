"""Columns of what the graph holds: what they send to the database, and digests by which what it holds is compared with what it should.

A value read back and the value that was written have the same digest; an absent one has none. Whatever a person may have put in its place
(a text for a number) has another one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from idweave_server.identifiers.text_hash import content_of
from idweave_server.kernels.hashing import tie_hash

NULL = np.iinfo(np.int64).min  # an absent number
OTHER = 1  # seed of the digests of what is no text: no text has the same

Value = str | int | float | bool | list[Any] | None


class Column(Protocol):
    """One property of many rows."""

    def present(self) -> np.ndarray:
        """bool[n]: which rows have a value."""

    def digests(self) -> np.ndarray:
        """uint64[n]; anything where there is no value."""

    def take(self, rows: np.ndarray) -> Column: ...

    def parameters(self, name: str) -> dict[str, Any]:
        """What a statement is given, under names that begin with `name`."""

    def expression(self, name: str) -> str:
        """Cypher for the value of row `i`."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Whole numbers: int64[n], NULL where absent."""

    values: np.ndarray

    def present(self) -> np.ndarray:
        return self.values != NULL

    def digests(self) -> np.ndarray:
        return np.ascontiguousarray(self.values, np.int64).view(np.uint64)

    def take(self, rows: np.ndarray) -> Whole:
        return type(self)(self.values[rows])

    def parameters(self, name: str) -> dict[str, Any]:
        return {name: _listed(self.values, self.present())}

    def expression(self, name: str) -> str:
        return f"${name}[i]"


@dataclass(frozen=True, slots=True)
class Moment(Whole):
    """Seconds UTC, which the database keeps as a date with a time."""

    def expression(self, name: str) -> str:
        made = f"datetime({{epochSeconds: ${name}[i]}})"
        return made if self.present().all() else f"CASE WHEN ${name}[i] IS NULL THEN null ELSE {made} END"


@dataclass(frozen=True, slots=True)
class Real:
    """float64[n], NaN where absent."""

    values: np.ndarray

    def present(self) -> np.ndarray:
        return ~np.isnan(self.values)

    def digests(self) -> np.ndarray:
        return np.ascontiguousarray(self.values, np.float64).view(np.uint64)

    def take(self, rows: np.ndarray) -> Real:
        return Real(self.values[rows])

    def parameters(self, name: str) -> dict[str, Any]:
        return {name: _listed(self.values, self.present())}

    def expression(self, name: str) -> str:
        return f"${name}[i]"


@dataclass(frozen=True, slots=True)
class Text:
    """string[n], null where absent."""

    values: pa.StringArray

    def present(self) -> np.ndarray:
        return np.ones(len(self.values), bool) if not self.values.null_count else self.values.is_valid().to_numpy(zero_copy_only=False)

    def digests(self) -> np.ndarray:
        return np.ascontiguousarray(content_of(self.values)[:, 0])

    def take(self, rows: np.ndarray) -> Text:
        return Text(self.values.take(pa.array(rows)))

    def parameters(self, name: str) -> dict[str, Any]:
        return {name: self.values.to_pylist()}

    def expression(self, name: str) -> str:
        return f"${name}[i]"


@dataclass(frozen=True, slots=True)
class Word:
    """One of a few values each: code int32[n] into them, -1 where absent."""

    values: tuple[Value, ...]
    code: np.ndarray

    def present(self) -> np.ndarray:
        return self.code >= 0

    def digests(self) -> np.ndarray:
        return np.append(value_digests(self.values), np.uint64(0))[self.code]

    def take(self, rows: np.ndarray) -> Word:
        return Word(self.values, self.code[rows])

    def parameters(self, name: str) -> dict[str, Any]:
        used, code = np.unique(self.code, return_inverse=True)
        values = [self.values[place] if place >= 0 else None for place in used.tolist()]
        return {name: code.tolist(), f"{name}w": values}

    def expression(self, name: str) -> str:
        return f"${name}w[${name}[i]]"


def wholes_read(values: Sequence[Any]) -> np.ndarray:
    """uint64[n]: the digests of whole numbers, or of moments in seconds, that were read back."""
    if _only(values, int):
        return pa.array(values, pa.int64()).fill_null(NULL).to_numpy(zero_copy_only=False).view(np.uint64)
    return _one_by_one(values, int, lambda value: value % 2**64)


def reals_read(values: Sequence[Any]) -> np.ndarray:
    if _only(values, float):
        return pa.array(values, pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False).view(np.uint64)
    return _one_by_one(values, float, lambda value: int(np.float64(value).view(np.uint64)))


def value_digests(values: Sequence[Any]) -> np.ndarray:
    """uint64[n]: of values of any type."""
    if isinstance(values, pa.Array) or _only(values, str):
        return np.ascontiguousarray(content_of(pa.array(values, pa.string()))[:, 0])
    return _one_by_one(values, str, _text)


def present_in(values: Sequence[Any]) -> np.ndarray:
    """bool[n]: which values were there."""
    return np.fromiter((v is not None for v in values), bool, len(values))


def row_digests(size: int, named: Sequence[tuple[str, np.ndarray, np.ndarray]], more: Sequence[np.ndarray] = ()) -> np.ndarray:
    """uint64[n]: of whole rows. named: (property, which rows have it, its digests), in any order; more: what every row has besides."""
    total = np.zeros(size, np.uint64)
    for name, there, digests in named:
        mixed = tie_hash(np.full(size, _name(name)), np.ascontiguousarray(digests, np.uint64))
        total += mixed if there.all() else np.where(there, mixed, np.uint64(0))
    for number, digests in enumerate(more):
        total += tie_hash(np.full(size, number, np.uint64), np.ascontiguousarray(digests).astype(np.int64).view(np.uint64))
    return total


def _only(values: Sequence[Any], kind: type) -> bool:
    return set(map(type, values)) <= {kind, type(None)}


def _one_by_one(values: Sequence[Any], kind: type, digest: Callable[[Any], int]) -> np.ndarray:
    """Where not all are of one kind: those that are, as ever, and others by their type, too."""
    found = (digest(v) if type(v) is kind else _other(tuple(v) if type(v) is list else v, type(v).__name__) for v in values)
    return np.fromiter(found, np.uint64, len(values))


@lru_cache(maxsize=65_536)
def _text(value: str) -> int:
    return int(content_of(pa.array([value], pa.string()))[0, 0])


@lru_cache(maxsize=65_536)
def _other(value: Hashable, kind: str) -> int:
    return int(content_of(pa.array([f"{kind} {value!r}"], pa.string()), OTHER)[0, 0])


@lru_cache(maxsize=1_024)
def _name(name: str) -> np.uint64:
    return np.uint64(content_of(pa.array([name], pa.string()))[0, 0])


def _listed(values: np.ndarray, present: np.ndarray) -> list[Any]:
    if present.all():
        return values.tolist()
    out = values.astype(object)
    out[~present] = None
    return out.tolist()
