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
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.arrow_text import matches
from idweave_server.identifiers.lists import Range
from idweave_server.identifiers.reading import Claim, Options, Reading, refused
from idweave_server.identifiers.text import clean
from idweave_server.model import Flag, Refusal

_PORT = re.compile(r"(?a:\[([^\[\]]*)\](?::\d{1,5})?|(\d+\.\d+\.\d+\.\d+):\d{1,5})")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"^(?:{_OCTET}\.){{3}}{_OCTET}$"


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
    """Dotted IPv4 addresses other than 0.0.0.0."""
    rows = matches(values, _IPV4)
    found = values.filter(pa.array(rows))
    octets = pc.cast(pc.list_flatten(pc.split_pattern(found, ".")), pa.uint8()).to_numpy().reshape(-1, 4)
    numbers = np.ascontiguousarray(octets).view(">u4").reshape(-1).astype(np.int64)
    # The ranges are disjoint and ascending, so at most the nearest one below holds the address.
    ranges = np.array(options.lists.ipv4_ranges, np.int64).reshape(-1, 3)
    nearest = np.searchsorted(ranges[:, 0], numbers, side="right") - 1
    inside = (nearest >= 0) & (numbers <= ranges[nearest, 1])
    flags = np.where(inside, ranges[nearest, 2], 0).astype(np.uint8)
    zero = numbers == 0
    if zero.any():
        rows[np.flatnonzero(rows)[zero]] = False
        found, flags = found.filter(pa.array(~zero)), flags[~zero]
    return Claim(rows, found, flags, np.zeros(len(found), np.uint8))
