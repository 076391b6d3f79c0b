"""The column path reads every string as the value path does, and its fast routes take what they are meant to take."""

from __future__ import annotations

import random
from collections.abc import Sequence
from ipaddress import IPv6Address

import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from idweave_server.identifiers import numbering
from idweave_server.identifiers.columns import FEW, ROUTES, read_column, read_value
from idweave_server.identifiers.lists import default_lists
from idweave_server.identifiers.reading import Options
from idweave_server.model import Refusal
from idweave_server.resolution.policy import FORMS

LISTS = default_lists()
PLAIN = Options(LISTS)
SOME = settings(max_examples=60, deadline=None, derandomize=True)

# What breaks fast routes: case, accents, full-width forms, spaces of all kinds, invisible characters, letters that grow when folded.
HOSTILE = st.sampled_from(list("İſKßéÉｊ＠．。\u00a0\u3000\u200b\u202e\ufeff\u00ad\x00\x1f\x7f\x85\u2028\ufffd\t\n e\u0301१٣９"))
PLACEHOLDER = st.sampled_from([*sorted(LISTS.placeholders), "NULL", "N/A", "---", "..", "_", "000"])


def damaged(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """The texts, half of them with something hostile put in, a character doubled or lost, or the case changed."""

    def damage(text: str, at: int, what: str, how: int) -> str:
        at %= len(text) + 1
        changed = [
            text[:at] + what + text[at:],
            text[:at] + text[at + 1 :],
            text[:at] + text[at : at + 1] * 2 + text[at + 1 :],
            text.upper(),
            text.title(),
        ]
        return changed[how % len(changed)]

    return st.one_of(texts, st.builds(damage, texts, st.integers(0, 60), HOSTILE, st.integers(0, 4)))


def column(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.one_of(damaged(texts), PLACEHOLDER, st.text(max_size=12)), max_size=25, unique=True)


def agree(form: str, texts: Sequence[str], options: Options) -> None:
    """On the fast route, and by value where they are few."""
    for times in (1, FEW + 1):
        found = read_column(form, pa.array(list(texts) * times, pa.string()), options)
        assert len(found.values) == len(found.refusal) == len(found.flags) == len(texts) * times
        for at, text in enumerate(list(texts) * times):
            reading = read_value(form, text, options)
            assert (found.values[at].as_py(), Refusal(found.refusal[at]), int(found.flags[at])) == (
                reading.value,
                reading.refusal,
                int(reading.flags),
            ), (form, text, options.region, options.network)
    for text in texts:
        reading = read_value(form, text, options)
        if reading.value is not None:
            assert read_value(form, reading.value, options).value == reading.value, "a canonical value is its own canonical value"


WORDS = st.sampled_from(
    [*sorted(LISTS.filler_words)[::7], *sorted(LISTS.role_locals)[::23], *sorted(LISTS.fake_email_locals)[::9], "a", "aa", "kelly"]
)
LOCAL = st.one_of(
    st.from_regex(r"[A-Za-z0-9_'+.!-]{1,12}", fullmatch=True),
    st.builds("{}{}{}".format, WORDS, st.sampled_from(["", "+", ".", "+x"]), WORDS),
    WORDS,
)
DOMAIN = st.one_of(
    st.sampled_from(
        [
            *sorted(LISTS.providers)[::5],
            *sorted(LISTS.disposable_domains)[::3000],
            *sorted(LISTS.special_use_domains),
            "gmail.com",
            "web.de",
        ]
    ),
    st.builds(
        "{}.{}".format,
        st.one_of(WORDS, st.from_regex(r"[a-z0-9-]{1,4}(\.[a-z0-9-]{1,3})?", fullmatch=True)),
        st.sampled_from(["com", "de", "c1", "1", "test"]),
    ),
    st.sampled_from(
        ["xn--mnchen-3ya.de", "münchen.de", "ab--c.de", "x" * 63 + ".de", "x" * 64 + ".de", "a.mailinator.com", ".".join("x" * 120)]
    ),
)


@SOME
@given(column(st.builds("{}@{}".format, LOCAL, DOMAIN)))
@example(["qq@qq.com", "q@qq.com", "info+a@shop.de", "a.b+c@gmail.com", "x" * 64 + "@web.de", "x" * 65 + "@web.de"])
def test_email(texts: list[str]) -> None:
    agree("email", texts, PLAIN)


UUID = st.from_regex(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", fullmatch=True)
DEVICE = st.one_of(
    UUID,
    UUID.map(lambda x: x.replace("-", "")),
    UUID.map(lambda x: "{" + x + "}"),
    UUID.map(lambda x: "urn:uuid:" + x),
    st.sampled_from(sorted(LISTS.placeholder_devices)),
    st.sampled_from(["0" * 32, "00:00:00", "0" * 128, "a" * 128, "a" * 129, "urn:uuid:abcd"]),
    st.from_regex(r"[A-Za-z0-9._:-]{2,20}", fullmatch=True),
)


@SOME
@given(column(DEVICE))
def test_device(texts: list[str]) -> None:
    agree("device", texts, PLAIN)


KEPT = st.one_of(
    st.from_regex(r"[!-~]{1,20}", fullmatch=True), st.from_regex(r"[ -~]{1,20}", fullmatch=True), st.sampled_from(["x" * 1024, "x" * 1025])
)


@SOME
@given(column(KEPT))
def test_cookie_and_opaque(texts: list[str]) -> None:
    agree("cookie", texts, PLAIN)
    agree("opaque", texts, PLAIN)


NUMBER = st.one_of(
    st.from_regex(r"[A-Za-z]{0,2}[0-9]{2,4}([- ./()]{0,2}[0-9A-Za-z]{1,4}){0,3}", fullmatch=True),
    st.sampled_from(
        ["N.A.", "n-a", "000-00-0000", "No. 12", "x" * 1024, "x-" * 512, "x" * 1025, "ß" * 512, "\ufdfa" * 60, "№ 12", "ǆ1", "ͅ1"]
    ),
)


@SOME
@given(column(st.one_of(NUMBER, KEPT)))
@example(["N.A.", "n-a", "000-00-0000", "x" * 1024, "x" * 1025, "\ufdfa" * 60, "ǆ1", "ͅ1"])
def test_document(texts: list[str]) -> None:
    agree("document", texts, PLAIN)


HANDLE = st.from_regex(r"@{0,2}[A-Za-z0-9_.-]{1,12}", fullmatch=True)
SOCIAL = st.one_of(
    HANDLE,
    st.builds("{}:{}".format, st.sampled_from(["x", "Twitter", "foo", "https", "discord", "mastodon"]), HANDLE),
    st.builds(
        "{}{}/{}".format,
        st.sampled_from(["", "https://", "http://www."]),
        st.sampled_from([*sorted(LISTS.network_hosts), "shop.de"]),
        HANDLE,
    ),
    st.from_regex(r"#[0-9]{1,5}", fullmatch=True),
    st.sampled_from(["k" * 100, "k" * 101, "@none", "https://facebook.com/profile.php?id=1", "jo@mastodon.social"]),
)


@SOME
@given(column(SOCIAL), st.sampled_from([None, "x", "twitter", "discord", "mastodon", "youtube", "ours"]))
def test_social(texts: list[str], network: str | None) -> None:
    agree("social", texts, Options(LISTS, network=network))


OCTET = st.one_of(st.integers(0, 300).map(str), st.sampled_from(["0", "00", "01", "10", "127", "192", "168", "255"]))
V4 = st.builds("{}.{}.{}.{}".format, OCTET, OCTET, OCTET, OCTET)
GROUP = st.sampled_from(["", "0", "0", "1", "db8", "2a02", "fe80", "ff", "00a", "2001", "2600", "1f00", "ffff", "12345"])
V6 = st.one_of(
    st.ip_addresses(v=6).map(str),
    st.lists(GROUP, min_size=2, max_size=9).map(":".join),
    st.sampled_from(LISTS.ipv6_ranges)
    .flatmap(lambda r: st.sampled_from([r[0] - 1, r[0], r[1], r[1] + 1]))
    .filter(lambda n: 0 <= n < 1 << 128)
    .map(lambda n: str(IPv6Address(n))),
)
EDGE = (
    st.sampled_from(LISTS.ipv4_ranges)
    .flatmap(lambda r: st.sampled_from([r[0] - 1, r[0], r[1], r[1] + 1]))
    .filter(lambda n: 0 <= n < 1 << 32)
)
UNSPECIFIED = st.sampled_from(["0.0.0.0", "::", "::/64", "0.0.0.0:80"])
EDGES = EDGE.map(lambda n: ".".join(str(n >> shift & 255) for shift in (24, 16, 8, 0)))


ADDRESS = st.one_of(V4, V6, EDGES, UNSPECIFIED, V4.map("{}:80".format), V6.map("[{}]:80".format), V6.map("{}%eth0".format))


@SOME
@given(column(ADDRESS))
def test_ip(texts: list[str]) -> None:
    agree("ip", texts, PLAIN)


HASH = st.one_of(
    st.from_regex(r"[0-9A-Fa-f]{63,65}", fullmatch=True),
    st.sampled_from([*sorted(LISTS.placeholder_hashes)[::9], *sorted(LISTS.fake_email_hashes)[::9]]),
    st.from_regex(r"sha-?256:[0-9a-f]{64}", fullmatch=True),
)


@SOME
@given(column(HASH))
def test_hashed_email(texts: list[str]) -> None:
    agree("hashed_email", texts, PLAIN)


REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
STYLES = range(4)  # phonenumbers.PhoneNumberFormat


def numbers_near(region: str, seed: int, count: int) -> list[str]:
    """Numbers close to the region's examples of every type, in every style, some digits changed, some punctuation and prefixes too."""
    chance = random.Random(seed)
    examples = [phonenumbers.example_number_for_type(region, kind) for kind in range(11)]
    known = [number for number in examples if number is not None]
    found = set()
    for _ in range(count):
        text = phonenumbers.format_number(chance.choice(known), chance.choice(STYLES))
        rate = chance.choice([0, 0.1, 0.5])
        text = "".join(str(chance.randrange(10)) if c.isdigit() and chance.random() < rate else c for c in text)
        if chance.random() < 0.2:
            text = text.replace("+", chance.choice(["00", "011 ", "0011", "001", ""]))
        if chance.random() < 0.3:
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(["0", "1", "(0)", " ", "-", "x5", "+", "٣", "", "/"]) + text[at + chance.randrange(2) :]
        if chance.random() < 0.1:
            text = chance.choice(["0", "00", "1", "8", "+", "001", "tel:"]) + text
        found.add(text)
    return sorted(found)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.sampled_from(REGIONS),
    st.sampled_from([None, "US", "CA", "JM", "GB", "DE", "IT", "JP", "KR", "AR", "BR", "CN", "IN", "RU", "AU"]),
    st.integers(0, 1 << 30),
)
def test_phone_of_every_region(of: str, region: str | None, seed: int) -> None:
    for read_in in {region, of}:
        agree("phone", numbers_near(of, seed, 30), Options(LISTS, region=read_in))


@pytest.mark.parametrize(
    ("region", "texts"),
    [
        # 001 is an operator's prefix in Korea and what others write before +1: only the library can tell.
        ("KR", ["0013863581621", "001 44 20 7123 4321", "0027112345678", "00 1 386 358 1621", "02-312-3456"]),
        ("AU", ["0011 44 20 7123 4321", "0044 20 7123 4321", "0014 44 20 7123 4321"]),
        # National numbers that begin with their own country's calling code.
        ("IN", ["9119056358", "919119056358", "09119056358"]),
        ("DE", ["4959116431424", "04959 116431", "49 30 901820"]),
        ("IT", ["390442901", "39 06 698 12345", "3912345678"]),
        ("BR", ["55931011877", "5511961238824", "0 15 11 96123 8824"]),
        ("FI", ["358733395"]),
        ("XK", ["38328365893"]),
        ("AR", ["011 15 2345-6789", "+54 9 11 2345 6789", "+54 11 15 2345 6789"]),
        ("AG", ["460-1234", "268 460 1234", "1 460 1234"]),
    ],
)
def test_phone_prefixes_that_can_be_read_two_ways(region: str, texts: list[str]) -> None:
    agree("phone", texts, Options(LISTS, region=region))


MARKED = st.sampled_from([LISTS.fictional_phones, LISTS.service_phones, LISTS.fake_phones]).flatmap(
    lambda pattern: st.from_regex(rf"\+(?:{pattern})", fullmatch=True)
)
NANP = st.builds(
    lambda style, area, rest: style.format(area, rest[:3], rest[3:]),
    st.sampled_from(["({}) {}-{}", "{}{}{}", "{}-{}-{}", "+1{}{}{}", "001{}{}{}", "1-{}-{}-{}", "1.{}.{}.{}", "011 1 {} {} {}"]),
    st.from_regex(r"[0-9]{3}", fullmatch=True),
    st.one_of(
        st.from_regex(r"[0-9]{7}", fullmatch=True),
        st.sampled_from(["5550123", "5551212", "5551234", "2222222", "2345678", "9876543", "8675309"]),
    ),
)


@SOME
@given(column(st.one_of(NANP, MARKED)), st.sampled_from(["US", "CA", "PR", None]))
def test_phone_of_north_america(texts: list[str], region: str | None) -> None:
    agree("phone", texts, Options(LISTS, region=region))


def test_verdicts_are_libphonenumbers() -> None:
    """Random national numbers of every calling code: valid or not, a service or not, as the library says."""
    chance = random.Random(7)
    services = {"PREMIUM_RATE", "TOLL_FREE", "SHARED_COST", "UAN", "VOICEMAIL"}
    names = {value: name for name, value in vars(phonenumbers.PhoneNumberType).items() if isinstance(value, int)}
    seen = [0, 0, 0]
    for code in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE):
        lead = [str(number.national_number) for number in _examples(code)]
        numbers = []
        for _ in range(20):
            first = chance.choice(lead)
            kept = chance.randrange(len(first) + 1)
            numbers.append(first[:kept] + "".join(str(chance.randrange(10)) for _ in range(len(first) - kept)))
        numbers = [number for number in numbers if number[0] != "0"]
        verdict = numbering.verdicts(code, pa.array(numbers, pa.string()), "5{12}")
        for number, kind in zip(numbers, verdict.tolist(), strict=True):
            parsed = phonenumbers.PhoneNumber(country_code=code, national_number=int(number))
            assert (kind != numbering.UNKNOWN) == phonenumbers.is_valid_number(parsed), (code, number)
            assert (kind == numbering.SERVICE) == (names[phonenumbers.number_type(parsed)] in services), (code, number)
            seen[kind] += 1
    assert min(seen) > 300


