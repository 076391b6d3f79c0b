"""The table from domain errors to statuses is total, and says no more than it should."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import grpc
import pytest
from google.protobuf.any_pb2 import Any
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from idweave.v1.error_pb2 import ErrorReason
from idweave_server import errors
from idweave_server.rpc.status import TABLE, Answer, answer

M = TypeVar("M", BadRequest, ErrorInfo, RetryInfo)


def tree(root: type[errors.IdweaveError] = errors.IdweaveError) -> Iterator[type[errors.IdweaveError]]:
    """All errors but those of commands, which no server raises."""
    yield root
    for child in root.__subclasses__():
        if not child.__module__.startswith(("idweave_server.cli.", "idweave_server.projection.")):  # no call can meet these
            yield from tree(child)


def details(said: Answer) -> list[Any]:
    return list(Status.FromString(said.details).details)


def unpacked(said: Answer, kind: type[M]) -> M | None:
    message = kind()
    return next((message for packed in details(said) if packed.Unpack(message)), None)


def test_every_error_has_its_line() -> None:
    assert set(TABLE) == set(tree())


def test_every_reason_is_given_for_some_error() -> None:
    assert {rule.reason for rule in TABLE.values()} == set(ErrorReason.values()) - {ErrorReason.ERROR_REASON_UNSPECIFIED}


@pytest.mark.parametrize("kind", list(TABLE), ids=lambda kind: kind.__name__)
def test_every_error_names_its_reason_and_the_request(kind: type[errors.IdweaveError]) -> None:
    arguments: dict[type, tuple[object, ...]] = {
        errors.RequestError: ((("time", "is none"),),),
        errors.TooLargeError: ((("items", "are many"),),),
        errors.DefinitionError: ((("all[0].field.name", "is none", "city"),),),
        errors.ResumeTokenError: ("too old", "oldest"),
        errors.QueueFullError: ("full", 2.5),
        errors.UnavailableError: ("away", 2.5),
        errors.ResumeTokenError: ("too old", "the oldest"),
    }
    said = answer(kind(*arguments.get(kind, ("what happened",))), "abc-1")
    status, info = Status.FromString(said.details), unpacked(said, ErrorInfo)
    assert info is not None
    assert (info.reason, info.domain, info.metadata["request_id"]) == (ErrorReason.Name(TABLE[kind].reason), "idweave", "abc-1")
    assert (status.code, status.message) == (said.code.value[0], said.message)
    assert (unpacked(said, RetryInfo) is not None) is TABLE[kind].retry
    assert (unpacked(said, BadRequest) is not None) is (kind in (errors.RequestError, errors.TooLargeError, errors.DefinitionError))


def test_a_resume_token_that_is_too_old_is_told_the_oldest() -> None:
    info = unpacked(answer(errors.ResumeTokenError("too old", "t-9"), "abc-1"), ErrorInfo)
    assert info is not None
    assert info.metadata["oldest"] == "t-9"


def test_the_fields_that_cannot_be_used_are_named() -> None:
    said = answer(errors.RequestError((("time", "is after 2100"), ("identifiers[2].value", "is empty"))), "abc-1")
    bad = unpacked(said, BadRequest)
    assert bad is not None
    assert [(one.field, one.description) for one in bad.field_violations] == [
        ("time", "is after 2100"),
        ("identifiers[2].value", "is empty"),
    ]
    assert said.message == "time: is after 2100; identifiers[2].value: is empty"


def test_a_definition_s_problems_are_named_by_their_position() -> None:
    said = answer(errors.DefinitionError((("all[0].field.name", "there is no field 'citty'", "city"), ("", "it is too deep", ""))), "abc-1")
    bad = unpacked(said, BadRequest)
    assert bad is not None
    assert [(one.field, one.description) for one in bad.field_violations] == [
        ("all[0].field.name", "there is no field 'citty'; did you mean city?"),
        ("", "it is too deep"),
    ]


@pytest.mark.parametrize(
    ("error", "key", "value"),
    [
        (errors.VersionConflictError("it has version 3", 3), "version", "3"),
        (errors.SegmentInUseError("others would be without it", ("a", "b")), "used_by", "a, b"),
        (errors.ResumeTokenError("too old", "t-1"), "oldest", "t-1"),
    ],
)
def test_what_a_caller_needs_to_go_on_is_in_the_metadata(error: errors.IdweaveError, key: str, value: str) -> None:
    info = unpacked(answer(error, "abc-1"), ErrorInfo)
    assert info is not None
    assert info.metadata[key] == value


@pytest.mark.parametrize("kind", [errors.QueueFullError, errors.UnavailableError])
def test_what_will_pass_says_when_to_come_again(kind: type[errors.QueueFullError | errors.UnavailableError]) -> None:
    retry = unpacked(answer(kind("not now", 0.25), "abc-1"), RetryInfo)
    assert retry is not None
    assert retry.retry_delay.ToMilliseconds() == 250


@pytest.mark.parametrize("error", [KeyError("jo@example.org"), ValueError("jo@example.org"), errors.OutputError("jo@example.org")])
def test_a_fault_tells_nothing_but_the_request_id(error: Exception) -> None:
    said = answer(error, "abc-1")
    assert said.code is grpc.StatusCode.INTERNAL
    assert "abc-1" in said.message
    assert b"example" not in said.message.encode() + said.details


def test_details_stay_within_what_metadata_may_hold() -> None:
    many = tuple((f"observations[{n}].time", "ü" * 1_000) for n in range(10_000))
    said = answer(errors.RequestError(many), "x" * 64)
    bad = unpacked(said, BadRequest)
    assert bad is not None
    assert bad.field_violations[-1].description == f"and {10_000 - len(bad.field_violations) + 1:,} more"
    assert len(said.details) * 4 / 3 + 3 * len(said.message.encode()) < 8 * 1024
