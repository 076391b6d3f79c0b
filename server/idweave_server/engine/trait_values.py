"""The traits that many profiles show, as columns: of each trait the value that survives, of list-valued ones every value."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from idweave_server.engine.reported import read_texts, sources_of_rows, traits_of_rows
from idweave_server.engine.state import State
from idweave_server.kernels.decimals import day_numbers, decimals_of, whole_numbers
from idweave_server.kernels.rows import group_by
from idweave_server.kernels.winners import distinct_values, winning_entries
from idweave_server.resolution.survivorship import ORDERS
from idweave_server.segments.subjects import NO_VALUE

GROUPS = 1 << 21  # of (trait, profile) at a time
_ABSENT = np.int64(NO_VALUE)  # a plain number would take on the type of the codes, int32
FEW = 4_096  # values whose distinct ones are found by sorting


class TraitValues:
    """What the observations of p profiles state. start: int64[p + 1]; row, time: int64[r], of each profile."""

    def __init__(self, state: State, start: np.ndarray, row: np.ndarray, time: np.ndarray) -> None:
        self.state = state
        seen = state.observations
        at, self.trait, self.value = traits_of_rows(seen, row)
        self.count = start.size - 1
        self.owner = np.repeat(np.arange(self.count, dtype=np.int32), start[1:] - start[:-1])[at]
        self.time, self.rank = time[at], state.vocabulary.party.array[sources_of_rows(seen, row[at])]

    def single(self, names: Sequence[str]) -> dict[str, np.ndarray]:
        """int64[p] each, as of Subjects.values."""
        policy, numbers = self.state.policy, self.state.observations.trait_names
        out = {name: np.full(self.count, NO_VALUE) for name in names}
        asked = sorted((ORDERS[policy.trait(name).survivorship], name) for name in names if numbers.number(name) >= 0)
        for order, group in groupby(asked, key=lambda pair: pair[0]):
            alike, lot = [name for _, name in group], max(1, GROUPS // max(1, self.count))
            for first in range(0, len(alike), lot):
                some = alike[first : first + lot]
                for name, code in zip(some, self._winners(some, order), strict=True):
                    out[name] = self._typed(policy.trait(name).type, code)
        return out

    def _winners(self, names: Sequence[str], order: int) -> np.ndarray:
        """int32[n, p]: text codes, -1 where nobody states the trait."""
        numbers = self.state.observations.trait_names
        field = np.full(len(numbers) + 1, -1, np.int64)
        field[[numbers.number(name) for name in names]] = np.arange(len(names))
        asked = field[self.trait]
        there = np.flatnonzero(asked >= 0)
        key = (asked[there] * self.count + self.owner[there]).astype(np.int32)
        value, codes = self._renumbered(self.value[there])
        start, member = group_by(key, len(names) * self.count)
        tie = self.state.observations.texts.index.take(codes)[:, 0].copy()
        won = winning_entries(start, member, value, self.time[there], self.rank[there], tie, order)
        found = np.full(won.size, -1, np.int32)
        found[won >= 0] = codes[value[won[won >= 0]]]
        return found.reshape(len(names), self.count)

    def _renumbered(self, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(int32[n], int32[d]): text codes as places among the distinct ones."""
        if value.size <= FEW:
            codes, place = np.unique(value, return_inverse=True)
            return place.astype(np.int32), codes.astype(np.int32)
        there = np.zeros(len(self.state.observations.texts), bool)
        there[value] = True
        return (np.cumsum(there, dtype=np.int32) - np.int32(1))[value], np.flatnonzero(there).astype(np.int32)

    def _typed(self, kind: str, code: np.ndarray) -> np.ndarray:
        if kind == "text":
            return np.where(code >= 0, code, _ABSENT)
        if kind == "boolean":
            return np.where(code >= 0, code == self.state.vocabulary.words["true"], _ABSENT)
        read = {"integer": whole_numbers, "number": decimals_of, "date": day_numbers}[kind]
        return read_texts(self.state.observations, read, code)

    def many(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """(start int64[p + 1], code int32[v]): every value of a list-valued trait, by content hash."""
        number = self.state.observations.trait_names.number(name)
        there = np.flatnonzero(self.trait == number) if number >= 0 else np.zeros(0, np.int64)
        value, codes = self._renumbered(self.value[there])
        owner, place = distinct_values(self.owner[there], value, self.state.observations.texts.index.take(codes)[:, 0])
        return np.searchsorted(owner, np.arange(self.count + 1)), codes[place]
