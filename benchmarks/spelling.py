"""How the reports of a made-up world are spelt: the texts that systems and people write down, slips included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmarks import names
from benchmarks.columns import Words, digits, hexadecimal, joined, mixed, patterned, scattered, share, taken
from benchmarks.noise import Noise
from benchmarks.population import People
from benchmarks.sightings import CODE, EVENTS, Sightings

Mask = NDArray[np.bool_]
KEYS = "abcdefghijklmnopqrstuvwxyz"
# How phones are written where not as +1 and ten digits, and the cumulative share of each.
WRITTEN = (("(###) ###-####", 0.35), ("##########", 0.65), ("###-###-####", 0.85), ("###.###.####", 0.95), ("001##########", 1.0))
TYPED = [CODE[name] for name in ("guest_order", "call", "pos", "preference")]


def observed(people: People, noise: Noise, seed: int, found: Sightings) -> tuple[pa.Table, Words]:
    """One row a sighting, as its source reports it; and found.mine without the contacts that a slip made into others."""
    rows = len(found.row)
    rng = np.random.default_rng([seed, 1, int(found.row[0]) if rows else 0])
    typed, mine = np.isin(found.event, TYPED), found.mine.copy()
    email, slips = _slipped(_emails(people, noise, found, rng), typed & (rng.random(rows) < noise.typo), rng)
    mine[slips, 0] = 0
    phone, slips = _misdialled(found.phone, typed & (rng.random(rows) < noise.typo), rng)
    mine[slips, 1] = 0
    first, last = _names(people, noise, found, rng)
    first, _ = _slipped(first, typed & (rng.random(rows) < noise.typo), rng)
    last, _ = _slipped(last, typed & (rng.random(rows) < noise.typo), rng)
    handles = taken(people.handles, found.handle)
    born = pa.array(np.where(found.birth_date > 0, found.birth_date, 19_000_101))
    date = pc.binary_join_element_wise(*(pc.utf8_slice_codeunits(born.cast(pa.string()), *cut) for cut in ((0, 4), (4, 6), (6, 8))), "-")
    table = pa.table(
        {
            "obs_id": patterned("#" * 16, hexadecimal(mixed(seed, 20, found.row))),
            "ts": pa.array(found.time),
            "source": taken(pa.array([event.source for event in EVENTS]), found.event),
            "event": taken(pa.array([event.name for event in EVENTS]), found.event),
            "email": email,
            "phone": _dialled(phone, noise, rng),
            "device": _devices(found),
            "cookie": _cookies(found),
            "social": pc.if_else(pa.array(rng.random(rows) < 0.7), joined("@", handles), handles),
            "ip": _addresses(found),
            "customer_id": pc.if_else(pa.array(found.customer > 0), pa.array(found.customer).cast(pa.string()), None),
            "first_name": first,
            "last_name": last,
            "dob": pc.if_else(pa.array(found.birth_date > 0), date, None),
            "street": _cased(taken(people.streets, found.place), noise.name_case, rng),
            "zip": taken(people.postcodes, found.place),
        }
    )
    return table, mine


def _cased(text: pa.Array, often: float, rng: np.random.Generator) -> pa.Array:
    """The texts, some of them upper or lower case throughout."""
    draw = rng.random(len(text))
    return pc.case_when(pc.make_struct(pa.array(draw < often / 2), pa.array(draw < often)), pc.utf8_upper(text), pc.utf8_lower(text), text)


def _emails(people: People, noise: Noise, found: Sightings, rng: np.random.Generator) -> pa.Array:
    """The mailboxes of the reports: most in canonical form, some in other case, with a dot more (Gmail) or a plus-tag."""
    rows = len(found.row)
    text = taken(people.mailboxes, found.mailbox)
    draw = rng.random(rows) / max(noise.mail_spelling, 1e-9)
    gmail = pc.fill_null(pc.ends_with(text, "@gmail.com"), False).to_numpy(zero_copy_only=False)
    tagged, dotted = (draw < 0.2) & gmail, (draw >= 0.2) & (draw < 0.35) & gmail
    title, upper = (draw >= 0.35) & (draw < 0.8), (draw >= 0.8) & (draw < 1)
    dots = joined(pc.utf8_slice_codeunits(text, 0, 1), ".", pc.utf8_slice_codeunits(text, 1))
    return pc.case_when(
        pc.make_struct(*(pa.array(mask) for mask in (tagged, dotted, title, upper))),
        pc.replace_substring(text, "@", "+shop@"),
        dots,
        pc.utf8_capitalize(text),
        pc.utf8_upper(text),
        text,
    )


def _slipped(text: pa.Array, mask: Mask, rng: np.random.Generator) -> tuple[pa.Array, Mask]:
    """The texts with one slip of the finger in the part before any @ where the mask holds; and where that was."""
    mask = mask & pc.is_valid(text).to_numpy(zero_copy_only=False)
    slips = [_slip(value, rng.random(3)) for value in text.filter(pa.array(mask)).to_pylist()]
    if not slips:
        return text, mask
    return pc.replace_with_mask(text, pa.array(mask), pa.array(slips, pa.string())), mask


def _slip(text: str, draw: Any) -> str:
    """A letter lost, doubled, swapped with its neighbour or replaced; never the first one."""
    part, at, rest = text.partition("@")
    if len(part) < 3:
        return text
    n, key = 1 + int(draw[0] * (len(part) - 2)), KEYS[int(draw[1] * len(KEYS))]
    shapes = (part[:n] + part[n + 1 :], part[:n] + part[n] + part[n:], part[:n] + part[n + 1] + part[n] + part[n + 2 :])
    return (*shapes, part[:n] + key + part[n + 1 :])[int(draw[2] * 4)] + at + rest


def _misdialled(phone: Any, mask: Mask, rng: np.random.Generator) -> tuple[Any, Mask]:
    """The numbers with one of the last six digits changed where the mask holds; and where that was."""
    mask = mask & (phone > 0)
    power = 10 ** rng.integers(0, 6, len(phone))
    digit = phone // power % 10
    changed = phone + ((digit + rng.integers(1, 10, len(phone))) % 10 - digit) * power
    return np.where(mask, changed, phone), mask


def _dialled(phone: Any, noise: Noise, rng: np.random.Generator) -> pa.Array:
    """The numbers as written: +1..., or one of the ways that people write them."""
    present, draw = phone >= 0, rng.random(len(phone)) / max(noise.phone_spelling, 1e-9)
    ten = digits(np.maximum(phone, 0), 10)
    style = np.searchsorted([share for _, share in WRITTEN], draw, side="right")
    patterns = [*(pattern for pattern, _ in WRITTEN), "+1##########"]
    parts = [(mask, patterned(pattern, ten[mask])) for n, pattern in enumerate(patterns) if (mask := present & (style == n)).any()]
    return scattered(len(phone), parts)


def _names(people: People, noise: Noise, found: Sightings, rng: np.random.Generator) -> tuple[pa.Array, pa.Array]:
    """Given and family names of the reports: short forms, initials and shouting among them."""
    rows, who = len(found.row), np.maximum(found.names, 0)
    entries = names.given_names()
    start = np.cumsum([0] + [len(entry) for entry in entries])
    pool = pa.array([name for entry in entries for name in entry])
    given, forms = people.given[who], np.diff(start)[people.given[who]]
    # A person has one short form of choice, so that it is not noise in every report anew.
    favourite = 1 + (share(21, who) * (forms - 1)).astype(np.int64)
    short = (rng.random(rows) < noise.short_name) & (forms > 1)
    first = taken(pool, start[given] + np.where(short, favourite, 0), found.names >= 0)
    initial = pa.array(rng.random(rows) < noise.short_name / 5)
    first = pc.if_else(initial, pc.utf8_slice_codeunits(first, 0, 1), first)
    last = taken(pa.array(names.family_names()), people.family[who], found.names >= 0)
    return _cased(first, noise.name_case, rng), _cased(last, noise.name_case, rng)


def _devices(found: Sightings) -> pa.Array:
    """UUIDs: upper case from one platform, lower case from the other."""
    present = found.device != 0
    upper = present & (found.device % np.uint64(2) == 0)

    def written(mask: Mask) -> pa.Array:
        words = found.device[mask]
        return patterned("########-####-4###-####-############", hexadecimal(words), hexadecimal(mixed(22, words))[:, :15])

    return scattered(len(found.row), [(upper, pc.utf8_upper(written(upper))), (present & ~upper, written(present & ~upper))])


def _cookies(found: Sightings) -> pa.Array:
    present = found.cookie != 0
    return scattered(len(found.row), [(present, patterned("ck." + "#" * 16, hexadecimal(found.cookie[present])))])


def _addresses(found: Sightings) -> pa.Array:
    """IPv4 addresses outside the reserved first octets."""
    present = found.ip != 0
    words = found.ip[present]
    first = (words % np.uint64(180) + np.uint64(20)).astype(np.int64)
    first = np.where((first == 127) | (first == 100), 101, first)
    octets = [((words >> np.uint64(shift)) % np.uint64(256)).astype(np.int64) for shift in (16, 24, 32)]
    return scattered(len(found.row), [(present, joined(first, *(part for octet in octets for part in (".", octet))))])
