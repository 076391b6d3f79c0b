"""One file's rows sorted into what they are: observations with their columns, and statements (verdicts and erasures)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from idweave_server.intake.encoded import Encoded
from idweave_server.model import Verdict


@dataclass(frozen=True, slots=True)
class IdentifierColumn:
    """Values of one namespace by row; issuer and region: by row, None for the source's; network: by row, None for none."""

    namespace: str
    field: str
    text: Encoded
    issuer: Encoded | None
    region: Encoded | None
    network: Encoded | None


@dataclass(frozen=True, slots=True)
class TraitValues:
    """Values of one trait by row; format: of dates, None where the policy's type alone tells."""

    trait: str
    field: str
    text: Encoded
    format: str | None


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """Times by row: text, int64 or timestamps, null where missing. format, timezone: as of mapping_model.Time."""

    field: str
    values: pa.ChunkedArray
    format: str
    timezone: str


@dataclass(frozen=True, slots=True)
class EvidenceColumn:
    """What kind of evidence each row is, as text; words: what it stands for, None where it is the kind's name."""

    field: str
    text: Encoded
    words: Mapping[str, str] | None
    default: str | None


@dataclass(frozen=True, slots=True)
class ObservationRows:
    """The rows of a file that report observations. row: int64[n], data rows; id: string[n], None where the file has none."""

    row: np.ndarray
    id_field: str
    id: pa.ChunkedArray | None
    source_field: str
    source: Encoded
    time: TimeColumn
    evidence: EvidenceColumn
    identifiers: tuple[IdentifierColumn, ...]
    traits: tuple[TraitValues, ...]
    events: tuple[tuple[str, Encoded], ...]


@dataclass(frozen=True, slots=True)
class StatementRows:
    """The rows of a file that state one kind of thing about identifiers, in the order of the file.

    verdict: None for an erasure; row: int64[s]; id: string[s] or None; ends: the columns that name identifiers, one or two for a verdict;
    their namespace is "" where each text names its own.
    """

    verdict: Verdict | None
    row: np.ndarray
    id: pa.ChunkedArray | None
    source: Encoded
    time: TimeColumn
    ends: tuple[IdentifierColumn, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """One file, read. number: its place among the files; rows: data rows read, refused ones included."""

    number: int
    name: str
    rows: int
    observations: ObservationRows
    statements: tuple[StatementRows, ...]
