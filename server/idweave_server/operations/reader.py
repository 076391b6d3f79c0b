"""The reads of a store: wait until the state is fresh enough, then answer from it, on the thread that owns it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from idweave_server.operations.consistency import Consistency, until_fresh
from idweave_server.operations.explain import ExplainQuestion, Explanation, explain
from idweave_server.operations.get_profile import Profile, ProfileAnswer, Profiles, Subject
from idweave_server.operations.get_timeline import Timeline, TimelineQuestion, get_timeline
from idweave_server.operations.identifier_reader import IdentifierReader
from idweave_server.operations.list_issues import IssuesPage, IssuesQuestion, list_issues
from idweave_server.operations.lookup import LookupAnswer, Query, look_up, look_up_all
from idweave_server.operations.pages import Pages
from idweave_server.operations.segment_reader import SegmentReader
from idweave_server.operations.steps import drive

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine
    from idweave_server.operations.consistency import Progress
    from idweave_server.operations.store import Store


class Reader:
    """progress: whom to wait for; steady: seconds that never fall; seal: secret random bytes of this process, for page tokens; pool: where
    components are resolved."""

    def __init__(self, store: Store, progress: Progress, *, steady: Callable[[], float], seal: bytes, pool: Executor) -> None:
        self._store, self._progress, self._pool = store, progress, pool
        self.engine: Engine = store.engine
        self._identifiers = IdentifierReader(self.engine.policy, self.engine.lists, find=self.engine.find_one)
        self._profiles = Profiles(self.engine)
        self._pages = Pages(steady, seal)
        self.segments = SegmentReader(self.engine, self._identifiers, self._pages, self.revision, pool)

    def revision(self) -> str:
        """The token of the state that answers now."""
        return self._store.revision()

    def forget(self) -> None:
        """Drop everything kept for speed: an erasure leaves nothing of a person in memory either."""
        self._identifiers.forget()
        self._profiles.forget()
        self._pages.forget()

    async def fresh(self, consistency: Consistency) -> None:
        """Return when the state is as fresh as asked. Raises RevisionError, NotWriterError, NotServingError, UnavailableError."""
        await until_fresh(consistency, self._store, self._progress)

    def look_up(self, query: Query) -> LookupAnswer:
        """Raises RequestError, TooLargeError."""
        return look_up(self.engine, self._identifiers, query)

    async def look_up_all(self, queries: Sequence[Query]) -> AsyncIterator[list[LookupAnswer]]:
        """The answers in order, slice by slice; others get their turn in between. Raises RequestError, TooLargeError."""
        for answers in look_up_all(self.engine, self._identifiers, queries):
            yield answers
            await asyncio.sleep(0)

    def profile_of(self, answer: LookupAnswer) -> Profile | None:
        """The profile that was FOUND, None where none was. In the same step as the lookup."""
        return self._profiles.show(answer.slot) if answer.slot >= 0 else None

    def get_profile(self, subject: Subject) -> ProfileAnswer:
        """Raises RequestError, NotFoundError."""
        return self._profiles.get(self._identifiers, subject)

    def get_timeline(self, question: TimelineQuestion) -> Timeline:
        """Raises RequestError, TooLargeError, NotFoundError, PageTokenError."""
        return get_timeline(self.engine, self._identifiers, self._pages, question, self.revision())

    async def explain(self, question: ExplainQuestion) -> Explanation:
        """Raises RequestError."""
        return await drive(explain(self.engine, self._identifiers, question), self._pool)

    def list_issues(self, question: IssuesQuestion) -> IssuesPage:
        """Raises RequestError, PageTokenError."""
        return list_issues(self.engine, self._store.tally, self._pages, question, self.revision())
