"""`idweave`: the command line's entry point."""

from __future__ import annotations

import io
import os
import signal
import sys
from types import FrameType

import typer

from idweave_server import __version__
from idweave_server.errors import IdweaveError, InputError
from idweave_server.kernel_cache import use_kernel_cache

INTERRUPTED = 130
FILES, QUESTIONS, SEGMENTS = "Files", "Questions to a server", "Segments, through a server"
CORRECTIONS, SERVER = "Corrections, through a server", "The server and its store"


def main(arguments: list[str] | None = None) -> None:
    """Exit codes: 0 done, 1 failure, 2 the command or its input cannot be used as given, 130 stopped by Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # names and paths may hold what the terminal's encoding has not
    interrupt = _Interrupt()
    try:
        application()(arguments)
    except IdweaveError as error:
        typer.echo(f"idweave: {error}", err=True)
        sys.exit(2 if isinstance(error, InputError) else 1)
    except BaseException:
        # Whatever came of Ctrl-C: typer makes a silent exit of it, and numba's compiler an error of its own.
        if not interrupt.came:
            raise
        typer.echo("idweave: stopped", err=True)
        sys.exit(INTERRUPTED)


class _Interrupt:
    """Remembers that Ctrl-C came, and stops the program as it does by default; ignored where the caller's shell wants it so."""

    def __init__(self) -> None:
        self.came = False
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._handle)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        raise KeyboardInterrupt


def application() -> typer.Typer:
    """The commands. They are imported here because kernels, which they import, must find their cache named already."""
    use_kernel_cache()
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its core writes to standard error by itself, and what goes wrong is told anyway
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")  # its handlers crash one in ten helper processes between fork and exec
    from idweave_server.cli.assertions import assert_commands
    from idweave_server.cli.connection import asking, perhaps_asking
    from idweave_server.cli.demo import demo
    from idweave_server.cli.erase import erase
    from idweave_server.cli.explain import explain
    from idweave_server.cli.export import export
    from idweave_server.cli.import_files import import_files
    from idweave_server.cli.issues import issues
    from idweave_server.cli.lookup import lookup
    from idweave_server.cli.migrate import migrate
    from idweave_server.cli.profile import profile
    from idweave_server.cli.project import project
    from idweave_server.cli.resolve import resolve
    from idweave_server.cli.retract import retract
    from idweave_server.cli.segment_commands import segment_commands
    from idweave_server.cli.serve import serve
    from idweave_server.cli.snapshot import snapshot
    from idweave_server.cli.status import status
    from idweave_server.cli.timeline import timeline
    from idweave_server.cli.validate import validate
    from idweave_server.cli.verify import verify

    app = typer.Typer(name="idweave", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(options)
    app.command()(demo)
    app.command(rich_help_panel=FILES)(resolve)
    app.command("import", rich_help_panel=FILES)(perhaps_asking(import_files))
    app.command(rich_help_panel=FILES)(perhaps_asking(export))
    app.command(rich_help_panel=FILES)(asking(validate))
    for question in (lookup, profile, timeline, explain):
        app.command(rich_help_panel=QUESTIONS)(asking(question))
    app.add_typer(segment_commands(), rich_help_panel=SEGMENTS)
    app.add_typer(assert_commands(), rich_help_panel=CORRECTIONS)
    for correction in (retract, erase):
        app.command(rich_help_panel=CORRECTIONS)(asking(correction))
    app.command(rich_help_panel=SERVER)(serve)
    for care in (status, issues, verify):
        app.command(rich_help_panel=SERVER)(asking(care))
    for upkeep in (snapshot, project):
        app.command(rich_help_panel=SERVER)(upkeep)
    app.command(rich_help_panel=SERVER)(migrate)
    return app


def show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"idweave {__version__}")
        raise typer.Exit


def options(
    version: bool = typer.Option(False, "--version", callback=show_version, is_eager=True, help="Print the version and exit."),
) -> None:
    """Who does an identifier belong to, and why? An identity graph you run yourself."""
