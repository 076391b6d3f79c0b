"""All files of a store, piece by piece."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from idweave_server.operations import export
from idweave_server.operations.export import export_files

from tests.operations.world import World, ingest, report


def test_the_files_come_one_after_another_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PIECE", 50)
    world = World(tmp_path)
    with world.open() as store:
        world.committer(store).perform(ingest(report(1), report(2), report(3)))

        async def main() -> list[tuple[str, bytes]]:
            with ThreadPoolExecutor(1) as pool:
                return [piece async for piece in export_files(store, pool)]

        pieces = asyncio.run(main())
    names = list(dict.fromkeys(name for name, _ in pieces))
    assert names == ["identifiers.csv", "issues.csv", "links.csv", "observations.csv", "profiles.csv", "redirects.csv", "report.json"]
    assert [name for name, _ in pieces] == sorted((name for name, _ in pieces), key=names.index)
    assert all(0 < len(data) <= 50 for _, data in pieces)
    observations = b"".join(data for name, data in pieces if name == "observations.csv").decode()
    assert len(observations.splitlines()) == 4
