"""Observations as a shop sees them, for sizes and rates: two or three identifiers each, half of them new, names, a trait or two, events."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pyarrow as pa
from idweave_server.entries.births import birth_ids, content_hashes, keyed
from idweave_server.entries.columns import Births, EventColumns, IdentifierColumns, ObservationEntry, ObservedSpellings, TraitEntries

KEY = bytes(range(32))
FIRST = (
    "anna ben carla david eva frank grace henry ida jack karen liam mia noah olivia paul quinn rosa sam tina uwe vera will yara zoe".split()
)
SYLLABLES = "ba be bo da de du fa ga gra ha jo ka kel ko la le lo ma mer mi na ne no pa pe ra ri ro sa sen ser ta ti tor va wa wil".split()
DOMAINS = ["gmail.com"] * 10 + ["yahoo.com"] * 4 + ["outlook.com"] * 3 + ["icloud.com", "aol.com", "web.de", "company.example", "gmx.net"]
KINDS = ("BROWSE", "CALL", "FORM", "GUEST_ORDER", "LOGIN", "ORDER", "POS")
TYPES = ("cart", "login", "order", "page_view")
CITIES = [f"{a}{b}" for a in ("Spring", "River", "Oak", "Lake", "Ash", "Mill") for b in ("field", "ton", "ville", " Park", "dale")]


def observations(n: int, seed: int = 7) -> ObservationEntry:
    """About 2.5 identifiers an observation, each an e-mail, a phone or a cookie; half of them are born in it."""
    chance = random.Random(seed)
    codes: dict[tuple[str, str], int] = {}
    names: dict[str, int] = {}
    people: list[tuple[str, str, list[tuple[str, str]]]] = []
    start, identifier = [0], list[int]()
    first_name, city, last = list[int](), list[str | None](), list[str | None]()
    spelled: list[tuple[int, str]] = []
    for _ in range(n):
        if not people or chance.random() < 0.75:
            people.append(person(chance))
        first, surname, known = chance.choice(people[-20:])
        seen = chance.sample(known, chance.choice((2, 2, 3)))
        for space, value in seen:
            if space == "email" and chance.random() < 0.2:
                spelled.append((len(identifier), value.title()))
            identifier.append(codes.setdefault((space, value), len(codes)))
        start.append(len(identifier))
        told = chance.random() < 0.6
        first_name.append(names.setdefault(first, len(names)) if told else -1)
        last.append(surname if told else None)
        city.append(chance.choice(CITIES) if chance.random() < 0.3 else None)
    # As intake numbers them: namespace by namespace, each in the order of first use.
    order = sorted(codes, key=lambda key: ("email", "phone", "cookie").index(key[0]))
    place = {codes[key]: at for at, key in enumerate(order)}
    spaces = ("cookie", "email", "phone")
    i = len(order)
    columns = IdentifierColumns(
        namespace=np.array([spaces.index(space) for space, _ in order], np.uint8),
        namespaces=spaces,
        issuer=np.full(i, -1, np.int32),
        issuers=(),
        value=pa.array([value for _, value in order], pa.string()),
        flags=np.zeros(i, np.uint8),
        mailbox_name=np.array([_mailbox(value, names) if space == "email" else -1 for space, value in order], np.int32),
        content=np.zeros((i, 2), np.uint64),
    )
    columns = replace(columns, content=content_hashes(columns))
    time = np.sort(np.array([1_780_000_000 + chance.randrange(n * 3) for _ in range(n)], np.int64))
    sightings = np.array([place[code] for code in identifier], np.int32)
    return ObservationEntry(
        identifiers=columns,
        births=_births(columns, np.array(start), sightings, time, chance),
        names=tuple(names),
        sources=("app", "crm", "web"),
        kinds=KINDS,
        id=pa.array([f"{chance.getrandbits(64):016x}" for _ in range(n)], pa.string()),
        time=time,
        source=np.array([chance.choice((0, 1, 2, 2, 2)) for _ in range(n)], np.int32),
        kind=np.array([chance.randrange(len(KINDS)) for _ in range(n)], np.uint8),
        first_name=np.array(first_name, np.int32),
        birth_date=np.full(n, -1, np.int32),
        content=np.array([chance.getrandbits(64) for _ in range(n)], np.uint64),
        backfill=False,
        start=np.array(start, np.int64),
        identifier=sightings,
        hint=np.full(len(identifier), -1, np.int32),
        observed=ObservedSpellings(np.array([at for at, _ in spelled], np.int64), pa.array([text for _, text in spelled], pa.string())),
        traits=(
            _trait("city", city),
            _trait("first_name", [list(names)[code].upper() if code >= 0 else None for code in first_name]),
            _trait("last_name", last),
        ),
        events=_events(n, chance),
    )


def person(chance: random.Random) -> tuple[str, str, list[tuple[str, str]]]:
    first, last = chance.choice(FIRST), "".join(chance.choices(SYLLABLES, k=3))
    email = f"{first}{chance.choice(('.', '', '_'))}{last}{chance.choice(('', chance.randrange(100)))}@{chance.choice(DOMAINS)}"
    phone = f"+1{chance.randrange(2_012_000_000, 9_899_999_999)}"
    cookies = [("cookie", f"ck.{chance.getrandbits(80):020x}") for _ in range(2)]
    return first, last, [("email", email), ("phone", phone), *cookies]


def _mailbox(value: str, names: dict[str, int]) -> int:
    return next((code for name, code in names.items() if value.startswith(name)), -1)


def _births(columns: IdentifierColumns, start: np.ndarray, sightings: np.ndarray, time: np.ndarray, chance: random.Random) -> Births:
    place = np.array([at for at in range(len(columns)) if chance.random() < 0.65], np.int32)
    row = np.repeat(np.arange(time.size), np.diff(start))
    first = np.full(len(columns), -1)
    first[sightings[::-1]] = row[::-1]
    milliseconds, seed = 1_780_000_000_123, chance.randbytes(16)
    hashed = keyed(columns.content[place], KEY)
    return Births(place, hashed, birth_ids(milliseconds, seed, place.size), time[first[place]], milliseconds, seed)


def _trait(name: str, values: list[str | None]) -> TraitEntries:
    row = np.array([at for at, value in enumerate(values) if value is not None], np.int32)
    told = pa.array([value for value in values if value is not None], pa.string()).dictionary_encode()
    return TraitEntries(name, row, told.indices.to_numpy().astype(np.int32), told.dictionary)


def _events(n: int, chance: random.Random) -> EventColumns:
    row = np.arange(n, dtype=np.int32)
    kind = np.array([chance.choice((0, 1, 2, 3, 3, 3)) for _ in range(n)], np.int32)
    paid = kind == 2
    codes, none = np.zeros(0, np.int32), np.zeros(0, np.uint8)
    return EventColumns(
        row=row,
        type=kind,
        types=TYPES,
        units=np.where(paid, [chance.randrange(5, 300) for _ in range(n)], 0).astype(np.int64),
        nanos=np.where(paid, 990_000_000, 0).astype(np.int32),
        currency=np.where(paid, 0, -1).astype(np.int32),
        currencies=("EUR",),
        property_event=codes,
        property_name=codes,
        property_value=codes,
        property_type=none,
        texts=pa.array([], pa.string()),
    )
