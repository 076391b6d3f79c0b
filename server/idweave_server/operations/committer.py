"""From an entry to a state that contains it: stamp, encode, append, apply, one entry after another.

The order is what makes an acknowledgement true. Think of the process being killed after each line of `commit`:

- before the append returns: the entry is in the log whole or not at all (the log's contract). Nobody was told of it. A client that asks
  again gets DUPLICATE where it is in, ACCEPTED where it is not; either way it counts once, because a start replays what the log holds.
- after the append, before or within the apply: the entry is durable; the state dies with the process, and the start replays the entry.
- after the apply, before the answer: as above; the client never hears, asks again, and gets DUPLICATE with the same profile.

So nothing may be told before `commit` returns, and nothing that `commit` was not told of may touch the state. An append that raises says
nothing for sure (a connection can break after the commit): the log is read again from where the state stands, and decides. Where even that
cannot be read, the committer asks again before the next entry, since an entry must never be applied out of order.

Applying an appended entry cannot fail, as everything was checked before. Should it fail nevertheless, the state is half changed and the log
is right: `StateBrokenError` tells whoever runs the process to end it, and the next start replays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from idweave_server.entries.codec import encode, kind_of
from idweave_server.entries.columns import AnyEntry, TickEntry
from idweave_server.errors import DeposedError
from idweave_server.log.base import Draft
from idweave_server.operations.applying import Committed, take_in
from idweave_server.operations.clock import Clock
from idweave_server.operations.follow import catch_up
from idweave_server.operations.steps import Steps, run

if TYPE_CHECKING:
    from idweave_server.operations.store import Store

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Stamp:
    """The time of a commit: at, whole seconds UTC, never before the state's; milliseconds: the same, finer."""

    at: int
    milliseconds: int


class Change(Protocol[T_co]):
    """A write as its caller states it."""

    @property
    def weight(self) -> int:
        """How many observations it is worth in the queue; at least 1."""

    def steps(self, committer: Committer) -> Steps[T_co]:
        """Do it. Raises IdweaveError, and then nothing was changed."""


class Committer:
    """The one way by which a store's state changes. One `steps` runs at a time."""

    def __init__(self, store: Store, clock: Clock, entropy: Callable[[int], bytes]) -> None:
        self.store, self.clock, self.entropy = store, clock, entropy
        self.behind = False  # whether the log may hold an entry that the state does not

    def perform(self, change: Change[T]) -> T:
        """Do it here and now, for commands that work on a store without a server."""
        return run(change.steps(self))

    def stamp(self) -> Stamp:
        """The time for the next entry. Raises ClockError."""
        milliseconds = max(self.clock.read(), self.store.engine.state_time * 1000)
        return Stamp(milliseconds // 1000, milliseconds)

    def begin(self) -> Steps[Stamp]:
        """The time for the next entry, with everything done that time alone changes up to it. Comes before any look at the state."""
        if self.behind:
            yield from self._catch_up()
        stamp = self.stamp()
        due = self.store.engine.due()
        if due is not None and due <= stamp.at:
            yield from self.commit(TickEntry(), stamp.at)
        return stamp

    def commit(self, entry: AnyEntry, at: int) -> Steps[Committed]:
        """Make the entry durable, then apply it. Raises StoreError with nothing changed, or StateBrokenError."""
        body = yield partial(encode, entry)
        draft = Draft(kind_of(entry), at, body)
        try:
            sequence: int = yield partial(self.store.log.append, self.store.term, [draft])
        except Exception:
            self.behind = True
            found = yield from self._catch_up((self.store.term, body))
            if found is not None:
                return found
            raise
        return (yield from take_in(self.store, entry, sequence, self.store.term, at))

    def rewrite(self, bodies: Mapping[int, bytes]) -> Steps[None]:
        """Replace the bodies of entries, of which the state knows already. Raises StoreError, and then it has to be done again."""
        yield partial(self.store.log.rewrite, self.store.term, bodies)

    def _catch_up(self, sought: tuple[int, bytes] | None = None) -> Steps[Committed | None]:
        """Apply what the log holds and the state does not, after an append in doubt. Raises StoreError while it cannot be read."""
        with suppress(DeposedError):
            # Asks for the place that an append holds until it is decided: one that a database is still at work on is seen afterwards.
            yield partial(self.store.log.renew, self.store.term)
        found = yield from catch_up(self.store, sought)
        self.behind = False
        return found
