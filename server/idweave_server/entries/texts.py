"""Columns of text: lengths, and either the bytes as they are or, where few characters occur (digits, hexadecimal), a few bits for each.

Forms of a column of n > 0 texts: TEXT, its bytes in the text section; PACKED, an alphabet of at most 16 bytes and codes of 0, 1, 2 or 4
bits in the packed section; FRAMED, the same for texts of one length, of which the characters that all share (the dashes of a UUID, a
prefix) are written once.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from idweave_server.entries.frame import MAX_CONTENT_BYTES, DamageError, Opened, Sections
from idweave_server.entries.integers import get_integers, put_integers

TEXT, PACKED, FRAMED = range(3)
_FEW = 8  # texts for which a frame is worth its bytes


def put_texts(out: Sections, values: pa.StringArray) -> None:
    """values: string[n] without nulls. Raises ValueError."""
    if not len(values):
        return
    lengths, data = bytes_of(values)
    here = np.flatnonzero(np.bincount(data, minlength=256))
    if lengths.size >= _FEW and lengths[0] and (lengths == lengths[0]).all():
        square = data.reshape(lengths.size, -1)
        shared = (square == square[0]).all(axis=0)
        loose = square[:, ~shared].reshape(-1)
        alphabet = np.flatnonzero(np.bincount(loose, minlength=256))
        if alphabet.size <= 16:
            out.numbers.append(FRAMED)
            put_integers(out, lengths[:1])
            out.packed += np.packbits(shared).tobytes() + square[0, shared].tobytes()
            _pack(out, loose, alphabet)
            return
    packed = 1 < here.size <= 16
    out.numbers.append(PACKED if packed else TEXT)
    put_integers(out, lengths)
    if packed:
        _pack(out, data, here)
    else:
        out.text += data.tobytes()


def get_texts(source: Opened, count: int) -> pa.StringArray:
    """The next column, of `count` texts. Raises DamageError."""
    if not count:
        return pa.array([], pa.string())
    form = source.numbers.byte()
    if form == FRAMED:
        length = int(get_integers(source, 1, np.int64)[0])
        if not 0 < length * count <= MAX_CONTENT_BYTES:
            raise DamageError("texts are longer than an entry may be")
        shared = np.unpackbits(np.frombuffer(source.packed.take((length + 7) // 8), np.uint8))[:length].astype(bool)
        if not shared.any():
            return text_array(np.full(count, length), _unpack(source, length * count))
        square = np.empty((count, length), np.uint8)
        square[:, shared] = np.frombuffer(source.packed.take(int(shared.sum())), np.uint8)
        square[:, ~shared] = _unpack(source, int((~shared).sum()) * count).reshape(count, -1)
        return text_array(np.full(count, length), square.reshape(-1))
    if form > FRAMED:
        raise DamageError("a column of text has a form that is none")
    lengths = get_integers(source, count, np.int64)
    total = _total(lengths)
    if form == PACKED:
        return text_array(lengths, _unpack(source, total))
    return text_array(lengths, np.frombuffer(source.text.take(total), np.uint8))


def bytes_of(values: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    """(lengths int64[n], all bytes uint8) of a column, whatever array it is a slice of."""
    if values.null_count:
        raise ValueError("a column of an entry has no nulls")
    array = values.cast(pa.string())
    _, offsets, data = array.buffers()
    starts = np.frombuffer(offsets, np.int32)[array.offset : array.offset + len(array) + 1]
    whole = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return np.diff(starts).astype(np.int64), whole[starts[0] : starts[-1]]


def text_array(lengths: np.ndarray, data: np.ndarray) -> pa.StringArray:
    """string[n] of these bytes. Raises DamageError where they are not UTF-8."""
    starts = np.zeros(lengths.size + 1, np.int32)
    starts[1:] = np.cumsum(lengths)
    array = pa.StringArray.from_buffers(lengths.size, pa.py_buffer(starts), pa.py_buffer(np.ascontiguousarray(data)))
    if data.size and data.max() > 127:
        try:
            array.validate(full=True)
        except pa.ArrowInvalid:
            raise DamageError("a text is not UTF-8") from None
    return array


def _total(lengths: np.ndarray) -> int:
    if lengths.min() < 0 or lengths.max() > MAX_CONTENT_BYTES:
        raise DamageError("texts are longer than an entry may be")
    total = int(lengths.sum())
    if total > MAX_CONTENT_BYTES:
        raise DamageError("texts are longer than an entry may be")
    return total


def _bits(alphabet: int) -> int:
    return 0 if alphabet <= 1 else 1 if alphabet <= 2 else 2 if alphabet <= 4 else 4


def _pack(out: Sections, data: np.ndarray, alphabet: np.ndarray) -> None:
    out.numbers.append(alphabet.size)
    out.packed += alphabet.astype(np.uint8).tobytes()
    bits = _bits(alphabet.size)
    if not bits:
        return
    code = np.zeros(256, np.uint8)
    code[alphabet] = np.arange(alphabet.size)
    each = 8 // bits  # codes in a byte
    padded = np.zeros(-(-data.size // each) * each, np.uint8)
    padded[: data.size] = code[data]
    octets = np.zeros(padded.size // each, np.uint8)
    for place in range(each):
        octets |= padded[place::each] << np.uint8(place * bits)
    out.packed += octets.tobytes()


def _unpack(source: Opened, count: int) -> np.ndarray:
    """uint8[count] characters."""
    size = source.numbers.byte()
    if size > 16 or (count and not size):
        raise DamageError("an alphabet has more letters than it may, or none")
    alphabet = np.zeros(16, np.uint8)
    alphabet[:size] = np.frombuffer(source.packed.take(size), np.uint8)
    bits = _bits(size)
    if not bits:
        return np.full(count, alphabet[0])
    each = 8 // bits
    octets = np.frombuffer(source.packed.take(-(-count // each)), np.uint8)
    # Every byte stands for `each` letters: one look in a table of 256.
    place = np.arange(each, dtype=np.uint8) * np.uint8(bits)
    letters = alphabet[(np.arange(256, dtype=np.uint8)[:, None] >> place) & np.uint8(2**bits - 1)]
    return letters.view(f"u{each}")[:, 0][octets].view(np.uint8)[:count]
