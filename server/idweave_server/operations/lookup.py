"""Whom identifiers belong to: each one's own outcome, and what those seen together say between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from idweave_server.engine.standings import usual_standing, usual_standings
from idweave_server.errors import RequestError, TooLargeError
from idweave_server.model import MAX_IDENTIFIERS, MAX_TIME, MIN_TIME, Issue, Refusal, shorten
from idweave_server.operations.identifier_reader import IdentifierReader, Named, ReadIdentifier

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine

MAX_QUERIES = 10_000
Usual = tuple[int, int, int]  # see engine.standings
SLICE = 500  # identifiers answered at a stretch: a few milliseconds


class LookupOutcome(IntEnum):
    """Numbered as in lookup.proto."""

    FOUND = 1
    UNKNOWN = 2
    SHARED = 3
    CONTEXT = 4
    INVALID = 5
    AMBIGUOUS = 7
    STALE = 8


# Where nobody's profile is found, the most telling outcome of several identifiers speaks for all.
TELLING = (LookupOutcome.SHARED, LookupOutcome.STALE, LookupOutcome.UNKNOWN, LookupOutcome.CONTEXT, LookupOutcome.INVALID)
_FOUND, _UNKNOWN, _SHARED, _CONTEXT, _INVALID, _AMBIGUOUS, _STALE = LookupOutcome  # members cost a microsecond each to look up
_TELLING_RANK = {outcome: rank for rank, outcome in enumerate(TELLING)}


class Query(NamedTuple):
    """Identifiers seen together; as_of: the second whose epochs are meant, None for now."""

    identifiers: Sequence[Named]
    as_of: int | None = None

    def __repr__(self) -> str:
        return f"Query({len(self.identifiers)})"  # no personal data in a log


@dataclass(slots=True, repr=False)
class Match:
    """What was found for one identifier. profile_id: "" unless FOUND; shared: model.Shared; people: at least so many, of a SHARED one;
    issue: of an INVALID one."""

    identifier: ReadIdentifier
    outcome: LookupOutcome
    flags: int
    profile_id: str = ""
    shared: int = 0
    people: int = 0
    issue: Issue | None = None


@dataclass(slots=True, repr=False)
class LookupAnswer:
    """valid_until: the second until which time alone changes nothing, None for ever; slot: of the profile, -1 unless FOUND."""

    outcome: LookupOutcome
    profile_id: str
    valid_until: int | None
    matches: list[Match]
    slot: int = -1


def look_up(engine: Engine, reader: IdentifierReader, query: Query) -> LookupAnswer:
    """Raises RequestError and TooLargeError for a query that is none."""
    if len(query.identifiers) == 1 and query.as_of is None:  # nearly all that are asked
        found = reader.read(*query.identifiers[0])
        code = -1 if found.refusal else engine.find_one(found.high, found.low)
        if code >= 0:
            return _answer_one(engine, found, code, usual_standing(engine.state, code), None)
    check_query(query)
    read = [reader.read(*named) for named in query.identifiers]
    codes = [-1 if found.refusal else engine.find_one(found.high, found.low) for found in read]
    usual = [usual_standing(engine.state, code) if code >= 0 else None for code in codes]
    return _answer(engine, read, codes, usual, query.as_of)


def look_up_all(engine: Engine, reader: IdentifierReader, queries: Sequence[Query]) -> Iterator[list[LookupAnswer]]:
    """The answers in order, in slices between which other work may run; a bad query makes its own answer INVALID and no other's.

    Each slice is from one state; a write between two slices shows in the later one. Raises RequestError, TooLargeError.
    """
    check_queries(queries)
    start = 0
    while start < len(queries):
        end, identifiers = start, 0
        while end < len(queries) and identifiers < SLICE:
            identifiers += len(queries[end].identifiers)
            end += 1
        yield _look_up_slice(engine, reader, queries[start:end])
        start = end


def _look_up_slice(engine: Engine, reader: IdentifierReader, queries: Sequence[Query]) -> list[LookupAnswer]:
    read = reader.read_all([named for query in queries for named in query.identifiers])
    found = engine.find(np.array([(one.high, one.low) for one in read], np.uint64).reshape(-1, 2))
    known = np.where(np.array([one.refusal for one in read], bool), np.int32(-1), found)
    codes, usual = known.tolist(), usual_standings(engine.state, known)
    answers, start = [], 0
    for query in queries:
        end = start + len(query.identifiers)
        problem = query_problem(query)
        if problem is None:
            answers.append(_answer(engine, read[start:end], codes[start:end], usual[start:end], query.as_of))
        else:
            answers.append(_refused(query, problem))
        start = end
    return answers


def check_queries(queries: Sequence[Query]) -> None:
    """Raises RequestError, TooLargeError."""
    if not queries:
        raise RequestError.of("queries", f"at least one is needed, at most {MAX_QUERIES:,}")
    if len(queries) > MAX_QUERIES:
        raise TooLargeError.of("queries", f"{len(queries):,} are more than {MAX_QUERIES:,}; send them in parts")


def check_query(query: Query) -> None:
    """Raises RequestError, TooLargeError."""
    problem = query_problem(query)
    if problem is not None:
        too_many = problem.reason == Refusal.TOO_MANY_IDENTIFIERS
        raise (TooLargeError if too_many else RequestError).of(problem.field, problem.message)


def query_problem(query: Query) -> Issue | None:
    """What is wrong with one query as a whole."""
    count = len(query.identifiers)
    if count > MAX_IDENTIFIERS:
        said = f"{count} are too many; at most {MAX_IDENTIFIERS} seen together can be looked up at once"
        return Issue("", 0, "identifiers", Refusal.TOO_MANY_IDENTIFIERS, "", said)
    if not count:
        said = f"at least one is needed, at most {MAX_IDENTIFIERS}"
        return Issue("", 0, "identifiers", Refusal.ASSERTION_SYNTAX, "", said)
    if query.as_of is not None and not MIN_TIME <= query.as_of < MAX_TIME:
        return Issue("", 0, "as_of", Refusal.TIME_RANGE, str(query.as_of), "not from 1900-01-01 up to and without 2100-01-01")
    return None


def _answer(
    engine: Engine, read: Sequence[ReadIdentifier], codes: Sequence[int], usual: Sequence[Usual | None], as_of: int | None
) -> LookupAnswer:
    if len(read) == 1 and codes[0] >= 0:
        return _answer_one(engine, read[0], codes[0], usual[0], as_of)
    matches: list[Match] = []
    valid_until: int | None = None
    owner = -1
    agree = True
    for place, found in enumerate(read):
        code = codes[place]
        if code < 0:
            matches.append(_unknown(found, place))
            continue
        match, slot = _known(engine, found, code, usual[place], as_of)
        matches.append(match)
        until = engine.valid_until(code)
        if until is not None and (valid_until is None or until < valid_until):
            valid_until = until
        if slot >= 0:
            agree &= owner in (-1, slot)
            owner = slot
    if owner < 0:
        outcome = matches[0].outcome if len(matches) == 1 else min((m.outcome for m in matches), key=_TELLING_RANK.__getitem__)
        return LookupAnswer(outcome, "", valid_until, matches)
    if not agree:
        return LookupAnswer(_AMBIGUOUS, "", valid_until, matches)
    profile_id = next(match.profile_id for match in matches if match.profile_id)
    return LookupAnswer(_FOUND, profile_id, valid_until, matches, owner)


def _answer_one(engine: Engine, found: ReadIdentifier, code: int, usual: Usual | None, as_of: int | None) -> LookupAnswer:
    match, slot = _known(engine, found, code, usual, as_of)
    return LookupAnswer(match.outcome, match.profile_id, engine.valid_until(code), [match], slot)


def _unknown(found: ReadIdentifier, place: int) -> Match:
    if found.refusal:
        return Match(found, _INVALID, 0, issue=issue_of(found, f"identifiers[{place}]"))
    return Match(found, _CONTEXT if found.context else _UNKNOWN, found.flags)


def _known(engine: Engine, found: ReadIdentifier, code: int, usual: Usual | None, as_of: int | None) -> tuple[Match, int]:
    """The match, and the slot of its profile, -1 where it is nobody's."""
    if usual is not None:
        flags, shared, slot = usual
        if not shared and slot >= 0:
            return Match(found, _FOUND, flags | found.flags, engine.profile_id(slot)), slot
    standing = engine.standing(code, as_of)
    flags = found.flags | engine.identifier(code).flags  # a spelling may hide what another shows: that a number is a switchboard's
    if standing.context:
        return Match(found, _CONTEXT, flags), -1
    if not standing.alive:
        return Match(found, _STALE if engine.is_observed(code) else _UNKNOWN, flags), -1  # a verdict may name what was never seen
    if standing.shared:
        return Match(found, _SHARED, flags, "", standing.shared, standing.people), -1
    return Match(found, _FOUND, flags, engine.profile_id(standing.slot)), standing.slot


def issue_of(found: ReadIdentifier, field: str) -> Issue:
    """Why an identifier of a request cannot be used."""
    shown = {"namespace": found.namespace, "issuer": found.issuer}.get(found.field, found.value)
    return Issue("", 0, f"{field}.{found.field}", found.refusal, shorten(shown), found.message)


def _refused(query: Query, problem: Issue) -> LookupAnswer:
    """A query of a batch that is none; each of its identifiers says why."""
    matches = [Match(ReadIdentifier(*named), LookupOutcome.INVALID, 0, issue=problem) for named in query.identifiers]
    return LookupAnswer(LookupOutcome.INVALID, "", None, matches)
