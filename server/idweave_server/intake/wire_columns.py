"""Observations as they were sent, as the columns that intake reads: what report_columns makes of reports, told in the same words.

Whole columns at a time; one by one is looked at only what may be unusual.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from idweave_server.intake.encoded import Encoded
from idweave_server.intake.report_columns import (
    EMPTY,
    NO_TIMES,
    SHORT,
    SURELY_SHORT,
    TRAIT,
    IdentifierReader,
    Refusals,
    crowd_of_traits,
    identifier_column,
    name_problem,
    told_times,
    trait_aside,
    trait_missing,
    value_problem,
)
from idweave_server.intake.reports import MAX_TRAITS, Report
from idweave_server.intake.times import TimesRead
from idweave_server.intake.unit import EvidenceColumn, IdentifierColumn, Items, ObservationRows, TraitValues
from idweave_server.intake.wire_reports import EVENT, IDENTIFIER, OBSERVATION, SOURCE, TIME, Scanned, Spans
from idweave_server.intake.wire_reports import TRAIT as TRAIT_MESSAGE
from idweave_server.kernels.rows import group_by
from idweave_server.model import MAX_IDENTIFIERS, MAX_TIME, MIN_TIME, Refusal
from idweave_server.resolution.policy import Policy


def sent_rows(policy: Policy, found: Scanned, refusals: Refusals) -> tuple[ObservationRows, TimesRead]:
    """The columns of a batch, and its times; its events are for `sent_events`."""
    here = found.places(OBSERVATION)
    listed = _Lists(found, here)
    columns = ObservationRows(
        row=np.arange(here.size),
        id_field="observation_id",
        id=pa.chunked_array([_ids(found.texts(here, 0))]),
        source_field="source.name",
        source=_words(found.texts(listed.only(SOURCE), 0)),
        time=NO_TIMES,
        evidence=EvidenceColumn("evidence_kind", _words(found.texts(here, 1)), None, None),
        identifiers=tuple(_identifiers(policy, listed, refusals)),
        traits=tuple(_traits(policy, listed, refusals)),
        events=(),
    )
    return columns, _times(found, listed.only(TIME))


def eventful(found: Scanned, read: Callable[[bytes], list[Report]]) -> list[tuple[int, Report]]:
    """The observations with events, by number, as reports, which `read` makes of bytes: for `reported_events`."""
    rows = np.unique(_Lists(found, found.places(OBSERVATION)).items(EVENT).row).tolist()
    return list(zip(rows, read(found.pieces(rows)), strict=True))


class _Lists:
    """What observations have one or any number of."""

    def __init__(self, found: Scanned, here: np.ndarray) -> None:
        """here: int64[n], where the observations are."""
        self.found, self.count = found, here.size
        self._number = np.full(found.found.type.size, -1, np.int64)
        self._number[here] = np.arange(here.size)

    def _of(self, kind: int) -> tuple[np.ndarray, np.ndarray]:
        """(int64[e] places, int64[e] observations) of the messages of a kind that stand in observations."""
        places = self.found.places(kind)
        row = self._number[self.found.found.parent[places]]
        return places[row >= 0], row[row >= 0]

    def only(self, kind: int) -> np.ndarray:
        """int64[n]: the place of each one's message of a kind, -1 without."""
        at = np.full(self.count, -1, np.int64)
        places, row = self._of(kind)
        at[row] = places
        return at

    def items(self, kind: int) -> _Items:
        places, row = self._of(kind)
        first = np.searchsorted(row, row)
        return _Items(places, row, np.arange(row.size) - first)


@dataclass(frozen=True, slots=True, repr=False)
class _Items:
    """Messages of a kind. at: int64[e], their places; row: int64[e], ascending, their observation; place: int64[e], which of its list."""

    at: np.ndarray
    row: np.ndarray
    place: np.ndarray

    def take(self, rows: np.ndarray) -> _Items:
        return _Items(self.at[rows], self.row[rows], self.place[rows])

    def crowds(self, most: int) -> tuple[np.ndarray, np.ndarray]:
        """(int64 observations that have more, int64 how many)."""
        crowd, count = np.unique(self.row, return_counts=True)
        return crowd[count > most], count[count > most]

    def without(self, crowds: np.ndarray) -> _Items:
        return self.take(~np.isin(self.row, crowds)) if crowds.size else self


def _ids(ids: Spans) -> pa.StringArray:
    """Nulls where they are blank."""
    unsure = np.flatnonzero(ids.unsure(2**31))
    blank = [row for row in unsure.tolist() if not ids.text(row).strip()]
    values = ids.array()
    if not blank:
        return values
    there = np.ones(ids.size.size, bool)
    there[blank] = False
    return pa.StringArray.from_buffers(
        len(values), *values.buffers()[1:], null_bitmap=pa.py_buffer(np.packbits(there, bitorder="little")), null_count=len(blank)
    )


def _words(texts: Spans) -> Encoded:
    """Texts of which there are few, without white space at their ends; blank ones are none."""
    return Encoded.of([texts.array()]).mapped_by(lambda text: text.strip() or None)


def _times(found: Scanned, at: np.ndarray) -> TimesRead:
    there = at >= 0
    stated = there & (found.found.size[at, 0] >= 0)
    seconds = np.where(stated, found.found.start[at, 0], 0)
    good = there & (seconds >= MIN_TIME) & (seconds < MAX_TIME)
    if good.all():
        return TimesRead(seconds, np.zeros(at.size, np.uint8), Encoded.none(at.size), None, ())
    return told_times([second if known else None for second, known in zip(seconds.tolist(), there.tolist(), strict=True)])


