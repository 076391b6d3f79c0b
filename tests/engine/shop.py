"""A shop's customers made up at random, as callers report them, and their attributes recomputed one by one in plain Python."""

from __future__ import annotations

import itertools
import random
import statistics
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
from idweave_server.engine.engine import Engine
from idweave_server.engine.fold import name_of
from idweave_server.engine.recall import StoredObservation
from idweave_server.identifiers.lists import default_lists
from idweave_server.identifiers.text_hash import text_hash
from idweave_server.intake.prepare import prepare
from idweave_server.intake.reports import Report, ReportedEvent, Scalar
from idweave_server.model import DAY
from idweave_server.resolution.policy import Policy

from tests.engine.living import Living
from tests.resolution.worlds import START, Key

POLICY = """
[money]
margin = 0.35
[money.rates]
EUR = 1.08
GBP = 1.254321
[events]
till_sale = { role = "order", aliases = ["sale"] }
[sources]
list = { party = "third" }
survey = { party = "zero" }
[traits]
city = { survivorship = "party" }
visits = { type = "integer" }
height = { type = "number", survivorship = "support" }
member = { type = "boolean" }
since = { type = "date" }
craft = { many = true }
age = { type = "text" }
"""
FLEETING = POLICY + "[namespaces.cookie]\nttl_days = 25\n"
HANDED_ON: Key = ("cookie", "", "a-cookie-with-two-owners")
SOURCES = ("web", "app", "list", "survey")
ORDERS = ("o1", "o2", "o3", "o4", "o5", None, None)
NAMES = ("Ingrid", "Walter", "Chidi", "Yuki")  # unlike one another
RATES = {"USD": Fraction(1), "EUR": Fraction(108, 100), "GBP": Fraction(1254321, 1000000)}
MICRO = 1_000_000


def report(living: Living, reports: list[Report], at: int) -> None:
    """Take in what callers report."""
    engine = living.engine
    ready = prepare(living.policy, default_lists(), reports, today=20_990_101)
    now = max(at, engine.state_time)
    admission = engine.admit(ready, at=now, milliseconds=now * 1000, seed=len(living.log).to_bytes(16, "little"))
    if admission.entry is not None:
        living.put(admission.entry, now)


def people(count: int) -> list[list[Key]]:
    return [
        [("email", "", f"p{n}@postbus.org"), ("cookie", "", f"cookie-number-{n:08}"), ("social", "", f"net:p{n}")] for n in range(count)
    ]


def random_reports(seed: int, count: int = 40) -> list[Report]:
    """Of a few people, in no order; some are dated ahead of START + 45 days."""
    r, who = random.Random(seed), people(1 + seed % 4)
    found = []
    for number in range(count):
        person = r.randrange(len(who))
        keys = r.sample(who[person], r.choice((1, 1, 2, 3)))
        if r.random() < 0.06:
            keys = [*keys, r.choice(r.choice(who))]
        time = START + r.choice((r.randrange(60 * DAY), r.randrange(50) * DAY))
        handed_on = person < 2 and r.random() < 0.5  # a cookie that is the first one's for a while, and then the second one's
        if handed_on:
            keys, time = [HANDED_ON, who[person][0]], START + (person * 35 + r.randrange(8)) * DAY
        named = (("first_name", NAMES[person]),) if handed_on or r.random() < 0.3 else ()
        channel = r.choice(("store", "online", "phone", None))
        roles = r.sample(EVENTS, r.choice((0, 1, 1, 2, 3)))
        if roles.count(BOUGHT) > 1:  # which of two reports of an order in one observation is the last is for another test
            roles.remove(BOUGHT)
        events = tuple(_event(r, kind, channel) for kind in roles)
        identifiers = tuple(dict.fromkeys((space, issuer, value) for space, issuer, value in keys))
        found.append(Report(f"n{number}", r.choice(SOURCES), time, "ORDER", identifiers, (*named, *_traits(r)), events))
    return found


BOUGHT = ("order_placed", "order", "sale")
EVENTS = (
    *(BOUGHT, BOUGHT, ("order_updated",), ("order_cancelled", "order_refunded")),
    *(("product_viewed", "searched", "cart_added"), ("page_viewed", "my_own"), ("review_left",), ("survey_answered",)),
    *(("support_ticket",), ("support_closed",), ("tag_added",), ("tag_removed",)),
)


