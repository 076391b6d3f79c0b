"""The numbers that words have in gathered profiles, for conditions that name them: a word that never came gets one that stays its own."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from idweave_server.engine.state import State
from idweave_server.identifiers.text_hash import text_hash
from idweave_server.segments.check import KnownWords


class StoreWords:
    """Words of a store, as segments.program.Words asks for them."""

    def __init__(self, state: State) -> None:
        self._state = state

    def known(self) -> KnownWords:
        """What the policy declares, or observations brought."""
        policy, seen = self._state.policy, self._state.observations
        properties = np.unique(seen.property_name.array).tolist()
        return KnownWords(
            event_types=tuple(sorted({*policy.events, *seen.event_types.words})),
            properties=tuple(sorted(seen.texts[number] for number in properties)),
            namespaces=tuple(space.name for space in policy.namespaces),
            sources=tuple(sorted({*policy.sources, *seen.sources.words})),
            kinds=tuple(kind.name for kind in policy.kinds),
        )

    def text(self, text: str) -> int:
        texts = self._state.observations.texts
        known = int(texts.index.find(text_hash(text))[0])
        return known if known >= 0 else int(texts.intern(pa.array([text], pa.string()))[0])

    def event_type(self, name: str) -> int:
        """Of the type that a word means: conditions may use a source's word too."""
        return int(self._state.observations.event_types.intern((self._state.policy.event_type(name).name,))[0])

    def property_name(self, name: str) -> int:
        return self.text(name)

    def currency(self, code: str) -> int:
        return int(self._state.observations.currencies.intern((code,))[0])

    def source(self, name: str) -> int:
        return int(self._state.observations.sources.intern((name,))[0])

    def kind(self, name: str) -> int:
        """-1 for a kind that the policy does not know: no observation is of it."""
        kinds = [kind.name for kind in self._state.policy.kinds]
        return kinds.index(name) if name in kinds else -1