def _identifiers(policy: Policy, listed: _Lists, refusals: Refusals) -> Iterator[IdentifierColumn]:
    reader = IdentifierReader(policy, refusals)
    items = listed.items(IDENTIFIER)
    crowded, counts = items.crowds(MAX_IDENTIFIERS)
    for row, count in zip(crowded.tolist(), counts.tolist(), strict=True):
        reader.crowded(row, count)
    items = items.without(crowded)
    found = listed.found
    names = Encoded.of([found.texts(items.at, 0).array()])
    issuers = Encoded.of([found.texts(items.at, 1).array()])
    values = found.texts(items.at, 2)
    pairs, which = np.unique(names.code.astype(np.int64) << 32 | issuers.code, return_inverse=True)
    spaces, given = names.values.to_pylist(), issuers.values.to_pylist()
    told = [(spaces[pair >> 32], given[pair & 0xFFFFFFFF]) for pair in pairs.tolist()]
    wanted = [(space, issuer != "") if reader.fits(space, issuer) else None for space, issuer in told]
    keys = sorted({key for key in wanted if key is not None})
    number: dict[tuple[str, bool] | None, int] = {None: -1} | {key: place for place, key in enumerate(keys)}
    column = np.array([number[key] for key in wanted], np.int32)[which]
    for at in np.flatnonzero(column < 0).tolist():
        space, issuer = told[which[at]]
        reader.refuse(int(items.row[at]), int(items.place[at]), space, issuer, values.text(at))
    for at in np.flatnonzero((column >= 0) & values.unsure(SHORT)).tolist():
        if not reader.usable(int(items.row[at]), int(items.place[at]), values.text(at)):
            column[at] = -1
    start, member = group_by(column, len(keys))
    for place, (space, issued) in enumerate(keys):
        mine = member[start[place] : start[place + 1]]
        if mine.size:
            stated = issuers.take(mine).compacted().mapped_by(str.strip) if issued else None
            yield identifier_column(space, Encoded.of([values.take(mine).array()]), stated, Items(items.row[mine], items.place[mine]))


def _traits(policy: Policy, listed: _Lists, refusals: Refusals) -> Iterator[TraitValues]:
    many = {name for name, rule in policy.traits.items() if rule.many}
    items = listed.items(TRAIT_MESSAGE)
    crowded, counts = items.crowds(MAX_TRAITS)
    for row, count in zip(crowded.tolist(), counts.tolist(), strict=True):
        crowd_of_traits(row, count, refusals)
    items = items.without(crowded)
    names = Encoded.of([listed.found.texts(items.at, 0).array()]).mapped_by(str.strip)
    texts = _Values(listed.found, items)
    had: dict[str, np.ndarray] = {}
    start, member = group_by(names.code, len(names.values))
    for number, name in enumerate(names.values.to_pylist()):
        mine = member[start[number] : start[number + 1]]
        reason, message = name_problem(name)
        if reason:
            for at in mine.tolist():
                trait_aside(int(items.row[at]), int(items.place[at]), name, texts.text(at), reason, refusals, message)
            continue
        mine = mine[texts.usable(mine, refusals)]
        if name not in many:
            again = np.zeros(mine.size, bool)
            again[1:] = items.row[mine[1:]] == items.row[mine[:-1]]
            for at in mine[again].tolist():
                trait_aside(int(items.row[at]), int(items.place[at]), name, texts.text(at), Refusal.TRAIT_REPEATED, refusals)
            mine = mine[~again]
        if mine.size:
            had[name] = mine
    _missing(policy, {name: items.row[mine] for name, mine in had.items()}, listed.count, crowded, refusals)
    for name in sorted(had):
        mine = had[name]
        yield TraitValues(name, TRAIT, Encoded.of([texts.array(mine)]), "iso", Items(items.row[mine], items.place[mine]))


class _Values:
    """The values of traits as texts, and what is wrong with them."""

    def __init__(self, found: Scanned, items: _Items) -> None:
        self._items = items
        self._texts, self._numbers = found.values(items.at)
        self._unsure = self._texts.unsure(SURELY_SHORT)
        self._unsure[list(self._numbers)] = True

    def text(self, at: int) -> str:
        return self._texts.text(at)

    def array(self, rows: np.ndarray) -> pa.StringArray:
        return self._texts.take(rows).array()

    def usable(self, rows: np.ndarray, refusals: Refusals) -> np.ndarray:
        """bool[m], of the values int64[m]; those that are not are refused."""
        good = np.ones(rows.size, bool)
        for place in np.flatnonzero(self._unsure[rows]).tolist():
            at = int(rows[place])
            text = self._texts.text(at)
            row, number = int(self._items.row[at]), int(self._items.place[at])
            if not text or text.isspace():
                refusals.issues.note(row, TRAIT, Refusal.PLACEHOLDER, "", EMPTY, number)
                good[place] = False
                continue
            reason, message = value_problem(self._numbers.get(at, text))
            if reason:
                refusals.value(row, TRAIT, reason, text, message, number)
                good[place] = False
        return good


def _missing(policy: Policy, had: dict[str, np.ndarray], count: int, crowded: np.ndarray, refusals: Refusals) -> None:
    """Say which observations lack what the policy requires; had: by trait, those that have it."""
    for name in sorted(name for name, rule in policy.traits.items() if rule.required):
        without = np.ones(count, bool)
        without[had.get(name, crowded)] = without[crowded] = False
        for row in np.flatnonzero(without).tolist():
            trait_missing(row, name, refusals)
