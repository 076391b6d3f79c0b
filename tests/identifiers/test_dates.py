"""Dates and times: formats against strptime, inference with its evidence, zones and bounds."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.errors import InputError
from idweave_server.identifiers.date_formats import NEVER, OK, RANGE, SYNTAX, read_moments
from idweave_server.identifiers.dates import Inference, check_format, infer_format, parse_dates, parse_times
from idweave_server.model import MAX_TIME, MIN_TIME, Refusal

FORMATS = [
    "%Y-%m-%d",
    "%m/%d/%Y",
    "%d.%m.%y",
    "%Y%m%d",
    "%d-%b-%Y",
    "%B %d, %Y",
    "%Y-%m-%dT%H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%Y-%m-%d %H:%M:%S%z",
]


def times(values: list[str], how: str | Inference, **options: str) -> list[int | str]:
    found = parse_times(pa.array(values, pa.string()), how, **options)
    return [Refusal(int(refusal)).label if refusal else int(second) for second, refusal in zip(found.seconds, found.refusal, strict=True)]


def dates(values: list[str], how: str | Inference, newest: int = 20_681_231) -> list[int | str]:
    found = parse_dates(pa.array(values, pa.string()), how, newest=newest)
    return [Refusal(int(refusal)).label if refusal else int(date) for date, refusal in zip(found.date, found.refusal, strict=True)]


def utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[misc,arg-type]


@given(
    st.sampled_from(FORMATS),
    st.datetimes(datetime(1969, 1, 1), datetime(2068, 12, 31)),
    st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=3, minutes=30))]),
    st.sampled_from(["", "x", " ", "9", "-"]),
    st.integers(0, 12),
)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_formats_read_what_strptime_reads(text: str, moment: datetime, zone: timezone, noise: str, at: int) -> None:
    value = moment.replace(tzinfo=zone).strftime(text)
    value = value[:at] + noise + value[at:] if at < len(value) else value
    found = read_moments(pa.array([value]), text, 20_681_231)
    try:
        expected = datetime.strptime(value.strip(), text)
    except ValueError:
        expected = None
    if expected is None:
        assert found.status[0] != OK, value
        return
    if text == "%Y%m%d" and len(value.strip()) != 8:
        return  # strptime reads 2021131 as 13 January or 1 December by backtracking; we ask for eight digits
    assert found.status[0] == OK, value
    assert found.date[0] == expected.year * 10_000 + expected.month * 100 + expected.day
    assert found.seconds[0] == int((expected if expected.tzinfo else expected.replace(tzinfo=UTC)).timestamp())
    assert found.zoned[0] == (expected.tzinfo is not None)


@pytest.mark.parametrize(
    ("value", "text", "status"),
    [
        ("2021-02-29", "%Y-%m-%d", RANGE),
        ("2020-02-29", "%Y-%m-%d", OK),
        ("1900-02-29", "%Y-%m-%d", RANGE),
        ("2021-13-01", "%Y-%m-%d", RANGE),
        ("2021-00-01", "%Y-%m-%d", RANGE),
        ("2021-01-01x", "%Y-%m-%d", SYNTAX),
        ("21-01-01", "%Y-%m-%d", SYNTAX),
        ("2021-1-1", "%Y-%m-%d", OK),
        (" 2021-01-01 ", "%Y-%m-%d", OK),
        ("", "%Y-%m-%d", SYNTAX),
        ("2021131", "%Y%m%d", SYNTAX),
        ("Sept. 4, 2021", "%B %d, %Y", OK),
        ("Septem 4, 2021", "%B %d, %Y", OK),
        ("Se 4, 2021", "%B %d, %Y", SYNTAX),
        ("Septemberx 4, 2021", "%B %d, %Y", SYNTAX),
        ("2021年3月4日", "%Y年%m月%d日", OK),
        ("2021-03-04 25:00:00", "%Y-%m-%d %H:%M:%S", RANGE),
        ("2021-03-04 13:00 pm", "%Y-%m-%d %I:%M %p", RANGE),
        ("2021-03-04 0:00 am", "%Y-%m-%d %I:%M %p", RANGE),
    ],
)
def test_format_status(value: str, text: str, status: int) -> None:
    assert read_moments(pa.array([value]), text, NEVER).status[0] == status


def test_every_day_of_four_centuries_is_where_the_calendar_has_it() -> None:
    start = np.datetime64("1850-01-01")
    days = start + np.arange(0, 366 * 400, 11)
    found = read_moments(pa.array(days.astype(str)), "%Y-%m-%d", NEVER)
    assert (found.status == OK).all()
    assert np.array_equal(found.seconds, days.astype("datetime64[s]").astype(np.int64))


@pytest.mark.parametrize(("value", "year"), [("3/4/68", 2068), ("3/4/69", 1969), ("3/4/00", 2000)])
def test_years_of_two_digits_are_as_posix_has_them(value: str, year: int) -> None:
    assert dates([value], "%m/%d/%y") == [year * 10_000 + 304]


def test_years_of_two_digits_do_not_lie_after_the_newest_day() -> None:
    assert dates(["2/4/31", "3/4/26", "3/5/26"], "%m/%d/%y", newest=20260304) == [19310204, 20260304, 19260305]


def test_unix_times() -> None:
    values = ["0", "-1", "1735396891", "1735396891.999", "-0.5", " 5 ", "+5", "1e9", "", "12.", "99999999999999", "9" * 19]
    expected = [0, -1, 1735396891, 1735396891, -1, 5, 5, "time_syntax", "time_syntax", "time_syntax", "time_range", "time_syntax"]
    assert times(values, "unix") == expected
    assert times(["1735396891999", "-1500", "-1"], "unix_ms") == [1735396891, -2, -1]


def test_bounds_of_time() -> None:
    assert times([str(MIN_TIME), str(MIN_TIME - 1), str(MAX_TIME - 1), str(MAX_TIME)], "unix") == [
        MIN_TIME,
        "time_range",
        MAX_TIME - 1,
        "time_range",
    ]


def test_iso_times() -> None:
    noon = utc(2021, 3, 4, 12)
    values = [
        "2021-03-04T12:00:00Z",
        "2021-03-04 12:00",
        "2021-03-04T20:00:00.999+08:00",
        "2021-03-04T12:00:00,5z",
        "2021-03-04T12:00:00+0000",
        "2021-03-04 12:00:00 UTC",
    ]
    assert times(values, "iso") == [noon] * 6
    assert times(["2021-03-04", "2021-03-04 2:05 pm"], "iso") == [utc(2021, 3, 4), utc(2021, 3, 4, 14, 5)]
    assert times(["2021-02-30T12:00", "2021-03-04T24:00", "2021-03-04T12", "04.03.2021", "2021-03-04T12:00:00+99:00"], "iso") == [
        "time_range",
        "time_range",
        "time_syntax",
        "time_syntax",
        "time_syntax",
    ]


def test_a_zone_is_for_texts_that_state_none() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    local = int(datetime(2021, 7, 1, 12, tzinfo=berlin).timestamp())
    assert times(["2021-07-01 12:00", "2021-07-01T12:00Z"], "iso", timezone="Europe/Berlin") == [local, utc(2021, 7, 1, 12)]
    # 02:30 comes twice on 31 October and never on 28 March
    assert times(["2021-10-31 02:30", "2021-03-28 02:30"], "iso", timezone="Europe/Berlin") == [
        utc(2021, 10, 31, 0, 30),
        utc(2021, 3, 28, 1),
    ]
    assert times(["0"], "unix", timezone="Europe/Berlin") == [0]
    with pytest.raises(InputError, match="Mars"):
        times(["2021-07-01"], "iso", timezone="Mars/Olympus")


@pytest.mark.parametrize("text", ["%Q", "%Y-%m", "%", "%H:%M", "2021"])
def test_formats_that_cannot_be(text: str) -> None:
    with pytest.raises(InputError):
        check_format(text)


def test_formats_that_can() -> None:
    for text in ("iso", "unix", "unix_ms", "unix_us", "%D", "%F %T", "%Y%%%m%d", *FORMATS):
        check_format(text)


def infer(values: list[str], kind: str = "date", counts: list[int] | None = None) -> Inference:
    return infer_format(pa.array(values, pa.string()), None if counts is None else np.array(counts), kind=kind)


def test_nothing_decides_between_month_first_and_day_first() -> None:
    found = infer(["3/4/21", "5/6/22", "3/3/21"], counts=[400, 12, 5])
    assert (found.ambiguous, found.unread, found.format) == (True, 412, None)
    assert found.question == "3/4/21: month first or day first? 412 values fit both"
    assert dates(["3/4/21", "3/3/21", "5/6/22"], found) == ["date_ambiguous", 20210303, "date_ambiguous"]


@pytest.mark.parametrize(("witness", "date"), [("12/31/1999", 20210304), ("31/12/1999", 20210403)])
def test_one_value_decides_for_all(witness: str, date: int) -> None:
    found = infer(["3/4/21", "5/6/22", witness])
    assert (found.decided_by, found.ambiguous, found.question) == (witness, False, "")
    assert dates(["3/4/21"], found) == [date]


def test_values_that_contradict_each_other_decide_nothing() -> None:
    found = infer(["3/4/21", "31/12/1999", "12/31/1999"])
    assert (
        found.question
        == "3/4/21: month first or day first? 1 value fits both (12/31/1999 fits only month first; 31/12/1999 fits only day first)"
    )
    assert dates(["3/4/21", "31/12/1999", "12/31/1999", "2/31/2000", "x"], found) == [
        "date_ambiguous",
        19991231,
        19991231,
        "date_range",
        "date_syntax",
    ]


def test_separators_are_decided_each_by_themselves() -> None:
    found = infer(["12/31/1999", "3/4/2021", "3-4-2021"])
    assert dates(["3/4/2021", "3-4-2021"], found) == [20210304, "date_ambiguous"]


def test_an_impossible_day_is_no_evidence() -> None:
    assert infer(["3/4/2021", "2/31/2021", "31/31/2021"]).ambiguous


def test_a_short_year_first_is_found_where_it_alone_fits() -> None:
    assert infer(["85-03-04", "01-02-03", "99-12-31"]).format == "%y-%m-%d"
    assert infer(["21-03-04", "22-05-06"]).question == "21-03-04: day first or year first? 2 values fit both"
    # one mistyped day among many values is no reason to think of it
    recent = [f"{day:02}/{month:02}/21" for day in range(1, 29) for month in range(1, 13)]
    assert infer([*recent, "45/12/21"]).formats == ("%d/%m/%y",)


def test_a_mixture_of_unmistakable_formats_is_read() -> None:
    values = ["15-Mar-92", "1997-11-12", "Mar 1 1970", "20/8/1991", "19991210", "2021年3月4日", "24. Dec 2001"]
    assert dates(values, infer(values)) == [19920315, 19971112, 19700301, 19910820, 19991210, 20210304, 20011224]


def test_one_format_is_named() -> None:
    assert infer(["1985-03-04", "1990-12-31", "oops"]).format == "%Y-%m-%d"
    assert infer(["1985-03-04", "oops"], counts=[7, 1]).fits == (("%Y-%m-%d", 7),)
    assert infer(["oops", "never"]) == Inference()
    assert dates(["oops"], Inference()) == ["date_syntax"]
    assert infer([]) == Inference()


def test_inferred_times() -> None:
    assert infer(["1735396891", "1609459200"], "time").format == "unix"
    assert infer(["1735396891123"], "time").format == "unix_ms"
    assert infer(["1735396891123456"], "time").format == "unix_us"
    mixed = ["1735396891", "1735396891123"]
    assert times(mixed, infer(mixed, "time")) == [1735396891, 1735396891]
    assert times(["3/4/2021 10:00 PM"], infer(["3/4/2021 10:00 PM", "3/14/2021 9:00 AM"], "time")) == [utc(2021, 3, 4, 22)]
    assert times(["20210304", "20210304123000"], infer(["20210304", "20210304123000"], "time")) == [
        utc(2021, 3, 4),
        utc(2021, 3, 4, 12, 30),
    ]
    assert times(["3/4/2021 10:00"], infer(["3/4/2021 10:00"], "time")) == ["date_ambiguous"]


@given(
    st.lists(
        st.sampled_from(["3/4/21", "12/31/1999", "31/12/99", "1-2-03", "85-03-04", "1985-03-04", "Mar 1 1970", "x", "2/30/21", "20210304"]),
        unique=True,
    ),
    st.randoms(),
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_the_order_of_values_changes_nothing(values: list[str], rng: random.Random) -> None:
    shuffled = values[:]
    rng.shuffle(shuffled)
    assert infer(values) == infer(shuffled)
    found = infer(values)
    assert sorted(zip(values, dates(values, found), strict=True), key=str) == sorted(
        zip(shuffled, dates(shuffled, found), strict=True), key=str
    )
    assert found.unread == sum(reading == "date_ambiguous" for reading in dates(values, found))
