"""What can go wrong, as types: each error says what was wrong, the limit, and the remedy; translated once, at the edge.

IdweaveError
├── InputError               a request, a file or a value cannot be used as given
│   ├── MappingError         the mapping does not fit the file
│   ├── PolicyError          the policy is not usable, or not the store's
│   ├── RequestError         fields of a request cannot be used; it names each
│   ├── TooLargeError        more items, bytes or identifiers than a request may have
│   ├── DefinitionError      a segment's definition cannot be used; it names each problem by its position
│   ├── RevisionError        a revision of another store, or of a state that this store never had
│   ├── PageTokenError       no page token, or one that is too old
│   └── ResumeTokenError     a resume token whose changes are no longer all kept; it tells the `oldest` one that would do
├── NotFoundError            no such profile, identifier, observation, assertion or segment
├── ConflictError            the same name with another content
│   └── VersionConflictError the segment has another version than the one expected
├── SegmentInUseError        another segment's definition names this one
├── QueueFullError           too many writes wait; come again after `retry_seconds`
├── AccessError              no token came with the call, or none that is known
├── UnknownMethodError       there is no such method
├── NotServingError          starting, stopping, or stopped for good
├── NotWriterError           this server stands by; another one writes, at `leader`
├── ClockError               the wall clock is far ahead of what it should be; nothing was changed
├── StoreError               the store cannot be used; it names the file and the remedy
│   ├── StoreBusyError       another server writes to it; it names the holder
│   ├── DeposedError         another server has taken over; this one no longer writes
│   ├── UnavailableError     its database cannot be reached now; come again after `retry_seconds`
│   ├── StoreFullError       no space is left
│   ├── StoreReadOnlyError   it may not be written to
│   ├── StoreFormatError     it is none of ours, or a newer release's
│   └── StoreCorruptError    what it holds cannot be read, or is not what was written
└── OutputError              a result cannot be written
"""

from __future__ import annotations


class IdweaveError(Exception):
    """Base of every error that a user is meant to read; its text names the remedy."""


class InputError(IdweaveError):
    """A file or a value cannot be used as it was given."""


class MappingError(InputError):
    """The mapping does not fit the file it is used on."""


class PolicyError(InputError):
    """The policy cannot be used: an unknown key, a wrong type, a value out of range, or another one than the store's."""


class RequestError(InputError):
    """Fields of a request cannot be used. violations: (field, what is wrong with it) of each, in the order of the request."""

    def __init__(self, violations: tuple[tuple[str, str], ...]) -> None:
        super().__init__(_told(violations))
        self.violations = violations

    @classmethod
    def of(cls, field: str, description: str) -> RequestError:
        return cls(((field, description),))


class TooLargeError(InputError):
    """A request has more of something than it may have. violations: (field, the limit and what came) of each."""

    def __init__(self, violations: tuple[tuple[str, str], ...]) -> None:
        super().__init__(_told(violations))
        self.violations = violations

    @classmethod
    def of(cls, field: str, description: str) -> TooLargeError:
        return cls(((field, description),))


class DefinitionError(InputError):
    """A segment's definition cannot be used. problems: (position in its text, "" for the whole, what is wrong, what was meant perhaps) of
    each, in the order of the definition."""

    def __init__(self, problems: tuple[tuple[str, str, str], ...]) -> None:
        self.problems = problems
        super().__init__(_told(self.violations))

    @property
    def violations(self) -> tuple[tuple[str, str], ...]:
        """(position, what is wrong with what to write instead) of each."""
        return tuple((position, f"{said}; did you mean {hint}?" if hint else said) for position, said, hint in self.problems)


class RevisionError(InputError):
    """A revision is of another store, of a state that this store never had, or no revision at all."""


class PageTokenError(InputError):
    """A page token is not one, or its list is no longer kept."""


class ResumeTokenError(InputError):
    """The changes after a resume token are no longer all kept. oldest: the token after which they are."""

    def __init__(self, message: str, oldest: str) -> None:
        super().__init__(message)
        self.oldest = oldest


class NotFoundError(IdweaveError):
    """There is no such profile, identifier, observation, assertion or segment."""


class ConflictError(IdweaveError):
    """The name is taken by another content; nothing was changed."""


class VersionConflictError(ConflictError):
    """A segment has another version than the caller expected; nothing was changed. version: the one it has, 0 where it is not there."""

    def __init__(self, message: str, version: int = 0) -> None:
        super().__init__(message)
        self.version = version


class SegmentInUseError(IdweaveError):
    """Other segments' definitions name this one; nothing was changed. used_by: their names."""

    def __init__(self, message: str, used_by: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.used_by = used_by


class QueueFullError(IdweaveError):
    """Too many writes wait. retry_seconds: when to come again."""

    def __init__(self, message: str, retry_seconds: float) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class AccessError(IdweaveError):
    """No token came with the call, or none that is known. The text never holds what was shown."""


class UnknownMethodError(IdweaveError):
    """There is no such method."""


class NotServingError(IdweaveError):
    """The server starts, stops, or has stopped itself; nothing was changed."""


class NotWriterError(IdweaveError):
    """This server stands by, and nothing was changed. leader: the address of the one that writes, empty where nobody does just now."""

    def __init__(self, message: str, leader: str = "") -> None:
        super().__init__(message)
        self.leader = leader

    @classmethod
    def by(cls, leader: str) -> NotWriterError:
        where = f"ask the one that writes, at {leader}" if leader else "none writes just now: ask again in a few seconds"
        return cls(f"this server stands by, and takes neither writes nor fully consistent reads: {where}", leader)


class ClockError(IdweaveError):
    """The wall clock is far ahead; nothing was changed, and nothing will be until it is right."""


class StoreError(IdweaveError):
    """The store cannot be used; the text names the file and the remedy."""


class StoreBusyError(StoreError):
    """Another server writes to the store. holder, address: which one, empty where it is not known."""

    def __init__(self, message: str, holder: str = "", address: str = "") -> None:
        super().__init__(message)
        self.holder, self.address = holder, address


class DeposedError(StoreError):
    """Another server has taken over the store; what this one wanted to write was not written."""


class UnavailableError(StoreError):
    """The store's database cannot be reached now. retry_seconds: when to come again."""

    def __init__(self, message: str, retry_seconds: float = 1.0) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class StoreFullError(StoreError):
    """No space is left where the store is; nothing was changed."""


class StoreReadOnlyError(StoreError):
    """The store may not be written to; nothing was changed."""


class StoreFormatError(StoreError):
    """The file is no store of ours, or one that a newer release wrote."""


class StoreCorruptError(StoreError):
    """What the store holds cannot be read, or is not what was written."""


class OutputError(IdweaveError):
    """A result cannot be written: no permission, no space, a name already taken by something else."""


def _told(violations: tuple[tuple[str, str], ...]) -> str:
    """All of them as one text; a violation without a field is of the whole request."""
    return "; ".join(f"{field}: {description}" if field else description for field, description in violations)
