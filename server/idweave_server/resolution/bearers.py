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


@dataclass(frozen=True, slots=True)
class Births:
    """order: int64[i], below 2**59, what is born first bears before what is born later (ties go by hash); time: int64[i], of the
    observation
    that each identifier was born in. A log has both; in a batch the earliest time is both."""

    order: np.ndarray
    time: np.ndarray

    @staticmethod
    def earliest(observations: Observations, identifiers: int) -> Births:
        """By the time of each identifier's earliest observation, MAX_TIME without one."""
        born = np.full(identifiers, MAX_TIME, np.int64)
        np.minimum.at(born, observations.identifier, np.repeat(observations.time, np.diff(observations.start)))
        return Births(born, born)


def find_bearers(
    policy: Policy, observations: Observations, identifiers: Identifiers, nodes: Nodes, born: Births, profile: np.ndarray, profiles: int
) -> Bearers:
    """profile: int32[v], -1 for nodes of nobody."""
    member = np.flatnonzero(profile >= 0)
    owner = nodes.identifier[member]
    standing = np.array([STANDING[n.standing] for n in policy.namespaces], np.int8)[identifiers.namespace[owner]]
    time = born.time[owner]
    later = ~((nodes.begin[member] < time) & (time <= nodes.end[member]))
    content = nodes.content[member]
    rank = (later.astype(np.int64) << 62) + (standing.astype(np.int64) << 60) + born.order[owner]  # one number for the three
    best = np.full(profiles, np.iinfo(np.int64).max)
    np.minimum.at(best, profile[member], rank)
    may = np.flatnonzero(rank == best[profile[member]])  # one of each profile, or a few that were born as one
    order = may[np.lexsort((content[may, 1], content[may, 0], profile[member[may]]))] if may.size > profiles else may
    least = np.empty(profiles, np.int64)
    least[profile[member[order[::-1]]]] = order[::-1]
    since = np.full(len(nodes), MAX_TIME, np.int64)
    seen = nodes.sighting >= 0
    np.minimum.at(since, nodes.sighting[seen], np.repeat(observations.time, np.diff(observations.start))[seen])
    node = member[least].astype(np.int32)
    return Bearers(node, ~later[least], since[node])
