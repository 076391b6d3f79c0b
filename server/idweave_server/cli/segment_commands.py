"""`idweave segment`: the group of its commands."""

from __future__ import annotations

import typer

from idweave_server.cli.connection import Command, asking
from idweave_server.cli.cut_points import cuts
from idweave_server.cli.forecasts import forecast, preview
from idweave_server.cli.memberships import check, explain, members
from idweave_server.cli.segment_watch import watch
from idweave_server.cli.segments import delete, get, list_segments, put, templates


def segment_commands() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(name="segment", no_args_is_help=True, help="Define segments, and ask who is in them and until when.")
    commands: tuple[Command, ...] = (put, get, list_segments, delete, templates, preview, forecast, cuts, check, members, explain, watch)
    for command in commands:
        name = command.__name__.partition("_")[0]  # `list` is a word of Python
        group.command(name)(asking(command))
    return group
