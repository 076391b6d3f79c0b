"""Names: folding, what is used of a field, and the table that kernels compare names in."""

from __future__ import annotations

import random
import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from idweave_server.identifiers.names import fold, fold_column, label_table, read_first_names, read_last_names
from idweave_server.identifiers.nicknames import families, nicknames
from idweave_server.kernels.labels import similar
from idweave_server.model import Refusal

from tests.identifiers.fields import FIELDS


def first(text: str) -> str | Refusal:
    column = read_first_names(pa.array([text]))
    return column.folded[0].as_py() or Refusal(int(column.refusal[0]))


def last(text: str) -> str | Refusal:
    column = read_last_names(pa.array([text]))
    return column.folded[0].as_py() or Refusal(int(column.refusal[0]))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Kelly\t Neal ", "kelly neal"),
        ("Jean-Luc", "jean luc"),
        ("O'Neil", "oneil"),
        ("O’Neil", "oneil"),
        ("J.R.", "j r"),
        ("MÜLLER", "muller"),
        ("Mu\u0308ller", "muller"),
        ("Straße", "strasse"),
        ("Łukasz Sørensen", "lukasz sorensen"),
        ("Ελένη", "ελενη"),
        ("Алёна", "алена"),
        ("ｋｅｌｌｙ", "kelly"),
        ("ガルシア", "ガルシア"),  # the voicing mark of ガ is no accent
        ("김민수", "김민수"),
        ("राम", "राम"),
        ("王小明", "王小明"),
        ("İbrahim", "ibrahim"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.lists(FIELDS, max_size=6))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_column_folds_as_its_values_do(texts: list[str]) -> None:
    assert fold_column(pa.array(texts, pa.string())) == [fold(text.replace("\n", " ")) for text in texts]


@given(FIELDS)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Kelly", "kelly"),
        ("Robert E", "robert"),
        ("Robert E.", "robert"),
        ("J. Robert", "robert"),
        ("R.", "r"),
        ("R", "r"),
        ("J.P.", "j"),
        ("Mr. Robert", "robert"),
        ("Robert Jr", "robert"),
        ("Junior", "junior"),  # a name where nothing else is there
        ("Jean-Luc", "jean luc"),
        ("Jean-Luc M.", "jean luc"),
        ("Mary Ann", "mary ann"),
        ("José María", "jose maria"),
        ("Robert William", "robert"),
        ("Abdul Rahman", "abdul rahman"),
        ("Abd al-Rahman", "abd al rahman"),
        ("Robert (Bob)", "robert"),
        ("小 明", "小明"),
        ("李先生", "李"),
        ("Na", "na"),
        ("n/a", Refusal.PLACEHOLDER),
        ("NA", Refusal.PLACEHOLDER),
        ("Test User", Refusal.PLACEHOLDER),
        ("GUEST", Refusal.PLACEHOLDER),
        ("xxx", Refusal.PLACEHOLDER),
        ("匿名", Refusal.PLACEHOLDER),
        ("Mr", Refusal.NAME_SYNTAX),
        ("Kelly9", Refusal.NAME_SYNTAX),
        ("kelly@neal.org", Refusal.NAME_SYNTAX),
        ("???", Refusal.NAME_SYNTAX),
        ("先生", Refusal.NAME_SYNTAX),
        ("Kel\x00ly", Refusal.CONTROL_CHARACTER),
        ("a" * 201, Refusal.TOO_LONG),
    ],
)
def test_first_names(text: str, name: str | Refusal) -> None:
    assert first(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("de la Cruz", "de la cruz"),
        ("Smith Jr.", "smith"),
        ("Smith-Jones", "smith jones"),
        ("D'esquire", "desquire"),
        ("Guest", "guest"),  # people are called so
        ("Null", "null"),
        ("NULL", Refusal.PLACEHOLDER),
        ("unknown", Refusal.PLACEHOLDER),
        ("Smith 2", Refusal.NAME_SYNTAX),
    ],
)
def test_last_names(text: str, name: str | Refusal) -> None:
    assert last(text) == name


