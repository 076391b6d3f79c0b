"""Define a segment, or define it anew: read the definition, check all of it, make it durable; or only say what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from idweave_server.errors import DefinitionError, RequestError, TooLargeError, VersionConflictError
from idweave_server.operations.cut_points import cut_if_due
from idweave_server.operations.memberships import Memberships, Problem, memberships_of
from idweave_server.operations.segment_source import SegmentSource, checked, expression_of, problems_of
from idweave_server.operations.steps import Steps
from idweave_server.segments.definition import LONGEST_NAME, NAME, Definition
from idweave_server.segments.expression import Expression
from idweave_server.segments.templates.template import Template

if TYPE_CHECKING:
    from idweave_server.operations.committer import Committer

MOST_SEGMENTS = 5_000
LONGEST_DESCRIPTION, LONGEST_OWNER = 2_000, 200  # bytes


@dataclass(frozen=True, slots=True)
class PutReply:
    """definition: as it is now, or would be; None where it cannot be. members: how many are in it now; problems: of `validate_only`."""

    definition: Definition | None
    changed: bool
    members: int
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    revision: str


@dataclass(frozen=True, slots=True)
class PutSegment:
    """expected_version: that the segment must have now, 0 where it must not be there, None for any; templates: by name."""

    name: str
    source: SegmentSource
    description: str = ""
    owner: str = ""
    expected_version: int | None = None
    validate_only: bool = False
    templates: Mapping[str, Template] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            said = f"a name has letters of a to z, digits, _, - and ., a letter first, at most {LONGEST_NAME}: such as recent_purchasers"
            raise RequestError.of("name", said)
        for name, text, most in (("description", self.description, LONGEST_DESCRIPTION), ("owner", self.owner, LONGEST_OWNER)):
            if (size := len(text.encode())) > most:
                raise TooLargeError.of(name, f"has {size:,} bytes; at most {most:,} are allowed")

    @property
    def weight(self) -> int:
        return 1

    def steps(self, committer: Committer) -> Steps[PutReply]:
        """Raises RequestError, DefinitionError, VersionConflictError, TooLargeError."""
        store = committer.store
        stamp = committer.stamp() if self.validate_only else (yield from committer.begin())
        memberships = memberships_of(store.engine)
        before = memberships.definitions.get(self.name)
        try:
            expression = expression_of(memberships, self.source, self.templates)
            warnings = checked(memberships, self.name, expression)
        except (DefinitionError, RequestError) as error:
            if not self.validate_only:
                raise
            self._expect(before, None)
            return PutReply(None, False, 0, problems_of(error), (), store.revision())
        wanted = self._definition(memberships, expression, stamp.at)
        same = before if before is not None and before.says_the_same(wanted) else None
        self._expect(before, same)
        if before is None and len(memberships.definitions) >= MOST_SEGMENTS:
            raise TooLargeError.of("name", f"there are {MOST_SEGMENTS:,} segments already; delete one first")
        if same is not None:
            return PutReply(same, False, memberships.size(self.name), (), warnings, store.revision())
        if self.validate_only:
            return PutReply(wanted, False, 0, (), warnings, store.revision())
        yield from cut_if_due(committer, stamp.at, expression)
        yield from committer.commit(memberships.defining(wanted), stamp.at)
        memberships = memberships_of(store.engine)
        return PutReply(memberships.definitions[self.name], True, memberships.size(self.name), (), warnings, store.revision())

    def _definition(self, memberships: Memberships, expression: Expression, at: int) -> Definition:
        version = max((one.version for one in memberships.history(self.name)), default=0) + 1
        made_from = self.source.template, tuple(sorted(self.source.parameters))
        return Definition(self.name, version, expression, self.description, self.owner, *made_from, at)

    def _expect(self, before: Definition | None, same: Definition | None) -> None:
        """Raises VersionConflictError. same: the present definition where it says what is wanted: then this may be a call that was
        answered before, and the answer lost."""
        present = before.version if before is not None else 0
        if self.expected_version is None or self.expected_version == present:
            return
        if same is not None and self.expected_version < present:
            return
        there = f"it has version {present}" if present else "it is not there"
        said = f"the segment was expected to have version {self.expected_version}" if self.expected_version else "no segment was expected"
        raise VersionConflictError(f"{said}, and {there}: look at it with GetSegment and put it again", present)
