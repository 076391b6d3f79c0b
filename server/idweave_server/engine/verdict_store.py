"""The verdicts of a store, by number, and which of them name an identifier."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from idweave_server.entries.columns import VerdictEntry
from idweave_server.resolution.observations import Verdicts


@dataclass(slots=True)
class StatedVerdict:
    """One verdict. gone: 0, or 1 where it was withdrawn, 2 where it was erased."""

    id: str
    source: str
    kind: int
    time: int
    left: int
    right: int
    content: int
    sequence: int
    gone: int = 0


@dataclass(slots=True)
class VerdictStore:
    """stated: all verdicts by number; by_name: the number of each (source, id); about: the numbers that name each identifier."""

    stated: list[StatedVerdict] = field(default_factory=list)
    by_name: dict[tuple[str, str], int] = field(default_factory=dict)
    about: dict[int, list[int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.stated)

    def append(self, entry: VerdictEntry, sequence: int, codes: np.ndarray) -> list[int]:
        """The codes that the verdicts name, those withdrawn included."""
        touched: list[int] = []
        for row in range(len(entry)):
            left = int(codes[entry.left[row]])
            right = int(codes[entry.right[row]]) if entry.right[row] >= 0 else -1
            said = StatedVerdict(
                entry.id[row],
                entry.source[row],
                int(entry.kind[row]),
                int(entry.time[row]),
                left,
                right,
                int(entry.content[row]),
                sequence,
            )
            self._add(said)
            touched += self.ends(said)
        for name in entry.withdrawn:
            number = self.by_name.get(name)
            if number is None:  # what it takes back was erased since, and is no longer in the log
                continue
            said = self.stated[number]
            said.gone = 1
            touched += self.ends(said)
        return touched

    def _add(self, said: StatedVerdict) -> None:
        number = len(self.stated)
        self.stated.append(said)
        self.by_name[said.source, said.id] = number
        for code in self.ends(said):
            self.about.setdefault(code, []).append(number)

    def restore(self, stated: list[StatedVerdict]) -> None:
        for said in stated:
            self._add(said)

    @staticmethod
    def ends(said: StatedVerdict) -> list[int]:
        return [said.left] if said.right in (-1, said.left) else [said.left, said.right]

    def naming(self, codes: np.ndarray) -> list[int]:
        """The verdicts in force that name any of these identifiers, ascending. codes: those that a verdict names."""
        found = {number for code in codes.tolist() for number in self.about.get(code, ()) if not self.stated[number].gone}
        return sorted(found)

    def columns(self, numbers: list[int], local: dict[int, int]) -> Verdicts:
        """These verdicts with their identifiers as numbered by `local`."""
        chosen = [self.stated[number] for number in numbers]
        return Verdicts(
            kind=np.array([v.kind for v in chosen], np.uint8),
            time=np.array([v.time for v in chosen], np.int64),
            left=np.array([local[v.left] for v in chosen], np.int32),
            right=np.array([local[v.right] if v.right >= 0 else -1 for v in chosen], np.int32),
            content=np.array([v.content for v in chosen], np.uint64),
        )
