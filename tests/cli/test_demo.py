"""`idweave demo` as a reader meets it: every chapter told, nothing failed, plain where it is piped, and honest when something is wrong."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from idweave_server.batch.outputs import NAMES
from idweave_server.cli import demo, kernels
from idweave_server.cli.changes import FORGOTTEN, RETIRED, UNDONE
from idweave_server.cli.findings import Finding
from idweave_server.cli.main import application
from idweave_server.cli.purchase_demo import BOUGHT
from idweave_server.cli.story import Chapter, OutcomeOf, read_story, sample_folder
from idweave_server.cli.telling import chapter_lines, print_lines
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text
from typer.testing import CliRunner

from tests.cli.as_process import idweave

CHAPTER = Chapter("Title", "word " * 40, "seen " * 30, (OutcomeOf("accepted", ("o",)),))


def story() -> tuple[Chapter, ...]:
    with sample_folder() as folder:
        return read_story((folder / "story.toml").read_text("utf-8"))


def test_the_story_as_a_process(tmp_path: Path) -> None:
    done = idweave("demo", folder=tmp_path)
    assert done.stderr == ""
    assert done.returncode == 0
    for number, chapter in enumerate((*story(), RETIRED, UNDONE, FORGOTTEN, BOUGHT), 1):
        assert f"{number:>3}  {chapter.title}\n" in done.stdout
        assert re.sub(r"\s+", " ", chapter.happened) in re.sub(r"\s+", " ", done.stdout)
    assert "✗" not in done.stdout
    assert done.stdout.count("✓") > 40
    assert "\x1b" not in done.stdout
    assert [line for line in done.stdout.splitlines() if line != line.rstrip() or cell_len(line) > 100] == []
    assert list(tmp_path.iterdir()) == []
    assert idweave("demo").stdout == done.stdout


def test_the_files_are_kept_where_they_are_wanted(tmp_path: Path) -> None:
    done = CliRunner().invoke(application(), ["demo", "--out", str(tmp_path / "here")])
    assert done.exit_code == 0
    assert {path.name for path in (tmp_path / "here").iterdir()} == {name for name in NAMES if not name.endswith(".parquet")}
    assert f"grep 5039590210 {tmp_path}/here/identifiers.csv" in done.output
    report = json.loads((tmp_path / "here" / "report.json").read_text("utf-8"))
    assert report["outcomes"]["accepted"] == 303  # as the files say, before anything is changed


def test_a_story_that_does_not_hold_exits_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sample_folder() as folder:
        shutil.copytree(folder, tmp_path / "sample", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    text = (tmp_path / "sample" / "story.toml").read_text("utf-8")
    (tmp_path / "sample" / "story.toml").write_text(text.replace("count = 10", "count = 11"), "utf-8")

    @contextmanager
    def altered() -> Iterator[Path]:
        yield tmp_path / "sample"

    monkeypatch.setattr(demo, "sample_folder", altered)
    done = CliRunner().invoke(application(), ["demo"])
    assert done.exit_code == 1
    assert done.output.count("✗ 10 × date_ambiguous") == 1
    assert re.search(r"✗  \d+ of the story's \d+ expectations hold", done.output)


@pytest.mark.parametrize("width", [40, 80, 100, 160])
def test_a_terminal_s_width_is_kept_to(width: int) -> None:
    wide = Text("identifier " * 20, no_wrap=True, overflow="ellipsis")
    findings = [Finding(True, Text("said " * 30), (wide,)), Finding(False, Text("王小明 " * 30))]
    file = io.StringIO()
    print_lines(Console(file=file, width=width, force_terminal=True, color_system=None), chapter_lines(7, CHAPTER, findings))
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in file.getvalue().splitlines()]
    assert max(cell_len(line) for line in lines) <= min(width, 100)
    assert lines[0] == "  7  Title"
    assert sum(line.endswith("…") for line in lines) == 1
    assert all(line.startswith("     ") for line in lines[1:] if line)


@pytest.mark.parametrize(("terminal", "compiled", "told"), [(True, False, True), (True, True, False), (False, False, False)])
def test_a_fresh_clone_is_told_what_it_waits_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool, compiled: bool, told: bool
) -> None:
    """The first compilation takes a minute, and a silent minute looks like a fault."""
    done: list[Path] = []
    monkeypatch.setattr(kernels, "use_kernel_cache", lambda: tmp_path)
    monkeypatch.setattr(kernels, "are_compiled", lambda folder: compiled)
    monkeypatch.setattr(kernels, "compile_kernels", done.append)
    file = io.StringIO()
    with kernels.kernels_at_hand(Console(file=file, force_terminal=terminal)):
        pass
    assert ("about a minute" in file.getvalue()) == told
    assert done == ([] if compiled else [tmp_path])


def test_what_is_said_twice_is_printed_once() -> None:
    said = Finding(True, Text("one thing"), (Text("a detail"),))
    lines = [text.plain for _, text in chapter_lines(1, CHAPTER, [said, Finding(True, Text("another")), said])]
    assert (lines.count("one thing"), lines.count("a detail"), lines.count("another")) == (1, 1, 1)
