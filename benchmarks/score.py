"""How good the profiles of `idweave resolve` are where the truth is known: pair F1 and B-cubed over attributable observations.

An observation is attributable when it carries something that only its person has at that time. Precision is against the person. Recall is
over what the evidence can connect: observations of one person that are joined, directly or through others, by what is hers alone.
B-cubed: Bagga and Baldwin 1998.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.world import TRUTH

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Score:
    """Shares in 0..1, over `observations` attributable ones; most_people: in one profile."""

    observations: int
    people: int
    profiles: int
    pair_precision: float
    pair_recall: float
    pair_f1: float
    b3_precision: float
    b3_recall: float
    b3_f1: float
    most_people: int


def scored(person: Labels, reach: Labels, profile: Labels) -> Score:
    """person: int64[n], who it was. reach: int64[n], what evidence connects, finer than person. profile: int64[n], what was found."""
    found, profiles = _cells(person, profile), _sizes(profile)
    hit, reachable = _cells(reach, profile), _sizes(reach)
    pair_precision = _pairs(found[2]) / max(_pairs(profiles), 1) if _pairs(profiles) else 1.0
    pair_recall = _pairs(hit[2]) / _pairs(reachable) if _pairs(reachable) else 1.0
    rows = max(len(person), 1)
    b3_precision = float((found[2] ** 2 / profiles[found[1]]).sum()) / rows
    b3_recall = float((hit[2] ** 2 / reachable[hit[0]]).sum()) / rows
    return Score(
        observations=len(person),
        people=len(np.unique(person)),
        profiles=int((profiles > 0).sum()),
        pair_precision=pair_precision,
        pair_recall=pair_recall,
        pair_f1=_harmonic(pair_precision, pair_recall),
        b3_precision=b3_precision,
        b3_recall=b3_recall,
        b3_f1=_harmonic(b3_precision, b3_recall),
        most_people=int(np.bincount(found[1]).max(initial=0)),
    )


def _sizes(labels: Labels) -> NDArray[np.float64]:
    return np.bincount(labels).astype(np.float64)


def _cells(a: Labels, b: Labels) -> tuple[Labels, Labels, NDArray[np.float64]]:
    """The distinct pairs of labels, and how many rows have each."""
    width = int(b.max(initial=0)) + 1
    pairs, counts = np.unique(a * width + b, return_counts=True)
    return pairs // width, pairs % width, counts.astype(np.float64)


def _pairs(sizes: NDArray[np.float64]) -> float:
    return float((sizes * (sizes - 1) / 2).sum())


def _harmonic(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0


def reached(mine: pa.ListArray) -> Labels:
    """Components of rows that share a number in their lists; numbers belong to one person each."""
    owner = pc.list_parent_indices(mine).to_numpy()
    code = pc.list_flatten(mine).dictionary_encode().indices.to_numpy()
    nodes = len(mine) + int(code.max(initial=-1)) + 1
    graph = coo_array((np.ones(len(code), np.int8), (owner, len(mine) + code)), shape=(nodes, nodes)).tocsr()
    _, labels = connected_components(graph, directed=False)
    return np.asarray(labels[: len(mine)], np.int64)


def score_run(out: Path, world: Path) -> Score:
    """Score the output folder of a run on the world of a folder. An observation without a profile stands alone."""
    truth = pq.read_table(world / TRUTH)
    attributable = pc.and_(pc.greater_equal(truth["person"], 0), pc.greater(pc.list_value_length(truth["mine"]), 0))
    truth = truth.filter(attributable).combine_chunks()
    found = _profiles(out)
    at = pc.index_in(truth["observation_id"], value_set=found["observation_id"].combine_chunks())
    profile = pc.fill_null(found["profile_id"].take(at), "")
    code = profile.combine_chunks().dictionary_encode()
    label = code.indices.to_numpy().astype(np.int64)
    alone = pc.equal(profile, "").to_numpy(zero_copy_only=False)
    label = np.where(alone, len(code.dictionary) + np.arange(len(label)), label)
    mine = truth["mine"].combine_chunks()
    return scored(truth["person"].to_numpy(), reached(mine), label)


def _profiles(out: Path) -> pa.Table:
    columns = ["observation_id", "profile_id"]
    if (out / "observations.parquet").exists():
        return pq.read_table(out / "observations.parquet", columns=columns)
    texts = pcsv.ConvertOptions(include_columns=columns, column_types=dict.fromkeys(columns, pa.string()))
    return pcsv.read_csv(out / "observations.csv", convert_options=texts)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path, metavar="OUT", help="the folder that `idweave resolve --out` wrote")
    parser.add_argument("--world", type=Path, required=True, metavar="DIR", help="the folder that `python -m benchmarks world` wrote")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def main(arguments: argparse.Namespace) -> int:
    try:
        found: dict[str, Any] = asdict(score_run(arguments.out, arguments.world))
    except (OSError, pa.ArrowInvalid) as error:
        print(error, file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{name:16} {value:.4f}" if isinstance(value, float) else f"{name:16} {value:,}" for name, value in found.items()))
    return 0
