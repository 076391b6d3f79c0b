"""Servers with something in them for tests of the commands, and the commands' answers in ways that tests can read."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from idweave_server.cli.story import input_files, sample_folder
from idweave_server.policy_file import policy_text

from tests.cli.running import Ran, idweave
from tests.server.running import ServerAside, aside


@contextlib.contextmanager
def sample_arguments() -> Iterator[list[str]]:
    """The sample's files and its mapping, as arguments of a command."""
    with sample_folder() as folder:
        yield [*map(str, input_files(folder)), "--mapping", str(folder / "mapping.toml")]


@contextlib.contextmanager
def sample_server(folder: Path) -> Iterator[ServerAside]:
    """A server with the sample's policy and nothing in it yet."""
    with sample_folder() as sample:
        (folder / "policy.toml").write_text(policy_text(sample / "policy.toml"), "utf-8")
        with aside(folder, policy=folder / "policy.toml") as server:
            yield server


def good(*arguments: object) -> Ran:
    """A command that must end well."""
    ran = idweave(*arguments)
    assert ran.code == 0, ran.err
    return ran


def told(*arguments: object) -> Any:
    """What a command prints with --json."""
    return json.loads(good(*arguments, "--json").out)
