"""What replies say, in words for a terminal: identifiers, people, times, evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from idweave import (
    Assertion,
    Event,
    Identifier,
    IdentifierFlag,
    LinkEvidence,
    Observation,
    Profile,
    SharedReason,
    Value,
    Verdict,
    moment,
    money_amount,
    trait_value,
    word,
)
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from idweave_server.batch.summary import TRAILING
from idweave_server.cli.wording import LOOK, QUIET
from idweave_server.identifiers.notation import format_identifier

PASSING = ("cookie", "device")
NAMES = (("full_name",), ("first_name", "last_name"))  # the traits that say who a profile is, best first
SHORT = 12  # characters shown of a device or cookie where many are shown
UNBOUNDED = 10_000  # columns

M = TypeVar("M", bound=Message)


def print_all(console: Console, parts: Iterable[RenderableType]) -> None:
    """Texts go on as long as they are, and so do tables that nobody looks at. No line ends in blanks."""
    drawn = console if console.is_terminal else Console(file=console.file, width=UNBOUNDED)
    with drawn.capture() as capture:
        for part in parts:
            drawn.print(part, highlight=False, soft_wrap=isinstance(part, Text))
    console.file.write(TRAILING.sub(r"\1", capture.get()))
    console.file.flush()


def gathered(whole: M, rows: str, pages: Iterable[M], limit: int) -> M:
    """So many of what a list's pages have in the field `rows`, 0 for all, as one page; its token goes on after them, where pages end there.
    whole: an empty page."""
    for page in pages:
        whole.MergeFrom(page)
        whole.next_page_token = page.next_page_token  # type: ignore[attr-defined]
        if limit and len(getattr(whole, rows)) >= limit:
            break
    if limit and len(getattr(whole, rows)) > limit:
        del getattr(whole, rows)[limit:]
    return whole


def named(found: Identifier, *, short: bool = False) -> Text:
    """An identifier; short: what passes cut short."""
    text = format_identifier(found.namespace, found.issuer, found.value)
    kind, _, value = text.partition(":")
    if short and found.namespace in PASSING and len(value) > SHORT:
        value = value[:SHORT] + "…"
    return Text.assemble((f"{kind}:", QUIET), value)


def remarks(found: Identifier) -> Text:
    """What there is to say of the identifier itself."""
    said = []
    if found.shared_reason:
        said.append(f"shared: {word(SharedReason, found.shared_reason).lower()}")
    said += [word(IdentifierFlag, flag).lower() for flag in found.flags]
    if found.observed_value:
        said.append(f"as {found.observed_value}")
    return Text(", ".join(dict.fromkeys(said)), QUIET)


def called(profile: Profile) -> str:
    """The name of a person, blank where nobody says."""
    traits = {one.trait.name: str(trait_value(one.trait)) for one in profile.traits}
    ways = (" ".join(traits[name] for name in way if name in traits) for way in NAMES)
    return next(filter(None, ways), "")


def when(message: Message, field: str, *, blank: str = "") -> str:
    """A time to the second, UTC; blank where it is not set."""
    found = moment(message, field)
    return blank if found is None else clock(found)


def clock(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")


def day(message: Message, field: str) -> str:
    found = moment(message, field)
    return "" if found is None else found.strftime("%Y-%m-%d")


def day_of(stamp: Timestamp) -> str:
    return datetime.fromtimestamp(stamp.seconds, UTC).strftime("%Y-%m-%d")


def sureness(probability: float) -> Text:
    share = 100 * probability
    return Text(">99 %" if share > 99 else f"{share:3.0f} %", LOOK if share < 50 else "")


def evidence(link: LinkEvidence) -> Text:
    """How sure a link is, and its observations in short: source, evidence kind, first day and number of days."""
    told: dict[tuple[str, str], list[str]] = {}
    for one in link.observations:
        told.setdefault((one.source.name, one.evidence_kind), []).append(day_of(one.time))
    parts = []
    for (source, kind), days in told.items():
        distinct = sorted(set(days))
        shown = distinct[0] if len(distinct) == 1 else f"{distinct[0]} ×{len(distinct)}"
        parts.append(f"{source}: {kind.lower().replace('_', ' ')} {shown}")
    more = " and more" if len(parts) > 1 or link.truncated else ""
    return Text.assemble(sureness(link.probability), (f"  {parts[0]}{more}" if parts else "", QUIET))


def verdict(said: Assertion) -> str:
    """A verdict in a line."""
    ends = [named(said.left).plain, *([named(said.right).plain] if said.HasField("right") else [])]
    return f"{word(Verdict, said.verdict)} {' '.join(ends)}, said by {said.source} on {day_of(said.time)}"


def said_by(said: Assertion) -> str:
    """The same without the identifiers, where they stand beside it."""
    return f"{word(Verdict, said.verdict)}, said by {said.source} on {day_of(said.time)}"


def observation_line(one: Observation) -> Text:
    """What an observation brought, on a line."""
    events = [_event(event) for event in one.events if event.HasField("amount") or not _same(event.type, one.evidence_kind)]
    shown = [named(identifier, short=True) for identifier in one.identifiers]
    return Text.assemble(
        *((f"{event}  ", "bold") for event in events), Text("  ").join(shown), Text("".join(f"  {t}" for t in _traits(one)), QUIET)
    )


def _same(event: str, kind: str) -> bool:
    """Whether an event says no more than its observation's evidence kind."""
    return event.casefold().replace("_", " ") == kind.casefold().replace("_", " ")


def _event(event: Event) -> str:
    amount = event.amount
    return f"{event.type} {money_amount(amount):,.2f} {amount.currency}" if event.HasField("amount") else event.type


def _traits(one: Observation) -> Sequence[str]:
    return [f"{stated.name}={trait_value(stated)}" for stated in one.traits]


def constant(value: Value) -> str:
    """A value that was computed, or that a condition compares with."""
    match value.WhichOneof("value"):
        case "money":
            return f"{money_amount(value.money):,.2f} {value.money.currency}"
        case "time":
            return when(value, "time")
        case "number":
            return f"{value.number:g}"
        case "boolean":
            return "yes" if value.boolean else "no"
        case "integer":
            return f"{value.integer:,}"
    return value.text


def grid(*columns: str) -> Table:
    """Columns "left" and "right" keep their width; "wrap" gives way on a terminal."""
    found = Table.grid(padding=(0, 2, 0, 0))
    for kind in columns:
        found.add_column(justify="right" if kind == "right" else "left", no_wrap=kind != "wrap", overflow="fold")
    return found


def indented(table: Table) -> RenderableType:
    return Padding(table, (0, 0, 0, 2))
