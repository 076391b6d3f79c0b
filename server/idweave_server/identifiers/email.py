"""E-mail addresses: one canonical value a mailbox, and what is known of it: fake, disposable, a role.

`mailto:`, angle brackets and a display name are dropped. The domain is lower-cased and put into its IDNA ASCII form, the local part
case-folded; then the provider's own rules apply: dots do not count at Gmail, a `+tag` is dropped where it leads to the same mailbox.
Nothing is asked of the DNS. An address below a special-use domain (example.com, *.test) is well-formed, so it is kept and flagged FAKE.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from email_validator import EmailNotValidError, validate_email

from idweave_server.identifiers.arrow_text import Rows, among, around, contain, lengths_within, matches, scalar
from idweave_server.identifiers.lists import Lists, Provider
from idweave_server.identifiers.reading import Claim, Options, Reading, refused
from idweave_server.identifiers.text import clean
from idweave_server.model import Flag, Refusal

MAX_ADDRESS_BYTES = 254  # RFC 5321, 4.5.3.1.3 less the angle brackets
_MAX_LOCAL = 64  # RFC 5321, 4.5.3.1.1

_MAX_HOST = 253

_BRACKETED = re.compile(r"[^<>]*<([^<>]*)>")
_DOT_ATOM = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
_HYPHENS_OF_IDNA = re.compile(r"(?:^|\.)..--")
_ONE_CHARACTER = re.compile(r"(.)\1*")
_ONE_CHARACTER_LABEL = "^(?:" + "|".join(f"{c}+" for c in "abcdefghijklmnopqrstuvwxyz0123456789") + r")\."

# What the fast route looks at: a plain dot-atom, one @, something like a host. The domain itself is read once for all its addresses.
_PLAIN = r"^[A-Za-z0-9_'-]+(?:[.+][A-Za-z0-9_'-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$"


def read(text: str, options: Options) -> Reading:
    lists = options.lists
    text, refusal = clean(text, lists.placeholders)
    if text[:7].lower() == "mailto:":
        text, refusal = clean(unquote(text[7:].partition("?")[0]), lists.placeholders)
    if refusal:
        return refused(refusal)
    bracketed = _BRACKETED.fullmatch(text)
    if bracketed:
        text = bracketed.group(1).strip()
    local, at, domain = text.replace("＠", "@").rpartition("@")
    if not at or not _is_local(local):
        return refused(Refusal.EMAIL_SYNTAX)
    host = _host(domain, lists)
    if host is None:
        return refused(Refusal.EMAIL_DOMAIN)
    if len(local.encode()) + 1 + len(host) > MAX_ADDRESS_BYTES:
        return refused(Refusal.TOO_LONG)
    return _mailbox(unicodedata.normalize("NFC", local.casefold()), host, lists)


def _is_local(local: str) -> bool:
    if len(local) <= _MAX_LOCAL and _DOT_ATOM.fullmatch(local.lower()):
        return True
    try:
        validate_email(f"{local}@example.com", check_deliverability=False, strict=True, allow_display_name=False)
    except EmailNotValidError:
        return False
    return True


def _host(domain: str, lists: Lists) -> str | None:
    """The domain in lower-case ASCII, None where it cannot be one; special-use domains pass."""
    lower = domain.lower()
    if _is_below(lower, lists.special_use_domains) and (_HOST.fullmatch(lower) or lower in lists.special_use_domains):
        return lower
    if len(lower) <= _MAX_HOST and _HOST.fullmatch(lower) and lower[-1].isalpha() and not _HYPHENS_OF_IDNA.search(lower):
        return lower
    try:
        found = validate_email(f"a@{domain}", check_deliverability=False, allow_display_name=False).ascii_domain
    except EmailNotValidError:
        return None
    return found.lower()


def _is_below(domain: str, listed: frozenset[str]) -> bool:
    """Whether the domain or one that it belongs to is listed."""
    while domain:
        if domain in listed:
            return True
        domain = domain.partition(".")[2]
    return False


def _mailbox(local: str, host: str, lists: Lists) -> Reading:
    provider = lists.providers.get(host)
    if provider is not None:
        local, host = _provider_form(local, provider), provider.domain
    address = f"{local}@{host}"
    flags = _domain_flags(host, lists)
    if _is_fake(local, host, address, lists):
        flags |= Flag.FAKE
    if local.partition("+")[0] in lists.role_locals:
        flags |= Flag.ROLE
    return Reading(address, flags=flags)


def _provider_form(local: str, provider: Provider) -> str:
    if provider.tag:
        local = local.partition(provider.tag)[0].rstrip(".") or local  # +jo@ is no tag of nobody's mailbox
    return local if provider.dots_count else local.replace(".", "")


def _domain_flags(host: str, lists: Lists) -> Flag:
    disposable = Flag.DISPOSABLE if _is_below(host, lists.disposable_domains) else Flag.NONE
    return disposable | (Flag.FAKE if _is_below(host, lists.special_use_domains) else Flag.NONE)


def _is_fake(local: str, host: str, address: str, lists: Lists) -> bool:
    """Listed; or filler words on both sides (test@asdf.com); or one character on both sides, the same number of times (a@a.com)."""
    if address in lists.fake_emails or local in lists.fake_email_locals:
        return True
    label = host.partition(".")[0]
    return (local in lists.filler_words and label in lists.filler_words) or (local == label and _ONE_CHARACTER.fullmatch(local) is not None)


def claim(values: pa.StringArray, options: Options) -> Claim:
    """Plain addresses whose local part is nowhere listed; each distinct domain is read once."""
    lists = options.lists
    rows = matches(values, _PLAIN) & lengths_within(values, 6, MAX_ADDRESS_BYTES)
    heads, hosts = around(pc.ascii_lower(values if rows.all() else values.filter(pa.array(rows))), "@")
    short = lengths_within(heads, 1, _MAX_LOCAL)
    hosts = hosts.dictionary_encode()
    domains = _Domains(hosts.dictionary, lists)
    at = hosts.indices.to_numpy()
    tagged = contain(heads, "+")
    heads = _replaced(heads, tagged & domains.tagged[at], lambda some: around(some, "+")[0])
    heads = _replaced(heads, contain(heads, ".") & domains.dotless[at], lambda some: pc.replace_substring(some, ".", ""))
    untagged = _replaced(heads, tagged & ~domains.tagged[at], lambda some: around(some, "+")[0])  # a role may stand before a tag that stays
    listed = _listed_locals(lists) | domains.one_character
    sure = short & domains.known[at] & ~among(heads, listed) & ~(tagged & among(untagged, listed))
    addresses = pc.binary_join_element_wise(heads, domains.canonical.take(hosts.indices), scalar("@"))
    flags = domains.flags[at]
    if not sure.all():
        rows[np.flatnonzero(rows)[~sure]] = False
        addresses, flags = addresses.filter(pa.array(sure)), flags[sure]
    return Claim(rows, addresses, flags, np.zeros(len(addresses), np.uint8))


class _Domains:
    """What the distinct domains of a column, lower-case ASCII, say of their addresses, as arrays."""

    def __init__(self, domains: pa.StringArray, lists: Lists) -> None:
        plain = matches(domains, f"^{_HOST.pattern}$") & lengths_within(domains, 1, _MAX_HOST) & matches(domains, "[a-z]$")
        plain &= ~matches(domains, _HYPHENS_OF_IDNA.pattern) & ~_any_listed(domains, lists)
        self.known = np.ones(len(domains), np.bool_)
        self.tagged, self.dotless = np.zeros((2, len(domains)), np.bool_)
        self.flags = np.zeros(len(domains), np.uint8)
        names: list[str] = []
        for index in np.flatnonzero(~plain).tolist():
            host = _host(domains[index].as_py(), lists)
            provider = lists.providers.get(host) if host else None
            self.known[index] = host is not None
            self.tagged[index] = provider is not None and provider.tag == "+"
            self.dotless[index] = provider is not None and not provider.dots_count
            names.append(provider.domain if provider else host or "")
            self.flags[index] = _domain_flags(names[-1], lists)
        self.canonical = pc.replace_with_mask(domains, pa.array(~plain), pa.array(names, pa.string()))
        short = self.canonical.filter(pa.array(matches(self.canonical, _ONE_CHARACTER_LABEL))).to_pylist()
        self.one_character = frozenset(name.partition(".")[0] for name in short)


def _any_listed(domains: pa.StringArray, lists: Lists) -> Rows:
    """Which domains are listed anywhere, themselves or by one that they belong to."""
    known = _listed_domains(lists)
    found = among(domains, known)
    rows = np.flatnonzero(contain(domains, "."))
    parents = domains
    while len(rows):
        parents = around(parents.filter(pa.array(contain(parents, "."))), ".")[1]
        found[rows] |= among(parents, known)
        rows = rows[contain(parents, ".")]
    return found


@lru_cache(maxsize=4)
def _listed_domains(lists: Lists) -> frozenset[str]:
    return lists.special_use_domains | lists.disposable_domains | frozenset(lists.providers)


@lru_cache(maxsize=4)
def _listed_locals(lists: Lists) -> frozenset[str]:
    """Every local part that may make an address more than its domain's flags say."""
    return lists.fake_email_locals | lists.filler_words | lists.role_locals | {address.partition("@")[0] for address in lists.fake_emails}


def _replaced(values: pa.StringArray, rows: Rows, replace: Callable[[pa.StringArray], pa.StringArray]) -> pa.StringArray:
    """The values with these rows replaced."""
    if not rows.any():
        return values
    where = pa.array(rows)
    return pc.replace_with_mask(values, where, replace(values.filter(where)))
