"""Put tags on a profile, or take them off: an observation of one identifier with an event for each tag, so that tags follow merges, splits
and retractions as everything does that is observed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idweave_server.errors import RequestError, TooLargeError
from idweave_server.intake.reports import MAX_EVENTS, Report, ReportedEvent
from idweave_server.operations.get_profile import Subject, find_slot
from idweave_server.operations.identifier_reader import IdentifierReader, Named
from idweave_server.operations.ingest import IngestRequest, IngestResult
from idweave_server.operations.memberships import memberships_of
from idweave_server.operations.steps import Steps

if TYPE_CHECKING:
    from idweave_server.operations.committer import Committer
    from idweave_server.operations.store import Store

ADDED, REMOVED = "tag_added", "tag_removed"  # types of events
TAG, MILLISECONDS = "tag", "milliseconds"  # their properties; the latter tells two changes of one second apart
KIND = "OTHER"  # evidence kind: a single identifier links nothing, whatever it is
LONGEST_TAG = 200  # bytes


@dataclass(frozen=True, slots=True)
class TagsReply:
    """tags: of the profile now; none for `validate_only` and where it belongs to nobody."""

    result: IngestResult
    tags: tuple[str, ...]
    revision: str


@dataclass(frozen=True, slots=True, repr=False)
class SetTags:
    """observation_id: "" for one that is made of the content; milliseconds: when it became so, UTC, None for now."""

    reader: IdentifierReader
    subject: Subject
    source: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    observation_id: str = ""
    milliseconds: int | None = None
    validate_only: bool = False

    def __post_init__(self) -> None:
        if not self.add and not self.remove:
            raise RequestError.of("add", "no tag is named, neither to add nor to remove")
        if (count := len(self.add) + len(self.remove)) > MAX_EVENTS:
            raise TooLargeError.of("add", f"{count} tags are more than {MAX_EVENTS} in one call; send them in parts")
        both = set(self.add) & set(self.remove)
        for field, tags in (("add", self.add), ("remove", self.remove)):
            for place, tag in enumerate(tags):
                if wrong := _wrong(tag, tag in both):
                    raise RequestError.of(f"{field}[{place}]", wrong)

    @property
    def weight(self) -> int:
        return 1

    def steps(self, committer: Committer) -> Steps[TagsReply]:
        """Raises RequestError, NotFoundError."""
        store = committer.store
        stamp = committer.stamp() if self.validate_only else (yield from committer.begin())
        identifier = self._identifier(store)
        before = self._said_before(store)
        seconds, rest = divmod(stamp.milliseconds if self.milliseconds is None else self.milliseconds, 1_000)
        if before is not None and self.milliseconds is None:
            seconds, rest = before
        events = (*_events(ADDED, self.add, rest), *_events(REMOVED, self.remove, rest))
        report = Report(self.observation_id, self.source, seconds, KIND, (identifier,), (), events)
        reply = yield from IngestRequest([report], self.validate_only).steps(committer)
        [result] = reply.results
        return TagsReply(result, self._tags(store, result), reply.revision)

    def _identifier(self, store: Store) -> Named:
        """The identifier that carries the tags: the one given, or the first one that the profile shows."""
        if self.subject.identifier is not None:
            self.reader.usable(self.subject.identifier, "identifier")
            return self.subject.identifier
        engine = store.engine
        known = engine.identifier(engine.members(find_slot(engine, self.reader, self.subject))[0].code)
        return known.namespace, known.issuer, known.value

    def _said_before(self, store: Store) -> tuple[int, int] | None:
        """(seconds, milliseconds) of the observation of this id, None without one: a call that is sent again has no other time."""
        row = store.engine.rows_of_observation(self.source, self.observation_id) if self.observation_id else -1
        if row < 0:
            return None
        seen = store.engine.observation(row)
        rest = [value for event in seen.events for name, value in event.properties if name == MILLISECONDS]
        return seen.time, rest[0] if rest and isinstance(rest[0], int) else 0

    def _tags(self, store: Store, result: IngestResult) -> tuple[str, ...]:
        if not result.profile_id:
            return ()
        slot = store.engine.look_up_profile(result.profile_id).slot
        return tuple(memberships_of(store.engine).tags(slot)) if slot >= 0 else ()


def _wrong(tag: str, both: bool) -> str:
    """What is wrong with a tag, "" where nothing is."""
    if both:
        return "the tag is to be added and to be removed"
    if not tag or tag != tag.strip() or not tag.isprintable():
        return "a tag is a line of text without blanks around it"
    size = len(tag.encode("utf-8", "replace"))
    return f"the tag has {size:,} bytes; at most {LONGEST_TAG} are allowed" if size > LONGEST_TAG else ""


def _events(kind: str, tags: Iterable[str], milliseconds: int) -> list[ReportedEvent]:
    return [ReportedEvent(kind, properties=((TAG, tag), (MILLISECONDS, milliseconds))) for tag in tags]
