"""The fast route of phone numbers: whole columns of digits and common punctuation, read as libphonenumber reads them.

A value is claimed when each step that the library would take on it is certain: the international prefix, the calling code, the trunk
prefix, the type. The steps are in phonenumberutil.parse, _maybe_extract_country_code and
_maybe_strip_national_prefix_carrier_code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from phonenumbers.phonemetadata import PhoneMetadata

from idweave_server.identifiers import numbering
from idweave_server.identifiers.arrow_text import Rows, digits_of, lengths, lengths_within, mask, matches, offsets_and_bytes, scalar
from idweave_server.identifiers.phone_marks import is_invented, judge, marked
from idweave_server.identifiers.reading import Claim, Options
from idweave_server.model import Flag, Refusal

# Nothing here starts an extension or a second number, so only the digits and a leading + count.
_SHAPE = r"^\+?[(0-9][0-9 ()./-]*$"
_FEWEST, _MOST = 7, 17  # digits; shorter numbers are few, longer ones never valid
Where = npt.NDArray[np.int64]  # positions in the column of candidates
_CODES = numbering.calling_code_table()


@dataclass(slots=True)
class _Found:
    """Pieces of the answer: candidates' positions with what their numbers are and which of them are as the library would read them."""

    marked: str
    where: list[Where]
    numbers: list[pa.StringArray]
    verdicts: list[npt.NDArray[np.uint8]]
    possible: list[Rows]

    def add(self, where: Where, calling_code: int, national: pa.StringArray, certain: Rows) -> None:
        if not certain.all():
            where, national = where[certain], national.filter(pa.array(certain))
        if len(where):
            self.where.append(where)
            self.numbers.append(pc.binary_join_element_wise(scalar(f"+{calling_code}"), national, scalar("")))
            self.verdicts.append(numbering.verdicts(calling_code, national, self.marked))
            self.possible.append(numbering.possible(calling_code, national))


def claim(values: pa.StringArray, options: Options) -> Claim:
    """Numbers in their region's or the international notation, valid or not, where each step is certain."""
    shaped = np.flatnonzero(matches(values, _SHAPE))
    candidates = values if len(shaped) == len(values) else values.take(pa.array(shaped))
    digits = digits_of(candidates)
    found = _Found(marked(options.lists), [], [], [], [])
    fits = lengths_within(digits, _FEWEST, _MOST)
    plus = mask(pc.starts_with(candidates, "+"))
    for rows, reader in ((plus & fits, _read_international), (~plus & fits, partial(_read_national, options.region))):
        if rows.any():
            reader(np.flatnonzero(rows), digits if rows.all() else digits.filter(pa.array(rows)), found)
    claimed = np.zeros(len(values), np.bool_)
    if not found.where:
        return Claim(claimed, values.slice(0, 0), np.empty(0, np.uint8), np.empty(0, np.uint8))
    where = shaped[np.concatenate(found.where)]
    claimed[where] = True
    place = np.empty(len(values), np.int64)
    place[where] = np.arange(len(where))
    order = place[claimed]
    numbers = pa.concat_arrays(found.numbers).take(pa.array(order))
    verdict, possible = np.concatenate(found.verdicts)[order], np.concatenate(found.possible)[order]
    kind = verdict & ~np.uint8(numbering.MARKED)
    flags = np.where(kind == numbering.SERVICE, int(Flag.SERVICE), 0).astype(np.uint8)
    refusal = np.where(kind, 0, np.where(possible, int(Refusal.PHONE_INVALID), int(Refusal.PHONE_IMPOSSIBLE))).astype(np.uint8)
    for odd in np.flatnonzero((kind > 0) & ((verdict >= numbering.MARKED) | is_invented(numbers))).tolist():
        reading = judge(numbers[odd].as_py(), bool(kind[odd] == numbering.SERVICE), options.lists)
        flags[odd], refusal[odd] = reading.flags, reading.refusal
    accepted = refusal == 0
    if not accepted.all():
        numbers = pc.if_else(pa.array(accepted), numbers, pa.scalar(None, pa.string()))
    return Claim(claimed, numbers, flags, refusal)


