"""Who is in a segment: a list made once, one row a profile or one row an address, with since when and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from idweave_server.engine.profile_store import uuid_text
from idweave_server.errors import RequestError
from idweave_server.operations.memberships import Memberships, Truth, definition_of
from idweave_server.operations.pages import FIRST_PAGE, Listing, PageRequest, Pages
from idweave_server.segments.subjects import FOREVER
from idweave_server.suggestion import nearest

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine
    from idweave_server.engine.identifier_store import Known

ID, SLOT, CODE = slice(0, 2), 2, 3  # columns of a list's rows, uint64


@dataclass(frozen=True, slots=True, repr=False)
class MembersQuestion:
    """namespace: "" for one row a profile."""

    segment: str
    namespace: str = ""
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True, slots=True, repr=False)
class Member:
    """identifier, observed: where they are listed by address; since, until: 0 and FOREVER where it has left since the list was made."""

    profile_id: str
    identifier: Known | None
    observed: str
    since: int
    until: int
    left: bool


@dataclass(frozen=True, slots=True, repr=False)
class MembersPage:
    """total: rows of all pages; version, time, revision: of the definition and the state that the list was made from."""

    members: tuple[Member, ...]
    total: int
    token: str
    version: int
    time: int
    revision: str


def list_members(engine: Engine, memberships: Memberships, pages: Pages, question: MembersQuestion, revision: str) -> MembersPage:
    """revision: of the present state. Raises RequestError, NotFoundError, PageTokenError."""

    def make() -> Listing:
        definition = definition_of(memberships, question.segment)
        slots = memberships.members(question.segment)
        rows = _addresses(engine, slots, question.namespace) if question.namespace else _profiles(engine, slots)
        return Listing(rows, (definition.version, engine.state_time, revision))

    if question.namespace:
        checked_namespace(engine, question.namespace)
    found = pages.page(question.page, ("members", question.segment, question.namespace), make)
    rows = np.asarray(found.items)
    return MembersPage(tuple(_shown(engine, memberships, question, rows)), found.total, found.token, *found.about)


def checked_namespace(engine: Engine, name: str) -> int:
    """Its number. Raises RequestError for one that is not there or has no addresses of its own."""
    known = {one.name: number for number, one in enumerate(engine.policy.namespaces) if one.standing in ("lasting", "passing")}
    if name not in known:
        hint = nearest(name, known)
        said = f"did you mean {hint}?" if hint else f"there are {', '.join(sorted(known))}"
        raise RequestError.of("namespace", f"no identifiers of this namespace belong to anybody; {said}")
    return known[name]


def _profiles(engine: Engine, slots: np.ndarray) -> np.ndarray:
    """uint64[n, 3]: profile id and slot, by id."""
    id_ = engine.state.profiles.id.array[slots]
    order = np.lexsort((id_[:, 1], id_[:, 0]))
    return np.column_stack((id_[order], slots[order].astype(np.uint64)))


def _addresses(engine: Engine, slots: np.ndarray, namespace: str) -> np.ndarray:
    """uint64[n, 4]: profile id, slot, and identifier that belongs to it now; by id, then by the order in which it was first seen."""
    ids = engine.state.identifiers
    member = np.zeros(len(engine.state.profiles.id), bool)
    member[slots] = True
    codes = np.flatnonzero(ids.namespace.array == checked_namespace(engine, namespace))
    owner = ids.profile.array[codes]
    owned = owner >= 0
    owned[owned] = member[owner[owned]]
    codes, owner = codes[owned], owner[owned]
    id_ = engine.state.profiles.id.array[owner]
    order = np.lexsort((ids.birth.array[codes], id_[:, 1], id_[:, 0]))
    return np.column_stack((id_[order], owner[order].astype(np.uint64), codes[order].astype(np.uint64)))


def _shown(engine: Engine, memberships: Memberships, question: MembersQuestion, rows: np.ndarray) -> list[Member]:
    """The rows of a page as they are now: a profile that is no more has left."""
    if not len(rows):
        return []
    ids, slots = engine.state.identifiers, _slots(engine, rows)
    there = slots >= 0
    truth, until, since = (np.full(len(rows), value, np.int64) for value in (Truth.FALSE, FOREVER, 0))
    if question.segment in memberships.definitions and there.any():
        verdicts = memberships.verdicts(slots[there].astype(np.int32), [question.segment])
        truth[there], until[there], since[there] = (found[0] for found in verdicts)
    codes = rows[:, CODE].astype(np.int64) if question.namespace else np.full(len(rows), -1, np.int64)
    stays = there & (truth == Truth.TRUE) & ((codes < 0) | (ids.profile.array[codes] == slots))
    columns = (rows[:, ID].tolist(), codes.tolist(), stays.tolist(), since.tolist(), until.tolist())
    return [_member(engine, *row) for row in zip(*columns, strict=True)]


def _slots(engine: Engine, rows: np.ndarray) -> np.ndarray:
    """int64[n]: where the profiles of these rows are now, -1 for an id that is no profile's any more. Most are where they were."""
    slots = rows[:, SLOT].astype(np.int64)
    for at in np.flatnonzero((engine.state.profiles.id.array[slots] != rows[:, ID]).any(axis=1)).tolist():
        found = engine.look_up_profile(uuid_text(*rows[at, ID].tolist()))
        slots[at] = found.slot if found.outcome == "FOUND" else -1
    return slots


def _member(engine: Engine, words: list[int], code: int, stays: bool, since: int, until: int) -> Member:
    known, observed = (engine.identifier(code), engine.spelling_of(code)) if code >= 0 else (None, "")
    return Member(uuid_text(*words), known, observed, since if stays else 0, until if stays else FOREVER, not stays)
