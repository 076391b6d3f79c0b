"""Rule 2: an identifier with two owners in turn (a recycled number) becomes one node for each epoch of its life."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.kernels.blocks import cut_points
from idweave_server.kernels.hashing import mix_hash
from idweave_server.kernels.histograms import Histograms, dominant_labels
from idweave_server.kernels.rows import block_of, group_by
from idweave_server.model import DAY, Flag
from idweave_server.resolution.names import LISTED
from idweave_server.resolution.observations import Identifiers, Observations, Sightings
from idweave_server.resolution.policy import Policy

BEGINNING = np.int64(-(2**62))  # an identifier's first epoch begins here
END = np.int64(2**62)  # and its last one ends here
UNSETTLED = np.int32(-2)  # in place of the name that an e-mail lends: its own sightings are at hand and tell it


@dataclass(frozen=True, slots=True)
class Nodes:
    """What is resolved: (identifier, epoch). An identifier has consecutive nodes, none when nothing of it counts.

    first: int64[i + 1], each identifier's first node; identifier: int32[v]; epoch: int32[v]; begin, end: int64[v], seconds: a sighting
    at t belongs to the epoch with begin < t <= end; content: uint64[v, 2]; sighting: int32[k], the node of each sighting or -1.
    """

    first: np.ndarray
    identifier: np.ndarray
    epoch: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    content: np.ndarray
    sighting: np.ndarray

    def __len__(self) -> int:
        return int(self.identifier.size)

    @property
    def are_identifiers(self) -> bool:
        """Whether every identifier has exactly one node, its own number."""
        return self.identifier.size == self.first.size - 1 and not self.epoch.any()


def find_nodes(
    policy: Policy,
    observations: Observations,
    identifiers: Identifiers,
    sightings: Sightings,
    names: Histograms,
    lent: np.ndarray | None = None,
) -> Nodes:
    """names: first names by identifier (rule 1); lent: as of `observation_names`."""
    start, cut = _cuts(policy, observations, identifiers, sightings, names, lent)
    seen = np.zeros(len(identifiers), bool)
    seen[sightings.identifier[sightings.identifier >= 0]] = True
    epochs = np.where(seen, np.diff(start) + 1, 0)
    first = np.concatenate(([0], np.cumsum(epochs)))
    identifier = np.repeat(np.arange(len(identifiers), dtype=np.int32), epochs)
    epoch = (np.arange(identifier.size) - first[identifier]).astype(np.int32)
    begin, end = np.full(identifier.size, BEGINNING), np.full(identifier.size, END)
    later = np.flatnonzero(epoch > 0)
    begin[later] = end[later - 1] = cut[start[identifier[later]] + epoch[later] - 1]
    content = identifiers.content[identifier]
    content[later] = mix_hash(content[later], np.stack([epoch[later].astype(np.uint64), np.zeros(later.size, np.uint64)], axis=1))
    block = block_of(start, cut, sightings.identifier, observations.time[sightings.row])
    node = np.where(sightings.identifier >= 0, first[sightings.identifier] + block, -1).astype(np.int32)
    return Nodes(first, identifier, epoch, begin, end, content, node)


def _cuts(
    policy: Policy, observations: Observations, identifiers: Identifiers, sightings: Sightings, names: Histograms, lent: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """(start int64[i + 1], cut int64[c]): where the identifiers that may change hands do."""
    may = np.array([n.epochs for n in policy.namespaces], bool)[identifiers.namespace]
    may &= identifiers.flags & np.uint8(Flag.SERVICE) == 0  # callers of a hotline follow one another; it has no owners to tell apart
    name = observation_names(policy, observations, identifiers, sightings, names, lent)[sightings.row]
    named = np.flatnonzero((sightings.identifier >= 0) & (name >= 0) & may[sightings.identifier])
    start, member = group_by(sightings.identifier[named], len(identifiers))
    member = named[member]
    row = sightings.row[member]
    return cut_points(
        start,
        observations.time[row],
        observations.content[row, 0],
        name[member],
        observations.labels,
        gap=policy.epoch_gap_days * DAY,
        share=policy.epoch_block_share,
        max_blocks=policy.epoch_max_blocks,
    )


def observation_names(
    policy: Policy,
    observations: Observations,
    identifiers: Identifiers,
    sightings: Sightings,
    names: Histograms,
    lent: np.ndarray | None = None,
) -> np.ndarray:
    """int32[n]: the first name that each observation states or borrows, -1 without one; an initial is no name.

    Borrowed is the dominant name of its e-mail (of several, the one with the least content hash), unless that one is listed fake or role.
    lent: int32[i], the dominant name of each identifier, UNSETTLED where its sightings are all here; None for all.
    """
    length = np.diff(observations.labels.start)
    stated = observations.first_name
    stated = np.where((stated >= 0) & (length[stated] > 1), stated, np.int32(-1)) if length.size else np.full(stated.size, -1, np.int32)
    email = np.array([n.form == "email" for n in policy.namespaces], bool)
    emails = np.flatnonzero((sightings.identifier >= 0) & email[identifiers.namespace[sightings.identifier]])
    emails = emails[stated[sightings.row[emails]] < 0]
    if not emails.size:
        return stated
    lender = sightings.identifier[emails]
    order = np.lexsort((identifiers.content[lender, 0], sightings.row[emails]))
    row, lender = sightings.row[emails][order], lender[order]
    least = np.concatenate(([True], row[1:] != row[:-1]))
    row, lender = row[least], lender[least]
    name = dominant_labels(names, observations.labels, policy.dominance)[lender]
    if lent is not None:
        name = np.where(lent[lender] == UNSETTLED, name, lent[lender])
    borrowed = stated.copy()
    borrowed[row] = np.where(identifiers.flags[lender] & LISTED, np.int32(-1), name)
    return borrowed
