"""What is computed of a profile's observations and events: its attributes, each from scratch and from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from idweave_server.kernels.favourites import BOUGHT, INTEREST, favourites
from idweave_server.kernels.orders import UNDONE, UNKNOWABLE, net_orders
from idweave_server.kernels.properties import first_properties
from idweave_server.kernels.purchases import COUNT, FIRST, HALF_DAYS, LAST, SPENT, purchases
from idweave_server.kernels.tickets import open_tickets
from idweave_server.model import EventRole
from idweave_server.resolution.policy import Policy
from idweave_server.segments.fields import Field, Fields, FieldType
from idweave_server.segments.rfm import RfmCuts, scores
from idweave_server.segments.subjects import NO_VALUE, STANDS, Events

HALF_DAY = 43_200  # seconds
MICROS = 1_000_000
BEST_SCORE = 10 * MICROS
_ABSENT = np.int64(NO_VALUE)  # a plain number would take on the type of what it stands beside, int32 with codes
TAGS = "tags"
PREFERRED_CHANNEL = "preferred_channel"
FAVOURITE_CHANNEL = "favourite_channel"
PREFIX = "trait."  # of a trait that is called like an attribute

# Properties that an event has once. An amount and its currency may come so where they are no money, as from a file.
PROPERTIES = ("order_id", "purchase_for", "channel", "campaign", "survey", "score", "ticket_id", "amount", "currency")
ORDER_ID, PURCHASE_FOR, CHANNEL, CAMPAIGN, SURVEY, SCORE, TICKET_ID, AMOUNT, CURRENCY = range(len(PROPERTIES))
WORDS = (*PROPERTIES, "category", "tag", "milliseconds", "gift", "nps", "NPS")  # texts of events that mean something here

_T = FieldType
ATTRIBUTES = (
    Field("first_purchase_time", _T.TIME, "When the first order that stands was placed"),
    Field("last_purchase_time", _T.TIME, "When the last order that stands was placed; the R of RFM"),
    Field("days_since_last_purchase", _T.INTEGER, "Whole days since last_purchase_time", ("last_purchase_time", "days")),
    Field("purchase_count", _T.INTEGER, "How many orders stand; the F of RFM"),
    Field("spend_total", _T.MONEY, "What was paid for the orders that stand; the M of RFM"),
    Field("spend_average", _T.MONEY, "spend_total over purchase_count"),
    Field("lifetime_value", _T.MONEY, "spend_total times the policy's margin: what the person has brought in so far"),
    Field("typical_days_between_purchases", _T.NUMBER, "The median of the days between one day (UTC) with a purchase and the next"),
    Field("next_purchase_expected", _T.TIME, "last_purchase_time and the typical days"),
    Field("rfm_recency", _T.INTEGER, "1 to 5: the fifth of the buyers by last_purchase_time, 5 the latest"),
    Field("rfm_frequency", _T.INTEGER, "1 to 5: the fifth of the buyers by purchase_count, 5 the most"),
    Field("rfm_monetary", _T.INTEGER, "1 to 5: the fifth of the buyers by spend_total, 5 the most"),
    Field("favourite_category", _T.TEXT, "The category that most purchases name, then most views, searches and carts; gifts left out"),
    Field(FAVOURITE_CHANNEL, _T.TEXT, "The channel that most purchases name, then most other events; gifts left out"),
    Field(PREFERRED_CHANNEL, _T.TEXT, "The channel that the person asks for (the trait of that name), else favourite_channel"),
    Field("acquired_time", _T.TIME, "When the person was first observed"),
    Field("acquisition_source", _T.TEXT, "The source of the first observation"),
    Field("acquisition_channel", _T.TEXT, "The channel that the first observation's events name"),
    Field("acquisition_campaign", _T.TEXT, "The campaign that the first observation's events name"),
    Field("first_seen", _T.TIME, "The time of the first observation"),
    Field("last_seen", _T.TIME, "The time of the last observation"),
    Field("days_since_last_seen", _T.INTEGER, "Whole days since last_seen", ("last_seen", "days")),
    Field("last_event_time", _T.TIME, "When something last happened"),
    Field("nps_score", _T.NUMBER, "0 to 10: the latest answer to the question whether one would recommend the shop"),
    Field("last_stars", _T.NUMBER, "The score of the latest review"),
    Field("open_tickets", _T.INTEGER, "How many support tickets were opened and not closed"),
    Field(TAGS, _T.TEXTS, "The tags that were added and not removed"),
)
AGE = Field("age", _T.INTEGER, "Whole years since birth_date", ("birth_date", "years"))
_TRAIT_TYPES = {"text": _T.TEXT, "integer": _T.INTEGER, "number": _T.NUMBER, "boolean": _T.BOOLEAN, "date": _T.DATE}
_NAMES = frozenset(field.name for field in (*ATTRIBUTES, AGE))


def fields_of(policy: Policy, trait_names: Iterable[str]) -> Fields:
    """The attributes, then the traits: those of the policy and those that were ever stated."""
    traits = []
    for name in sorted({*policy.traits, *trait_names}):
        rule = policy.trait(name)
        kind = FieldType.TEXTS if rule.many else _TRAIT_TYPES[rule.type]
        unit = f", in {rule.unit}" if rule.unit else ""
        what = "Every value that is stated of" if rule.many else "The value that survives of"
        traits.append(Field(PREFIX + name if name in _NAMES else name, kind, f"{what} the trait {name}{unit}"))
    dated = any(field.name == "birth_date" and field.type is FieldType.DATE for field in traits)
    return Fields((*ATTRIBUTES, *((AGE,) if dated else ()), *traits))


def is_attribute(name: str) -> bool:
    return name in _NAMES


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Past:
    """What p profiles' attributes are computed of.

    start: int64[p + 1], time: int64[r], ascending within a profile, source: int32[r], text code: their observations. events: of them;
    row: int64[e], which observation each belongs to; role: uint8[e], model.EventRole, NONE of what is dated ahead of now. rate: int64[c],
    by currency, millionths of the policy's currency `home`, 0 where there is none; unknowable: the currency of amounts that cannot be told.
    words: codes of WORDS; tie: uint64 content hashes of text codes.
    """

    now: int
    start: np.ndarray
    time: np.ndarray
    source: np.ndarray
    events: Events
    row: np.ndarray
    role: np.ndarray
    rate: np.ndarray
    home: int
    unknowable: int
    words: Mapping[str, int]
    tie: Callable[[np.ndarray], np.ndarray]


def named_properties(words: Mapping[str, int], start: np.ndarray, name: np.ndarray) -> np.ndarray:
    """int64[w, e]: where the first property of each name in PROPERTIES stands, -1 without one. words: codes of WORDS; start: int64[e + 1];
    name: int32[q], text codes."""
    return first_properties(start, name, np.array([words[name] for name in PROPERTIES], np.int32))


def with_orders(past: Past, named: np.ndarray) -> Past:
    """Orders as they stand: flags, amounts and currencies of the events. named: as of `named_properties`."""
    events = past.events
    order = property_values(events.value, named[ORDER_ID])
    standing, paid, unit = net_orders(events.start, events.time, past.role, order, events.amount, events.currency, past.rate, past.home)
    stands = (standing != 0) & (standing != UNDONE)
    flags = stands.astype(np.uint8) * np.uint8(STANDS)
    amount = np.where(stands, paid, events.amount)
    currency = np.where(stands, np.where(standing == UNKNOWABLE, np.int32(past.unknowable), unit), events.currency)
    return replace(past, events=replace(events, flags=flags, amount=amount, currency=currency))


def property_values(value: np.ndarray, place: np.ndarray) -> np.ndarray:
    """int32[e]: the values of properties by their places, -1 for -1."""
    return np.where(place >= 0, value[place], np.int32(-1)) if value.size else np.full(place.size, -1, np.int32)


class Attributes:
    """The attributes of the profiles of a past, each group computed when one of it is first asked for."""

    def __init__(self, past: Past, named: np.ndarray, margin: int, cuts: RfmCuts | None, tie: Callable[[], np.ndarray]) -> None:
        """past: with orders; named: as of `named_properties`; margin: in thousandths; cuts: None where there are none yet; tie:
        gives uint64[p], hashes of the profiles' ids."""
        self._past, self._named, self._margin, self._cuts, self._tie = past, named, margin, cuts, tie
        self._found: dict[str, np.ndarray] = {}
        self._owner = _repeated(past.events.start)

    def column(self, name: str) -> np.ndarray:
        """int64[p], as of Subjects.values. Raises KeyError."""
        if name not in self._found:
            self._found.update(_GROUPS[name](self))
        return self._found[name]

    @property
    def count(self) -> int:
        return int(self._past.start.size) - 1

    def bought(self) -> dict[str, np.ndarray]:
        events = self._past.events
        told = purchases(events.start, events.time, events.flags, events.amount, events.currency, self._past.rate)
        return {
            "first_purchase_time": told[FIRST],
            "last_purchase_time": told[LAST],
            "purchase_count": told[COUNT],
            "spend_total": told[SPENT],
            "_half_days": told[HALF_DAYS],
        }

    def worth(self) -> dict[str, np.ndarray]:
        count, spent = np.maximum(self.column("purchase_count"), 1), self.column("spend_total")
        known = spent != NO_VALUE
        bought = known & (self.column("purchase_count") > 0)
        return {
            "spend_average": np.where(bought, spent // count + (2 * (spent % count) >= count), _ABSENT),
            "lifetime_value": np.where(known, spent // 1000 * self._margin + spent % 1000 * self._margin // 1000, _ABSENT),
        }

    def rhythm(self) -> dict[str, np.ndarray]:
        last, halves = self.column("last_purchase_time"), self.column("_half_days")
        regular = halves != NO_VALUE
        return {
            "typical_days_between_purchases": np.where(regular, halves * (MICROS // 2), _ABSENT),
            "next_purchase_expected": np.where(regular, last + halves * HALF_DAY, _ABSENT),
        }

    def ranked(self) -> dict[str, np.ndarray]:
        values = {"rfm_recency": "last_purchase_time", "rfm_frequency": "purchase_count", "rfm_monetary": "spend_total"}
        if self._cuts is None:
            return {name: np.full(self.count, NO_VALUE) for name in values}
        buyer, tie = self.column("purchase_count") > 0, self._tie()
        cuts = (self._cuts.recency, self._cuts.frequency, self._cuts.monetary)
        return {
            name: np.where(buyer, scores(own, self.column(value), tie), _ABSENT)
            for (name, value), own in zip(values.items(), cuts, strict=True)
        }

    def preferred_category(self) -> dict[str, np.ndarray]:
        return {"favourite_category": self._favourite("category", _INTEREST[self._past.role])}

    def preferred_channel(self) -> dict[str, np.ndarray]:
        others = ~_ORDERS[self._past.role] & (self._past.events.time <= self._past.now)
        return {FAVOURITE_CHANNEL: self._favourite("channel", others)}

    def _favourite(self, name: str, interest: np.ndarray) -> np.ndarray:
        """interest: bool[e], the events that count besides purchases."""
        past, events = self._past, self._past.events
        weight = np.where(events.flags & STANDS, BOUGHT, np.where(interest, INTEREST, 0)).astype(np.uint8)
        weight[property_values(events.value, self._named[PURCHASE_FOR]) == past.words["gift"]] = 0
        event = _repeated(events.property_start)
        place = np.flatnonzero((events.name == past.words[name]) & (weight[event] > 0))
        event, value = event[place], events.value[place]
        start = np.searchsorted(self._owner[event], np.arange(self.count + 1))
        found = favourites(start, event, value, weight[event], past.tie(value))
        return np.where(found >= 0, found, _ABSENT)

    def seen(self) -> dict[str, np.ndarray]:
        past = self._past
        count = _until_now(past.start, past.time, past.now)
        some, first = count > 0, past.start[:-1]
        at = np.where(some, first, 0)
        last = np.where(some, first + count - 1, 0)
        if not past.time.size:
            nothing = np.full(self.count, NO_VALUE)
            return dict.fromkeys(("acquired_time", "first_seen", "last_seen", "acquisition_source"), nothing)
        begun = np.where(some, past.time[at], _ABSENT)
        return {
            "acquired_time": begun,
            "first_seen": begun,
            "last_seen": np.where(some, past.time[last], _ABSENT),
            "acquisition_source": np.where(some, past.source[at], _ABSENT),
        }

    def acquired(self) -> dict[str, np.ndarray]:
        past = self._past
        first = (past.row == past.start[self._owner]) & (past.events.time <= past.now)
        out = {}
        for name, number in (("acquisition_channel", CHANNEL), ("acquisition_campaign", CAMPAIGN)):
            found = np.flatnonzero(first & (self._named[number] >= 0))[::-1]  # of several events the first one is written last
            out[name] = np.full(self.count, NO_VALUE)
            out[name][self._owner[found]] = past.events.value[self._named[number][found]]
        return out

    def happened(self) -> dict[str, np.ndarray]:
        events = self._past.events
        last = np.full(self.count, NO_VALUE)
        there = np.flatnonzero(events.time <= self._past.now)
        last[self._owner[there]] = events.time[there]
        return {"last_event_time": last}

    def answered(self) -> dict[str, np.ndarray]:
        survey, words = property_values(self._past.events.value, self._named[SURVEY]), self._past.words
        asked = (survey < 0) | (survey == words["nps"]) | (survey == words["NPS"])
        return {"nps_score": self._last_score((self._past.role == EventRole.SURVEY) & asked)}

    def reviewed(self) -> dict[str, np.ndarray]:
        return {"last_stars": self._last_score(self._past.role == EventRole.REVIEW)}

    def _last_score(self, event: np.ndarray) -> np.ndarray:
        place = self._named[SCORE]
        found = np.flatnonzero(event & (place >= 0))
        score = self._past.events.number[place[found]]
        good = (score >= 0) & (score <= BEST_SCORE)
        out = np.full(self.count, NO_VALUE)
        out[self._owner[found[good]]] = score[good]  # of several the last one is written last
        return out

    def troubled(self) -> dict[str, np.ndarray]:
        events = self._past.events
        ticket = property_values(events.value, self._named[TICKET_ID])
        return {"open_tickets": open_tickets(events.start, events.time, self._past.role, ticket)}

    def tags(self) -> tuple[np.ndarray, np.ndarray]:
        """(start int64[p + 1], code int32[t]): the tags of each profile, ascending: of each tag the latest event decides, of one second the
        one with more milliseconds, then the addition."""
        past, events = self._past, self._past.events
        event = _repeated(events.property_start)
        tagging = _TAGGING[past.role]
        place = np.flatnonzero((events.name == past.words["tag"]) & tagging[event])
        event, tag = event[place], events.value[place]
        added = past.role[event] == EventRole.TAG
        owner = self._owner[event]
        order = np.lexsort((added, self._milliseconds()[event], events.time[event], tag, owner))
        owner, tag, added = owner[order], tag[order], added[order]
        last = np.ones(owner.size, bool)
        last[:-1] = (owner[1:] != owner[:-1]) | (tag[1:] != tag[:-1])
        kept = last & added
        return np.searchsorted(owner[kept], np.arange(self.count + 1)), tag[kept].astype(np.int32)

    def _milliseconds(self) -> np.ndarray:
        """int64[e]: the largest one that an event names, the least number without any."""
        events = self._past.events
        out = np.full(events.time.size, NO_VALUE)
        place = np.flatnonzero(events.name == self._past.words["milliseconds"])
        event = np.searchsorted(events.property_start, place, side="right") - 1
        np.maximum.at(out, event, events.number[place])
        return out


def _repeated(start: np.ndarray) -> np.ndarray:
    """int64[k]: the row of every entry of a ragged table."""
    return np.repeat(np.arange(start.size - 1), start[1:] - start[:-1])


def _until_now(start: np.ndarray, time: np.ndarray, now: int) -> np.ndarray:
    """int64[p]: how many of each profile's times, ascending, are not ahead of now."""
    counted = np.concatenate(([0], np.cumsum(time <= now)))
    return counted[start[1:]] - counted[start[:-1]]


def next_ahead(start: np.ndarray, time: np.ndarray, now: int, never: int) -> np.ndarray:
    """int64[p]: the first of each profile's times, ascending, that is ahead of now."""
    at = start[:-1] + _until_now(start, time, now)
    return np.where(at < start[1:], np.append(time, never)[at], never)


def _among(*roles: EventRole) -> np.ndarray:
    """bool[256], by role: numpy.isin takes fifty times as long to look at one profile."""
    return np.isin(np.arange(256), roles)


_INTEREST = _among(EventRole.VIEW, EventRole.SEARCH, EventRole.CART)
_ORDERS = _among(EventRole.ORDER, EventRole.UPDATE, EventRole.CANCEL, EventRole.REFUND)
_TAGGING = _among(EventRole.TAG, EventRole.UNTAG)

_Group = Callable[[Attributes], dict[str, np.ndarray]]
_GROUPS: dict[str, _Group] = {
    **dict.fromkeys(("first_purchase_time", "last_purchase_time", "purchase_count", "spend_total", "_half_days"), Attributes.bought),
    **dict.fromkeys(("spend_average", "lifetime_value"), Attributes.worth),
    **dict.fromkeys(("typical_days_between_purchases", "next_purchase_expected"), Attributes.rhythm),
    **dict.fromkeys(("rfm_recency", "rfm_frequency", "rfm_monetary"), Attributes.ranked),
    "favourite_category": Attributes.preferred_category,
    FAVOURITE_CHANNEL: Attributes.preferred_channel,
    **dict.fromkeys(("acquired_time", "first_seen", "last_seen", "acquisition_source"), Attributes.seen),
    **dict.fromkeys(("acquisition_channel", "acquisition_campaign"), Attributes.acquired),
    "last_event_time": Attributes.happened,
    "nps_score": Attributes.answered,
    "last_stars": Attributes.reviewed,
    "open_tickets": Attributes.troubled,
}
