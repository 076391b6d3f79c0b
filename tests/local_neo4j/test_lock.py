"""The lock file: complete, one version of Neo4j throughout, and nothing in it that could be read otherwise."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from local_neo4j import lock, relock

SHA = "0" * 64


def test_it_is_complete() -> None:
    artifacts = lock.read()
    names = {f"{one.group}:{one.name}": one.version for one in artifacts}
    assert len(artifacts) == 225
    assert names["org.neo4j.app:neo4j-server"] == names["org.neo4j:neo4j"] == "5.26.30"
    assert names["org.neo4j.client:neo4j-browser"] == "5.24.0"
    assert len({one.path for one in artifacts}) == len({one.path.name for one in artifacts}) == len(artifacts)


def test_all_parts_of_neo4j_are_of_one_version() -> None:
    versions = {one.version for one in lock.read() if one.group.startswith("org.neo4j") and one.name.startswith("neo4j-")}
    assert {version for version in versions if version.startswith("5.26.")} == {"5.26.30"}


def test_a_classifier_is_a_part_of_the_file_s_name() -> None:
    plain, native = lock.parse(f"# a comment\n\na.b:c:1 {SHA}\na.b:c:1:linux-x86_64 {SHA}\n")
    assert plain.path == Path("a/b/c/1/c-1.jar")
    assert native.path == Path("a/b/c/1/c-1-linux-x86_64.jar")
    assert str(native) == "a.b:c:1:linux-x86_64"


@pytest.mark.parametrize(
    "line",
    [
        "a:b:1",
        f"a:b {SHA}",
        f"a:b:1:c:d {SHA}",
        f"a:b:1 {SHA[:-1]}",
        f"a:b:1 {SHA.upper()[:-1]}G",
        f"a::1 {SHA}",
        f"a:../b:1 {SHA}",
        f"a:..:1 {SHA}",
        f"a:b:/etc {SHA}",
        f"a:b:1 {SHA} more",
    ],
)
def test_a_bad_line_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="line 2 of the lock file"):
        lock.parse(f"good:one:1 {SHA}\n{line}\n")


def test_coordinates_are_named_once() -> None:
    with pytest.raises(ValueError, match=r"names a:b:1 again"):
        lock.parse(f"a:b:1 {SHA}\na:b:1 {SHA}\n")


def test_it_is_as_relock_writes_it() -> None:
    assert lock.LOCK.read_text("utf-8") == relock.text_of(lock.read())


def test_the_pom_names_the_versions_of_the_lock() -> None:
    pom = relock.POM.read_text("utf-8")
    for name, project in (("neo4j", "neo4j-community-standalone"), ("neo4j-browser", "neo4j-browser")):
        version = next(one.version for one in lock.read() if one.name == name)
        assert re.search(rf"<artifactId>{project}</artifactId>\s*<version>{re.escape(version)}</version>", pom)


@pytest.mark.parametrize("classifier", ["", "linux-x86_64"])
def test_a_file_s_place_tells_its_coordinates(classifier: str, tmp_path: Path) -> None:
    (wanted,) = lock.parse(f"org.example:one-two:1.0-rc{':' * bool(classifier)}{classifier} {hashlib.sha256(b'x').hexdigest()}")
    (tmp_path / wanted.path).parent.mkdir(parents=True)
    (tmp_path / wanted.path).write_bytes(b"x")
    assert relock.artifact_of(tmp_path / wanted.path, tmp_path) == wanted
