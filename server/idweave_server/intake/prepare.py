"""Observations made ready for the log: read and normalised as a batch run reads them, compared with nothing that is known.

Pure: what comes out depends on the policy, the lists, the day and the observations alone, and on each observation for itself; in which
order and with which others it came does not show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.entries.choice import select
from idweave_server.entries.columns import (
    Births,
    EventColumns,
    IdentifierColumns,
    ObservationEntry,
    ObservedSpellings,
    QuarantineColumns,
    TraitEntries,
)
from idweave_server.identifiers.lists import Lists
from idweave_server.identifiers.text_hash import content_of
from idweave_server.intake.content import ContentHash
from idweave_server.intake.encoded import Encoded
from idweave_server.intake.event_columns import reported_events, row_events
from idweave_server.intake.gathered import Gathered, gather
from idweave_server.intake.intake import LONGEST, Intake, Part, Sightings
from idweave_server.intake.issue_rows import IssueList, IssueRows
from idweave_server.intake.labelling import label
from idweave_server.intake.report_columns import Refusals, observation_rows
from idweave_server.intake.reports import Report
from idweave_server.intake.tables import IdentifierTable
from idweave_server.intake.times import TimesRead
from idweave_server.intake.unit import Unit
from idweave_server.intake.wire_columns import eventful, sent_rows
from idweave_server.intake.wire_events import sent_events
from idweave_server.intake.wire_reports import Scanned, WireReports, scanned
from idweave_server.model import MAX_IDENTIFIERS, Refusal
from idweave_server.resolution.policy import Policy

AT_ONCE = 1 << 18  # sightings whose spellings are compared at a time: their texts are copied


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """n observations, read.

    ids: string[n], of every item, made from its content where none was given; refusal: uint8[n], model.Refusal of items refused as a whole;
    place: int32[u], the usable ones, ascending; columns: those, without births; identity: uint64[u, 2], hash of (source, observation id);
    issues: of all items.
    """

    ids: pa.StringArray
    refusal: np.ndarray
    place: np.ndarray
    columns: ObservationEntry
    identity: np.ndarray
    issues: IssueRows


def prepare(policy: Policy, lists: Lists, reports: Sequence[Report] | WireReports, *, today: int) -> Prepared:
    """Read what callers report. today: yyyymmdd, birth dates after it are refused. Raises PolicyError for a pattern that cannot be used."""
    issues = IssueList(reported=True)
    refusals = Refusals(issues, np.zeros(len(reports), np.uint8))
    sent = scanned(reports.data) if isinstance(reports, WireReports) else None
    if sent is not None:
        rows, times = sent_rows(policy, sent, refusals)
    else:
        reports = reports.all() if isinstance(reports, WireReports) else reports
        rows, times = observation_rows(policy, reports, refusals)
    intake = Intake(policy, lists, issues, spelled=True)
    unit = Unit(0, "", len(reports), rows, ())
    seen = intake.see(unit, times)
    events = _events(reports, sent, refusals, seen.noted.content)
    seen.rejected[:] = np.where(seen.rejected == 0, refusals.whole, seen.rejected)
    if refusals.row:
        seen.noted.content.add_entries("refused", np.array(refusals.row), content_of(pa.array(refusals.text, pa.string())))
    return _prepared(intake, unit, seen, events, issues, today)


def _events(reports: Sequence[Report] | WireReports, sent: Scanned | None, refusals: Refusals, content: ContentHash) -> EventColumns:
    """sent: what reports that are still as they were sent say."""
    if sent is not None and isinstance(reports, WireReports):
        usual = sent_events(sent, content)
        return reported_events(eventful(sent, reports.read), refusals, content) if usual is None else usual
    return reported_events(enumerate(reports.all() if isinstance(reports, WireReports) else reports), refusals, content)


def prepare_unit(policy: Policy, lists: Lists, unit: Unit, times: TimesRead, *, today: int) -> Prepared:
    """Read the observations of a file; what else it states is not looked at. times: of these observations. Items are positions in its
    observation rows. Raises PolicyError as `prepare`."""
    unit = replace(unit, observations=replace(unit.observations, row=np.arange(unit.observations.row.size)))
    issues = IssueList(reported=False)
    intake = Intake(policy, lists, issues, spelled=True)
    seen = intake.see(unit, times)
    return _prepared(intake, unit, seen, row_events(unit.observations, issues), issues, today)


def _prepared(intake: Intake, unit: Unit, seen: Sightings, events: EventColumns, issues: IssueList, today: int) -> Prepared:
    named = len(intake.interner)
    part = intake.describe(unit, seen, np.zeros(seen.row.size, bool), today)
    rows = gather(intake, [part], named)
    for item in np.flatnonzero(rows.crowded).tolist():
        message = f"{rows.given[item]} identifiers; an observation takes at most {MAX_IDENTIFIERS}: split the row"
        issues.note(item, "", Refusal.TOO_MANY_IDENTIFIERS, "", message)
    place = np.flatnonzero(rows.rejected == 0)
    told = issues.rows()
    ids = rows.id.combine_chunks()
    entry = _entry(intake, part, rows, ids, events, told)
    return Prepared(ids, rows.rejected, place.astype(np.int32), select(entry, place), rows.identity[place], told)


def _entry(intake: Intake, part: Part, rows: Gathered, ids: pa.StringArray, events: EventColumns, told: IssueRows) -> ObservationEntry:
    """All items as an entry, refused ones included."""
    table = intake.interner.table()
    labelling = label(intake, table, rows.start, rows.code, rows.last)
    return ObservationEntry(
        identifiers=_identifiers(intake, table, labelling.mailbox_name),
        births=Births.none(),
        names=tuple(intake.traits.first_names.values().to_pylist()),
        sources=tuple(intake.sources.values().to_pylist()),
        kinds=tuple(kind.name for kind in intake.policy.kinds),
        id=ids,
        time=rows.time,
        source=rows.source,
        kind=rows.kind,
        first_name=rows.first,
        birth_date=rows.birth,
        content=rows.content[:, 0],
        backfill=False,
        start=rows.start,
        identifier=rows.code,
        hint=labelling.hint,
        observed=_observed(intake.spellings, table, rows),
        traits=tuple(_trait(intake, part, name) for name in sorted(part.traits)),
        events=events,
        quarantined=_quarantined(told),
    )


def _identifiers(intake: Intake, table: IdentifierTable, mailbox_name: np.ndarray) -> IdentifierColumns:
    return IdentifierColumns(
        namespace=table.identifiers.namespace,
        namespaces=tuple(space.name for space in intake.policy.namespaces),
        issuer=table.identifiers.issuer,
        issuers=tuple(table.issuers.to_pylist()),
        value=table.value,
        flags=table.identifiers.flags,
        mailbox_name=mailbox_name,
        content=table.identifiers.content,
    )


def _observed(spellings: Sequence[Encoded], table: IdentifierTable, rows: Gathered) -> ObservedSpellings:
    """The spellings, trimmed, that differ from the canonical value. One that is much longer than its value, for what cannot be seen in it,
    is not kept."""
    size = [len(one.values) for one in spellings]
    begin = np.cumsum([0, *size])
    code = np.concatenate([np.zeros(0, np.int64), *(one.code.astype(np.int64) + at for one, at in zip(spellings, begin, strict=False))])
    sighting = np.flatnonzero(rows.entry < code.size)  # those after them are derived
    if not sighting.size:
        return ObservedSpellings(sighting, pa.array([], pa.string()))
    texts = pc.utf8_trim_whitespace(pa.concat_arrays([one.values for one in spellings]))
    places, found = [], []
    for first in range(0, sighting.size, AT_ONCE):
        some = sighting[first : first + AT_ONCE]
        given = texts.take(pa.array(code[rows.entry[some]]))
        differs = pc.not_equal(given, table.value.take(pa.array(rows.code[some])))
        kept = pc.and_(differs, pc.less_equal(pc.binary_length(given), LONGEST))
        places.append(some[kept.to_numpy(zero_copy_only=False)])
        found.append(given.filter(kept))
    return ObservedSpellings(np.concatenate(places), pa.concat_arrays(found))


def _trait(intake: Intake, part: Part, name: str) -> TraitEntries:
    told = part.traits[name]
    known = np.flatnonzero(told.code >= 0)
    return TraitEntries(name, told.row[known].astype(np.int32), told.code[known], intake.traits.tables[name].values())


def _quarantined(told: IssueRows) -> QuarantineColumns:
    fields = Encoded.of([pa.array(told.field, pa.string())])
    return QuarantineColumns(
        row=told.row,
        field=fields.code,
        fields=tuple(fields.values.to_pylist()),
        reason=told.reason,
        value=pa.array(told.value, pa.string()),
        message=pa.array(told.message, pa.string()),
    )
