"""`python -m local_neo4j start|stop|status`: what `make neo4j` and `make neo4j-stop` call."""

from __future__ import annotations

import argparse
import secrets
import shlex
import sys
from dataclasses import replace
from pathlib import Path

from . import background, jars, lock
from .errors import LocalNeo4jError
from .settings import BOLT, HTTP, USER, Settings


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local_neo4j", description="A Neo4j of this machine, with its Browser, on loopback.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, text in (("start", "start it, and return when it answers"), ("stop", "end it"), ("status", "whether it runs, and where")):
        one = verbs.add_parser(verb, help=text, description=text)
        one.add_argument("--home", type=Path, default=Path(".neo4j"), help="the folder of its data (default: %(default)s)")
        one.add_argument("--password-file", type=Path, help="default: HOME/password, made up at the first start")
        one.add_argument("--no-password", action="store_true", help="let everyone on this machine, and every page in its browsers, in")
        if verb == "start":
            one.add_argument("--bolt", type=int, default=BOLT, help="port of the database (default: %(default)s)")
            one.add_argument("--http", type=int, default=HTTP, help="port of the Browser (default: %(default)s)")
            one.add_argument("--heap", default="1g", help="memory of Java (default: %(default)s)")
            one.add_argument("--page-cache", default="512m", help="memory of the store's pages (default: %(default)s)")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    asked = parsed(arguments)
    home = asked.home.absolute()
    password_file = None if asked.no_password else asked.password_file or asked.home / "password"
    try:
        return {"start": _start, "stop": _stop, "status": _status}[asked.verb](asked, home, password_file)
    except LocalNeo4jError as error:
        print(f"local_neo4j: {error}", file=sys.stderr)
        return 1


def _start(asked: argparse.Namespace, home: Path, password_file: Path | None) -> int:
    settings = Settings(home, asked.bolt, asked.http, _password(password_file), asked.heap, asked.page_cache)
    if missing := sum(not (jars.maven_folder() / artifact.path).is_file() for artifact in lock.read()):
        print(f"fetching {missing} files of Neo4j, once; they stay in {jars.maven_folder()}", flush=True)
    known, already = background.begin(settings)
    print(_introduction(known, "runs already" if already else "runs", asked.home, password_file))
    return 0


def _stop(asked: argparse.Namespace, home: Path, password_file: Path | None) -> int:
    print("Neo4j has ended; its data stays" if background.end(Settings(home)) else f"no Neo4j runs in {asked.home}")
    return 0


def _status(asked: argparse.Namespace, home: Path, password_file: Path | None) -> int:
    known = background.running_in(Settings(home))
    if known is None:
        print(f"no Neo4j runs in {asked.home}")
        return 1
    known = background.Known(known.process, replace(known.settings, password=_password(password_file)))
    ready = background.ready(known)
    print(_introduction(known, "runs" if ready else "runs, and does not answer yet,", asked.home, password_file))
    return 0 if ready else 1


def _password(file: Path | None) -> str | None:
    """What the file holds; where it is not there, it is made up, for its owner alone to read."""
    if file is None:
        return None
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600, exist_ok=False)
        file.write_text(secrets.token_urlsafe(16) + "\n", "utf-8")
    return file.read_text("utf-8").strip()


def _introduction(known: background.Known, how: str, home: Path, password_file: Path | None) -> str:
    settings = known.settings
    address = settings.uri.removeprefix("bolt://")
    lines = [
        f"Neo4j {version()} {how} (process {known.process}), with its data in {home}",
        f"  Browser   {settings.browser or 'none'}",
        f"  Bolt      {settings.uri}",
    ]
    if password_file is None:
        return "\n".join([*lines, "  no password", "", f"  idweave serve --store neo4j://{address}"])
    quoted = shlex.quote(str(password_file))
    lines += [f"  user      {USER}", f"  password  in {password_file}", ""]
    lines += [f'  export IDWEAVE_NEO4J_PASSWORD="$(cat {quoted})"', f"  idweave serve --store neo4j://{USER}@{address}"]
    return "\n".join(lines)


def version() -> str:
    return next(artifact.version for artifact in lock.read() if artifact.name == "neo4j")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
