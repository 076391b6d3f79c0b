"""Events of the store as conditions read them: in order, typed by the policy's words, with amounts in millionths and numbers read."""

from __future__ import annotations

import numpy as np

from idweave_server.engine.reported import StoredEvents, read_texts, stored_events
from idweave_server.engine.state import State
from idweave_server.kernels.decimals import decimals_of
from idweave_server.kernels.hashing import tie_hash
from idweave_server.resolution.event_types import CURRENCY_CODE, UNKNOWABLE
from idweave_server.segments.attributes import AMOUNT, CURRENCY, property_values
from idweave_server.segments.subjects import NO_VALUE, Events

MOST_UNITS = 4_000_000_000_000  # of money; a larger amount cannot be told in millionths
MICROS, NANOS_OF_MICRO = 1_000_000, 1_000


def in_order(state: State, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    """int64[e]: events, which stand row by row, `at` int64[e], with those of one observation by what they say: in which order they were
    reported does not tell two observations apart."""
    several = np.flatnonzero(np.bincount(at)[at] > 1)
    if not several.size:
        return event
    out = event.copy()
    out[several] = event[several][np.lexsort((_said(state, event[several]), at[several]))]
    return out


def _said(state: State, event: np.ndarray) -> np.ndarray:
    """uint64[e]: a hash of all that each event says."""
    seen = state.observations
    stored = stored_events(seen, event)
    word = state.vocabulary.event_hash.array[stored.type]
    money = np.append(state.vocabulary.currency_hash.array, np.uint64(0))[stored.currency]
    amount = stored.units.astype(np.uint64) * np.uint64(10**9) + stored.nanos.astype(np.int64).astype(np.uint64)
    text = seen.texts.index
    value = tie_hash(text.take(stored.value)[:, 0].copy(), stored.kind.astype(np.uint64))
    each = tie_hash(text.take(stored.name)[:, 0].copy(), value)
    total = np.concatenate((np.zeros(1, np.uint64), np.cumsum(each)))
    properties = total[stored.property_start[1:]] - total[stored.property_start[:-1]]
    return tie_hash(tie_hash(word, properties), tie_hash(money, amount))


def happenings(state: State, stored: StoredEvents, named: np.ndarray, start: np.ndarray, time: np.ndarray, at: np.ndarray) -> Events:
    """The events, without what orders come to. named: as of attributes.named_properties; start: int64[p + 1], time: int64[r], of the
    profiles' observations; at: int64[e], which of them each event belongs to."""
    number = read_texts(state.observations, decimals_of, stored.value)
    amount, currency = _money(state, stored, named, number)
    return Events(
        start=np.searchsorted(at, start),
        time=time[at],
        type=state.vocabulary.type.array[stored.type],
        flags=np.zeros(at.size, np.uint8),
        amount=amount,
        currency=currency,
        property_start=stored.property_start,
        name=stored.name,
        value=stored.value,
        number=number,
    )


def _money(state: State, stored: StoredEvents, named: np.ndarray, number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(int64[e], int32[e]): amounts in millionths, and their currencies; of an event that has none, what its properties say."""
    currency, unknowable = stored.currency, np.int32(state.vocabulary.unknowable)
    amount = np.clip(stored.units, -MOST_UNITS - 1, MOST_UNITS + 1) * MICROS + _toward_zero(stored.nanos)
    place = named[AMOUNT]
    told = np.flatnonzero((currency < 0) & (place >= 0))
    told = told[number[place[told]] != NO_VALUE]
    if told.size:
        amount[told] = number[place[told]]
        currency[told] = _currencies(state, property_values(stored.value, named[CURRENCY])[told])
    priced = currency >= 0
    untold = priced & (np.abs(amount) > MOST_UNITS * MICROS)
    return np.where(priced & ~untold, amount, 0), np.where(untold, unknowable, currency)


def _currencies(state: State, code: np.ndarray) -> np.ndarray:
    """int32[n]: the currencies that texts name; of a text that names none, and of no text (-1), the one that cannot be told."""
    seen, known = state.observations, state.vocabulary
    distinct, place = np.unique(code, return_inverse=True)
    names = [seen.texts[text] if text >= 0 else "" for text in distinct.tolist()]
    found = seen.currencies.intern([name if CURRENCY_CODE.fullmatch(name) else UNKNOWABLE for name in names])
    known.refresh(state.policy, seen)
    return found[place]


def _toward_zero(nanos: np.ndarray) -> np.ndarray:
    """int64: whole millionths."""
    return np.sign(nanos).astype(np.int64) * (np.abs(nanos) // NANOS_OF_MICRO)
