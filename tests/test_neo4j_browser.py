"""docs/neo4j-browser.md and its files: the demo fills a real Neo4j, every saved query is asked there, and the style knows what is there."""

from __future__ import annotations

import re
import shlex
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j
import pytest
from idweave_server.cli.graph_demo import QUESTION
from idweave_server.model import DAY, EntryKind
from idweave_server.projection.schema import TIES, identifier_labels
from idweave_server.resolution.policy import load_policy
from idweave_server.segments.definition import Definition
from idweave_server.segments.expression import Expression, IdentityTest, Relation, Span, TimeTest

from tests.cli.running import Ran, idweave
from tests.neo4j_database import Database

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "neo4j-browser.md").read_text("utf-8")
FILES = sorted((DOCS / "neo4j" / "idweave").iterdir())
QUERIES = {path.stem[3:]: path.read_text("utf-8") for path in FILES}
STYLE = (DOCS / "neo4j" / "idweave.grass").read_text("utf-8")
MAYA = "email:maya.okafor@fernmail.zz"


class Filled:
    """A database that the demo has filled, and what the demo said."""

    def __init__(self, database: Database, told: Ran, driver: neo4j.Driver) -> None:
        self.database, self.told, self._driver = database, told, driver

    def ask(self, query: str, **parameters: Any) -> list[neo4j.Record]:
        return self._driver.execute_query(query, parameters).records

    def graph(self, query: str, **parameters: Any) -> neo4j.graph.Graph:
        """What the Browser draws of an answer."""
        return self._driver.execute_query(query, parameters, result_transformer_=neo4j.Result.graph)


