"""Write docs/api.md from the protos beside this file and their comments; with --check, only say whether it is up to date."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
)

PROTOS = Path(__file__).resolve().parent
PAGE = PROTOS.parent / "docs" / "api.md"
PACKAGE = ".idweave.v1."
# Numbers of fields in descriptor.proto: a comment's place is the path of such numbers and positions that leads to what it is about.
FILE_MESSAGE, FILE_ENUM, FILE_SERVICE, SERVICE_METHOD, MESSAGE_FIELD, ENUM_VALUE = 4, 5, 6, 2, 2, 2

OPENING = """\
# The API

Package `idweave.v1`, over gRPC. `protos/document.py` writes this page from the comments in `protos/idweave/v1`; the same words stand in
the code generated from them. In Python, `idweave.Client` and `idweave.AsyncClient` have a method for every call; other languages
generate theirs from the protos, or ask the server's reflection service.

- Times are `google.protobuf.Timestamp`, UTC; a time that is not set is none. Whole seconds count.
- Every enumeration's zero means "not given"; answers may hold values that are newer than the client.
- An answer about what is known carries the revision it is from; a question may ask for a state that contains it: see
  [Consistency](#consistency).
- Requests are bounded, and the bound stands beside its field; beyond it the call fails and names the bound. Of fields marked *one of*, one
  at most is set.
- Bulk calls answer item by item, in request order; a bad item never fails its neighbours.
- A call that fails carries a [Status](#status) in its trailing metadata, and in it an [ErrorReason](#errorreason).
"""


@dataclass(frozen=True, slots=True)
class Documented:
    """One file of the protos with its comments by place."""

    file: FileDescriptorProto
    comments: dict[tuple[int, ...], str]

    def said(self, *place: int) -> str:
        return self.comments.get(place, "")


def read() -> list[Documented]:
    """Our protos with their comments, by name. Raises SystemExit where protoc does not accept them."""
    from grpc_tools import protoc

    well_known = resources.files("grpc_tools") / "_proto"
    sources = sorted(path.relative_to(PROTOS).as_posix() for path in PROTOS.rglob("*.proto"))
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder, "protos.bin")
        options = [f"--proto_path={PROTOS}", f"--proto_path={well_known}", "--include_source_info", f"--descriptor_set_out={into}"]
        if protoc.main(["protoc", *options, *sources]):
            raise SystemExit("protoc refused the protos; its messages are above")
        files = FileDescriptorSet.FromString(into.read_bytes()).file
    return [Documented(file, {tuple(at.path): one_line(at.leading_comments) for at in file.source_code_info.location}) for file in files]


def one_line(comment: str) -> str:
    """A comment as a cell of a table: without line ends, and without bars that would end the cell."""
    return " ".join(comment.split()).replace("|", "\\|")


def page(files: list[Documented]) -> str:
    """Services first, each call with its request and response; then the messages and enumerations that they share."""
    services = [(found, n, service) for found in files for n, service in enumerate(found.file.service)]
    services.sort(key=lambda entry: (entry[2].name != "IdentityService", entry[2].name))
    messages = {f"{PACKAGE}{one.name}": (found, n, one) for found in files for n, one in enumerate(found.file.message_type)}
    own = {name for _, _, service in services for method in service.method for name in (method.input_type, method.output_type)}
    lines = [OPENING, "| service | calls |", "|---|---|"]
    for _, _, service in services:
        calls = ", ".join(f"[{method.name}](#{method.name.lower()})" for method in service.method)
        lines.append(f"| [{service.name}](#{service.name.lower()}) | {calls} |")
    for found, n, service in services:
        lines += ["", f"## {service.name}", "", found.said(FILE_SERVICE, n)]
        for m, method in enumerate(service.method):
            lines += call(method, found.said(FILE_SERVICE, n, SERVICE_METHOD, m), messages)
    lines += ["", "## Messages"]
    for name, (found, n, message) in sorted(messages.items()):
        if name not in own:
            lines += ["", f"### {message.name}", "", found.said(FILE_MESSAGE, n), *fields(found, n, message)]
    lines += ["", "## Enumerations"]
    enums = sorted(((one.name, found, n, one) for found in files for n, one in enumerate(found.file.enum_type)), key=lambda entry: entry[0])
    for _, found, n, enum in enums:
        lines += ["", f"### {enum.name}", "", found.said(FILE_ENUM, n), *values(found, n, enum)]
    return "\n".join(lines) + "\n"


def call(method: MethodDescriptorProto, comment: str, messages: dict[str, tuple[Documented, int, DescriptorProto]]) -> Iterator[str]:
    yield from ("", f"### {method.name}", "", comment)
    for name, streamed in ((method.input_type, method.client_streaming), (method.output_type, method.server_streaming)):
        found, n, message = messages[name]
        yield from ("", f"`{message.name}`{', a stream of them' if streamed else ''}: {found.said(FILE_MESSAGE, n)}")
        yield from fields(found, n, message)


def fields(found: Documented, n: int, message: DescriptorProto) -> Iterator[str]:
    """The table of a message's fields; of those that are alternatives, one at most is set, and they say so."""
    if not message.field:
        yield from ("", "It has no fields.")
        return
    yield from ("", "| field | type | meaning |", "|---|---|---|")
    for f, field in enumerate(message.field):
        comment = found.said(FILE_MESSAGE, n, MESSAGE_FIELD, f)
        if field.HasField("oneof_index") and not field.proto3_optional:
            comment = f"{comment} *(One of `{message.oneof_decl[field.oneof_index].name}`.)*"
        yield f"| `{field.name}` | {type_of(field, message)} | {comment} |"


def type_of(field: FieldDescriptorProto, message: DescriptorProto) -> str:
    """The field's type, linked where this page has it."""
    name = field.type_name
    entry = next((one for one in message.nested_type if name.endswith(f".{message.name}.{one.name}") and one.options.map_entry), None)
    if entry is not None:
        key, value = (type_of(one, message) for one in entry.field)
        return f"map of {key} to {value}"
    if name.startswith(PACKAGE):
        bare = name.removeprefix(PACKAGE)
        text = f"[{bare}](#{bare.lower()})"
    else:
        text = name.rpartition(".")[2] or FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return f"list of {text}"
    return f"optional {text}" if field.proto3_optional else text


def values(found: Documented, n: int, enum: EnumDescriptorProto) -> Iterator[str]:
    yield from ("", "| value | number | meaning |", "|---|---|---|")
    for v, value in enumerate(enum.value):
        yield f"| `{value.name}` | {value.number} | {found.said(FILE_ENUM, n, ENUM_VALUE, v)} |"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where docs/api.md is not up to date")
    check = parser.parse_args(arguments).check
    text = page(read())
    stale = not PAGE.exists() or PAGE.read_text("utf-8") != text
    if check and stale:
        print("docs/api.md is not what the protos say; run `make protos`", file=sys.stderr)
    elif not check:
        PAGE.write_text(text, "utf-8")
        print(f"docs/api.md: {'written' if stale else 'nothing changed'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
