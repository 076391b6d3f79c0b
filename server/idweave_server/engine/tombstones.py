"""What was erased, as keyed hashes: it is forgotten again whenever it arrives."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from idweave_server.entries.columns import ErasureEntry


@dataclass(slots=True)
class Tombstones:
    """stretches: of each keyed hash the (begin exclusive, until inclusive) stretches of time of observation that are forgotten."""

    stretches: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.stretches)

    def add(self, entry: ErasureEntry) -> None:
        for keyed, begin, until in zip(entry.keyed.tolist(), entry.begin.tolist(), entry.until.tolist(), strict=True):
            self.stretches.setdefault(keyed, []).append((begin, until))

    def covers(self, keyed: np.ndarray, time: np.ndarray) -> np.ndarray:
        """bool[k]: whether an identifier seen at a time is forgotten; keyed: uint64[k]; time: int64[k]."""
        out = np.zeros(keyed.size, bool)
        if not self.stretches:
            return out
        for at in np.flatnonzero(np.isin(keyed, np.array(list(self.stretches), np.uint64))).tolist():
            out[at] = any(begin < time[at] <= until for begin, until in self.stretches[int(keyed[at])])
        return out
