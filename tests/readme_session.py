"""The README's sessions, played from top to bottom in one folder with one server: commands as in a shell, Python as at its prompt.

A block is prompts (`$ ` of a shell, `>>> ` and `... ` of Python), each with what it printed below. A line `…` stands for lines that are
left out, one such line an answer. What differs from run to run is put in the form that the README has: the server's address and store,
rates, numbers of entries, and ids of profiles, which become profile-1, profile-2 and so on in the order in which they are first seen.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from idweave_server.config import DEFAULT_LISTEN, DEFAULT_STORE

from tests.cli.running import idweave
from tests.server.running import process

LEFT_OUT = "…"
SHELL, PYTHON, GOES_ON = "$ ", ">>> ", "... "
PROFILE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")  # a UUIDv7; no device in the README is one
VARIES = (
    (re.compile(r"[\d.,]+ s, [\d,]+ a second"), f"{LEFT_OUT} s, {LEFT_OUT} a second"),
    (re.compile(r"[\d,]+ entries replayed"), f"{LEFT_OUT} entries replayed"),  # what arrives together may become one entry
)


@dataclass(frozen=True)
class Turn:
    """What was typed, as it stands with its prompts, and what is shown below it."""

    typed: tuple[str, ...]
    shown: tuple[str, ...]

    @property
    def source(self) -> str:
        """Without the prompts."""
        return "\n".join(line[len(SHELL if line.startswith(SHELL) else PYTHON) :] for line in self.typed)


def turns(body: str) -> list[Turn]:
    """The turns of a block. Raises ValueError for one that does not begin with a prompt."""
    found: list[tuple[list[str], list[str]]] = []
    for line in body.rstrip("\n").split("\n"):
        if line.startswith((SHELL, PYTHON)):
            found.append(([line], []))
        elif not found:
            raise ValueError(f"a session begins with a prompt, not with {line!r}")
        else:
            typed, shown = found[-1]
            (typed if line.startswith(GOES_ON) and not shown else shown).append(line)
    return [Turn(tuple(typed), tuple(shown)) for typed, shown in found]


def merged(shown: tuple[str, ...], real: list[str]) -> list[str]:
    """The answer as it is now, with as many lines left out as before. Blank lines at the end are the README's."""
    told = list(shown)
    blank: list[str] = []
    while told and not told[-1]:
        blank.append(told.pop())
    if LEFT_OUT not in told:
        return [*real, *blank]
    head = told.index(LEFT_OUT)
    tail = len(told) - head - 1
    if head + tail >= len(real):
        raise ValueError(f"{LEFT_OUT} stands for nothing: the answer has {len(real)} lines")
    return [*real[:head], LEFT_OUT, *real[len(real) - tail :], *blank]


class Session:
    """A shell in a folder, and a Python prompt; whatever a server printed or was asked is remembered for its `plain` form."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._address = self._store = ""
        self._log = Path(os.devnull)  # the server's
        self._profiles: dict[str, str] = {}
        self._names: dict[str, Any] = {"__name__": "__main__"}

    def replayed(self, body: str) -> str:
        """The block with the answers that come now."""
        lines = []
        for turn in turns(body):
            answer = self._shell(turn.source) if turn.typed[0].startswith(SHELL) else self._python(turn.source)
            lines += [*turn.typed, *merged(turn.shown, self._plain(answer))]
        return "\n".join(lines) + "\n"

    def _shell(self, line: str) -> str:
        line = re.sub(r"( 2> ?\S+)?( &)?$", "", line)
        program, *arguments = shlex.split(line)
        if program == "cd":
            self._stack.enter_context(contextlib.chdir(arguments[0]))
            return ""
        assert program == "idweave", f"no test knows how to run {line}"
        if arguments[0] == "serve":
            return self._serve(*arguments[1:])
        given = [name for argument in arguments for name in _expanded(argument)]
        if not {"--server", "--store", "resolve"} & set(given):
            given += ["--server", DEFAULT_LISTEN]
        ran = idweave(*(argument.replace(DEFAULT_LISTEN, self._address) for argument in given))
        assert ran.code == 0, f"{line}: {ran.err}\n{self._log.read_text('utf-8')}"
        return ran.out

    def _serve(self, *options: str) -> str:
        server = self._stack.enter_context(process(self._folder, *options))
        self._address, self._store, self._log = server.address, server.store, server.log
        return server.output.read_text("utf-8")

    def _python(self, source: str) -> str:
        out = io.StringIO()
        shown = sys.displayhook
        sys.displayhook = _display
        try:
            with contextlib.redirect_stdout(out):
                exec(compile(source.replace(DEFAULT_LISTEN, self._address) + "\n", "<README>", "single"), self._names)
        finally:
            sys.displayhook = shown
        return out.getvalue()

    def _plain(self, answer: str) -> list[str]:
        if self._address:
            answer = answer.replace(self._address, DEFAULT_LISTEN).replace(self._store, DEFAULT_STORE)
        answer = PROFILE.sub(lambda found: self._profiles.setdefault(found[0], f"profile-{len(self._profiles) + 1}"), answer)
        for found, plain in VARIES:
            answer = found.sub(plain, answer)
        return [line.rstrip() for line in answer.splitlines()]


def _expanded(argument: str) -> list[str]:
    return sorted(path.name for path in Path().glob(argument)) if "*" in argument else [argument]


def _display(value: object) -> None:
    """As the prompt shows it, but without keeping it as `_`."""
    if value is not None:
        print(repr(value))


@contextlib.contextmanager
def session(folder: Path, root: Path) -> Iterator[Session]:
    """A session in an empty folder that has the sources where a clone has them."""
    (folder / "server").symlink_to(root / "server")
    with ExitStack() as stack:
        stack.enter_context(contextlib.chdir(folder))
        yield Session(folder, stack)
