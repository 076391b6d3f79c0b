"""Delete a segment: everybody leaves it. What another segment's definition names stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idweave_server.errors import SegmentInUseError, VersionConflictError
from idweave_server.operations.memberships import definition_of, memberships_of
from idweave_server.operations.steps import Steps
from idweave_server.segments.definition import users_of

if TYPE_CHECKING:
    from idweave_server.operations.committer import Committer


@dataclass(frozen=True, slots=True)
class DeleteReply:
    """members: how many were, or are, in it."""

    members: int
    revision: str


@dataclass(frozen=True, slots=True)
class DeleteSegment:
    """expected_version: that it must have, None for any."""

    name: str
    expected_version: int | None = None
    validate_only: bool = False

    @property
    def weight(self) -> int:
        return 1

    def steps(self, committer: Committer) -> Steps[DeleteReply]:
        """Raises NotFoundError, VersionConflictError, SegmentInUseError."""
        store = committer.store
        stamp = committer.stamp() if self.validate_only else (yield from committer.begin())
        memberships = memberships_of(store.engine)
        definition = definition_of(memberships, self.name)
        if self.expected_version not in (None, definition.version):
            said = f"the segment was expected to have version {self.expected_version}, and it has version {definition.version}"
            raise VersionConflictError(f"{said}: look at it with GetSegment first", definition.version)
        if users := users_of(self.name, memberships.definitions):
            shown = f"{', '.join(users[:10])}{f' and {len(users) - 10} more' if len(users) > 10 else ''}"
            raise SegmentInUseError(f"the segment is named by {shown}: define those without it first, or delete them", users)
        members = memberships.size(self.name)
        if not self.validate_only:
            yield from committer.commit(memberships.deleting(self.name), stamp.at)
        return DeleteReply(members, store.revision())
