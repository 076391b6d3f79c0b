"""Numbers as people write them, and which of them are nobody's own."""

from __future__ import annotations

import phonenumbers
import pytest
from idweave_server.errors import InputError
from idweave_server.identifiers.lists import default_lists
from idweave_server.identifiers.phone import read
from idweave_server.identifiers.reading import Options, Reading
from idweave_server.model import Flag, Refusal


def phone(text: str, region: str | None = "US") -> Reading:
    return read(text, Options(default_lists(), region=region))


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("(931) 703-1969", "US", "+19317031969"),
        ("5346105401", "US", "+15346105401"),
        ("931-703-1969", "CA", "+19317031969"),
        ("1.919.448.5041", "US", "+19194485041"),
        ("1-386-358-1621", "US", "+13863581621"),
        ("001 386 358 1621", "US", "+13863581621"),  # no prefix in the US, and yet written
        ("011 44 20 7123 4321", "US", "+442071234321"),
        ("00442071234321", None, "+442071234321"),
        ("tel:+1-386-358-1621", None, "+13863581621"),
        ("020 7123 4321", "GB", "+442071234321"),
        ("+44 (0)20 7123 4321", None, "+442071234321"),
        ("030/901820", "DE", "+4930901820"),
        ("06 698 12345", "IT", "+390669812345"),
        ("138 1234 5679", "CN", "+8613812345679"),
        ("8 912 345-67-89", "RU", "+79123456789"),
        ("（０３）１２３４−５６７８", "JP", "+81312345678"),
        ("٠١٠٠١٢٣٤٥٦٨", "EG", "+201001234568"),
        ("+1 386 358 1621 ", None, "+13863581621"),
    ],
)
def test_e164(text: str, region: str | None, e164: str) -> None:
    reading = phone(text, region)
    assert (reading.value, reading.refusal) == (e164, Refusal.NONE)
    assert phone(e164, None) == reading


@pytest.mark.parametrize(
    ("text", "region", "refusal"),
    [
        ("931-703-1969", None, Refusal.PHONE_REGION_UNKNOWN),
        ("(0)30 901820", None, Refusal.PHONE_REGION_UNKNOWN),
        ("abc", "US", Refusal.PHONE_SYNTAX),
        ("jo@web.de", "US", Refusal.PHONE_SYNTAX),
        ("12", "US", Refusal.PHONE_IMPOSSIBLE),
        ("931-703-19690123", "US", Refusal.PHONE_IMPOSSIBLE),
        ("+1 931 703", "US", Refusal.PHONE_IMPOSSIBLE),
        ("+1 131 703 1969", "US", Refusal.PHONE_INVALID),  # the right length, and no area of that code
        ("+999 123 4567", "US", Refusal.PHONE_INVALID),
        ("000-000-0000", "US", Refusal.PLACEHOLDER),
        ("+10000000000", "US", Refusal.PHONE_INVALID),
        ("+15555555555", "US", Refusal.PHONE_INVALID),
        ("+11234567890", "US", Refusal.PHONE_INVALID),
        ("+11231231234", "US", Refusal.PHONE_INVALID),
        ("+19999999999", "US", Refusal.PHONE_INVALID),
        ("212-555-0100", "US", Refusal.PHONE_FICTIONAL),
        ("212-555-0199", "US", Refusal.PHONE_FICTIONAL),
        ("0131 496 0123", "GB", Refusal.PHONE_FICTIONAL),
        ("020 7946 0999", "GB", Refusal.PHONE_FICTIONAL),
        ("0491 570 156", "AU", Refusal.PHONE_FICTIONAL),
    ],
)
def test_refused(text: str, region: str | None, refusal: Refusal) -> None:
    assert phone(text, region) == Reading(None, refusal)


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("+12122222222", Flag.FAKE),  # two different digits in the last seven
        ("+12125552222", Flag.FAKE),  # no person has a 555 line
        ("+442071234567", Flag.FAKE),  # the last seven are a run
        ("+33698765432", Flag.FAKE),
        ("+8613800138000", Flag.FAKE),
        ("+12128675309", Flag.FAKE),
        ("+12125551212", Flag.SERVICE),  # directory assistance
        ("1-800-356-9377", Flag.SERVICE),
        ("1-800-FLOWERS", Flag.SERVICE),
        ("+448001111", Flag.SERVICE),
        ("+80012345678", Flag.SERVICE | Flag.FAKE),
        ("+80012349678", Flag.SERVICE),
        ("931-703-1969 x123", Flag.SERVICE),  # a switchboard
        ("931-703-1969 ext. 1", Flag.SERVICE),
        ("+12125549876", Flag.NONE),
    ],
)
def test_flags(text: str, flags: Flag) -> None:
    assert phone(text).flags == flags


def test_premium_and_shared_cost_examples_of_every_region_are_services() -> None:
    types = (phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST, phonenumbers.PhoneNumberType.TOLL_FREE)
    seen = 0
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in types:
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None or phonenumbers.number_type(example) != kind:
                continue
            reading = phone(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))
            assert reading.flags & Flag.SERVICE, (region, kind)
            seen += 1
    assert seen > 300


@pytest.mark.parametrize(("region", "hint"), [("UK", "'GB'"), ("us", "'US'"), ("Germany", "two capital letters")])
def test_an_unknown_region_is_the_callers_mistake(region: str, hint: str) -> None:
    with pytest.raises(InputError, match=hint):
        Options(default_lists(), region=region)
