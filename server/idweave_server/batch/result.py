"""What a batch run knows at its end: the input as columns, the resolution, and the facts that the report tells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from idweave_server.intake.tables import Duplicates, FormatInference, IdentifierTable, InputRows, VerdictRows
from idweave_server.resolution.observations import Observations
from idweave_server.resolution.policy import Policy, Trait
from idweave_server.resolution.resolve import Resolution


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