@given(st.lists(FIELDS, min_size=1, max_size=8))
@example(["Kelly", "NULL", "null", "Null", "哈哈哈", "小明", "aaa", "Mr", "李先生", "씨", "Mary Ann", "ii", "bbb9"])
@settings(max_examples=300, deadline=None, derandomize=True)
def test_the_route_by_column_agrees_with_the_one_by_value(texts: list[str]) -> None:
    from idweave_server.identifiers import names

    for read, by_value in ((read_first_names, names._first_name), (read_last_names, names._last_name)):
        many = texts * (names.FEW // len(texts) + 1)
        column, few = read(pa.array(many)), read(pa.array(many[:2]))
        assert (few.folded.to_pylist(), few.refusal.tolist()) == (column.folded.to_pylist()[:2], column.refusal.tolist()[:2])
        for text, found, refusal in zip(many, column.folded.to_pylist(), column.refusal.tolist(), strict=True):
            expected = by_value(text, fold(text.replace("\n", " ")))
            assert (found, refusal) == ((None, expected) if isinstance(expected, Refusal) else (expected, 0)), text
            assert found is None or unicodedata.normalize("NFC", found) == found


def naive_same_name(a: str, b: str) -> bool:
    """Whether two folded names may be one person's, by the rules as they are said."""
    if a == b or families(a) & families(b):
        return True
    if not all(c == " " or unicodedata.name(c).split()[0] in ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "GEORGIAN") for c in a + b):
        return False
    return a.startswith(b) or b.startswith(a) or (min(len(a), len(b)) >= 4 and naive_one_edit(a, b))


def naive_one_edit(a: str, b: str) -> bool:
    alphabet = set(a + b)
    edits = {a}
    for i in range(len(a) + 1):
        edits |= {a[:i] + c + a[i:] for c in alphabet} | {a[:i] + a[i + 1 :]} | {a[:i] + c + a[i + 1 :] for c in alphabet}
        edits.add(a[:i] + a[i + 1 : i + 2] + a[i : i + 1] + a[i + 2 :])
    return b in edits


def edited(rng: random.Random, name: str) -> str:
    at = rng.randrange(len(name))
    return rng.choice(
        [name[:at] + name[at + 1 :], name[:at] + rng.choice("aeiou") + name[at:], name[:at], name[:at] + "x" + name[at + 1 :], name]
    )


def test_labels_compare_as_names_do() -> None:
    rng = random.Random(2)
    known = rng.sample(nicknames().names.to_pylist(), 30)
    others = [
        "r",
        "小明",
        "小红",
        "伟",
        "伟明",
        "민수",
        "민서",
        "محمد",
        "أحمد",
        "מאיר",
        "יאיר",
        "ελενη",
        "ελενα",
        "дмитрии",
        "mary ann",
        "maryann",
        "jean luc",
        "jean",
        "太郎",
    ]
    names = sorted({*known, *others, "robert", "rob", "bob", "bobby", "kelly", "kely", *(edited(rng, name) for name in known)} - {""})
    labels = label_table(pa.array(names))
    assert labels.chars.dtype == np.uint32
    for a, name in enumerate(names):
        assert "".join(map(chr, labels.chars[labels.start[a] : labels.start[a + 1]])) == name
        assert set(labels.family[labels.family_start[a] : labels.family_start[a + 1]].tolist()) == families(name)
        for b, other in enumerate(names):
            assert bool(similar(labels, a, b)) == naive_same_name(name, other), (name, other)


@pytest.mark.parametrize(("a", "b"), [("小明", "小红"), ("伟", "伟明"), ("محمد", "أحمد"), ("מאיר", "יאיר"), ("rob", "sam")])
def test_names_of_different_people(a: str, b: str) -> None:
    labels = label_table(pa.array([a, b]))
    assert not similar(labels, 0, 1)


def test_an_empty_label_table() -> None:
    labels = label_table(pa.array([], pa.string()))
    assert (len(labels.chars), labels.start.tolist(), labels.family_start.tolist()) == (0, [0], [0])
