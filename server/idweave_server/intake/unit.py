"""One file's rows sorted into what they are: observations with their columns, and statements (verdicts and erasures)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from idweave_server.intake.encoded import Encoded
from idweave_server.model import Verdict


@dataclass(frozen=True, slots=True)
class Items:
    """Where the values of a column stand that has any number a row. row: int64[e], ascending; place: int64[e], which of its row's list."""

    row: np.ndarray
    place: np.ndarray


@dataclass(frozen=True, slots=True)
class IdentifierColumn:
    """Values of one namespace by row; issuer and region: by row, None for the source's; network: by row, None for none.

    items: None where each row has one text, of which a JSON list stands for the values in it; else all of these are by item, and a text is
    a value whatever it looks like. `{}` in the field is then the item's place.
    """

    namespace: str
    field: str
    text: Encoded
    issuer: Encoded | None
    region: Encoded | None
    network: Encoded | None
    items: Items | None = None


@dataclass(frozen=True, slots=True)
class TraitValues:
    """Values of one trait by row; format: of dates, None where the policy's type alone tells; items: as of an IdentifierColumn."""

    trait: str
    field: str
    text: Encoded
    format: str | None
    items: Items | None = None

    def by_row(self, rows: int) -> Encoded:
        """The text of each of so many rows, of several the first."""
        if self.items is None:
            return self.text
        code = np.full(rows, -1, np.int32)
        code[self.items.row[::-1]] = self.text.code[::-1]
        return Encoded(code, self.text.values)


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
