"""Every code block of the README runs, and what it shows is what comes out.

A block that shows output is preceded by a comment with its command: `<!-- shows: idweave demo -->`. Its paragraphs (what stands between
blank lines) are whole paragraphs of the real output, in order; a line `…` stands for those left out. Blocks in `console` and `python` are
sessions with a server (tests/readme_session.py). After a change that is meant,

    python -m tests.test_readme

puts the new text of each paragraph (known by its first line) and of each answer into the README. Every other block is commands, each of
which a test runs or looks up; one that none knows fails.
"""

from __future__ import annotations

import gzip
import json
import re
import shlex
import tempfile
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from tests.cli.as_process import idweave
from tests.readme_session import merged, session, turns

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"(?:<!-- shows: (?P<shown>.*?) -->\n)?^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = "…"
SESSIONS = ("console", "python")
MAPPING = """
[[files]]
pattern = "visits*"
[files.observation]
id = "id"
time = "at"
source = { value = "web" }
[files.identifiers]
cookie = "cookie"
email = "email"
[[files]]
pattern = "orders*"
[files.observation]
id = "nr"
time = "at"
source = { value = "shop" }
[files.identifiers]
email = "email"
phone = { field = "phone", region = "US" }
[[files]]
pattern = "crm*"
[files.observation]
id = "nr"
time = "at"
source = { value = "crm" }
[files.identifiers]
phone = { field = "phone", region = "US" }
"""


@dataclass(frozen=True)
class Block:
    shown: str
    language: str
    body: str
    span: tuple[int, int]

    @property
    def is_session(self) -> bool:
        return self.language in SESSIONS


def blocks(text: str) -> list[Block]:
    return [Block(found["shown"] or "", found["language"], found["body"], found.span("body")) for found in BLOCK.finditer(text)]


def paragraphs(text: str) -> list[str]:
    return [part.strip("\n") for part in re.split(r"\n\s*\n", text) if part.strip()]


def refreshed(body: str, output: str) -> str:
    """The body with each paragraph as the output has it now. Raises ValueError for one that the output has not, or not in this order."""
    real = paragraphs(output)
    place, parts = -1, []
    for part in paragraphs(body):
        if part.strip() == LEFT_OUT:
            parts.append(part)
            continue
        first = part.splitlines()[0]
        found = next((n for n in range(place + 1, len(real)) if real[n].splitlines()[0] == first), None)
        if found is None:
            raise ValueError(f"the output has no paragraph that begins with {first!r}, or not at this place")
        if parts and parts[-1].strip() != LEFT_OUT and found != place + 1:
            raise ValueError(f"paragraphs are left out before {first!r}, and no {LEFT_OUT} says so")
        place = found
        parts.append(real[found])
    return "\n\n".join(parts) + "\n"


