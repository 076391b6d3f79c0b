"""Files into an open store: read and normalised as a batch run reads them, then taken in entry by entry.

What was erased comes first, so that nothing of it is logged only to be rewritten; then the observations, file by file; then the verdicts.
All three go by the time that their rows state, so what comes of it is what a batch run makes of the same files. Of rows that contradict
each other under one id a batch run keeps the one with the least content; so does this within a file. Between files, and with what the store
knows, the first one counts.

An import that is interrupted leaves whole entries. Done again it finds what it had taken in, counts it as DUPLICATE, and goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from idweave_server.batch.files import SourceFile
from idweave_server.batch.imported import IMPORT, Imported
from idweave_server.batch.mapping_check import check_mapping, check_policy
from idweave_server.batch.mapping_model import Mapping
from idweave_server.batch.run import Stages, read_units
from idweave_server.batch.statements import Statement, read_statements
from idweave_server.entries.births import keyed
from idweave_server.entries.choice import select
from idweave_server.entries.columns import ObservationEntry
from idweave_server.errors import ConflictError, InputError
from idweave_server.intake.issue_rows import IssueRows
from idweave_server.intake.prepare import Prepared, prepare_unit
from idweave_server.intake.sameness import sort_out
from idweave_server.intake.times import read_times
from idweave_server.intake.unit import Unit
from idweave_server.model import DAY, MIN_TIME, Outcome, Refusal
from idweave_server.operations.assert_verdict import AssertRequest
from idweave_server.operations.erase import MAX_IDENTIFIERS, EraseRequest
from idweave_server.operations.identifier_reader import IdentifierReader
from idweave_server.operations.ingest import Taken, calendar_day, take_in
from idweave_server.operations.steps import run

if TYPE_CHECKING:
    from idweave_server.operations.committer import Committer
    from idweave_server.operations.store import Store

ENTRY = 10_000  # observations in one entry
ENTRY_BYTES = 16 * 2**20  # of the texts in one entry, before they are compressed
NO_ISSUES = IssueRows(np.zeros(0, np.int32), (), np.zeros(0, np.uint8), (), ())


def import_files(
    committer: Committer, files: Sequence[tuple[SourceFile, Mapping]], *, backfill: bool, stages: Stages, imported: Imported
) -> None:
    """Take in what the files say. imported: grows as it goes, so that it tells the truth of an import that was interrupted, too.

    Raises InputError and MappingError before anything is written, and StoreError.
    """
    store = committer.store
    policy, lists, issues = store.engine.policy, store.lists, imported.issues
    check_policy(policy, lists)
    for _, mapping in files:
        check_mapping(mapping, policy, lists)
    with stages.stage("read"):
        units = read_units(files, issues, stages)
    imported.rows = sum(unit.rows for unit in units)
    statements = read_statements(units, policy, lists, issues)
    total = sum(unit.observations.row.size for unit in units)
    with stages.stage(IMPORT):
        _erase(committer, [one for one in statements if one.verdict is None], imported)
        done = 0
        taken: list[Taken] = []
        while units:
            unit = units.pop(0)  # its text is not needed any more once it is read
            for outcome in _observe(committer, unit, backfill, imported, taken, done):
                done += outcome
                stages.watch(IMPORT, done, total)
        for one in statements:
            if one.verdict is not None:
                _assert(committer, one, imported)
        for part in taken:
            imported.count(part.told(store.engine, named=False).outcome)


def _observe(committer: Committer, unit: Unit, backfill: bool, imported: Imported, taken: list[Taken], done: int) -> Iterator[int]:
    """Take in the observations of a file; yields how many more are done."""
    store, rows, file = committer.store, unit.observations, (unit.number, unit.name)
    times = read_times(rows.time, rows.source, unit.name)
    prepared = prepare_unit(store.engine.policy, store.lists, unit, times, today=calendar_day(committer.stamp().at))
    place = np.arange(done, done + rows.row.size)
    imported.issues.add_items(file, prepared.issues, rows.row, place)
    outcome, row = np.full(rows.row.size, Outcome.REJECTED, np.uint8), np.full(rows.row.size, -1, np.int64)
    taken.append(Taken(outcome, row))
    yield int(rows.row.size - prepared.place.size)
    for some in _in_entries(prepared):
        part = _part(prepared, some)
        became = run(take_in(committer, part, backfill=backfill))
        at = prepared.place[some]
        outcome[at], row[at] = became.outcome, became.row
        for item in at[became.outcome == Outcome.CONFLICT].tolist():
            said = "the same id came before with other content, which counts"
            name, number = prepared.ids[item].as_py(), int(rows.row[item])
            imported.issues.add_one(file, number, int(place[item]), "", Refusal.CONTENT_CONFLICT, name, said)
        yield some.size


def _in_entries(prepared: Prepared) -> Iterator[np.ndarray]:
    """int64: positions of usable items, ascending, for one entry after another. Rows that contradict one that counts come last."""
    content = np.stack([prepared.columns.content, np.zeros_like(prepared.columns.content)], axis=1)
    contradicts = sort_out(prepared.identity, content) == Outcome.CONFLICT
    size = _entry_size(prepared.columns)
    for order in (np.flatnonzero(~contradicts), np.flatnonzero(contradicts)):
        for begin in range(0, order.size, size):
            yield order[begin : begin + size]


def _entry_size(columns: ObservationEntry) -> int:
    """Observations that go into one entry."""
    texts = [
        columns.id,
        columns.identifiers.value,
        columns.observed.text,
        columns.events.texts,
        *(trait.values for trait in columns.traits),
    ]
    each = sum(text.nbytes for text in texts) // max(len(columns), 1)
    return max(1, min(ENTRY, ENTRY_BYTES // (each + 1)))


def _part(prepared: Prepared, some: np.ndarray) -> Prepared:
    """Some of the usable items, int64, ascending, by themselves."""
    return Prepared(
        ids=prepared.ids.take(pa.array(prepared.place[some])),
        refusal=np.zeros(some.size, np.uint8),
        place=np.arange(some.size, dtype=np.int32),
        columns=select(prepared.columns, some),
        identity=prepared.identity[some],
        issues=NO_ISSUES,
    )


def _erase(committer: Committer, statements: Sequence[Statement], imported: Imported) -> None:
    """Obey erasures. One that reaches into the future reaches a day far: it must not forget for ever what is yet to come."""
    store, latest = committer.store, committer.stamp().at + DAY
    reader = IdentifierReader(store.engine.policy, store.lists)
    asked = sorted((replace(one, time=min(one.time, latest)) for one in statements), key=lambda one: one.time)
    for until, group in groupby(asked, key=lambda one: one.time):
        together = list(group)
        named = list(dict.fromkeys(name for one in together for name in one.identifiers))
        named = [name for name in named if not _forgotten(store, reader.content(*name), until)]
        forgotten = 0
        for begin in range(0, len(named), MAX_IDENTIFIERS):
            request = EraseRequest(tuple(named[begin : begin + MAX_IDENTIFIERS]), observed_until=until)
            forgotten += committer.perform(request).observations
        imported.obeyed(together, forgotten)


def _forgotten(store: Store, content: tuple[int, int], until: int) -> bool:
    """Whether an erasure up to this time, or a later one, is in force already: done again, an import must not say it again."""
    hashed = int(keyed(np.array([content], np.uint64), store.key)[0])
    stretches = store.engine.state.tombstones.stretches.get(hashed, ())
    return any(begin < MIN_TIME and until <= end for begin, end in stretches)


def _assert(committer: Committer, one: Statement, imported: Imported) -> None:
    assert one.verdict is not None
    left, right = one.identifiers[0], one.identifiers[1] if len(one.identifiers) > 1 else None
    try:
        request = AssertRequest(one.verdict, left, right, one.time, one.source, one.id)
        imported.stands(committer.perform(request).standing.name.lower())
    except ConflictError as error:
        imported.refuse(one, Refusal.CONTENT_CONFLICT, str(error))
    except InputError as error:
        imported.refuse(one, Refusal.ASSERTION_SYNTAX, str(error))
