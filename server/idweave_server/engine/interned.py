"""Texts that many rows share, interned: one number for each distinct text, with numbers that stay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from idweave_server.engine.column import Texts
from idweave_server.identifiers.names import label_table
from idweave_server.identifiers.text_hash import content_of
from idweave_server.kernels.column import Column
from idweave_server.kernels.index import HashIndex
from idweave_server.kernels.labels import Labels


class InternedTexts:
    """Distinct texts by number, found by their content hash."""

    def __init__(self) -> None:
        self.index = HashIndex()
        self.texts = Texts()

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, number: int) -> str:
        return self.texts[number]

    @property
    def nbytes(self) -> int:
        return self.index.nbytes + self.texts.nbytes

    def intern(self, values: pa.StringArray) -> np.ndarray:
        """int32[n]: the number of every text; values: string[n] without nulls."""
        known = len(self.index)
        numbers = self.index.intern(content_of(values))
        if len(self.index) > known:
            fresh = np.flatnonzero(numbers >= known)
            _, first = np.unique(numbers[fresh], return_index=True)
            self.texts.extend(values.take(pa.array(fresh[first])))
        return numbers


class InternedWords:
    """A few distinct texts (sources, issuers, trait names), as Python strings."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._number: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.words)

    def __getitem__(self, number: int) -> str:
        return self.words[number]

    def number(self, word: str) -> int:
        """-1 for a word that is not there."""
        return self._number.get(word, -1)

    def intern(self, words: Sequence[str]) -> np.ndarray:
        """int32[n]"""
        for word in words:
            if word not in self._number:
                self._number[word] = len(self.words)
                self.words.append(word)
        return np.array([self._number[word] for word in words], np.int32)


class InternedLabels:
    """First names in the form that kernels compare, one number for each."""

    def __init__(self) -> None:
        self.names = InternedWords()
        self.chars, self.start = Column(np.uint32), Column(np.int64)
        self.family_start, self.family = Column(np.int64), Column(np.int32)
        self.alphabetic = Column(np.uint8)
        for starts in (self.start, self.family_start):
            starts.extend(np.zeros(1, np.int64))

    @property
    def nbytes(self) -> int:
        return sum(column.nbytes for column in (self.chars, self.start, self.family_start, self.family, self.alphabetic))

    def intern(self, names: Sequence[str]) -> np.ndarray:
        """int32[n]; names: folded."""
        known = len(self.names)
        numbers = self.names.intern(names)
        if len(self.names) > known:
            fresh = label_table(pa.array(self.names.words[known:], pa.string()))
            self.start.extend(fresh.start[1:] + len(self.chars))
            self.chars.extend(fresh.chars)
            self.family_start.extend(fresh.family_start[1:] + len(self.family))
            self.family.extend(fresh.family)
            self.alphabetic.extend(fresh.alphabetic)
        return numbers

    def table(self, used: np.ndarray) -> Labels:
        """The labels of these numbers, int32[u], as a table of their own in this order."""
        chars, start = _ragged(self.chars.array, self.start.array, used)
        family, family_start = _ragged(self.family.array, self.family_start.array, used)
        return Labels(chars, start, family_start, family, self.alphabetic.array[used])


def _ragged(values: np.ndarray, start: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(values, int64[r + 1]): the chosen rows of a ragged table, one after another."""
    size = start[rows + 1] - start[rows]
    offsets = np.concatenate(([0], np.cumsum(size)))
    return values[np.arange(offsets[-1]) + np.repeat(start[rows] - offsets[:-1], size)], offsets
