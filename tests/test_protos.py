"""The protos say what the model says, follow buf's STANDARD names, and document everything."""

from __future__ import annotations

import re
import subprocess
import sys
from enum import IntEnum
from importlib import import_module
from pathlib import Path

import pytest
from google.protobuf.descriptor import EnumDescriptor, FileDescriptor, MethodDescriptor
from idweave_server import model
from idweave_server.operations.memberships import Truth
from idweave_server.resolution.unite import Standing
from idweave_server.segments import expression

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "protos").rglob("*.proto"))
FILES: list[FileDescriptor] = [import_module(f"idweave.v1.{path.stem}_pb2").DESCRIPTOR for path in SOURCES]
METHODS: list[MethodDescriptor] = [
    method for file in FILES for service in file.services_by_name.values() for method in service.methods_by_name.values()
]
ENUMS: dict[str, EnumDescriptor] = {name: enum for file in FILES for name, enum in file.enum_types_by_name.items()}

# Where the model has NONE = 0, UNSPECIFIED takes its place and the numbers agree; where zero means something, they are one higher.
SAME_NUMBERS: dict[str, type[IntEnum]] = {
    "SharedReason": model.Shared,
    "ApartReason": model.Apart,
    "RefusalReason": model.Refusal,
    "Operator": expression.Operator,
    "Relation": expression.Relation,
    "Measure": expression.Measure,
    "ChangeCause": model.ChangeCause,
}
ONE_HIGHER: dict[str, type[IntEnum]] = {"Party": model.Party, "Outcome": model.Outcome, "Verdict": model.Verdict, "Truth": Truth}
CHANGES = {"ProfileChangeKind": "PROFILE_", "MembershipChangeKind": "SEGMENT_"}  # the two kinds of model.ChangeKind
# Words of the calls alone, which the model has no numbers for. ErrorReason is checked against both tables of errors where they stand.
OF_THE_CALLS = {"ErrorReason", "GoneReason", "IssueKind", "LookupOutcome", "ProfileOutcome", "ServerRole", "UnownedReason"}


