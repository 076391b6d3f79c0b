"""What intake hands on beside the columns of codes: the text of identifiers, where each row came from, what was inferred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from idweave_server.resolution.observations import Identifiers, Verdicts


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