def _read_international(rows: Where, numbers: pa.StringArray, found: _Found) -> None:
    """numbers: the digits after a + or an international prefix."""
    codes = _CODES[_first_three(numbers)]
    for code in np.unique(codes[codes > 0]).tolist():
        of_code = np.flatnonzero(codes == code)
        subset = numbers if len(of_code) == len(numbers) else numbers.take(pa.array(of_code))
        national = pc.utf8_slice_codeunits(subset, len(str(code)))
        found.add(rows[of_code], code, *numbering.without_national_prefix(numbering.metadata_of(code), national))


def _read_national(region: str | None, rows: Where, numbers: pa.StringArray, found: _Found) -> None:
    """numbers: digits without a + before them."""
    if region is None:
        zeros = mask(pc.starts_with(numbers, "00"))
        _read_abroad("00", rows[zeros], numbers.filter(pa.array(zeros)), found)
        return
    metadata = numbering.metadata_of_region(region)
    dialled = matches(numbers, f"^(?:{metadata.international_prefix})")
    if dialled.any():
        _read_abroad(metadata.international_prefix or "", rows[dialled], numbers.filter(pa.array(dialled)), found)
        rows, numbers = rows[~dialled], numbers.filter(pa.array(~dialled))
    coded = mask(pc.starts_with(numbers, str(numbering.code_of(metadata))))
    if coded.any():
        _read_coded(metadata, rows[coded], numbers.filter(pa.array(coded)), found)
        rows, numbers = rows[~coded], numbers.filter(pa.array(~coded))
    _read_home(metadata, rows, numbers, found)


def _read_coded(metadata: PhoneMetadata, rows: Where, numbers: pa.StringArray, found: _Found) -> None:
    """Numbers that begin with the region's own calling code, which may be just how a national number begins."""
    code = numbering.code_of(metadata)
    rest, certain = numbering.without_national_prefix(metadata, pc.utf8_slice_codeunits(numbers, len(str(code))))
    sizes = lengths(numbers)
    general = numbering.general_of(metadata)
    too_long = (sizes > max(general.possible_length)) & ~np.isin(sizes, general.possible_length_local_only)
    is_code = too_long | (~numbering.general(metadata, numbers) & numbering.general(metadata, rest))
    taken = pa.array(certain & is_code)
    national, sure = numbering.without_national_prefix(numbering.metadata_of(code), rest.filter(taken))
    found.add(rows[certain & is_code], code, national, sure)
    taken = pa.array(certain & ~is_code)
    _read_home(metadata, rows[certain & ~is_code], numbers.filter(taken), found)


def _read_home(metadata: PhoneMetadata, rows: Where, numbers: pa.StringArray, found: _Found) -> None:
    """National numbers; and those after 00 in a region that does not dial so, where they are too long for the region."""
    national, certain = numbering.without_national_prefix(metadata, numbers)
    zeros = mask(pc.starts_with(numbers, "00"))
    found.add(rows, numbering.code_of(metadata), national, certain & ~zeros)
    if zeros.any():
        zeros &= certain & mask(pc.equal(national, numbers)) & (lengths(numbers) > numbering.longest(numbering.code_of(metadata)))
        _read_abroad("00", rows[zeros], numbers.filter(pa.array(zeros)), found)


def _read_abroad(prefix: str, rows: Where, numbers: pa.StringArray, found: _Found) -> None:
    """numbers: digits that all begin with the international prefix."""
    rest = pc.replace_substring_regex(numbers, f"^(?:{prefix})", "", max_replacements=1)
    # A calling code cannot begin with 0: then the prefix was none. Where it is 00 and more (001 in Korea), phone.read may try 00 alone.
    settled = matches(rest, "^[1-9]") & lengths_within(rest, _FEWEST, _MOST)
    settled &= ~mask(pc.starts_with(numbers, "00")) | mask(pc.equal(rest, pc.utf8_slice_codeunits(numbers, 2)))
    if settled.any():
        _read_international(rows[settled], rest.filter(pa.array(settled)), found)


def _first_three(numbers: pa.StringArray) -> npt.NDArray[np.int64]:
    """The first three digits as one number; all have that many."""
    offsets, text = offsets_and_bytes(numbers)
    first = (text[offsets[:-1, None] + np.arange(3, dtype=np.int32)] - ord("0")).astype(np.int64)
    return np.asarray(first @ np.array([100, 10, 1]), dtype=np.int64)
