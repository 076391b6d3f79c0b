"""Rule 6: an observation, with its events and traits, belongs to the profile of its first linking node in the policy's order."""

from __future__ import annotations

import numpy as np

from idweave_server.kernels.evidence import Links
from idweave_server.kernels.rows import first_of_row, row_numbers, strongest_links
from idweave_server.resolution.nodes import Nodes
from idweave_server.resolution.observations import Identifiers, Observations
from idweave_server.resolution.policy import Policy


def assign(
    policy: Policy, observations: Observations, identifiers: Identifiers, nodes: Nodes, linking: np.ndarray, links: Links
) -> np.ndarray:
    """int32[n]: the node each observation belongs to, -1 with no linking node; linking: uint8[v]."""
    order = np.array([[dict(kind.order).get(n.name, n.order) for n in policy.namespaces] for kind in policy.kinds], np.int16)
    rank = order[observations.kind[row_numbers(observations.start)], identifiers.namespace[observations.identifier]]
    strongest = strongest_links(links.a, links.b, links.strength, len(nodes))
    return first_of_row(observations.start, nodes.sighting, linking, rank, strongest, nodes.content)
