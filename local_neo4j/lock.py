"""The lock file: which artifacts a Neo4j is made of, and the SHA-256 checksum of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

LOCK = Path(__file__).with_name("neo4j.lock")
WORD = re.compile(r"[A-Za-z0-9._-]+")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Artifact:
    """One jar by its Maven coordinates, and what its bytes must be."""

    group: str
    name: str
    version: str
    classifier: str  # "" for most
    sha256: str

    def __str__(self) -> str:
        return ":".join(part for part in (self.group, self.name, self.version, self.classifier) if part)

    @property
    def path(self) -> Path:
        """Where a Maven repository keeps it."""
        suffix = f"-{self.classifier}" if self.classifier else ""
        return Path(*self.group.split("."), self.name, self.version, f"{self.name}-{self.version}{suffix}.jar")


def parse(text: str) -> list[Artifact]:
    """The artifacts of a lock file: `group:name:version[:classifier] sha256` a line; lines with # are comments.

    Raises ValueError with the number of the line.
    """
    found: dict[str, Artifact] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        coordinates, _, sha256 = line.strip().partition(" ")
        parts = coordinates.split(":")
        if len(parts) not in (3, 4) or not all(WORD.fullmatch(part) and ".." not in part for part in parts) or not SHA256.fullmatch(sha256):
            raise ValueError(f"line {number} of the lock file is not `group:name:version[:classifier] sha256`: {line[:200]!r}")
        if coordinates in found:
            raise ValueError(f"line {number} of the lock file names {coordinates} again")
        group, name, version, classifier = (*parts, "")[:4]
        found[coordinates] = Artifact(group, name, version, classifier, sha256)
    return list(found.values())


def read(path: Path = LOCK) -> list[Artifact]:
    return parse(path.read_text("utf-8"))
