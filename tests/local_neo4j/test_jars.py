"""Files of the lock: taken where they are right, fetched where they are not, and never used with another checksum."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from local_neo4j import jars, lock
from local_neo4j.errors import ChecksumError, FetchError

BYTES = b"what was published"
ONE = lock.Artifact("org.example", "one", "1.0", "", hashlib.sha256(BYTES).hexdigest())


class Repository:
    """What is fetched from, in place of Maven Central."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers = list(answers)

    def __call__(self, artifact: lock.Artifact, into: Path) -> Path:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        into.mkdir(parents=True)
        (into / "file.jar").write_bytes(answer)
        return into / "file.jar"


def nothing(artifact: lock.Artifact, into: Path) -> Path:
    raise AssertionError(f"{artifact} was fetched")


def test_what_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    first = jars.jars([ONE], tmp_path, Repository(BYTES))
    assert first == [tmp_path / "org/example/one/1.0/one-1.0.jar"]
    assert first[0].read_bytes() == BYTES
    assert jars.jars([ONE], tmp_path, nothing) == first


def test_a_file_that_went_bad_is_fetched_again(tmp_path: Path) -> None:
    (path,) = jars.jars([ONE], tmp_path, Repository(BYTES))
    path.write_bytes(BYTES[:-1])
    assert jars.jars([ONE], tmp_path, Repository(BYTES)) == [path]
    assert path.read_bytes() == BYTES


def test_a_wrong_checksum_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ChecksumError, match=r"org\.example:one:1\.0 has the SHA-256 \w+, and the lock file says"):
        jars.jars([ONE], tmp_path, Repository(b"what somebody else published"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_good_file_of_the_wrong_version_is_not_kept(tmp_path: Path) -> None:
    (path,) = jars.jars([ONE], tmp_path, Repository(BYTES))
    changed = lock.Artifact(ONE.group, ONE.name, ONE.version, "", hashlib.sha256(b"other").hexdigest())
    with pytest.raises(ChecksumError):
        jars.jars([changed], tmp_path, Repository(BYTES))
    assert path.read_bytes() == BYTES


def test_a_passing_fault_is_overcome(tmp_path: Path) -> None:
    (path,) = jars.jars([ONE], tmp_path, Repository(OSError("reset"), RuntimeError("503"), BYTES))
    assert path.read_bytes() == BYTES


def test_a_lasting_fault_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"org\.example:one:1\.0 could not be fetched .*needs the network"):
        jars.jars([ONE], tmp_path, Repository(*[OSError("no route")] * jars.ATTEMPTS))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.slow
def test_the_real_repository_has_what_the_lock_says(tmp_path: Path) -> None:
    artifact = next(one for one in lock.read() if one.name == "neo4j-resource")
    (path,) = jars.jars([artifact], tmp_path)
    assert jars.sha256_of(path) == artifact.sha256
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [path]
