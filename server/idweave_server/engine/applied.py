"""What goes into the engine besides the entries themselves, and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from idweave_server.model import EntryKind

if TYPE_CHECKING:
    from idweave_server.engine.component import Component
    from idweave_server.resolution.resolve import Resolution

Job = Callable[[], Any]
T = TypeVar("T")


class Logged(Protocol):
    """An entry as the log gives it; at: commit time, seconds UTC."""

    @property
    def sequence(self) -> int: ...
    @property
    def term(self) -> int: ...
    @property
    def kind(self) -> EntryKind: ...
    @property
    def at(self) -> int: ...
    @property
    def body(self) -> bytes: ...


def pause() -> None:
    """A job that does nothing: in between, whoever waits for the thread that owns the state gets it."""


def run(steps: Generator[Job, Any, T]) -> T:
    """Do all jobs here and now; what the generator returns."""
    try:
        job = next(steps)
        while True:
            job = steps.send(job())
    except StopIteration as end:
        found: T = end.value
        return found


@dataclass(frozen=True, slots=True)
class Applied:
    """What an entry did. rows: int64[n], of the entry's observations in the store; profiles_changed: those that came, went, or have other
    nodes than before."""

    rows: np.ndarray
    profiles_changed: int


@dataclass(frozen=True, slots=True)
class Publication:
    """What was put in place by one publishing, for who follows the state. touched: int32[t], ascending, the identifiers that the entries
    touched; component, resolution: theirs and what else was resolved with them, None where none of them may link."""

    touched: np.ndarray
    component: Component | None
    resolution: Resolution | None
