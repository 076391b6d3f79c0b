"""Why two people are two, in words: the two names, the two birth dates, the values of which a person has one, or what little they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from idweave_server.kernels.histograms import Histograms, count_labels, dominant_labels
from idweave_server.model import Apart, Shared
from idweave_server.resolution.explain import Separate
from idweave_server.resolution.observations import Identifiers, Observations
from idweave_server.resolution.policy import Policy
from idweave_server.resolution.resolve import Resolution

LISTED = 5  # identifiers named in one sentence


class Grounds:
    """What one resolution says of two of its profiles. name: the words for a node's identifier; verdict: those for a verdict."""

    def __init__(
        self,
        policy: Policy,
        observations: Observations,
        identifiers: Identifiers,
        resolution: Resolution,
        name: Callable[[int], str],
        verdict: Callable[[int], str],
    ) -> None:
        self._policy, self._observations, self._identifiers, self._resolution = policy, observations, identifiers, resolution
        self._name, self._verdict = name, verdict

    def of(self, told: Separate, left: int, right: int) -> str:
        """left, right: two profiles of the resolution."""
        if told.rule == Apart.NAMES:
            return f"first names: {' is not '.join(self._first_names(left, right)) or 'they differ'}"
        if told.rule == Apart.BIRTH_DATES:
            return f"birth dates: {' is not '.join(self._birth_dates(left, right)) or 'they differ'}"
        if told.rule == Apart.UNIQUE:
            return f"one each: {self._unique_values(left, right)}"
        if told.rule == Apart.DIFFERENT:
            return f"{self._verdict(told.verdict)}: different people" if told.verdict >= 0 else "a verdict: different people"
        return self._in_common(left, right)

    def _first_names(self, left: int, right: int) -> list[str]:
        """The dominant first name of each, whose counts are the sums of their members'; none where one has no dominant."""
        labels = self._observations.labels
        summed = self._summed(self._resolution.statuses.node_names, left, right)
        dominant = dominant_labels(summed, labels, self._policy.dominance).tolist()
        if min(dominant) < 0:
            return []
        return ["".join(map(chr, labels.chars[labels.start[x] : labels.start[x + 1]])).title() for x in dominant]

    def _birth_dates(self, left: int, right: int) -> list[str]:
        """The weightiest birth date of each."""
        summed = self._summed(self._resolution.statuses.node_births, left, right)
        said = []
        for side in range(2):
            value, weight = (column[summed.start[side] : summed.start[side + 1]] for column in (summed.value, summed.weight))
            if not value.size:
                return []
            date = int(value[np.lexsort((value, -weight))[0]])
            said.append(f"{date // 10_000:04d}-{date // 100 % 100:02d}-{date % 100:02d}")
        return said

    def _summed(self, found: Histograms, left: int, right: int) -> Histograms:
        profile = self._resolution.profile
        side = np.full(profile.size, -1, np.int32)
        side[profile == left], side[profile == right] = 0, 1
        entry = np.repeat(side, np.diff(found.start))
        kept = entry >= 0
        return count_labels(entry[kept], found.value[kept], found.weight[kept], 2)

    def _unique_values(self, left: int, right: int) -> str:
        """The identifiers of which a person has one, of both profiles."""
        unique = np.array([space.unique for space in self._policy.namespaces])
        nodes, profile = self._resolution.statuses.nodes, self._resolution.profile
        held = unique[self._identifiers.namespace[nodes.identifier]] & np.isin(profile, (left, right))
        return self._listed(np.flatnonzero(held))

    def _in_common(self, left: int, right: int) -> str:
        """What would have united two people if it counted: an identifier that changed hands, or a shared one that both were seen with."""
        resolution, nodes = self._resolution, self._resolution.statuses.nodes
        owned = nodes.identifier
        handed_on = np.intersect1d(owned[resolution.profile == left], owned[resolution.profile == right])
        if handed_on.size:
            return f"what both had, in turn, is {self._listed(nodes.first[handed_on])}"
        links = np.array([space.links for space in self._policy.namespaces], bool)[self._identifiers.namespace[nodes.identifier]]
        barred = links & (resolution.statuses.shared != Shared.NONE)
        owner = np.repeat(resolution.observation_profiles(), np.diff(self._observations.start))
        seen = nodes.sighting
        shared = (seen >= 0) & (barred[seen] if barred.size else False)
        both = np.intersect1d(seen[shared & (owner == left)], seen[shared & (owner == right)])
        return f"all they share is {self._listed(both)}" if both.size else "nothing was ever seen with both"

    def _listed(self, nodes: np.ndarray) -> str:
        return in_a_row([self._name(node) for node in nodes[:LISTED].tolist()], int(nodes.size))


def in_a_row(parts: Sequence[str], count: int) -> str:
    """a, b and c; where there are more than are shown "and n more"."""
    shown = [*parts, f"{count - len(parts)} more"] if count > len(parts) else list(parts)
    return " and ".join([*([", ".join(shown[:-1])] if len(shown) > 1 else []), *shown[-1:]])