def prefix(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() + "_"


def members(name: str) -> dict[str, int]:
    """The enum's values but UNSPECIFIED, by their names without the enum's."""
    return {value.name.removeprefix(prefix(name)): value.number for value in ENUMS[name].values if value.number}


def test_every_enum_has_its_twin_in_the_model_or_is_of_the_calls() -> None:
    assert set(ENUMS) == {*SAME_NUMBERS, *ONE_HIGHER, *OF_THE_CALLS, *CHANGES, "IdentifierFlag", "AssertionStanding"}


@pytest.mark.parametrize("name", sorted(SAME_NUMBERS))
def test_enums_with_none_have_the_numbers_of_the_model(name: str) -> None:
    assert members(name) == {member.name: int(member) for member in SAME_NUMBERS[name] if member.name != "NONE"}


@pytest.mark.parametrize("name", sorted(ONE_HIGHER))
def test_enums_without_none_are_one_higher(name: str) -> None:
    assert members(name) == {member.name: int(member) + 1 for member in ONE_HIGHER[name]}


def test_kinds_of_changes_are_those_of_the_model() -> None:
    found = {f"{word}{name}": number for kind, word in CHANGES.items() for name, number in members(kind).items()}
    assert list(found) == [member.name for member in model.ChangeKind]
    assert found == {member.name: int(member) - (6 if member.name.startswith("SEGMENT_") else 0) for member in model.ChangeKind}


def test_flags_are_numbered_by_their_bit() -> None:
    assert members("IdentifierFlag") == {str(flag.name): flag.value.bit_length() for flag in model.Flag}


def test_standings_are_those_of_a_verdict_and_one_that_is_withdrawn() -> None:
    twins = {member.name: int(member) + 1 for member in Standing}
    assert members("AssertionStanding") == twins | {"WITHDRAWN": max(twins.values()) + 1}


def test_the_limits_in_the_comments_are_the_model_s() -> None:
    text = "\n".join(path.read_text("utf-8") for path in SOURCES)
    assert f"At most {model.MAX_IDENTIFIERS}." in text
    assert f"more than {model.MAX_IDENTIFIERS} identifiers" in text
    assert f"At most {model.MAX_IDENTIFIER_BYTES:,} bytes" in text
    assert f"at most {model.MAX_FIELD_BYTES:,} bytes" in text


def test_files_and_values_are_named_as_buf_wants() -> None:
    for path in SOURCES:
        text = path.read_text("utf-8")
        package = path.parent.relative_to(ROOT / "protos").as_posix().replace("/", ".")
        assert f"\npackage {package};" in text, path
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", path.stem)
    for name, enum in ENUMS.items():
        assert enum.values_by_number[0].name == prefix(name) + "UNSPECIFIED"
        assert all(value.name.startswith(prefix(name)) for value in enum.values)
    for file in FILES:
        for message in file.message_types_by_name.values():
            assert re.fullmatch(r"([A-Z][a-z0-9]+)+", message.name)
            names = [field.name for field in message.fields]
            names += [oneof.name for oneof in message.oneofs if oneof.name.removeprefix("_") not in names]  # `optional` makes its own
            assert all(re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", name) for name in names)
        for service in file.services_by_name.values():
            assert re.fullmatch(r"([A-Z][a-z0-9]+)+Service", service.name)


def test_every_call_has_a_request_and_a_response_of_its_own() -> None:
    assert len(METHODS) > 15
    for method in METHODS:
        assert re.fullmatch(r"([A-Z][a-z0-9]+)+", method.name)
        assert (method.input_type.name, method.output_type.name) == (f"{method.name}Request", f"{method.name}Response")
    names = [method.name for method in METHODS]
    assert len(set(names)) == len(names), "one name for one call, whatever its service: the client has them all side by side"


def test_every_import_is_used() -> None:
    for path in SOURCES:
        text = path.read_text("utf-8")
        for name in re.findall(r'^import "([^"]+)";', text, re.MULTILINE):
            declared = FILES[SOURCES.index(path)].pool.FindFileByName(name)
            words = [*declared.message_types_by_name, *declared.enum_types_by_name]
            body = re.sub(r"//.*", "", text.replace(f'import "{name}";', ""))
            assert re.search(rf"\b({'|'.join(words)})( [a-z]|\))", body), f"{path.name} imports {name} for nothing"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_declaration_is_documented(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    declarations = [n for n, line in enumerate(lines) if re.search(r"^\s*(message|enum|oneof|service|rpc) |= \d+(;| \[)", line)]
    assert declarations
    assert [lines[n] for n in declarations if not lines[n - 1].lstrip().startswith("// ")] == []


@pytest.mark.parametrize("program", ["generate.py", "document.py"])
def test_what_is_made_from_the_protos_is_up_to_date(program: str) -> None:
    command = [sys.executable, str(ROOT / "protos" / program), "--check"]
    found = subprocess.run(command, capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")


def test_code_for_calls_is_made_where_there_are_services_alone() -> None:
    with_services = {Path(file.name).stem for file in FILES if file.services_by_name}
    made = {path.name.removesuffix("_pb2_grpc.py") for path in (ROOT / "client" / "idweave" / "v1").glob("*_pb2_grpc.py")}
    assert made == with_services


def test_every_link_of_the_page_leads_somewhere() -> None:
    text = (ROOT / "docs" / "api.md").read_text("utf-8")
    anchors = [name.lower() for name in re.findall(r"^#+ (\w+)$", text, re.MULTILINE)]
    assert len(set(anchors)) == len(anchors)
    links = set(re.findall(r"\(#([^)]+)\)", text))
    assert len(links) > 50
    assert links <= set(anchors)


def test_the_page_has_every_call_message_and_value() -> None:
    text = (ROOT / "docs" / "api.md").read_text("utf-8")
    cells = re.findall(r"^\| `(\w+)` \| .+ \| (.*) \|$", text, re.MULTILINE)
    messages = [message for file in FILES for message in file.message_types_by_name.values()]
    assert len(cells) == sum(len(message.fields) for message in messages) + sum(len(enum.values) for enum in ENUMS.values())
    assert [name for name, meaning in cells if not meaning.strip()] == []
    assert [
        message.name for message in messages if not re.search(rf"^(### {message.name}$|`{message.name}`[,:])", text, re.MULTILINE)
    ] == []
    assert [method.name for method in METHODS if f"\n### {method.name}\n" not in text] == []
