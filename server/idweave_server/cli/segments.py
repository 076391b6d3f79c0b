"""`idweave segment put`, `get`, `list`, `delete` and `templates`: what segments there are, and what they say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from idweave import (
    DefinitionProblem,
    GetSegmentResponse,
    ListSegmentsResponse,
    ListTemplatesResponse,
    PutSegmentResponse,
    Segment,
    Template,
)
from rich.console import RenderableType
from rich.text import Text

from idweave_server.cli.command_names import in_commands
from idweave_server.cli.connection import Asking
from idweave_server.cli.progress import output_console
from idweave_server.cli.replies import grid, indented, print_all, when
from idweave_server.cli.segment_files import SegmentFile, is_file, read_segment_file, template_in_use
from idweave_server.cli.wording import LOOK, QUIET, quoted
from idweave_server.errors import InputError

PAGE = 1_000
Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False, help="A segment's name.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it would do, and change nothing.")]
FromTemplate = Annotated[str, typer.Option("--template", metavar="NAME", show_default=False, help="A template in place of a file.")]
Parameters = Annotated[
    list[str] | None, typer.Option("--set", "-s", metavar="NAME=VALUE", help="A parameter of the template; may be repeated.")
]


def put(
    asking: Asking,
    what: Annotated[
        str, typer.Argument(metavar="FILE|NAME", show_default=False, help="A definition (.toml, .json), or the name that a template gets.")
    ],
    name: Annotated[str, typer.Option("--name", metavar="NAME", show_default=False, help="Its name; by default as the file says.")] = "",
    template: FromTemplate = "",
    parameters: Parameters = None,
    description: Annotated[str, typer.Option(metavar="TEXT", show_default=False, help="What it is for.")] = "",
    owner: Annotated[str, typer.Option(metavar="TEXT", show_default=False, help="Who answers for it.")] = "",
    expect: Annotated[
        int | None, typer.Option("--expect-version", min=0, metavar="N", help="Only if it has this version; 0: only if it is not there.")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Define a segment, or define it anew, from a file or a template."""
    said = defined(what if is_file(what) else "", template, parameters)
    name = name or said.name or ("" if is_file(what) else what)
    if not name:
        raise InputError('the segment needs a name: --name NAME, or name = "..." in the file')
    with asking.client() as client:
        reply = client.put_segment(
            name,
            said.definition,
            description=description or said.description,
            owner=owner or said.owner,
            expected_version=expect,
            validate_only=dry_run,
        )
    if not asking.shown(reply):
        print_all(output_console(), _put(reply, dry_run))
    if reply.problems:
        raise typer.Exit(1)


def defined(file: str, template: str, parameters: Iterable[str] | None) -> SegmentFile:
    """file, template: "" for none; one of them is given. Raises InputError."""
    if bool(file) == bool(template):
        raise InputError("name a file with the definition, or a template with --template NAME; `idweave segment templates` lists them")
    if template:
        return SegmentFile("", "", "", template_in_use(template, parameters or ()))
    if parameters:
        raise InputError("--set fills in the parameters of a --template; those of a file stand in it")
    return read_segment_file(Path(file))


def get(
    asking: Asking,
    name: Name,
    version: Annotated[int, typer.Option("--version", min=0, metavar="N", show_default=False, help="Which one; the present one else.")] = 0,
    as_file: Annotated[bool, typer.Option("--file", help="Print it as a file that `put` reads.")] = False,
) -> None:
    """A segment as it is defined, or was in some version."""
    with asking.client() as client:
        reply = client.get_segment(name, version=version)
    if as_file:
        typer.echo(json.dumps(file_of(reply.segment), indent=2, ensure_ascii=False))
    elif not asking.shown(reply):
        print_all(output_console(), _got(reply))


def file_of(segment: Segment) -> dict[str, object]:
    """What a file would say of it."""
    said: dict[str, object] = {"name": segment.name, "description": segment.description, "owner": segment.owner}
    if segment.HasField("template"):
        definition: dict[str, object] = {
            "template": segment.template.template,
            "parameters": dict(sorted(segment.template.parameters.items())),
        }
    else:
        definition = {"when": json.loads(segment.text)}
    return {key: value for key, value in said.items() if value} | definition


def list_segments(asking: Asking) -> None:
    """All segments with how many are in them."""
    whole = ListSegmentsResponse()
    with asking.client() as client:
        for page in client.list_segments(page_size=PAGE):
            whole.MergeFrom(page)
            whole.next_page_token = ""
    if not asking.shown(whole):
        print_all(output_console(), _listed(whole))


