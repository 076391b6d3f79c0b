"""Copies in every backend."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from idweave_server.errors import StoreBusyError, StoreCorruptError, StoreFormatError
from idweave_server.log.base import Log, LogCopy
from idweave_server.log.locate import open_copy, open_log
from idweave_server.log.sqlite import SqliteLog

from tests.log.copying import ENTRIES, OURS, CopyContract, Place
from tests.log.graph_logs import credentials_of, graph_log
from tests.neo4j_database import Database


@dataclass(frozen=True)
class InFile:
    path: Path

    def copy(self, store_id: str = OURS) -> LogCopy:
        return open_copy(f"sqlite:///{self.path}", store_id)

    def log(self, *, create: bool = False, read_only: bool = False) -> Log:
        return open_log(f"sqlite:///{self.path}", create=create, read_only=read_only)


@dataclass(frozen=True)
class InGraph:
    database: Database

    def copy(self, store_id: str = OURS) -> LogCopy:
        return open_copy(self.database.uri, store_id, credentials=credentials_of(self.database))

    def log(self, *, create: bool = False, read_only: bool = False) -> Log:
        return graph_log(self.database, create=create, read_only=read_only)


class TestInSqlite(CopyContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        return InFile(tmp_path / "copy.db")

    def test_two_do_not_fill_one_file(self, tmp_path: Path) -> None:
        place = InFile(tmp_path / "copy.db")
        one = place.copy()
        with pytest.raises(StoreBusyError, match="being copied into already"):
            place.copy()
        one.close()
        place.copy().close()

    def test_another_file_is_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "copy.db"
        path.write_bytes(b"a,b,c\n" * 1_000)
        with pytest.raises(StoreFormatError, match="not an idweave store"):
            InFile(path).copy()
        assert path.read_bytes() == b"a,b,c\n" * 1_000

    def test_a_store_of_before_is_read_as_ever(self, tmp_path: Path) -> None:
        SqliteLog(tmp_path / "a.db", create=True).close()
        with pytest.raises(StoreFormatError, match="a store already"):
            InFile(tmp_path / "a.db").copy()


class TestInNeo4j(CopyContract):
    @pytest.fixture
    def place(self, graph_database: Database) -> Place:
        return InGraph(graph_database)

    def test_two_that_fill_one_database_are_told(self, graph_database: Database) -> None:
        place = InGraph(graph_database)
        one, other = place.copy(), place.copy()
        one.take(ENTRIES[:2])
        with pytest.raises(StoreCorruptError, match="somebody else writes into it"):
            other.take(ENTRIES[:1])
        other.take(ENTRIES[2:])
        assert one.read(0, 10) == ENTRIES
        one.close()
        other.close()
