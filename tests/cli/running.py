"""Run the command as a user does and look at what it leaves behind; in this process, for starting one takes a second."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from idweave_server.cli.main import main

MAPPING = """\
[observation]
id = "id"
time = { field = "ts", format = "iso" }
source = { field = "source", default = "web" }
evidence = { field = "kind", map = { signup = "SIGN_UP" }, default = "LOGIN" }
[identifiers]
email = "email"
phone = { field = "phone", region = "US" }
customer_id = "cust"
cookie = "cookie"
[traits]
first_name = "first"
last_name = "last"
birth_date = { field = "dob", format = "iso" }
city = "city"
[events]
type = "event"
"""
SPECIAL = """\
[assertions]
same = { when = { event = "same" }, left = "a", right = "b" }
different = { when = { event = "different" }, left = "a", right = "b" }
shared = { when = { event = "shared" }, identifier = "a" }
personal = { when = { event = "personal" }, identifier = "a" }
[erasures]
when = { event = "erase" }
identifiers = "ids"
"""
FIELDS = ("id", "ts", "source", "kind", "email", "phone", "cust", "cookie", "first", "last", "dob", "city", "event")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


def idweave(*arguments: object) -> Ran:
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Ran(code, out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class Results:
    """What a run wrote, as rows of text."""

    folder: Path

    def rows(self, table: str) -> list[dict[str, str]]:
        with (self.folder / f"{table}.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    @property
    def report(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "report.json").read_text("utf-8")))

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        return [(row["observation_id"], row["outcome"]) for row in self.rows("observations")]

    @property
    def issues(self) -> list[tuple[str, int, str, str]]:
        return [(row["file"], int(row["row"]), row["field"], row["reason"]) for row in self.rows("issues")]

    @property
    def profile_of(self) -> dict[str, str]:
        """By observation id, of those that belong to somebody."""
        return {row["observation_id"]: row["profile_id"] for row in self.rows("observations") if row["profile_id"]}

    @property
    def people(self) -> set[frozenset[str]]:
        """The observation ids of each profile."""
        found: dict[str, set[str]] = {}
        for observation, profile in self.profile_of.items():
            found.setdefault(profile, set()).add(observation)
        return {frozenset(group) for group in found.values()}

    def bytes(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.folder.iterdir())}


def resolve(folder: Path, files: Mapping[str, str | bytes | Sequence[Row]], *options: object, mapping: str = MAPPING) -> Results:
    """Resolve files made of text, of bytes, or of rows (as JSON Lines); the run must end well."""
    ran = attempt(folder, files, *options, mapping=mapping)
    assert ran.code == 0, ran.err
    return Results(folder / "out")


def attempt(folder: Path, files: Mapping[str, str | bytes | Sequence[Row]], *options: object, mapping: str = MAPPING) -> Ran:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else text_of(content).encode())
    (folder / "mapping.toml").write_text(mapping, "utf-8")
    shutil.rmtree(folder / "out", ignore_errors=True)
    with contextlib.chdir(folder):
        return idweave("resolve", *files, "--mapping", "mapping.toml", "--out", "out", "--quiet", *options)


def text_of(rows: str | Sequence[Row]) -> str:
    return rows if isinstance(rows, str) else "".join(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in rows)


def row(number: object, **values: Any) -> Row:
    """A row of every field in MAPPING; what is not said is null."""
    return dict.fromkeys(FIELDS) | {"id": str(number), "ts": "2024-01-01T00:00:00Z", "source": "web"} | values


def in_csv(rows: Sequence[Row], fields: Sequence[str] = FIELDS) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, fields, lineterminator="\n")
    writer.writeheader()
    writer.writerows(dict(one) for one in rows)
    return file.getvalue()


ROWS = [
    row(1, email="jo.smith@acme.org", cookie="c-0001-jo-smith", first="Jo", last="Smith", dob="1985-03-04", city="Bonn"),
    row(2, email="jo.smith@acme.org", phone="650-253-0000", ts="2024-03-01T10:00:00Z", city="Köln"),
    row(3, email="kim.lee@acme.org", phone="no number", first="Kim"),
    row(4, cookie="c-0001-jo-smith"),
]  # two people, {1, 2, 4} and {3}


def prepared(folder: Path, rows: Sequence[Row] = ROWS) -> list[str]:
    """Arguments of a run on a file in `folder`."""
    (folder / "a.jsonl").write_text(text_of(rows))
    (folder / "m.toml").write_text(MAPPING)
    return ["resolve", str(folder / "a.jsonl"), "-m", str(folder / "m.toml"), "-o", str(folder / "out")]
