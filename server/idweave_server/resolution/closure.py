"""What a write touches, so that re-resolving that much gives exactly what resolving everything would.

A write touches its own identifiers; the identifiers with epochs seen with an e-mail whose dominant name changed; and the partners of every
identifier whose epochs or shared status changed. The components of all these, before and after, are resolved again, whole.
Nothing else changes: a status depends on an identifier's own sightings, and on e-mails only through the names they lend.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.kernels.components import components
from idweave_server.kernels.histograms import dominant_labels
from idweave_server.kernels.rows import row_numbers
from idweave_server.model import Verdict
from idweave_server.resolution.links import linked_pairs
from idweave_server.resolution.nodes import Nodes
from idweave_server.resolution.observations import Identifiers, Observations, Verdicts
from idweave_server.resolution.policy import Policy
from idweave_server.resolution.statuses import Statuses


@dataclass(frozen=True, slots=True)
class World:
    """One state of the evidence with the statuses that rules 1 to 3 give its identifiers."""

    observations: Observations
    verdicts: Verdicts
    statuses: Statuses


def touched(policy: Policy, identifiers: Identifiers, before: World, after: World, written: np.ndarray) -> np.ndarray:
    """bool[i]: the identifiers to resolve again; written: bool[i], those that the write itself names.

    Both worlds use one identifier table and one label table.
    """
    seeds = written.copy()
    email = np.array([n.form == "email" for n in policy.namespaces], bool)[identifiers.namespace]
    epochs = np.array([n.epochs for n in policy.namespaces], bool)[identifiers.namespace]
    renamed = email & (_dominant(policy, before) != _dominant(policy, after))
    changed = _status_changed(before.statuses, after.statuses)
    for world in (before, after):
        seeds |= epochs & _seen_with(world.observations, renamed)
        seeds |= changed | _seen_with(world.observations, changed)
    return _closed(policy, identifiers, before, after, seeds)


def evidence_of(policy: Policy, observations: Observations, identifiers: Identifiers, scope: np.ndarray) -> np.ndarray:
    """bool[n]: the observations needed to resolve the identifiers in scope: theirs, and those of the e-mails seen with them."""
    email = np.array([n.form == "email" for n in policy.namespaces], bool)[identifiers.namespace]
    return _rows_of(observations, scope | (email & _seen_with(observations, scope)))


def components_of(policy: Policy, identifiers: Identifiers, world: World) -> np.ndarray:
    """int32[i]: the component of each identifier, all its epochs taken together; a SAME verdict counts as a link."""
    nodes = world.statuses.nodes
    linking = world.statuses.linking(policy, identifiers)
    _, a, b = linked_pairs(world.observations, nodes, linking)
    same = world.verdicts.take(np.flatnonzero(world.verdicts.kind == Verdict.SAME))
    u = np.concatenate([nodes.identifier[a], same.left]).astype(np.int32)
    v = np.concatenate([nodes.identifier[b], same.right]).astype(np.int32)
    return components(u, v, len(identifiers))


def _closed(policy: Policy, identifiers: Identifiers, before: World, after: World, seeds: np.ndarray) -> np.ndarray:
    """The seeds with their components in both worlds, whole: a part that left one component may have joined another."""
    labels = [components_of(policy, identifiers, world) for world in (before, after)]
    while True:
        grown = seeds.copy()
        for label in labels:
            hit = np.zeros(len(identifiers), bool)
            hit[label[grown]] = True
            grown |= hit[label]
        if (grown == seeds).all():
            return seeds
        seeds = grown


def _dominant(policy: Policy, world: World) -> np.ndarray:
    return dominant_labels(world.statuses.names, world.observations.labels, policy.dominance)


def _status_changed(before: Statuses, after: Statuses) -> np.ndarray:
    """bool[i]: identifiers whose epochs or shared status differ."""
    epochs = np.diff(before.nodes.first), np.diff(after.nodes.first)
    changed: np.ndarray = epochs[0] != epochs[1]
    alike = np.flatnonzero(~changed)
    here, there = (_nodes_of(s.nodes, alike) for s in (before, after))
    same = (before.nodes.begin[here] == after.nodes.begin[there]) & (before.shared[here] == after.shared[there])
    changed[before.nodes.identifier[here[~same]]] = True
    return changed


def _nodes_of(nodes: Nodes, identifier: np.ndarray) -> np.ndarray:
    """int64: all nodes of these identifiers, in order."""
    mask = np.zeros(nodes.first.size - 1, bool)
    mask[identifier] = True
    return np.flatnonzero(mask[nodes.identifier])


def _rows_of(observations: Observations, wanted: np.ndarray) -> np.ndarray:
    rows = np.zeros(len(observations), bool)
    rows[row_numbers(observations.start)[wanted[observations.identifier]]] = True
    return rows


def _seen_with(observations: Observations, wanted: np.ndarray) -> np.ndarray:
    """bool[i]: the identifiers that share an observation with a wanted one, those included."""
    seen = np.zeros(wanted.size, bool)
    seen[observations.identifier[_rows_of(observations, wanted)[row_numbers(observations.start)]]] = True
    return seen
