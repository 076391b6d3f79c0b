"""Neo4j's errors as the store's: what is wrong with which database, and what to do about it."""

from __future__ import annotations

from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    ConnectionPoolError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    UnsupportedServerProduct,
)

from idweave_server.errors import (
    StoreBusyError,
    StoreCorruptError,
    StoreError,
    StoreFormatError,
    StoreFullError,
    StoreReadOnlyError,
    UnavailableError,
)
from idweave_server.log.neo4j_url import Neo4jUrl

RETRY_SECONDS = 1.0
PASSWORD = "the environment variable IDWEAVE_NEO4J_PASSWORD"

_READ_ONLY = ("ForbiddenOnReadOnlyDatabase", "WriteOnReadOnlyAccessMode", "AccessMode", "ReadOnly")
_MEMORY = ("OutOfMemory", "MemoryPoolOutOfMemory", "TransactionOutOfMemory", "StackOverFlow")
_FULL = ("no space left", "not enough space", "disk quota", "disk is full", "out of disk")
_STOPPED = ("DatabaseUnavailable", "DatabaseNotAvailable", "Database.Unable", "GeneralError.Panic")


def lost(error: Exception) -> bool:
    """Whether the connection went, so that nobody knows what became of the question."""
    return isinstance(error, ServiceUnavailable | SessionExpired | ConnectionPoolError | OSError)


def passing(error: Exception) -> bool:
    """Whether the same question may do in a moment."""
    return lost(error) or (isinstance(error, Neo4jError) and error.is_retryable())


def store_error(url: Neo4jUrl, user: str | None, error: Exception) -> StoreError:
    """The store's error for one of the driver's. user: whose password was given, None for none."""
    match error:
        case AuthError():
            return _refused(url, user, error.code or "")
        case UnsupportedServerProduct():
            return wrong_version(url, "something else than Neo4j")
        case ConfigurationError():
            return StoreError(f"{url} cannot be used: the driver takes no such URL, or its certificate; write neo4j://host:7687")
        case Neo4jError():
            return _answered(url, user, error)
        case _ if lost(error):
            return _unreached(url, error)
        case DriverError():
            return StoreError(f"{url}: Neo4j's driver failed ({type(error).__name__}); restart, and report it if it comes again")
        case _:
            return StoreError(f"{url}: {type(error).__name__} in Neo4j's driver; restart, and report it if it comes again")


def unavailable(url: Neo4jUrl, why: str) -> UnavailableError:
    return UnavailableError(f"{url} {why}; nothing that was acknowledged is lost, and writing goes on as soon as it answers", RETRY_SECONDS)


def foreign(url: Neo4jUrl, what: str) -> StoreFormatError:
    return StoreFormatError(f"{url} {what}; name another database for the store, or empty this one if nobody needs it")


def corrupt(url: Neo4jUrl, what: str) -> StoreCorruptError:
    return StoreCorruptError(f"{url} is damaged: {what}; keep the database as it is, and restore a backup")


def wrong_version(url: Neo4jUrl, found: str) -> StoreFormatError:
    return StoreFormatError(
        f"{url} runs {found}, and a store needs Neo4j 5.26 (long-term support; 5.23 and later 5.x do): start that one there"
    )


def busy(url: Neo4jUrl, holder: str, address: str) -> StoreBusyError:
    who = f"{holder} ({address})" if address else holder or "another server"
    return StoreBusyError(
        f"{url} is being written by {who}; stop that one first, wait until its lease is over if it has ended, or name another store",
        holder,
        address,
    )


def read_only(url: Neo4jUrl) -> StoreReadOnlyError:
    return StoreReadOnlyError(
        f"{url} cannot be written: the database is set to read-only (server.databases.read_only, "
        "server.databases.default_to_read_only), or its disk was full; take the setting back, then restart Neo4j"
    )


def full(url: Neo4jUrl) -> StoreFullError:
    return StoreFullError(
        f"{url} could not finish a write: no space is left on the database's disk, or the disk has failed (Neo4j's debug.log tells which); "
        "make space there, and restart Neo4j if it has stopped itself; then it is known again what was written"
    )


def _answered(url: Neo4jUrl, user: str | None, error: Neo4jError) -> StoreError:
    code, said = error.code or "", f"{error.message or ''}".lower()
    if any(part in said for part in _FULL):
        return full(url)
    if "TransactionCommitFailed" in code or "TransactionLogError" in code:
        return full(url)
    if "critical error" in said:
        return unavailable(
            url, "has stopped itself after a fault, most often a full disk: look into its debug.log, make space, then restart Neo4j"
        )
    if any(part in code for part in _READ_ONLY):
        return read_only(url)
    if "Security" in code:
        return _refused(url, user, code)
    if "DatabaseNotFound" in code:
        return StoreError(
            f"{url}: there is no such database on that server; the Community Edition has one only, neo4j: leave the name out of the URL"
        )
    if any(part in code for part in _MEMORY):
        return StoreError(
            f"{url}: the database has too little memory for this; give it more (server.memory.heap.max_size, 1g or more) and restart it"
        )
    if "ConstraintValidationFailed" in code:
        return corrupt(url, "it holds entries that idweave did not write, where the next one belongs")
    if "UnsupportedAdministrationCommand" in code or "UnsupportedOperation" in code:
        return StoreError(
            f"{url}: this edition of Neo4j lacks something that a store needs ({code}): use Neo4j 5.26, Community or Enterprise"
        )
    if any(part in code for part in _STOPPED):
        return unavailable(url, "answers, but the database there is not available: look into Neo4j's log if that lasts (a full disk?)")
    if error.is_retryable() or "TransactionTimedOut" in code or "Terminated" in code:
        return unavailable(url, f"could not do it now ({code})")
    return StoreError(f"{url}: Neo4j refused ({code}); Neo4j's log tells more: report it if it comes again")


def _refused(url: Neo4jUrl, user: str | None, code: str) -> StoreError:
    if "Forbidden" in code:
        return StoreError(f"{url}: the user {user!r} may not do this there; give it the rights to read, to write and to make constraints")
    if user is None:
        return StoreError(f"{url} wants a password: set {PASSWORD}, and name the user in the URL where it is not neo4j")
    if "CredentialsExpired" in code:
        return StoreError(f"{url}: the password of the user {user!r} is its first one and must be changed there before it opens anything")
    if "RateLimit" in code:
        return StoreError(f"{url}: too many wrong passwords for the user {user!r}; correct {PASSWORD}, wait five seconds, then try again")
    return StoreError(f"{url} does not accept the user {user!r} with the password given: correct {PASSWORD} or the user in the URL")


def _unreached(url: Neo4jUrl, error: Exception) -> StoreError:
    said = str(error).lower()
    if "looks like http" in said:
        return StoreError(f"{url} is the port of Neo4j's Browser: name its Bolt port, 7687 where nobody changed it")
    if "encrypt" in said or "ssl" in said or "certificate" in said:
        return StoreError(
            f"{url}: no encrypted connection can be made there: leave +s out of the URL where the server has no certificate, or write +ssc "
            "where it has signed its own"
        )
    if "dns" in said:
        return unavailable(url, "cannot be reached: its name is not known here; correct the store's URL, or mend the name service")
    return unavailable(url, "cannot be reached: start Neo4j there, or correct the store's URL")
