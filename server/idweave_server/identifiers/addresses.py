"""Postal addresses as keys to compare: house number, street with its words unified, unit, postcode (or the town where there is none).

A key is not for display and not for a letter; two spellings of one address have the same key, and a key that is not made is better than a
wrong one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import cache
from importlib import resources

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.arrow_text import matches, scalar
from idweave_server.identifiers.names import fold_column

_UNIT_SIGN = "#"
_STREET_GLUED = r"([a-z]{3})(?:strasse|str)\b"  # hauptstrasse, Hauptstr.
# Already in order: a number, words, maybe a unit at the end.
_ORDERED = r"^[0-9][0-9a-z]*(?: [0-9a-z]+)*(?: # [0-9a-z]+)?$"


def read_addresses(
    street: pa.StringArray, unit: pa.StringArray | None = None, postcode: pa.StringArray | None = None, city: pa.StringArray | None = None
) -> pa.StringArray:
    """The key of each row's address, such as "384 poplar ln # 271, 55558"; null where there is no house number, no street, or neither
    postcode nor town.

    Aligned columns, null where nothing was given; rows need not be distinct. A unit may stand in its own column or in the street's ("Apt
    271", "#271", "Suite 900, ..."). A postcode is compared without blanks and hyphens, one of the United States by its first five digits.
    """
    streets = _by_distinct(street, _street_keys)
    where = _null(len(street)) if city is None else _by_distinct(city, _folded)
    if postcode is not None:
        where = pc.coalesce(_by_distinct(postcode, _postcodes), where)
    if unit is not None:
        units = _by_distinct(unit, _unit_keys)
        # A unit already in the street is the same one said twice.
        stated = pc.and_(pc.is_valid(units), pc.invert(pc.fill_null(pc.match_substring(streets, _UNIT_SIGN), False)))
        streets = pc.if_else(stated, pc.binary_join_element_wise(streets, units, scalar(" ")), streets)
    return pc.binary_join_element_wise(streets, where, scalar(", "))


def _by_distinct(column: pa.StringArray, read: Callable[[pa.StringArray], pa.StringArray]) -> pa.StringArray:
    """A column read by its distinct values; null stays null."""
    encoded = column.dictionary_encode()
    return read(encoded.dictionary).take(encoded.indices)


def _null(n: int) -> pa.StringArray:
    return pa.nulls(n, pa.string())


def _folded(values: pa.StringArray) -> pa.StringArray:
    folded = pa.array(fold_column(values), pa.string())
    return pc.if_else(pc.equal(folded, ""), None, folded)


def _postcodes(values: pa.StringArray) -> pa.StringArray:
    """LE11 1UU is le111uu, 92723-0000 and 927230000 are 92723."""
    plain = pc.replace_substring(_folded(values), " ", "")
    return pc.if_else(pc.match_substring_regex(plain, "^[0-9]{9}$"), pc.utf8_slice_codeunits(plain, 0, 5), plain)


def _unit_keys(values: pa.StringArray) -> pa.StringArray:
    """Apt 271, #271 and 271 are "# 271"."""
    words = pc.utf8_ltrim(_unified(values), characters="# ")
    return pc.if_else(pc.equal(words, scalar("")), scalar(None), pc.binary_join_element_wise(scalar(_UNIT_SIGN), words, scalar(" ")))


def _street_keys(values: pa.StringArray) -> pa.StringArray:
    """Streets with unified words in the order number, street, unit; null where there is no number or no street."""
    unified = _unified(values)
    ordered = matches(unified, _ORDERED)
    loose = np.flatnonzero(~ordered)
    if len(loose):
        found = [_in_order(text) for text in unified.take(pa.array(loose)).to_pylist()]
        unified = pc.replace_with_mask(unified, pa.array(~ordered), pa.array(found, pa.string()))
    return pc.if_else(pc.match_substring_regex(unified, r"^[0-9][^ ]* [^ #]"), unified, None)


def _unified(values: pa.StringArray) -> pa.StringArray:
    """Folded texts with each word in its one form, and a single # before a unit."""
    if not len(values):
        return values
    text = "\n".join(fold_column(values))
    if "str" in text:
        text = re.sub(_STREET_GLUED, r"\1 st", text)
    text = text.replace("p o box", "po box").replace(_UNIT_SIGN, " # ")
    lines = pc.split_pattern(pa.array(text.split("\n"), pa.string()), " ")
    word = lines.flatten()
    spellings, forms = _spellings()
    unified = pc.coalesce(forms.take(pc.index_in(word, value_set=spellings)), word)
    text = "\n".join(pc.binary_join(pa.ListArray.from_arrays(lines.offsets, unified), " ").to_pylist())
    if _UNIT_SIGN in text:
        text = re.sub(" *#[# ]*", " # ", text)
        text = text.replace("\n ", "\n").replace(" \n", "\n").strip(" ")
    return pa.array(text.split("\n"), pa.string())


def _in_order(text: str) -> str | None:
    """Words with the house number first and the unit last: "suite 900 1450 city rd", "ansbacher st 23 a"; None where no number stands at
    either end."""
    words = [word for word in text.split(" ") if word]
    unit = ""
    if _UNIT_SIGN in words:
        at = words.index(_UNIT_SIGN)
        stop = len(words) if at > 0 and len(words) - at <= 3 else at + 2
        unit = "".join(words[at + 1 : stop])
        words = [word for word in words[:at] + words[stop:] if word != _UNIT_SIGN]
    if len(words) > 2 and len(words[-1]) == 1 and words[-1].isalpha() and _begins_with_digit(words[-2]):
        words[-2:] = ["".join(words[-2:])]
    if words and not _begins_with_digit(words[0]):
        if not _begins_with_digit(words[-1]):
            return None
        words = [words[-1], *words[:-1]]
    return " ".join([*words, _UNIT_SIGN, unit] if unit else words)


def _begins_with_digit(word: str) -> bool:
    return "0" <= word[0] <= "9"


@cache
def _spellings() -> tuple[pa.StringArray, pa.StringArray]:
    tree = tomllib.loads(resources.files(__package__).joinpath("data/address_words.toml").read_text("utf-8"))
    pairs = sorted((spelling, form) for form, spellings in tree["words"].items() for spelling in spellings)
    return pa.array([spelling for spelling, _ in pairs], pa.string()), pa.array([form for _, form in pairs], pa.string())
