"""`idweave segment`: the group of its commands."""

from __future__ import annotations

import typer

from idweave_server.cli.connection import asking
from idweave_server.cli.forecasts import forecast, preview
from idweave_server.cli.memberships import check, explain, members
from idweave_server.cli.segments import delete, get, list_segments, put, templates


def segment_commands() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(name="segment", no_args_is_help=True, help="Define segments, and ask who is in them and until when.")
    for command in (put, get):
        group.command()(asking(command))
    group.command("list")(asking(list_segments))
    for command in (delete, templates, preview, forecast, check, members, explain):
        group.command()(asking(command))
    return group
