"""Times of a file: native or text, by a format or inferred, source by source where that matters."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from idweave_server.intake.encoded import Encoded
from idweave_server.intake.times import TimesRead, inferred, read_times, written
from idweave_server.intake.unit import TimeColumn
from idweave_server.model import MAX_TIME, MIN_TIME, Refusal

NOON = 1_704_110_400  # 2024-01-01T12:00:00Z


def read(values: pa.Array, form: str = "iso", timezone: str = "UTC", sources: list[str | None] | None = None) -> TimesRead:
    source = Encoded.of([pa.array(sources or ["web"] * len(values), pa.string())])
    return read_times(TimeColumn("at", pa.chunked_array([values]), form, timezone), source, "a.csv")


def reasons(times: TimesRead) -> list[str]:
    return [Refusal(one).label for one in times.refusal]


@pytest.mark.parametrize(("form", "scale"), [("unix", 1), ("unix_ms", 1_000), ("unix_us", 1_000_000)])
def test_native_numbers(form: str, scale: int) -> None:
    values = [NOON * scale, NOON * scale + scale - 1, None, MIN_TIME * scale, MIN_TIME * scale - 1, MAX_TIME * scale - 1, MAX_TIME * scale]
    times = read(pa.array(values, pa.int64()), form)
    assert times.time.tolist() == [NOON, NOON, 0, MIN_TIME, 0, MAX_TIME - 1, 0]
    assert reasons(times) == ["none", "none", "time_missing", "none", "time_range", "none", "time_range"]
    assert times.shown.values[int(times.shown.code[6])].as_py() == str(MAX_TIME * scale)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_native_timestamps(unit: str) -> None:
    moment = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)
    assert read(pa.array([moment, None], pa.timestamp(unit, "UTC"))).time.tolist() == [NOON, 0]
    assert (
        read(pa.array([moment], pa.timestamp(unit, "UTC")).cast(pa.timestamp(unit, "Asia/Tokyo")), timezone="Europe/Berlin").time[0] == NOON
    )
    naive = pa.array([moment.replace(tzinfo=None)], pa.timestamp(unit))
    assert read(naive).time[0] == NOON
    assert read(naive, timezone="Europe/Berlin").time[0] == NOON - 3_600
    assert read(naive, timezone="+02:00").time[0] == NOON - 7_200


@pytest.mark.parametrize(
    ("form", "text", "timezone", "second"),
    [
        ("iso", "2024-01-01T12:00:00Z", "Europe/Berlin", NOON),
        ("iso", "2024-01-01 13:00", "Europe/Berlin", NOON),
        ("unix", "1704110400", "Europe/Berlin", NOON),
        ("%d.%m.%Y %H:%M", "01.01.2024 14:00", "+02:00", NOON),
        ("infer", "1 Jan 2024 12:00", "UTC", NOON),
        ("infer", "1704110400123", "UTC", NOON),
    ],
)
def test_texts(form: str, text: str, timezone: str, second: int) -> None:
    assert read(pa.array([text]), form, timezone).time.tolist() == [second]


def test_what_is_no_time_says_what_was_expected() -> None:
    times = read(pa.array(["2024-01-01", "soon", None, "1850-01-01"]), "iso")
    assert reasons(times) == ["none", "time_syntax", "time_missing", "time_range"]
    assert times.messages is not None
    assert times.messages[int(times.shown.code[1])].as_py() == 'no time as the mapping\'s format "iso" has it'
    assert times.messages[int(times.shown.code[3])].as_py() == ""
    assert reasons(read(pa.array(["2024-01-01", "soon"]), "infer")) == ["none", "time_syntax"]


def test_numbers_in_one_part_and_texts_in_another_are_read_alike() -> None:
    column = TimeColumn("at", pa.chunked_array([pa.array(["1704110400"]), pa.array(["1704110400.9"])]), "unix", "UTC")
    assert read_times(column, Encoded.constant("web", 2), "a").time.tolist() == [NOON, NOON]


def test_the_order_of_day_and_month_is_each_source_s_own() -> None:
    texts = ["3/4/2024", "12/25/2024", "3/4/2024", "25/12/2024", "3/4/2024", "4/4/2024"]
    times = read(pa.array(texts), "infer", sources=["us", "us", "eu", "eu", None, None])
    day = [
        None if refusal else str(np.datetime64(int(second), "s"))[:10] for second, refusal in zip(times.time, times.refusal, strict=True)
    ]
    assert day == ["2024-03-04", "2024-12-25", "2024-04-03", "2024-12-25", None, "2024-04-04"]
    assert reasons(times)[4] == "date_ambiguous"
    assert times.messages is not None
    assert times.messages[int(times.shown.code[4])].as_py() == "3/4/2024: month first or day first? 1 value fits both"
    assert {one.source: one.decided_by for one in times.inferences} == {"": "", "us": "12/25/2024", "eu": "25/12/2024"}


def test_one_look_serves_all_sources_where_no_order_is_in_question() -> None:
    texts = Encoded.of([pa.array(["2024-01-01", "1704110400", None, "1 Jan 2024"])])
    groups = inferred(texts, Encoded.of([pa.array(["a", "b", "c", "d"])]), "time")
    assert [(group.source, group.rows.tolist()) for group in groups] == [("", [0, 1, 3])]
    assert inferred(Encoded.none(3), Encoded.none(3), "time") == []


def test_formats_are_told_as_a_mapping_would_have_them() -> None:
    assert [written(form) for form in ("%Y-%m-%d%o", "%Y-%m-%d", "%d/%m/%Y%o")] == ["iso", "%Y-%m-%d", "%d/%m/%Y with an optional time"]
