"""Numbering plans over whole columns: libphonenumber's verdict without its per-number cost.

Everything here is derived from the metadata of the installed `phonenumbers` package when a plan is first used. The functions answer only
for numbers whose answer follows from the patterns alone, and say so; `phone.read` asks the library about the rest. What the library does is
in phonenumberutil.py: region_code_for_number, _number_type_helper, _maybe_strip_national_prefix_carrier_code.
"""

from __future__ import annotations

import re
from collections.abc import Set
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

from idweave_server.identifiers.arrow_text import Rows, digit_table, lengths, mask, matches
from idweave_server.identifiers.digit_automaton import NOTHING, Automaton, Tree, after, compiled, either, parse, prefix

UNKNOWN, PERSONAL, SERVICE = 0, 1, 2
MARKED = 4  # added where a number is also one of the marked ones

# libphonenumber takes the first type that fits, in this order; the order within one of the four groups does not matter here.
_TYPES = (
    (SERVICE, ("premium_rate", "toll_free", "shared_cost")),
    (PERSONAL, ("voip", "personal_number", "pager")),
    (SERVICE, ("uan", "voicemail")),
    (PERSONAL, ("fixed_line", "mobile")),
)


def calling_code_table() -> npt.NDArray[np.int16]:
    """int16[1000]: the calling code that a number's first three digits begin with, 0 where there is none."""
    table = np.zeros(1000, np.int16)
    for digits in range(100, 1000):
        for known in (digits // 100, digits // 10, digits):
            if known in COUNTRY_CODE_TO_REGION_CODE:
                table[digits] = known
                break
    return table


def metadata_of(calling_code: int, region: str | None = None) -> PhoneMetadata:
    """The metadata of the region, or of the main region of the calling code."""
    found = PhoneMetadata.metadata_for_region_or_calling_code(calling_code, region or COUNTRY_CODE_TO_REGION_CODE[calling_code][0])
    if found is None:
        raise LookupError(f"libphonenumber lists {region} under +{calling_code} and knows nothing of it")
    return found


def metadata_of_region(region: str) -> PhoneMetadata:
    return metadata_of(phonenumbers.country_code_for_region(region), region)


def code_of(metadata: PhoneMetadata) -> int:
    return int(metadata.country_code or 0)


def general_of(metadata: PhoneMetadata) -> PhoneNumberDesc:
    """What holds for all the region's numbers; every region has it."""
    return metadata.general_desc or PhoneNumberDesc()


def longest(calling_code: int) -> int:
    """Digits of the longest national number in any region of the calling code."""
    return max(max(general_of(metadata_of(calling_code, region)).possible_length) for region in COUNTRY_CODE_TO_REGION_CODE[calling_code])


def verdicts(calling_code: int, numbers: pa.StringArray, marked: str) -> npt.NDArray[np.uint8]:
    """uint8[n]: UNKNOWN for invalid national numbers (ASCII digits), PERSONAL or SERVICE for valid ones, MARKED added.

    marked: a pattern over calling code and number; it does not change the rest of the verdict.
    """
    found = np.zeros(len(numbers), np.uint8)
    sizes = lengths(numbers)
    for size in np.unique(sizes[sizes > 0]).tolist():
        rows = np.flatnonzero(sizes == size)
        subset = numbers if len(rows) == len(numbers) else numbers.take(pa.array(rows))
        found[rows] = _automaton(calling_code, size, marked).walk(digit_table(subset, size))
    return found


@lru_cache(maxsize=2048)
def _automaton(calling_code: int, size: int, marked: str) -> Automaton:
    """The regions of a calling code in the order in which the library asks them, for national numbers of one length."""
    regions = COUNTRY_CODE_TO_REGION_CODE[calling_code]
    trees: list[Tree] = [_following(parse(marked), str(calling_code))]
    for region in regions:
        metadata = metadata_of(calling_code, region)
        # Where several regions share the code, what begins like one of them is that one's or nobody's.
        trees.append(prefix(parse(metadata.leading_digits)) if metadata.leading_digits and len(regions) > 1 else NOTHING)
        trees.append(_tree(metadata, ("general_desc",), size))
        trees += [_tree(metadata, types, size) for _, types in _TYPES]
    own = [metadata_of(calling_code, region).leading_digits is not None and len(regions) > 1 for region in regions]
    width = 2 + len(_TYPES)

    def decide(matched: Set[int]) -> int:
        mark = MARKED if 0 in matched else 0
        for index, has_leading in enumerate(own):
            leading = 1 + width * index
            fits = (kind for offset, (kind, _) in enumerate(_TYPES) if leading + 2 + offset in matched)
            kind = next(fits, UNKNOWN) if leading + 1 in matched else UNKNOWN
            if leading in matched or (not has_leading and kind != UNKNOWN):
                return kind + mark
        return UNKNOWN

    return compiled(trees, size, decide)


def _tree(metadata: PhoneMetadata, types: tuple[str, ...], size: int) -> Tree:
    descs: list[PhoneNumberDesc | None] = [getattr(metadata, name) for name in types]
    fitting = [
        parse(desc.national_number_pattern)
        for desc in descs
        if desc and desc.national_number_pattern and (not desc.possible_length or size in desc.possible_length)
    ]
    return either(fitting)


def _following(tree: Tree, digits: str) -> Tree:
    for digit in digits:
        tree = after(tree, int(digit))
    return tree


def possible(calling_code: int, numbers: pa.StringArray) -> Rows:
    """Which national numbers have a length that the calling code's main region knows, in full or without the area code."""
    desc = general_of(metadata_of(calling_code))
    return np.isin(lengths(numbers), (*desc.possible_length, *desc.possible_length_local_only))


def general(metadata: PhoneMetadata, numbers: pa.StringArray) -> Rows:
    """Which numbers fit the region's general description, whatever their length."""
    return matches(numbers, f"^(?:{general_of(metadata).national_number_pattern})$")


def without_national_prefix(metadata: PhoneMetadata, numbers: pa.StringArray) -> tuple[pa.StringArray, Rows]:
    """The numbers as the library leaves them after taking the trunk prefix off, and for which of them that is certain."""
    certain = np.ones(len(numbers), np.bool_)
    prefix = metadata.national_prefix_for_parsing
    if not prefix or len(numbers) == 0:
        return numbers, certain
    found = np.flatnonzero(matches(numbers, f"^(?:{prefix})"))
    if len(found) == 0:
        return numbers, certain
    prefixed = numbers.take(pa.array(found))
    if metadata.national_prefix_transform_rule:
        # The rule rewrites the number where the last group took part; where it did not, the prefix alone goes.
        last_group = re.compile(prefix).groups
        marked = pc.replace_substring_regex(prefixed, f"^(?:{prefix})", rf"<\{last_group}>", max_replacements=1)
        plain = mask(pc.starts_with(marked, "<>"))
        stripped = pc.if_else(pa.array(plain), pc.utf8_slice_codeunits(marked, 2), prefixed)
    else:
        plain = np.ones(len(found), np.bool_)
        stripped = pc.replace_substring_regex(prefixed, f"^(?:{prefix})", "", max_replacements=1)
    unchanged = mask(pc.equal(stripped, prefixed))
    possible = np.isin(lengths(stripped), general_of(metadata).possible_length)
    certain[found] = plain & (unchanged | (general(metadata, stripped) & possible))
    changed = np.zeros(len(numbers), np.bool_)
    changed[found] = True
    return pc.replace_with_mask(numbers, pa.array(changed), stripped), certain
