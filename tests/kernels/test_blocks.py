"""Where a node changes hands: the example that made each condition necessary."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from idweave_server.identifiers.names import label_table
from idweave_server.kernels.blocks import MAX_DISTINCT, cut_points

DAY = 86_400


def cuts(*sightings: tuple[int, str], gap: int = 20, share: int = 150, max_blocks: int = 4) -> list[float]:
    """Days at which one node is cut, given (day, name) in any order."""
    names = sorted({name for _, name in sightings})
    start, cut = cut_points(
        np.array([0, len(sightings)], np.int64),
        np.array([day * DAY for day, _ in sightings], np.int64),
        np.arange(len(sightings), dtype=np.uint64),
        np.array([names.index(name) for _, name in sightings], np.int32),
        label_table(pa.array(names, pa.string())),
        gap=gap * DAY,
        share=share,
        max_blocks=max_blocks,
    )
    assert start.tolist() == [0, cut.size]
    return [c / DAY for c in cut.tolist()]


def test_a_recycled_number_is_cut_midway() -> None:
    assert cuts((0, "kelly"), (10, "kelly"), (100, "omar"), (120, "omar")) == [55]


def test_arrival_order_does_not_matter() -> None:
    assert cuts((120, "omar"), (0, "kelly"), (100, "omar"), (10, "kelly")) == [55]


def test_spellings_of_one_name_are_one_owner() -> None:
    assert cuts((0, "robert"), (100, "bob"), (200, "rob")) == []


def test_owners_who_take_turns_share_the_number() -> None:
    assert cuts((0, "kelly"), (50, "omar"), (100, "kelly"), (150, "omar")) == []


def test_a_short_gap_is_no_change_of_hands() -> None:
    assert cuts((0, "kelly"), (19, "omar")) == []
    assert cuts((0, "kelly"), (20, "omar")) == [10]


def test_a_single_stray_name_among_many_is_no_owner() -> None:
    assert cuts((0, "kelly"), (10, "kelly"), (20, "kelly"), (60, "omar"), (100, "kelly")) == []
    assert cuts((0, "kelly"), (10, "kelly"), (60, "zoe"), (100, "omar"), (120, "omar")) == [55]


def test_a_rare_name_needs_its_share() -> None:
    many = [(day, "kelly") for day in range(20)]
    assert cuts(*many, (60, "omar"), (61, "omar")) == []
    assert cuts(*many, (60, "omar"), (61, "omar"), share=50) == [39.5]


@pytest.mark.parametrize(("blocks", "found"), [(4, 3), (5, 0)])
def test_five_owners_in_turn_are_too_many(blocks: int, found: int) -> None:
    names = ["kelly", "omar", "zoe", "ines", "yuri"][:blocks]
    assert len(cuts(*((100 * i + d, name) for i, name in enumerate(names) for d in (0, 5)))) == found


def test_one_second_goes_by_content() -> None:
    assert cuts((0, "kelly"), (0, "omar"), gap=0) == [0]


def test_a_hub_with_endless_names_is_left_alone() -> None:
    letters = "bcdfghjklmnpqrstvwxz"
    names = [f"{a}{b}{c}" for a in letters for b in letters for c in letters][: MAX_DISTINCT + 1]
    assert cuts(*((i * 30, name) for i, name in enumerate(names))) == []
