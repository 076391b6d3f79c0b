"""The benchmark on CDNOW's orders reads the file as it is, and finds what differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bench_cdnow import DAY, _differences, _store, orders

LINES = """\
 00004 0001 19970101  2   29.33
 00004 0001 19970118  2  129.73
 00021 0002 19970101  3   63.34
 00050 0003 19970101  1    6.79
""".replace("\n", "\r\n")
FIRST = 852_076_800  # 1997-01-01


def test_the_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "sample.txt"
    path.write_bytes(LINES.encode())
    assert orders(path, 2) == [("0001", FIRST, "29.33"), ("0001", FIRST + 17 * DAY, "129.73"), ("0002", FIRST, "63.34")]


def test_what_differs_is_found(tmp_path: Path) -> None:
    path = tmp_path / "sample.txt"
    path.write_bytes(LINES.encode())
    store, _ = _store(orders(path, 3))
    assert store.customers == ["0001", "0002", "0003"]
    assert np.unique(store.slots).size == 3
    now = FIRST + 30 * DAY
    right: list[tuple[Any, ...]] = [
        ("0001", FIRST + 17 * DAY, 2, 159_060_000, True),
        ("0002", FIRST, 1, 63_340_000, False),
        ("0003", FIRST, 1, 6_790_000, False),
    ]
    assert _differences(store, right, now) == []
    assert _differences(store, right, FIRST + 107 * DAY) == ["0001"], "the large order is 90 days old by then"
    assert _differences(store, right[1:], now) == ["0001"]
    assert _differences(store, [right[0], ("0002", FIRST, 1, 63_340_001, False), right[2]], now) == ["0002"]
