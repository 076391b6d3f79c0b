"""Servers of one store tell the same changes under the same ids, whoever writes, from wherever each began."""

from __future__ import annotations

from pathlib import Path

import pytest
from idweave_server.operations.erase import EraseRequest
from idweave_server.operations.feed import Feed
from idweave_server.operations.reign import Role

from tests.operations.leased import LEASE, Circle, Member, until
from tests.operations.made_changes import all_after
from tests.operations.world import ingest, report


def fed(member: Member) -> Feed:
    assert member.store.feed is not None
    return member.store.feed


async def write(member: Member, first: int, *others: Member) -> None:
    """People come, two of them turn out to be one, and one is erased when all know of it."""
    one, other = (("email", f"person{number}@gmail.com") for number in (first, first + 1))
    await member.writer.submit(ingest(report(first), report(first + 1), report(first + 2)))
    await member.writer.submit(ingest(report(first + 3, one, ("phone", "+14155550101"))))
    await member.writer.submit(ingest(report(first + 4, one, other), backfill=True))
    await level(member, *others)
    await member.writer.submit(EraseRequest(identifiers=(("email", "", f"person{first + 2}@gmail.com"),)))


async def level(*members: Member) -> None:
    await until(lambda: len({one.store.engine.sequence for one in members}) == 1)


def test_all_tell_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    circle = Circle(tmp_path, monkeypatch)

    async def test() -> None:
        one, two = await circle.join("one"), await circle.join("two")
        begin = fed(one).oldest.sequence
        await write(one, 10, two)
        await level(one, two)
        late = await circle.join("late")
        joined = fed(late).oldest.sequence
        assert joined > begin
        await write(one, 20, two, late)
        await level(one, two, late)
        one.log.away = True
        circle.database.pass_by(LEASE + 0.1)
        await until(lambda: Role.WRITER in (two.role, late.role))
        heir = next(member for member in (two, late) if member.role is Role.WRITER)
        one.log.away = False
        await one.becomes(Role.STANDBY)
        await write(heir, 30, one, two, late)
        await level(one, two, late)
        told = all_after(fed(one), begin)
        assert len(told) >= 9
        assert all_after(fed(two), begin) == told
        assert all_after(fed(late), joined) == [entry for entry in told if entry[0] > joined]
        assert fed(one).newest == fed(two).newest == fed(late).newest

    circle.run(test)
