"""The births of a store, in the order of its log: whose each was, when, and the profile id that came with it.

Ids are not kept where they can be made again: those of an entry are its milliseconds, a counter and what its seed gives (see
entries.births). So stretches of births are noted, each with what its ids are made from; the ids of a few, and ids from elsewhere, are kept.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

import numpy as np

from idweave_server.engine.times import Times
from idweave_server.entries.births import CounterIds, counter_ids
from idweave_server.entries.columns import Births
from idweave_server.kernels.column import Column

FEW = 8  # births of an entry whose ids take no more room than what they are made from


class BirthStore:
    """Arrays by birth, by stretch of births, and by id that is kept.

    By birth: code, the identifier, -1 where it was erased; time, of the observation that it was born in. By stretch: first, its first
    birth; kept, the place of that one's id among `ids`, -1 where ids are made from milliseconds, counter and seed, uint64[s, 2]. ids:
    uint64[k, 2]. Ids ascend with the births.
    """

    def __init__(self) -> None:
        self.code, self.time = Column(np.int32), Times()
        self.first, self.kept = Column(np.int64), Column(np.int64)
        self.milliseconds, self.counter, self.seed = Column(np.int64), Column(np.int64), Column(np.uint64, 2)
        self.ids = Column(np.uint64, 2)

    def __len__(self) -> int:
        return len(self.code)

    def columns(self) -> Iterator[tuple[str, Column]]:
        """What a snapshot keeps."""
        for name in ("code", "first", "kept", "milliseconds", "counter", "seed", "ids"):
            yield name, getattr(self, name)
        yield from ((f"time.{name}", column) for name, column in self.time.columns())

    @property
    def nbytes(self) -> int:
        return sum(column.nbytes for _, column in self.columns())

    def extend(self, births: Births, codes: np.ndarray) -> None:
        """The births of the next entry; codes: int32[b], whose they are."""
        if not len(births):
            return
        made = CounterIds.of(births) if len(births) > FEW else None
        if made is not None:
            self._begin(-1, made.milliseconds, made.counter, made.seed)
        elif not len(self.first) or self.kept.array[-1] < 0:
            self._begin(len(self.ids), 0, 0, (0, 0))
        if made is None:
            self.ids.extend(births.birth)
        self.code.extend(codes)
        self.time.extend(births.time)

    def _begin(self, kept: int, milliseconds: int, counter: int, seed: tuple[int, int]) -> None:
        self.first.extend(np.array([len(self)]))
        self.kept.extend(np.array([kept]))
        self.milliseconds.extend(np.array([milliseconds]))
        self.counter.extend(np.array([counter]))
        self.seed.extend(np.array([seed], np.uint64))

    def id_of(self, births: np.ndarray) -> np.ndarray:
        """uint64[n, 2]: the ids of these births, int[n]."""
        if not births.size:
            return np.zeros((0, 2), np.uint64)
        stretch = np.searchsorted(self.first.array, births, side="right") - 1
        number = births - self.first.array[stretch]
        kept = self.kept.array[stretch]
        if (kept >= 0).all():
            return self.ids.array[kept + number]
        found = counter_ids(self.milliseconds.array[stretch], self.seed.array[stretch], self.counter.array[stretch], number)
        here = np.flatnonzero(kept >= 0)
        found[here] = self.ids.array[kept[here] + number[here]]
        return found

    def born_with(self, words: tuple[int, int]) -> int:
        """The birth that was given this id, -1 without one."""
        kept = self.ids.array
        at = bisect_left(range(len(kept)), words, key=lambda n: (kept.item(n, 0), kept.item(n, 1)))
        if at < len(kept) and (kept.item(at, 0), kept.item(at, 1)) == words:
            stretches = np.flatnonzero(self.kept.array >= 0)
            stretch = stretches[np.searchsorted(self.kept.array[stretches], at, side="right") - 1]
            return int(self.first.array[stretch] + at - self.kept.array[stretch])
        return self._made_with(words)

    def _made_with(self, words: tuple[int, int]) -> int:
        """The same among those whose ids are made."""
        milliseconds, counter = CounterIds.read(words)
        for stretch in np.flatnonzero((self.kept.array < 0) & (self.milliseconds.array == milliseconds)).tolist():
            birth = int(self.first.array[stretch]) + counter - int(self.counter.array[stretch])
            end = int(self.first.array[stretch + 1]) if stretch + 1 < len(self.first) else len(self)
            if self.first.array[stretch] <= birth < end and tuple(self.id_of(np.array([birth]))[0].tolist()) == words:
                return birth
        return -1
