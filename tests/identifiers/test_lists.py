"""The vendored lists: where they are from, and that they say what the code relies on."""

from __future__ import annotations

import itertools
from importlib import resources

import pytest
from idweave_server.errors import InputError
from idweave_server.identifiers import lists
from idweave_server.identifiers.refresh_lists import disposable_domains, main

DATA = resources.files("idweave_server.identifiers") / "data"


@pytest.mark.parametrize("name", lists._FILES)
def test_every_file_names_its_source_version_and_licence(name: str) -> None:
    head = [line for line in (DATA / name).read_text("utf-8").splitlines()[:6] if line.startswith("# ")]
    for word in ("source:", "version:", "licence:"):
        assert any(word in line for line in head)


def test_read_once() -> None:
    assert lists.default_lists() is lists.default_lists()


def test_the_version_names_the_content_and_the_judge_of_phone_numbers() -> None:
    digest, _, library = lists.default_lists().version.partition("+")
    assert len(digest) == 12
    assert library.startswith("libphonenumber-")


def test_words_are_in_the_form_in_which_they_are_looked_up() -> None:
    found = lists.default_lists()
    for words in (
        found.placeholders,
        found.fake_emails,
        found.fake_email_locals,
        found.filler_words,
        found.role_locals,
        found.placeholder_devices,
    ):
        assert all(word == word.casefold().strip() for word in words)
    assert not found.filler_words & {"gmail", "mail", "qq", "163", "web", "gmx", "yahoo"}  # labels of real providers
    assert not found.disposable_domains & found.providers.keys()
    for domain, provider in found.providers.items():
        assert provider.tag in ("", "+")  # the fast route knows no other
        assert found.providers[provider.domain].domain == provider.domain, domain


def test_ranges_are_disjoint_and_ascending() -> None:
    found = lists.default_lists()
    for ranges in (found.ipv4_ranges, found.ipv6_ranges):
        assert all(first <= last for first, last, _ in ranges)
        assert all(a[1] < b[0] for a, b in itertools.pairwise(ranges))


def test_overlapping_ranges_are_refused() -> None:
    files = {name: (DATA / name).read_text("utf-8") for name in lists._FILES}
    files["ips.txt"] += "private 10.1.0.0/16\n"
    with pytest.raises(InputError, match="overlap"):
        lists.parse_lists(files, "test")


def test_the_refreshed_list_has_its_head(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("disposable_email_domains", reason="a dependency of developers")
    assert main(["2026-01-31"]) == 0
    printed = capsys.readouterr().out
    assert printed == disposable_domains("2026-01-31")
    assert "taken: 2026-01-31" in printed
    assert "\nmailinator.com\n" in printed
    assert main([]) == 2
