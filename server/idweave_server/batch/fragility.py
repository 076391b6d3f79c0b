"""How fragile each profile is: the weakest of the links without which it would fall in two with lasting identifiers on both sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.batch.result import BatchResult
from idweave_server.kernels.bridges import weakest_bridges
from idweave_server.resolution.explain import FIRM, held_by_verdicts
from idweave_server.resolution.links import link_ties


@dataclass(frozen=True, slots=True)
class WeakestLinks:
    """link: int64[p], each profile's weakest necessary link, -1 where no one loss would part it; strength: int64[p], micro-nats, or -1."""

    link: np.ndarray
    strength: np.ndarray


def weakest_links(result: BatchResult) -> WeakestLinks:
    """Of equally strong links the one with the lesser content hash. A SAME that holds keeps its ends together, whatever links do."""
    links, nodes = result.resolution.links, result.resolution.statuses.nodes
    united = np.flatnonzero(result.resolution.apart == 0)
    _, left, right = held_by_verdicts(result.resolution, result.verdicts.verdicts)
    lasting = np.array([n.standing == "lasting" for n in result.policy.namespaces], np.uint8)
    u, v = np.concatenate([links.a[united], left]), np.concatenate([links.b[united], right])
    found = weakest_bridges(
        len(nodes),
        u,
        v,
        np.concatenate([links.strength[united], np.full(left.size, FIRM)]),
        link_ties(u, v, nodes.content),
        result.resolution.profile,
        lasting[result.identifiers.identifiers.namespace[nodes.identifier]],
    )
    necessary = (found >= 0) & (found < united.size)
    link = np.full(found.size, -1, np.int64)
    link[necessary] = united[found[necessary]]
    strength = np.full(found.size, -1, np.int64)
    strength[necessary] = links.strength[link[necessary]]
    return WeakestLinks(link, strength)
