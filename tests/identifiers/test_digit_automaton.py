"""The automaton matches what `re` matches, for the dialect of phone metadata."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.identifiers.digit_automaton import compiled, parse, prefix

CLASS = st.sampled_from([r"\d", "[2-9]", "[035-79]", "1", "7", "0"])


def repeated(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(inner.map(lambda x: f"(?:{x})"), st.sampled_from(["", "?", "{2}", "{1,3}", "{0,2}"])).map("".join)


PATTERN = st.recursive(
    CLASS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: "".join(f"(?:{part})" for part in parts)),
        st.lists(inner, min_size=1, max_size=3).map("|".join),
        repeated(inner),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(PATTERN, min_size=1, max_size=3), st.lists(st.text("01279", min_size=4, max_size=4), min_size=1, max_size=30))
def test_agrees_with_re(patterns: list[str], texts: list[str]) -> None:
    whole = compiled([parse(pattern) for pattern in patterns], 4, lambda found: sum(1 << position for position in found))
    begins = compiled([prefix(parse(pattern)) for pattern in patterns], 4, lambda found: sum(1 << position for position in found))
    digits = np.array([[int(digit) for digit in text] for text in texts], np.uint8)
    assert whole.walk(digits).tolist() == [sum(bool(re.fullmatch(p, t)) << i for i, p in enumerate(patterns)) for t in texts]
    assert begins.walk(digits).tolist() == [
        sum(any(re.fullmatch(p, t[:n]) for n in range(5)) << i for i, p in enumerate(patterns)) for t in texts
    ]


@pytest.mark.parametrize("pattern", ["a", "[a-c]", "(1", "1)", r"\w", "(?=1)1"])
def test_other_dialects_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"unexpected|not closed|no class"):
        parse(pattern)
