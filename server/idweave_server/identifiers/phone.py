"""Phone numbers: E.164, judged by libphonenumber, read in the column's region where they are national.

Possible is not valid: a number of the right length that no plan assigns is refused as PHONE_INVALID. `00` before a number means + wherever
the region's own reading finds nothing in it (it is the ITU's international prefix; people write it in countries that dial another).
Numbers set aside for fiction are refused; those that people invent (the last seven digits a run, or at most two different ones) are FAKE;
toll-free, shared-cost, premium, company-wide and voicemail numbers are SERVICE. An extension is dropped, and the number is SERVICE: it is
a switchboard's, which many share.
"""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from idweave_server.identifiers import phone_claim
from idweave_server.identifiers.phone_marks import judge
from idweave_server.identifiers.reading import Options, Reading, refused
from idweave_server.identifiers.text import clean
from idweave_server.model import Refusal

claim = phone_claim.claim

_SERVICE = frozenset(
    (
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    )
)


def read(text: str, options: Options) -> Reading:
    text, refusal = clean(text, options.lists.placeholders)
    if refusal:
        return refused(refusal)
    digits = phonenumbers.normalize_digits_only(text)
    if digits and not digits.strip("0") and not any(c.isalpha() for c in text):
        return refused(Refusal.PLACEHOLDER)
    number, refusal = _parsed(text, options.region)
    if number is None and digits.startswith("00") and not re.search(r"[^\W\d_]|[+＋]", text):
        number, refusal = _parsed("+" + digits[2:], None)
    if number is None:
        return refused(refusal)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return judge(e164, number.extension is not None or phonenumbers.number_type(number) in _SERVICE, options.lists)


def _parsed(text: str, region: str | None) -> tuple[PhoneNumber | None, Refusal]:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        return None, _refusal(error, text)
    if phonenumbers.is_valid_number(number):
        return number, Refusal.NONE
    return None, Refusal.PHONE_INVALID if phonenumbers.is_possible_number(number) else Refusal.PHONE_IMPOSSIBLE


def _refusal(error: NumberParseException, text: str) -> Refusal:
    if error.error_type == NumberParseException.NOT_A_NUMBER:
        return Refusal.PHONE_SYNTAX
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return Refusal.PHONE_INVALID if re.search("[+＋]", text) else Refusal.PHONE_REGION_UNKNOWN
    return Refusal.PHONE_IMPOSSIBLE
