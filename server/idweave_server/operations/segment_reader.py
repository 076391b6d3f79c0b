"""The reads of segments: each from the state as it is, on the thread that owns it; long ones in steps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from idweave_server.operations.check_membership import Checked, check_membership, check_memberships
from idweave_server.operations.explain_membership import ExplainedMembership, explain_membership
from idweave_server.operations.forecast_segment import Forecast, ForecastQuestion, forecast_segment
from idweave_server.operations.get_cut_points import CutPointsAnswer, get_cut_points
from idweave_server.operations.get_profile import Subject
from idweave_server.operations.get_segment import SegmentsPage, ShownSegment, get_segment, list_segments
from idweave_server.operations.identifier_reader import IdentifierReader
from idweave_server.operations.list_members import MembersPage, MembersQuestion, list_members
from idweave_server.operations.list_templates import list_templates
from idweave_server.operations.memberships import Memberships, memberships_of
from idweave_server.operations.pages import PageRequest, Pages
from idweave_server.operations.preview_segment import Preview, PreviewQuestion, preview_segment
from idweave_server.operations.steps import drive
from idweave_server.segments.templates.registry import TEMPLATES
from idweave_server.segments.templates.template import Template

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine


class SegmentReader:
    """revision: the token of the present state; pool: where populations are evaluated; templates: by name."""

    def __init__(
        self,
        engine: Engine,
        identifiers: IdentifierReader,
        pages: Pages,
        revision: Callable[[], str],
        pool: Executor,
        templates: Mapping[str, Template] = TEMPLATES,
    ) -> None:
        self.engine, self.identifiers, self.templates = engine, identifiers, templates
        self._pages, self._revision, self._pool = pages, revision, pool

    @property
    def memberships(self) -> Memberships:
        return memberships_of(self.engine)

    def get(self, name: str, version: int = 0) -> ShownSegment:
        """Raises NotFoundError."""
        return get_segment(self.memberships, name, version)

    def list(self, page: PageRequest) -> SegmentsPage:
        """Raises RequestError, PageTokenError."""
        return list_segments(self.memberships, self._pages, page, self._revision())

    def check(self, subject: Subject, segments: Sequence[str]) -> Checked:
        """Raises RequestError, TooLargeError, NotFoundError."""
        return check_membership(self.engine, self.identifiers, self.memberships, subject, segments)

    async def check_all(self, subjects: Sequence[Subject], segments: Sequence[str]) -> AsyncIterator[Sequence[Checked]]:
        """In order, slice by slice; others get their turn in between. Raises RequestError, TooLargeError, NotFoundError."""
        for answers in check_memberships(self.engine, self.identifiers, self.memberships, subjects, segments):
            yield answers
            await asyncio.sleep(0)

    def members(self, question: MembersQuestion) -> MembersPage:
        """Raises RequestError, NotFoundError, PageTokenError."""
        return list_members(self.engine, self.memberships, self._pages, question, self._revision())

    def explain(self, subject: Subject, segment: str) -> ExplainedMembership:
        """Raises RequestError, NotFoundError."""
        return explain_membership(self.engine, self.identifiers, self.memberships, subject, segment)

    async def preview(self, question: PreviewQuestion) -> Preview:
        """Raises RequestError, DefinitionError, NotFoundError."""
        steps = preview_segment(self.engine, self.memberships, self.templates, question, self._revision)
        return await drive(steps, self._pool)

    async def forecast(self, question: ForecastQuestion) -> Forecast:
        """Raises RequestError, TooLargeError, DefinitionError, NotFoundError."""
        steps = forecast_segment(self.engine, self.memberships, self.templates, question, self._revision)
        return await drive(steps, self._pool)

    def cut_points(self) -> CutPointsAnswer:
        return get_cut_points(self.engine)

    def list_templates(self) -> Sequence[Template]:
        return list_templates(self.templates)
