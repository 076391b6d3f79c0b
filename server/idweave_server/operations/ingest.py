"""Take observations in: read, compare with what is known, make durable, apply, and tell what became of each.

Observations that arrive together become one entry (group commit); each has its own outcome, and a bad one never fails its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from idweave_server.engine.profile_store import uuid_texts
from idweave_server.errors import RequestError, TooLargeError
from idweave_server.intake.prepare import Prepared, prepare
from idweave_server.intake.reports import Report
from idweave_server.intake.wire_reports import WireReports
from idweave_server.model import DAY, Outcome, Refusal
from idweave_server.operations.steps import Steps
from idweave_server.operations.tally import RefusedObservation

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine
    from idweave_server.operations.committer import Committer
    from idweave_server.operations.store import Store

MAX_OBSERVATIONS = 10_000  # in one request
MAX_ENTRY = 4_000  # observations in one entry: what is more becomes several, so that others get their turn
SEED_BYTES = 16
_OUTCOMES = list(Outcome)


@dataclass(frozen=True, slots=True)
class ItemIssue:
    """A value that was set aside, or why an observation was refused as a whole (field is empty)."""

    field: str
    reason: Refusal
    value: str
    message: str


class IngestResult(NamedTuple):
    """What became of one observation. profile_id: empty where it belongs to nobody, and for `validate_only`."""

    observation_id: str
    outcome: Outcome
    profile_id: str
    issues: tuple[ItemIssue, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestReply:
    """results: in the order of the request; revision: a state that contains them."""

    results: tuple[IngestResult, ...]
    revision: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of n items that were read together. outcome: uint8[n], ACCEPTED even for those that belong to nobody; row: int64[n], of
    the observation that is known under the item's name, -1 for none."""

    outcome: np.ndarray
    row: np.ndarray

    def told(self, engine: Engine, *, named: bool) -> Told:
        """What there is to tell of them by the present state. named: whether to tell profiles."""
        outcome, slot = self.outcome.copy(), np.full(self.outcome.size, -1, np.int32)
        known = np.flatnonzero(self.row >= 0)
        if known.size:
            slot[known] = engine.assigned(self.row[known])
        outcome[(outcome == Outcome.ACCEPTED) & (self.row >= 0) & (slot < 0)] = Outcome.UNLINKED
        owned = (slot >= 0) & named
        return Told(outcome, owned, engine.state.profiles.id.array[slot[owned]])


@dataclass(frozen=True, slots=True)
class Told:
    """A copy of what the state says of n items. outcome: uint8[n], with UNLINKED; named: bool[n], those that belong to a profile that is
    told; id: uint64[p, 2], of those profiles."""

    outcome: np.ndarray
    named: np.ndarray
    id: np.ndarray


@dataclass(frozen=True, slots=True)
class IngestRequest:
    """One call. validate_only: tell what would become of them and change nothing; backfill: they are history, loaded late."""

    reports: Sequence[Report] | WireReports
    validate_only: bool = False
    backfill: bool = False

    def __post_init__(self) -> None:
        if not len(self.reports):
            raise RequestError.of("observations", f"none was given; give 1 to {MAX_OBSERVATIONS:,}")
        if len(self.reports) > MAX_OBSERVATIONS:
            raise TooLargeError.of("observations", f"at most {MAX_OBSERVATIONS:,} go into one request; {len(self.reports):,} came")

    @property
    def weight(self) -> int:
        return len(self.reports)

    def joins(self, other: IngestRequest) -> bool:
        """Whether both may become one entry."""
        return not self.validate_only and not other.validate_only and self.backfill == other.backfill

    def steps(self, committer: Committer) -> Steps[IngestReply]:
        jobs = preparation(committer.store, [self], committer.stamp().at)
        return (yield from ingest_together(committer, [self], jobs))[0]


def preparation(store: Store, requests: Sequence[IngestRequest], at: int) -> list[Callable[[], Prepared]]:
    """Jobs that read the observations of several calls, in parts that become entries; at: seconds UTC."""
    reports, today = _together(requests), calendar_day(at)
    return [partial(_read_part, store, reports, start, today) for start in range(0, len(reports), MAX_ENTRY)]


def _read_part(store: Store, reports: list[Report] | WireReports, start: int, today: int) -> Prepared:
    part = reports.part(start, MAX_ENTRY) if isinstance(reports, WireReports) else reports[start : start + MAX_ENTRY]
    return prepare(store.engine.policy, store.lists, part, today=today)


def _together(requests: Sequence[IngestRequest]) -> list[Report] | WireReports:
    """The observations of several calls, as they were sent where all are so."""
    sent = [request.reports for request in requests if isinstance(request.reports, WireReports)]
    if len(sent) == len(requests):
        return WireReports(b"".join(one.data for one in sent), sum(map(len, sent)), sent[0].read)
    return [
        report
        for request in requests
        for report in (request.reports.all() if isinstance(request.reports, WireReports) else request.reports)
    ]


