"""Results appear together or not at all, whatever happens while they are written."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from idweave_server.batch.replace import check_replaceable, replacing
from idweave_server.errors import OutputError

NAMES = ("a.csv", "b.csv", "a.parquet", "report.json")


def put(out: Path, **content: str) -> None:
    with replacing(out, NAMES) as aside:
        for name, text in content.items():
            (aside / name.replace("_", ".")).write_text(text)


def shown(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_directory_that_is_not_there_is_made_with_those_above_it(tmp_path: Path) -> None:
    put(tmp_path / "deep" / "out", a_csv="1", report_json="{}")
    assert shown(tmp_path) == {"deep/out/a.csv": "1", "deep/out/report.json": "{}"}


def test_an_earlier_run_is_replaced_as_a_set_and_other_files_stay(tmp_path: Path) -> None:
    out = tmp_path / "out"
    put(out, a_csv="1", b_csv="1", report_json="1")
    (out / "notes.txt").write_text("mine")
    (out / "more").mkdir()
    (out / "more" / "a.csv").write_text("mine too")
    put(out, a_parquet="2", report_json="2")
    assert shown(tmp_path) == {"out/a.parquet": "2", "out/report.json": "2", "out/notes.txt": "mine", "out/more/a.csv": "mine too"}


def test_a_link_to_a_directory_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")
    put(tmp_path / "out", a_csv="1")
    assert (tmp_path / "out").is_symlink()
    assert (tmp_path / "real" / "a.csv").read_text() == "1"


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
def test_what_fails_while_writing_changes_nothing(tmp_path: Path, failure: type[BaseException]) -> None:
    put(tmp_path / "out", a_csv="1", report_json="1")

    def fail_halfway() -> None:
        with replacing(tmp_path / "out", NAMES) as aside:
            (aside / "a.csv").write_text("half")
            raise failure

    with pytest.raises(failure):
        fail_halfway()
    assert shown(tmp_path) == {"out/a.csv": "1", "out/report.json": "1"}


def test_what_fails_while_putting_in_place_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "out", a_csv="1", b_csv="1", report_json="1")
    rename = Path.rename

    def fail_on_the_report(self: Path, target: Path) -> Path:
        if target == tmp_path / "out" / "report.json" and self.read_text() == "2":
            raise PermissionError(1, "not permitted")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_on_the_report)
    with pytest.raises(OutputError, match="choose a directory that you may write to"):
        put(tmp_path / "out", a_csv="2", a_parquet="2", report_json="2")
    assert shown(tmp_path) == {"out/a.csv": "1", "out/b.csv": "1", "out/report.json": "1"}


def test_the_report_goes_first_and_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "out", a_csv="1", report_json="1")
    moved: list[str] = []
    rename = Path.rename

    def note(self: Path, target: Path) -> Path:
        moved.append(self.name)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", note)
    put(tmp_path / "out", a_csv="2", b_csv="2", report_json="2")
    assert moved == ["report.json", "a.csv", "a.csv", "b.csv", "report.json"]


@pytest.mark.parametrize("deed", [lambda out: put(out, a_csv="1"), lambda out: check_replaceable(out, NAMES)], ids=["write", "check"])
class TestWhereNothingCanBeWritten:
    """None of these depends on permissions, which do not bind root."""

    def test_a_file_of_that_name(self, tmp_path: Path, deed: object) -> None:
        (tmp_path / "out").write_text("mine")
        with pytest.raises(OutputError, match="out is a file; name a directory"):
            deed(tmp_path / "out")  # type: ignore[operator]
        assert shown(tmp_path) == {"out": "mine"}

    def test_below_a_file(self, tmp_path: Path, deed: object) -> None:
        (tmp_path / "file").write_text("mine")
        with pytest.raises(OutputError, match=r"part of its path is a file.* Nothing was changed"):
            deed(tmp_path / "file" / "below" / "out")  # type: ignore[operator]
        assert shown(tmp_path) == {"file": "mine"}

    def test_where_the_system_lets_nobody_write(self, tmp_path: Path, deed: object) -> None:
        with pytest.raises(OutputError, match="the results cannot be written to /proc/out"):
            deed(Path("/proc/out"))  # type: ignore[operator]

    def test_a_directory_with_a_result_s_name(self, tmp_path: Path, deed: object) -> None:
        (tmp_path / "out" / "a.csv").mkdir(parents=True)
        with pytest.raises(OutputError, match=r"out/a\.csv is a directory"):
            deed(tmp_path / "out")  # type: ignore[operator]
        assert (tmp_path / "out" / "a.csv").is_dir()

    def test_another_run_at_the_same_time(self, tmp_path: Path, deed: object) -> None:
        with replacing(tmp_path / "out", NAMES) as aside:
            (aside / "a.csv").write_text("first")
            with pytest.raises(OutputError, match="another run is writing there now"):
                deed(tmp_path / "out")  # type: ignore[operator]
        assert shown(tmp_path) == {"out/a.csv": "first"}


def test_an_input_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("the only copy")
    for inputs in ([str(tmp_path / "a.csv")], ["missing.csv", str(tmp_path / "." / "a.csv")]):
        with pytest.raises(OutputError, match=r"a\.csv is an input and would be replaced"):
            check_replaceable(tmp_path, NAMES, inputs)
        with pytest.raises(OutputError, match="is an input"), replacing(tmp_path, NAMES, inputs):
            pytest.fail("not reached")
    assert shown(tmp_path) == {"a.csv": "the only copy"}


def test_a_check_leaves_nothing_behind(tmp_path: Path) -> None:
    check_replaceable(tmp_path / "deep" / "out", NAMES)
    assert list(tmp_path.iterdir()) == []


def test_a_mounted_directory_is_written_from_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "out", a_csv="1")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    with replacing(tmp_path / "out", NAMES) as aside:
        assert aside.parent == tmp_path / "out"
        (aside / "a.csv").write_text("2")
    assert shown(tmp_path) == {"out/a.csv": "2"}


WRITE_AND_STOP = """
import sys
from pathlib import Path
from idweave_server.batch.replace import replacing
with replacing(Path(sys.argv[1]), ("a.csv", "report.json")) as aside:
    (aside / "a.csv").write_text("half")
    print("written", flush=True)
    sys.stdin.read()
"""


def test_a_killed_run_leaves_the_earlier_one_and_the_next_run_clears_up(tmp_path: Path) -> None:
    put(tmp_path / "out", a_csv="1", report_json="1")
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_AND_STOP, tmp_path / "out"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "written\n"
        run.send_signal(signal.SIGKILL)
        run.wait()
    assert shown(tmp_path / "out") == {"a.csv": "1", "report.json": "1"}
    put(tmp_path / "out", b_csv="2")
    assert shown(tmp_path) == {"out/b.csv": "2"}


def test_a_full_disk_is_told_and_what_was_written_is_gone(tmp_path: Path) -> None:
    """A limit on the size of a file stands in for the disk: the same error on the same path, for root too."""
    put(tmp_path / "out", a_csv="1", report_json="1")

    def write_too_much() -> None:
        with replacing(tmp_path / "out", NAMES) as aside, (aside / "a.csv").open("wb") as file:
            file.write(b"x" * 100_000)

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, before[1]))
    try:
        with pytest.raises(OutputError, match=r"there is no room for the results in .*; free some space or choose another directory"):
            write_too_much()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert shown(tmp_path) == {"out/a.csv": "1", "out/report.json": "1"}


def test_a_file_system_without_locks_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(descriptor: int, operation: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    put(tmp_path / "out", a_csv="1")
    assert shown(tmp_path) == {"out/a.csv": "1"}
