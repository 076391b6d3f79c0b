"""The bundled sample in a graph: Cypher alone gives what an export of the same store gives, and networkx explains it."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from idweave_server.cli.story import sample_folder
from idweave_server.identifiers.notation import format_identifier

from tests.cli.running import Ran, idweave
from tests.neo4j_database import Database
from tests.projection.graphs import ask

Row = dict[str, str]


@dataclass
class Sample:
    """A store that holds the sample, its graph, and its export."""

    folder: Path
    database: Database

    @property
    def store(self) -> str:
        return f"sqlite:///{self.folder / 'store.db'}"

    def table(self, name: str) -> list[Row]:
        with (self.folder / "out" / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def ask(self, question: str) -> list[Any]:
        return ask(self.database, question)

    def run(self, *arguments: str) -> Ran:
        return idweave(*arguments, "--store", self.store, "--graph", self.database.uri)


@pytest.fixture(scope="module")
def sample(neo4j_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    ask(neo4j_database, "MATCH (x) DETACH DELETE x")
    found = Sample(tmp_path_factory.mktemp("sample"), neo4j_database)
    with pytest.MonkeyPatch.context() as patch, sample_folder() as folder:
        if neo4j_database.password:
            patch.setenv("IDWEAVE_NEO4J_PASSWORD", neo4j_database.password)
        files = sorted(path for kind in ("csv", "tsv", "jsonl") for path in folder.glob(f"*.{kind}"))
        loaded = idweave("import", *files, "--mapping", folder / "mapping.toml", "--policy", folder / "policy.toml", "--store", found.store)
        assert loaded.code == 0, loaded.err
        exported = idweave("export", "--store", found.store, "--out", found.folder / "out", "--quiet")
        assert exported.code == 0, exported.err
        projected = found.run("project", "--rebuild")
        assert projected.code == 0, projected.err
        yield found


def key(row: Row, prefix: str = "") -> str:
    return format_identifier(row[f"{prefix}namespace"], row[f"{prefix}issuer"], row[f"{prefix}value"])


def test_all_five_kinds_are_nodes_and_no_address_belongs_to_anybody(sample: Sample) -> None:
    found = {one["label"]: one["n"] for one in sample.ask("MATCH (x:Identifier) UNWIND labels(x) AS label RETURN label, count(*) AS n")}
    assert min(found.get(label, 0) for label in ("Email", "Phone", "Device", "Social", "Ip")) > 0
    assert sample.ask("MATCH (:Ip)-[:BELONGS_TO]->() RETURN count(*) AS n") == [{"n": 0}]
    assert sample.ask("MATCH (:Device|Cookie)-[:SEEN_AT]->(x) RETURN DISTINCT x:Ip AS ip") == [{"ip": True}]


def test_the_members_of_every_profile(sample: Sample) -> None:
    """Epochs included: a number that changed hands belongs to two people, to each from when until when."""
    exported = Counter((key(row), row["profile_id"], row["from"], row["until"]) for row in sample.table("identifiers") if row["profile_id"])
    said = sample.ask(
        "MATCH (x:Identifier)-[r:BELONGS_TO]->(p:Profile) "
        "RETURN x.key AS key, p.profile_id AS profile, toString(r.from) AS begin, toString(r.until) AS end"
    )
    assert Counter((one["key"], one["profile"], one["begin"] or "", one["end"] or "") for one in said) == exported
    assert len(exported) > 100


def test_every_identifier_with_why_it_is_shared(sample: Sample) -> None:
    exported = {key(row): row["shared"] for row in sample.table("identifiers")}  # the last epoch counts
    shown = {one["key"]: one["shared"] or "" for one in sample.ask("MATCH (x:Identifier) RETURN x.key AS key, x.shared AS shared")}
    assert shown == exported
    assert set(exported.values()) > {"", "role"}


def test_the_profiles_with_their_traits(sample: Sample) -> None:
    exported = {row["profile_id"]: row for row in sample.table("profiles")}
    shown = {one["p"]["profile_id"]: one["p"] for one in sample.ask("MATCH (p:Profile) WHERE NOT p:Retired RETURN properties(p) AS p")}
    assert shown.keys() == exported.keys()
    for profile, row in exported.items():
        said = shown[profile]
        assert (str(said["size"]), str(said["observations"])) == (row["size"], row["observations"])
        assert said.get("trait_first_name", "") == row["first_name"]
        assert round(said.get("fragility", 0), 6) == round(float(row["fragility"] or 0), 6)


def test_every_retired_id_and_where_it_leads(sample: Sample) -> None:
    exported = {row["retired_id"]: (row["profile_id"], row["reason"]) for row in sample.table("redirects")}
    said = sample.ask(
        "MATCH (p:Retired) OPTIONAL MATCH (p)-[:REDIRECTS_TO]->(q) RETURN p.profile_id AS id, q.profile_id AS to, p.reason AS reason"
    )
    assert {one["id"]: (one["to"] or "", one["reason"]) for one in said} == exported
    assert {reason for _, reason in exported.values()} > {"merged"}


def test_the_links(sample: Sample) -> None:
    def named(row: Row) -> Any:
        return frozenset(((key(row, "left_"), row["left_from"]), (key(row, "right_"), row["right_from"])))

    exported = {named(row): (float(row["strength"]), int(row["evidence"]), row["outcome"]) for row in sample.table("links")}
    said = sample.ask(
        "MATCH (a)-[r:OBSERVED_WITH]->(b) RETURN a.key AS a, b.key AS b, toString(r.left_from) AS af, toString(r.right_from) AS bf, "
        "r.strength AS strength, r.evidence AS evidence, r.united AS united, r.refused AS refused, r.sources AS sources, r.kinds AS kinds"
    )
    shown = {
        frozenset(((one["a"], one["af"] or ""), (one["b"], one["bf"] or ""))): (
            one["strength"],
            one["evidence"],
            "united" if one["united"] else one["refused"],
        )
        for one in said
    }
    assert shown == exported
    assert len(said) == len(exported)
    assert all(one["sources"] and one["kinds"] for one in said)
    refused = sum(outcome != "united" for _, _, outcome in exported.values())
    assert refused > 3
    assert sample.ask("MATCH ()-[r:KEPT_APART]->() WHERE r.assertion_id IS NULL RETURN count(r) AS n") == [{"n": refused}]


def test_united_links_and_verdicts_explain_the_profiles(sample: Sample) -> None:
    """Whatever is connected by them is one profile, and nothing else is: networkx over what Cypher gives."""
    graph: nx.Graph[Any] = nx.Graph()
    for one in sample.ask("MATCH (x:Identifier)-[r:BELONGS_TO]->(p) RETURN x.key AS key, toString(r.from) AS begin, p.profile_id AS p"):
        graph.add_node((one["key"], one["begin"]), profile=one["p"])
    for one in sample.ask(
        "MATCH (a)-[r:OBSERVED_WITH {united: true}]->(b) "
        "RETURN a.key AS a, b.key AS b, toString(r.left_from) AS af, toString(r.right_from) AS bf"
    ):
        graph.add_edge((one["a"], one["af"]), (one["b"], one["bf"]))
    for one in sample.ask("MATCH (a)-[r:ASSERTED_SAME {standing: 'holds'}]->(b) RETURN a.key AS a, b.key AS b"):
        graph.add_edge(_last(graph, one["a"]), _last(graph, one["b"]))
    found = [{graph.nodes[node].get("profile") for node in part} for part in nx.connected_components(graph)]
    assert all(len(profiles) == 1 for profiles in found)
    assert len(found) == len({next(iter(profiles)) for profiles in found})


def _last(graph: nx.Graph[Any], key: str) -> Any:
    return max((node for node in graph if node[0] == key), key=lambda node: node[1] or "")


def test_verify_tells_and_project_mends(sample: Sample) -> None:
    """Whole numbers are right after it: it runs last."""
    assert (sample.run("verify").code, sample.run("project").code) == (0, 0)
    sample.ask("MATCH (x:Email) WITH x ORDER BY x.key LIMIT 1 SET x.value = 'mallory@example.org'")
    found = sample.run("verify", "--json")
    told = json.loads(found.out)
    assert (found.code, told["equal"], len(told["differences"])) == (1, False, 1)
    assert told["differences"][0].endswith("differs: value")
    mended = sample.run("project", "--json")
    assert json.loads(mended.out.splitlines()[0])["written"] == {"identifiers": [0, 1, 0]}
    assert sample.run("verify").code == 0
