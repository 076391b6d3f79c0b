"""What the words of a store mean under its policy: types of events, currencies, sources, and the texts that attributes look for."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from idweave_server.engine.observation_store import ObservationStore
from idweave_server.identifiers.text_hash import text_hash
from idweave_server.kernels.column import Column
from idweave_server.resolution.event_types import UNKNOWABLE
from idweave_server.resolution.policy import Policy
from idweave_server.segments.attributes import WORDS


class Vocabulary:
    """Computed of the stores' words as they come, so it is in no snapshot. Call `refresh` before its columns are used.

    type: int32, by the code of a word for events, the code of the type that it means; role: uint8, model.EventRole; event_hash: uint64, of
    the word; rate: int64, by currency, millionths of the policy's for one unit, 0 where there is none; currency_hash: uint64; source_text:
    int32, by source, its name's text code; party: uint8, model.Party. words: the text codes of attributes.WORDS and of "true"; home,
    unknowable: currencies.
    """

    def __init__(self) -> None:
        self.type, self.role = Column(np.int32), Column(np.uint8)
        self.event_hash, self.currency_hash = Column(np.uint64), Column(np.uint64)
        self.rate = Column(np.int64)
        self.source_text, self.party = Column(np.int32), Column(np.uint8)
        self.words: dict[str, int] = {}
        self.home = self.unknowable = -1

    def refresh(self, policy: Policy, store: ObservationStore) -> None:
        if not self.words:
            words = (*WORDS, "true")
            self.words = dict(zip(words, store.texts.intern(pa.array(words, pa.string())).tolist(), strict=True))
            self.home, self.unknowable = store.currencies.intern((policy.money.currency, UNKNOWABLE)).tolist()
        while len(self.type) < len(store.event_types):  # a type that an alias leads to may be one word more
            word = store.event_types[len(self.type)]
            means = policy.event_type(word)
            self.event_hash.extend(text_hash(word)[:, 0])
            self.type.extend(store.event_types.intern((means.name,)))
            self.role.extend(np.array([means.role], np.uint8))
        for currency in store.currencies.words[len(self.rate) :]:
            self.rate.extend(np.array([policy.money.rates.get(currency, 0)]))
            self.currency_hash.extend(text_hash(currency)[:, 0])
        sources = store.sources.words[len(self.party) :]
        if sources:
            self.source_text.extend(store.texts.intern(pa.array(sources, pa.string())))
            self.party.extend(np.array([policy.source(name).party for name in sources], np.uint8))
