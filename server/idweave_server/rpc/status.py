"""Domain errors as gRPC statuses: one table, total over the error tree; what a caller may read of an error is decided here alone."""

from __future__ import annotations

from dataclasses import dataclass

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from idweave.v1.error_pb2 import ErrorReason

from idweave_server import errors

DOMAIN = "idweave"
REQUEST_ID, DETAILS_KEY = "x-request-id", "grpc-status-details-bin"
# All metadata of a reply must stay under 8 KiB, gRPC's default limit; bytes here are sent in base 64, and the message twice.
LONGEST_MESSAGE = 500  # characters
LONGEST_VIOLATIONS = 2_000  # bytes, all together
PUSHBACK = ("grpc-retry-pushback-ms", "-1")  # a client's gRPC does not call again by itself (gRFC A6)
RETRY_SECONDS = 1.0  # for what will pass, where the error itself knows no better


@dataclass(frozen=True, slots=True)
class Rule:
    """What one class of errors becomes. retry: whether to say when to come again; at_once: whether the caller is to learn the reason
    at once, where its gRPC would try again unseen until the time is up."""

    code: grpc.StatusCode
    reason: ErrorReason
    retry: bool = False
    at_once: bool = False


_CODE = grpc.StatusCode
INTERNAL = Rule(_CODE.INTERNAL, ErrorReason.ERROR_REASON_INTERNAL)
_INVALID = Rule(_CODE.INVALID_ARGUMENT, ErrorReason.ERROR_REASON_INVALID_REQUEST)
_BROKEN = Rule(_CODE.UNAVAILABLE, ErrorReason.ERROR_REASON_STORE_FAILED)

