"""What a definition selects now and in the coming days, exactly, and who enters and leaves when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from idweave_server.errors import DefinitionError, NotFoundError, RequestError, TooLargeError
from idweave_server.model import DAY
from idweave_server.operations.forecast_segment import Forecast, ForecastChange, ForecastQuestion, forecast_segment
from idweave_server.operations.memberships import Problem
from idweave_server.operations.preview_segment import Coverage, Overlap, Preview, PreviewQuestion, covered, preview_segment
from idweave_server.operations.segment_source import SegmentSource
from idweave_server.operations.steps import run
from idweave_server.segments.expression import Any as AnyOf
from idweave_server.segments.expression import Expression, Not, SegmentTest, TagTest

from tests.operations.fake_memberships import FakeMemberships, memberships_in
from tests.operations.living import Living, day

VIP = SegmentSource(expression=TagTest("vip"))


@pytest.fixture
def fake(living: Living) -> FakeMemberships:
    """Six people; the VIPs are the first four, one of whom leaves in a day, one in ten; the first three have a phone, the first two."""
    living.see("email:p0@shop.de", "phone:+14158475300", "phone:+14158475309")
    living.see("email:p1@shop.de", "phone:+14158475301")
    living.see("email:p2@shop.de", "phone:+14158475302")
    living.see("cookie:c-0003-somebody")
    for n in (4, 5):
        living.see(f"email:p{n}@shop.de")
    made = memberships_in(living.engine)
    now = living.engine.state_time
    made.tag("vip", person(living, 0))
    made.tag("vip", person(living, 1), until=now + DAY)
    made.tag("vip", person(living, 2), until=now + 10 * DAY + 1)
    made.tag("vip", living.profile_of("cookie:c-0003-somebody"))
    made.tag("new", person(living, 0), person(living, 4))
    return made


def person(living: Living, n: int) -> str:
    return living.profile_of(f"email:p{n}@shop.de")


def preview(living: Living, fake: FakeMemberships, source: SegmentSource = VIP, **more: Any) -> Preview:
    return run(preview_segment(living.engine, fake, {}, PreviewQuestion(source, **more), living.revision))


def test_a_preview_is_exact(living: Living, fake: FakeMemberships) -> None:
    fake.put("newcomers", TagTest("new"))
    fake.put("everybody", Not(TagTest("none")))
    fake.put("nobody", TagTest("none"))
    found, now = preview(living, fake), living.engine.state_time
    assert (found.size, found.population, found.unknown, found.time) == (4, 6, 0, now)
    assert found.coverage == (Coverage("email", 3, 3), Coverage("phone", 3, 4), Coverage("cookie", 1, 1))
    assert found.overlaps == (Overlap("everybody", 6, 4), Overlap("newcomers", 2, 1))
    assert found.forecast == ((now + DAY, 3), (now + 7 * DAY, 3), (now + 30 * DAY, 2), (now + 90 * DAY, 2))
    assert set(found.sample) == set(fake.until["vip"])
    assert found.expression == TagTest("vip")
    assert found.revision == living.revision()


def test_a_sample_is_the_same_again_and_as_long_as_asked(living: Living, fake: FakeMemberships) -> None:
    assert preview(living, fake).sample == preview(living, fake).sample
    assert preview(living, fake, sample=2).sample == preview(living, fake).sample[:2]
    assert preview(living, fake, sample=-1).sample == ()


def test_few_members_are_too_narrow(living: Living, fake: FakeMemberships) -> None:
    assert preview(living, fake).too_narrow
    assert preview(living, fake, narrow_below=5).too_narrow
    assert not preview(living, fake, narrow_below=4).too_narrow


def test_a_segment_by_name_has_no_overlap_with_itself(living: Living, fake: FakeMemberships) -> None:
    fake.put("vips", TagTest("vip"))
    assert preview(living, fake, SegmentSource(segment="vips")).overlaps == ()
    assert preview(living, fake).overlaps == (Overlap("vips", 4, 4),)
    with pytest.raises(NotFoundError, match="did you mean vips"):
        preview(living, fake, SegmentSource(segment="vip"))


def test_an_empty_store_has_an_empty_preview(living: Living) -> None:
    found = preview(living, memberships_in(living.engine))
    assert (found.size, found.population, found.coverage, found.overlaps, found.sample) == (0, 0, (), (), ())


def test_what_is_unknown_is_counted(living: Living, fake: FakeMemberships) -> None:
    fake.unknown.add(person(living, 5))
    assert preview(living, fake).unknown == 1


def test_a_definition_that_cannot_be_used_is_refused(living: Living, fake: FakeMemberships) -> None:
    with pytest.raises(DefinitionError, match="no such segment"):
        preview(living, fake, SegmentSource(expression=SegmentTest("none")))
    fake.warned = [Problem("all[0].time.span", "strange", warning=True)]
    assert preview(living, fake).warnings[0].message == "strange"
    with pytest.raises(RequestError, match="more than 100"):
        PreviewQuestion(VIP, sample=101)


def test_coverage_counts_profiles_once() -> None:
    member = np.array([True, False, True])
    owner = np.array([0, 0, 1, 2, -1, 2], np.int32)
    namespace = np.array([0, 0, 0, 1, 1, 0], np.uint8)
    assert covered(member, owner, namespace, ["email", "phone"]) == (Coverage("email", 2, 3), Coverage("phone", 1, 1))
    assert covered(member, owner, namespace, ["email", ""]) == (Coverage("email", 2, 3),)


def forecast(
    living: Living, fake: FakeMemberships, source: SegmentSource = VIP, templates: Mapping[str, Any] | None = None, **more: Any
) -> Forecast:
    return run(forecast_segment(living.engine, fake, templates or {}, ForecastQuestion(source, **more), living.revision))


def test_a_forecast_tells_who_leaves_when(living: Living, fake: FakeMemberships) -> None:
    now = living.engine.state_time
    found = forecast(living, fake)
    assert (found.size, found.sizes) == (4, ((now + DAY, 3), (now + 7 * DAY, 3), (now + 30 * DAY, 2), (now + 90 * DAY, 2)))
    assert found.changes == (
        ForecastChange(now + DAY, person(living, 1), False),
        ForecastChange(now + 10 * DAY + 1, person(living, 2), False),
    )
    assert (found.total, found.time, found.revision) == (2, now, living.revision())


def test_times_are_answered_in_the_order_asked(living: Living, fake: FakeMemberships) -> None:
    now = living.engine.state_time
    times = (now + 10 * DAY + 1, now + DAY - 1, now + 10 * DAY)
    found = forecast(living, fake, times=times)
    assert found.sizes == ((times[0], 2), (times[1], 4), (times[2], 3))
    assert found.total == 2


def test_who_does_not_leave_enters_what_is_not(living: Living, fake: FakeMemberships) -> None:
    expression: Expression = AnyOf((Not(TagTest("vip")), TagTest("new")))
    found = forecast(living, fake, SegmentSource(expression=expression))
    assert [(one.profile_id, one.entered) for one in found.changes] == [(person(living, 1), True), (person(living, 2), True)]


def test_changes_are_limited_and_counted(living: Living, fake: FakeMemberships) -> None:
    now = living.engine.state_time
    first = forecast(living, fake, limit=1)
    assert ([one.time for one in first.changes], first.total) == ([now + DAY], 2)
    assert forecast(living, fake, horizon=DAY).total == 1
    assert forecast(living, fake, horizon=DAY - 1).total == 0
    assert forecast(living, fake, horizon=0).changes == ()


@pytest.mark.parametrize("time", [0, 1, 3_653 * DAY + 1])
def test_only_what_is_ahead_is_told(living: Living, fake: FakeMemberships, time: int) -> None:
    times = (day(3), living.engine.state_time + time if time != 1 else living.engine.state_time)
    with pytest.raises(RequestError, match=r"times\[1\]"):
        forecast(living, fake, times=times)


def test_a_forecast_is_bounded() -> None:
    with pytest.raises(TooLargeError, match="101 are more"):
        ForecastQuestion(VIP, (1,) * 101)
    with pytest.raises(RequestError, match="limit"):
        ForecastQuestion(VIP, limit=10_001)
    with pytest.raises(RequestError, match="horizon"):
        ForecastQuestion(VIP, horizon=-1)
