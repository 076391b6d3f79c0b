"""Rule 3: which nodes do not single out a person, and why; they stop linking until the reason goes.

A service number is guilty by its range alone, since nothing else tells a hotline that was given once. It is proven exclusive, and links,
once several sightings name somebody and all of them the same; the next different name makes it shared again.
"""

from __future__ import annotations

import numpy as np

from idweave_server.kernels.histograms import Histograms, dissimilar, distinct_partners
from idweave_server.kernels.rows import strong_partners
from idweave_server.model import Flag, Shared, Verdict
from idweave_server.resolution.nodes import Nodes
from idweave_server.resolution.observations import Identifiers, Observations, Verdicts
from idweave_server.resolution.policy import Policy


def shared_nodes(
    policy: Policy, observations: Observations, identifiers: Identifiers, nodes: Nodes, names: Histograms, verdicts: Verdicts
) -> np.ndarray:
    """uint8[v], model.Shared of each node; names: first names by node."""
    reason = np.zeros(len(nodes), np.uint8)
    reason[partner_counts(policy, observations, identifiers, nodes) > policy.shared_partners] = Shared.PARTNERS
    crowded = dissimilar(names, observations.labels, policy.shared_names, policy.shared_names_share)
    reason[crowded.astype(bool)] = Shared.NAMES
    flags = identifiers.flags[nodes.identifier]
    reason[(flags & np.uint8(Flag.SERVICE) != 0) & ~proven_exclusive(policy, observations, nodes, names)] = Shared.SERVICE
    for flag, listed in ((Flag.ROLE, Shared.ROLE), (Flag.FAKE, Shared.FAKE)):
        reason[flags & np.uint8(flag) != 0] = listed
    asserted = latest_unary(verdicts, len(identifiers))[nodes.identifier]
    reason[asserted == Verdict.SHARED] = Shared.ASSERTED
    reason[asserted == Verdict.PERSONAL] = Shared.NONE
    return reason


def proven_exclusive(policy: Policy, observations: Observations, nodes: Nodes, names: Histograms) -> np.ndarray:
    """bool[v]: nodes with enough named sightings that all name one person."""
    named = np.repeat(observations.first_name, np.diff(observations.start)) >= 0
    sightings = np.bincount(nodes.sighting[named & (nodes.sighting >= 0)], minlength=len(nodes))
    several = dissimilar(names, observations.labels, 2, 1000).astype(bool)
    return (sightings >= policy.service_sightings) & ~several & (policy.service_sightings > 0)


def partner_counts(policy: Policy, observations: Observations, identifiers: Identifiers, nodes: Nodes) -> np.ndarray:
    """int32[v]: the distinct strong identifiers seen with each node, whatever their own status."""
    strong = np.array([n.strong for n in policy.namespaces], np.uint8)[identifiers.namespace]
    node, partner = strong_partners(observations.start, nodes.sighting, observations.identifier, strong)
    often = np.bincount(node, minlength=len(nodes)) > policy.shared_partners  # fewer sightings cannot have more partners
    busy = often[node] if node.size else np.zeros(0, bool)
    return distinct_partners(node[busy], partner[busy], len(nodes))


def latest_unary(verdicts: Verdicts, identifiers: int) -> np.ndarray:
    """int16[i]: the latest of SHARED and PERSONAL on each identifier, SHARED of two at one time, -1 without one."""
    out = np.full(identifiers, -1, np.int16)
    unary = np.flatnonzero((verdicts.kind == Verdict.SHARED) | (verdicts.kind == Verdict.PERSONAL))
    order = np.lexsort((verdicts.kind[unary] == Verdict.SHARED, verdicts.time[unary]))
    out[verdicts.left[unary][order]] = verdicts.kind[unary][order]  # the last assignment wins, and the latest comes last
    return out