def _event(r: random.Random, kinds: tuple[str, ...], channel: str | None) -> ReportedEvent:
    kind, said = r.choice(kinds), list[tuple[str, Scalar]]()
    if channel:
        said.append(("channel", channel))
    units, nanos, currency = 0, 0, ""
    if kind.startswith(("order", "sale")):
        if (order := r.choice(ORDERS)) is not None:
            said.append(("order_id", order))
        if r.random() < 0.8:
            units, nanos, currency = (
                r.choice((0, 20, 50, 99, 120)),
                r.choice((0, 990_000_000, 123_456_789)),
                r.choice(("USD", "EUR", "GBP")),
            )
            if r.random() < 0.05:
                currency = "CHF"
            if kind == "order_refunded" and r.random() < 0.2:
                units, nanos = -units, -nanos
        if r.random() < 0.2:
            said.append(("purchase_for", r.choice(("gift", "self"))))
        said += [("category", r.choice(("yarn", "wool", "felt"))) for _ in range(r.choice((0, 1, 2)))]
    if kind in ("product_viewed", "searched", "cart_added"):
        said.append(("category", r.choice(("yarn", "wool", "felt", "loom"))))
    if kind in ("review_left", "survey_answered"):
        said.append(("score", r.choice((0, 3, 4.5, 9, 10, 11, -1, "9", "many", True))))
        if kind == "survey_answered" and r.random() < 0.5:
            said.append(("survey", r.choice(("nps", "nps", "taste"))))
    if kind.startswith("support") and (ticket := r.choice(("t1", "t2", None))):
        said.append(("ticket_id", ticket))
    if kind.startswith("tag"):
        said.append(("tag", r.choice(("vip", "test", "blocked"))))
        if r.random() < 0.5:
            said.append(("milliseconds", r.choice((1, 20, 300))))
    if r.random() < 0.2:
        said.append(("campaign", r.choice(("spring", "fall"))))
    r.shuffle(said)
    return ReportedEvent(kind, units, nanos, currency, tuple(said))


def _traits(r: random.Random) -> tuple[tuple[str, Scalar], ...]:
    possible: dict[str, tuple[Scalar, ...]] = {
        "city": ("Bergen", "Turin"),
        "visits": (0, -3, 12),
        "height": (1.8, 1.75, 2),
        "member": (True, False),
        "since": ("2011-02-03", "1969-12-31"),
        "craft": ("knitting", "weaving", "dyeing"),
        "age": ("old", "young"),
        "shoes": ("red", "blue"),
        "preferred_channel": ("store", "letter"),
    }
    return tuple((name, r.choice(possible[name])) for name in r.sample(sorted(possible), r.choice((0, 0, 1, 3))))


@dataclass
class Order:
    first: int = -1  # place of the event
    amount: Fraction | None = None
    currency: str = ""
    back: dict[str, Fraction] = field(default_factory=dict)
    undone: bool = False

    def net(self) -> tuple[str, Fraction | None, str]:
        """(stands, undone or unknown; amount; currency)"""
        if self.undone:
            return "undone", None, ""
        if self.amount is None:
            return "stands", None, ""
        if not self.back:
            return "stands", self.amount, self.currency
        if set(self.back) == {self.currency}:
            left = self.amount - self.back[self.currency]
            return ("stands", left, self.currency) if left > 0 else ("undone", None, "")
        if not {*self.back, self.currency} <= RATES.keys():
            return "unknown", None, ""
        left = self.amount * RATES[self.currency] - sum((value * RATES[unit] for unit, value in self.back.items()), Fraction(0))
        return ("stands", left, "USD") if left > 0 else ("undone", None, "")


@dataclass
class Happening:
    time: int
    type: str
    role: str
    row: int
    amount: Fraction | None
    currency: str
    said: list[tuple[str, str]]

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.said if key == name), None)


def _text(value: Scalar) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def happenings(policy: Policy, seen: list[StoredObservation]) -> list[Happening]:
    """seen: in order."""
    out = []
    for row, o in enumerate(seen):
        for event in o.events:
            means = policy.event_type(event.type)
            amount = Fraction(int(Fraction(event.units) * MICRO + int(Fraction(event.nanos, 1000))), MICRO) if event.currency else None
            said = [(name, _text(value)) for name, value in event.properties]
            out.append(Happening(o.time, means.name, means.role.name, row, amount, event.currency, said))
    return out


def orders(events: list[Happening], now: int) -> list[Order]:
    named: dict[str, Order] = {}
    placed: list[Order] = []
    rank = {"ORDER": 0, "UPDATE": 1, "REFUND": 2, "CANCEL": 3}
    told = [(e.time, rank[e.role], n, e) for n, e in enumerate(events) if e.role in rank and e.time <= now]
    for _, _, place, e in sorted(told, key=lambda x: x[:3]):
        number = e.get("order_id")
        order = named.setdefault(number, Order()) if number is not None else None
        if e.role == "ORDER":
            order = order or Order()
            if order.first < 0:
                order.first = place
                placed.append(order)
        elif order is None:
            order = next((o for o in reversed(placed) if o.net()[0] != "undone"), None)
        if order is None:
            continue
        if e.role == "CANCEL" or (e.role == "REFUND" and e.amount is None):
            order.undone = True
        elif e.role == "REFUND":
            order.back[e.currency] = order.back.get(e.currency, Fraction(0)) + abs(e.amount or Fraction(0))
        elif e.amount is not None:
            order.amount, order.currency = e.amount, e.currency
    return placed


