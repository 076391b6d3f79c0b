"""Results of benchmarks: the schema, the files, the comparison, and that every benchmark keeps to the contract."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks import bench_resolve, results, suite


def kept(commit: str, *rows: dict[str, Any]) -> dict[str, Any]:
    return {**results.result("resolve", 1000, list(rows), "2026-01-31"), "commit": commit}


def test_a_row_is_the_median_with_its_extremes() -> None:
    assert results.row("wall", [3.0, 1.0, 2.0], "s") == {
        "name": "wall", "value": 2.0, "unit": "s", "better": "lower", "runs": 3, "min": 1.0, "max": 3.0,
    }  # fmt: skip


def test_a_result_names_what_it_was_measured_on_and_survives_its_file(tmp_path: Path) -> None:
    found = kept("abc", results.row("wall", [1.0], "s"))
    assert found["machine"]["cores"] >= 1
    assert {"python", "numpy", "numba"} <= set(found["versions"])
    path = results.write(found, tmp_path)
    assert path.name == "resolve-abc.json"
    assert results.read(path) == found


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": 99}, "schema"),
        ({"rows": [{"name": "x"}]}, "value"),
        ({"rows": [{**results.row("x", [1], "s"), "better": "up"}]}, "better"),
    ],
)
def test_what_is_no_result_is_refused(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        results.write(kept("abc") | change, tmp_path)
    (tmp_path / "x.json").write_text(json.dumps(kept("abc") | change), "utf-8")
    with pytest.raises(ValueError, match=message):
        results.read(tmp_path / "x.json")


def test_compare_prints_ratios_and_tells_gain_from_noise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = results.row("wall", [2.0, 2.1], "s"), results.row("rate", [10, 11], "obs/s", "higher"), results.row("gone", [1], "s")
    before = results.write(kept("a", *rows), tmp_path)
    rows = results.row("wall", [1.0, 1.1], "s"), results.row("rate", [9, 10.5], "obs/s", "higher"), results.row("added", [1], "s")
    after = results.write(kept("b", *rows), tmp_path)
    assert results.main(argparse.Namespace(before=before, after=after)) == 0
    lines = {line.split("  ")[0].partition(":")[0]: line for line in capsys.readouterr().out.splitlines()}
    assert "0.512" in lines["wall"]
    assert lines["wall"].endswith("better")
    assert lines["rate"].endswith("within the runs' spread")
    assert "in A alone" in lines["gone"]
    assert "in B alone" in lines["added"]
    assert results.main(argparse.Namespace(before=before, after=tmp_path / "absent.json")) == 1


def test_every_benchmark_keeps_to_the_contract() -> None:
    found = suite.benchmarks()
    assert "resolve" in found
    for name, benchmark in found.items():
        assert name.islower()
        assert (benchmark.__doc__ or "").strip()
        assert {"small", "full"} <= set(benchmark.SIZES)
        assert callable(benchmark.run)


def test_an_unknown_benchmark_or_size_is_a_usage_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    given = argparse.Namespace(names=["absent"], size="small", repeats=1, date=None, out=tmp_path)
    assert suite.Running.main(given) == 2
    assert "there are" in capsys.readouterr().err
    given.names, given.size = ["resolve"], "vast"
    assert suite.Running.main(given) == 2
    assert "a number, not vast" in capsys.readouterr().err


def test_the_context_joins_the_links_of_the_observations(tmp_path: Path) -> None:
    table = {name: pa.array([None] * 4, pa.string()) for name in bench_resolve.LINKING}
    table |= {
        "email": pa.array(["a", "a", "b", None]),
        "phone": pa.array(["1", "1", None, "2"]),
        "cookie": pa.array([None, "c", "d", None]),
    }
    pq.write_table(pa.table(table), tmp_path / "o.parquet")
    left, right, count = bench_resolve.links(tmp_path / "o.parquet")
    assert count == 6  # a b, 1 2, c d
    assert len(left) == 4  # a-1, a-c, 1-c, b-d: each once
    assert bench_resolve.union_find(left.tolist(), right.tolist(), count) == 3
    assert {row["name"] for row in bench_resolve.context(tmp_path / "o.parquet", 1)} == {
        "context: links", "context: plain-Python union-find", "context: scipy connected_components",
    }  # fmt: skip
    assert np.array_equal(left.shape, right.shape)


def test_a_measured_process_is_charged_with_its_own_memory_alone(tmp_path: Path) -> None:
    ballast = np.ones(25_000_000)  # 200 MB that the measured process must not inherit
    exitcode, wall, peak, said = bench_resolve.measure(["/bin/sh", "-c", "echo hello; exit 3"], tmp_path / "told.json")
    assert (exitcode, said.strip()) == (3, "hello")
    assert 0 < wall < 10
    assert peak < 100 < ballast.nbytes / 2**20
