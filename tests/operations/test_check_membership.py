"""Whether profiles are in segments, one by one and many at once, and why."""

from __future__ import annotations

import pytest
from idweave_server.errors import NotFoundError, RequestError, TooLargeError
from idweave_server.operations.check_membership import Checked, check_membership, check_memberships
from idweave_server.operations.explain_membership import explain_membership
from idweave_server.operations.get_profile import Subject
from idweave_server.operations.memberships import Standing, Truth
from idweave_server.segments.expression import All, Not, TagTest
from idweave_server.segments.subjects import FOREVER

from tests.operations.fake_memberships import SINCE, FakeMemberships, memberships_in
from tests.operations.living import Living, day, named

JO, KIM = "email:jo@shop.de", "email:kim@shop.de"
LEAVES = day(100)


@pytest.fixture
def fake(living: Living) -> FakeMemberships:
    for who in (JO, KIM):
        living.see(who)
    made = memberships_in(living.engine)
    made.tag("vip", living.profile_of(JO), until=LEAVES)
    made.put("vips", TagTest("vip"))
    made.put("others", Not(TagTest("vip")))
    made.put("nobody", All((TagTest("vip"), Not(TagTest("vip")))))
    return made


def of(text: str) -> Subject:
    return Subject(identifier=named(text))


def check(living: Living, fake: FakeMemberships, who: Subject, *segments: str) -> Checked:
    return check_membership(living.engine, living.identifiers, fake, who, segments)


def said(checked: Checked) -> list[tuple[str, Standing]]:
    return [(one.definition.name, one.standing) for one in checked.memberships]


def test_what_is_asked_is_answered_in_order(living: Living, fake: FakeMemberships) -> None:
    checked = check(living, fake, of(JO), "others", "vips")
    assert checked.profile_id == living.profile_of(JO)
    assert said(checked) == [("others", Standing(Truth.FALSE, LEAVES, 0)), ("vips", Standing(Truth.TRUE, LEAVES, SINCE))]
    assert said(check(living, fake, Subject(living.profile_of(KIM)), "vips")) == [("vips", Standing(Truth.FALSE, FOREVER, 0))]


def test_all_segments_where_none_is_named(living: Living, fake: FakeMemberships) -> None:
    assert [name for name, _ in said(check(living, fake, of(JO)))] == ["nobody", "others", "vips"]
    for n in range(98):
        fake.put(f"s{n}", TagTest("vip"))
    with pytest.raises(TooLargeError, match="there are 101 segments"):
        check(living, fake, of(JO))


def test_unknown_is_an_answer_of_its_own(living: Living, fake: FakeMemberships) -> None:
    fake.unknown.add(living.profile_of(KIM))
    assert [one.truth for _, one in said(check(living, fake, of(KIM), "vips", "others"))] == [Truth.UNKNOWN, Truth.UNKNOWN]


@pytest.mark.parametrize(
    ("subject", "segments", "error", "match"),
    [
        (of(JO), ("vip",), NotFoundError, "no segment 'vip'; did you mean vips"),
        (of("email:no@shop.de"), ("vips",), NotFoundError, "never observed"),
        (of("email:none"), ("vips",), RequestError, r"identifier\.value"),
        (Subject("0193f0e0-0000-7000-8000-000000000000"), ("vips",), NotFoundError, "no profile has"),
        (Subject("x"), ("vips",), RequestError, "a profile id is a UUID"),
        (of(JO), ("vips",) * 101, TooLargeError, "101 are more than 100"),
    ],
)
def test_what_cannot_be_answered(
    living: Living, fake: FakeMemberships, subject: Subject, segments: tuple[str, ...], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        check(living, fake, subject, *segments)


def test_many_are_answered_in_order_and_a_bad_one_fails_alone(living: Living, fake: FakeMemberships) -> None:
    asked = [of(JO), of("email:none"), of(KIM), Subject(living.profile_of(JO)), of("email:no@shop.de"), Subject()] * 60
    slices = list(check_memberships(living.engine, living.identifiers, fake, asked, ["vips", "others"]))
    assert [len(one) for one in slices] == [100, 100, 100, 60]
    found = [checked for one in slices for checked in one]
    for place, checked in enumerate(found):
        if isinstance(checked.error, RequestError | NotFoundError):
            assert place % 6 in (1, 4, 5)
            assert (checked.profile_id, checked.memberships) == ("", ())
        else:
            assert checked == check(living, fake, asked[place], "vips", "others")
    assert [type(checked.error) for checked in found[:6]] == [type(None), RequestError, type(None), type(None), NotFoundError, RequestError]


def test_many_where_none_has_an_answer(living: Living, fake: FakeMemberships) -> None:
    [found] = list(check_memberships(living.engine, living.identifiers, fake, [of("email:none")], ["vips"]))
    assert isinstance(found[0].error, RequestError)


@pytest.mark.parametrize(
    ("subjects", "segments", "error"), [(0, ("vips",), RequestError), (1_001, ("vips",), TooLargeError), (1, ("vip",), NotFoundError)]
)
def test_what_concerns_all_fails_the_call(
    living: Living, fake: FakeMemberships, subjects: int, segments: tuple[str, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        list(check_memberships(living.engine, living.identifiers, fake, [of(JO)] * subjects, segments))


def test_why_somebody_is_in_a_segment(living: Living, fake: FakeMemberships) -> None:
    found = explain_membership(living.engine, living.identifiers, fake, of(JO), "nobody")
    assert found.profile_id == living.profile_of(JO)
    assert found.membership.standing == Standing(Truth.FALSE, LEAVES, 0)
    assert [(one.position, one.truth) for one in found.condition.parts] == [("[0]", Truth.TRUE), ("[1]", Truth.FALSE)]
    with pytest.raises(NotFoundError, match="did you mean nobody"):
        explain_membership(living.engine, living.identifiers, fake, of(JO), "nobod")
