"""Texts that are shown one by one and rarely, such as the ids of observations: compressed, some hundreds together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import zstandard

from idweave_server.engine.column import Texts
from idweave_server.kernels.column import Column

BLOCK = 256  # texts
LEVEL = 1  # 3 takes half as long again and packs ids worse
_VARIED = 0  # lengths


class PackedTexts:
    """Any number of texts, numbered in the order they came. data: the blocks, one behind another; start, size: where the bytes of each lie;
    tail: the texts that make no block yet.

    A block is a zstd frame: the length of its texts, with their bytes place by place where all have one length (digits lie together then,
    and dashes cost nothing), and otherwise _VARIED, their lengths and their bytes.
    """

    def __init__(self) -> None:
        self.data, self.start, self.size = Column(np.uint8), Column(np.int64), Column(np.int32)
        self.tail = Texts()
        self._read: tuple[int, list[bytes]] | None = None  # the block that was read last
        self._packer, self._unpacker = zstandard.ZstdCompressor(level=LEVEL), zstandard.ZstdDecompressor()

    def __len__(self) -> int:
        return BLOCK * len(self.start) + len(self.tail)

    def __getitem__(self, number: int) -> str:
        block, place = divmod(number, BLOCK)
        return self.tail[place] if block == len(self.start) else self._block(block)[place].decode()

    @property
    def nbytes(self) -> int:
        return sum(column.nbytes for _, column in self.columns())

    def columns(self) -> Iterator[tuple[str, Column]]:
        """What a snapshot keeps."""
        yield from (("data", self.data), ("start", self.start), ("size", self.size))
        yield from ((f"tail_{name}", column) for name, column in self.tail.columns())

    def extend(self, values: pa.StringArray) -> None:
        """Without nulls."""
        self.tail.extend(values)
        whole = len(self.tail) // BLOCK * BLOCK
        starts = self.tail.start.array.astype(np.int64)
        for first in range(0, whole, BLOCK):
            mine = starts[first : first + BLOCK + 1]
            packed = self._packed(np.diff(mine), self.tail.data.array[mine[0] : mine[-1]])
            self.start.extend(np.array([len(self.data)]))
            self.size.extend(np.array([packed.size]))
            self.data.extend(packed)
        if whole:
            self.tail.drop(whole)

    def take(self, numbers: np.ndarray) -> pa.StringArray:
        """The texts of these numbers, string[n]."""
        texts = [b""] * numbers.size
        order = np.argsort(numbers, kind="stable")  # block by block
        for place, number in zip(order.tolist(), numbers[order].tolist(), strict=True):
            block, at = divmod(number, BLOCK)
            texts[place] = self.tail[at].encode() if block == len(self.start) else self._block(block)[at]
        return pa.array(texts, pa.binary()).cast(pa.string())

    def wipe(self, numbers: Iterable[int]) -> None:
        """Overwrite these texts with blanks: nothing of what they said stays in memory."""
        blocks: dict[int, list[int]] = {}
        for number in numbers:
            blocks.setdefault(number // BLOCK, []).append(number % BLOCK)
        self.tail.wipe(blocks.pop(len(self.start), []))
        for block, places in blocks.items():
            texts = list(self._block(block))
            for place in places:
                texts[place] = b" " * len(texts[place])
            lengths = np.array([len(text) for text in texts])
            self._put(block, self._packed(lengths, np.frombuffer(b"".join(texts), np.uint8)))
        self._read = None

    def _block(self, number: int) -> list[bytes]:
        if self._read is None or self._read[0] != number:
            start = int(self.start.array[number])
            self._read = number, self._unpacked(self.data.array[start : start + int(self.size.array[number])])
        return self._read[1]

    def _put(self, number: int, packed: np.ndarray) -> None:
        """Have other bytes in place of those of a block, of which nothing stays."""
        start, size = int(self.start.array[number]), int(self.size.array[number])
        self.data.array[start : start + size] = 0
        if packed.size > size:
            self.start.array[number] = len(self.data)
            self.data.extend(packed)
        else:
            self.data.array[start : start + packed.size] = packed
        self.size.array[number] = packed.size

    def _packed(self, lengths: np.ndarray, data: np.ndarray) -> np.ndarray:
        """uint8: BLOCK texts of these lengths, int64, which data, uint8, holds one behind another."""
        length = int(lengths[0])
        if length and (lengths == length).all():
            content = np.array([length], "<u4").tobytes() + data.reshape(BLOCK, length).T.tobytes()
        else:
            content = np.array([_VARIED, *lengths], "<u4").tobytes() + data.tobytes()
        return np.frombuffer(self._packer.compress(content), np.uint8)

    def _unpacked(self, packed: np.ndarray) -> list[bytes]:
        data = self._unpacker.decompress(packed.tobytes())
        length = int.from_bytes(data[:4], "little")
        if length != _VARIED:
            square = np.frombuffer(data, np.uint8, offset=4).reshape(length, BLOCK).T.tobytes()
            return [square[at : at + length] for at in range(0, len(square), length)]
        lengths = np.frombuffer(data, "<u4", BLOCK, 4)
        ends = (4 + lengths.nbytes + np.cumsum(lengths, dtype=np.int64)).tolist()
        return [data[end - size : end] for end, size in zip(ends, lengths.tolist(), strict=True)]