def _examples(code: int) -> list[phonenumbers.PhoneNumber]:
    found = [phonenumbers.example_number_for_non_geo_entity(code)]
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]:
        found += [phonenumbers.example_number_for_type(region, kind) for kind in range(11)]
    return [number for number in found if number is not None]


@pytest.mark.parametrize(
    ("form", "options", "texts"),
    [
        (
            "email",
            PLAIN,
            ["kelly.neal@gmail.com", "Kelly+news@Proton.me", "jo+x@web.de", "a_b-c'd@corp1.co.uk", "JO@DISPOSABLE.MAILINATOR.COM"],
        ),
        (
            "phone",
            Options(LISTS, region="US"),
            ["(931) 703-1969", "5346105401", "931-703-1969", "+13863581621", "001 386 358 1621", "1-386-358-1621"],
        ),
        (
            "phone",
            Options(LISTS, region="US"),
            ["031-555-1234", "212-555-0123", "12125551212", "1 (800) 356-9377", "1.919.448.5041", "+442071234321"],
        ),
        ("phone", Options(LISTS, region="GB"), ["020 7123 4321", "+44 20 7123 4321", "0044 20 7123 4321", "07400 123456", "020 7946 0123"]),
        ("phone", Options(LISTS, region="CN"), ["13812345679", "+86 138 1234 5679", "010 6552 9988"]),
        ("phone", Options(LISTS, region="JP"), ["090-1234-5678", "03-1234-5678"]),
        (
            "phone",
            PLAIN,
            [phonenumbers.format_number(_examples(code)[0], 0) for code in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE) if code != 979],
        ),
        ("device", PLAIN, ["6d92078a-8246-4ba4-ae5b-76104861e7dc", "6D92078A82464BA4AE5B76104861E7DC", "android-1234"]),
        ("cookie", PLAIN, ["ck.264c8a1338713bb92f96", "GA1.2.12.34"]),
        ("social", Options(LISTS, network="twitter"), ["@kneal1985", "Kelly.Neal", "12"]),
        ("ip", PLAIN, ["91.95.88.25", "2a02:8109:0:1::7", "10.0.0.1", "2001:DB8::1", "2a02:1:0:2:3:0:5:6"]),
        ("hashed_email", PLAIN, ["ab" * 32, "AB" * 32]),
        ("opaque", PLAIN, ["C 12", "0001"]),
    ],
)
def test_common_forms_take_the_fast_route(form: str, options: Options, texts: list[str]) -> None:
    claimed = ROUTES[form][1](pa.array(texts), options)
    assert [text for text, fast in zip(texts, claimed.rows, strict=True) if not fast] == []
    agree(form, texts, options)


@pytest.mark.parametrize("form", FORMS)
def test_empty_columns_and_slices(form: str) -> None:
    options = Options(LISTS, region="US", network="x")
    assert len(read_column(form, pa.array([], pa.string()), options).values) == 0
    texts = ["kelly@gmail.com", "9317031969", "9.9.9.9", "ab" * 32, "jö", "x y", "Kelly-12", "00ff" * 8] * 2
    for first, size in [(first, size) for first in range(len(texts)) for size in (4, FEW + 1)]:
        part = read_column(form, pa.array(texts).slice(first, size), options)
        whole = read_column(form, pa.array(texts[first : first + size]), options)
        assert part.values.to_pylist() == whole.values.to_pylist()
        assert (part.refusal.tolist(), part.flags.tolist()) == (whole.refusal.tolist(), whole.flags.tolist())


def test_the_forms_are_the_policys() -> None:
    assert set(ROUTES) == set(FORMS)
    assert max(Refusal) < 256  # they travel as uint8
