"""Profiles as columns, in the form that conditions are evaluated on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NO_VALUE = -(2**63)  # of a field that the profile has no value of; no value of any field is so small
STANDS = 1  # flag of an event: it is a purchase, an order that neither was cancelled nor wholly refunded


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Events:
    """start: int64[p + 1], where the events of each profile begin; they ascend by time, then by the content of their observations.

    time: int64[e], seconds UTC; type: int32[e], word; flags: uint8[e], STANDS; amount: int64[e], micros, net of refunds where the event
    STANDS; currency: int32[e], -1 without an amount; property_start: int64[e + 1]; name: int32[q], value: int32[q], text codes; number:
    int64[q], the value as millionths where it is a number or reads as one, else NO_VALUE.
    """

    start: np.ndarray
    time: np.ndarray
    type: np.ndarray
    flags: np.ndarray
    amount: np.ndarray
    currency: np.ndarray
    property_start: np.ndarray
    name: np.ndarray
    value: np.ndarray
    number: np.ndarray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sightings:
    """The observations of each profile. start: int64[p + 1]; time: int64[n], ascending within a profile; source: int32[n]; party: uint8[n],
    model.Party; kind: int32[n], evidence kind."""

    start: np.ndarray
    time: np.ndarray
    source: np.ndarray
    party: np.ndarray
    kind: np.ndarray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Subjects:
    """p profiles.

    values: int64[f, p], one row for each scalar field asked for, NO_VALUE where unknown: integers, times (seconds UTC), dates (days since
    1970-01-01) and truths (0, 1) as they are, numbers and money in millionths, texts as codes. list_start: int64[l, p + 1] and lists: l
    arrays int32, codes, for each list-valued field asked for (`tags` is one). events, sightings: None where not asked for. namespaces:
    int32[n, p], how many identifiers of each namespace asked for; strength: int64[p], of the weakest link in micro-nats, NO_VALUE without.
    changes: int64[p], the first later instant at which time alone changes one of `values` (an event dated ahead), FOREVER without.
    """

    count: int
    values: np.ndarray
    list_start: np.ndarray
    lists: tuple[np.ndarray, ...]
    events: Events | None
    sightings: Sightings | None
    namespaces: np.ndarray
    strength: np.ndarray
    changes: np.ndarray


FOREVER = 2**62  # an instant that never comes


@dataclass(frozen=True, slots=True)
class Needs:
    """What a program reads of a profile. fields, lists: names of scalar and list-valued fields, in the order of `Subjects.values` and
    `.lists`; namespaces: in the order of `Subjects.namespaces`, "" for all together."""

    fields: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    events: bool = False
    sightings: bool = False
    strength: bool = False
