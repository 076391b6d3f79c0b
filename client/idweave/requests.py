"""Requests from what is convenient to write; pure, and the same for both clients."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import uuid4

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from idweave.observations import Traits, as_identifier, observation, timestamp
from idweave.v1.change_pb2 import ProfileChangeKind, WatchMembershipRequest, WatchProfilesRequest
from idweave.v1.consistency_pb2 import Consistency
from idweave.v1.identifier_pb2 import Identifier
from idweave.v1.identity_service_pb2 import (
    AssertRequest,
    BatchLookupRequest,
    ExplainRequest,
    GetProfileRequest,
    GetTimelineRequest,
    IngestRequest,
    LookupQuery,
    LookupRequest,
    ObservationName,
    RetractRequest,
    SourceRange,
)
from idweave.v1.observation_pb2 import Event, Observation
from idweave.v1.privacy_service_pb2 import EraseRequest, IdentifierList
from idweave.v1.quality_service_pb2 import InferFormatsRequest, IssueKind, ListIssuesRequest, TextColumn
from idweave.v1.verdict_pb2 import Assertion, Verdict

# A request may have ten times as many observations and 4 MiB; smaller ones keep the server answering others meanwhile.
BATCH_OBSERVATIONS = 1_000
BATCH_BYTES = 3 * 1024 * 1024

Named = str | Identifier
Query = Named | Sequence[Named] | LookupQuery
Fresh = str | Consistency | None
Item = TypeVar("Item")


def consistency(fresh: Fresh) -> Consistency | None:
    """None: at once from what is applied; "full": all that was acknowledged; any other text: the revision that it must contain."""
    if isinstance(fresh, str):
        return Consistency(fully_consistent=True) if fresh == "full" else Consistency(at_least_as_fresh=fresh)
    return fresh


class Batch:
    """Observations that fit one request; one that is too large by itself is alone in it."""

    def __init__(self) -> None:
        self.observations: list[Observation] = []
        self._room = BATCH_BYTES

    def take(self, one: Observation) -> list[Observation]:
        """Add an observation, after the ones before it have been handed out where it does not fit beside them."""
        size = one.ByteSize() + 8  # with its tag and length
        full = len(self.observations) == BATCH_OBSERVATIONS or size > self._room
        done = self.hand_out() if full else []
        self.observations.append(one)
        self._room -= size
        return done

    def hand_out(self) -> list[Observation]:
        done, self.observations, self._room = self.observations, [], BATCH_BYTES
        return done


def batches(observations: Iterable[Observation]) -> Iterator[list[Observation]]:
    """The observations in order, in lists that fit one request each."""
    batch = Batch()
    for one in observations:
        if done := batch.take(one):
            yield done
    if done := batch.hand_out():
        yield done


async def async_batches(observations: Iterable[Observation] | AsyncIterable[Observation]) -> AsyncIterator[list[Observation]]:
    """As `batches`, of observations that may themselves have to be waited for."""
    if isinstance(observations, Iterable):
        for done in batches(observations):
            yield done
        return
    batch = Batch()
    async for one in observations:
        if done := batch.take(one):
            yield done
    if done := batch.hand_out():
        yield done


def ingest(
    stated: Observation | None,
    *,
    source: str,
    kind: str,
    identifiers: Iterable[Named],
    traits: Traits,
    events: Iterable[Event],
    time: datetime | None,
    observation_id: str | None,
    validate_only: bool,
    backfill: bool,
) -> IngestRequest:
    """An observation as it stands, or one made from the rest; both together are a TypeError."""
    said = (source, kind, identifiers, traits, events, time, observation_id)
    if stated is None:
        stated = observation(
            source=source, kind=kind, identifiers=identifiers, traits=traits, events=events, time=time, observation_id=observation_id
        )
    elif any(said):
        raise TypeError("give an observation, or source, kind, identifiers and so on, but not both")
    return IngestRequest(observation=stated, validate_only=validate_only, backfill=backfill)


def lookup(identifiers: Iterable[Named], as_of: datetime | None, purpose: str, fresh: Fresh, include_profile: bool) -> LookupRequest:
    return LookupRequest(
        identifiers=map(as_identifier, identifiers),
        as_of=_time(as_of),
        purpose=purpose,
        consistency=consistency(fresh),
        include_profile=include_profile,
    )


def batch_lookup(queries: Iterable[Query], purpose: str, fresh: Fresh) -> BatchLookupRequest:
    return BatchLookupRequest(queries=map(_query, queries), purpose=purpose, consistency=consistency(fresh))


def get_profile(subject: Named, fresh: Fresh) -> GetProfileRequest:
    profile_id, named = subject_of(subject)
    return GetProfileRequest(profile_id=profile_id, identifier=named, consistency=consistency(fresh))


def get_timeline(subject: Named, types: Iterable[str], page_size: int, page_token: str, fresh: Fresh) -> GetTimelineRequest:
    profile_id, named = subject_of(subject)
    return GetTimelineRequest(
        profile_id=profile_id,
        identifier=named,
        types=several(types, "types"),
        page_size=page_size,
        page_token=page_token,
        consistency=consistency(fresh),
    )


def explain(left: Named, right: Named, as_of: datetime | None, fresh: Fresh) -> ExplainRequest:
    return ExplainRequest(left=as_identifier(left), right=as_identifier(right), as_of=_time(as_of), consistency=consistency(fresh))


def assertion(verdict: Verdict, left: Named, right: Named | None, source: str, time: datetime | None) -> Assertion:
    other = None if right is None else as_identifier(right)
    return Assertion(verdict=verdict, left=as_identifier(left), right=other, source=source, time=_time(time))


def state(stated: Assertion, assertion_id: str | None, validate_only: bool) -> AssertRequest:
    """A verdict has its id before it is first sent, so that it can be sent again."""
    return AssertRequest(assertion=stated, assertion_id=assertion_id or str(uuid4()), validate_only=validate_only)


def withdraw(assertion_id: str, validate_only: bool) -> AssertRequest:
    if not assertion_id:
        raise ValueError("assertion_id is empty; give the id that the verdict was stated under")
    return AssertRequest(withdraw=assertion_id, validate_only=validate_only)


def retract(source: str, observation_id: str, validate_only: bool) -> RetractRequest:
    if not observation_id:
        raise ValueError("observation_id is empty; give one, or use retract_source to take back all that a source reported")
    return RetractRequest(observation=ObservationName(source=source, observation_id=observation_id), validate_only=validate_only)


def retract_source(source: str, from_: datetime | None, until: datetime | None, validate_only: bool) -> RetractRequest:
    stretch = SourceRange(source=source, until=_time(until))
    if from_ is not None:
        getattr(stretch, "from").CopyFrom(timestamp(from_))  # the field's name is a word of Python
    return RetractRequest(range=stretch, validate_only=validate_only)


def erase(identifiers: Sequence[Named], profile_id: str | None, observed_until: datetime | None, validate_only: bool) -> EraseRequest:
    if bool(identifiers) == bool(profile_id):
        raise ValueError("erase either identifiers or one profile_id")
    named = IdentifierList(identifiers=map(as_identifier, identifiers)) if identifiers else None
    return EraseRequest(identifiers=named, profile_id=profile_id or None, observed_until=_time(observed_until), validate_only=validate_only)


def watch_profiles(
    resume_token: str,
    profiles: Iterable[Named],
    kinds: Iterable[ProfileChangeKind | str],
    include_backfill: bool,
    heartbeat: float | None,
) -> WatchProfilesRequest:
    ids, identifiers = _subjects(profiles)
    return WatchProfilesRequest(
        resume_token=resume_token,
        profile_ids=ids,
        identifiers=identifiers,
        kinds=[_full_name(one, ProfileChangeKind, "PROFILE_CHANGE_KIND_", "change") for one in several(kinds, "kinds")],
        include_backfill=include_backfill,
        heartbeat=_duration(heartbeat),
    )


def watch_membership(
    segments: Iterable[str], resume_token: str, profiles: Iterable[Named], include_backfill: bool, heartbeat: float | None
) -> WatchMembershipRequest:
    ids, identifiers = _subjects(profiles)
    return WatchMembershipRequest(
        resume_token=resume_token,
        segments=segments,
        profile_ids=ids,
        identifiers=identifiers,
        include_backfill=include_backfill,
        heartbeat=_duration(heartbeat),
    )


def infer_formats(columns: Mapping[str, Iterable[str]] | Iterable[TextColumn], source: str) -> InferFormatsRequest:
    if isinstance(columns, Mapping):
        columns = [TextColumn(name=name, source=source, values=values) for name, values in columns.items()]
    return InferFormatsRequest(columns=columns)


def list_issues(kinds: Iterable[IssueKind | str], page_size: int, page_token: str, fresh: Fresh) -> ListIssuesRequest:
    return ListIssuesRequest(
        kinds=[_full_name(one, IssueKind, "ISSUE_KIND_", "issue") for one in several(kinds, "kinds")],
        page_size=page_size,
        page_token=page_token,
        consistency=consistency(fresh),
    )


def _full_name(kind: Any, kinds: Any, prefix: str, what: str) -> Any:
    """Messages take the full names of values too."""
    if not isinstance(kind, str):
        return kind
    words = [name.removeprefix(prefix) for name, number in kinds.items() if number]
    if kind.upper() not in words:
        raise ValueError(f"{kind!r} is no kind of {what}; there are {', '.join(words)}")
    return f"{prefix}{kind.upper()}"


def _query(query: Query) -> LookupQuery:
    if isinstance(query, LookupQuery):
        return query
    together = [query] if isinstance(query, str | Identifier) else query
    return LookupQuery(identifiers=map(as_identifier, together))


def subject_of(subject: Named) -> tuple[str | None, Identifier | None]:
    """A profile's id, or an identifier: its text has a colon, which no profile's id has."""
    if isinstance(subject, str) and ":" not in subject:
        if not subject:
            raise ValueError("the subject is empty; give a profile's id or an identifier")
        return subject, None
    return None, as_identifier(subject)


def several(given: Iterable[Item], name: str) -> Iterable[Item]:
    if isinstance(given, str):
        raise TypeError(f"{name} is one text; write a list of them")
    return given


def _subjects(profiles: Iterable[Named]) -> tuple[list[str], list[Identifier]]:
    """Ids, and identifiers."""
    found = [subject_of(one) for one in several(profiles, "profiles")]
    return [profile_id for profile_id, _ in found if profile_id is not None], [named for _, named in found if named is not None]


def _duration(seconds: float | None) -> Duration | None:
    if seconds is None:
        return None
    duration = Duration()
    duration.FromMilliseconds(round(seconds * 1_000))
    return duration


def _time(time: datetime | None) -> Timestamp | None:
    return None if time is None else timestamp(time)
