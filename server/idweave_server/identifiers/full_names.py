"""A full name in one field, split into first and last where the order is certain; otherwise it stays whole.

The parts are returned as written (titles and suffixes dropped), for `names.read_first_names` and `names.read_last_names` to read.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.names import MAX_NAME, fold, fold_word, without_titles, words
from idweave_server.identifiers.nicknames import nicknames

# Two words both Capitalised, both lower or both UPPER, maybe an initial between or a comma: "Kelly Neal", "kelly a. neal", "NEAL, KELLY".
_WORDS = "(?:[A-Z][a-z]+ (?:[A-Z]\\.? )?[A-Z][a-z]+|[a-z]+[a-z] (?:[a-z]\\.? )?[a-z]+[a-z]|[A-Z]+[A-Z] (?:[A-Z]\\.? )?[A-Z]+[A-Z])"
_COMMA = "[A-Za-z]+[A-Za-z], [A-Za-z]+[A-Za-z]"
_HAN_NAME = "[\\x{4e00}-\\x{9fa5}]{2,3}"

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+")
_HANGUL = re.compile("[\uac00-\ud7a3]+")
_KANA = re.compile("[\u3040-\u30ff]")
_CYRILLIC = re.compile("[\u0400-\u04ff' -]+")
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")
_GIVEN_FIRST_DOT = re.compile("[·・•‧]")  # how Chinese and Japanese write a foreign name: 玛丽亚·加西亚
_NOT_ONE_PERSON = re.compile("[&/+;@0-9]")  # Kelly & John, Smith/Jones, c/o Neal, an address
_SURNAME_ENDING = re.compile("[а-яёіїўґ]{3,}(?:ов|ев|ева|ова|ский|ская|цкий|цкая|енко|чук|вич)")
_PATRONYMIC = re.compile("[а-яёіїўґ]{2,}(?:ович|евич|івич|авіч|овна|евна|івна|аўна|ична|инична)")

Parts = tuple[str | None, str | None]
WHOLE: Parts = (None, None)


class SplitNames(NamedTuple):
    """first, last: string[n], the parts as written, both null where the name stays whole or is not a person's."""

    first: pa.StringArray
    last: pa.StringArray


