"""A small living store for tests of reads: a real engine, fed by hand, and a reader over it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from idweave_server.engine.applied import run
from idweave_server.engine.engine import Engine
from idweave_server.entries.births import keyed
from idweave_server.entries.columns import AnyEntry, ErasureEntry, RetractionEntry, TickEntry, VerdictEntry
from idweave_server.identifiers.lists import default_lists
from idweave_server.identifiers.notation import parse_identifier
from idweave_server.identifiers.text_hash import content_of
from idweave_server.intake.prepare import prepare
from idweave_server.intake.reports import Report, ReportedEvent
from idweave_server.model import DAY, Outcome, Verdict
from idweave_server.operations.explain import ExplainQuestion, Explanation
from idweave_server.operations.identifier_reader import IdentifierReader, Named
from idweave_server.operations.lookup import LookupAnswer, Query
from idweave_server.operations.named_columns import named_columns
from idweave_server.operations.reader import Reader
from idweave_server.operations.revision import decode_revision, encode_revision
from idweave_server.operations.tally import Tally
from idweave_server.resolution.policy import load_policy

STORE = "store-of-a-test"
TERM = 7
KEY = b"k" * 32
START = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())


def day(number: float) -> int:
    """The second that many days after the first of January 2026."""
    return START + int(number * DAY)


def named(text: str) -> Named:
    return parse_identifier(text)


class Steady:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Living:
    """Stands for the store and its writer; every change is one entry, applied at once."""

    policy: str = ""
    steady: Steady = field(default_factory=Steady)

    def __post_init__(self) -> None:
        self.engine = Engine(load_policy(self.policy), default_lists(), KEY)
        self.tally, self.store_id = Tally(), STORE
        self.identifiers = IdentifierReader(self.engine.policy, self.engine.lists)
        self._pool = ThreadPoolExecutor(1)
        store: Any = self
        self.reader = Reader(store, store, steady=self.steady, seal=b"seal", pool=self._pool)
        self._count = 0

    def close(self) -> None:
        self._pool.shutdown()

    def revision(self) -> str:
        return encode_revision(STORE, self.engine.term, self.engine.sequence)

    def place_of(self, token: str) -> int:
        return decode_revision(token, STORE)[1]

    def sequence_of(self, token: str) -> int:
        return self.place_of(token)

    async def applied(self, sequence: int) -> None:
        assert sequence <= self.engine.sequence

    async def settled(self) -> None:
        pass

    def apply(self, entry: AnyEntry, at: int | None = None) -> None:
        at = max(self.engine.state_time, day(0) if at is None else at)
        run(self.engine.apply(entry, sequence=self.engine.sequence + 1, term=TERM, at=at))

    def see(
        self,
        *identifiers: str,
        at: float = 0,
        kind: str = "LOGIN",
        source: str = "shop",
        events: tuple[ReportedEvent, ...] = (),
        observation_id: str = "",
        **traits: str | int,
    ) -> str:
        """Report one observation of day `at`; its id."""
        self._count += 1
        made = observation_id or f"o{self._count}"
        report = Report(made, source, day(at), kind, tuple(named(text) for text in identifiers), tuple(traits.items()), events)
        prepared = prepare(self.engine.policy, self.engine.lists, [report], today=20260101)
        seed = self._count.to_bytes(16, "big")
        admission = self.engine.admit(prepared, at=day(at), milliseconds=day(at) * 1000, seed=seed)
        assert admission.entry is not None, Outcome(int(admission.outcome[0]))
        self.apply(admission.entry, day(at))
        return made

    def say(self, verdict: Verdict, left: str, right: str = "", at: float = 0, verdict_id: str = "v") -> None:
        ends = [self.identifiers.read(*named(text)) for text in (left, right) if text]
        columns, names, place = named_columns(self.engine.policy, ends)
        self.apply(
            VerdictEntry(
                columns,
                names,
                (verdict_id,),
                ("desk",),
                np.array([verdict], np.uint8),
                np.array([day(at)], np.int64),
                place[:1],
                place[1:] if right else np.array([-1], np.int32),
                content_of(pa.array([verdict_id]))[:, 0],
            )
        )

    def retract(self, observation_id: str, source: str = "shop") -> None:
        self.apply(RetractionEntry(source, observation_id))

    def erase(self, identifier: str, until: float = 1000) -> None:
        found = self.identifiers.read(*named(identifier))
        content = np.array([[found.high, found.low]], np.uint64)
        self.apply(ErasureEntry(keyed(content, KEY), np.array([-(2**62)]), np.array([day(until)])))

    def tick(self, at: float) -> None:
        self.apply(TickEntry(), day(at))

    def look_up(self, *identifiers: str, as_of: float | None = None) -> LookupAnswer:
        return self.reader.look_up(Query([named(text) for text in identifiers], None if as_of is None else day(as_of)))

    def profile_of(self, identifier: str, as_of: float | None = None) -> str:
        found = self.look_up(identifier, as_of=as_of).profile_id
        assert found, f"{identifier} belongs to nobody"
        return found

    def explain(self, left: str, right: str, as_of: float | None = None) -> Explanation:
        return asyncio.run(self.reader.explain(ExplainQuestion(named(left), named(right), None if as_of is None else day(as_of))))