def attributes(policy: Policy, seen: list[StoredObservation], now: int) -> dict[str, Any]:
    """seen: by time, then by content. Money as fractions, times as seconds; None where nothing is known."""
    events = happenings(policy, seen)
    past, there = [e for e in events if e.time <= now], [o for o in seen if o.time <= now]
    stand = {o.first: o.net() for o in orders(events, now) if o.net()[0] != "undone"}
    times = sorted(events[place].time for place in stand)
    days = sorted({t // DAY for t in times})
    typical = statistics.median(b - a for a, b in itertools.pairwise(days)) if len(days) > 1 else None
    spent: Fraction | None = Fraction(0)
    for state, amount, currency in stand.values():
        known = state == "stands" and (amount is None or currency in RATES)
        spent = spent + (amount or 0) * RATES.get(currency, Fraction(0)) if known and spent is not None else None
    first = [e for e in past if e.row == 0]
    out: dict[str, Any] = {
        "first_purchase_time": times[0] if times else None,
        "last_purchase_time": times[-1] if times else None,
        "purchase_count": len(times),
        "spend_total": spent,
        "spend_average": spent / len(times) if times and spent is not None else None,
        "lifetime_value": spent * Fraction(35, 100) if spent is not None else None,
        "typical_days_between_purchases": typical,
        "next_purchase_expected": times[-1] + int(typical * DAY) if typical is not None else None,
        "acquired_time": there[0].time if there else None,
        "first_seen": there[0].time if there else None,
        "last_seen": there[-1].time if there else None,
        "acquisition_source": there[0].source if there else None,
        "acquisition_channel": next((e.get("channel") for e in first if e.get("channel")), None),
        "last_event_time": past[-1].time if past else None,
        "favourite_category": _favourite(events, past, stand, "category", lambda e: e.role in ("VIEW", "SEARCH", "CART")),
        "favourite_channel": _favourite(events, past, stand, "channel", lambda e: e.role not in ("ORDER", "UPDATE", "CANCEL", "REFUND")),
        "nps_score": _score(e for e in past if e.role == "SURVEY" and e.get("survey") in (None, "nps")),
        "last_stars": _score(e for e in past if e.role == "REVIEW"),
        "open_tickets": _tickets(past),
        "tags": _tags(past),
    }
    return out


def _favourite(events: list[Happening], past: list[Happening], stand: dict[int, Any], name: str, shows: Any) -> str | None:
    count: dict[str, list[int]] = {}
    for place, e in enumerate(events):
        if e.get("purchase_for") == "gift" or not (place in stand or (e in past and shows(e))):
            continue
        for value in {value for key, value in e.said if key == name}:
            count.setdefault(value, [0, 0])[0 if place in stand else 1] += 1
    return min(count, key=lambda v: (-count[v][0], -count[v][1], int(text_hash(v)[0, 0]))) if count else None


def _score(events: Any) -> float | None:
    found = None
    for e in events:
        try:
            score = float(e.get("score"))
        except ValueError:
            continue
        found = score if 0 <= score <= 10 else found
    return found


def _tickets(past: list[Happening]) -> int:
    opened: list[str | int] = []
    told = [(e.time, e.role == "CLOSE", n, e) for n, e in enumerate(past) if e.role in ("TICKET", "CLOSE")]
    for _, close, n, e in sorted(told, key=lambda x: x[:3]):
        ticket = e.get("ticket_id")
        if not close and (ticket is None or ticket not in opened):
            opened.append(n if ticket is None else ticket)
        elif close and ticket is None:
            opened = opened[:-1]
        elif close and ticket in opened:
            opened.remove(ticket)
    return len(opened)


def _tags(past: list[Happening]) -> set[str]:
    latest: dict[str, tuple[int, int, bool]] = {}
    for e in past:
        if e.role in ("TAG", "UNTAG"):
            tag, key = str(e.get("tag")), (e.time, int(e.get("milliseconds") or -1), e.role == "TAG")
            latest[tag] = max(latest.get(tag, key), key)
    return {tag for tag, (_, _, added) in latest.items() if added}


def in_order(engine: Engine, rows: np.ndarray) -> list[StoredObservation]:
    """By time, then by the hash of (source, observation id)."""
    seen = [engine.observation(row) for row in rows.tolist()]
    return sorted(seen, key=lambda o: (o.time, *name_of(o.source, o.observation_id)[0].tolist()))


def days(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days
