"""All that the engine holds: the stores, the time, and the position in the log."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from idweave_server.engine.identifier_store import IdentifierStore
from idweave_server.engine.interned import InternedLabels
from idweave_server.engine.membership_store import MembershipStore
from idweave_server.engine.observation_store import ObservationStore
from idweave_server.engine.profile_store import ProfileStore
from idweave_server.engine.tombstones import Tombstones
from idweave_server.engine.verdict_store import VerdictStore
from idweave_server.engine.vocabulary import Vocabulary
from idweave_server.resolution.policy import Policy
from idweave_server.segments.rfm import RfmCuts


@dataclass(slots=True)
class State:
    """sequence, term: of the last entry that is published; time: seconds UTC, the greatest commit time applied; milliseconds: the time of
    the latest births, which ascend."""

    policy: Policy
    key: bytes
    labels: InternedLabels
    identifiers: IdentifierStore
    observations: ObservationStore
    profiles: ProfileStore = field(default_factory=ProfileStore)
    verdicts: VerdictStore = field(default_factory=VerdictStore)
    tombstones: Tombstones = field(default_factory=Tombstones)
    memberships: MembershipStore = field(default_factory=MembershipStore)
    sequence: int = 0
    term: int = 0
    time: int = 0
    milliseconds: int = 0
    rows: int = 0  # published
    rfm_cuts: RfmCuts | None = None  # None until they are computed for the first time
    cut_at: int = 0  # when they were
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    _namespaces: dict[tuple[tuple[str, object], ...], np.ndarray] = field(default_factory=dict)

    @staticmethod
    def empty(policy: Policy, key: bytes) -> State:
        labels = InternedLabels()
        return State(policy, key, labels, IdentifierStore(policy, labels), ObservationStore(policy, labels))

    def namespaces_that(self, **traits: object) -> np.ndarray:
        """bool[namespaces]: those of the policy with these attributes; not to be written to."""
        asked = tuple(traits.items())
        if asked not in self._namespaces:
            found = [all(getattr(n, name) == value for name, value in asked) for n in self.policy.namespaces]
            self._namespaces[asked] = np.array(found, bool)
        return self._namespaces[asked]
