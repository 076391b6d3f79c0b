"""`idweave`: the command line's entry point."""

from __future__ import annotations

import sys

import typer

from idweave_server import __version__
from idweave_server.cli.demo import demo
from idweave_server.cli.resolve import resolve
from idweave_server.errors import IdweaveError, InputError

app = typer.Typer(
    name="idweave",
    help="Who does an identifier belong to, and why? An identity graph you run yourself.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(resolve)
app.command()(demo)


def show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"idweave {__version__}")
        raise typer.Exit


@app.callback()
def options(version: bool = typer.Option(False, "--version", callback=show_version, is_eager=True, help="Print the version and exit.")) -> None:
    """Who does an identifier belong to, and why? An identity graph you run yourself."""


def main() -> None:
    """Exit codes: 0 done, 1 failure, 2 the command or its input cannot be used as given."""
    try:
        app()
    except IdweaveError as error:
        typer.echo(f"idweave: {error}", err=True)
        sys.exit(2 if isinstance(error, InputError) else 1)
    except KeyboardInterrupt:
        typer.echo("idweave: stopped; nothing was written", err=True)
        sys.exit(130)
