"""The scorer against counting by hand and by brute force, and over a whole made-up run."""

from __future__ import annotations

import argparse
from itertools import combinations
from pathlib import Path

import networkx as nx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import score, world
from benchmarks.noise import PRESETS
from benchmarks.score import reached, score_run, scored


def labels(*values: int) -> score.Labels:
    return np.array(values, np.int64)


def test_a_perfect_run_scores_one() -> None:
    found = scored(labels(1, 1, 2, 2, 3), labels(0, 0, 1, 1, 2), labels(5, 5, 4, 4, 9))
    assert (found.pair_f1, found.b3_f1, found.most_people, found.profiles) == (1.0, 1.0, 1, 3)


def test_one_profile_for_two_people_costs_precision() -> None:
    found = scored(labels(1, 1, 2, 2), labels(1, 1, 2, 2), labels(0, 0, 0, 0))
    assert found.pair_precision == pytest.approx(2 / 6)
    assert (found.pair_recall, found.b3_precision, found.most_people) == (1.0, 0.5, 2)


def test_what_no_evidence_connects_costs_no_recall() -> None:
    found = scored(labels(1, 1, 1, 1), labels(1, 1, 2, 2), labels(1, 1, 2, 2))
    assert (found.pair_f1, found.b3_f1) == (1.0, 1.0)


ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(0, 4)), min_size=1, max_size=25)


@given(ROWS)
def test_it_counts_like_brute_force(rows: list[tuple[int, int, int]]) -> None:
    person = labels(*(row[0] for row in rows))
    reach = person * 2 + labels(*(row[1] for row in rows))
    profile = labels(*(row[2] for row in rows))
    found, pairs = scored(person, reach, profile), list(combinations(range(len(rows)), 2))
    together = [(a, b) for a, b in pairs if profile[a] == profile[b]]
    reachable = [(a, b) for a, b in pairs if reach[a] == reach[b]]
    right = sum(person[a] == person[b] for a, b in together)
    assert found.pair_precision == pytest.approx(right / len(together) if together else 1.0)
    assert found.pair_recall == pytest.approx(sum(profile[a] == profile[b] for a, b in reachable) / len(reachable) if reachable else 1.0)
    same_profile = profile[:, None] == profile[None]
    assert found.b3_precision == pytest.approx(
        float(((person[:, None] == person) & same_profile).sum(1) @ (1 / same_profile.sum(1))) / len(rows)
    )
    same_reach = reach[:, None] == reach[None]
    assert found.b3_recall == pytest.approx(float((same_reach & same_profile).sum(1) @ (1 / same_reach.sum(1))) / len(rows))


@given(st.lists(st.lists(st.integers(0, 12), max_size=3), min_size=1, max_size=20))
def test_reach_is_the_components_of_networkx(mine: list[list[int]]) -> None:
    graph = nx.Graph()
    graph.add_nodes_from(("row", n) for n in range(len(mine)))
    graph.add_edges_from((("row", n), number) for n, numbers in enumerate(mine) for number in numbers)
    found = reached(pa.array(mine, pa.list_(pa.uint64())))
    for part in nx.connected_components(graph):
        rows = [node[1] for node in part if isinstance(node, tuple)]
        assert len({int(found[n]) for n in rows}) <= 1
    assert len(set(found.tolist())) == nx.number_connected_components(graph)


def test_a_run_that_knows_the_truth_scores_one_and_one_that_says_nothing_has_no_recall(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.write_world(tmp_path, 4_000, 2, PRESETS["mixed"], ("jsonl",))
    truth = pq.read_table(tmp_path / "truth.parquet")
    profiles = [f"p{person}" if person >= 0 else "" for person in truth["person"].to_pylist()]
    told = pa.table({"observation_id": truth["observation_id"], "source": ["web"] * len(truth), "profile_id": profiles})
    (tmp_path / "all").mkdir()
    pq.write_table(told.take(np.random.default_rng(1).permutation(len(told))), tmp_path / "all" / "observations.parquet")
    found = score_run(tmp_path / "all", tmp_path)
    assert (found.pair_f1, found.b3_f1, found.most_people) == (1.0, 1.0, 1)
    assert 3_000 < found.observations < 4_000
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "observations.csv").write_text("observation_id,source,profile_id,outcome\nx,web,p1,ACCEPTED\n", "utf-8")
    found = score_run(tmp_path / "none", tmp_path)
    assert (found.pair_precision, found.pair_recall, found.pair_f1) == (1.0, 0.0, 0.0)
    assert score.main(argparse.Namespace(out=tmp_path / "all", world=tmp_path, json=False)) == 0
    assert "pair_f1          1.0000" in capsys.readouterr().out
    assert score.main(argparse.Namespace(out=tmp_path / "absent", world=tmp_path, json=False)) == 1
