"""Full names in one field: which are split, and which cannot be."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.identifiers.full_names import split_full_name, split_full_names, unordered_names

from tests.identifiers.fields import FIELDS


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Kelly Neal", ("Kelly", "Neal")),
        ("Neal, Kelly", ("Kelly", "Neal")),
        ("Kelly A. Neal", ("Kelly", "Neal")),
        ("kelly neal", ("kelly", "neal")),
        ("Dr. Kelly Neal Jr.", ("Kelly", "Neal")),
        ("Kelly Neal, Jr.", ("Kelly", "Neal")),
        ("Smith Jr, Robert", ("Robert", "Smith")),
        ("Neal, Kelly, MD", ("Kelly", "Neal")),
        ("Maria de la Cruz", ("Maria", "de la Cruz")),
        ("van der Berg, Jan", ("Jan", "van der Berg")),
        ("Osama bin Laden", ("Osama", "bin Laden")),
        ("Ali al-Masri", ("Ali", "al-Masri")),
        ("Al Pacino", ("Al", "Pacino")),
        ("DUPONT Jean", ("Jean", "DUPONT")),
        ("Jean DUPONT", ("Jean", "DUPONT")),
        ("Kim Smith", ("Kim", "Smith")),
        ("王小明", ("小明", "王")),
        ("欧阳娜娜", ("娜娜", "欧阳")),
        ("欧阳修", ("修", "欧阳")),
        ("김민수", ("민수", "김")),
        ("남궁민수", ("민수", "남궁")),
        ("山田 太郎", ("太郎", "山田")),
        ("山田　太郎", ("太郎", "山田")),
        ("玛丽亚·加西亚", ("玛丽亚", "加西亚")),
        ("マリア・ガルシア", ("マリア", "ガルシア")),
        ("Иван Петрович Иванов", ("Иван Петрович", "Иванов")),
        ("ВАСИЛЬЕВ Александр Павлович", ("Александр Павлович", "ВАСИЛЬЕВ")),
        ("Иванов Иван", ("Иван", "Иванов")),
        ("فيصل صديقي", ("فيصل", "صديقي")),
    ],
)
def test_full_names_that_can_be_split(text: str, parts: tuple[str, str]) -> None:
    split = split_full_names(pa.array([text]))
    assert (split.first[0].as_py(), split.last[0].as_py()) == parts


@pytest.mark.parametrize(
    "text",
    [
        "Kelly",  # first or last?
        "Mr Neal",
        "Wang Jie",  # Latin letters do not say which is the surname
        "山田太郎",  # where the given name begins is not written
        "高橋一",
        "황보영",  # 황 + 보영 or 황보 + 영
        "ヤマダタロウ",
        "Universal Exports Inc",
        "Müllenkranz GmbH",
        "北京某某公司",
        "Kelly and John Neal",
        "Kelly & John Neal",
        "Smith/Jones",
        "Test User",
        "Not Provided",
        "Valued Customer",
        "one two three four five six",
        "Neal, Kelly, John",
        "4 Hillview Rise",
        "a" * 300,
    ],
)
def test_full_names_that_stay_whole(text: str) -> None:
    split = split_full_names(pa.array([text]))
    assert (split.first[0].as_py(), split.last[0].as_py()) == (None, None)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Wang Jie", ("Wang", "Jie")),
        ("Mr  Wang Jie", ("Wang", "Jie")),
        ("wáng jié", ("wáng", "jié")),
        ("Ｗａｎｇ\u3000Ｊｉｅ", ("Wang", "Jie")),
        ("Wang\tJie", ("Wang", "Jie")),
        ("Li Wei", ("Li", "Wei")),  # either is a surname
        ("Jie Wang", (None, None)),  # Jie is no surname, so this one is split
        ("Kim Smith", (None, None)),  # Kim is a first name too: split
        ("Wang", (None, None)),
        ("Wang, Jie", (None, None)),
        ("Wang Holdings Ltd", (None, None)),
        ("Wang Guest", (None, None)),
        ("Wang & Jie", (None, None)),
        ("Zhang Xiu Ying", (None, None)),  # three words: more readings than two
        ("山田太郎", (None, None)),
    ],
)
def test_names_of_unclear_order(text: str, parts: tuple[str | None, str | None]) -> None:
    """A register's "Wang Jie" and a customer list's first name Jie, last name Wang have to be able to meet."""
    values = pa.array([text])
    found = unordered_names(values, split_full_names(values))
    assert (found.first[0].as_py(), found.last[0].as_py()) == parts


NAME_WORDS = [
    "Kelly",
    "NEAL",
    "neal",
    "Wang",
    "Jie",
    "Kim",
    "de",
    "van",
    "Al",
    "Inc",
    "A.",
    "B",
    "Jr",
    "Mr",
    "test",
    "not",
    "Abdul",
    "李",
    "王小明",
    "高橋",
    "欧阳修",
    "先生",
    "Иванов",
]


@given(
    st.lists(st.one_of(st.lists(st.sampled_from([*NAME_WORDS, ","]), min_size=1, max_size=4).map(" ".join), FIELDS), min_size=1, max_size=6)
)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_full_names_split_by_column_as_by_value(texts: list[str]) -> None:
    split = split_full_names(pa.array(texts))
    assert list(zip(split.first.to_pylist(), split.last.to_pylist(), strict=True)) == [split_full_name(text) for text in texts]
