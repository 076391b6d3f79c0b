"""What a person did and where it came from: the observations of a profile, newest first, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from idweave_server.engine.standings import rows_of_types
from idweave_server.errors import TooLargeError
from idweave_server.operations.get_profile import Subject, find_slot
from idweave_server.operations.identifier_reader import IdentifierReader
from idweave_server.operations.pages import FIRST_PAGE, Listing, PageRequest, Pages

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine
    from idweave_server.engine.recall import StoredObservation

MAX_TYPES = 100


@dataclass(frozen=True, slots=True, repr=False)
class TimelineQuestion:
    """types: event types or evidence kinds of which an observation must have one; none for all."""

    subject: Subject
    types: frozenset[str] = frozenset()
    page: PageRequest = FIRST_PAGE


@dataclass(frozen=True, slots=True, repr=False)
class Timeline:
    """One page. total: on all pages, when the list was made; revision: of the state that it was made from."""

    profile_id: str
    observations: tuple[StoredObservation, ...]
    total: int
    token: str
    revision: str


def get_timeline(engine: Engine, reader: IdentifierReader, pages: Pages, question: TimelineQuestion, revision: str) -> Timeline:
    """revision: of the present state. Raises RequestError, TooLargeError, NotFoundError, PageTokenError."""
    if len(question.types) > MAX_TYPES:
        raise TooLargeError.of("types", f"{len(question.types)} are more than {MAX_TYPES}")

    def make() -> Listing:
        slot = find_slot(engine, reader, question.subject)
        rows = engine.rows_of(slot)
        return Listing(rows_of_types(engine.state, rows, question.types) if question.types else rows, (engine.profile_id(slot), revision))

    subject = question.subject
    asked = ("timeline", subject.profile_id, subject.identifier, sorted(question.types))
    page = pages.page(question.page, asked, make)
    profile_id, of_list = page.about
    return Timeline(profile_id, tuple(_still_there(engine, page.items)), page.total, page.token, of_list)


def _still_there(engine: Engine, rows: Sequence[int] | np.ndarray) -> list[StoredObservation]:
    """What was erased or retracted since the list was made is not shown any more."""
    owners = engine.assigned(np.asarray(rows, np.int64))
    return [engine.observation(int(row)) for row, owner in zip(rows, owners.tolist(), strict=True) if owner >= 0]
