"""Refused values of a batch of observations, by the item that they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from idweave_server.intake.encoded import Encoded
from idweave_server.intake.remedies import REMEDIES, REPORT_REMEDIES
from idweave_server.model import Refusal, shorten

PLACE = "{}"  # in the name of a field: where in its list the value stands


@dataclass(frozen=True, slots=True, repr=False)
class IssueRows:
    """Issues by item, within one in the order of its fields. row: int32[q], ascending; reason: uint8[q], model.Refusal."""

    row: np.ndarray
    field: tuple[str, ...]
    reason: np.ndarray
    value: tuple[str, ...]
    message: tuple[str, ...]

    def __len__(self) -> int:
        return int(self.row.size)


class IssueList:
    """Hears of refusals, column by column or one by one; `rows` gives them in order."""

    def __init__(self, *, reported: bool) -> None:
        """reported: whether callers state the observations, rather than a file by its mapping: the remedies speak of what there is."""
        self._reported = reported
        self._remedies = REMEDIES | REPORT_REMEDIES if reported else REMEDIES
        self._found: list[tuple[int, str, int, int, str, str]] = []  # row, field, place, reason, value, message

    def note(self, row: int, field: str, reason: Refusal, value: str, message: str = "", place: int = -1) -> None:
        self._found.append((row, field, place, reason, shorten(value), message or self._remedies[reason]))

    def add(
        self,
        file: tuple[int, str],
        row: np.ndarray,
        input_row: np.ndarray,
        field: str,
        refusal: np.ndarray,
        values: Encoded,
        messages: pa.Array | None = None,
        *,
        shown: bool = True,
    ) -> None:
        """As of IssueLog; row: int64[n], the items; input_row: int64[n], which of the field's list, where its name has a place for it."""
        bad = np.flatnonzero(refusal)
        codes = values.code[bad]
        used, at = np.unique(codes[codes >= 0], return_inverse=True)
        texts = values.values.take(pa.array(used)).to_pylist()
        said = [] if messages is None else messages.take(pa.array(used)).to_pylist()
        where = iter(at.tolist())
        for item, place, reason, code in zip(
            row[bad].tolist(), input_row[bad].tolist(), refusal[bad].tolist(), codes.tolist(), strict=True
        ):
            k = next(where) if code >= 0 else -1
            text = texts[k] if k >= 0 and shown else ""
            self.note(item, field, Refusal(reason), text, (said[k] or "") if said and k >= 0 else "", place if self._reported else -1)

    def rows(self) -> IssueRows:
        found = sorted(self._found)
        columns: Sequence[Sequence[object]] = list(zip(*found, strict=True)) or [()] * 6
        return IssueRows(
            row=np.array(columns[0], np.int32),
            field=tuple(field.replace(PLACE, str(place)) if place >= 0 else field for _, field, place, *_ in found),
            reason=np.array(columns[3], np.uint8),
            value=tuple(value for *_, value, _ in found),
            message=tuple(message for *_, message in found),
        )