# Every class of the tree has its own line: the nearest line up the tree is never right by accident.
TABLE: dict[type[errors.IdweaveError], Rule] = {
    errors.IdweaveError: INTERNAL,
    errors.InputError: _INVALID,
    errors.MappingError: _INVALID,
    errors.PolicyError: _INVALID,
    errors.RequestError: _INVALID,
    errors.TooLargeError: Rule(_CODE.INVALID_ARGUMENT, ErrorReason.ERROR_REASON_TOO_LARGE),
    errors.DefinitionError: Rule(_CODE.INVALID_ARGUMENT, ErrorReason.ERROR_REASON_DEFINITION_REFUSED),
    errors.RevisionError: Rule(_CODE.FAILED_PRECONDITION, ErrorReason.ERROR_REASON_REVISION_UNKNOWN),
    errors.PageTokenError: Rule(_CODE.INVALID_ARGUMENT, ErrorReason.ERROR_REASON_PAGE_TOKEN_EXPIRED),
    errors.ResumeTokenError: Rule(_CODE.OUT_OF_RANGE, ErrorReason.ERROR_REASON_RESUME_TOKEN_EXPIRED),
    errors.NotFoundError: Rule(_CODE.NOT_FOUND, ErrorReason.ERROR_REASON_NOT_FOUND),
    errors.ConflictError: Rule(_CODE.ALREADY_EXISTS, ErrorReason.ERROR_REASON_CONFLICT),
    errors.VersionConflictError: Rule(_CODE.ABORTED, ErrorReason.ERROR_REASON_VERSION_CONFLICT),
    errors.SegmentInUseError: Rule(_CODE.FAILED_PRECONDITION, ErrorReason.ERROR_REASON_SEGMENT_IN_USE),
    errors.QueueFullError: Rule(_CODE.RESOURCE_EXHAUSTED, ErrorReason.ERROR_REASON_QUEUE_FULL, retry=True),
    errors.AccessError: Rule(_CODE.UNAUTHENTICATED, ErrorReason.ERROR_REASON_ACCESS_DENIED),
    errors.UnknownMethodError: Rule(_CODE.UNIMPLEMENTED, ErrorReason.ERROR_REASON_UNKNOWN_METHOD),
    errors.NotServingError: Rule(_CODE.UNAVAILABLE, ErrorReason.ERROR_REASON_NOT_SERVING, retry=True),
    errors.NotWriterError: Rule(_CODE.FAILED_PRECONDITION, ErrorReason.ERROR_REASON_NOT_WRITER, retry=True),
    errors.ClockError: Rule(_CODE.FAILED_PRECONDITION, ErrorReason.ERROR_REASON_CLOCK_AHEAD),
    errors.StoreError: _BROKEN,
    errors.StoreBusyError: Rule(_CODE.UNAVAILABLE, ErrorReason.ERROR_REASON_DEPOSED),
    errors.DeposedError: Rule(_CODE.UNAVAILABLE, ErrorReason.ERROR_REASON_DEPOSED),
    errors.UnavailableError: Rule(_CODE.UNAVAILABLE, ErrorReason.ERROR_REASON_STORE_AWAY, retry=True, at_once=True),
    errors.StoreFullError: Rule(_CODE.RESOURCE_EXHAUSTED, ErrorReason.ERROR_REASON_STORE_FAILED),
    errors.StoreReadOnlyError: Rule(_CODE.FAILED_PRECONDITION, ErrorReason.ERROR_REASON_STORE_FAILED),
    errors.StoreFormatError: Rule(_CODE.FAILED_PRECONDITION, ErrorReason.ERROR_REASON_STORE_FAILED),
    errors.StoreCorruptError: Rule(_CODE.DATA_LOSS, ErrorReason.ERROR_REASON_STORE_FAILED),
    errors.OutputError: INTERNAL,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An error as it is sent: code, message, the google.rpc.Status with its details as bytes, and all metadata."""

    code: grpc.StatusCode
    message: str
    details: bytes
    metadata: tuple[tuple[str, str | bytes], ...]


def answer(error: Exception, request_id: str) -> Answer:
    """What the caller is told. Of an error that is no IdweaveError nothing but the request id is."""
    rule = TABLE.get(type(error)) if isinstance(error, errors.IdweaveError) else INTERNAL
    rule = INTERNAL if rule is None else rule
    if rule is INTERNAL:
        message = f"a fault of the server; its log tells more under the request id {request_id}"
    else:
        message = _cut(str(error), LONGEST_MESSAGE)
    number, _ = rule.code.value
    status = Status(code=number, message=message, details=[_packed(detail) for detail in _details(error, rule, request_id)])
    details = status.SerializeToString()
    metadata = ((REQUEST_ID, request_id), (DETAILS_KEY, details), *((PUSHBACK,) if rule.at_once else ()))
    return Answer(rule.code, message, details, metadata)


def _details(error: Exception, rule: Rule, request_id: str) -> list[ErrorInfo | BadRequest | RetryInfo]:
    metadata = {"request_id": request_id}
    if isinstance(error, errors.NotWriterError) and error.leader:
        metadata["leader"] = error.leader
    if isinstance(error, errors.ResumeTokenError):
        metadata["oldest"] = error.oldest
    if isinstance(error, errors.VersionConflictError):
        metadata["version"] = str(error.version)
    if isinstance(error, errors.SegmentInUseError):
        metadata["used_by"] = _cut(", ".join(error.used_by), LONGEST_MESSAGE)
    reason = ErrorInfo(reason=ErrorReason.Name(rule.reason), domain=DOMAIN, metadata=metadata)
    found: list[ErrorInfo | BadRequest | RetryInfo] = [reason]
    if isinstance(error, errors.RequestError | errors.TooLargeError | errors.DefinitionError):
        found.append(BadRequest(field_violations=_violations(error.violations)))
    if rule.retry:
        seconds = error.retry_seconds if isinstance(error, errors.QueueFullError | errors.UnavailableError) else RETRY_SECONDS
        delay = Duration()
        delay.FromMilliseconds(max(1, round(seconds * 1_000)))
        found.append(RetryInfo(retry_delay=delay))
    return found


def _violations(violations: tuple[tuple[str, str], ...]) -> list[BadRequest.FieldViolation]:
    """As many as fit; the last one says how many did not."""
    found: list[BadRequest.FieldViolation] = []
    room = LONGEST_VIOLATIONS
    for at, (field, description) in enumerate(violations):
        violation = BadRequest.FieldViolation(field=_cut(field, 100), description=_cut(description, 300))
        room -= violation.ByteSize()
        if room < 0:
            found.append(BadRequest.FieldViolation(description=f"and {len(violations) - at:,} more"))
            break
        found.append(violation)
    return found


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _packed(message: ErrorInfo | BadRequest | RetryInfo) -> Any:
    packed = Any()
    packed.Pack(message)
    return packed
