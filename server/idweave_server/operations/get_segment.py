"""Segments as they were put: one by name and version, or all that hold."""

from __future__ import annotations

from dataclasses import dataclass

from idweave_server.errors import NotFoundError
from idweave_server.operations.memberships import Memberships, definition_of, unknown
from idweave_server.operations.pages import Listing, PageRequest, Pages
from idweave_server.segments.definition import Definition, users_of


@dataclass(frozen=True, slots=True)
class ShownSegment:
    """members: how many are in it, 0 for what does not hold any more; used_by: the segments whose definitions name it."""

    definition: Definition
    members: int
    used_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentsPage:
    segments: tuple[ShownSegment, ...]
    total: int
    token: str
    revision: str


def get_segment(memberships: Memberships, name: str, version: int = 0) -> ShownSegment:
    """version: 0 for the one that holds. Raises NotFoundError."""
    if not version:
        return _shown(memberships, definition_of(memberships, name), users_of(name, memberships.definitions))
    known = memberships.history(name)
    if not known:
        raise unknown(memberships, name)
    found = next((one for one in known if one.version == version), None)
    if found is None:
        raise NotFoundError(f"the segment has no version {version}; its latest is {known[-1].version}")
    return _shown(memberships, found, users_of(name, memberships.definitions))


def list_segments(memberships: Memberships, pages: Pages, page: PageRequest, revision: str) -> SegmentsPage:
    """revision: of the present state. Raises RequestError, PageTokenError."""

    def make() -> Listing:
        return Listing([one for _, one in sorted(memberships.definitions.items())], revision)

    found = pages.page(page, ("segments",), make)
    return SegmentsPage(tuple(_shown(memberships, one) for one in found.items), found.total, found.token, found.about)


def _shown(memberships: Memberships, definition: Definition, used_by: tuple[str, ...] = ()) -> ShownSegment:
    holds = memberships.definitions.get(definition.name)
    present = holds is not None and holds.version == definition.version
    return ShownSegment(definition, memberships.size(definition.name) if present else 0, used_by)
