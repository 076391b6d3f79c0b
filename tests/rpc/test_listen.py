"""Which addresses are served, and under what protection."""

from __future__ import annotations

import pytest
from idweave_server.errors import InputError
from idweave_server.rpc.listen import Protection, check, is_loopback

FULL = Protection(certificate=b"c", key=b"k", tokens=("t",))


@pytest.mark.parametrize("address", ["127.0.0.1:1", "127.9.9.9:0", "[::1]:50051", "localhost:1", "unix:/tmp/x"])
def test_loopback_needs_no_protection(address: str) -> None:
    assert is_loopback(address)
    check(address, Protection())


@pytest.mark.parametrize(
    "address", ["0.0.0.0:1", "[::]:1", "10.0.0.1:1", "example.org:1", "localhost.example.org:1", "127.0.0.1.example.org:1"]
)
def test_other_addresses_need_tls_and_a_token_or_a_word(address: str) -> None:
    assert not is_loopback(address)
    for protection in (Protection(), Protection(certificate=b"c", key=b"k"), Protection(tokens=("t",))):
        with pytest.raises(InputError, match="--insecure"):
            check(address, protection)
    check(address, FULL)
    check(address, Protection(insecure=True))


@pytest.mark.parametrize("address", ["", "127.0.0.1", ":50051", "127.0.0.1:x", "127.0.0.1:99999", "127.0.0.1:-1"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="HOST:PORT"):
        check(address, FULL)


def test_a_certificate_without_its_key_is_refused() -> None:
    with pytest.raises(InputError, match="belong together"):
        check("127.0.0.1:1", Protection(certificate=b"c"))


def test_secrets_are_not_shown() -> None:
    assert "hush" not in repr(Protection(certificate=b"c", key=b"hush", tokens=("hush",)))
