"""The profiles that a watch names, by id or by identifier, and all that they are part of while it goes on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from idweave_server.engine.engine import Engine
from idweave_server.engine.profile_store import uuid_words
from idweave_server.errors import RequestError
from idweave_server.operations.get_profile import PROFILE_ID_LENGTH, Subject
from idweave_server.operations.identifier_reader import IdentifierReader

Words = tuple[int, int]  # a profile's id


class Followed:
    """Only ever more: an id that was one of them stays one, so that its end is told too.

    An id stands for itself, for the profile that answers for it now, and for all ids that this one answers for; an identifier for the
    profile that it belongs to now, likewise. They are looked at again whenever one of them changed, and those that name nobody yet whenever
    anything did.
    """

    def __init__(self, engine: Engine, reader: IdentifierReader, subjects: Sequence[tuple[str, Subject]]) -> None:
        """subjects: (the request's field, whom it names). Raises RequestError for what is neither an id nor an identifier."""
        self._engine = engine
        self._ids: list[str] = []
        self._contents: list[Words] = []  # of the identifiers, by hash: nothing of a person is kept
        self._words: set[Words] = set()
        for field, subject in subjects:
            if subject.identifier is None:
                self._words.add(_id_words(field, subject.profile_id))
                self._ids.append(subject.profile_id.lower())
            else:
                found = reader.usable(subject.identifier, field)
                self._contents.append((found.high, found.low))
        self._sequence = -1  # of the state that they were last looked up in
        self._nameless = False  # whether one names nobody yet
        self._mixed = np.zeros(0, np.uint64)
        self._look()

    def of(self, rows: np.ndarray) -> np.ndarray:
        """bool[n]: which of CHANGE[n] are about them."""
        found = self._hits(rows)
        if self._sequence != self._engine.sequence and (self._nameless or found.any()):
            known = len(self._words)
            self._look()
            if len(self._words) > known:
                found = self._hits(rows)
        return found

    def _hits(self, rows: np.ndarray) -> np.ndarray:
        found = self._among(rows["profile"]) | self._among(rows["other"])
        for at in np.flatnonzero(found).tolist():  # what was mixed may agree by chance
            found[at] = any(tuple(rows[name][at].tolist()) in self._words for name in ("profile", "other"))
        return found

    def _among(self, words: np.ndarray) -> np.ndarray:
        return np.isin(_mix(words), self._mixed)

    def _look(self) -> None:
        self._sequence, self._nameless = self._engine.sequence, False
        for slot in (*map(self._slot_of_id, self._ids), *map(self._slot_of_identifier, self._contents)):
            if slot < 0:
                self._nameless = True
                continue
            for text in (self._engine.profile_id(slot), *self._engine.merged_from(slot)):
                words = uuid_words(text)
                if words is not None:
                    self._words.add(words)
        self._mixed = _mix(np.array(sorted(self._words), np.uint64).reshape(-1, 2))

    def _slot_of_id(self, profile_id: str) -> int:
        return int(self._engine.look_up_profile(profile_id).slot)

    def _slot_of_identifier(self, content: Words) -> int:
        code = self._engine.find_one(*content)
        if code < 0:
            return -1
        standing = self._engine.standing(code)
        return -1 if standing.shared or not standing.alive else int(standing.slot)


def _id_words(field: str, profile_id: str) -> Words:
    words = uuid_words(profile_id.lower()) if len(profile_id) == PROFILE_ID_LENGTH else None
    if words is None:
        raise RequestError.of(field, "a profile id is a UUID, as replies give it: 8-4-4-4-12 hexadecimal digits")
    return words


def _mix(words: np.ndarray) -> np.ndarray:
    """uint64[n] of uint64[n, 2]."""
    mixed: np.ndarray = words[:, 0] ^ (words[:, 1] * np.uint64(0x9E3779B97F4A7C15))
    return mixed
