"""A component with all that is to be published of it, worked out beforehand so that publishing is short."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.engine.component import Component
from idweave_server.engine.fragility import WeakestLinks, weakest_links
from idweave_server.engine.names import people
from idweave_server.kernels.components import components
from idweave_server.kernels.histograms import dominant_labels
from idweave_server.model import Verdict
from idweave_server.resolution.resolve import Resolution


@dataclass(frozen=True, slots=True)
class Resolved:
    """links: bool[k], the sightings whose nodes link; dominant: int32[i], the store's labels of the dominant first names, -1 without one;
    crowds: how many dissimilar first names each shared identifier was seen with, by code; ring: (codes, following) int32[scope] each, the
    next identifier of the same component, around and around; weakest: what each profile hangs on."""

    resolution: Resolution
    links: np.ndarray
    dominant: np.ndarray
    crowds: dict[int, int]
    ring: tuple[np.ndarray, np.ndarray]
    weakest: WeakestLinks


def resolved(component: Component) -> Resolved:
    """Pure, and long: for any thread."""
    resolution = component.resolve()
    statuses = resolution.statuses
    linking = statuses.linking(component.policy, component.identifiers, component.in_scope())
    sighting = statuses.nodes.sighting
    label = dominant_labels(statuses.names, component.observations.labels, component.policy.dominance)
    return Resolved(
        resolution=resolution,
        links=(sighting >= 0) & (linking[sighting] != 0) if linking.size else np.zeros(sighting.size, bool),
        dominant=np.concatenate([component.label_numbers, np.array([-1])])[label].astype(np.int32),
        crowds=_crowds(component, resolution),
        ring=_ring(component, resolution),
        weakest=weakest_links(component, resolution),
    )


def _crowds(component: Component, resolution: Resolution) -> dict[int, int]:
    nodes = resolution.statuses.nodes
    crowded = np.flatnonzero((resolution.statuses.shared != 0) & (nodes.identifier < component.scope))
    if not crowded.size:
        return {}
    counts = people(resolution.statuses.node_names, component.observations.labels, crowded)
    return dict(zip(component.codes[nodes.identifier[crowded]].tolist(), counts.tolist(), strict=True))


def _ring(component: Component, resolution: Resolution) -> tuple[np.ndarray, np.ndarray]:
    """The components of the identifiers in scope as rings; a SAME counts as a link."""
    nodes, links, verdicts = resolution.statuses.nodes, resolution.links, component.verdicts
    same = np.flatnonzero(verdicts.kind == Verdict.SAME)
    u = np.concatenate([nodes.identifier[links.a], verdicts.left[same]]).astype(np.int32)
    v = np.concatenate([nodes.identifier[links.b], verdicts.right[same]]).astype(np.int32)
    label = components(u, v, component.codes.size)[: component.scope]
    order = np.argsort(label, kind="stable")
    codes = component.codes[: component.scope][order]
    following = np.concatenate([codes[1:], codes[:1]])
    ends = np.flatnonzero(np.concatenate([np.diff(label[order]) != 0, np.array([True])]))
    begins = np.concatenate([np.array([0]), ends[:-1] + 1])
    following[ends] = codes[begins]
    return codes, following