def delete(
    asking: Asking,
    name: Name,
    expect: Annotated[int | None, typer.Option("--expect-version", min=1, metavar="N", help="Only if it has this version.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Delete a segment: everybody leaves it. Its versions stay readable."""
    with asking.client() as client:
        reply = client.delete_segment(name, expected_version=expect, validate_only=dry_run)
    if not asking.shown(reply):
        did, left = ("would be deleted", "would leave") if dry_run else ("is deleted", "left")
        print_all(output_console(), [Text(f"{name} {did}; {_members(reply.members)} {left}")])


def templates(
    asking: Asking,
    name: Annotated[str, typer.Argument(metavar="[NAME]", show_default=False, help="One of them, with its parameters.")] = "",
) -> None:
    """The definitions that are ready made."""
    with asking.client() as client:
        reply = client.list_templates()
    if name:
        kept = [one for one in reply.templates if one.name == name]
        if not kept:
            raise InputError(f"there is no template {name!r}; `idweave segment templates` lists them")
        reply = ListTemplatesResponse(templates=kept)
    if not asking.shown(reply):
        print_all(output_console(), _template(reply.templates[0]) if name else _templates(reply))


def _members(count: int) -> str:
    return f"{count:,} member{'s' * (count != 1)}"


def _put(reply: PutSegmentResponse, dry_run: bool) -> Iterator[RenderableType]:
    segment = reply.segment
    if reply.problems:
        yield Text("it cannot be put:", LOOK)
    elif dry_run:
        yield Text.assemble((segment.name, "bold"), f"  would have version {segment.version}", ("  nothing was changed: a dry run", QUIET))
    else:
        same = "" if reply.changed else "  the same as before"
        yield Text.assemble((segment.name, "bold"), f"  version {segment.version}  {_members(segment.members)}", (same, QUIET))
    yield from problem_lines(reply.problems)
    yield from problem_lines(reply.warnings, "look at it: ")


def problem_lines(problems: Iterable[DefinitionProblem], lead: str = "") -> Iterator[Text]:
    for problem in problems:
        where = f"{problem.position}: " if problem.position else ""
        hint = f"; did you mean {problem.suggestion}?" if problem.suggestion else ""
        yield Text.assemble("  ", (lead, LOOK), f"{where}{in_commands(problem.message)}{hint}")


def _got(reply: GetSegmentResponse) -> Iterator[RenderableType]:
    segment = reply.segment
    gone = ("  deleted", LOOK) if segment.deleted else (f"  {_members(segment.members)}", "")
    yield Text.assemble((segment.name, "bold"), f"  version {segment.version} of {when(segment, 'put_at')} UTC", gone)
    for text in (segment.description, f"owner: {segment.owner}" if segment.owner else ""):
        if text:
            yield Text(f"  {text}")
    if segment.HasField("template"):
        filled = [f"{key} = {value}" for key, value in sorted(segment.template.parameters.items())]
        yield Text(f"  template {segment.template.template}{' with ' if filled else ''}{quoted(filled) if filled else ''}")
    if reply.used_by:
        yield Text(f"  used by {quoted(list(reply.used_by))}")
    for line in json.dumps(json.loads(segment.text), indent=2, ensure_ascii=False).splitlines():
        yield Text(f"  {line}", QUIET)


def _listed(found: ListSegmentsResponse) -> Iterator[RenderableType]:
    if not found.segments:
        yield Text("there is no segment yet; `idweave segment put` makes one")
        return
    table = grid("left", "right", "right", "wrap")
    for segment in found.segments:
        table.add_row(Text(segment.name, "bold"), f"{segment.members:,}", f"v{segment.version}", Text(segment.description, QUIET))
    yield table


def _templates(found: ListTemplatesResponse) -> Iterator[RenderableType]:
    table = grid("left", "wrap")
    for one in found.templates:
        table.add_row(Text(one.name, "bold"), one.title)
    yield table


def _template(one: Template) -> Iterator[RenderableType]:
    yield Text.assemble((one.name, "bold"), f"  {one.title}")
    yield Text(f"  {one.summary}")
    table = grid("left", "left", "left", "wrap")
    for parameter in one.parameters:
        otherwise = "needed" if parameter.required else f"else {parameter.default}" if parameter.default else ""
        style = LOOK if parameter.required else QUIET
        choices = f" One of {', '.join(parameter.choices)}." if parameter.choices else ""
        table.add_row(parameter.name, Text(parameter.type, QUIET), Text(otherwise, style), f"{parameter.meaning}{choices}")
    yield indented(table)
