"""IP addresses: IPv4 dotted, IPv6 as the /64 network that a household or a phone is given; context, never a link.

A port and brackets are dropped (`198.51.100.7:443`, `[2001:db8::1]:443`), a zone index too; `2001:db8::/64` is the network itself; an
IPv4-mapped IPv6 address is the IPv4 one. The special ranges are our own table (data/ips.txt), because the standard library's change between
Python versions.
"""

from __future__ import annotations

import bisect
import ipaddress
import re
from operator import itemgetter

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.arrow_text import matches, offsets_and_bytes, scalar
from idweave_server.identifiers.lists import Range
from idweave_server.identifiers.reading import Claim, Options, Reading, refused
from idweave_server.identifiers.text import clean
from idweave_server.model import Flag, Refusal

_PORT = re.compile(r"(?a:\[([^\[\]]*)\](?::\d{1,5})?|(\d+\.\d+\.\d+\.\d+):\d{1,5})")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"^(?:{_OCTET}\.){{3}}{_OCTET}$"

# Lower case, no leading zeros in the first four groups, the last of those written not 0: then the network is these groups and `::`.
_SET, _GROUP, _ANY = "[1-9a-f][0-9a-f]{0,3}", "(?:0|[1-9a-f][0-9a-f]{0,3})", "[0-9a-f]{1,4}"
_AFTER_FOUR = "|".join(
    (f"(?::{_ANY}){{4}}", *(f"(?::{_ANY}){{{n}}}::(?:{_ANY}(?::{_ANY}){{0,{2 - n}}})?" for n in range(3)), f"(?::{_ANY}){{3}}::")
)
_IPV6 = rf"^(?:({_SET}:(?:{_GROUP}:){{2}}{_SET})(?:{_AFTER_FOUR})|({_SET}(?::{_SET}|:{_GROUP}:{_SET})?)::(?:{_ANY}(?::{_ANY}){{0,3}})?)$"
_NIBBLE = np.zeros(256, np.uint8)
_NIBBLE[[ord(digit) for digit in "0123456789abcdef"]] = range(16)


def read(text: str, options: Options) -> Reading:
    text, refusal = clean(text, options.lists.placeholders)
    if refusal:
        return refused(refusal)
    port = _PORT.fullmatch(text)
    if port:
        text = port.group(1) or port.group(2) or ""
    network = ":" in text and text.endswith("/64")
    try:
        address = ipaddress.ip_address(text[:-3] if network else text)
    except ValueError:
        return refused(Refusal.IP_SYNTAX)
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address
    number = int(address)
    if number == 0 and not network:
        return refused(Refusal.PLACEHOLDER)
    if isinstance(address, ipaddress.IPv4Address):
        return Reading(str(address), flags=_flags(number, options.lists.ipv4_ranges))
    return Reading(f"{ipaddress.IPv6Address(number >> 64 << 64)}/64", flags=_flags(number, options.lists.ipv6_ranges))


def _flags(number: int, ranges: tuple[Range, ...]) -> Flag:
    nearest = bisect.bisect_right(ranges, number, key=itemgetter(0)) - 1
    return ranges[nearest][2] if nearest >= 0 and number <= ranges[nearest][1] else Flag.NONE


def claim(values: pa.StringArray, options: Options) -> Claim:
    """Dotted IPv4 addresses other than 0.0.0.0, and IPv6 addresses whose network needs no second compression."""
    v4 = matches(values, _IPV4)
    octets = pc.cast(pc.list_flatten(pc.split_pattern(values.filter(pa.array(v4)), ".")), pa.uint8()).to_numpy().reshape(-1, 4)
    numbers = np.ascontiguousarray(octets).view(">u4").reshape(-1).astype(np.uint64)
    v4[np.flatnonzero(v4)[numbers == 0]] = False
    lower = pc.ascii_lower(values)
    v6 = matches(lower, _IPV6)
    networks = pc.replace_substring_regex(lower.filter(pa.array(v6)), _IPV6, r"\1\2", max_replacements=1)
    rows = v4 | v6
    # One place for each claimed row: the two kinds one after the other, then in the order of the rows.
    order = np.argsort(np.concatenate([np.flatnonzero(v4), np.flatnonzero(v6)]), kind="stable")
    written = pc.binary_join_element_wise(networks, scalar("::/64"), scalar(""))
    found = pa.concat_arrays([values.filter(pa.array(v4)), written]).take(pa.array(order))
    flags = np.concatenate(
        [_flags_of(numbers[numbers > 0], options.lists.ipv4_ranges, 0), _flags_of(_upper(networks), options.lists.ipv6_ranges, 64)]
    )
    return Claim(rows, found, flags[order], np.zeros(len(found), np.uint8))


def _upper(networks: pa.StringArray) -> npt.NDArray[np.uint64]:
    """The first 64 bits of networks written as one to four groups of hexadecimal digits."""
    groups = pc.split_pattern(networks, ":")
    digits = pc.utf8_lpad(pc.list_flatten(groups), 4, "0")
    offsets, text = offsets_and_bytes(digits)
    nibbles = _NIBBLE[text[offsets[0] : offsets[-1]]].reshape(-1, 4)
    values = nibbles.astype(np.uint64) @ np.array([4096, 256, 16, 1], np.uint64)
    count = pc.list_value_length(groups).to_numpy().astype(np.int64)
    first = np.cumsum(count) - count
    position = np.arange(len(values)) - np.repeat(first, count)
    found = np.zeros(len(networks), np.uint64)
    np.bitwise_or.at(found, np.repeat(np.arange(len(networks)), count), values << (48 - 16 * position).astype(np.uint64))
    return found


def _flags_of(numbers: npt.NDArray[np.uint64], ranges: tuple[Range, ...], shift: int) -> npt.NDArray[np.uint8]:
    """The flag of each number's range, the ranges' bounds without their lowest `shift` bits."""
    # The ranges are disjoint and ascending, so at most the nearest one below holds the address.
    first, last = (np.array([bounds[end] >> shift for bounds in ranges], np.uint64) for end in (0, 1))
    nearest = np.searchsorted(first, numbers, side="right") - 1
    inside = (nearest >= 0) & (numbers <= last[nearest])
    return np.where(inside, np.array([flag for _, _, flag in ranges], np.uint8)[nearest], 0).astype(np.uint8)
