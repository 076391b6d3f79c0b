"""First and last names in the form they are compared in: folded, without titles, suffixes and middle initials.

`fold` works on a text of many lines at once with the same result as line by line, so a column costs a few passes of C code instead of a
call a value; only names of several words are looked at one by one.
"""

from __future__ import annotations

import re
import string
import tomllib
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.arrow_text import among
from idweave_server.identifiers.nicknames import nicknames
from idweave_server.kernels.labels import Labels
from idweave_server.model import Refusal

MAX_NAME = 200  # characters; what is longer is not a name
FEW = 8  # names that are read one by one before a column is looked at as one
_MOST_BYTES = pa.scalar(MAX_NAME, pa.int32())
# One word of ASCII letters, for which lower-casing is all that folding does, or of ideographs or Hangul, which fold to themselves.
PLAIN = "^(?:[A-Za-z][A-Za-z]+|[\\x{4e00}-\\x{9fa5}]+|[\\x{ac00}-\\x{d7a3}]+)$"

_MARKS = re.compile(
    "[\u0300-\u036f]+"
)  # accents of Latin, Greek and Cyrillic letters; not the voicing marks of kana nor the vowel signs of India
_BLANKS = re.compile(" {2,}")
# Apostrophes and invisible characters vanish (o'neil is oneil); dots, hyphens, commas and odd blanks part words; letters that Unicode does
# not decompose. To None, not to "": only so does str.translate take its fast route for ASCII.
_LETTERS = str.maketrans(
    {
        **dict.fromkeys("'’‘`´ʼʹ′\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"),
        **dict.fromkeys(".-‐‑‒–—―−·・,\t\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u1680\u2028\u2029", " "),
    }
    | {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
_ASIDE = re.compile(r"\([^)]*\)|[\"“”][^\"“”]*[\"“”]")  # Robert (Bob), Robert "Bob"
_EAST_ASIAN = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")
_HYPHEN = re.compile("[-‐‑‒–—―−]")
_ONE_LETTER = re.compile(r"([a-z])\1{2,}")  # xxx, aaaa


class NameColumn(NamedTuple):
    """folded: string[n], null where there is no usable name; refusal: uint8[n], model.Refusal members, zero where the name is usable."""

    folded: pa.StringArray
    refusal: np.ndarray


class Words(NamedTuple):
    """What `data/name_words.toml` lists."""

    titles: frozenset[str]
    titles_after: tuple[str, ...]
    suffixes: frozenset[str]
    placeholders: frozenset[str]
    spelled: frozenset[str]
    also_surnames: frozenset[str]
    compounds: frozenset[str]
    binding: frozenset[str]
    particles: frozenset[str]
    organisations: frozenset[str]
    organisations_within: tuple[str, ...]


@cache
def words() -> Words:
    tree = tomllib.loads(resources.files(__package__).joinpath("data/name_words.toml").read_text("utf-8"))
    sets = {field: frozenset(tree[field]) for field in Words._fields if not field.endswith(("_after", "_within"))}
    return Words(**sets, titles_after=tuple(tree["titles_after"]), organisations_within=tuple(tree["organisations_within"]))


def fold(text: str) -> str:
    """The text as names are compared: NFKC, case-folded, accents of Latin, Greek and Cyrillic stripped, blanks squeezed.

    Jean-Luc is "jean luc", O'Neil "oneil", J.R. "j r", Müller "muller". Line breaks stay, so fold("\\n".join(lines)) folds every line.
    """
    text = unicodedata.normalize("NFKC", text)
    if text.isascii():
        text = text.lower()
    else:
        text = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold())))
    text = _BLANKS.sub(" ", text.translate(_LETTERS))
    return text.replace("\n ", "\n").replace(" \n", "\n").strip(" ")


@lru_cache(1 << 16)
def fold_word(word: str) -> str:
    """`fold`, remembered: the words of full names come back."""
    return word.lower() if word.isascii() and word.isalpha() else fold(word)


