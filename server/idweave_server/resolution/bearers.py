"""Which node gives a profile its id: the least by standing and birth; so a known profile changes its id only by joining an older one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.model import MAX_TIME
from idweave_server.resolution.nodes import Nodes
from idweave_server.resolution.observations import Identifiers, Observations
from idweave_server.resolution.policy import Policy

STANDING = {"lasting": 0, "passing": 1, "derived": 2, "context": 3}


@dataclass(frozen=True, slots=True)
class Bearers:
    """node: int32[p], each profile's bearer; bears_birth: bool[p], it bears the identifier's own birth id; since: int64[p], the earliest
    observation of a bearer that does not."""

    node: np.ndarray
    bears_birth: np.ndarray
    since: np.ndarray


def births(observations: Observations, identifiers: int) -> np.ndarray:
    """int64[i]: the time of each identifier's earliest observation, MAX_TIME without one. In a batch this orders births, then the hash."""
    born = np.full(identifiers, MAX_TIME, np.int64)
    np.minimum.at(born, observations.identifier, np.repeat(observations.time, np.diff(observations.start)))
    return born


def find_bearers(
    policy: Policy, observations: Observations, identifiers: Identifiers, nodes: Nodes, born: np.ndarray, profile: np.ndarray, profiles: int
) -> Bearers:
    """born: int64[i], the order of births; profile: int32[v], -1 for nodes of nobody."""
    member = np.flatnonzero(profile >= 0)
    owner = nodes.identifier[member]
    standing = np.array([STANDING[n.standing] for n in policy.namespaces], np.int8)[identifiers.namespace[owner]]
    birth = born[owner]
    later = ~((nodes.begin[member] < birth) & (birth <= nodes.end[member]))
    content = nodes.content[member]
    # One number for the three: a birth lies within MAX_TIME of 1970, far below 2**59.
    rank = (later.astype(np.int64) << 62) + (standing.astype(np.int64) << 60) + birth
    order = np.lexsort((content[:, 1], content[:, 0], rank, profile[member]))
    first = np.searchsorted(profile[member][order], np.arange(profiles))
    least = order[first]
    since = np.full(len(nodes), MAX_TIME, np.int64)
    seen = nodes.sighting >= 0
    np.minimum.at(since, nodes.sighting[seen], np.repeat(observations.time, np.diff(observations.start))[seen])
    node = member[least].astype(np.int32)
    return Bearers(node, ~later[least], since[node])
