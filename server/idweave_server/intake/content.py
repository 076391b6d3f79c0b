"""What an observation says, as one hash: a sum over its parts, so that the order of columns and files does not matter."""

from __future__ import annotations

import numpy as np

from idweave_server.identifiers.text_hash import content_of, text_hash
from idweave_server.intake.encoded import Encoded
from idweave_server.kernels.hashing import mix_hash


class ContentHash:
    """Collects the parts of n observations; `total` is uint64[n, 2]."""

    def __init__(self, rows: int) -> None:
        self.total = np.zeros((rows, 2), np.uint64)

    def add_number(self, label: str, number: np.ndarray) -> None:
        """number: int64[n]."""
        value = np.zeros((number.size, 2), np.uint64)
        value[:, 0] = number.astype(np.int64).view(np.uint64)
        self.total += mix_hash(_repeated(label, number.size), value)

    def add_text(self, label: str, column: Encoded) -> None:
        """The column's text, where there is one."""
        hashed = content_of(column.values)
        self.total += column.spread(mix_hash(_repeated(label, len(hashed)), hashed), 0)

    def add_coded(self, label: str, code: np.ndarray, content: np.ndarray) -> None:
        """The text of each, by its code, int[n], into the hashes of the texts, uint64[u, 2]."""
        self.total += mix_hash(_repeated(label, len(content)), content)[code]

    def add_entries(self, label: str, row: np.ndarray, content: np.ndarray) -> None:
        """Any number of parts a row: row int64[e], content uint64[e, 2]."""
        self.add_hashes(_repeated(label, row.size), row, content)

    def add_hashes(self, label: np.ndarray, row: np.ndarray, content: np.ndarray) -> None:
        """The same with a label of each part's own, by its hash, uint64[e, 2]."""
        self.add_sums(row, mix_hash(label, content))

    def add_sums(self, row: np.ndarray, parts: np.ndarray) -> None:
        """Parts hashed already, or sums of such: uint64[e, 2]."""
        for word in range(2):
            np.add.at(self.total[:, word], row, parts[:, word])


def _repeated(label: str, n: int) -> np.ndarray:
    return np.repeat(text_hash(label), n, axis=0)