def fold_column(values: pa.StringArray) -> list[str]:
    """`fold` of every value. A line break inside a value counts as a blank."""
    if not len(values):
        return []
    return fold("\n".join(pc.replace_substring(values, "\n", " ").to_pylist())).split("\n")


def read_first_names(values: pa.StringArray) -> NameColumn:
    """First names of distinct values; of several given names the one in use.

    "Robert E" and "Mr. Robert" are robert; "J. Robert" is robert too (who writes an initial first goes by the second name); "R." stays the
    initial r. Two words stay together where a hyphen joins them (Jean-Luc), where they are a known pair (Mary Ann, José María), or where
    the first means little alone (Abdul Rahman). Han, kana and Hangul names are kept whole. Digits, @ and symbols are NAME_SYNTAX; n/a,
    test, guest are PLACEHOLDER.
    """
    return _read(values, _first_name)


def read_last_names(values: pa.StringArray) -> NameColumn:
    """Last names of distinct values: all words without titles and suffixes ("de la Cruz" is "de la cruz", "Smith Jr" smith); refused as
    first names are."""
    return _read(values, _last_name)


def _read(values: pa.StringArray, read: Callable[[str, str], str | Refusal]) -> NameColumn:
    """Plain words by column; whatever might need `read`, and a few words as a whole, by value."""
    if len(values) <= FEW and not values.null_count:
        found = [read(*pair) for pair in zip(values.to_pylist(), fold_column(values), strict=True)]
        return NameColumn(_names(found), _refusals(found))
    lowered = pc.ascii_lower(values)
    plain = pc.and_(pc.match_substring_regex(values, PLAIN), pc.less_equal(pc.binary_length(values), _MOST_BYTES))
    odd = pa.array(among(lowered, _words_of_note()) | among(values, words().spelled))
    odd = pc.or_(odd, pc.match_substring_regex(lowered, _odd_endings()))
    slow = pc.or_(pc.invert(plain), odd)
    at = np.flatnonzero(slow)
    refusal = np.zeros(len(values), np.uint8)
    if not len(at):
        return NameColumn(lowered, refusal)
    observed = values.take(pa.array(at))
    found = [read(*pair) for pair in zip(observed.to_pylist(), fold_column(observed), strict=True)]
    refusal[at] = _refusals(found)
    return NameColumn(pc.replace_with_mask(lowered, slow, _names(found)), refusal)


def _names(found: list[str | Refusal]) -> pa.StringArray:
    return pa.array([None if isinstance(name, Refusal) else name for name in found], pa.string())


def _refusals(found: list[str | Refusal]) -> npt.NDArray[np.uint8]:
    return np.array([name if isinstance(name, Refusal) else 0 for name in found], np.uint8)


@cache
@cache
def _surname_placeholders() -> frozenset[str]:
    return words().placeholders - words().also_surnames


@cache
def _words_of_note() -> frozenset[str]:
    return words().titles | words().suffixes | words().placeholders


@cache
def _odd_endings() -> str:
    """`_odd_ending` as a pattern."""
    return "|".join([*(3 * letter + "$" for letter in string.ascii_lowercase), *(title + "$" for title in words().titles_after)])


def _odd_ending(folded: str) -> bool:
    """Whether three of one letter end the name, or a title that is written onto it."""
    return folded[-3:] == 3 * folded[-1] or (not folded.isascii() and folded.endswith(words().titles_after))


def _first_name(observed: str, folded: str) -> str | Refusal:
    name = _bare_name(observed, folded, words().placeholders)
    if isinstance(name, Refusal) or " " not in name:
        return name
    if not name.isascii() and _EAST_ASIAN.search(name):
        return name.replace(" ", "")
    full = [part for part in name.split(" ") if len(part) > 1]
    if not full:
        return name[0]
    if _HYPHEN.search(observed):
        joined = next((name for token in re.split(r"[\s.,]+", observed) if (name := fold(token)).startswith(full[0] + " ")), "")
        if joined:
            return " ".join(part for part in joined.split(" ") if len(part) > 1)
    count = next((n for n in (3, 2) if " ".join(full[:n]) in words().compounds), 1)
    while full[0] in words().binding and count < len(full) and (full[count - 1] in words().binding or full[count - 1] in words().particles):
        count += 1
    return " ".join(full[:count])


