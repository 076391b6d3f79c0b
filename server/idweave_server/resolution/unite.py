"""Rule 5: unite linking nodes strongest link first, refusing what names, birth dates, unique namespaces and verdicts forbid."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from idweave_server.kernels.agglomerate import Agglomeration, agglomerate
from idweave_server.kernels.evidence import Links
from idweave_server.kernels.marks import Marks
from idweave_server.kernels.rows import group_by
from idweave_server.model import Verdict
from idweave_server.resolution.links import link_ties
from idweave_server.resolution.nodes import Nodes
from idweave_server.resolution.observations import Identifiers, Observations, Verdicts
from idweave_server.resolution.policy import Policy
from idweave_server.resolution.statuses import Statuses


class Standing(IntEnum):
    """What a verdict does at present."""

    HOLDS = 0
    OVERRULED = 1  # a later verdict on the same identifiers
    CONTRADICTED = 2  # a SAME that a DIFFERENT forbids, directly or through a chain of SAMEs
    ASLEEP = 3  # a SAME with a shared end: say PERSONAL first
    UNSEEN = 4  # one end was never observed
    ERASED = 5


@dataclass(frozen=True, slots=True)
class Union:
    """group: int32[v], dense; apart: uint8[m], model.Apart of each link, 0 where its ends are together; standing: uint8[w], of verdicts."""

    group: np.ndarray
    apart: np.ndarray
    standing: np.ndarray


def unite(
    policy: Policy,
    observations: Observations,
    identifiers: Identifiers,
    statuses: Statuses,
    linking: np.ndarray,
    links: Links,
    verdicts: Verdicts,
) -> Union:
    """linking: uint8[v]; links: between linking nodes."""
    nodes = statuses.nodes
    latest, standing = _latest_pairs(verdicts)
    different = latest[verdicts.kind[latest] == Verdict.DIFFERENT]
    same = latest[verdicts.kind[latest] == Verdict.SAME]
    last = nodes.first[1:] - 1  # each identifier's latest epoch
    seen = np.diff(nodes.first) > 0
    both = seen[verdicts.left[same]] & seen[verdicts.right[same]]
    standing[same[~both]] = Standing.UNSEEN
    standing[different[~(seen[verdicts.left[different]] & seen[verdicts.right[different]])]] = Standing.UNSEEN
    same = same[both]
    left, right = last[verdicts.left[same]], last[verdicts.right[same]]
    awake = (linking[left] & linking[right]).astype(bool)
    standing[same[~awake]] = Standing.ASLEEP
    same, left, right = same[awake], left[awake], right[awake]
    order = np.lexsort((verdicts.content[same], -verdicts.time[same]))
    marks, different_from = _marks(policy, identifiers, nodes, linking, verdicts, different)
    found: Agglomeration = agglomerate(
        len(nodes),
        links.a,
        links.b,
        links.strength,
        links.count,
        link_ties(links.a, links.b, nodes.content),
        statuses.node_names,
        observations.labels,
        statuses.node_births,
        marks,
        left[order].astype(np.int32),
        right[order].astype(np.int32),
        dominance=policy.dominance,
        different_from=different_from,
    )
    standing[same[order][found.same_apart > 0]] = Standing.CONTRADICTED
    return Union(found.label, found.apart, standing)


def _latest_pairs(verdicts: Verdicts) -> tuple[np.ndarray, np.ndarray]:
    """(int64[x], uint8[w]): the SAME or DIFFERENT that counts on each pair, and every verdict's standing so far.

    The latest on a pair counts, of two at one time DIFFERENT, then the one with the greater content hash.
    """
    pair = np.flatnonzero((verdicts.kind <= Verdict.DIFFERENT) & (verdicts.left != verdicts.right))
    standing = np.zeros(len(verdicts), np.uint8)
    low, high = np.minimum(verdicts.left[pair], verdicts.right[pair]), np.maximum(verdicts.left[pair], verdicts.right[pair])
    order = np.lexsort((verdicts.content[pair], verdicts.kind[pair], verdicts.time[pair], high, low))
    pair, low, high = pair[order], low[order], high[order]
    counts = np.ones(pair.size, bool)
    counts[:-1] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    standing[pair[~counts]] = Standing.OVERRULED
    return pair[counts], standing


def _marks(
    policy: Policy, identifiers: Identifiers, nodes: Nodes, linking: np.ndarray, verdicts: Verdicts, different: np.ndarray
) -> tuple[Marks, int]:
    """What may not meet: values of a unique namespace (by issuer), and the two sides of a DIFFERENT, which holds for all epochs."""
    unique = np.array([n.unique for n in policy.namespaces], bool)[identifiers.namespace[nodes.identifier]]
    holder = np.flatnonzero(unique & linking.astype(bool))
    owner = nodes.identifier[holder]
    kind = np.stack([identifiers.namespace[owner].astype(np.int64), identifiers.issuer[owner].astype(np.int64)], axis=1)
    _, key = np.unique(kind, axis=0, return_inverse=True)
    different_from = int(key.max()) + 1 if holder.size else 0
    parts = [(holder, key.reshape(-1), owner)]
    for side, end in enumerate((verdicts.left[different], verdicts.right[different])):
        epochs = np.diff(nodes.first)[end]
        verdict = np.repeat(np.arange(different.size), epochs)
        node = np.repeat(nodes.first[:-1][end], epochs) + np.arange(verdict.size) - np.repeat(np.cumsum(epochs) - epochs, epochs)
        parts.append((node, different_from + verdict, np.full(node.size, side)))
    held, marked, meant = (np.concatenate([part[i] for part in parts]).astype(np.int32) for i in range(3))
    start, order = group_by(held, len(nodes))
    return Marks(start, marked[order], meant[order]), different_from
