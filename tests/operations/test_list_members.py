"""Members of a segment, page by page: a list made once, with what has become of its rows since."""

from __future__ import annotations

import numpy as np
import pytest
from idweave_server.errors import NotFoundError, PageTokenError, RequestError
from idweave_server.operations.list_members import Member, MembersPage, MembersQuestion, list_members
from idweave_server.operations.pages import Listing, PageRequest, Pages
from idweave_server.segments.expression import Not, TagTest
from idweave_server.segments.subjects import FOREVER

from tests.operations.fake_memberships import SINCE, FakeMemberships, memberships_in
from tests.operations.living import Living, Steady, day

LEAVES = day(100)


@pytest.fixture
def fake(living: Living) -> FakeMemberships:
    """Five people with an e-mail address, the first two with a phone too, the first with a second e-mail address; all but the last VIPs."""
    living.see("email:p0@shop.de", "email:P0.office@shop.de", "phone:+14158475300")
    living.see("email:p1@shop.de", "phone:+14158475301")
    for n in (2, 3, 4):
        living.see(f"email:p{n}@shop.de")
    made = memberships_in(living.engine)
    made.tag("vip", *(living.profile_of(f"email:p{n}@shop.de") for n in range(4)), until=LEAVES)
    made.put("vips", TagTest("vip"))
    return made


@pytest.fixture
def pages() -> Pages:
    return Pages(Steady(), b"seal")


def ask(
    living: Living, fake: FakeMemberships, pages: Pages, namespace: str = "", size: int = 0, token: str = "", segment: str = "vips"
) -> MembersPage:
    question = MembersQuestion(segment, namespace, PageRequest(size, token))
    return list_members(living.engine, fake, pages, question, living.revision())


def test_one_row_a_profile(living: Living, fake: FakeMemberships, pages: Pages) -> None:
    page = ask(living, fake, pages)
    expected = sorted(living.profile_of(f"email:p{n}@shop.de") for n in range(4))
    assert list(page.members) == [Member(profile_id, None, "", SINCE, LEAVES, False) for profile_id in expected]
    assert (page.total, page.token, page.version, page.time) == (4, "", 1, living.engine.state_time)
    assert page.revision == living.revision()


def test_one_row_an_address(living: Living, fake: FakeMemberships, pages: Pages) -> None:
    page = ask(living, fake, pages, "email")
    found = [(one.profile_id, one.identifier.value) for one in page.members if one.identifier]
    assert sorted(value for _, value in found) == ["p0.office@shop.de", *(f"p{n}@shop.de" for n in range(4))]
    assert all(profile_id == living.profile_of(f"email:{value}") for profile_id, value in found)
    assert [profile_id for profile_id, _ in found] == sorted(profile_id for profile_id, _ in found)
    assert {one.observed for one in page.members} == {"", "P0.office@shop.de"}
    assert ask(living, fake, pages, "phone").total == 2
    assert ask(living, fake, pages, "cookie").members == ()


def test_pages_have_every_row_once(living: Living, fake: FakeMemberships, pages: Pages) -> None:
    whole = ask(living, fake, pages, "email").members
    first = ask(living, fake, pages, "email", 2)
    second = ask(living, fake, pages, "email", 2, first.token)
    third = ask(living, fake, pages, "email", 2, second.token)
    assert first.members + second.members + third.members == whole
    assert (first.total, third.token) == (5, "")
    with pytest.raises(PageTokenError, match="another question"):
        ask(living, fake, pages, "", 2, first.token)


def test_who_left_since_the_list_was_made_is_told(living: Living, fake: FakeMemberships, pages: Pages) -> None:
    first = ask(living, fake, pages, "", 1)
    fake.until["vip"].pop(ask(living, fake, pages).members[1].profile_id)
    second = ask(living, fake, pages, "", 3, first.token)
    assert [(one.left, one.since, one.until) for one in second.members] == [
        (True, 0, FOREVER),
        (False, SINCE, LEAVES),
        (False, SINCE, LEAVES),
    ]
    assert second.total == 4
    assert (first.revision, first.time) == (second.revision, second.time)


def test_who_is_another_by_now_has_left(living: Living, fake: FakeMemberships, pages: Pages) -> None:
    """A merge retires an id, and its slot may be another's."""
    first = ask(living, fake, pages, "email", 1)
    assert first.members[0].identifier is not None
    living.see("email:p0@shop.de", "email:p1@shop.de", at=3)
    living.see("email:p2@shop.de", "email:p3@shop.de", at=3)
    retired = {one for one in fake.until["vip"] if living.engine.look_up_profile(one).outcome == "REDIRECTED"}
    assert len(retired) == 2
    rest = ask(living, fake, pages, "email", 10, first.token).members
    gone = [one for one in (*first.members, *rest) if one.profile_id in retired]
    assert len(gone) >= 2
    assert [one.profile_id for one in rest if one.left] == [one.profile_id for one in gone if one not in first.members]


def test_members_of_a_segment_that_is_gone_have_left(living: Living, fake: FakeMemberships, pages: Pages) -> None:
    first = ask(living, fake, pages, "", 1)
    fake.deleting("vips")
    living.tick(1)
    rest = ask(living, fake, pages, "", 10, first.token)
    assert [one.left for one in rest.members] == [True] * 3
    with pytest.raises(NotFoundError):
        ask(living, fake, pages)


def test_a_segment_without_members(living: Living, fake: FakeMemberships, pages: Pages) -> None:
    fake.put("none", Not(Not(TagTest("none"))))
    for namespace in ("", "email"):
        page = ask(living, fake, pages, namespace, segment="none")
        assert (page.members, page.total, page.token) == ((), 0, "")


@pytest.mark.parametrize(
    ("namespace", "match"), [("emial", "did you mean email"), ("ip", "belong to anybody"), ("name_birth_date", "belong to anybody")]
)
def test_a_namespace_has_to_address_somebody(living: Living, fake: FakeMemberships, pages: Pages, namespace: str, match: str) -> None:
    with pytest.raises(RequestError, match=match):
        ask(living, fake, pages, namespace)


def test_lists_are_bounded_in_bytes() -> None:
    pages = Pages(Steady(), b"seal", most_bytes=2_500)

    def token(name: str, size: int) -> str:
        return pages.page(PageRequest(1), (name,), lambda: Listing(np.zeros(size, np.uint64), None)).token

    first, second = token("first", 125), token("second", 125)
    assert pages.page(PageRequest(1, first), ("first",), lambda: Listing([], None)).total == 125
    third = token("third", 125)  # the second was used longest ago
    for name, one in (("first", first), ("third", third)):
        assert pages.page(PageRequest(1, one), (name,), lambda: Listing([], None)).total == 125
    with pytest.raises(PageTokenError):
        pages.page(PageRequest(1, second), ("second",), lambda: Listing([], None))
    large = token("large", 1_000)
    assert pages.page(PageRequest(1, large), ("large",), lambda: Listing([], None)).total == 1_000
