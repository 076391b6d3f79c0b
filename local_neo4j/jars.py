"""The artifacts of the lock file in the usual Maven folder: what is there and right stays, the rest is fetched and checked."""

from __future__ import annotations

import hashlib
import os
import ssl
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .errors import ChecksumError, FetchError
from .lock import Artifact

AT_ONCE = 8
ATTEMPTS = 3
TIMEOUT = 60  # seconds, of one request

Download = Callable[[Artifact, Path], Path]


def maven_folder() -> Path:
    """Where Maven, and everything like it, keeps what it fetched."""
    named = os.environ.get("M2_REPO")
    return Path(named) if named else Path.home() / ".m2" / "repository"


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def jars(artifacts: Iterable[Artifact], folder: Path, download: Download | None = None) -> list[Path]:
    """The files of these artifacts, in their order, each with the checksum of the lock file.

    download(artifact, into) fetches one file below a folder and returns its path; without it, jgo does.
    Raises ChecksumError and FetchError.
    """
    fetch = download or from_maven
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(lambda artifact: _jar(artifact, folder, fetch), artifacts))


def _jar(artifact: Artifact, folder: Path, download: Download) -> Path:
    path = folder / artifact.path
    if path.is_file() and sha256_of(path) == artifact.sha256:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    # Fetched beside its place and moved there whole: others who fetch at the same time, or are killed, leave no half file.
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=path.parent) as beside:
        fetched = _persistently(artifact, Path(beside), download)
        if (found := sha256_of(fetched)) != artifact.sha256:
            raise ChecksumError(
                f"{artifact} has the SHA-256 {found}, and the lock file says {artifact.sha256}: it is not used. Something between here and "
                "the Maven repository changes files, or the lock file was edited; see docs/neo4j.md"
            )
        fetched.replace(path)
    return path


def _persistently(artifact: Artifact, into: Path, download: Download) -> Path:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return download(artifact, into / str(attempt))
        except (OSError, RuntimeError) as error:  # requests' errors are OSErrors; jgo says RuntimeError for "not found"
            failed = error
    raise FetchError(
        f"{artifact} could not be fetched ({type(failed).__name__} at each of {ATTEMPTS} attempts): Neo4j's files come from Maven Central "
        f"the first time, so this machine needs the network, or a Maven folder (M2_REPO) that holds them; see docs/neo4j.md"
    ) from failed


def from_maven(artifact: Artifact, into: Path) -> Path:
    """Fetch one artifact below a folder, by jgo's download of artifacts; its resolver of versions is not asked."""
    from jgo.maven import MavenContext  # on demand: with all files there, jgo need not be

    _trust_the_system()
    context = MavenContext(repo_cache=into, timeout=TIMEOUT)
    return context.project(artifact.group, artifact.name).at_version(artifact.version).artifact(artifact.classifier).resolve()


def _trust_the_system() -> None:
    """Certificates are checked by the system's authorities, as pip checks them, unless the environment names others: requests brings a list
    of its own, which does not know those that a company's network may add."""
    paths = ssl.get_default_verify_paths()
    found = paths.cafile or paths.capath
    if found and not os.environ.get("CURL_CA_BUNDLE"):
        os.environ.setdefault("REQUESTS_CA_BUNDLE", found)
