"""Hashed addresses: SHA-256 and nothing else."""

from __future__ import annotations

import hashlib

import pytest
from idweave_server.identifiers.hashed_email import read
from idweave_server.identifiers.lists import default_lists
from idweave_server.identifiers.reading import Options, Reading
from idweave_server.model import Flag, Refusal

OPTIONS = Options(default_lists())


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_lower_case() -> None:
    digest = sha256("kelly@web.de")
    for text in (digest, digest.upper(), f"sha256:{digest}", f"SHA-256:{digest}"):
        assert read(text, OPTIONS) == Reading(digest)


@pytest.mark.parametrize("text", [hashlib.md5(b"a").hexdigest(), hashlib.sha1(b"a").hexdigest(), "g" * 64, "kelly@web.de", "a" * 63])
def test_syntax(text: str) -> None:
    assert read(text, OPTIONS) == Reading(None, Refusal.HASH_SYNTAX)


@pytest.mark.parametrize("digest", [sha256(""), sha256("null"), "0" * 64, "f" * 64])
def test_the_hash_of_nothing(digest: str) -> None:
    assert read(digest, OPTIONS) == Reading(None, Refusal.PLACEHOLDER)


def test_the_hash_of_a_fake_address() -> None:
    assert read(sha256("test@test.com"), OPTIONS).flags == Flag.FAKE