@cache
def surnames() -> dict[str, frozenset[str]]:
    """The sections of `data/surnames_cjk.txt`, which says what each is for."""
    text = resources.files(__package__).joinpath("data/surnames_cjk.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    listed = {head[1:-1]: line for head, line in zip(lines[::2], lines[1::2], strict=True)}
    return {section: frozenset(line if section in ("one", "korean") else line.split()) for section, line in listed.items()}


def split_full_names(values: pa.StringArray) -> SplitNames:
    """Split distinct full names.

    "Kelly A. Neal" and "Neal, Kelly" are Kelly and Neal, "Maria de la Cruz" Maria and de la Cruz, "DUPONT Jean" Jean and DUPONT, 王小明
    小明 and 王, 欧阳娜娜 娜娜 and 欧阳, 김민수 민수 and 김, 山田 太郎 太郎 and 山田. Whole stay: one word; Japanese without a space; "Wang
    Jie" (Latin letters do not say which is the surname); several people; organisations (Inc, GmbH, 公司); more words than the rules know.
    """
    western = _western_columns(values)
    chinese = _chinese_columns(values)
    fast = pc.or_(pc.is_valid(western.first), pc.is_valid(chinese.first))
    first, last = pc.coalesce(western.first, chinese.first), pc.coalesce(western.last, chinese.last)
    at = np.flatnonzero(pc.invert(fast))
    if len(at):
        found = [split_full_name(text) for text in values.take(pa.array(at)).to_pylist()]
        mask = pc.invert(fast)
        first = pc.replace_with_mask(first, mask, pa.array([f for f, _ in found], pa.string()))
        last = pc.replace_with_mask(last, mask, pa.array([s for _, s in found], pa.string()))
    return SplitNames(first, last)


def unordered_names(values: pa.StringArray, split: SplitNames) -> SplitNames:
    """The two words of each distinct name that stays whole for one reason only: Latin letters do not say which of them is the surname
    ("Wang Jie"). first and last as written, titles and suffixes dropped; null for every other name. Either may be the surname.

    split: what `split_full_names` made of the same values.
    """
    several = pc.match_substring_regex(values, r"[\s\pZ]")
    whole = np.flatnonzero(pc.and_(pc.is_null(split.first), several))
    found = [_two_words(text) for text in values.take(pa.array(whole)).to_pylist()]
    first, last = (pa.array([parts[side] for parts in found], pa.string()) for side in (0, 1))
    return SplitNames(_scattered(first, whole, len(values)), _scattered(last, whole, len(values)))


def _two_words(text: str) -> Parts:
    """The words of a name of two that begins with an East Asian surname in Latin letters, else WHOLE."""
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    if not text or len(text) > MAX_NAME or "," in text or _NOT_ONE_PERSON.search(text) or _organisation(text):
        return WHOLE
    parts = _person_words(text.split(" "))
    begins = len(parts) == 2 and fold_word(parts[0]) in surnames()["romanised"] and fold_word(parts[1]) not in words().placeholders
    return (parts[0], parts[1]) if begins else WHOLE


def split_full_name(text: str) -> Parts:
    """`split_full_names` for one value: (first, last) as written, or WHOLE."""
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    if not text or len(text) > MAX_NAME or _NOT_ONE_PERSON.search(text) or _organisation(text):
        return WHOLE
    if "," in text:  # the full-width comma too: NFKC made it a plain one
        return _inverted(text)
    if not text.isascii() and _EAST_ASIAN.search(text):
        return _east_asian(text)
    parts = _person_words(text.split(" "))
    folded = " ".join(map(fold_word, parts))
    if len(parts) < 2 or folded in words().placeholders or words().placeholders.issuperset(folded.split()):
        return WHOLE
    if not text.isascii() and _CYRILLIC.fullmatch(text):
        return _cyrillic(parts)
    return _western(parts)


def _western_columns(values: pa.StringArray) -> SplitNames:
    """The plain forms by column, null where a word of the name needs a closer look."""
    comma = pc.match_substring_regex(values, f"^{_COMMA}$")
    usual = pc.match_substring_regex(values, f"^{_WORDS}$")
    wanted = np.flatnonzero(pc.and_(pc.or_(comma, usual), pc.less_equal(pc.binary_length(values), MAX_NAME)))
    parts = pc.split_pattern(values.take(pa.array(wanted)), " ")
    inverted = comma.take(pa.array(wanted))
    front = pc.list_element(parts, 0)
    one, other = pc.utf8_rtrim(front, characters=","), _last_elements(parts)
    special = pa.array(sorted(_special_words()), pa.string())
    ambiguous = pa.array(sorted(_unclear_beginnings()), pa.string())
    one_folded, other_folded = pc.ascii_lower(one), pc.ascii_lower(other)
    odd = pc.or_(pc.is_in(one_folded, value_set=special), pc.is_in(other_folded, value_set=special))
    odd = pc.or_(odd, pc.and_(pc.invert(inverted), pc.is_in(one_folded, value_set=ambiguous)))
    plain = pc.invert(odd)
    first = pc.if_else(plain, pc.if_else(inverted, other, one), None)
    last = pc.if_else(plain, pc.if_else(inverted, one, other), None)
    return SplitNames(_scattered(first, wanted, len(values)), _scattered(last, wanted, len(values)))


def _chinese_columns(values: pa.StringArray) -> SplitNames:
    """Two and three Han characters that begin with a surname of one, and with none of two and no Japanese one."""
    one = pc.utf8_slice_codeunits(values, 0, 1)
    two = pc.utf8_slice_codeunits(values, 0, 2)
    listed = surnames()
    plain = pc.and_(
        pc.match_substring_regex(values, f"^{_HAN_NAME}$"), pc.is_in(one, value_set=pa.array(sorted(listed["one"]), pa.string()))
    )
    closer = pa.array(sorted(listed["two"] | listed["japanese"]), pa.string())
    odd = pc.or_(
        pc.is_in(two, value_set=closer), pc.match_substring_regex(values, "|".join((*words().titles_after, *words().organisations_within)))
    )
    plain = pc.and_not(plain, odd)
    return SplitNames(pc.if_else(plain, pc.utf8_slice_codeunits(values, 1), None), pc.if_else(plain, one, None))


def _last_elements(lists: pa.ListArray) -> pa.StringArray:
    return lists.flatten().take(pa.array(lists.offsets.to_numpy()[1:] - 1))


def _scattered(values: pa.StringArray, at: np.ndarray, length: int) -> pa.StringArray:
    """string[length] with values at these places and null elsewhere."""
    source = np.full(length, -1, np.int64)
    source[at] = np.arange(len(at))
    return values.take(pa.array(source, mask=source < 0))


@cache
def _special_words() -> frozenset[str]:
    """Words that make a name more than a first and a last one."""
    listed = words()
    placeholders = frozenset(word for placeholder in listed.placeholders for word in placeholder.split())
    return listed.titles | listed.suffixes | listed.particles | listed.organisations | listed.binding | placeholders


def _organisation(text: str) -> bool:
    if not text.isascii() and any(mark in text for mark in words().organisations_within):
        return True
    # The first word is let off: an Et or a Y that begins a name is a name.
    return not words().organisations.isdisjoint([fold_word(part) for part in text.replace(",", " ").split()[1:]])


def _person_words(parts: list[str]) -> list[str]:
    """The words of a name without titles before and suffixes after."""
    while parts and fold_word(parts[0]) in words().titles:
        parts = parts[1:]
    while len(parts) > 1 and fold_word(parts[-1]) in words().suffixes:
        parts = parts[:-1]
    return parts


def _inverted(text: str) -> Parts:
    """Neal, Kelly; also "Kelly Neal, Jr." and "Neal, Kelly, MD", where a suffix stands after a comma."""
    sections = [section.strip() for section in text.split(",")]
    while len(sections) > 1 and fold(sections[-1]).replace(" ", "") in words().suffixes:
        del sections[-1]
    if len(sections) == 1:
        return split_full_name(sections[0])
    if len(sections) != 2:
        return WHOLE
    last, first = (" ".join(_person_words(section.split(" "))) for section in sections)
    return (first, last) if without_titles(fold(first)) and without_titles(fold(last)) else WHOLE


def _western(parts: list[str]) -> Parts:
    """Given names without middle initials, then the surname with its particles; a surname written in capitals may stand first."""
    parts = [parts[0], *(part for part in parts[1:-1] if len(fold_word(part)) > 1), parts[-1]]
    folded = [fold_word(part) for part in parts]
    capitals = [len(part) > 2 and part.isupper() for part in parts]
    if capitals[0] and not any(capitals[1:]) and any(len(part) > 1 for part in parts[1:]):
        return " ".join(parts[1:]), parts[0]
    particle = next((i for i in range(1, len(parts) - 1) if folded[i] in words().particles), 0)
    given = folded[: particle or len(parts) - 1]
    if folded[0] in _unclear_beginnings():
        return WHOLE
    if len(given) > 3 or given[-1] in words().binding:
        return WHOLE
    if particle:
        return " ".join(parts[:particle]), " ".join(parts[particle:])
    return " ".join(parts[:-1]), parts[-1]


@cache
def _unclear_beginnings() -> frozenset[str]:
    """Words that begin a surname, unless they are known as first names too (Kim, Lee, Al)."""
    return (surnames()["romanised"] | words().particles) - frozenset(nicknames().names.to_pylist())


def _cyrillic(parts: list[str]) -> Parts:
    """Иван Петрович Иванов and Иванов Иван Петрович by the patronymic; two words by the one that ends as surnames do."""
    lowered = [part.casefold() for part in parts]
    if len(parts) == 3:
        if _PATRONYMIC.fullmatch(lowered[2]):
            return " ".join(parts[1:]), parts[0]
        return (" ".join(parts[:2]), parts[2]) if _PATRONYMIC.fullmatch(lowered[1]) else WHOLE
    ends = [bool(_SURNAME_ENDING.fullmatch(part)) for part in lowered]
    if len(parts) != 2 or ends[0] == ends[1]:
        return WHOLE
    return (parts[1], parts[0]) if ends[0] else (parts[0], parts[1])


def _east_asian(text: str) -> Parts:
    """Names that hold Han, kana or Hangul: the surname first, but after a dot, which parts a foreign name."""
    dotted = [part.strip() for part in _GIVEN_FIRST_DOT.split(text)]
    if len(dotted) > 1:
        return (dotted[0], dotted[-1]) if len(dotted) == 2 and all(dotted) else WHOLE
    title = next((title for title in words().titles_after if text.endswith(title)), "")
    parts = text.removesuffix(title).split()
    if len(parts) == 2:
        listed = surnames()
        ends_in_surname = any(parts[1] in listed[section] for section in ("one", "korean"))
        starts_with_one = any(parts[0] in listed[section] for section in ("one", "two", "korean", "korean two"))
        return (parts[0], parts[1]) if ends_in_surname and not starts_with_one else (parts[1], parts[0])
    if len(parts) != 1 or parts[0] in words().placeholders or _KANA.search(parts[0]):
        return WHOLE
    return _unspaced(parts[0])


def _unspaced(name: str) -> Parts:
    """Chinese and Korean names without a space, by the surname they begin with; 황보영 could be 황 + 보영 or 황보 + 영, so it stays
    whole."""
    listed = surnames()
    if _HANGUL.fullmatch(name):
        if name[:2] in listed["korean two"]:
            return (name[2:], name[:2]) if len(name) == 4 else WHOLE
        return (name[1:], name[0]) if name[0] in listed["korean"] and 2 <= len(name) <= 3 else WHOLE
    if not _HAN.fullmatch(name):
        return WHOLE
    if name[:2] in listed["two"]:
        return (name[2:], name[:2]) if 3 <= len(name) <= 4 else WHOLE
    if any(name.startswith(surname) for surname in listed["japanese"] if len(surname) > 1):
        return WHOLE
    return (name[1:], name[0]) if name[0] in listed["one"] and 2 <= len(name) <= 3 else WHOLE
