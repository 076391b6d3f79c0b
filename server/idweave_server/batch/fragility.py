"""How fragile each profile is: the weakest of the links without which it would fall in two with lasting identifiers on both sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.batch.result import BatchResult
from idweave_server.kernels.bridges import weakest_bridges
from idweave_server.model import Verdict
from idweave_server.resolution.links import link_ties
from idweave_server.resolution.unite import Standing

FIRM = np.int64(2**62)  # strength of what a verdict holds together: never the weakest where a link is necessary too


@dataclass(frozen=True, slots=True)
class WeakestLinks:
    """link: int64[p], each profile's weakest necessary link, -1 where no one loss would part it; strength: int64[p], micro-nats, or -1."""

    link: np.ndarray
    strength: np.ndarray


def weakest_links(result: BatchResult) -> WeakestLinks:
    """Of equally strong links the one with the lesser content hash. A SAME that holds keeps its ends together, whatever links do."""
    links, nodes = result.resolution.links, result.resolution.statuses.nodes
    united = np.flatnonzero(result.resolution.apart == 0)
    left, right = _verdict_ends(result)
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


def _verdict_ends(result: BatchResult) -> tuple[np.ndarray, np.ndarray]:
    """int32[s], int32[s]: the nodes that the SAME verdicts in force hold together, as rule 5 does: each identifier's latest epoch."""
    verdicts, last = result.verdicts.verdicts, (result.resolution.statuses.nodes.first[1:] - 1).astype(np.int32)
    same = (verdicts.kind == Verdict.SAME) & (result.resolution.standing == Standing.HOLDS) & (verdicts.left != verdicts.right)
    return last[verdicts.left[same]], last[verdicts.right[same]]
