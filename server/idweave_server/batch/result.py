"""What a batch run knows at its end: the input as columns, the resolution, and the facts that the report tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from idweave_server.resolution.observations import Identifiers, Observations, Verdicts
from idweave_server.resolution.policy import Policy, Trait
from idweave_server.resolution.resolve import Resolution


@dataclass(frozen=True, slots=True)
class IdentifierTable:
    """The text of the identifiers whose codes `identifiers` (namespace, issuer, flags, content) describes; one order for both.

    value: the canonical values, string[i]; issuers: string, indexed by identifiers.issuer.
    """

    identifiers: Identifiers
    value: pa.StringArray
    issuers: pa.StringArray


@dataclass(frozen=True, slots=True)
class InputRows:
    """Every row that reports an observation, refused ones included, in the order of the input.

    file: int32[r], into `files`; row: int64[r], data row in its file, from 1; observation_id: string[r] (chunked); source: int32[r], into
    `sources`; outcome: uint8[r], model.Outcome; observation: int32[r], position in `Observations`, -1 for rows that are not resolved.
    """

    files: tuple[str, ...]
    sources: tuple[str, ...]
    file: np.ndarray
    row: np.ndarray
    observation_id: pa.ChunkedArray
    source: np.ndarray
    outcome: np.ndarray
    observation: np.ndarray


@dataclass(frozen=True, slots=True)
class TraitColumn:
    """One trait. values: string[u], distinct canonical values; code: int32[n], each observation's value or -1; winner: int64[p], the
    observation whose value a profile shows, -1 without one; every: of a list-valued trait (profile int32[d], value int32[d])."""

    trait: Trait
    values: pa.StringArray
    code: np.ndarray
    winner: np.ndarray
    every: tuple[np.ndarray, np.ndarray] | None


@dataclass(frozen=True, slots=True)
class FormatInference:
    """How the dates or times of one column were read, and by what evidence. format: None where it could not be decided."""

    file: str
    field: str
    source: str
    format: str | None
    fits: tuple[tuple[str, int], ...]
    decided_by: str
    question: str


@dataclass(frozen=True, slots=True)
class Duplicates:
    """within: rows dropped because their (source, observation_id) was there with the same content, by source; between: observations
    whose whole content another source reports too, by pair of sources (both are kept)."""

    within: Mapping[str, int]
    between: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class VerdictRows:
    """Where each verdict came from, aligned with `verdicts`: file int32[w], row int64[w]; observation_id: its own id."""

    verdicts: Verdicts
    file: np.ndarray
    row: np.ndarray
    observation_id: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Everything that the outputs are written from.

    observations: those resolved (accepted or unlinked or expired), one for each InputRows.observation >= 0; profile_id: string[p], by
    profile number of the resolution; issues: table (file string, row int64, field string, reason string, value string, message string)
    in input order, without any value of an erased observation; lists: their version; erasures: how
    many erasure rows were obeyed; lines: data rows read.
    """

    policy: Policy
    lists: str
    as_of: int
    identifiers: IdentifierTable
    rows: InputRows
    observations: Observations
    verdicts: VerdictRows
    resolution: Resolution
    profile_id: pa.StringArray
    traits: tuple[TraitColumn, ...]
    issues: pa.Table
    inferences: tuple[FormatInference, ...]
    duplicates: Duplicates
    erasures: int
    lines: int
