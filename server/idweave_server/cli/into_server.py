"""Files into a running server: read here by the server's own policy, sent in batches, one being made while another is on its way.

In the order of `batch.into_store`: what was erased, then the observations file by file, then the verdicts. Sent again, what the server has
is DUPLICATE, so an interrupted import is done again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby

import numpy as np
from idweave import (
    AssertionStanding,
    Client,
    ConflictError,
    Identifier,
    IngestBatchResponse,
    IngestResult,
    InvalidRequestError,
    NotServingError,
    Observation,
    RefusalReason,
    word,
)
from idweave import Outcome as OutcomeWord
from idweave.v1.verdict_pb2 import Assertion

from idweave_server.batch.files import SourceFile
from idweave_server.batch.imported import IMPORT, Imported
from idweave_server.batch.mapping_check import check_mapping, check_policy
from idweave_server.batch.mapping_model import Mapping
from idweave_server.batch.run import Stages, read_units
from idweave_server.batch.statements import Statement, read_statements
from idweave_server.cli.observation_messages import FileMessages
from idweave_server.identifiers.lists import default_lists
from idweave_server.intake.unit import Unit
from idweave_server.model import DAY, Outcome, Refusal
from idweave_server.resolution.policy import Policy, load_policy

BATCH = 1_000  # observations in one request
START_SECONDS = 60.0  # that a server may take to be ready
MOST_IDENTIFIERS = 1_000  # in one erasure
OUTCOMES = {number: Outcome[word(OutcomeWord, number)] for number in OutcomeWord.values() if number}


def import_into(
    client: Client,
    files: Sequence[tuple[SourceFile, Mapping]],
    *,
    backfill: bool,
    stages: Stages,
    imported: Imported,
    told: Callable[[Sequence[Observation], Sequence[IngestResult]], None] = lambda sent, results: None,
) -> None:
    """Send what the files say. imported: grows as it goes; told: hears of every batch of observations and what became of them.

    Raises InputError and MappingError before anything is sent.
    """
    policy, lists, issues = _policy(client), default_lists(), imported.issues
    check_policy(policy, lists)
    for _, mapping in files:
        check_mapping(mapping, policy, lists)
    with stages.stage("read"):
        units = read_units(files, issues, stages)
    imported.rows = sum(unit.rows for unit in units)
    statements = read_statements(units, policy, lists, issues)
    total, done = sum(unit.observations.row.size for unit in units), 0  # observation rows
    today = int(datetime.now(UTC).strftime("%Y%m%d"))
    with stages.stage(IMPORT), ThreadPoolExecutor(1) as pool:
        _erase(client, [one for one in statements if one.verdict is None], imported)
        while units:
            unit = units.pop(0)
            file = FileMessages(unit, policy, lists, issues, today=today, first=done)
            outcome, sent = np.full(file.refusal.size, Outcome.REJECTED, np.uint8), 0
            for rows, batch, reply in _answered(client, pool, file, backfill):
                told(batch, reply.results)
                _note(reply, rows, unit, outcome, imported, done)
                sent += len(rows)
                stages.watch(IMPORT, done + sent, total)
            imported.count(outcome)
            done += file.refusal.size
            stages.watch(IMPORT, done, total)
        for one in statements:
            if one.verdict is not None:
                _assert(client, one, imported)


def _policy(client: Client) -> Policy:
    """Of the server, which may just have been started."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return load_policy(client.get_policy().policy)
        except NotServingError as error:
            if time.monotonic() > deadline:
                raise
            time.sleep(error.retry_after or 0.5)


def _answered(
    client: Client, pool: Executor, file: FileMessages, backfill: bool
) -> Iterator[tuple[list[int], list[Observation], IngestBatchResponse]]:
    """The batches of a file with their answers. One is made while another is on its way; the pool has one thread, so they stay in order."""
    before: tuple[list[int], list[Observation], Future[IngestBatchResponse]] | None = None
    for rows, batch in _batches(file):
        sending = rows, batch, pool.submit(client.ingest_batch, batch, backfill=backfill)
        if before is not None:
            yield before[0], before[1], before[2].result()
        before = sending
    if before is not None:
        yield before[0], before[1], before[2].result()


def _batches(file: FileMessages) -> Iterator[tuple[list[int], list[Observation]]]:
    """Rows that contradict one that counts come last, as of batch.into_store."""
    for rows in (np.flatnonzero((file.refusal == 0) & (file.contradicts == last)) for last in (False, True)):
        for begin in range(0, rows.size, BATCH):
            some = rows[begin : begin + BATCH].tolist()
            yield some, file.messages(some)


def _note(reply: IngestBatchResponse, rows: Sequence[int], unit: Unit, outcome: np.ndarray, imported: Imported, first: int) -> None:
    """What became of a batch. Values set aside are noted already, as the file has them; rows refused as a whole are not."""
    for row, result in zip(rows, reply.results, strict=True):
        outcome[row] = OUTCOMES[result.outcome]
        if outcome[row] in (Outcome.REJECTED, Outcome.CONFLICT):
            told = next((one for one in result.issues if not one.field), None) or next(iter(result.issues), None)
            reason = Refusal[word(RefusalReason, told.reason)] if told else Refusal.CONTENT_CONFLICT
            message = told.message if told else "the same id came before with other content, which counts"
            place = int(unit.observations.row[row])
            imported.issues.add_one((unit.number, unit.name), place, first + row, "", reason, result.observation_id, message)


def _erase(client: Client, statements: Sequence[Statement], imported: Imported) -> None:
    latest = int(time.time()) + DAY - 60  # as of batch.into_store, with room for a clock that differs
    asked = sorted((replace(one, time=min(one.time, latest)) for one in statements), key=lambda one: one.time)
    for until, group in groupby(asked, key=lambda one: one.time):
        together = list(group)
        named = list(dict.fromkeys(name for one in together for name in one.identifiers))
        forgotten = 0
        for begin in range(0, len(named), MOST_IDENTIFIERS):
            messages = [_message(name) for name in named[begin : begin + MOST_IDENTIFIERS]]
            forgotten += client.erase(*messages, observed_until=datetime.fromtimestamp(until, UTC)).observations
        imported.obeyed(together, forgotten)


def _assert(client: Client, one: Statement, imported: Imported) -> None:
    assert one.verdict is not None
    said = Assertion(verdict=f"VERDICT_{one.verdict.name}", source=one.source, left=_message(one.identifiers[0]))
    said.time.seconds = one.time
    if len(one.identifiers) > 1:
        said.right.CopyFrom(_message(one.identifiers[1]))
    try:
        imported.stands(word(AssertionStanding, client.assert_verdict(said, assertion_id=one.id).standing).lower())
    except ConflictError as error:
        imported.refuse(one, Refusal.CONTENT_CONFLICT, error.message)
    except InvalidRequestError as error:
        imported.refuse(one, Refusal.ASSERTION_SYNTAX, error.message)


def _message(name: tuple[str, str, str]) -> Identifier:
    namespace, issuer, value = name
    return Identifier(namespace=namespace, issuer=issuer, value=value)
