"""Which identifiers an erasure may take away: the engine forgets what they are, and the graph has to be told."""

from __future__ import annotations

import numpy as np

from idweave_server.engine.engine import Engine
from idweave_server.engine.erasing import covered, covered_verdicts
from idweave_server.engine.fold import identifiers_of
from idweave_server.engine.identifier_store import Status
from idweave_server.entries.columns import ErasureEntry


def leaving(engine: Engine, entry: ErasureEntry) -> np.ndarray:
    """int32: the identifiers that it covers or that were seen or judged together with them; to be asked before the entry is applied."""
    state = engine.state
    rows, codes = covered(state, entry)
    judged = [end for number in covered_verdicts(state, entry) for end in state.verdicts.ends(state.verdicts.stated[number])]
    found = np.unique(np.concatenate([codes, identifiers_of(state, rows), np.array(judged, np.int32)]).astype(np.int32))
    return found[state.identifiers.status.array[found] != Status.ERASED]
