"""A last chapter of the demo, in which time passes: a customer enters a segment by a purchase, and leaves it by the clock.

The server's clock is driven: ninety days pass in a moment, and what is due on the way comes about at its second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from idweave import (
    ChangeCause,
    Client,
    DeadlineError,
    Membership,
    MembershipChange,
    MembershipChangeKind,
    Truth,
    event,
    moment,
    money,
    observation,
    segments,
    word,
)
from rich.text import Text

from idweave_server.cli.driven_clock import DrivenClock
from idweave_server.cli.findings import Finding
from idweave_server.cli.replies import called
from idweave_server.cli.story import Chapter
from idweave_server.cli.wording import QUIET

OPENED = datetime(2024, 5, 2, 9, 0, tzinfo=UTC)  # what the demo's clock says; all of the sample is older
CARD = "loyalty_id@tills:LL-30024"  # in the sample
SEGMENT, AMOUNT, DAYS = "recent-purchasers", 100, 90
LARGE, SMALL = "120", "20"  # what she pays
RECEIPTS = ("till-9001", "till-9002")
TIME = "%Y-%m-%d %H:%M:%S"
WATCHED = 30.0  # seconds that a watch may take to tell what is due

BOUGHT = Chapter(
    "In by a purchase, out by the clock",
    f"The shop defines a segment: an order of {AMOUNT} dollars or more in the last {DAYS} days. Priya Raman pays {LARGE} at a till with "
    f"her loyalty card, and {SMALL} more a month later. Then nobody does anything; the demo just moves the server's clock.",
    "She is in from that second on, and until when is known at once; the small order does not move it. Ninety days after the large one she "
    "is out, to the second.",
    (),
)


def bought(client: Client, clock: DrivenClock) -> Sequence[Finding]:
    """Play the chapter. The clock says when it opens, or later."""
    return list(_bought(client, clock))


def _bought(client: Client, clock: DrivenClock) -> Iterator[Finding]:
    client.put_segment(SEGMENT, segments.template("recent_purchasers", currency="USD", amount=AMOUNT, days=DAYS))
    paid = _now(clock)
    leaves = paid + timedelta(days=DAYS)
    before, _ = _buy(client, paid, RECEIPTS[0], LARGE)
    name = called(client.get_profile(CARD, consistency="full").profile)
    change = _told(client, before)
    entered = _is(change, "ENTERED", "EVENT", paid) and moment(change, "valid_until") == leaves
    yield _at(paid, entered and _size(client) == 1, f"{name} {_did(change)}: 1 member, until {leaves:{TIME}}")

    clock.move(_seconds(paid + timedelta(days=30)))
    _, after = _buy(client, _now(clock), RECEIPTS[1], SMALL)
    found = _check(client)
    yield _at(
        _now(clock), _holds(found, "TRUE", leaves), f"{SMALL} dollars more: {word(Truth, found.truth)}, and until the same second as before"
    )

    clock.move(_seconds(leaves) - 1)
    found = _check(client)
    yield _at(_now(clock), _holds(found, "TRUE", leaves), f"{word(Truth, found.truth)}, for one more second")

    clock.move(_seconds(leaves))
    change, found = _told(client, after), _check(client)
    out = _is(change, "LEFT", "CLOCK", leaves) and _holds(found, "FALSE", None) and _size(client) == 0
    yield _at(leaves, out, f"{name} {_did(change)}: no member is left")


def _at(time: datetime, holds: bool, said: str) -> Finding:
    return Finding(holds, Text.assemble((f"{time:{TIME}}  ", QUIET), said))


def _buy(client: Client, time: datetime, receipt: str, amount: str) -> tuple[str, str]:
    """(the revision before it, the revision that contains it)."""
    before = client.get_status(consistency="full").revision
    order = event("order_placed", amount=money(amount, "USD"), properties={"order_id": receipt, "channel": "store"})
    sale = observation(source="tills", kind="POS", identifiers=[CARD], events=[order], time=time, observation_id=receipt)
    return before, client.ingest(sale).revision


def _told(client: Client, token: str) -> MembershipChange:
    """The first change after a token, as a watch tells it; an empty one where none comes."""
    watch = client.watch_membership(SEGMENT, resume_token=token, timeout=WATCHED)
    try:
        return next(change for told in watch for change in told.changes)
    except DeadlineError:
        return MembershipChange()
    finally:
        watch.close()


def _is(change: MembershipChange, kind: str, cause: str, time: datetime) -> bool:
    said = word(MembershipChangeKind, change.kind), word(ChangeCause, change.cause), moment(change, "effective_at")
    return said == (kind, cause, time)


def _did(change: MembershipChange) -> str:
    did = "enters" if word(MembershipChangeKind, change.kind) == "ENTERED" else "leaves"
    return f"{did} {change.segment} ({word(ChangeCause, change.cause)})"


def _check(client: Client) -> Membership:
    return client.check_membership(CARD, SEGMENT, consistency="full").memberships[0]


def _holds(found: Membership, truth: str, until: datetime | None) -> bool:
    return (word(Truth, found.truth), moment(found, "valid_until")) == (truth, until)


def _size(client: Client) -> int:
    return next(client.list_members(SEGMENT, consistency="full")).total


def _now(clock: DrivenClock) -> datetime:
    return datetime.fromtimestamp(clock.milliseconds() // 1_000, UTC)


def _seconds(time: datetime) -> int:
    return int(time.timestamp())
