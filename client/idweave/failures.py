"""A failed call as one of our errors: its status code and the details in its trailing metadata, read without further packages."""

from __future__ import annotations

from dataclasses import dataclass, field

import grpc
from google.protobuf.message import DecodeError

from idweave import errors
from idweave.v1.status_pb2 import BadRequest, ErrorInfo, RetryInfo, Status

DOMAIN = "idweave"
DETAILS_KEY = "grpc-status-details-bin"
REQUEST_ID = "x-request-id"

BY_REASON: dict[str, type[errors.IdweaveClientError]] = {
    "ERROR_REASON_INVALID_REQUEST": errors.InvalidRequestError,
    "ERROR_REASON_TOO_LARGE": errors.TooLargeError,
    "ERROR_REASON_NOT_FOUND": errors.NotFoundError,
    "ERROR_REASON_REVISION_UNKNOWN": errors.RevisionError,
    "ERROR_REASON_PAGE_TOKEN_EXPIRED": errors.PageTokenError,
    "ERROR_REASON_RESUME_TOKEN_EXPIRED": errors.ResumeTokenError,
    "ERROR_REASON_QUEUE_FULL": errors.QueueFullError,
    "ERROR_REASON_NOT_SERVING": errors.NotServingError,
    "ERROR_REASON_DEPOSED": errors.DeposedError,
    "ERROR_REASON_STORE_FAILED": errors.StoreFailedError,
    "ERROR_REASON_CLOCK_AHEAD": errors.ClockAheadError,
    "ERROR_REASON_INTERNAL": errors.InternalError,
    "ERROR_REASON_CONFLICT": errors.ConflictError,
    "ERROR_REASON_DEFINITION_REFUSED": errors.DefinitionError,
    "ERROR_REASON_SEGMENT_IN_USE": errors.SegmentInUseError,
    "ERROR_REASON_VERSION_CONFLICT": errors.VersionConflictError,
    "ERROR_REASON_NOT_WRITER": errors.NotWriterError,
    "ERROR_REASON_STORE_AWAY": errors.StoreAwayError,
    "ERROR_REASON_ACCESS_DENIED": errors.AccessError,
    "ERROR_REASON_UNKNOWN_METHOD": errors.UnsupportedError,
}
# Where no reason came with it, or one of a newer server: gRPC itself said it, or something between us and the server.
BY_CODE: dict[grpc.StatusCode, type[errors.IdweaveClientError]] = {
    grpc.StatusCode.CANCELLED: errors.CallCancelledError,
    grpc.StatusCode.UNKNOWN: errors.InternalError,
    grpc.StatusCode.INVALID_ARGUMENT: errors.InvalidRequestError,
    grpc.StatusCode.DEADLINE_EXCEEDED: errors.DeadlineError,
    grpc.StatusCode.NOT_FOUND: errors.NotFoundError,
    grpc.StatusCode.ALREADY_EXISTS: errors.ConflictError,
    grpc.StatusCode.PERMISSION_DENIED: errors.AccessError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: errors.TooLargeError,  # gRPC's own: a message beyond its limit
    grpc.StatusCode.FAILED_PRECONDITION: errors.ServerError,
    grpc.StatusCode.ABORTED: errors.ServerError,
    grpc.StatusCode.OUT_OF_RANGE: errors.InvalidRequestError,
    grpc.StatusCode.UNIMPLEMENTED: errors.UnsupportedError,
    grpc.StatusCode.INTERNAL: errors.InternalError,
    grpc.StatusCode.UNAVAILABLE: errors.UnavailableError,
    grpc.StatusCode.DATA_LOSS: errors.InternalError,
    grpc.StatusCode.UNAUTHENTICATED: errors.AccessError,
}


@dataclass(frozen=True, slots=True)
class Details:
    """What the server said of a failed call beside its code; empty where nothing usable came."""

    info: ErrorInfo = field(default_factory=ErrorInfo)
    violations: tuple[errors.Violation, ...] = ()
    retry_after: float | None = None


def error_of(failure: grpc.RpcError, *, method: str, address: str, timeout: float) -> errors.IdweaveClientError:
    """The error that a failed call is. failure: one with code(), details() and trailing_metadata(); timeout: seconds that it had."""
    code: grpc.StatusCode = failure.code()
    # Pair by pair: the Metadata of grpc.aio 1.75 has no keys that dict() could use.
    metadata: dict[str, str | bytes] = {key: value for key, value in failure.trailing_metadata() or ()}  # noqa: C416
    details = details_of(metadata.get(DETAILS_KEY, b""))
    kind = BY_REASON.get(details.info.reason) or BY_CODE.get(code, errors.IdweaveClientError)
    message = failure.details() or "the server gave no reason"
    return kind(
        message if details.info.reason else _explained(code, message, method, address, timeout),
        code=code.name,
        reason=details.info.reason.removeprefix("ERROR_REASON_"),
        method=method,
        request_id=details.info.metadata.get("request_id", "") or str(metadata.get(REQUEST_ID, "")),
        violations=details.violations,
        retry_after=details.retry_after,
        leader=details.info.metadata.get("leader", ""),
        oldest=details.info.metadata.get("oldest", ""),
    )


def details_of(data: str | bytes) -> Details:
    """What is in the bytes of a google.rpc.Status; what cannot be read, or is not of idweave, is as if it were not there."""
    info, violations, retry_after = ErrorInfo(), BadRequest(), None
    try:
        for detail in Status.FromString(data if isinstance(data, bytes) else b"").details:
            match detail.type_url.rpartition("/")[2]:
                case "google.rpc.ErrorInfo":
                    info = ErrorInfo.FromString(detail.value)
                case "google.rpc.BadRequest":
                    violations = BadRequest.FromString(detail.value)
                case "google.rpc.RetryInfo":
                    retry_after = RetryInfo.FromString(detail.value).retry_delay.ToTimedelta().total_seconds()
    except DecodeError:
        return Details()
    if info.domain != DOMAIN:
        return Details()
    return Details(info, tuple(errors.Violation(one.field, one.description) for one in violations.field_violations), retry_after)


def _explained(code: grpc.StatusCode, message: str, method: str, address: str, timeout: float) -> str:
    """What gRPC itself says, with what to do about it."""
    match code:
        case grpc.StatusCode.UNAVAILABLE:
            return f"nobody answers at {address}; is the server running there, and with TLS or without as this client is? ({message})"
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return f"{method} got no answer from {address} within {timeout:g} s; give it a longer timeout, or see what keeps the server"
        case grpc.StatusCode.UNIMPLEMENTED:
            return f"the server at {address} has no {method}; it is older than this client ({message})"
        case grpc.StatusCode.UNAUTHENTICATED | grpc.StatusCode.PERMISSION_DENIED:
            return f"the server at {address} does not let this client call {method}; give another token ({message})"
    return message
