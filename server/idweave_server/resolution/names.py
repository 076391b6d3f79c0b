"""Rule 1: each identifier counts the first names of its own observations; an e-mail's local part adds a little of its own."""

from __future__ import annotations

import numpy as np

from idweave_server.kernels.histograms import Histograms, count_labels
from idweave_server.model import Flag
from idweave_server.resolution.observations import Identifiers, Observations, Sightings
from idweave_server.resolution.policy import Policy

LISTED = np.uint8(Flag.FAKE | Flag.ROLE)  # addresses whose local part names nobody


def weights(policy: Policy, observations: Observations) -> np.ndarray:
    """int64[n]: what a name reported in each observation weighs, in hundredths."""
    table = np.array([[policy.weight(kind, source) for source in observations.sources] for kind in range(len(policy.kinds))], np.int64)
    return table[observations.kind, observations.source] if len(observations) else np.zeros(0, np.int64)


def first_names(
    holder: np.ndarray,
    identifier: np.ndarray,
    observations: Observations,
    identifiers: Identifiers,
    sightings: Sightings,
    weight: np.ndarray,
    mailbox_weight: int,
) -> Histograms:
    """First names of each holder (an identifier, or a node of one).

    holder: int32[k], the holder of each sighting, -1 leaves it out; identifier: int32[n], whose each holder is; weight: int64[rows].
    A name in an e-mail's local part counts once. An initial beside the last name counts where no name was found there.
    """
    n = identifier.size
    mailbox = identifiers.mailbox_name[identifier]
    mailbox = np.where(identifiers.flags[identifier] & LISTED, np.int32(-1), mailbox)
    hinted = (observations.hint >= 0) & (holder >= 0)
    hinted[hinted] &= (mailbox[holder[hinted]] < 0) & (identifiers.flags[identifier[holder[hinted]]] & LISTED == 0)
    hint = np.unique(np.stack([holder[hinted], observations.hint[hinted]], axis=1), axis=0)
    node = np.concatenate([holder, np.arange(n, dtype=np.int32), hint[:, 0]])
    label = np.concatenate([observations.first_name[sightings.row], mailbox, hint[:, 1]])
    weighed = np.concatenate([weight[sightings.row], np.full(n + len(hint), mailbox_weight, np.int64)])
    return count_labels(node, label, weighed, n)


def birth_dates(holder: np.ndarray, n: int, observations: Observations, sightings: Sightings, weight: np.ndarray) -> Histograms:
    """Birth dates of each holder, as `first_names`."""
    return count_labels(holder, observations.birth_date[sightings.row], weight[sightings.row], n)
