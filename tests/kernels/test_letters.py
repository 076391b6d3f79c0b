"""Texts of few letters against the same in plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.kernels.letters import LETTERS, code_bits, code_bytes, spell


def octets(values: bytes | list[int]) -> np.ndarray:
    return np.array(list(values), np.uint8)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.data(), st.lists(st.integers(0, 255), min_size=1, max_size=LETTERS, unique=True), st.integers(1, 12))
def test_texts_are_spelt(data: st.DataObject, alphabet: list[int], length: int) -> None:
    fixed = data.draw(st.lists(st.sampled_from((0, 1)), min_size=length, max_size=length))
    line = [data.draw(st.integers(0, 255)) if there else 0 for there in fixed]
    codes = st.lists(st.integers(0, len(alphabet) - 1), min_size=fixed.count(0), max_size=fixed.count(0))
    texts = data.draw(st.lists(codes, max_size=5))
    bits, packed = code_bits(len(alphabet)), 0
    for place, code in enumerate(code for text in texts for code in text):
        packed |= code << place * bits
    held = packed.to_bytes(code_bytes(len(alphabet), len(texts) * fixed.count(0)), "little")
    expected = b""
    for text in texts:
        loose = iter(text)
        expected += bytes(line[at] if there else alphabet[next(loose)] for at, there in enumerate(fixed))
    assert spell(octets(held), octets(alphabet), octets(fixed), octets(line), len(texts)).tobytes() == expected


def test_codes_beyond_the_alphabet_are_letters_nobody_wrote() -> None:
    assert spell(octets([0xFF]), octets(b"abc"), octets([0]), octets([0]), 4).tobytes() == bytes(4)


@pytest.mark.parametrize(
    ("held", "letters", "line", "message"),
    [
        (b"", b"", [0], "or none"),
        (b"ab", bytes(LETTERS + 1), [0], "more letters than it may"),
        (b"", b"ab", [0], "0 bytes are not the codes of 2 letters"),
        (b"aa", b"ab", [0], "2 bytes are not"),
        (b"a", b"ab", [0, 0], "line must have 1 rows"),
    ],
)
def test_what_is_no_column_is_refused(held: bytes, letters: bytes, line: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        spell(octets(held), octets(letters), octets([0]), octets(line), 2)
