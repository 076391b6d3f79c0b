"""The people of a made-up world: households, names, and everything that they own and may be recognised by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmarks import names
from benchmarks.columns import joined, scattered
from benchmarks.noise import Noise

DAY = 86_400
DAYS = 1_000  # a world's length
START = 1_672_531_200  # 2023-01-01T00:00:00Z
QUARANTINE = 45 * DAY  # a given-up number rests at least this long
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class People:
    """A population; arrays are over people unless said otherwise, times are Unix seconds.

    household: members of one stand side by side. activity: float64, cumulative share of all sessions.
    given, family: codes into the name pools. mailbox_start: int64[n + 1] into `mailboxes`, a person's own ones.
    household_mailbox, role_mailbox: codes into `mailboxes`, -1 none. phone: int64[n, 2], ten digits, before and after phone_change.
    device: int64[n, 2], codes, before and after device_change. handle: code into `handles`, -1 none.
    tablet, computer: whether the household shares one. customer: number at the web shop, 0 none.
    """

    household: Ints
    household_start: Ints
    household_size: Ints
    activity: NDArray[np.float64]
    given: Ints
    family: Ints
    birth_date: Ints
    mailbox_start: Ints
    household_mailbox: Ints
    role_mailbox: Ints
    phone: Ints
    phone_change: Ints
    device: Ints
    device_change: Ints
    handle: Ints
    customer: Ints
    tablet: NDArray[np.bool_]
    computer: NDArray[np.bool_]
    mailboxes: pa.Array
    fake_mailboxes: tuple[int, int]
    shop_mailboxes: tuple[int, int]
    shop_phones: Ints
    handles: pa.Array
    streets: pa.Array
    postcodes: pa.Array

    def __len__(self) -> int:
        return len(self.household)


def people(count: int, noise: Noise, rng: np.random.Generator) -> People:
    """`count` people with the noise's shares of what people share, lose and pass on."""
    sizes = rng.choice(np.arange(1, 6), size=count, p=noise.household_sizes)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), count)) + 1]
    sizes[-1] -= sizes.sum() - count
    start = np.cumsum(sizes) - sizes
    household = np.repeat(np.arange(len(sizes)), sizes)
    member = np.arange(count) - start[household]
    given_pool, family_pool = names.given_names(), names.family_names()
    given = rng.choice(len(given_pool), size=count, p=_falling(len(given_pool), 12.0))
    family_of_house = rng.choice(len(family_pool), size=len(sizes), p=_falling(len(family_pool), 40.0))
    family = np.where(rng.random(count) < 0.86, family_of_house[household], rng.integers(len(family_pool), size=count))
    age = np.where(member < 2, rng.integers(24, 80, count), rng.integers(14, 30, count))
    birth = _dates(age, rng)
    defaults = rng.random(count) < noise.default_birth_date
    birth = np.where(defaults, birth // 10_000 * 10_000 + 101, birth)
    mailbox_start, mailboxes, offices = _mailboxes(given, family, age, start, household, noise, rng)
    phone, phone_change, shop_phones = _phones(count, noise, rng)
    device, device_change = _devices(start, household, sizes, noise, rng)
    handle = np.where(rng.random(count) < 0.22, np.arange(count), -1)
    handle[handle >= 0] = np.arange(int((handle >= 0).sum()))
    weight = rng.lognormal(0.0, 0.9, count)
    return People(
        household=household,
        household_start=start,
        household_size=sizes,
        activity=np.cumsum(weight) / weight.sum(),
        given=given,
        family=family,
        birth_date=birth,
        mailbox_start=mailbox_start,
        household_mailbox=offices["household"],
        role_mailbox=offices["role"],
        phone=phone,
        phone_change=phone_change,
        device=device,
        device_change=device_change,
        handle=handle,
        customer=np.where(rng.random(count) < noise.customer_ids, 1000 + rng.permutation(count), 0),
        tablet=(rng.random(len(sizes)) < noise.tablet)[household] & (sizes[household] > 1),
        computer=(rng.random(len(sizes)) < noise.computer)[household] & (sizes[household] > 1),
        mailboxes=mailboxes,
        fake_mailboxes=offices["fake"],
        shop_mailboxes=offices["shop"],
        shop_phones=shop_phones,
        handles=_handles(given[handle >= 0], family[handle >= 0], rng),
        streets=_streets(len(sizes), rng),
        postcodes=pa.array(np.char.zfill(rng.integers(1001, 99_500, len(sizes)).astype("U5"), 5)),
    )


def _falling(count: int, flat: float) -> NDArray[np.float64]:
    """Shares that fall with the rank as 1 / (rank + flat)."""
    weight = 1.0 / (np.arange(count) + flat)
    return np.asarray(weight / weight.sum())


def _dates(age: Ints, rng: np.random.Generator) -> Ints:
    """Birth dates as yyyymmdd for people of these ages."""
    return np.asarray((2023 - age) * 10_000 + rng.integers(1, 13, len(age)) * 100 + rng.integers(1, 29, len(age)))


def _plain_pools() -> tuple[pa.Array, pa.Array]:
    return (
        pa.array([names.plain(entry[0]) for entry in names.given_names()]),
        pa.array([names.plain(name) for name in names.family_names()]),
    )


def _mailboxes(
    given: Ints, family: Ints, age: Ints, start: Ints, household: Ints, noise: Noise, rng: np.random.Generator
) -> tuple[Ints, pa.Array, dict[str, Any]]:
    """Everybody's own mailboxes, then the households', the offices', fakes and the shops' own; with the codes of the latter."""
    count = len(given)
    own = rng.choice([1, 2, 3], size=count, p=[0.5, 0.36, 0.14])
    owner = np.repeat(np.arange(count), own)
    givens, families = _plain_pools()
    first, last, year = givens.take(given[owner]), families.take(family[owner]), (2023 - age[owner]) % 100
    initial = pc.utf8_slice_codeunits(first, 0, 1)
    word = pa.array(names.WORDS).take(rng.integers(len(names.WORDS), size=len(owner)))
    number = rng.integers(1, 1000, len(owner))
    shapes = [
        joined(first, ".", last),
        joined(first, last),
        joined(initial, last),
        joined(first, year),
        joined(last, ".", first),
        joined(word, number),
        joined(first, "_", last, year),
    ]
    shape = rng.choice(len(shapes), size=len(owner), p=[0.24, 0.16, 0.14, 0.14, 0.08, 0.12, 0.12])
    local = scattered(len(owner), [(shape == n, text.filter(pa.array(shape == n))) for n, text in enumerate(shapes)])
    domain = pa.array(names.DOMAINS).take(rng.choice(len(names.DOMAINS), size=len(owner), p=names.DOMAIN_SHARES))
    homes = np.flatnonzero((rng.random(len(start)) < noise.household_mailbox) & (np.bincount(household) > 1))
    home_local = joined("the", families.take(family[start[homes]]), "s")
    home_domain = pa.array(names.DOMAINS).take(rng.choice(len(names.DOMAINS), size=len(homes), p=names.DOMAIN_SHARES))
    mailboxes = _distinct(pa.concat_arrays([local, home_local]), pa.concat_arrays([domain, home_domain]))
    household_code = np.full(len(start), -1)
    household_code[homes] = len(owner) + np.arange(len(homes))
    offices = max(1, count // 40)
    office = rng.integers(offices, size=count)
    role = pa.array(names.ROLES).take(np.arange(offices) % len(names.ROLES))
    office_mail = joined(role, "@", families.take(rng.integers(len(families), size=offices)), np.arange(offices), "-works.com")
    shops = pa.array([f"till{n}@cornershop{n}.com" for n in range(6)])
    pool = pa.concat_arrays([mailboxes, office_mail, pa.array(names.FAKE_MAILBOXES), shops])
    roles_at = len(mailboxes)
    fakes_at = roles_at + offices
    shops_at = fakes_at + len(names.FAKE_MAILBOXES)
    codes: dict[str, Any] = {
        "household": household_code[household],
        "role": np.where(rng.random(count) < noise.role_mailbox, roles_at + office, -1),
        "fake": (fakes_at, shops_at),
        "shop": (shops_at, shops_at + len(shops)),
    }
    return np.concatenate([[0], np.cumsum(own)]), pool, codes


def _distinct(local: pa.Array, domain: pa.Array) -> pa.Array:
    """local@domain, with a number after the local part where another has the address already, as providers do it."""
    while True:
        whole = joined(local, "@", domain)
        # Gmail ignores dots: two of its addresses that differ by dots alone are one mailbox.
        mailbox = joined(pc.replace_substring(local, ".", ""), "@", domain)
        code = mailbox.dictionary_encode().indices.to_numpy()
        order = np.argsort(code, kind="stable")
        first = np.concatenate([[True], code[order][1:] != code[order][:-1]])
        rank = np.empty(len(code), np.int64)
        rank[order] = np.arange(len(code)) - np.maximum.accumulate(np.where(first, np.arange(len(code)), 0))
        if not rank.any():
            return whole
        local = pc.if_else(pa.array(rank > 0), joined(local, rank + 1), local)


def _phones(count: int, noise: Noise, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """phone[n, 2], its time of change, and the shops' numbers. Some given-up numbers go to people who change later."""
    area = np.array(names.AREA_CODES)
    exchanges = np.array([n for n in range(220, 1000) if n % 100 != 11 and n != 555])
    space = len(area) * len(exchanges) * 10_000
    drawn = np.unique(rng.integers(space, size=int(2.2 * count) + 64))
    rng.shuffle(drawn)
    number = (area[drawn % len(area)] * 1000 + exchanges[drawn // len(area) % len(exchanges)]) * 10_000 + drawn // (
        len(area) * len(exchanges)
    )
    shops, pool = number[:6], number[6:]
    changes = rng.random(count) < 0.35
    change = np.where(changes, START + rng.integers(60 * DAY, (DAYS - 60) * DAY, count), np.iinfo(np.int64).max)
    phone = np.stack([pool[:count], np.where(changes, pool[count : 2 * count], pool[:count])], axis=1)
    movers = np.flatnonzero(changes)
    movers = movers[np.argsort(change[movers], kind="stable")]
    givers = movers[rng.random(len(movers)) < noise.recycled_phone]
    # The k-th giver's number goes to the mover as far on in time as there are givers still resting.
    later = np.searchsorted(change[movers], change[givers] + QUARANTINE + rng.integers(0, 60 * DAY, len(givers)))
    fits = later < len(movers)
    taker, slot = np.unique(later[fits], return_index=True)
    phone[movers[taker], 1] = phone[givers[fits][slot], 0]
    return phone, change, shops


def _devices(start: Ints, household: Ints, sizes: Ints, noise: Noise, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """device[n, 2] and its time of change. A handed-down device goes to the next member of the household, a month later at least."""
    count = len(household)
    changes = rng.random(count) < 0.5
    change = np.where(changes, START + rng.integers(30 * DAY, (DAYS - 30) * DAY, count), np.iinfo(np.int64).max)
    device = np.stack([np.arange(count) * 2, np.where(changes, np.arange(count) * 2 + 1, np.arange(count) * 2)], axis=1)
    place = np.arange(count) - start[household]
    mate = start[household] + (place + 1) % sizes[household]
    gives = changes & changes[mate] & (mate != np.arange(count)) & (rng.random(count) < noise.handed_down)
    gives &= np.where(gives, change[mate] - 30 * DAY, 0) > np.where(changes, change, 0)
    device[mate[gives], 1] = device[gives, 0]
    return device, change


def _handles(given: Ints, family: Ints, rng: np.random.Generator) -> pa.Array:
    """A handle on one social network for each of these people."""
    givens, families = _plain_pools()
    first, last = givens.take(given), families.take(family)
    words = pa.array(names.WORDS).take(rng.integers(len(names.WORDS), size=len(given)))
    shape = rng.integers(3, size=len(given))
    shapes = [joined(first, "_", last), joined(words, "_", last), joined(first, words)]
    stem = scattered(len(given), [(shape == n, text.filter(pa.array(shape == n))) for n, text in enumerate(shapes)])
    return joined(stem, np.arange(len(given)))


def _streets(count: int, rng: np.random.Generator) -> pa.Array:
    kinds = [f" {street} {kind}" for street in names.STREETS for kind in names.STREET_KINDS]
    return joined(rng.integers(1, 9999, count), pa.array(kinds).take(rng.integers(len(kinds), size=count)))