def shown_output(command: str, folder: Path) -> str:
    program, *arguments = shlex.split(command)
    assert program == "idweave", f"{command} cannot be run here"
    done = idweave(*arguments, folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_the_readme_shows_is_what_comes_out(tmp_path: Path) -> None:
    text = README.read_text("utf-8")
    shown = [block for block in blocks(text) if block.shown]
    assert shown
    for block in shown:
        output = shown_output(block.shown, tmp_path)
        assert block.body == refreshed(block.body, output), "python -m tests.test_readme mends it"


def sessions_as_they_are_now(text: str, folder: Path) -> list[tuple[Block, str]]:
    """Each session of the README with its body of now; one after the other, with one server."""
    with session(folder, ROOT) as played:
        return [(block, played.replayed(block.body)) for block in blocks(text) if block.is_session]


def test_the_sessions_are_what_happens(tmp_path: Path) -> None:
    found = sessions_as_they_are_now(README.read_text("utf-8"), tmp_path)
    assert {block.language for block, _ in found} == set(SESSIONS)
    for block, body in found:
        assert block.body == body, "python -m tests.test_readme mends it"


def test_make_demo_is_the_demo() -> None:
    """What the README shows as the demo is what `make demo` runs."""
    assert re.search(r"^demo:.*\n\t@\$\(BIN\)/idweave demo$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def made_up_files(folder: Path) -> None:
    """The files that the README's command names."""
    visit = {"id": "v1", "at": "2024-01-02T10:00:00Z", "cookie": "c.0123456789abcdef", "email": "jo@postbus.zz"}
    (folder / "visits.jsonl.gz").write_bytes(gzip.compress(json.dumps(visit).encode()))
    (folder / "orders.csv").write_text("nr,at,email,phone\no1,2024-01-03,jo@postbus.zz,503-959-0201\n", "utf-8")
    book = openpyxl.Workbook()
    for row in (("nr", "at", "phone"), ("k1", "2024-01-04T09:00:00", "(503) 959-0201")):
        book.active.append(row)
    book.save(folder / "crm.xlsx")
    (folder / "mapping.toml").write_text(MAPPING, "utf-8")


@pytest.mark.parametrize(
    "block",
    [block for block in blocks(README.read_text("utf-8")) if not block.shown and not block.is_session],
    ids=lambda block: block.body[:30],
)
def test_every_command_does_what_it_says(block: Block, tmp_path: Path) -> None:
    made_up_files(tmp_path)
    lines = [line.split("#")[0].strip() for line in block.body.splitlines() if line.strip()]
    assert lines
    for line in lines:
        program, *arguments = shlex.split(line)
        if program == "make":
            assert re.search(rf"^{arguments[0]}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE), line
        else:
            assert program.removeprefix(".venv/bin/") == "idweave", f"no test knows how to run {line}"
            done = idweave(*arguments, folder=tmp_path)
            assert done.returncode == 0, done.stderr
            assert " 3 observations from 3 files make 1 profile " in done.stdout
            assert (tmp_path / "out" / "report.json").exists()


def test_links_lead_somewhere() -> None:
    pages = [README, *sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md"]
    for page in pages:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


OUTPUT = "one\n1\n\ntwo\n2\n\nthree\n3\n"


@pytest.mark.parametrize(
    ("body", "mended"),
    [
        ("one\n1\n", "one\n1\n"),
        ("one\nolder\n", "one\n1\n"),
        ("one\n1\n\n…\n\nthree\n", "one\n1\n\n…\n\nthree\n3\n"),
    ],
)
def test_a_paragraph_is_mended(body: str, mended: str) -> None:
    assert refreshed(body, OUTPUT) == mended


@pytest.mark.parametrize("body", ["four\n", "two\n2\n\n…\n\none\n1\n", "one\n1\n\nthree\n3\n"])
def test_what_the_output_has_not_is_found(body: str) -> None:
    with pytest.raises(ValueError, match=r"no paragraph that begins|left out"):
        refreshed(body, OUTPUT)


def test_an_answer_is_mended() -> None:
    (first, second) = turns("$ idweave lookup x\nolder\n\n>>> for n in range(2):\n...     print(n)\n…\n1\n")
    assert first.source == "idweave lookup x"
    assert merged(first.shown, ["newer", "and more"]) == ["newer", "and more", ""]
    assert second.source == "for n in range(2):\n    print(n)"
    assert merged(second.shown, ["0", "0.5", "1"]) == [LEFT_OUT, "1"]
    with pytest.raises(ValueError, match="stands for nothing"):
        merged(second.shown, ["1"])
    with pytest.raises(ValueError, match="begins with a prompt"):
        turns("idweave lookup x\n")


def rewrite() -> None:
    text = README.read_text("utf-8")
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as clone:
        found = [(block, refreshed(block.body, shown_output(block.shown, Path(folder)))) for block in blocks(text) if block.shown]
        found += sessions_as_they_are_now(text, Path(clone))
    for block, body in sorted(found, key=lambda one: one[0].span, reverse=True):
        text = text[: block.span[0]] + body + text[block.span[1] :]
    README.write_text(text, "utf-8")


if __name__ == "__main__":
    rewrite()
