"""The profiles of a store, in slots that are used again."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from idweave_server.kernels.column import Column

_DIGITS = np.array([*range(8), *range(9, 13), *range(14, 18), *range(19, 23), *range(24, 36)])  # of a UUID's text, without the dashes
_LENGTH = 36
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class ProfileStore:
    """Arrays by slot. id: uint64[p, 2], zeros where the slot is free; bearer: the identifier that the id comes from; digest: of the nodes
    that belong to it; published: the log entry that last touched it. weak_left, weak_right: the identifiers at the ends of the
    weakest link without which it would fall in two with lasting identifiers on both sides, -1 without one; weak_strength: micro-nats."""

    def __init__(self) -> None:
        self.id, self.bearer = Column(np.uint64, 2), Column(np.int32, fill=-1)
        self.digest, self.published = Column(np.uint64), Column(np.int64)
        self.weak_left, self.weak_right, self.weak_strength = Column(np.int32, fill=-1), Column(np.int32, fill=-1), Column(np.int64)
        self.free: list[int] = []

    def __len__(self) -> int:
        return len(self.id) - len(self.free)

    def taken(self) -> np.ndarray:
        """int32[p], ascending: the slots that hold a profile."""
        return np.flatnonzero(self.bearer.array >= 0).astype(np.int32)

    def columns(self) -> dict[str, Column]:
        names = ("id", "bearer", "digest", "published", "weak_left", "weak_right", "weak_strength")
        return {name: getattr(self, name) for name in names}

    def release(self, slots: np.ndarray) -> None:
        self.id.array[slots] = 0
        self.bearer.array[slots] = -1
        self.digest.array[slots] = 0
        self.weak_left.array[slots] = self.weak_right.array[slots] = -1
        self.free += slots.tolist()

    def take(self, count: int) -> np.ndarray:
        """int32[count]: free slots."""
        again = [self.free.pop() for _ in range(min(count, len(self.free)))]
        first = len(self.id)
        more = count - len(again)
        for column in self.columns().values():
            column.grow(first + more)
        return np.array([*again, *range(first, first + more)], np.int32)

    def text(self, slot: int) -> str:
        """The id as text. Raises IndexError."""
        return uuid_text(self.id.array.item(slot, 0), self.id.array.item(slot, 1))

    @property
    def nbytes(self) -> int:
        return sum(column.nbytes for column in self.columns().values())


def uuid_text(high: int, low: int) -> str:
    digits = f"{high:016x}{low:016x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def uuid_texts(words: np.ndarray) -> pa.StringArray:
    """string[n]: ids as text; words: uint64[n, 2]."""
    offsets = np.arange(len(words) + 1, dtype=np.int32) * _LENGTH
    return pa.Array.from_buffers(pa.string(), len(words), [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(_letters(words))])


def uuid_list(words: np.ndarray) -> list[str]:
    """The same as Python has texts."""
    text = _letters(words).decode("ascii")
    return [text[at : at + _LENGTH] for at in range(0, len(text), _LENGTH)]


def _letters(words: np.ndarray) -> bytes:
    digits = np.frombuffer(words.astype(">u8").tobytes().hex().encode(), np.uint8).reshape(-1, 32)
    text = np.full((len(words), _LENGTH), ord("-"), np.uint8)
    text[:, _DIGITS] = digits
    return text.tobytes()


def uuid_words(text: str) -> tuple[int, int] | None:
    """The two words of a UUID's text, None for what is none."""
    if not _UUID.fullmatch(text):
        return None
    number = int(text.replace("-", ""), 16)
    return number >> 64, number & (2**64 - 1)
