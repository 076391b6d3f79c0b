"""Rule 4: all pairs of an observation's linking nodes have evidence; a link's strength is the noisy-or over its distinct evidence."""

from __future__ import annotations

import numpy as np

from idweave_server.kernels.evidence import Links, aggregate, pairs
from idweave_server.kernels.hashing import tie_hash
from idweave_server.model import DAY
from idweave_server.resolution.expiry import Lifetimes, live_evidence
from idweave_server.resolution.nodes import Nodes
from idweave_server.resolution.observations import Observations
from idweave_server.resolution.policy import Policy


def link_ties(a: np.ndarray, b: np.ndarray, content: np.ndarray) -> np.ndarray:
    """uint64[m]: content hash of each link, the same whichever end comes first."""
    x, y = content[a, 0], content[b, 0]
    return tie_hash(np.minimum(x, y), np.maximum(x, y))


def linked_pairs(observations: Observations, nodes: Nodes, linking: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(row, a, b): all pairs of linking nodes seen in one observation; linking: uint8[v]."""
    live = nodes.sighting >= 0
    node = np.where(live, nodes.sighting, np.int32(0))
    able = linking[node] * live.astype(np.uint8) if len(nodes) else np.zeros(node.size, np.uint8)
    return pairs(observations.start, node, able)


def find_links(
    policy: Policy, observations: Observations, nodes: Nodes, linking: np.ndarray, lifetimes: Lifetimes | None, as_of: int
) -> Links:
    """linking: uint8[v]; lifetimes: None where evidence never expires; as_of: seconds UTC."""
    row, a, b = linked_pairs(observations, nodes, linking)
    if lifetimes is not None:
        tie = link_ties(a, b, nodes.content)
        keep = live_evidence(observations, lifetimes, as_of, row, nodes.identifier[a], nodes.identifier[b], tie)
        row, a, b = row[keep], a[keep], b[keep]
    source, kind, time = observations.source[row], observations.kind[row], observations.time[row]
    table = np.array([[policy.cost(k, s) for s in observations.sources] for k in range(len(policy.kinds))], np.int64)
    table = table.reshape(len(policy.kinds), len(observations.sources))
    evidence = source * np.int32(len(policy.kinds)) + kind.astype(np.int32)
    return aggregate(a, b, (time // DAY).astype(np.int32), evidence, table[kind, source], time)
