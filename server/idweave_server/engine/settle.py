"""What a write touches is resolved again, whole, by the rules of the batch run, and takes the place of what was there.

The scope begins with the identifiers that the write names and their components as they were. Resolved, it may turn out to reach further: a
sighting of it now links to an identifier outside, an e-mail outside lends another name, a SAME leads out. Then those join with their
components, and it is resolved again, until nothing leads out. What stays outside keeps all that its resolution depends on, so this is what
resolving everything would give. (The statuses of rules 1 to 3 depend on an identifier's own sightings and on the names that e-mails lend;
all else is settled inside a component.)
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from idweave_server.engine.applied import Job, pause
from idweave_server.engine.component import Component, closed, gathering, inert
from idweave_server.engine.publish import publish
from idweave_server.engine.resolved import Resolved, resolved
from idweave_server.engine.state import State
from idweave_server.engine.turnover import Turnover
from idweave_server.kernels.sightings import rows_with
from idweave_server.model import Verdict


@dataclass(frozen=True, slots=True)
class Settled:
    """What settling did; all None where nothing that may link was touched."""

    turnover: Turnover | None = None
    component: Component | None = None
    found: Resolved | None = None


def settle(state: State, seeds: np.ndarray, as_of: int, sequence: int) -> Generator[Job, Any, Settled]:
    """Resolve what the identifiers `seeds`, int32[n], touch, and publish it. Yields jobs that may run in any thread, one after another, and
    is sent their results."""
    scope = closed(state, seeds)
    if not scope.size:
        return Settled()
    while True:
        component = yield from gathering(state, scope, as_of)
        found: Resolved = yield partial(resolved, component)
        further = reached(state, component, found)
        if not further.size:
            yield pause
            turnover = yield from publish(state, component, found, sequence)
            return Settled(turnover, component, found)
        scope = closed(state, np.concatenate([scope, further]))


def reached(state: State, component: Component, found: Resolved) -> np.ndarray:
    """int32: the identifiers outside a component that belong to its scope."""
    own, start = component.observations.identifier, component.observations.start
    outside = own >= component.scope
    linked = state.observations.links.array[component.sightings] != 0
    # What linked until now counts as well: an observation that it owned may pass to an identifier outside, which no link leads to where
    # that link has expired before the sighting.
    links = ((found.links | linked) & ~outside).astype(np.uint8)
    beyond = outside & linked
    crossing = beyond & _spread(start, rows_with(start, links))
    lends = renamed(state, component, found)
    if lends.any():
        epochs = state.namespaces_that(epochs=True)[component.identifiers.namespace]
        crossing |= outside & epochs[own] & _spread(start, rows_with(start, lends[own].astype(np.uint8)))
    further = np.unique(component.codes[own[crossing]])
    further = further[~inert(state, further)]
    return np.concatenate([further, _same(state, component)]).astype(np.int32)


def renamed(state: State, component: Component, found: Resolved) -> np.ndarray:
    """bool[i]: the e-mails in scope whose dominant name is not what it was."""
    email = state.namespaces_that(form="email")[component.identifiers.namespace]
    changed: np.ndarray = component.in_scope() & email & (found.dominant != state.identifiers.dominant.array[component.codes])
    return changed


def _same(state: State, component: Component) -> np.ndarray:
    """int32: the identifiers outside the scope that a SAME leads to."""
    judged = component.codes[: component.scope]
    judged = judged[state.identifiers.judged.array[judged] != 0]
    if not judged.size:
        return np.zeros(0, np.int32)
    stated = [state.verdicts.stated[number] for number in state.verdicts.naming(judged)]
    ends = np.unique(np.array([end for v in stated if v.kind == Verdict.SAME for end in (v.left, v.right)], np.int32))
    return np.setdiff1d(ends, component.codes[: component.scope])


def _spread(start: np.ndarray, by_row: np.ndarray) -> np.ndarray:
    """bool[k]: a property of the rows, uint8[n], as one of their sightings."""
    return np.repeat(by_row != 0, np.diff(start))