def _last_name(observed: str, folded: str) -> str | Refusal:
    name = _bare_name(observed, folded, _surname_placeholders())
    return name if isinstance(name, Refusal) or not _EAST_ASIAN.search(name) else name.replace(" ", "")


def _bare_name(observed: str, folded: str, placeholders: frozenset[str]) -> str | Refusal:
    """The folded name without titles and suffixes, or why it is none."""
    if len(observed) > MAX_NAME:
        return Refusal.TOO_LONG
    if folded.isalpha() and folded not in _words_of_note() and observed.isprintable() and not _odd_ending(folded):
        return folded if observed.strip() not in words().spelled else Refusal.PLACEHOLDER
    if not observed.isprintable() and any(unicodedata.category(c) == "Cc" and not c.isspace() for c in observed):
        return Refusal.CONTROL_CHARACTER
    if folded.replace("/", " ") in placeholders or observed.strip() in words().spelled or _ONE_LETTER.fullmatch(folded):
        return Refusal.PLACEHOLDER
    bare = without_titles(folded if folded.replace(" ", "").isalpha() else _ASIDE.sub(" ", folded))
    if not bare or not (bare.replace(" ", "").isalpha() or all(c == " " or unicodedata.category(c)[0] in "LM" for c in bare)):
        return Refusal.NAME_SYNTAX
    return Refusal.PLACEHOLDER if placeholders.issuperset(bare.split(" ")) else bare


def without_titles(folded: str) -> str:
    """A folded name without what stands before (mr, dr), after (jr, iii) or is written onto it (先生, 씨); empty where nothing else is
    there."""
    parts = folded.split()
    while parts and parts[0] in words().titles:
        del parts[0]
    while len(parts) > 1 and parts[-1] in words().suffixes:
        del parts[-1]
    if parts and not parts[-1].isascii() and _EAST_ASIAN.search(parts[-1]):
        title = next((title for title in words().titles_after if parts[-1].endswith(title)), "")
        parts[-1] = parts[-1].removesuffix(title)
    return " ".join(part for part in parts if part)


def label_table(names: pa.StringArray) -> Labels:
    """The table that kernels compare names in. names: string[l], distinct folded first names; label i is names[i].

    Prefixes, initials and single edits count in Latin, Greek, Cyrillic, Armenian and Georgian only. In Han, kana and Hangul a character is
    half a name (小明 and 小红 are two people); Arabic and Hebrew leave vowels out, so one letter parts Ahmad from Muhammad (أحمد, محمد) and
    Meir from Yair.
    """
    text = "".join(names.to_pylist())
    chars = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    start = _starts(pc.utf8_length(names).to_numpy(zero_copy_only=False))
    foreign = np.zeros(len(chars) + 1, np.int64)
    np.cumsum(~_alphabetic(chars), out=foreign[1:])
    table = nicknames()
    row = pc.fill_null(pc.index_in(names, value_set=table.names), -1).to_numpy(zero_copy_only=False)
    known = row >= 0
    count = np.where(known, table.start[row + 1] - table.start[row], 0)
    family_start = _starts(count)
    within = np.arange(family_start[-1]) - np.repeat(family_start[:-1], count)
    family = table.family[np.repeat(table.start[row], count) + within]
    return Labels(chars, start, family_start, family, (foreign[start[1:]] == foreign[start[:-1]]).astype(np.uint8))


def _starts(length: Any) -> Any:
    """int64[n + 1]: where each of n runs of these lengths begins."""
    start = np.zeros(len(length) + 1, np.int64)
    np.cumsum(length, out=start[1:])
    return start


def _alphabetic(chars: Any) -> Any:
    """bool[c]: characters of the alphabets where a letter is a sound, and what stands between them."""
    return (
        (chars < 0x0590)
        | ((chars >= 0x10A0) & (chars < 0x1100))
        | ((chars >= 0x1C90) & (chars < 0x1CC0))
        | ((chars >= 0x1E00) & (chars < 0x2000))
    )
