"""Pair precision and recall of an `idweave resolve` run on the Senzing truth set.

python examples/senzing/score.py OUT/observations.csv actual_truthset_key.csv
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

Record = tuple[str, str]  # source, record id
Pair = tuple[Record, Record]


def pairs(groups: Iterable[tuple[str, Record]]) -> set[Pair]:
    """Every two records of one group; a blank group is nobody's, so its records pair with none."""
    members: dict[str, list[Record]] = defaultdict(list)
    for group, record in groups:
        if group:
            members[group].append(record)
    return {pair for records in members.values() for pair in combinations(sorted(records), 2)}


def read(path: str) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def main(found_path: str, key_path: str) -> None:
    key = [(row["CLUSTER_ID"], (row["DATA_SOURCE"], row["RECORD_ID"])) for row in read(key_path)]
    known = {record for _, record in key}
    found_rows = [(row["profile_id"], (row["source"], row["observation_id"])) for row in read(found_path)]
    true, found = pairs(key), pairs((profile, record) for profile, record in found_rows if record in known)
    right = true & found
    print(f"records {len(known)}, of which in the run {len(known & {record for _, record in found_rows})}")
    print(f"true pairs {len(true)}, found {len(found)}, right {len(right)}")
    print(f"precision {len(right) / len(found) if found else 1:.3f}  recall {len(right) / len(true):.3f}")
    for word, listed in (("wrong", found - true), ("missed", true - found)):
        for left, other in sorted(listed):
            print(f"{word:7}{left[0]}:{left[1]}  {other[0]}:{other[1]}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
