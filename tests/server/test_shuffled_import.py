"""A file imported into a running server, shuffled and in pieces with a kill in between, gives the profiles of one batch run."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.noise import PRESETS
from benchmarks.world import write_world
from tests.server.shuffled_import import Comparison, Partition, compare, compared


@pytest.mark.parametrize("size", [20_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_a_shuffled_import_gives_the_partition_of_a_batch_run(tmp_path: Path, size: int) -> None:
    write_world(tmp_path / "world", size, 3, PRESETS["mixed"], ("jsonl",), truth=False)
    found = compare(tmp_path / "world" / "observations.jsonl", tmp_path / "world" / "mapping.toml", tmp_path, chunks=10)
    assert found.equal, found.differences
    assert found.observations > 0.95 * size
    assert found.profiles > size / 100


def parted(observations: str, identifiers: str = "") -> Partition:
    """Each letter is the profile of the next one; - is nobody's."""

    def groups(letters: str) -> dict[tuple[str, ...], str]:
        return {(str(at),): letter.strip("-") for at, letter in enumerate(letters)}

    return Partition(groups(observations), groups(identifiers), {})


@pytest.mark.parametrize(
    ("live", "batch", "equal"),
    [
        (parted("aab", "ab"), parted("xxy", "xy"), True),
        (parted("aab-"), parted("xxy-"), True),
        (parted("aab"), parted("xxx"), False),
        (parted("aaa"), parted("xxy"), False),
        (parted("a-b"), parted("xxy"), False),
        (parted("ab", "ab"), parted("xy", "yx"), False),
        (parted("aa"), parted("xxy"), False),
        (parted("aab"), parted("xx"), False),
    ],
)
def test_partitions_are_compared_whatever_their_profiles_are_called(live: Partition, batch: Partition, equal: bool) -> None:
    found: Comparison = compared(live, batch)
    assert found.equal is equal
    assert bool(found.differences) is not equal
