"""Revisions: what they say, and that nothing else is taken for one."""

from __future__ import annotations

import pytest
from idweave_server.errors import RevisionError
from idweave_server.operations.revision import decode_revision, encode_revision

STORE, OTHER = "0" * 32, "1" * 32


@pytest.mark.parametrize(("term", "sequence"), [(1, 1), (2**63 - 1, 2**48 - 1), (77, 123_456)])
def test_a_revision_says_what_was_put_into_it(term: int, sequence: int) -> None:
    token = encode_revision(STORE, term, sequence)
    assert decode_revision(token, STORE) == (term, sequence)
    assert len(token) == 32
    assert token.replace("-", "").replace("_", "").isalnum()


def test_a_revision_of_another_store_says_so() -> None:
    with pytest.raises(RevisionError, match="another store"):
        decode_revision(encode_revision(OTHER, 5, 6), STORE)


def test_every_single_change_of_a_character_is_noticed() -> None:
    token = encode_revision(STORE, 5, 6)
    accepted = 0
    for at in range(len(token)):
        for character in "AZaz09-_":
            changed = token[:at] + character + token[at + 1 :]
            if changed == token:
                continue
            try:
                accepted += decode_revision(changed, STORE) == (5, 6)
            except RevisionError:
                continue
    assert accepted == 0


@pytest.mark.parametrize("token", ["", "x", "=" * 32, "é" * 32, "A" * 32, "A" * 33, "A" * 10_000, " " + encode_revision(STORE, 5, 6)])
def test_what_is_no_revision_is_refused(token: str) -> None:
    with pytest.raises(RevisionError):
        decode_revision(token, STORE)
