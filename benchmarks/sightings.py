"""What the systems of a made-up world report of its people, one stretch of time after another, with the truth beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.columns import Words, mixed, share
from benchmarks.names import FAKE_PHONES
from benchmarks.noise import Noise
from benchmarks.population import DAY, DAYS, START, Ints, People


class Event(NamedTuple):
    """One kind of report: its source, and how often it carries each thing, in 0..1."""

    name: str
    source: str
    email: float = 0
    phone: float = 0
    device: float = 0
    cookie: float = 0
    social: float = 0
    ip: float = 0
    names: float = 0
    birth_date: float = 0
    address: float = 0
    customer: float = 0


EVENTS = (
    Event("browse", "web", cookie=1, ip=1),
    Event("app_open", "app", device=1, ip=1),
    Event("login", "web", email=1, cookie=1, social=0.03, ip=1, customer=0.5),
    Event("app_login", "app", email=1, device=1, ip=1),
    Event("social_login", "web", email=0.3, social=1, cookie=1, ip=1),
    Event("order", "web", email=1, phone=0.5, cookie=1, ip=1, names=0.9, address=0.9, customer=1),
    Event("guest_order", "web", email=1, phone=0.6, cookie=1, ip=1, names=1, address=0.9),
    Event("call", "crm", email=0.5, phone=0.9, names=0.9, birth_date=0.4),
    Event("pos", "store", email=0.45, phone=0.55, names=0.5),
    Event("wifi", "wifi", email=1, device=1, ip=1),
    Event("preference", "preferences", email=1, phone=0.2, names=0.9, birth_date=0.5, address=0.4),
    Event("share", "partner", email=0.9, phone=0.6, names=0.4),
    Event("append", "broker", email=0.8, phone=0.6, names=0.5, birth_date=0.2, address=0.5),
)
CODE = {event.name: n for n, event in enumerate(EVENTS)}
# A session is web or app browsing, perhaps ending in something that names the person, or a single report of another system.
SESSIONS = {"browse": 0.54, "app_open": 0.14, "call": 0.06, "pos": 0.1, "wifi": 0.03, "preference": 0.035, "share": 0.05, "append": 0.045}
WEB_ENDS = {"browse": 0.42, "login": 0.3, "order": 0.12, "guest_order": 0.1, "social_login": 0.06}
APP_LOGIN = 0.4
PAGES = 0.7  # chance that a session ends after each page; with it two thirds of all reports carry one identifier
BROWSING = SESSIONS["browse"] + SESSIONS["app_open"]
ROWS_A_SESSION = BROWSING / PAGES + SESSIONS["browse"] * (1 - WEB_ENDS["browse"]) + SESSIONS["app_open"] * APP_LOGIN + 1 - BROWSING
NOBODY = -1
KIOSKS = 8


@dataclass(frozen=True, slots=True)
class Sightings:
    """Reports in the order of their arrival; arrays over reports.

    row: int64, a number of its own for each report. person: who it was, -1 nobody. time: seconds. event: code into EVENTS.
    mailbox: code into people.mailboxes. phone: ten digits. device, cookie: hashes. handle: code into people.handles.
    place: the household whose address is given. names: the person whose names are given. birth_date: yyyymmdd, 0 none.
    customer: number at the web shop, 0 none. ip: hash, 0 none. -1 (or 0 for hashes) stands for "not in this report".
    mine: uint64[n, 6], over (mailbox, phone, device, cookie, handle, customer): a number for what only this person has then, else 0.
    """

    row: Ints
    person: Ints
    time: Ints
    event: Ints
    mailbox: Ints
    phone: Ints
    device: Words
    cookie: Words
    handle: Ints
    place: Ints
    names: Ints
    birth_date: Ints
    customer: Ints
    ip: Words
    mine: Words


def sightings(people: People, noise: Noise, seed: int, first_row: int, sessions: int, since: float, until: float) -> Sightings:
    """The reports that `sessions` sessions between the shares `since` and `until` of the world's length give rise to."""
    rng = np.random.default_rng([seed, first_row])
    person, time, event = _sessions(people, noise, sessions, since, until, rng)
    rows = len(person)
    human = person != NOBODY
    who = np.where(human, person, 0)
    late = (event == CODE["share"]) | (event == CODE["append"])
    time = np.maximum(np.where(late, time - rng.integers(DAY, noise.late_days * DAY + 2 * DAY, rows), time), START)
    carried = {field: rng.random(rows) < np.array([getattr(kind, field) for kind in EVENTS])[event] for field in Event._fields[2:]}
    handle = np.where(carried["social"] & human, people.handle[who], -1)
    carried["email"] |= ~(carried["phone"] | carried["device"] | carried["cookie"] | (handle >= 0))
    carried["email"] |= (event == CODE["social_login"]) & (handle < 0)
    later = (time >= people.phone_change[who]).astype(np.int64)
    mailbox, phone, place = _contacts(
        people, noise, who, event, late, _mailbox(people, noise, who, event, rng), Held(people.phone[who, later], np.ones(rows, bool)), rng
    )
    device, cookie = _machines(people, noise, who, human, event, time, seed, rng)
    customer = np.where(carried["customer"] & human, people.customer[who], 0)
    owned = (
        (mailbox.value, carried["email"] & mailbox.mine),
        (phone.value, carried["phone"] & phone.mine),
        (device.value, carried["device"] & device.mine),
        (cookie.value, carried["cookie"] & cookie.mine),
        (handle, handle >= 0),
        (customer, customer > 0),
    )
    mine = [np.where(own & human, mixed(n, value, person), np.uint64(0)) for n, (value, own) in enumerate(owned)]
    return Sightings(
        row=first_row + np.arange(rows),
        person=person,
        time=time,
        event=event,
        mailbox=np.where(carried["email"] & human, mailbox.value, -1),
        phone=np.where(carried["phone"] & human, phone.value, -1),
        device=np.where(carried["device"], device.value, np.uint64(0)),
        cookie=np.where(carried["cookie"], cookie.value, np.uint64(0)),
        handle=handle,
        place=np.where(carried["address"] & human, place, -1),
        names=np.where(carried["names"] & human, who, -1),
        birth_date=np.where(carried["birth_date"] & human, people.birth_date[who], 0),
        customer=customer,
        ip=np.where(carried["ip"], _ip(people, who, human, time, seed, rng), np.uint64(0)),
        mine=np.stack(mine, axis=1),
    )


