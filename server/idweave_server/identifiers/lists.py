"""The lists that decide what an identifier is worth, read from the data files beside this module.

The files are snapshots, each with its source, version and licence at its head: upgrading a package never changes which identifiers link.
`version` names their content and the libphonenumber release that judges phone numbers, so that a store can tell that they changed.
"""

from __future__ import annotations

import hashlib
import ipaddress
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import phonenumbers

from idweave_server.errors import InputError
from idweave_server.model import Flag

_FILES = (
    "devices_placeholder.txt",
    "emails_disposable.txt",
    "emails_fake.txt",
    "emails_fake_locals.txt",
    "emails_filler.txt",
    "emails_providers.txt",
    "emails_roles.txt",
    "emails_special_use.txt",
    "ips.txt",
    "phones_marked.txt",
    "placeholders.txt",
    "social_networks.txt",
)
_RANGE_FLAGS = {"private": Flag.PRIVATE, "fake": Flag.FAKE, "hosting": Flag.HOSTING}

Range = tuple[int, int, Flag]


@dataclass(frozen=True, slots=True)
class Provider:
    """How a mail provider spells one mailbox: the character that starts a tag, whether dots count, the domain's proper name."""

    domain: str
    tag: str
    dots_count: bool


@dataclass(frozen=True, slots=True)
class Network:
    name: str
    case_counts: bool


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """Everything listed. Phone patterns are regular expressions over the digits of a whole E.164 number."""

    version: str
    placeholders: frozenset[str]
    providers: Mapping[str, Provider]
    fake_emails: frozenset[str]
    fake_email_locals: frozenset[str]
    filler_words: frozenset[str]
    special_use_domains: frozenset[str]
    disposable_domains: frozenset[str]
    role_locals: frozenset[str]
    fictional_phones: str
    service_phones: str
    fake_phones: str
    placeholder_devices: frozenset[str]
    placeholder_hashes: frozenset[str]
    fake_email_hashes: frozenset[str]
    ipv4_ranges: tuple[Range, ...]
    ipv6_ranges: tuple[Range, ...]
    networks: Mapping[str, Network]
    network_hosts: Mapping[str, str]


@lru_cache(maxsize=1)
def default_lists() -> Lists:
    """The lists that come with the package; read once."""
    folder = resources.files(__package__) / "data"
    content = {name: (folder / name).read_bytes() for name in _FILES}
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir(), key=lambda file: file.name):  # those of names and addresses, read elsewhere, decide as well
        if file.is_file():
            digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    version = f"{digest.hexdigest()[:12]}+libphonenumber-{phonenumbers.__version__}"
    return parse_lists({name: text.decode() for name, text in content.items()}, version)


def parse_lists(files: Mapping[str, str], version: str) -> Lists:
    """The lists of these files' texts; InputError where a line cannot be used."""
    words = {name: frozenset(_lines(files[name])) for name in _FILES}
    fake_emails, placeholders = words["emails_fake.txt"], words["placeholders.txt"]
    ranges = sorted(_range(line) for line in words["ips.txt"])
    networks, hosts = _networks(files["social_networks.txt"])
    return Lists(
        version=version,
        placeholders=placeholders,
        providers=dict(_provider(line) for line in words["emails_providers.txt"]),
        fake_emails=fake_emails,
        fake_email_locals=words["emails_fake_locals.txt"],
        filler_words=words["emails_filler.txt"],
        special_use_domains=words["emails_special_use.txt"],
        disposable_domains=words["emails_disposable.txt"],
        role_locals=words["emails_roles.txt"],
        fictional_phones=_phone_pattern(files["phones_marked.txt"], "fictional"),
        service_phones=_phone_pattern(files["phones_marked.txt"], "service"),
        fake_phones=_phone_pattern(files["phones_marked.txt"], "fake"),
        placeholder_devices=words["devices_placeholder.txt"] | {_UUID_SHAPE.replace("x", d) for d in _HEX},
        placeholder_hashes=frozenset({d * 64 for d in _HEX} | {_sha256(word) for word in placeholders | {""}}),
        fake_email_hashes=frozenset(_sha256(address) for address in fake_emails),
        ipv4_ranges=_disjoint([found for version_, *found in ranges if version_ == 4]),
        ipv6_ranges=_disjoint([found for version_, *found in ranges if version_ == 6]),
        networks=networks,
        network_hosts=hosts,
    )


_HEX = "0123456789abcdef"
_UUID_SHAPE = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"


def _lines(text: str) -> list[str]:
    """A comment is a line that starts with `# ` (`#n/a` is a word)."""
    return [line for line in text.splitlines() if line and not line.startswith("# ")]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _provider(line: str) -> tuple[str, Provider]:
    domain, tag, dots, proper = line.split()
    return domain, Provider(domain if proper == "-" else proper, "" if tag == "-" else tag, dots != "dots")


def _phone_pattern(text: str, kind: str) -> str:
    numbers = sorted(line.split()[1] for line in _lines(text) if line.split()[0] == kind)
    return "|".join(number.removeprefix("+").replace("x", r"\d") for number in numbers)


def _range(line: str) -> tuple[int, int, int, Flag]:
    kind, prefix = line.split()
    network = ipaddress.ip_network(prefix)
    return network.version, int(network.network_address), int(network.broadcast_address), _RANGE_FLAGS[kind]


def _disjoint(ranges: list[list[int | Flag]]) -> tuple[Range, ...]:
    """Ascending ranges that do not touch each other, so that a look-up needs the nearest one only."""
    found = tuple((int(first), int(last), Flag(flag)) for first, last, flag in ranges)
    for before, after in itertools.pairwise(found):
        if before[1] >= after[0]:
            raise InputError(f"ips.txt: two ranges overlap at {ipaddress.ip_address(after[0])}")
    return found


def _networks(text: str) -> tuple[dict[str, Network], dict[str, str]]:
    networks, hosts = dict[str, Network](), dict[str, str]()
    for line in _lines(text):
        name, called, case, pages = (part.strip() for part in line.split("|"))
        for known in (name, *called.split()):
            networks[known] = Network(name, case == "counts")
        hosts |= dict.fromkeys(pages.split(), name)
    return networks, hosts
