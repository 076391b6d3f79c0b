"""What a call can fail with, as types.

IdweaveClientError
├── InvalidRequestError      a field of the request cannot be used; `violations` names each
│   ├── TooLargeError        more items, bytes or identifiers than a request may have
│   ├── DefinitionError      a segment's definition cannot be used; `violations` names each problem by its position
│   ├── RevisionError        the revision is of another store, or of a state that this store never had
│   ├── PageTokenError       the page token is none, or older than ten minutes: begin with the first page
│   └── ResumeTokenError     what happened after the token is no longer all kept; `oldest` is the oldest token that would do
├── NotFoundError            no such profile, identifier, assertion or segment
├── ConflictError            the same assertion id with another content
│   └── VersionConflictError the segment has another version than the one expected
├── SegmentInUseError        another segment's definition names this one
├── AccessError              the server wants a token, or another one
├── UnsupportedError         the server has no such method: it is older than this client
├── DeadlineError            no answer in time; a write may have happened nevertheless, and may be sent again
├── CallCancelledError       the call was given up, by the server or by closing the client
├── UnavailableError         nobody answers there
│   ├── NotServingError      the server starts, replays its log or stops; come again
│   ├── QueueFullError       too many writes wait; come again after `retry_after` seconds
│   ├── DeposedError         another server writes to the store now
│   ├── NotWriterError       that server stands by, and the one that writes, at `leader`, did not answer either
│   └── StoreAwayError       the server cannot reach its database; a write may have happened, and may be sent again
└── ServerError              the server cannot do it
    ├── StoreFailedError     its store cannot be read or written to; nothing was changed
    ├── ClockAheadError      its wall clock is far ahead; writes are stopped until it is right
    └── InternalError        a fault of the server; its log tells more under `request_id`

What cannot be sent at all, such as a text that is no identifier, is a ValueError or a TypeError before any call is made.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong with one field of a request."""

    field: str
    description: str


class IdweaveClientError(Exception):
    """A call failed.

    code: the gRPC status code's name, such as INVALID_ARGUMENT; reason: the server's ErrorReason without its prefix, such as TOO_LARGE,
    empty where none was given; method: the method called, such as Lookup; retry_after: seconds, where the server says when to come again;
    leader: the address of the server that writes, where this one does not; oldest: of a resume token that is too old, the oldest one that
    would do.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        reason: str = "",
        method: str = "",
        request_id: str = "",
        violations: tuple[Violation, ...] = (),
        retry_after: float | None = None,
        leader: str = "",
        oldest: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.reason = reason
        self.method = method
        self.request_id = request_id
        self.violations = violations
        self.retry_after = retry_after
        self.leader = leader
        self.oldest = oldest


class InvalidRequestError(IdweaveClientError):
    """A field of the request cannot be used; `violations` names each."""


class TooLargeError(InvalidRequestError):
    """More items, bytes or identifiers than a request may have."""


class DefinitionError(InvalidRequestError):
    """A segment's definition cannot be used; `violations` names each problem by its position in it."""


class RevisionError(InvalidRequestError):
    """The revision is of another store, or of a state that this store never had."""


class PageTokenError(InvalidRequestError):
    """The page token is none, or older than ten minutes."""


class ResumeTokenError(InvalidRequestError):
    """What happened after a resume token is no longer all kept: ask for the present state, then go on from `oldest`, or from now on."""


class NotFoundError(IdweaveClientError):
    """There is no such profile, identifier, assertion or segment."""


class ConflictError(IdweaveClientError):
    """The same assertion id with another content."""


class VersionConflictError(ConflictError):
    """The segment has another version than the one expected; nothing was changed."""


class SegmentInUseError(IdweaveClientError):
    """Another segment's definition names this one; nothing was changed."""


class AccessError(IdweaveClientError):
    """The server wants a token, or another one."""


class UnsupportedError(IdweaveClientError):
    """The server has no such method."""


class DeadlineError(IdweaveClientError):
    """There was no answer in time. A write may have happened nevertheless."""


class CallCancelledError(IdweaveClientError):
    """The call was given up, by the server or by closing the client."""


class UnavailableError(IdweaveClientError):
    """Nobody answers there."""


class NotServingError(UnavailableError):
    """The server starts, replays its log or stops."""


class QueueFullError(UnavailableError):
    """Too many writes wait."""


class DeposedError(UnavailableError):
    """Another server writes to the store now."""


class NotWriterError(UnavailableError):
    """The server stands by, and did nothing; the one that writes is at `leader`, or nobody writes just now."""


class StoreAwayError(UnavailableError):
    """The server cannot reach its database. A write may have happened nevertheless, and may be sent again."""


class ServerError(IdweaveClientError):
    """The server cannot do it."""


class StoreFailedError(ServerError):
    """The server's store cannot be read or written to; nothing was changed."""


class ClockAheadError(ServerError):
    """The server's wall clock is far ahead of its log."""


class InternalError(ServerError):
    """A fault of the server; its log tells more under `request_id`."""
