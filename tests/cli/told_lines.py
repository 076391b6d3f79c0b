"""What tests of commands share that ask a server which answers what they tell it to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.cli.running import Ran

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
JO = "0193f0e0-0000-7000-8000-00000000000a"
KIM = "0193f0e0-0000-7000-8000-00000000000b"


def lines(ran: Ran) -> list[str]:
    assert all(line == line.rstrip() for line in ran.out.splitlines())
    assert "\x1b" not in ran.out
    return ran.out.splitlines()


def at(days: float = 0, seconds: int = 0) -> datetime:
    return NOW + timedelta(days=days, seconds=seconds)
