"""The protos say what the model says, follow buf's STANDARD names, and document everything."""

from __future__ import annotations

import re
import subprocess
import sys
from enum import IntEnum
from pathlib import Path

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import EnumDescriptor, FileDescriptor
from idweave.v1 import identifier_pb2, issue_pb2, observation_pb2, verdict_pb2
from idweave_server import model

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "protos").rglob("*.proto"))
FILES: list[FileDescriptor] = [module.DESCRIPTOR for module in (identifier_pb2, issue_pb2, observation_pb2, verdict_pb2)]
ENUMS: dict[str, EnumDescriptor] = {name: enum for file in FILES for name, enum in file.enum_types_by_name.items()}

# Where the model has NONE = 0, UNSPECIFIED takes its place and the numbers agree; where zero means something, they are one higher.
SAME_NUMBERS: dict[str, type[IntEnum]] = {"SharedReason": model.Shared, "ApartReason": model.Apart, "RefusalReason": model.Refusal}
ONE_HIGHER: dict[str, type[IntEnum]] = {"Party": model.Party, "Outcome": model.Outcome, "Verdict": model.Verdict}


def prefix(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() + "_"


def members(name: str) -> dict[str, int]:
    """The enum's values but UNSPECIFIED, by their names without the enum's."""
    return {value.name.removeprefix(prefix(name)): value.number for value in ENUMS[name].values if value.number}


def test_every_enum_has_its_twin_in_the_model() -> None:
    assert set(ENUMS) == {*SAME_NUMBERS, *ONE_HIGHER, "IdentifierFlag"}


@pytest.mark.parametrize("name", sorted(SAME_NUMBERS))
def test_enums_with_none_have_the_numbers_of_the_model(name: str) -> None:
    assert members(name) == {member.name: int(member) for member in SAME_NUMBERS[name] if member.name != "NONE"}


@pytest.mark.parametrize("name", sorted(ONE_HIGHER))
def test_enums_without_none_are_one_higher(name: str) -> None:
    assert members(name) == {member.name: int(member) + 1 for member in ONE_HIGHER[name]}


def test_flags_are_numbered_by_their_bit() -> None:
    assert members("IdentifierFlag") == {str(flag.name): flag.value.bit_length() for flag in model.Flag}


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
            assert all(re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", field.name) for field in message.fields)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_declaration_is_documented(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    declarations = [n for n, line in enumerate(lines) if re.search(r"^\s*(message|enum|oneof|service|rpc) |= \d+;$", line)]
    assert declarations
    assert [lines[n] for n in declarations if not lines[n - 1].lstrip().startswith("// ")] == []


def test_the_generated_code_is_what_the_protos_say() -> None:
    command = [sys.executable, str(ROOT / "protos" / "generate.py"), "--check"]
    assert subprocess.run(command, capture_output=True, text=True).returncode == 0
    pool = descriptor_pool.Default()
    assert [pool.FindFileByName(file.name).name for file in FILES] == [f"idweave/v1/{path.name}" for path in SOURCES]
