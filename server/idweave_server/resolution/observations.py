"""What is resolved: observations, the identifiers they carry, and the verdicts people gave, as columns of codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.kernels.labels import Labels
from idweave_server.kernels.rows import row_numbers


@dataclass(frozen=True, slots=True)
class Identifiers:
    """A table of distinct identifiers; its order means nothing.

    namespace: uint8[i], index into policy.namespaces; content: uint64[i, 2], hash of the canonical (namespace, issuer, value);
    issuer: int32[i], code of the issuer, -1 without one; flags: uint8[i], model.Flag;
    mailbox_name: int32[i], label of the known first name in an e-mail's local part, -1 without one.
    """

    namespace: np.ndarray
    content: np.ndarray
    issuer: np.ndarray
    flags: np.ndarray
    mailbox_name: np.ndarray

    def __len__(self) -> int:
        return int(self.namespace.size)


@dataclass(frozen=True, slots=True)
class Observations:
    """Observations in any order; codes refer to the tables that travel with them.

    time: int64[n], seconds UTC; source: int32[n], into `sources`; kind: uint8[n], into policy.kinds;
    content: uint64[n, 2], hash of (source, observation id), which orders observations of one second;
    first_name: int32[n], label or -1; birth_date: int32[n], yyyymmdd or -1;
    start: int64[n + 1] and identifier: int32[k], the distinct identifiers of each;
    hint: int32[k], label of an initial that an e-mail's local part shows beside the reported last name (kneal85@), or -1.
    """

    time: np.ndarray
    source: np.ndarray
    kind: np.ndarray
    content: np.ndarray
    first_name: np.ndarray
    birth_date: np.ndarray
    start: np.ndarray
    identifier: np.ndarray
    hint: np.ndarray
    sources: tuple[str, ...]
    labels: Labels

    def __len__(self) -> int:
        return int(self.time.size)

    def take(self, rows: np.ndarray) -> Observations:
        """The observations at `rows`, a boolean mask or int64 positions."""
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        size = np.diff(self.start)[rows]
        start = np.concatenate(([0], np.cumsum(size)))
        entry = np.arange(start[-1]) - np.repeat(start[:-1] - self.start[:-1][rows], size)
        return Observations(
            time=self.time[rows],
            source=self.source[rows],
            kind=self.kind[rows],
            content=self.content[rows],
            first_name=self.first_name[rows],
            birth_date=self.birth_date[rows],
            start=start,
            identifier=self.identifier[entry],
            hint=self.hint[entry],
            sources=self.sources,
            labels=self.labels,
        )


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What people asserted. kind: uint8[w], model.Verdict; time: int64[w]; left, right: int32[w], identifiers, right -1 for SHARED and
    PERSONAL; content: uint64[w], hash of the assertion's own id."""

    kind: np.ndarray
    time: np.ndarray
    left: np.ndarray
    right: np.ndarray
    content: np.ndarray

    def __len__(self) -> int:
        return int(self.kind.size)

    def take(self, rows: np.ndarray) -> Verdicts:
        return Verdicts(self.kind[rows], self.time[rows], self.left[rows], self.right[rows], self.content[rows])

    @staticmethod
    def none() -> Verdicts:
        return Verdicts(np.zeros(0, np.uint8), np.zeros(0, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint64))


@dataclass(frozen=True, slots=True)
class Sightings:
    """One identifier in one observation, as flat columns: row int32[k], identifier int32[k] (-1 where it no longer counts)."""

    row: np.ndarray
    identifier: np.ndarray

    @staticmethod
    def of(observations: Observations, counts: np.ndarray | None = None) -> Sightings:
        identifier = observations.identifier if counts is None else np.where(counts, observations.identifier, np.int32(-1))
        return Sightings(row_numbers(observations.start), identifier)
