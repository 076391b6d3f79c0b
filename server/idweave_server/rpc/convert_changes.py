"""Changes into protobuf messages, and what a watch is asked into the operations' own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from google.protobuf.internal.containers import RepeatedCompositeFieldContainer
from idweave.v1 import change_pb2
from idweave.v1.identifier_pb2 import Identifier

from idweave_server.engine.profile_store import uuid_text
from idweave_server.errors import RequestError
from idweave_server.model import ChangeKind
from idweave_server.operations.get_profile import Subject
from idweave_server.operations.watch import HEARTBEAT, Told, WatchQuestion
from idweave_server.rpc.convert_questions import named
from idweave_server.segments.subjects import FOREVER

_NONE = [0, 0]  # no other profile


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
    _put_all(response.changes, told, _put_profile_change)
    return response


def membership_response(told: Told, name: Callable[[int], str]) -> change_pb2.WatchMembershipResponse:
    """name: of the segment with a number."""
    response = change_pb2.WatchMembershipResponse(more=told.more, resume_token=told.token, revision=told.revision)
    response.state_time.seconds = told.at

    def put(message: change_pb2.MembershipChange, row: dict[str, Any]) -> None:
        message.kind = row["kind"] - ChangeKind.SEGMENT_ENTERED + 1
        message.segment, message.definition_version = name(row["segment"]), row["version"]
        if row["kind"] == ChangeKind.SEGMENT_ENTERED and row["until"] != FOREVER:
            message.valid_until.seconds = row["until"]

    _put_all(response.changes, told, put)
    return response


_PROFILE = frozenset(int(kind) for kind in ChangeKind if kind < ChangeKind.SEGMENT_ENTERED)
_COLUMNS = ("effective_at", "until", "profile", "other", "segment", "version", "kind", "cause", "backfill")


def _put_profile_change(message: change_pb2.ProfileChange, row: dict[str, Any]) -> None:
    message.kind = row["kind"]  # numbered as in the model


def _put_all(messages: RepeatedCompositeFieldContainer[Any], told: Told, put: Callable[[Any, dict[str, Any]], None]) -> None:
    columns = [told.rows[name].tolist() for name in _COLUMNS]
    for place, *values in zip(told.place.tolist(), *columns, strict=True):
        row = dict(zip(_COLUMNS, values, strict=True))
        message = messages.add()
        message.change_id = f"{told.revision}.{place}"
        message.profile_id = uuid_text(*row["profile"])
        if row["other"] != _NONE:
            message.other_profile_id = uuid_text(*row["other"])
        message.effective_at.seconds, message.cause = row["effective_at"], row["cause"]
        if row["backfill"]:
            message.backfilled = True
        put(message, row)


def _subjects(profile_ids: Iterable[str], identifiers: Iterable[Identifier]) -> tuple[tuple[str, Subject], ...]:
    ids = [(f"profile_ids[{place}]", Subject(profile_id)) for place, profile_id in enumerate(profile_ids)]
    return (*ids, *((f"identifiers[{place}]", Subject(identifier=named(one))) for place, one in enumerate(identifiers)))


def _heartbeat(request: change_pb2.WatchProfilesRequest | change_pb2.WatchMembershipRequest) -> float:
    """Seconds."""
    return request.heartbeat.seconds + request.heartbeat.nanos / 1e9 if request.HasField("heartbeat") else HEARTBEAT
