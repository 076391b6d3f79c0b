"""Pages of a list: complete, stable for ten minutes, and closed to tokens that are not theirs."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from idweave_server.errors import PageTokenError, RequestError
from idweave_server.operations.pages import KEPT_SECONDS, Listing, Page, PageRequest, Pages

QUESTION = ("timeline", "jo")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def numbers(count: int) -> Listing:
    return Listing(range(count), "about")


def nothing_made() -> Listing:
    raise AssertionError("a page after the first comes from the list made for the first one")


def pages(clock: Clock | None = None, seal: bytes = b"s" * 16, lists: int = 10) -> Pages:
    return Pages(clock or Clock(), seal, lists)


def following(kept: Pages, page: Page, size: int = 0) -> Page:
    return kept.page(PageRequest(size, page.token), QUESTION, nothing_made)


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 35])
def test_all_pages_together_are_the_list(count: int) -> None:
    kept = pages()
    page = kept.page(PageRequest(10), QUESTION, lambda: numbers(count))
    seen = list(page.items)
    while page.token:
        assert (page.total, page.about) == (count, "about")
        page = following(kept, page, 10)
        assert page.items, "no page but the first may be empty"
        seen += page.items
    assert seen == list(range(count))


def test_a_token_may_be_used_again_and_with_another_size() -> None:
    kept = pages()
    first = kept.page(PageRequest(10), QUESTION, lambda: numbers(100))
    assert list(following(kept, first, 5).items) == list(range(10, 15))
    assert list(following(kept, first, 20).items) == list(range(10, 30))


def test_a_list_is_kept_ten_minutes_after_its_last_page() -> None:
    clock = Clock()
    kept = pages(clock)
    page = kept.page(PageRequest(10), QUESTION, lambda: numbers(100))
    clock.now += KEPT_SECONDS - 1
    page = following(kept, page, 10)
    clock.now += KEPT_SECONDS - 1
    page = following(kept, page, 10)
    clock.now += KEPT_SECONDS
    with pytest.raises(PageTokenError, match="no longer kept"):
        following(kept, page)


def test_beyond_its_bound_the_list_that_waited_longest_goes() -> None:
    kept = pages(lists=2)
    first, second, third = (kept.page(PageRequest(1), QUESTION, lambda: numbers(3)) for _ in range(3))
    with pytest.raises(PageTokenError, match="no longer kept"):
        following(kept, first)
    assert list(following(kept, second, 1).items) == [1]
    assert list(following(kept, third, 1).items) == [1]


def test_a_list_that_fits_one_page_takes_no_place() -> None:
    kept = pages(lists=1)
    long = kept.page(PageRequest(1), QUESTION, lambda: numbers(3))
    kept.page(PageRequest(5), QUESTION, lambda: numbers(3))
    assert list(following(kept, long, 1).items) == [1]


def test_a_token_answers_only_its_own_question() -> None:
    kept = pages()
    page = kept.page(PageRequest(1), QUESTION, lambda: numbers(3))
    with pytest.raises(PageTokenError, match="another question"):
        kept.page(PageRequest(1, page.token), ("timeline", "kim"), nothing_made)


def test_a_token_of_another_process_is_none_of_ours() -> None:
    page = pages(seal=b"a" * 16).page(PageRequest(1), QUESTION, lambda: numbers(3))
    with pytest.raises(PageTokenError, match="no page token of this server"):
        following(pages(seal=b"b" * 16), page)


def test_nothing_is_kept_after_forgetting() -> None:
    kept = pages()
    page = kept.page(PageRequest(1), QUESTION, lambda: numbers(3))
    kept.forget()
    with pytest.raises(PageTokenError, match="no longer kept"):
        following(kept, page)


@pytest.mark.parametrize("size", [-1, 1001, 2**31 - 1])
def test_a_size_out_of_bounds_is_named(size: int) -> None:
    with pytest.raises(RequestError, match="page_size"):
        pages().page(PageRequest(size), QUESTION, nothing_made)


@given(st.text(max_size=60) | st.text("ABCDEFabcdef0123456789-_=", max_size=40))
@example("=")
@example("\ud800")
def test_no_text_is_taken_for_a_token(text: str) -> None:
    kept = pages()
    kept.page(PageRequest(1), QUESTION, lambda: numbers(3))
    if text:
        with pytest.raises(PageTokenError):
            kept.page(PageRequest(0, text), QUESTION, nothing_made)


@given(st.data())
def test_a_changed_token_is_refused(data: st.DataObject) -> None:
    kept = pages()
    token = kept.page(PageRequest(1), QUESTION, lambda: numbers(3)).token
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
    changed = token[:place] + letter + token[place + 1 :]
    if changed != token:
        with pytest.raises(PageTokenError):
            kept.page(PageRequest(0, changed), QUESTION, nothing_made)
