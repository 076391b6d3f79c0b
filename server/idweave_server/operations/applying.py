"""One entry of the log into the state: the step that committing and following share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idweave_server.entries.columns import AnyEntry
from idweave_server.operations.steps import Steps

if TYPE_CHECKING:
    from idweave_server.engine.applied import Applied
    from idweave_server.operations.store import Store


class StateBrokenError(Exception):
    """The state no longer follows the log; the process has to end. Not for users: they hear NotServingError."""


class StateAstrayError(StateBrokenError):
    """The state is none that the log ever had: the log was restored from a backup meanwhile, say. The store has to be loaded again."""


@dataclass(frozen=True, slots=True)
class Committed:
    """An entry that is durable and applied."""

    sequence: int
    at: int
    applied: Applied


def take_in(store: Store, entry: AnyEntry, sequence: int, term: int, at: int) -> Steps[Committed]:
    """Apply a durable entry, which is the next one. Raises StateBrokenError."""
    if sequence != store.engine.sequence + 1:
        raise StateBrokenError(f"entry {sequence} was appended to a state at {store.engine.sequence}")
    try:
        applied = yield from store.engine.apply(entry, sequence=sequence, term=term, at=at)
    except Exception as error:
        raise StateBrokenError(f"entry {sequence} could not be applied") from error
    store.advanced(sequence, term)
    return Committed(sequence, at, applied)
