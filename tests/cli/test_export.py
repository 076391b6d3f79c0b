"""`idweave export`: the files of a store, whoever has it open, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from idweave import Client
from idweave.v1.admin_service_pb2 import ExportFilesResponse

from tests.cli.running import MAPPING, Results, idweave, in_csv, row
from tests.cli.serving import good, told
from tests.server.running import aside

NAMES = {f"{name}.csv" for name in ("observations", "identifiers", "links", "profiles", "issues", "redirects")} | {"report.json"}


def imported(folder: Path, *options: str) -> None:
    rows = [row(1, email="jo@acme.org", cookie="c-0001-jo-smith"), row(2, email="kim@acme.org", phone="no number")]
    (folder / "a.csv").write_text(in_csv(rows), "utf-8")
    (folder / "m.toml").write_text(MAPPING, "utf-8")
    good("import", folder / "a.csv", "-m", folder / "m.toml", *options)


def test_a_store_and_its_server_give_the_same_files(tmp_path: Path) -> None:
    with aside(tmp_path) as server:
        imported(tmp_path, "--server", server.address)
        sent = told("export", "--server", server.address, "--out", tmp_path / "sent")
        assert set(sent["files"]) == NAMES == {path.name for path in (tmp_path / "sent").iterdir()}
        read = good("export", "--store", server.store, "--out", tmp_path / "read")  # while the server has it open
    assert "7 files in " in read.out
    assert Results(tmp_path / "sent").bytes() == Results(tmp_path / "read").bytes()
    assert [one["reason"] for one in Results(tmp_path / "read").rows("issues")] == ["phone_syntax"]
    assert json.loads((tmp_path / "read" / "report.json").read_text("utf-8"))["profiles"] == 2


def test_tables_as_parquet(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    imported(tmp_path, "--store", url)
    assert "profiles.parquet" in told("export", "--store", url, "--out", tmp_path / "out", "--format", "parquet")["files"]


def test_what_cannot_be_exported(tmp_path: Path) -> None:
    missing = idweave("export", "--store", f"sqlite:///{tmp_path / 'none.db'}", "--out", tmp_path / "out")
    assert (missing.code, missing.err.startswith("idweave: ")) == (1, True)
    both = idweave("export", "--store", "sqlite:///a.db", "--server", "127.0.0.1:1", "--out", tmp_path / "out")
    assert both.code == 2
    parquet = idweave("export", "--server", "127.0.0.1:1", "--out", tmp_path / "out", "--format", "both")
    assert (parquet.code, "--store writes Parquet" in parquet.err) == (2, True)
    (tmp_path / "file").touch()
    taken = idweave("export", "--server", "127.0.0.1:1", "--out", tmp_path / "file")
    assert (taken.code, "is a file" in taken.err) == (1, True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("pieces", [[], [("../evil.csv", b"x")], [("profiles.csv", b"x")]])
def test_what_a_server_sends_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pieces: list[tuple[str, bytes]]) -> None:
    """Names that lead elsewhere, and a set without its report: nothing is left."""
    sent = [ExportFilesResponse(file=name, data=data) for name, data in pieces]
    monkeypatch.setattr(Client, "export_files", lambda client, timeout: iter(sent))
    ran = idweave("export", "--server", "127.0.0.1:1", "--out", tmp_path / "out")
    assert ran.code == 1
    assert list(tmp_path.iterdir()) == []
