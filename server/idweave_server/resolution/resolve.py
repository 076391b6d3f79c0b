"""The six rules in their order: from observations and verdicts to a partition of the nodes into profiles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.kernels.evidence import Links
from idweave_server.resolution.assignment import assign
from idweave_server.resolution.bearers import Bearers, Births, find_bearers
from idweave_server.resolution.expiry import Lifetimes
from idweave_server.resolution.links import find_links
from idweave_server.resolution.nodes import UNSETTLED
from idweave_server.resolution.observations import Identifiers, Observations, Verdicts
from idweave_server.resolution.policy import Policy
from idweave_server.resolution.statuses import Statuses, find_statuses
from idweave_server.resolution.unite import unite


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the rules found.

    statuses: of rules 1 to 3, with the nodes; links: between linking nodes; apart: uint8[m], model.Apart of each link; profile: int32[v],
    dense 0..profiles-1, -1 where a node is nobody's; assigned: int32[n], the node each observation belongs to, -1 without one;
    live: bool[n], whether any sighting of it still counts (one that never had any counts); standing: uint8[w], unite.Standing of each
    verdict; bearers: of the profiles.
    """

    statuses: Statuses
    links: Links
    apart: np.ndarray
    profile: np.ndarray
    profiles: int
    assigned: np.ndarray
    live: np.ndarray
    standing: np.ndarray
    bearers: Bearers

    def observation_profiles(self) -> np.ndarray:
        """int32[n]: each observation's profile, -1 without one."""
        return np.where(self.assigned >= 0, self.profile[self.assigned], np.int32(-1)) if self.profile.size else self.assigned


def resolve(
    policy: Policy,
    observations: Observations,
    identifiers: Identifiers,
    verdicts: Verdicts,
    *,
    as_of: int,
    scope: np.ndarray | None = None,
    lent: np.ndarray | None = None,
    births: Births | None = None,
) -> Resolution:
    """Resolve observations, none of them erased, as at `as_of`, seconds UTC.

    scope: bool[i], or None for all: only these identifiers link. A component resolves on its own, identically, from the observations of its
    identifiers and the names that the e-mails seen with them lend.
    lent: int32[i], the dominant name of each identifier out of scope, a label or -1; births: None for those of a batch.
    """
    outside = None if lent is None or scope is None else np.where(scope, UNSETTLED, lent)
    statuses = find_statuses(policy, observations, identifiers, verdicts, as_of, outside)
    nodes, linking = statuses.nodes, statuses.linking(policy, identifiers, scope)
    lifetimes = Lifetimes.of(policy, observations, identifiers)
    links = find_links(policy, observations, nodes, linking, lifetimes, as_of)
    union = unite(policy, observations, identifiers, statuses, linking, links, verdicts)
    profile, profiles = _dense(union.group, linking)
    born = births or Births.earliest(observations, len(identifiers))
    return Resolution(
        statuses=statuses,
        links=links,
        apart=union.apart,
        profile=profile,
        profiles=profiles,
        assigned=assign(policy, observations, identifiers, nodes, linking, links),
        live=_live_rows(observations, statuses.counts),
        standing=union.standing,
        bearers=find_bearers(policy, observations, identifiers, nodes, born, profile, profiles),
    )


def _dense(group: np.ndarray, linking: np.ndarray) -> tuple[np.ndarray, int]:
    """(int32[v], p): the groups of the linking nodes numbered from 0, -1 for the others; group: int32[v], dense."""
    member = linking.astype(bool)
    used = np.zeros(group.size, bool)
    used[group[member]] = True
    number = np.cumsum(used, dtype=np.int32) - 1
    return np.where(member, number[group], np.int32(-1)).astype(np.int32) if group.size else group, int(used.sum())


def _live_rows(observations: Observations, counts: np.ndarray | None) -> np.ndarray:
    """bool[n]: the observations that have a live sighting or never had any."""
    live = np.ones(len(observations), bool)
    if counts is not None:
        filled = np.flatnonzero(np.diff(observations.start))
        live[filled] = np.maximum.reduceat(counts, observations.start[:-1][filled]) if filled.size else True
    return live
