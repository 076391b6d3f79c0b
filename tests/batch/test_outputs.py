"""The files of a run, byte by byte for a result made by hand, and as a set."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from idweave_server.batch import parquet_table
from idweave_server.batch.gather_report import iso
from idweave_server.batch.outputs import NAMES, OF_STORES, TABLES, check_output, write_outputs
from idweave_server.batch.result import BatchResult
from idweave_server.errors import OutputError
from idweave_server.kernels.evidence import Links

from tests.batch.hand_made import JO_ID, KIM_ID, NOON, POLICY, SPACES, hand_made, nothing

LINKING = [namespace.name for namespace in POLICY.namespaces if namespace.links]
CUT = iso(NOON + 100 * 86_400)
LATE = iso(NOON + 200 * 86_400)
NOON_TEXT = iso(NOON)
BOTH = frozenset({"csv", "parquet"})

GOLDEN = {
    "observations": f'''observation_id,source,profile_id,outcome
o-1,web,{JO_ID},ACCEPTED
"o,""2""",web,{JO_ID},ACCEPTED
o-3,web,,REJECTED
o-4,shop,{KIM_ID},ACCEPTED
o-5,shop,,UNLINKED
o-6,shop,,ERASED
o-1,web,,DUPLICATE
"ö 7
",shop,{JO_ID},ACCEPTED
''',
    "identifiers": f"""namespace,issuer,value,profile_id,from,until,shared
customer_id,shop,"12""34",{KIM_ID},,,
customer_id,shop,1234,{JO_ID},,,
email,,info@shop.example,,,,role
email,,jo@example.org,{JO_ID},,,
email,,kim@example.org,{KIM_ID},,,
ip,,203.0.113.7,,,,
name+birth_date,,"jo o'neil, 1985-03-04",{JO_ID},,,
phone,,+14155550100,{JO_ID},,{CUT},
phone,,+14155550100,{KIM_ID},{CUT},,
""",
    "links": f"""left_namespace,left_issuer,left_value,left_from,right_namespace,right_issuer,right_value,right_from,\
strength,probability,evidence,first,last,outcome
customer_id,shop,"12""34",,email,,kim@example.org,,1.000000,0.632121,1,{NOON_TEXT},{NOON_TEXT},united
customer_id,shop,1234,,email,,jo@example.org,,3.794240,0.977500,2,{NOON_TEXT},{iso(NOON + 86_399)},united
email,,jo@example.org,,email,,kim@example.org,,0.000050,0.000050,1,{NOON_TEXT},{NOON_TEXT},names
email,,jo@example.org,,name+birth_date,,"jo o'neil, 1985-03-04",,1.897120,0.850000,1,{NOON_TEXT},{NOON_TEXT},united
email,,jo@example.org,,phone,,+14155550100,,2.302585,0.900000,1,{NOON_TEXT},{NOON_TEXT},united
email,,kim@example.org,,phone,,+14155550100,{CUT},0.693147,0.500000,1,{LATE},{LATE},united
""",
    "profiles": f'''profile_id,size,observations,fragility,{",".join(LINKING)},age,first_name,trait.size,tags
{KIM_ID},3,1,0.693147,0,0,1,0,1,0,0,0,0,1,0,0,0,0,,"Kim ""K""",,"b, c"
{JO_ID},4,3,2.302585,0,0,1,0,1,0,0,0,1,1,0,0,0,0,39,Jo,L,"b, c; vip"
''',
    "issues": """file,row,field,reason,value,message
web.csv,3,,row_ragged,"a,b","4 fields, 5 expected"
web.csv,2,phone,phone_invalid,+1 000,
shop.csv,4,phone,phone_invalid,12,
""",
}


def content(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def scrambled(result: BatchResult) -> BatchResult:
    """The same result with its links in another order and their ends exchanged, as another order of arrival would number them."""
    links, order = result.resolution.links, np.array([3, 5, 0, 4, 2, 1])
    turned = links._replace(a=links.b, b=links.a)
    resolution = replace(result.resolution, links=Links._make(column[order] for column in turned), apart=result.resolution.apart[order])
    return replace(result, resolution=resolution)


@pytest.mark.parametrize("table", TABLES)
def test_every_file_says_what_was_found(tmp_path: Path, table: str) -> None:
    write_outputs(hand_made(), tmp_path)
    assert (tmp_path / f"{table}.csv").read_bytes().decode() == GOLDEN[table]


def test_the_same_input_gives_the_same_bytes_however_the_links_are_numbered(tmp_path: Path) -> None:
    for name, result in (("one", hand_made()), ("two", hand_made()), ("three", scrambled(hand_made()))):
        write_outputs(result, tmp_path / name, formats=BOTH)
    assert sorted(content(tmp_path / "one")) == sorted(name for name in NAMES if not name.startswith(OF_STORES))
    assert content(tmp_path / "one") == content(tmp_path / "two") == content(tmp_path / "three")


def test_nothing_erased_is_in_any_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The erased address is still in the table of identifiers, erased traits in their tables of values, and a verdict names the address.

    A Parquet dictionary page written from such a table would hold them; uncompressed, a search for their bytes would find them.
    """
    monkeypatch.setattr(parquet_table, "COMPRESSION", "none")
    write_outputs(hand_made(), tmp_path, formats=BOTH)
    for name, text in content(tmp_path).items():
        assert (
            name in ("report.json", "links.csv", "links.parquet", *(f"issues.{f}" for f in BOTH)) or b"Jo" in text or JO_ID.encode() in text
        )
        for value in (b"erased@example.org", b"gone", b"Gone", b"GONE", b"999"):
            assert value not in text, name


def test_parquet_has_the_rows_of_the_csv_files_typed(tmp_path: Path) -> None:
    write_outputs(hand_made(), tmp_path, formats=BOTH)
    for table in TABLES:
        with (tmp_path / f"{table}.csv").open(newline="", encoding="utf-8") as file:
            plain = list(csv.DictReader(file))
        typed = pq.read_table(tmp_path / f"{table}.parquet").to_pylist()
        assert [{name: as_text(value) for name, value in row.items()} for row in typed] == plain
    links = pq.read_table(tmp_path / "links.parquet")
    assert links.schema.field("first").type == pa.timestamp("ms", "UTC")
    assert links.schema.field("strength").type == pa.float64()
    profiles = pq.read_table(tmp_path / "profiles.parquet")
    assert profiles.column("age").to_pylist() == [None, 39]
    assert profiles.column("tags").to_pylist() == [["b, c"], ["b, c", "vip"]]


def as_text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6f}"
    if isinstance(value, datetime):
        return iso(int(value.astimezone(UTC).timestamp()))
    if isinstance(value, list):
        return "; ".join(value)
    return "" if value is None else str(value)


def test_a_number_past_64_bits_keeps_its_column_text(tmp_path: Path) -> None:
    result = hand_made()
    traits = tuple(replace(t, values=pa.array(["999", "39" * 20])) if t.trait.name == "age" else t for t in result.traits)
    write_outputs(replace(result, traits=traits), tmp_path, formats=frozenset({"parquet"}))
    assert pq.read_table(tmp_path / "profiles.parquet").column("age").to_pylist() == [None, "39" * 20]


def test_another_format_takes_the_place_of_the_earlier_one(tmp_path: Path) -> None:
    write_outputs(hand_made(), tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    write_outputs(hand_made(), tmp_path, formats=frozenset({"parquet"}))
    assert set(content(tmp_path)) == {*(f"{table}.parquet" for table in TABLES), "report.json", "notes.txt"}


def test_two_epochs_of_one_identifier_in_one_profile_count_once(tmp_path: Path) -> None:
    result = hand_made()
    profile = result.resolution.profile.copy()
    profile[1] = 0
    apart = result.resolution.apart.copy()
    apart[3] = 1
    report = write_outputs(replace(result, resolution=replace(result.resolution, profile=profile, apart=apart)), tmp_path)
    assert [line.size for line in report.largest] == [4, 2]


def test_the_result_of_no_input_is_headers(tmp_path: Path) -> None:
    report = write_outputs(nothing(), tmp_path, formats=BOTH)
    assert [len((tmp_path / f"{table}.csv").read_text().splitlines()) for table in TABLES] == [1] * len(TABLES)
    assert [pq.read_table(tmp_path / f"{table}.parquet").num_rows for table in TABLES] == [0] * len(TABLES)
    assert (report.observations, report.profiles, report.largest) == (0, 0, ())


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    write_outputs(hand_made(), tmp_path, formats=BOTH, progress=lambda done, whole: steps.append((done, whole)))
    assert {whole for _, whole in steps} == {2 * (8 + 9 + 6 + 2 + 3)}
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert steps[-1][0] == steps[-1][1]


def test_an_input_named_like_a_result_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("observations.csv").write_text("the only copy")
    result = hand_made()
    with pytest.raises(OutputError, match=r"observations\.csv is an input"):
        check_output(Path(), ("observations.csv",))
    with pytest.raises(OutputError, match=r"observations\.csv is an input"):
        write_outputs(replace(result, rows=replace(result.rows, files=("observations.csv", "shop.csv"))), Path())
    assert content(tmp_path) == {"observations.csv": b"the only copy"}


def test_namespaces_are_those_of_the_policy() -> None:
    assert sorted(set(SPACES) - {"ip"}) == LINKING
