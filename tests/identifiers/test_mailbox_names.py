"""First names and initials found in e-mail addresses, against value-by-value oracles."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.identifiers.mailbox_names import mailbox_initials, mailbox_names
from idweave_server.identifiers.nicknames import nicknames

KNOWN = frozenset(nicknames().names.to_pylist())
LOCALS = st.lists(
    st.sampled_from(["kelly", "neal", "bob", "al", "k", "85", "7", ".", "_", "-", "+", "x", "é", "smith", "@"]), min_size=1, max_size=6
).map("".join)


def naive_name(email: str) -> str | None:
    runs = re.split("[^a-z]+", email.rpartition("@")[0])
    return next((run for run in runs if len(run) > 2 and run in KNOWN), None)


def naive_initial(email: str, last: str | None) -> str | None:
    local = re.sub("[._-]", "", email.rpartition("@")[0]).rstrip("0123456789")
    if last is None or not re.fullmatch("[a-z]{4,}", local) or local in KNOWN:
        return None
    return local[0] if local[1:] == last.replace(" ", "") else None


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("kelly.neal@example.org", "kelly"),
        ("neal_kelly85@example.org", "kelly"),
        ("mima78@example.org", "mima"),
        ("kneal85@example.org", None),
        ("al.neal@example.org", None),  # two letters are chance
        ("kellyneal@example.org", None),  # one run of letters, no known name
        ("x@kelly.org", None),  # the domain is not the person
        ('"a@kelly"@example.org', "kelly"),
    ],
)
def test_names(email: str, name: str | None) -> None:
    assert mailbox_names(pa.array([email])).to_pylist() == [name]


@pytest.mark.parametrize(
    ("email", "last", "initial"),
    [
        ("kneal85@example.org", "neal", "k"),
        ("k.neal@example.org", "neal", "k"),
        ("mdelacruz@example.org", "de la cruz", "m"),
        ("kneal85@example.org", "nea", None),
        ("kneal85@example.org", None, None),
        ("eli@example.org", "li", None),  # two letters are chance
        ("sally@example.org", "ally", None),  # a first name
        ("ineal@example.org", "neal", "i"),
        ("1neal@example.org", "neal", None),
    ],
)
def test_initials(email: str, last: str | None, initial: str | None) -> None:
    assert mailbox_initials(pa.array([email]), pa.array([last], pa.string())).to_pylist() == [initial]


@given(st.lists(st.tuples(LOCALS, st.sampled_from(["neal", "smith", "de la cruz", "ob", None])), min_size=1, max_size=8))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_columns_agree_with_the_oracles(rows: list[tuple[str, str | None]]) -> None:
    emails = [f"{local}@example.org" for local, _ in rows]
    lasts = [last for _, last in rows]
    assert mailbox_names(pa.array(emails)).to_pylist() == [naive_name(email) for email in emails]
    assert mailbox_initials(pa.array(emails), pa.array(lasts, pa.string())).to_pylist() == list(map(naive_initial, emails, lasts))


def test_a_slice_of_a_column_reads_as_the_values_in_it() -> None:
    emails = pa.array(["bob@example.org", "x1@example.org", "kelly9@example.org"])
    assert mailbox_names(emails.slice(1)).to_pylist() == [None, "kelly"]
    assert mailbox_names(emails.slice(3)).to_pylist() == []
