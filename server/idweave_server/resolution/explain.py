"""Why two nodes are one person or aren't: the strongest path between them and its weakest link, or the rule that keeps them apart."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from idweave_server.model import Apart, Shared, Verdict
from idweave_server.resolution.links import link_ties
from idweave_server.resolution.observations import Observations, Sightings, Verdicts
from idweave_server.resolution.resolve import Resolution
from idweave_server.resolution.unite import Standing

FIRM = 2**62  # strength of what a verdict holds together: no link is as strong


@dataclass(frozen=True, slots=True)
class Step:
    """What holds node `left` to node `right`: a link (its position in the resolution's links) or a SAME (its position among the verdicts),
    the other being -1. strength: micro-nats, FIRM for a verdict."""

    left: int
    right: int
    link: int
    verdict: int
    strength: int


@dataclass(frozen=True, slots=True)
class Together:
    """One profile. steps: the strongest path from the one to the other, empty where they are one node; weakest: its weakest link, None
    where only verdicts hold it."""

    steps: tuple[Step, ...]
    weakest: Step | None


@dataclass(frozen=True, slots=True)
class Separate:
    """Two profiles. rule: what refused to unite them, NONE where nothing was ever seen with both; link: the strongest link that it
    refused, verdict: the DIFFERENT in force between them, each -1 without one."""

    rule: Apart
    link: int
    verdict: int


@dataclass(frozen=True, slots=True)
class Unowned:
    """No profile. shared: why the left and the right one is nobody's; NONE for one that is somebody's, and for context (an IP address)."""

    shared: tuple[Shared, Shared]


def explain(resolution: Resolution, verdicts: Verdicts, left: int, right: int) -> Together | Separate | Unowned:
    """Why two nodes are together or apart. Looks at the links of their profiles alone; the answer does not depend on the links' order."""
    mine, other = int(resolution.profile[left]), int(resolution.profile[right])
    if mine < 0 or other < 0:
        shared = resolution.statuses.shared
        return Unowned((Shared(shared[left]), Shared(shared[right])))
    if mine != other:
        return _separate(resolution, verdicts, left, right)
    around = _neighbours(resolution, verdicts, mine)
    steps = _shortest(around, left, right, _width(around, left, right))
    return Together(steps, min((step for step in steps if step.link >= 0), key=lambda step: step.strength, default=None))


def witnesses(resolution: Resolution, observations: Observations, link: int) -> np.ndarray:
    """int64[e]: the observations that saw both ends of a link, by time, then content."""
    links, node = resolution.links, resolution.statuses.nodes.sighting
    row = Sightings.of(observations).row
    both = np.intersect1d(row[node == links.a[link]], row[node == links.b[link]]).astype(np.int64)
    return both[np.lexsort((observations.content[both, 0], observations.time[both]))]


def held_by_verdicts(resolution: Resolution, verdicts: Verdicts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(int64[s], int32[s], int32[s]): the SAMEs in force and the two nodes that each holds together: the ends' latest epochs (rule 5)."""
    last = (resolution.statuses.nodes.first[1:] - 1).astype(np.int32)
    same = np.flatnonzero((verdicts.kind == Verdict.SAME) & (resolution.standing == Standing.HOLDS) & (verdicts.left != verdicts.right))
    return same, last[verdicts.left[same]], last[verdicts.right[same]]


def _neighbours(resolution: Resolution, verdicts: Verdicts, profile: int) -> dict[int, list[Step]]:
    """What holds each node of a profile to the next, strongest first, ties by content."""
    links, content = resolution.links, resolution.statuses.nodes.content
    united = np.flatnonzero((resolution.apart == Apart.NONE) & (resolution.profile[links.a] == profile))
    same, left, right = held_by_verdicts(resolution, verdicts)
    inside = resolution.profile[left] == profile
    same, left, right = same[inside], left[inside], right[inside]
    a, b = np.concatenate([links.a[united], left]), np.concatenate([links.b[united], right])
    columns = (
        a,
        b,
        np.concatenate([united, np.full(same.size, -1)]),
        np.concatenate([np.full(united.size, -1), same]),
        np.concatenate([links.strength[united], np.full(same.size, FIRM)]),
    )
    order = np.lexsort((link_ties(a, b, content), -columns[-1]))
    around: dict[int, list[Step]] = {}
    for u, v, link, verdict, strength in zip(*(column[order].tolist() for column in columns), strict=True):
        around.setdefault(u, []).append(Step(u, v, link, verdict, strength))
        around.setdefault(v, []).append(Step(v, u, link, verdict, strength))
    return around


def _width(around: dict[int, list[Step]], origin: int, target: int) -> int:
    """The greatest strength that some path keeps to throughout (Dijkstra's search, by the weakest step instead of the sum)."""
    waiting, done = [(-FIRM, origin)], set()
    while waiting:
        width, node = heappop(waiting)
        if node == target:
            return -width
        if node not in done:
            done.add(node)
            for step in around.get(node, ()):
                heappush(waiting, (max(width, -step.strength), step.right))
    raise ValueError(f"no link and no verdict leads from node {origin} to node {target}, though they are in one profile")


def _shortest(around: dict[int, list[Step]], origin: int, target: int, width: int) -> tuple[Step, ...]:
    """The path with the fewest steps of those whose every step is at least `width` strong."""
    into: dict[int, Step | None] = {origin: None}
    waiting = deque([origin])
    while target not in into:
        for step in around[waiting.popleft()]:
            if step.strength >= width and step.right not in into:
                into[step.right] = step
                waiting.append(step.right)
    path: list[Step] = []
    while (last := into[target]) is not None:
        path.append(last)
        target = last.left
    return tuple(reversed(path))


def _separate(resolution: Resolution, verdicts: Verdicts, left: int, right: int) -> Separate:
    """A refused link between the two nodes themselves says why; else the strongest one between their profiles does."""
    links, profile = resolution.links, resolution.profile
    verdict = _different(resolution, verdicts, int(profile[left]), int(profile[right]))
    sides = {int(profile[left]), int(profile[right])}
    pair = np.sort(np.stack([profile[links.a], profile[links.b]]), axis=0)
    refused = np.flatnonzero((pair[0] == min(sides)) & (pair[1] == max(sides)))
    if not refused.size:
        return Separate(Apart.DIFFERENT if verdict >= 0 else Apart.NONE, -1, verdict)
    a, b = links.a[refused], links.b[refused]
    direct = (a == min(left, right)) & (b == max(left, right))
    tie = link_ties(a, b, resolution.statuses.nodes.content)
    link = int(refused[np.lexsort((tie, -links.count[refused], -links.strength[refused], ~direct))[0]])
    return Separate(Apart(resolution.apart[link]), link, verdict)


def _different(resolution: Resolution, verdicts: Verdicts, mine: int, other: int) -> int:
    """The latest DIFFERENT in force between any two identifiers of two profiles, -1 without one; it holds for all their epochs."""
    nodes = resolution.statuses.nodes
    owned = [np.unique(nodes.identifier[resolution.profile == side]) for side in (mine, other)]
    ends = (verdicts.left, verdicts.right)
    crossing = [np.isin(ends[i], owned[0]) & np.isin(ends[1 - i], owned[1]) for i in (0, 1)]
    holds = (verdicts.kind == Verdict.DIFFERENT) & (resolution.standing == Standing.HOLDS)
    found = np.flatnonzero(holds & (crossing[0] | crossing[1]))
    return int(found[np.lexsort((verdicts.content[found], verdicts.time[found]))[-1]]) if found.size else -1
