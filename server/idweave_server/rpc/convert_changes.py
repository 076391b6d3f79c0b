"""Changes into protobuf messages, and what a watch is asked into the operations' own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from idweave.v1 import change_pb2
from idweave.v1.identifier_pb2 import Identifier

from idweave_server.errors import RequestError
from idweave_server.model import ChangeKind
from idweave_server.operations.get_profile import Subject
from idweave_server.operations.watch import HEARTBEAT, Told, WatchQuestion
from idweave_server.rpc.convert_questions import named
from idweave_server.segments.subjects import FOREVER


def watch_profiles_question_of(request: change_pb2.WatchProfilesRequest) -> WatchQuestion:
    """Raises RequestError."""
    strange = tuple((f"kinds[{place}]", f"{kind} is no kind of change") for place, kind in enumerate(request.kinds) if kind not in _PROFILE)
    if strange:
        raise RequestError(strange)
    return WatchQuestion(
        token=request.resume_token,
        subjects=_subjects(request.profile_ids, request.identifiers),
        kinds=frozenset(ChangeKind(kind) for kind in request.kinds),
        backfill=request.include_backfill,
        heartbeat=_heartbeat(request),
    )


def watch_membership_question_of(request: change_pb2.WatchMembershipRequest) -> WatchQuestion:
    return WatchQuestion(
        token=request.resume_token,
        subjects=_subjects(request.profile_ids, request.identifiers),
        segments=tuple(request.segments),
        backfill=request.include_backfill,
        heartbeat=_heartbeat(request),
    )


def profiles_response(told: Told) -> change_pb2.WatchProfilesResponse:
    response = change_pb2.WatchProfilesResponse(more=told.more, resume_token=told.token, revision=told.revision)
    response.state_time.seconds = told.at
    add = response.changes.add
    columns = (told.rows[name].tolist() for name in ("kind", "cause", "effective_at", "backfill"))
    for change_id, profile_id, other, kind, cause, effective_at, backfill in zip(*_ids(told), *columns, strict=True):
        change = add()
        change.change_id, change.profile_id, change.kind, change.cause = change_id, profile_id, kind, cause  # numbered as in the model
        change.effective_at.seconds = effective_at
        if other:
            change.other_profile_id = other
        if backfill:
            change.backfilled = True
    return response


def membership_response(told: Told, name: Callable[[int], str]) -> change_pb2.WatchMembershipResponse:
    """name: of the segment with a number."""
    response = change_pb2.WatchMembershipResponse(more=told.more, resume_token=told.token, revision=told.revision)
    response.state_time.seconds = told.at
    add = response.changes.add
    names = {number: name(number) for number in set(told.rows["segment"].tolist())}
    columns = (told.rows[name].tolist() for name in ("kind", "cause", "effective_at", "backfill", "segment", "version", "until"))
    for change_id, profile_id, other, kind, cause, effective_at, backfill, segment, version, until in zip(
        *_ids(told), *columns, strict=True
    ):
        change = add()
        change.change_id, change.profile_id, change.segment, change.definition_version = change_id, profile_id, names[segment], version
        change.kind, change.cause = kind - _BEFORE, cause
        change.effective_at.seconds = effective_at
        if kind == _ENTERED and until != FOREVER:
            change.valid_until.seconds = until
        if other:
            change.other_profile_id = other
        if backfill:
            change.backfilled = True
    return response


_PROFILE = frozenset(int(kind) for kind in ChangeKind if kind < ChangeKind.SEGMENT_ENTERED)
_ENTERED = int(ChangeKind.SEGMENT_ENTERED)
_BEFORE = _ENTERED - change_pb2.MEMBERSHIP_CHANGE_KIND_ENTERED  # the kinds of profiles come first in the model
_NOBODY = "0" * 32


def _ids(told: Told) -> tuple[list[str], list[str], list[str]]:
    """Of each change its own id, the profile's, and the other profile's, "" where there is none."""
    revision = told.revision
    others = told.rows["other"]
    named = _uuid_texts(others) if others.any() else [""] * len(others)
    return [f"{revision}.{place}" for place in told.place.tolist()], _uuid_texts(told.rows["profile"]), named


def _uuid_texts(words: Any) -> list[str]:
    """Of uint64[n, 2]; "" for zero."""
    digits = words.astype(">u8").tobytes().hex()
    ids = (digits[at : at + 32] for at in range(0, len(digits), 32))
    return ["" if one == _NOBODY else f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}" for one in ids]


def _subjects(profile_ids: Iterable[str], identifiers: Iterable[Identifier]) -> tuple[tuple[str, Subject], ...]:
    ids = [(f"profile_ids[{place}]", Subject(profile_id)) for place, profile_id in enumerate(profile_ids)]
    return (*ids, *((f"identifiers[{place}]", Subject(identifier=named(one))) for place, one in enumerate(identifiers)))


def _heartbeat(request: change_pb2.WatchProfilesRequest | change_pb2.WatchMembershipRequest) -> float:
    """Seconds."""
    return request.heartbeat.seconds + request.heartbeat.nanos / 1e9 if request.HasField("heartbeat") else HEARTBEAT
