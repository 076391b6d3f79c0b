"""Made-up worlds: the same seed gives the same files, the formats agree, and the truth is about what was reported."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest

from benchmarks import world
from benchmarks.columns import digits, hexadecimal, mixed, patterned
from benchmarks.noise import PRESETS, Noise
from benchmarks.population import DAY, DAYS, START, people
from benchmarks.sightings import EVENTS

COUNT = 6_000
IDENTIFIERS = ("email", "phone", "device", "cookie", "social", "customer_id")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("world")
    world.write_world(made, COUNT, 5, PRESETS["dirty"])
    return made


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(folder: Path, tmp_path: Path) -> None:
    world.write_world(tmp_path / "again", COUNT, 5, PRESETS["dirty"])
    world.write_world(tmp_path / "other", COUNT, 6, PRESETS["dirty"])
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["mapping.toml", "observations.csv", "observations.jsonl", "observations.parquet", "truth.parquet"]
    assert [name for name in names if (folder / name).read_bytes() != (tmp_path / "again" / name).read_bytes()] == []
    assert (folder / "observations.jsonl").read_bytes() != (tmp_path / "other" / "observations.jsonl").read_bytes()


def test_the_three_formats_hold_the_same_rows(folder: Path) -> None:
    table = pq.read_table(folder / "observations.parquet")
    rows = table.to_pylist()
    lines = [json.loads(line) for line in (folder / "observations.jsonl").read_text("utf-8").splitlines()]
    assert lines == [{name: value for name, value in row.items() if value is not None} for row in rows]
    texts = pcsv.ConvertOptions(column_types=table.schema, strings_can_be_null=True, quoted_strings_can_be_null=False)
    assert pcsv.read_csv(folder / "observations.csv", convert_options=texts).to_pylist() == rows


def test_rows_are_as_realistic_as_they_claim(folder: Path) -> None:
    table = pq.read_table(folder / "observations.parquet")
    assert len(table) == COUNT
    assert pc.count_distinct(table["obs_id"]).as_py() == COUNT
    assert pc.min(table["ts"]).as_py() >= START
    assert pc.max(table["ts"]).as_py() < START + (DAYS + 1) * DAY
    carried = sum(pc.is_valid(table[name]).to_numpy().astype(int) for name in IDENTIFIERS)
    assert (carried >= 1).all()
    assert 0.6 < (carried == 1).mean() < 0.72  # two thirds are anonymous browsing and the like
    assert set(table["event"].to_pylist()) == {event.name for event in EVENTS}
    late = np.diff(table["ts"].to_numpy()) < -DAY
    assert late.any(), "bought and shared rows arrive late"


def test_the_mapping_fits_the_columns_and_every_event(folder: Path) -> None:
    mapping = tomllib.loads((folder / "mapping.toml").read_text("utf-8"))
    columns = set(pq.read_schema(folder / "observations.parquet").names)
    named = {
        value if isinstance(value, str) else value["field"]
        for part in ("identifiers", "traits", "events")
        for value in mapping[part].values()
    }
    assert named <= columns
    assert set(mapping["observation"]["evidence"]["map"]) == {event.name for event in EVENTS}


def test_what_is_mine_is_nobody_else_s(folder: Path) -> None:
    truth = pq.read_table(folder / "truth.parquet")
    mine = truth["mine"].combine_chunks()
    owner = truth["person"].combine_chunks().take(pc.list_parent_indices(mine))
    pairs = pa.table({"number": pc.list_flatten(mine), "person": owner}).group_by(["number", "person"]).aggregate([])
    assert pc.min(owner).as_py() >= 0
    assert pc.count_distinct(pairs["number"]).as_py() == len(pairs)
    table = pq.read_table(folder / "observations.parquet")
    carried = sum(pc.is_valid(table[name]).to_numpy().astype(int) for name in IDENTIFIERS)
    assert (pc.list_value_length(mine).to_numpy() <= carried).all()


def test_a_world_without_noise_has_one_owner_for_every_contact(tmp_path: Path) -> None:
    silent = Noise(
        household_sizes=(1, 0, 0, 0, 0), recycled_phone=0, typo=0, fake=0, cashier=0, role_mailbox=0, gift=0, wrong_append=0, kiosk=0, bot=0
    )
    world.write_world(tmp_path, COUNT, 1, replace(silent, phone_spelling=0, mail_spelling=0), ("parquet",))
    table, truth = pq.read_table(tmp_path / "observations.parquet"), pq.read_table(tmp_path / "truth.parquet")
    for name in IDENTIFIERS:
        pairs = pa.table({"value": table[name], "person": truth["person"]}).filter(pc.is_valid(table[name])).group_by(["value", "person"])
        distinct = pairs.aggregate([])
        assert pc.count_distinct(distinct["value"]).as_py() == len(distinct), name


def test_numbers_and_devices_change_hands_after_a_rest() -> None:
    found = people(4_000, PRESETS["household"], np.random.default_rng(3))
    taken = np.isin(found.phone[:, 1], found.phone[:, 0]) & (found.phone[:, 0] != found.phone[:, 1])
    assert taken.sum() > 100
    giver = {int(number): n for n, number in enumerate(found.phone[:, 0])}
    rests = [found.phone_change[n] - found.phone_change[giver[int(found.phone[n, 1])]] for n in np.flatnonzero(taken)]
    assert min(rests) >= 45 * DAY
    handed = found.device[:, 1] % 2 == 0
    handed &= found.device[:, 1] != found.device[:, 0]
    giver_of = found.device[handed, 1] // 2
    assert handed.sum() > 50
    assert (found.household[giver_of] == found.household[handed]).all()
    assert (found.device_change[handed] - found.device_change[giver_of] >= 30 * DAY).all()


def test_text_columns_are_what_python_would_write() -> None:
    words = mixed(7, np.arange(50))
    assert patterned("x-################", hexadecimal(words)).to_pylist() == [f"x-{int(word):016x}" for word in words]
    numbers = np.array([0, 5, 123, 9_876_543_210], np.int64)
    assert patterned("##########", digits(numbers, 10)).to_pylist() == [f"{int(number):010d}" for number in numbers]
    assert len(set(mixed(np.arange(100_000), 1).tolist())) == 100_000