def ingest_together(
    committer: Committer, requests: Sequence[IngestRequest], jobs: Sequence[Callable[[], Prepared]]
) -> Steps[list[IngestReply]]:
    """Take in the observations of several calls, which join, as one. jobs: as `preparation` makes them."""
    store, first = committer.store, requests[0]
    parts: list[tuple[Prepared, Taken]] = []
    for job in jobs:
        prepared: Prepared = yield job
        parts.append((prepared, (yield from take_in(committer, prepared, validate_only=first.validate_only, backfill=first.backfill))))
    revision = store.revision()
    told = [(prepared, taken.told(store.engine, named=not first.validate_only)) for prepared, taken in parts]
    results: list[IngestResult] = yield partial(_results, told)
    if not first.validate_only:
        _tell(store, _together(requests), results)
    start, replies = 0, []
    for request in requests:
        replies.append(IngestReply(tuple(results[start : start + len(request.reports)]), revision))
        start += len(request.reports)
    return replies


def take_in(committer: Committer, prepared: Prepared, *, validate_only: bool = False, backfill: bool = False) -> Steps[Taken]:
    """Take in what is read already, as one entry; `idweave import` brings chunks of files this way."""
    engine = committer.store.engine
    stamp = committer.stamp() if validate_only else (yield from committer.begin())
    seed = committer.entropy(SEED_BYTES)
    admission = engine.admit(prepared, at=stamp.at, milliseconds=stamp.milliseconds, seed=seed, backfill=backfill)
    outcome = np.full(prepared.refusal.size, Outcome.REJECTED, np.uint8)
    outcome[prepared.place] = admission.outcome
    row = np.full(outcome.size, -1, np.int64)
    if not validate_only:
        if admission.entry is not None:
            committed = yield from committer.commit(admission.entry, stamp.at)
            row[prepared.place[admission.taken]] = committed.applied.rows
        again = np.flatnonzero(admission.outcome == Outcome.DUPLICATE)
        row[prepared.place[again]] = admission.known[again]
        for at in again[admission.known[again] < 0].tolist():  # of one that came in the same batch
            columns = prepared.columns
            row[prepared.place[at]] = engine.rows_of_observation(columns.sources[columns.source[at]], columns.id[at].as_py())
    return Taken(outcome, row)


def calendar_day(at: int) -> int:
    """yyyymmdd of a time, seconds UTC."""
    day = date(1970, 1, 1) + timedelta(days=at // DAY)
    return day.year * 10_000 + day.month * 100 + day.day


def _results(told: Sequence[tuple[Prepared, Told]]) -> list[IngestResult]:
    return [result for prepared, found in told for result in _results_of(prepared, found)]


def _results_of(prepared: Prepared, told: Told) -> list[IngestResult]:
    issues: dict[int, list[ItemIssue]] = {}
    said = prepared.issues
    for row, field, reason, value, message in zip(said.row, said.field, said.reason, said.value, said.message, strict=True):
        issues.setdefault(int(row), []).append(ItemIssue(field, Refusal(int(reason)), value, message))
    outcomes, profiles = told.outcome.tolist(), _profile_ids(told.named, told.id)
    results = list(map(IngestResult, prepared.ids.to_pylist(), [_OUTCOMES[what] for what in outcomes], profiles))
    for item, found in issues.items():
        results[item] = results[item]._replace(issues=tuple(found))
    return results


def _profile_ids(named: np.ndarray, id_: np.ndarray) -> list[str]:
    """The text of each id, "" where none is named."""
    found = [""] * named.size
    for at, text in zip(np.flatnonzero(named).tolist(), uuid_texts(id_).to_pylist(), strict=True):
        found[at] = text
    return found


def _tell(store: Store, reports: list[Report] | WireReports, results: Sequence[IngestResult]) -> None:
    """Count the outcomes, and keep what was refused."""
    outcome = np.array([result.outcome for result in results], np.uint8)
    store.tally.count(outcome)
    refused = np.flatnonzero((outcome == Outcome.CONFLICT) | (outcome == Outcome.REJECTED)).tolist()
    said = reports.some(refused) if isinstance(reports, WireReports) else [reports[at] for at in refused]
    store.tally.keep(_refused(store.engine.state_time, said, [results[at] for at in refused]))


def _refused(time: int, reports: Sequence[Report], results: Sequence[IngestResult]) -> Iterator[RefusedObservation]:
    for report, result in zip(reports, results, strict=True):
        if result.outcome is Outcome.CONFLICT:
            told = ItemIssue(
                "", Refusal.CONTENT_CONFLICT, result.observation_id, "the same id came before with other content, which counts"
            )
        else:
            told = next((i for i in result.issues if not i.field), result.issues[0] if result.issues else _UNTOLD)
        name = (report.source, result.observation_id, result.outcome)
        yield RefusedObservation(time, *name, told.field, told.reason, told.value, told.message)


_UNTOLD = ItemIssue("", Refusal.ROW_MALFORMED, "", "")