class Held(NamedTuple):
    """What each report carries of one kind, and whether it is the person's alone."""

    value: Any
    mine: NDArray[np.bool_]

    def replaced(self, mask: NDArray[np.bool_], value: Any) -> Held:
        """The same with somebody else's value where the mask holds."""
        return Held(np.where(mask, value, self.value), self.mine & ~mask)


def _contacts(
    people: People, noise: Noise, who: Ints, event: Ints, late: NDArray[np.bool_], mailbox: Held, phone: Held, rng: np.random.Generator
) -> tuple[Held, Held, Ints]:
    """Mailbox, phone and household of the address, after gifts, bought data's mistakes, cashiers and invented numbers."""
    rows = len(who)
    other = rng.integers(len(people), size=rows)
    place = people.household[who]
    gift = ((event == CODE["order"]) | (event == CODE["guest_order"])) & (rng.random(rows) < noise.gift)
    phone, place = phone.replaced(gift, people.phone[other, 0]), np.where(gift, people.household[other], place)
    wrong, first = late & (rng.random(rows) < noise.wrong_append), rng.random(rows) < 0.5
    mailbox = mailbox.replaced(wrong & first, people.mailbox_start[other])
    phone = phone.replaced(wrong & ~first, people.phone[other, 0])
    till = (event == CODE["pos"]) & (rng.random(rows) < noise.cashier)
    shop = rng.integers(len(people.shop_phones), size=rows)
    mailbox = mailbox.replaced(till, people.shop_mailboxes[0] + shop)
    phone = phone.replaced(till, people.shop_phones[shop])
    invented = ((event == CODE["pos"]) | (event == CODE["guest_order"])) & (rng.random(rows) < noise.fake)
    return mailbox, phone.replaced(invented, np.array(FAKE_PHONES)[rng.integers(len(FAKE_PHONES), size=rows)]), place


