"""Rules 1 to 3 together: what each identifier's own sightings say of it, before any link is looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.kernels.histograms import Histograms
from idweave_server.model import Shared
from idweave_server.resolution.expiry import Lifetimes, live_sightings
from idweave_server.resolution.names import birth_dates, first_names, weights
from idweave_server.resolution.nodes import Nodes, find_nodes
from idweave_server.resolution.observations import Identifiers, Observations, Sightings, Verdicts
from idweave_server.resolution.policy import Policy
from idweave_server.resolution.shared import shared_nodes


@dataclass(frozen=True, slots=True)
class Statuses:
    """names: first names by identifier; nodes: the (identifier, epoch)s; node_names, node_births: histograms by node;
    shared: uint8[v], model.Shared; counts: bool[k], the sightings that still count, None for all."""

    names: Histograms
    nodes: Nodes
    node_names: Histograms
    node_births: Histograms
    shared: np.ndarray
    counts: np.ndarray | None

    def linking(self, policy: Policy, identifiers: Identifiers, scope: np.ndarray | None = None) -> np.ndarray:
        """uint8[v]: the nodes that link, and so belong to a profile; scope: bool[i], only these identifiers."""
        links = np.array([n.links for n in policy.namespaces], bool)[identifiers.namespace[self.nodes.identifier]]
        if scope is not None:
            links &= scope[self.nodes.identifier]
        return (links & (self.shared == Shared.NONE)).astype(np.uint8)


def find_statuses(
    policy: Policy, observations: Observations, identifiers: Identifiers, verdicts: Verdicts, as_of: int, lent: np.ndarray | None = None
) -> Statuses:
    """As at `as_of`, seconds UTC. lent: as of `nodes.observation_names`."""
    lifetimes = Lifetimes.of(policy, observations, identifiers)
    counts = None if lifetimes is None else live_sightings(observations, identifiers, lifetimes, as_of)
    sightings = Sightings.of(observations, counts)
    weight = weights(policy, observations)
    count = (observations, identifiers, sightings, weight, policy.mailbox_weight)
    everyone = np.arange(len(identifiers), dtype=np.int32)
    names = first_names(sightings.identifier, everyone, *count)
    nodes = find_nodes(policy, observations, identifiers, sightings, names, lent)
    node_names = names if nodes.are_identifiers else first_names(nodes.sighting, nodes.identifier, *count)
    return Statuses(
        names=names,
        nodes=nodes,
        node_names=node_names,
        node_births=birth_dates(nodes.sighting, len(nodes), observations, sightings, weight),
        shared=shared_nodes(policy, observations, identifiers, nodes, node_names, verdicts),
        counts=counts,
    )
