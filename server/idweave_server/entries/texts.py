"""Columns of text: lengths, and either the bytes as they are or, where few characters occur (digits, hexadecimal), a few bits for each.

Forms of a column of n > 0 texts: TEXT, its bytes in the text section; PACKED, an alphabet of at most 16 bytes and codes of 0, 1, 2 or 4
bits in the packed section; FRAMED, the same for texts of one length, of which the characters that all share (the dashes of a UUID, a
prefix) are written once.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from idweave_server.entries.frame import MAX_CONTENT_BYTES, DamageError, Opened, Sections
from idweave_server.entries.integers import get_bounded, put_integers
from idweave_server.kernels.letters import LETTERS, code_bits, code_bytes, spell

TEXT, PACKED, FRAMED = range(3)
_FEW = 8  # texts for which a frame is worth its bytes
_NOTHING = np.zeros(1, np.uint8)  # of one letter that nothing is known of


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
        if alphabet.size <= LETTERS:
            out.numbers.append(FRAMED)
            put_integers(out, lengths[:1])
            out.packed += np.packbits(shared).tobytes() + square[0, shared].tobytes()
            _pack(out, loose, alphabet)
            return
    packed = 1 < here.size <= LETTERS
    out.numbers.append(PACKED if packed else TEXT)
    put_integers(out, lengths)
    if packed:
        _pack(out, data, here)
    else:
        out.text += data.tobytes()


def get_texts(source: Opened, count: int) -> pa.StringArray:
    """The next column, of `count` texts. Raises DamageError, ValueError."""
    if not count:
        return pa.array([], pa.string())
    form = source.numbers.byte()
    if form == FRAMED:
        return _framed(source, count)
    if form > FRAMED:
        raise DamageError("a column of text has a form that is none")
    starts = np.zeros(count + 1, np.int64)
    np.cumsum(get_bounded(source, count, 0, MAX_CONTENT_BYTES), out=starts[1:])
    total = starts.item(-1)
    if total > MAX_CONTENT_BYTES:
        raise DamageError("texts are longer than an entry may be")
    if form == TEXT:
        return _array(starts, source.text.take(total), source.plain)
    data, plain = _spelt(source, _NOTHING, _NOTHING, total)
    return _array(starts, data, plain)


def _framed(source: Opened, count: int) -> pa.StringArray:
    length = get_bounded(source, 1, 1, MAX_CONTENT_BYTES).item(0)
    if length * count > MAX_CONTENT_BYTES:
        raise DamageError("texts are longer than an entry may be")
    fixed = np.unpackbits(source.packed.take((length + 7) // 8))[:length]
    line, shared = np.zeros(length, np.uint8), source.packed.take(int(np.count_nonzero(fixed)))
    line[fixed != 0] = shared
    data, plain = _spelt(source, fixed, line, count)
    return _array(np.arange(0, length * count + 1, length), data, plain and shared.max(initial=0) < 128)


def bytes_of(values: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    """(lengths int64[n], all bytes uint8) of a column, whatever array it is a slice of."""
    if values.null_count:
        raise ValueError("a column of an entry has no nulls")
    array = values.cast(pa.string())
    _, offsets, data = array.buffers()
    starts = np.frombuffer(offsets, np.int32)[array.offset : array.offset + len(array) + 1]
    whole = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return np.diff(starts).astype(np.int64), whole[starts[0] : starts[-1]]


def _array(starts: np.ndarray, data: np.ndarray, plain: bool) -> pa.StringArray:
    """string[n] of these bytes. starts: int64[n + 1]; plain: whether they are ASCII. Raises DamageError where they are not UTF-8."""
    array = pa.StringArray.from_buffers(starts.size - 1, pa.py_buffer(starts.astype(np.int32)), pa.py_buffer(data))
    if not plain:
        try:
            array.validate(full=True)
        except pa.ArrowInvalid:
            raise DamageError("a text is not UTF-8") from None
    return array


def _pack(out: Sections, data: np.ndarray, alphabet: np.ndarray) -> None:
    out.numbers.append(alphabet.size)
    out.packed += alphabet.astype(np.uint8).tobytes()
    bits = code_bits(alphabet.size)
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


def _spelt(source: Opened, fixed: np.ndarray, line: np.ndarray, count: int) -> tuple[np.ndarray, bool]:
    """(uint8[count * length], whether its letters are ASCII): texts of one length; fixed, line: see kernels.letters."""
    size = source.numbers.byte()
    alphabet = source.packed.take(size)
    loose = count * int(fixed.size - np.count_nonzero(fixed))
    octets = source.packed.take(code_bytes(size, loose))
    return spell(octets, alphabet, fixed, line, count), bool(alphabet.max(initial=0) < 128)
