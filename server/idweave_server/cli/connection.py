"""Commands that ask a running server: the options that all of them have, the connection, and errors as one line with its remedy."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from idweave import (
    AccessError,
    Client,
    DeadlineError,
    Identifier,
    IdweaveClientError,
    InternalError,
    InvalidRequestError,
    NotServingError,
    QueueFullError,
    Tls,
    UnavailableError,
    identifier,
)

from idweave_server.cli.command_names import in_commands
from idweave_server.config import DEFAULT_LISTEN
from idweave_server.errors import IdweaveError, InputError

Command = Callable[..., None]
WRITES = ("Ingest", "IngestBatch", "Assert", "Retract", "SetTags", "PutSegment", "DeleteSegment", "Erase")  # methods


class CallError(IdweaveError):
    """A server did not answer, or not as was hoped."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How to reach the server, and how to show what it answers."""

    server: Annotated[str, typer.Option("--server", envvar="IDWEAVE_SERVER", metavar="ADDR", help="HOST:PORT of the server.")] = (
        DEFAULT_LISTEN
    )
    token: Annotated[str, typer.Option(envvar="IDWEAVE_TOKEN", metavar="TEXT", show_default=False, help="Token that lets callers in.")] = ""
    tls: Annotated[bool, typer.Option("--tls", envvar="IDWEAVE_TLS", help="Reach it encrypted.", show_default=False)] = False
    tls_ca: Annotated[
        Path | None, typer.Option(envvar="IDWEAVE_TLS_CA", metavar="FILE", help="Whom to trust, PEM; by default whom the system trusts.")
    ] = None
    insecure: Annotated[
        bool, typer.Option("--insecure", envvar="IDWEAVE_INSECURE", help="Reach another machine in plain text.", show_default=False)
    ] = False
    timeout: Annotated[float, typer.Option(min=0.001, metavar="SECONDS", help="How long to wait for an answer.")] = 30.0
    json: Annotated[bool, typer.Option("--json", help="Print the reply as proto3 JSON.", show_default=False)] = False

    @contextmanager
    def client(self, *, timeout: float | None = None) -> Iterator[Client]:
        """A client for the length of a command. Raises InputError, CallError."""
        with self.translated():
            try:
                secured = Tls(roots=self.tls_ca.read_bytes()) if self.tls_ca else self.tls
                client = Client(self.server, timeout=timeout or self.timeout, token=self.token or None, tls=secured, insecure=self.insecure)
            except OSError as error:
                raise InputError(f"--tls-ca {self.tls_ca} cannot be read: {error.strerror or error}") from None
            except ValueError as error:
                raise InputError(f"--server: {error}") from None
            with client:
                yield client

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Say in the command line's words what a call can fail with."""
        try:
            yield
        except InvalidRequestError as error:
            raise InputError(in_commands(_with_violations(error))) from None
        except IdweaveClientError as error:
            raise CallError(in_commands(_told(error, self))) from None

    def shown(self, reply: Message) -> bool:
        """Print the reply as JSON, if that is wanted; whether it was."""
        if self.json:
            typer.echo(MessageToJson(reply, always_print_fields_with_no_presence=True, ensure_ascii=False))
        return self.json


def asking(command: Command) -> Command:
    """Give a command, whose first parameter is an Asking, the options of one in place of it."""
    return _with_options(command, {})


def perhaps_asking(command: Command) -> Command:
    """The same for a command that asks a server only where one is named: `Asking.server` is blank where none is."""
    named = typer.Option("--server", metavar="ADDR", show_default=False, help="HOST:PORT of a running server to go through, and no store.")
    shown = typer.Option("--json", help="Print what was done as JSON.", show_default=False)
    return _with_options(command, {"server": ("", Annotated[str, named]), "json": (False, Annotated[bool, shown])})


def _with_options(command: Command, others: Mapping[str, tuple[Any, Any]]) -> Command:
    """others: (default, annotation) of options that differ from those of Asking."""
    hints, own = get_type_hints(Asking, include_extras=True), get_type_hints(command, include_extras=True)
    options = {field.name: others.get(field.name, (field.default, hints[field.name])) for field in fields(Asking)}
    _, *rest = inspect.signature(command).parameters.values()

    @wraps(command)
    def asked(**given: Any) -> None:
        command(Asking(**{name: given.pop(name) for name in options}), **given)

    only = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        *(one.replace(kind=only, annotation=own[one.name]) for one in rest),
        *(inspect.Parameter(name, only, default=default, annotation=kind) for name, (default, kind) in options.items()),
    ]
    asked.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    asked.__annotations__ = {one.name: one.annotation for one in parameters}
    del asked.__wrapped__  # typer would look at what it names
    return asked


def read_identifier(text: str) -> Identifier:
    """Raises InputError."""
    try:
        return identifier(text)
    except ValueError as error:
        raise InputError(str(error)) from None


def read_subject(text: str) -> Identifier | str:
    """A profile's id, or an identifier: its text has a colon, which no id has. Raises InputError."""
    if not text.strip():
        raise InputError("name a profile by its id or by an identifier such as email:jo@example.org")
    return read_identifier(text) if ":" in text else text


def _with_violations(error: InvalidRequestError) -> str:
    told = "; ".join(f"{one.field}: {one.description}" if one.field else one.description for one in error.violations)
    if not told:
        return error.message
    return told if told in error.message or error.message in told else f"{error.message} ({told})"


def _told(error: IdweaveClientError, asking: Asking) -> str:
    """What went wrong, and what to do."""
    if isinstance(error, NotServingError | QueueFullError):
        return f"the server at {asking.server} cannot answer yet: {error.message}"
    if isinstance(error, UnavailableError) and not error.reason:
        return f"no server answers at {asking.server}: start one with `idweave serve`, or name another with --server"
    if isinstance(error, DeadlineError):
        done = "; what was asked may have been done nevertheless" if error.method in WRITES else ""
        return f"no answer from {asking.server} within {asking.timeout:g} s: --timeout waits longer{done}"
    if isinstance(error, AccessError):
        return f"the server at {asking.server} lets nobody in without its token: give --token, or set IDWEAVE_TOKEN"
    if isinstance(error, InternalError):
        return f"{error.message} (its log tells more under request {error.request_id})"
    return error.message
