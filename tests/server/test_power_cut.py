"""The power cut that a killed process cannot show: a server on a file system that forgets what was not synced, cut off at random moments
of its writing, has everything that it acknowledged, once, and nothing by half."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import apsw
import pytest
from idweave import AsyncClient
from idweave_server.errors import StoreError
from idweave_server.log import locate, sqlite_file
from idweave_server.log.sqlite import SqliteLog
from idweave_server.operations.dump import differences, dump
from idweave_server.operations.store import Store
from idweave_server.running import Running

from tests.log.forgetful_vfs import ForgetfulFile, ForgetfulVFS
from tests.server.checks import check
from tests.server.loads import Load
from tests.server.running import here

SEED = 20_260_402
CUTS = 9  # of each of three stores


class CutVFS(ForgetfulVFS):
    """The power goes at a write or a sync. A sync may have done its work before; some of the unsynced sectors may reach the disk."""

    def __init__(self, name: str) -> None:
        self.chance = random.Random(SEED)
        self.left = 0  # writes and syncs until the power goes; 0: it stays
        self.cuts = 0
        self._tell: Callable[[], object] = lambda: None
        super().__init__(name)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> Any:  # noqa: N802
        return super().xOpen(name, flags) if name is None else CutFile(self, name, flags)

    def arm(self, operations: int, tell: Callable[[], object] = lambda: None) -> None:
        """tell: called from any thread when the power is gone."""
        self.left, self._tell = operations, tell

    def passes(self) -> bool:
        """Whether the power goes now."""
        self.left -= 1
        return self.left == 0

    def cut(self) -> None:
        self.cuts += 1
        self.forget(self.chance if self.chance.random() < 0.5 else None)
        self._tell()


class CutFile(ForgetfulFile):
    vfs: CutVFS

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        if not self.dead and self.vfs.passes():
            self.vfs.cut()
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802
        cut = not self.dead and self.vfs.passes()
        if cut and self.vfs.chance.random() < 0.5:
            super().xSync(flags)
        if cut:
            self.vfs.cut()
        super().xSync(flags)


@pytest.fixture
def vfs(monkeypatch: pytest.MonkeyPatch) -> Iterator[CutVFS]:
    """The file system that every store in this process is on."""
    made = CutVFS("cut")
    monkeypatch.setattr(locate, "SqliteLog", partial(SqliteLog, vfs=made.name))
    yield made
    made.unregister()


@pytest.mark.parametrize("store", range(3))
def test_nothing_acknowledged_is_lost_to_a_power_cut(tmp_path: Path, vfs: CutVFS, store: int) -> None:
    load, chance = Load(SEED + store), random.Random(SEED + store)
    vfs.chance.seed(SEED + store)
    asyncio.run(lives(tmp_path, vfs, load, chance))
    assert vfs.cuts >= CUTS
    assert load.acknowledged > 5 * CUTS
    assert load.book.retracted


async def lives(folder: Path, vfs: CutVFS, load: Load, chance: random.Random) -> None:
    while (cuts := vfs.cuts) < CUTS:
        if chance.random() < 0.2:
            vfs.arm(chance.randrange(1, 8))  # while it starts, where that writes so much
        try:
            async with here(folder, snapshot_every=0) as server:
                vfs.arm(0)
                await looked_at(server, load, chance)
                await load.run(server.address, after=chance.randrange(5, 35), die=partial(cut_off, vfs, chance))
        except StoreError:
            if vfs.cuts == cuts:  # a start that fails with the power on
                raise
    async with here(folder, snapshot_every=0) as server:
        await looked_at(server, load, chance, whole=True)


async def cut_off(vfs: CutVFS, chance: random.Random) -> None:
    loop, dark = asyncio.get_running_loop(), asyncio.Event()
    vfs.arm(chance.randrange(1, 40), lambda: loop.call_soon_threadsafe(dark.set))
    await dark.wait()


async def looked_at(server: Running, load: Load, chance: random.Random, *, whole: bool = False) -> None:
    assert replayed_alike(server.store)
    async with AsyncClient(server.address, timeout=60) as client:
        await load.settle(client)
        await check(client, load.book, chance, whole=whole)


def replayed_alike(store: Store) -> bool:
    with Store.read(store.url, key_source=store.key_file, until=store.engine.sequence) as other:
        said, count = differences(dump(store.engine).ordered(), dump(other.engine).ordered(), store.key, 10)
    assert not said
    return not count


def test_without_syncing_it_is_lost(tmp_path: Path, vfs: CutVFS, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail."""
    monkeypatch.setattr(sqlite_file, "SYNCHRONOUS", "OFF")
    with pytest.raises((AssertionError, StoreError)):
        asyncio.run(lives(tmp_path, vfs, Load(SEED), random.Random(SEED)))
