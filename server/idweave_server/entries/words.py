"""The tables of words of an entry (names, sources, namespaces, ...), all in one column: they are many and mostly short."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa

from idweave_server.entries.frame import DamageError, Opened, Sections
from idweave_server.entries.texts import get_texts, put_texts


@dataclass(slots=True)
class Writing(Sections):
    """Sections, and the words that go before them."""

    words: list[str] = field(default_factory=list)

    def put_words(self, words: Iterable[str]) -> None:
        """A table, with its size."""
        before = len(self.words)
        self.words += words
        self.put_count(len(self.words) - before)

    def whole(self) -> Sections:
        """The words and the rest."""
        first = Sections()
        first.put_count(len(self.words))
        put_texts(first, pa.array(self.words, pa.string()))
        return first + self


@dataclass(slots=True)
class Reading(Opened):
    words: list[str] = field(default_factory=list)
    taken: int = 0

    @staticmethod
    def of(source: Opened) -> Reading:
        """Raises DamageError."""
        count = source.numbers.count()
        if count > 8 * 2**21:
            raise DamageError("there are more words than an entry may have")
        return Reading(source.numbers, source.packed, source.text, source.plain, get_texts(source, count).to_pylist())

    def get_words(self) -> tuple[str, ...]:
        first, self.taken = self.taken, self.taken + self.rows()
        if self.taken > len(self.words):
            raise DamageError("there are fewer words than it says")
        return tuple(self.words[first : self.taken])

    def end(self) -> None:
        Opened.end(self)
        if self.taken != len(self.words):
            raise DamageError("there are more words than it says")
