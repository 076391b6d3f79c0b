"""What each profile hangs on: the weakest of the links without which it would fall in two with lasting identifiers on both sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.engine.component import Component
from idweave_server.kernels.bridges import weakest_bridges
from idweave_server.resolution.explain import FIRM, held_by_verdicts
from idweave_server.resolution.links import link_ties
from idweave_server.resolution.resolve import Resolution


@dataclass(frozen=True, slots=True)
class WeakestLinks:
    """By profile of a resolution: left, right: int32[p], the codes of the ends, -1 without such a link; strength: int64[p], micro-nats."""

    left: np.ndarray
    right: np.ndarray
    strength: np.ndarray


def weakest_links(component: Component, resolution: Resolution) -> WeakestLinks:
    """Of equally strong links the one with the lesser content hash. A SAME that holds keeps its ends together, whatever links do."""
    links, nodes = resolution.links, resolution.statuses.nodes
    united = np.flatnonzero(resolution.apart == 0)
    _, left, right = held_by_verdicts(resolution, component.verdicts)
    lasting = np.array([n.standing == "lasting" for n in component.policy.namespaces], np.uint8)
    u, v = np.concatenate([links.a[united], left]), np.concatenate([links.b[united], right])
    found = weakest_bridges(
        len(nodes),
        u,
        v,
        np.concatenate([links.strength[united], np.full(left.size, FIRM)]),
        link_ties(u, v, nodes.content),
        resolution.profile,
        lasting[component.identifiers.namespace[nodes.identifier]],
    )
    weak = np.flatnonzero((found >= 0) & (found < united.size))
    link = united[found[weak]]
    out = WeakestLinks(np.full(found.size, -1, np.int32), np.full(found.size, -1, np.int32), np.zeros(found.size, np.int64))
    out.left[weak], out.right[weak] = (component.codes[nodes.identifier[end[link]]] for end in (links.a, links.b))
    out.strength[weak] = links.strength[link]
    return out