@pytest.fixture(scope="module")
def filled(neo4j_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    neo4j_database.wipe()
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch, neo4j_database.driver() as driver:
        patch.setenv("IDWEAVE_NEO4J_PASSWORD", neo4j_database.password)
        patch.setenv("XDG_DATA_HOME", str(home / "data"))
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        told = idweave("demo", "--store", neo4j_database.uri)
        assert told.code == 0, told.err
        yield Filled(neo4j_database, told, driver)
        neo4j_database.wipe()


def names(graph: neo4j.graph.Graph, label: str, said: str) -> list[str]:
    return sorted(node[said] for node in graph.nodes if label in node.labels)


def types(graph: neo4j.graph.Graph) -> set[str]:
    return {tie.type for tie in graph.relationships}


def test_the_demo_leaves_the_sample_with_a_graph_that_shows_all_of_it(filled: Filled) -> None:
    [counts] = filled.ask(
        "MATCH (w:Writer) MATCH (g:Projection) RETURN w.seq AS entries, g.seq AS shown, g.whole AS whole, "
        "COUNT {(:Identifier)} AS identifiers, COUNT {(:Profile&!Retired)} AS profiles, w.address AS address"
    )
    assert counts["entries"] == counts["shown"] > 10
    assert counts["whole"]
    for count, what in ((counts["identifiers"], "identifiers"), (counts["profiles"], "profiles")):
        assert f"{count}  {what}, a node each" in filled.told.out
    assert counts["profiles"] == 87
    kinds = filled.ask("MATCH (i:Identifier) RETURN collect(DISTINCT i.namespace) AS namespaces")[0]["namespaces"]
    assert {"email", "phone", "device", "cookie", "social", "ip", "customer_id", "loyalty_id"} <= set(kinds)
    assert filled.told.err == ""


def test_the_demo_refuses_what_it_has_filled_itself(filled: Filled) -> None:
    ran = idweave("demo", "--store", filled.database.uri)
    assert ran.code == 1
    assert "holds an idweave store already" in ran.err
    assert filled.ask("MATCH (w:Writer) RETURN w.seq = COUNT {(:Entry)} AS whole")[0]["whole"]


def test_what_the_demo_says_to_ask_is_answered(filled: Filled) -> None:
    printed = re.sub(r"\s+", " ", filled.told.out)
    assert re.sub(r"\s+", " ", QUESTION) in printed
    assert names(filled.graph(QUESTION), "Profile", "display_name") == ["Maya Okafor"]
    assert "Maya Okafor" in printed


def test_who_is_behind(filled: Filled) -> None:
    graph = filled.graph(QUERIES["who-is-behind"], identifier=MAYA)
    assert names(graph, "Profile", "display_name") == ["Maya Okafor"]
    found = names(graph, "Identifier", "key")
    assert {MAYA, "phone:+15039590201", "phone:+15039590202", "customer_id@shop_us:20017"} <= set(found)
    [size] = [node["size"] for node in graph.nodes if "Profile" in node.labels]
    assert len(found) == size
    # One who was two people's in turn, one alone, and one who is nobody's are answered as well.
    assert names(filled.graph(QUERIES["who-is-behind"], identifier="phone:+15039590210"), "Profile", "display_name") == [
        "Denise Abara", "Harold Finch",
    ]  # fmt: skip
    nobody = filled.graph(QUERIES["who-is-behind"], identifier="email:test@test.com")
    assert [(node["shared"], types(nobody)) for node in nobody.nodes] == [("fake", set())]
    assert filled.ask(QUERIES["who-is-behind"], identifier="email:nobody@example.org") == []


def test_why_together(filled: Filled) -> None:
    [answer] = filled.ask(QUERIES["why-together"], identifier="cookie:c.5c23dbdb674b2dff", other="phone:+15039590202")
    assert [step["key"] for step in answer["way"].nodes] == ["cookie:c.5c23dbdb674b2dff", MAYA, "phone:+15039590202"]
    assert answer["sure"] == ["90 %", "60 %"]
    assert answer["evidence"] == [["SIGN_UP"], ["GUEST_ORDER"]]
    assert answer["sources"] == [["web"], ["web"]]
    [said] = filled.ask(QUERIES["why-together"], identifier="email:tom.becker@postbus.zz", other="email:grasshopper77@quillbox.zz")
    assert said["sure"] == ["said by desk"]
    # A number that changed hands brings nobody together.
    strangers = {"identifier": "email:harold.finch@postbus.zz", "other": "email:denise.abara@quillbox.zz"}
    assert filled.ask(QUERIES["why-together"], **strangers) == []


@pytest.mark.parametrize(
    ("identifier", "other", "reasons"),
    [
        ("email:james.whitaker@postbus.zz", "email:jwhitaker86@quillbox.zz", {"birth_dates"}),
        ("email:jan.kowalski@postbus.zz", "email:j.kowalska@fernmail.zz", {"different"}),
        ("email:cvale@fernmail.zz", "email:christine.vale@postbus.zz", {"unique"}),
        ("email:xiaoming.wang@quillbox.zz", "email:xiaohong.w@postbus.zz", {"names"}),
        (MAYA, "email:kelly.neal@fernmail.zz", {None}),
    ],
)
def test_why_apart(filled: Filled, identifier: str, other: str, reasons: set[str | None]) -> None:
    asked = {"identifier": identifier, "other": other}
    assert {row["reason"] for row in filled.ask(QUERIES["why-apart"], **asked)} == reasons
    graph = filled.graph(QUERIES["why-apart"], **asked)
    assert len(names(graph, "Profile", "profile_id")) == 2
    assert ("KEPT_APART" in types(graph)) == (None not in reasons)


def test_there_is_no_reason_why_one_person_is_apart(filled: Filled) -> None:
    assert filled.ask(QUERIES["why-apart"], identifier=MAYA, other="phone:+15039590202") == []


def test_largest_profiles(filled: Filled) -> None:
    graph = filled.graph(QUERIES["largest-profiles"], limit=2)
    assert names(graph, "Profile", "display_name") == ["Kelly Neal", "Maya Okafor"]
    assert len(names(graph, "Identifier", "key")) == 18


def test_shared_by_many(filled: Filled) -> None:
    found = {row["identifier"]: (row["reason"], row["people"]) for row in filled.ask(QUERIES["shared-by-many"], limit=50)}
    assert found["device:edd0ee01-deac-4552-b56e-7f9e7618dab0"] == ("names", 3)
    assert {reason for reason, _ in found.values()} == {"names", "role", "fake", "service", "partners"}
    assert len(filled.graph(QUERIES["shared-by-many"], limit=2).nodes) == 2


def test_weakest_links(filled: Filled) -> None:
    rows = filled.ask(QUERIES["weakest-links"], limit=10)
    assert len(rows) == 10
    assert [row["percent"] for row in rows] == sorted(row["percent"] for row in rows)
    least = filled.ask("MATCH ()-[link:OBSERVED_WITH]->() WHERE link.united RETURN min(link.strength) AS least")[0]["least"]
    assert rows[0]["link"]["strength"] == least
    assert (rows[0]["percent"], rows[0]["sources"]) == (24, ["purchased_list"])
    assert {"Identifier", "Profile"} <= {label for node in filled.graph(QUERIES["weakest-links"], limit=3).nodes for label in node.labels}


def test_redirects(filled: Filled) -> None:
    retired = filled.ask("MATCH (old:Retired)-[:REDIRECTS_TO]->(now {display_name: 'Maya Okafor'}) RETURN old.profile_id AS old, now")
    assert len(retired) > 3
    now = retired[0]["now"]["profile_id"]
    for asked in (retired[0]["old"], now):
        graph = filled.graph(QUERIES["redirects"], profile=asked)
        assert {node["profile_id"] for node in graph.nodes} == {now, *(row["old"] for row in retired)}
        assert len(graph.relationships) == len(retired)
    [gone] = filled.ask("MATCH (old:Retired) WHERE NOT (old)-[:REDIRECTS_TO]->() RETURN old.profile_id AS old LIMIT 1")
    assert [node["reason"] for node in filled.graph(QUERIES["redirects"], profile=gone["old"]).nodes] == ["shared"]


def test_changed_hands(filled: Filled) -> None:
    rows = filled.ask(QUERIES["changed-hands"], limit=10)
    assert [(row["moved"]["key"], row["owner"]) for row in rows] == [
        ("phone:+15039590210", "Harold Finch"), ("phone:+15039590210", "Denise Abara"),
    ]  # fmt: skip
    assert rows[0]["until"] == rows[1]["from"]


def test_log(filled: Filled) -> None:
    rows = filled.ask(QUERIES["log"], limit=1000)
    assert [row["sequence"] for row in rows] == list(range(len(rows), 0, -1))
    kinds = dict(filled.ask("MATCH (e:Entry) RETURN e.seq AS sequence, e.kind AS kind")[at].values() for at in range(len(rows)))
    assert {row["sequence"]: row["kind"] for row in rows} == {sequence: EntryKind(kind).name for sequence, kind in kinds.items()}
    assert {"POLICY", "OBSERVATIONS", "VERDICTS", "ERASURE"} <= {row["kind"] for row in rows}
    assert all(row["bytes"] > 0 for row in rows)


def test_who_writes(filled: Filled) -> None:
    [row] = filled.ask(QUERIES["who-writes"])
    assert row["entries"] == row["shown"]
    assert len(filled.graph(QUERIES["who-writes"]).nodes) == 2


@pytest.fixture(scope="module")
def segmented(filled: Filled) -> Filled:
    """The sample with segments, put where no server runs."""
    from idweave_server.cli.store import opened_to_write

    definitions: dict[str, Expression] = {
        "lately": TimeTest("last_seen", Relation.WITHIN, Span(seconds=3650 * DAY)),
        "callable": IdentityTest("phone"),
        "nobody": IdentityTest("wechat_openid"),
    }
    with opened_to_write(filled.database.uri, None, lambda stage, done, total: None) as committer:
        memberships = committer.store.engine.memberships
        for name, expression in definitions.items():
            committer.perform(Putting(memberships.defining(Definition(name, 0, expression, description="for the test"))))
    assert idweave("project", "--store", filled.database.uri).code == 0
    return filled


class Putting:
    weight = 1

    def __init__(self, entry: Any) -> None:
        self.entry = entry

    def steps(self, committer: Any) -> Any:
        stamp = yield from committer.begin()
        yield from committer.commit(self.entry, stamp.at)


def test_who_is_in(segmented: Filled) -> None:
    rows = segmented.ask(QUERIES["who-is-in"], segment="lately", limit=10)
    assert len(rows) == 10
    assert [row["until"] for row in rows] == sorted(row["until"] for row in rows)
    assert all(row["since"] < row["until"] for row in rows)
    callable_ = segmented.ask(QUERIES["who-is-in"], segment="callable", limit=500)
    assert "Maya Okafor" in {row["who"] for row in callable_}
    assert {row["until"] for row in callable_} == {None}
    assert segmented.ask(QUERIES["who-is-in"], segment="nobody", limit=10) == []
    assert types(segmented.graph(QUERIES["who-is-in"], segment="lately", limit=3)) == {"IN_SEGMENT"}


def test_segments_of(segmented: Filled) -> None:
    rows = segmented.ask(QUERIES["segments-of"], identifier=MAYA)
    assert [(row["name"], row["version"]) for row in rows] == [("callable", 1), ("lately", 1)]
    assert names(segmented.graph(QUERIES["segments-of"], identifier=MAYA), "Segment", "name") == ["callable", "lately"]
    assert segmented.ask(QUERIES["segments-of"], identifier="email:test@test.com") == []


def test_every_query_is_tested_and_told() -> None:
    tested = {name.removeprefix("test_").replace("_", "-") for name in globals() if name.startswith("test_")}
    assert set(QUERIES) <= tested
    for path in FILES:
        title, *rest = path.read_text("utf-8").splitlines()
        assert f"| [{path.name}](neo4j/idweave/{path.name}) | {title.removeprefix('// ')} |" in PAGE
        parameters = set(re.findall(r"\$(\w+)", path.read_text("utf-8")))
        told = next((line for line in rest if ":param" in line), "")
        assert all(name in told for name in parameters), path.name


def test_the_folder_zipped_is_what_the_browser_imports(tmp_path: Path) -> None:
    """Favorites, each in the folder that its path names: files `*.cypher` whose first line is the title."""
    [command] = [shlex.split(line) for line in PAGE.splitlines() if line.startswith("python3 -m zipfile")]
    *_, archive, folder = command
    subprocess.run([sys.executable, *command[1:-2], tmp_path / archive, DOCS.parent / folder], check=True)
    with zipfile.ZipFile(tmp_path / archive) as packed:
        files = sorted(name for name in packed.namelist() if not name.endswith("/"))
        assert files == sorted(f"idweave/{path.name}" for path in FILES)
    assert all(query.startswith("// ") for query in QUERIES.values())


def rules() -> dict[str, dict[str, str]]:
    """As the Browser reads them: a selector, then its properties; it knows no comments."""
    found = re.findall(r"([\w.]+)\s*\{\n(.*?)\n\}", STYLE, re.DOTALL)
    assert len(found) == STYLE.count("{\n") == len({selector for selector, _ in found})
    return {
        selector: {name.strip(): value.strip(" ;'") for name, _, value in (line.partition(":") for line in body.splitlines())}
        for selector, body in found
    }


def test_the_style_has_a_colour_a_namespace_and_all_kinds_of_relationships() -> None:
    style = rules()
    spaces = [labels[-1] for labels in identifier_labels(load_policy(""))]
    for label in (*spaces, "Profile", "Retired", "Segment", "Writer", "Projection", "Entry"):
        if label != "Derived":
            assert f"node.{label}" in style, label
    colours = [
        style[f"node.{label}"]["color"] for label in ("Email", "Phone", "Device", "Cookie", "Social", "Ip", "CustomerId", "LoyaltyId")
    ]
    assert len(set(colours)) == len(colours)
    assert {f"relationship.{tie.type}" for tie in TIES.values()} <= set(style)
    assert all(contrast(rule) >= 3 for selector, rule in style.items() if selector.startswith("node"))


def test_captions_name_properties_that_are_there(segmented: Filled) -> None:
    for selector, rule in rules().items():
        kind, _, name = selector.partition(".")
        wanted = re.findall(r"\{(\w+)\}", rule.get("caption", ""))
        if not name or not wanted:
            continue
        found = f"(x:{name})" if kind == "node" else f"()-[x:{name}]->()"
        known = {key for row in segmented.ask(f"MATCH {found} RETURN keys(x) AS keys") for key in row["keys"]}
        assert not known or set(wanted) <= known, selector


def contrast(rule: dict[str, str]) -> float:
    """Of a node's text with its colour, as WCAG has it; 3 is enough for graphics."""
    light = sorted(luminance(rule[name]) for name in ("text-color-internal", "color"))
    return (light[1] + 0.05) / (light[0] + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_picture_is_small_enough_to_look_at() -> None:
    picture = DOCS / "neo4j" / "browser.png"
    assert f"](neo4j/{picture.name})" in PAGE
    assert picture.stat().st_size < 300_000
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    assert (width >= 1000, height >= 600) == (True, True)
