"""Social handles as `network:handle`; numeric and other platform ids as `network:#id`.

Understood: a profile's address (https://www.instagram.com/jo/), `network:handle` with the network or another name of it (`twitter:@jo` is
`x:jo`), and a bare handle where the column says whose it is. Handles are NFKC-normalised, and case-folded where the network does not tell
cases apart. The `#` keeps a platform id (facebook.com/profile.php?id=4) from colliding with a handle made of digits; no network allows it
in a handle. A network that the column names need not be listed; its handles are taken as case-blind.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.arrow_text import among, claimed_as_given, matches, scalar
from idweave_server.identifiers.lists import Lists, Network
from idweave_server.identifiers.reading import Claim, Options, Reading, refused
from idweave_server.identifiers.text import clean, is_placeholder
from idweave_server.model import Refusal

_HANDLE = re.compile(r"(?!\.)[\w.-]{1,100}")
_SERVER_HANDLE = re.compile(r"([\w.-]{1,100})@([a-z0-9-]+(?:\.[a-z0-9-]+)+)")
_PLATFORM_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_PREFIX = re.compile(r"([A-Za-z][A-Za-z0-9_]*):(?!//)(.*)")
_ADDRESS = re.compile(r"(?:https?://)?((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})(/.*)", re.IGNORECASE)
_HOST_PREFIX = re.compile(r"^(?:www|m|mobile|web|touch|old|[a-z]{2})\.(?=.*\.)")

# Where on a network's site a profile stands: the first path segment that is followed by a handle or by an id; alone it is no profile.
_BEFORE_HANDLE = {
    "linkedin": {"in", "pub"},
    "reddit": {"user", "u"},
    "snapchat": {"add"},
    "bluesky": {"profile"},
    "youtube": {"c", "user"},
    "telegram": {"s"},
    "weibo": {"n"},
}
_BEFORE_ID = {"youtube": {"channel"}, "weibo": {"u"}, "facebook": {"people"}}
_ONLY_AFTER = {"linkedin", "reddit", "snapchat", "bluesky"}
_NO_PROFILES = frozenset(
    "about accounts ads channel company directory discover events explore feed gaming groups hashtag help home i intent login marketplace "
    "messages notifications p pages permalink.php photo photo.php post posts reel reels r search settings share sharer sharer.php shorts "
    "status stories t terms tv video videos watch".split()
)

# A bare handle that is its own canonical form once it is in lower case.
_PLAIN = r"^@?[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$"


def read(text: str, options: Options) -> Reading:
    lists = options.lists
    text, refusal = clean(text, lists.placeholders)
    if refusal:
        return refused(refusal)
    prefix = _PREFIX.fullmatch(text)
    if prefix:
        network = _network(prefix.group(1), options)
        if network is None:
            return refused(Refusal.SOCIAL_NETWORK_UNKNOWN)
        text = prefix.group(2).strip()
    else:
        network = _column_network(options)
    address = _ADDRESS.fullmatch(text)
    if address:
        return _from_address(text, address, lists)
    return refused(Refusal.SOCIAL_NETWORK_UNKNOWN) if network is None else _from_handle(text, network, lists)


def _column_network(options: Options) -> Network | None:
    if options.network is None:
        return None
    name = options.network.casefold()
    return options.lists.networks.get(name) or Network(name, False)


def _network(name: str, options: Options) -> Network | None:
    """A listed network by any of its names, or the column's own."""
    own = _column_network(options)
    return own if own is not None and name.casefold() == own.name else options.lists.networks.get(name.casefold())


def _from_handle(text: str, network: Network, lists: Lists) -> Reading:
    if text.startswith("#"):
        return _platform_id(text[1:], network)
    handle = unicodedata.normalize("NFKC", text).strip().removeprefix("@")
    if not network.case_counts:
        handle = unicodedata.normalize("NFKC", handle.casefold())
    if network.name == "mastodon":
        return Reading(f"mastodon:{handle}") if _SERVER_HANDLE.fullmatch(handle) else refused(Refusal.SOCIAL_SYNTAX)
    if is_placeholder(handle, lists.placeholders):
        return refused(Refusal.PLACEHOLDER)
    if not _HANDLE.fullmatch(handle):
        return refused(Refusal.SOCIAL_SYNTAX)
    return Reading(f"{network.name}:{handle}")


def _platform_id(text: str, network: Network) -> Reading:
    """Case kept: YouTube's channel ids differ in it."""
    return Reading(f"{network.name}:#{text}") if _PLATFORM_ID.fullmatch(text) else refused(Refusal.SOCIAL_SYNTAX)


def _from_address(text: str, address: re.Match[str], lists: Lists) -> Reading:
    host = address.group(1).lower()
    name = lists.network_hosts.get(host) or lists.network_hosts.get(_HOST_PREFIX.sub("", host))
    parts = urlsplit("//" + host + address.group(2))
    path = [unquote(part) for part in parts.path.split("/") if part]
    if not path:
        return refused(Refusal.SOCIAL_SYNTAX)
    if name is None:  # a Mastodon server is known by its /@handle
        remote = path[0].startswith("@") and "@" not in path[0][1:]
        return _from_handle(f"{path[0]}@{host}", lists.networks["mastodon"], lists) if remote else refused(Refusal.SOCIAL_NETWORK_UNKNOWN)
    network = lists.networks[name]
    first, rest = path[0].lower(), path[1:]
    if first == "profile.php":
        return _platform_id(parse_qs(parts.query).get("id", [""])[0], network)
    if name == "x" and path[:2] == ["i", "user"]:
        return _platform_id("".join(rest[1:2]), network)
    if name == "vk" and re.fullmatch(r"id[0-9]+", first):
        return _platform_id(first[2:], network)
    if first in _BEFORE_ID.get(name, ()):
        return _platform_id(rest[-1] if rest else "", network)
    if first in _BEFORE_HANDLE.get(name, ()) and rest:
        return _from_handle(rest[0], network, lists)
    if name == "weibo" and first.isascii() and first.isdigit():
        return _platform_id(first, network)
    if name in _ONLY_AFTER or first in _NO_PROFILES:
        return refused(Refusal.SOCIAL_SYNTAX)
    return _from_handle(path[0], network, lists)


def claim(values: pa.StringArray, options: Options) -> Claim:
    """Bare handles of the column's network."""
    network = _column_network(options)
    if network is None or network.name == "mastodon":
        return claimed_as_given(values, np.zeros(len(values), np.bool_))
    rows = matches(values, _PLAIN)
    handles = values if network.case_counts else pc.ascii_lower(values)
    handles = pc.ascii_ltrim(handles, characters="@")
    rows &= ~among(pc.ascii_lower(handles), options.lists.placeholders)
    return claimed_as_given(pc.binary_join_element_wise(scalar(network.name), handles, scalar(":")), rows)