def _sessions(people: People, noise: Noise, sessions: int, since: float, until: float, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """Person, time and event of every report, in the order of arrival."""
    person = np.searchsorted(people.activity, rng.random(sessions)).clip(0, len(people) - 1)
    kind = rng.choice([CODE[name] for name in SESSIONS], size=sessions, p=list(SESSIONS.values()))
    web, app = kind == CODE["browse"], kind == CODE["app_open"]
    bot = web & (rng.random(sessions) < noise.bot)
    pages = np.where(web | app, rng.geometric(PAGES, sessions), 1)
    end = rng.choice([CODE[name] for name in WEB_ENDS], size=sessions, p=list(WEB_ENDS.values()))
    end = np.where(web & ~bot & (end != CODE["browse"]), end, -1)
    end = np.where(app & (rng.random(sessions) < APP_LOGIN), CODE["app_login"], end)
    length = pages + (end >= 0)
    of = np.repeat(np.arange(sessions), length)
    nth = np.arange(len(of)) - np.repeat(np.cumsum(length) - length, length)
    event = np.where((nth == length[of] - 1) & (end[of] >= 0), end[of], kind[of])
    begun = START + (since + (until - since) * rng.random(sessions)) * DAYS * DAY
    time = (begun[of] + nth * rng.integers(20, 120, sessions)[of]).astype(np.int64)
    order = np.argsort(time, kind="stable")
    return np.where(bot, NOBODY, person)[of][order], time[order], event[order]


def _mailbox(people: People, noise: Noise, who: Ints, event: Ints, rng: np.random.Generator) -> Held:
    """The mailbox that each report would carry: the main one or another, the household's, an office's, or an invented one."""
    rows = len(who)
    own = people.mailbox_start[who + 1] - people.mailbox_start[who]
    rarely = np.where(event == CODE["app_login"], 0.05, 0.25)
    another = np.where(rng.random(rows) < rarely, rng.integers(0, 3, rows) % own, 0)
    login, typed = _is(event, "login", "app_login"), _is(event, "order", "guest_order", "call", "pos", "preference")
    mate = _mate(people, who, rng)
    shared = login & (mate != who) & (rng.random(rows) < noise.shared_login)
    home = typed & (people.household_mailbox[who] >= 0) & (rng.random(rows) < 0.25)
    office = typed & (people.role_mailbox[who] >= 0) & (rng.random(rows) < 0.3)
    fake = _is(event, "pos", "guest_order") & (rng.random(rows) < noise.fake)
    return (
        Held(people.mailbox_start[who] + another, np.ones(rows, bool))
        .replaced(shared, people.mailbox_start[mate])
        .replaced(home, people.household_mailbox[who])
        .replaced(office, people.role_mailbox[who])
        .replaced(fake, rng.integers(*people.fake_mailboxes, rows))
    )


def _is(event: Ints, *names: str) -> NDArray[np.bool_]:
    return np.isin(event, [CODE[name] for name in names])


def _mate(people: People, who: Ints, rng: np.random.Generator) -> Ints:
    """Somebody else of the household; the person itself where there is nobody else."""
    house = people.household[who]
    start, size = people.household_start[house], people.household_size[house]
    step = 1 + rng.integers(0, 4, len(who)) % np.maximum(size - 1, 1)
    return np.asarray(start + (who - start + step) % size)


def _machines(
    people: People, noise: Noise, who: Ints, human: NDArray[np.bool_], event: Ints, time: Ints, seed: int, rng: np.random.Generator
) -> tuple[Held, Held]:
    """Device and cookie: the person's, the household's tablet or computer, a lent one, a kiosk's or a crawler's."""
    rows, house = len(who), people.household[who]
    half_hour = time // 1800  # one choice a half hour, so that a session stays on one machine
    browser = (share(seed, 1, who, half_hour) < 0.35).astype(np.int64)
    at_home = people.computer[who] & (browser == 1)
    tablet = people.tablet[who] & (share(seed, 2, who, half_hour) < 0.3)
    login, mate = _is(event, "login", "app_login"), _mate(people, who, rng)
    lent = login & (mate != who) & (rng.random(rows) < noise.borrowed)
    kiosk = (login | (event == CODE["guest_order"])) & (rng.random(rows) < noise.kiosk)
    booth = rng.integers(KIOSKS, size=rows)

    owner = np.where(lent, mate, who)
    device = Held(mixed(seed, 3, people.device[owner, (time >= people.device_change[owner]).astype(np.int64)]), ~lent)
    device = device.replaced(tablet, mixed(seed, 4, house)).replaced(kiosk, mixed(seed, 5, booth))

    holder = Held(mixed(seed, 6, owner, browser), ~lent).replaced(at_home, mixed(seed, 7, house))
    # A browser's cookie lives 10 to 250 days, then it is cleared; a kiosk's and a crawler's stay.
    life = ((10 + 240 * share(seed, 8, holder.value)) * DAY).astype(np.int64)
    slot = (time + (share(seed, 9, holder.value) * life).astype(np.int64)) // life
    cookie = Held(mixed(seed, 10, holder.value, slot), holder.mine).replaced(kiosk, mixed(seed, 11, booth))
    return device, cookie.replaced(~human, mixed(seed, 12, time // (50 * DAY)))


def _ip(people: People, who: Ints, human: NDArray[np.bool_], time: Ints, seed: int, rng: np.random.Generator) -> Words:
    """At home the household's address of the month, else one of a few that a mobile carrier gives to many."""
    home = rng.random(len(who)) < 0.65
    house = mixed(seed, 13, people.household[who], time // (30 * DAY))
    carrier = mixed(seed, 14, rng.integers(max(1, len(people) // 40), size=len(who)))
    return np.where(human, np.where(home, house, carrier), mixed(seed, 15, time // DAY)) | np.uint64(1)
