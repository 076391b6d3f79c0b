"""When a sighting and a link's evidence stop counting, for policies that give a namespace or a source a time to live."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.model import DAY
from idweave_server.resolution.observations import Identifiers, Observations, Sightings
from idweave_server.resolution.policy import Policy

FOREVER = np.int64(2**62)
NO_TTL = np.int32(2**30)  # days


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """Days to live: namespace int32[i], by identifier; source int32[s], by source code. NO_TTL: for ever."""

    namespace: np.ndarray
    source: np.ndarray

    @staticmethod
    def of(policy: Policy, observations: Observations, identifiers: Identifiers) -> Lifetimes | None:
        """None where nothing ever expires."""
        namespace = np.array([n.ttl_days or NO_TTL for n in policy.namespaces], np.int32)
        source = np.array([policy.source(s).ttl_days or NO_TTL for s in observations.sources], np.int32)
        if (namespace == NO_TTL).all() and (source == NO_TTL).all():
            return None
        return Lifetimes(namespace[identifiers.namespace], source)


def expires_at(time: np.ndarray, days: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """int64: the second at which something seen at `time` and living `days` stops counting.

    The second of that day comes from the content hash `spread`, uint64, so that a day's expiries do not fall on one second.
    """
    second = (spread % np.uint64(DAY)).astype(np.int64)
    return np.where(days < NO_TTL, (time // DAY + days) * DAY + second, FOREVER)


def live_sightings(observations: Observations, identifiers: Identifiers, lifetimes: Lifetimes, as_of: int) -> np.ndarray:
    """bool[k]: the sightings that still count at `as_of`."""
    seen = Sightings.of(observations)
    days = np.minimum(lifetimes.namespace[seen.identifier], lifetimes.source[observations.source[seen.row]])
    return expires_at(observations.time[seen.row], days, identifiers.content[seen.identifier, 0]) > as_of


def live_evidence(
    observations: Observations, lifetimes: Lifetimes, as_of: int, row: np.ndarray, a: np.ndarray, b: np.ndarray, tie: np.ndarray
) -> np.ndarray:
    """bool[p]: the pairs of identifiers (a, b), seen in `row`, whose evidence still counts; tie: uint64[p], the links' content hashes.

    A link's time to live is the shorter of its ends'.
    """
    days = np.minimum(np.minimum(lifetimes.namespace[a], lifetimes.namespace[b]), lifetimes.source[observations.source[row]])
    return expires_at(observations.time[row], days, tie) > as_of
