"""Changes as messages: each says all of its own, however many say the same of others."""

from __future__ import annotations

import uuid

import numpy as np
from idweave.v1 import change_pb2
from idweave_server.engine.changes import CHANGE
from idweave_server.model import ChangeCause, ChangeKind
from idweave_server.operations.watch import Told
from idweave_server.rpc.convert_changes import membership_response, profiles_response
from idweave_server.segments.subjects import FOREVER

NAMES = ("recent", "lapsed", "vip")


def drawn(kinds: list[ChangeKind]) -> Told:
    """Few values of everything but who it is, so that some changes are alike in any of them alone."""
    rng = np.random.default_rng(5)
    rows = np.zeros(400, CHANGE)
    rows["profile"] = rng.integers(1, 2**63, (rows.size, 2))
    rows["other"] = rng.integers(1, 2**63, (rows.size, 2)) * (rng.random(rows.size) < 0.3)[:, None]
    for name, values in {
        "kind": kinds,
        "cause": [ChangeCause.EVENT, ChangeCause.CLOCK],
        "effective_at": [5, 6],
        "until": [7, FOREVER],
        "segment": [0, 1, 2],
        "version": [1, 2],
        "backfill": [0, 1],
    }.items():
        rows[name] = rng.choice(np.array(values, np.int64), rows.size)
    return Told(rows, np.arange(400) + 30, True, "token", "revision", 9)


def id_of(words: np.ndarray) -> str:
    high, low = words.tolist()
    return str(uuid.UUID(int=high << 64 | low)) if high or low else ""


def test_every_change_of_a_membership_says_what_its_row_says() -> None:
    told = drawn([ChangeKind.SEGMENT_ENTERED, ChangeKind.SEGMENT_LEFT])
    response = membership_response(told, NAMES.__getitem__)
    kinds = change_pb2.MembershipChangeKind
    for place, (row, change) in enumerate(zip(told.rows, response.changes, strict=True)):
        entered = row["kind"] == ChangeKind.SEGMENT_ENTERED
        wanted = change_pb2.MembershipChange(
            change_id=f"revision.{place + 30}",
            profile_id=id_of(row["profile"]),
            segment=NAMES[row["segment"]],
            definition_version=row["version"],
            kind=kinds.MEMBERSHIP_CHANGE_KIND_ENTERED if entered else kinds.MEMBERSHIP_CHANGE_KIND_LEFT,
            cause=row["cause"],
            other_profile_id=id_of(row["other"]),
            backfilled=row["backfill"],
        )
        wanted.effective_at.seconds = row["effective_at"]
        if entered and row["until"] != FOREVER:
            wanted.valid_until.seconds = row["until"]
        assert change == wanted
    assert (response.more, response.resume_token, response.revision, response.state_time.seconds) == (True, "token", "revision", 9)


def test_every_change_of_a_profile_says_what_its_row_says() -> None:
    told = drawn([ChangeKind.PROFILE_CREATED, ChangeKind.PROFILE_MERGED])
    for place, (row, change) in enumerate(zip(told.rows, profiles_response(told).changes, strict=True)):
        wanted = change_pb2.ProfileChange(
            change_id=f"revision.{place + 30}",
            profile_id=id_of(row["profile"]),
            kind=row["kind"],
            cause=row["cause"],
            other_profile_id=id_of(row["other"]),
            backfilled=row["backfill"],
        )
        wanted.effective_at.seconds = row["effective_at"]
        assert change == wanted


def test_nothing_is_told_of_no_rows() -> None:
    nothing = Told(np.zeros(0, CHANGE), np.zeros(0, np.int64), False, "token", "token", 9)
    assert not profiles_response(nothing).changes
    assert not membership_response(nothing, NAMES.__getitem__).changes
