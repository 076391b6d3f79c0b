"""Changes into protobuf messages, and what a watch is asked into the operations' own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import repeat
from typing import Any

from idweave.v1 import change_pb2
from idweave.v1.identifier_pb2 import Identifier

from idweave_server.engine.profile_store import uuid_list
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
    _add_all(response.changes, told, ("kind", "cause", "effective_at", "backfill"), _of_profile)
    return response


def membership_response(told: Told, name: Callable[[int], str]) -> change_pb2.WatchMembershipResponse:
    """name: of the segment with a number."""
    response = change_pb2.WatchMembershipResponse(more=told.more, resume_token=told.token, revision=told.revision)
    response.state_time.seconds = told.at
    said = ("kind", "cause", "effective_at", "backfill", "segment", "version", "until")
    _add_all(response.changes, told, said, partial(_of_membership, name))
    return response


def _add_all(changes: Any, told: Told, said: tuple[str, ...], made: Callable[..., Any]) -> None:
    """Changes that say the same of different profiles, as those of one second do, are copies of one message, which is several times quicker
    than to fill each. said: the columns that a copy has; made: a message of their values."""
    rows, revision, add = told.rows, told.revision, changes.add
    others = rows["other"]
    named = uuid_list(others) if others.any() else repeat(_NOBODY)
    copied: dict[tuple[int, ...], Any] = {}
    columns = zip(*(rows[name].tolist() for name in said), strict=True)
    for place, profile_id, other, values in zip(told.place.tolist(), uuid_list(rows["profile"]), named, columns, strict=False):
        change, original = add(), copied.get(values)
        if original is None:
            original = copied[values] = made(*values)
        change.CopyFrom(original)
        change.change_id, change.profile_id = f"{revision}.{place}", profile_id
        if other != _NOBODY:
            change.other_profile_id = other


def _of_profile(kind: int, cause: int, effective_at: int, backfill: int) -> change_pb2.ProfileChange:
    change = change_pb2.ProfileChange(backfilled=bool(backfill))
    change.kind, change.cause = kind, cause  # type: ignore[assignment]  # numbered as in the model
    change.effective_at.seconds = effective_at
    return change


def _of_membership(
    name: Callable[[int], str], kind: int, cause: int, effective_at: int, backfill: int, segment: int, version: int, until: int
) -> change_pb2.MembershipChange:
    change = change_pb2.MembershipChange(segment=name(segment), definition_version=version, backfilled=bool(backfill))
    change.kind, change.cause = kind - _BEFORE, cause  # type: ignore[assignment]
    change.effective_at.seconds = effective_at
    if kind == _ENTERED and until != FOREVER:
        change.valid_until.seconds = until
    return change


_PROFILE = frozenset(int(kind) for kind in ChangeKind if kind < ChangeKind.SEGMENT_ENTERED)
_ENTERED = int(ChangeKind.SEGMENT_ENTERED)
_BEFORE = _ENTERED - change_pb2.MEMBERSHIP_CHANGE_KIND_ENTERED  # the kinds of profiles come first in the model
_NOBODY = "00000000-0000-0000-0000-000000000000"


def _subjects(profile_ids: Iterable[str], identifiers: Iterable[Identifier]) -> tuple[tuple[str, Subject], ...]:
    ids = [(f"profile_ids[{place}]", Subject(profile_id)) for place, profile_id in enumerate(profile_ids)]
    return (*ids, *((f"identifiers[{place}]", Subject(identifier=named(one))) for place, one in enumerate(identifiers)))


def _heartbeat(request: change_pb2.WatchProfilesRequest | change_pb2.WatchMembershipRequest) -> float:
    """Seconds."""
    return request.heartbeat.seconds + request.heartbeat.nanos / 1e9 if request.HasField("heartbeat") else HEARTBEAT
