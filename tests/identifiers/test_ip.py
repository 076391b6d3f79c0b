"""Addresses as context: one spelling, IPv6 as its /64, special ranges flagged."""

from __future__ import annotations

import pytest
from idweave_server.identifiers.ip import read
from idweave_server.identifiers.lists import default_lists
from idweave_server.identifiers.reading import Options, Reading
from idweave_server.model import Flag, Refusal

OPTIONS = Options(default_lists())


@pytest.mark.parametrize(
    ("text", "value", "flags"),
    [
        ("91.95.88.25", "91.95.88.25", Flag.NONE),
        ("91.95.88.25:8080", "91.95.88.25", Flag.NONE),
        ("::ffff:91.95.88.25", "91.95.88.25", Flag.NONE),
        ("2A02:8109:0:1::7", "2a02:8109:0:1::/64", Flag.NONE),
        ("2a02:8109:0000:0001:1:2:3:4", "2a02:8109:0:1::/64", Flag.NONE),
        ("[2a02:8109:0:1::7]:443", "2a02:8109:0:1::/64", Flag.NONE),
        ("2a02:8109:0:1::/64", "2a02:8109:0:1::/64", Flag.NONE),
        ("fe80::1%eth0", "fe80::/64", Flag.PRIVATE),
        ("10.0.0.1", "10.0.0.1", Flag.PRIVATE),
        ("172.31.255.255", "172.31.255.255", Flag.PRIVATE),
        ("172.32.0.0", "172.32.0.0", Flag.NONE),
        ("192.168.1.1", "192.168.1.1", Flag.PRIVATE),
        ("100.64.0.0", "100.64.0.0", Flag.PRIVATE),
        ("100.128.0.0", "100.128.0.0", Flag.NONE),
        ("127.0.0.1", "127.0.0.1", Flag.PRIVATE),
        ("::1", "::/64", Flag.PRIVATE),
        ("fd12::1", "fd12::/64", Flag.PRIVATE),
        ("203.0.113.7", "203.0.113.7", Flag.FAKE),
        ("2001:db8::1", "2001:db8::/64", Flag.FAKE),
        ("255.255.255.255", "255.255.255.255", Flag.FAKE),
        ("5.9.1.2", "5.9.1.2", Flag.HOSTING),
        ("2a01:4f8:1::1", "2a01:4f8:1::/64", Flag.HOSTING),
    ],
)
def test_read(text: str, value: str, flags: Flag) -> None:
    assert read(text, OPTIONS) == Reading(value, flags=flags)


@pytest.mark.parametrize("text", ["91.95.88", "91.95.88.256", "091.95.88.25", "91.95.88.25, 10.0.0.1", "91.95.88.0/24", "::g", "[1]", "1"])
def test_syntax(text: str) -> None:
    assert read(text, OPTIONS) == Reading(None, Refusal.IP_SYNTAX)


@pytest.mark.parametrize("text", ["0.0.0.0", "::"])
def test_unspecified(text: str) -> None:
    assert read(text, OPTIONS) == Reading(None, Refusal.PLACEHOLDER)
