"""`python -m local_neo4j.relock`: write the lock file anew from pom.xml, for whoever upgrades Neo4j; needs Maven and the network."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from . import jars, lock

POM = Path(__file__).with_name("pom.xml")
HEADER = """\
# Neo4j Community Edition (GPLv3) and its Browser as published to Maven Central: fetched on the machine that runs them, never shipped.
# Made by `python -m local_neo4j.relock` from pom.xml. group:name:version[:classifier] sha256
"""


def artifact_of(path: Path, folder: Path) -> lock.Artifact:
    """The coordinates of a file by its place in a Maven folder, and its checksum."""
    *group, name, version, file = path.relative_to(folder).parts
    start, end = f"{name}-{version}", ".jar"
    if not file.startswith(start) or not file.endswith(end):
        raise ValueError(f"{path} is not where Maven keeps a jar")
    return lock.Artifact(".".join(group), name, version, file[len(start) : -len(end)].removeprefix("-"), jars.sha256_of(path))


def resolved(folder: Path) -> list[lock.Artifact]:
    """What Maven's own resolver makes of pom.xml. Its rules decide, not jgo's, which picks other versions."""
    with tempfile.TemporaryDirectory() as at:
        answer = Path(at) / "class-path"
        goal = ["dependency:build-classpath", "-Dmdep.includeScope=runtime", f"-Dmdep.outputFile={answer}", f"-Dmaven.repo.local={folder}"]
        subprocess.run(["mvn", "--quiet", "--batch-mode", "--file", POM, *goal], check=True)
        paths = answer.read_text("utf-8").strip().split(":")
    return [artifact_of(Path(path), folder) for path in paths if not path.endswith(".pom")]


def text_of(artifacts: list[lock.Artifact]) -> str:
    return HEADER + "".join(f"{one} {one.sha256}\n" for one in sorted(artifacts, key=str))


def main() -> None:
    found = text_of(resolved(jars.maven_folder()))
    was, now = ({str(one): one.sha256 for one in lock.parse(text)} for text in (lock.LOCK.read_text("utf-8"), found))
    for sign, lines in (("-", was.items() - now.items()), ("+", now.items() - was.items())):
        for coordinates, _ in sorted(lines):
            print(sign, coordinates)
    lock.LOCK.write_text(found, "utf-8")
    print(f"{len(now)} artifacts in {lock.LOCK}")


if __name__ == "__main__":
    main()
