"""The numbers that a store's words have, for conditions that name them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from idweave_server.engine.state import State
from idweave_server.segments.check import KnownWords


class StoreWords:
    """Interns what it does not know, so that a condition keeps its numbers, whether anything of the kind was observed yet or not."""

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
        return int(self._state.observations.texts.intern(pa.array([text], pa.string()))[0])

    def event_type(self, name: str) -> int:
        """Of the type that a word means by the policy."""
        return int(self._state.observations.event_types.intern((self._state.policy.event_type(name).name,))[0])

    def property_name(self, name: str) -> int:
        return self.text(name)

    def currency(self, code: str) -> int:
        return int(self._state.observations.currencies.intern((code,))[0])

    def source(self, name: str) -> int:
        return int(self._state.observations.sources.intern((name,))[0])

    def kind(self, name: str) -> int:
        """-1 for a kind that the policy does not have."""
        names = [kind.name for kind in self._state.policy.kinds]
        return names.index(name) if name in names else -1
