"""What a segment's definition says: a tree of conditions, as plain values, with the meaning of each.

Every condition is TRUE, FALSE or UNKNOWN of a profile at an instant (Kleene's three-valued logic): ALL is the least of its parts (FALSE <
UNKNOWN < TRUE), ANY the greatest, NOT turns TRUE and FALSE round and leaves UNKNOWN. A profile is a member where the whole is TRUE.

Time. `now` is an instant in whole seconds UTC. A span is either exact (seconds) or of the calendar (years, months, weeks, days, in a
time zone). plus(t, span) is t later by the span: t + seconds, or t's wall-clock time in the zone, moved by the months (the day cut to the
month's last), then by the days; a wall-clock time that a change of the clocks skips is the instant it would have been without the change,
one that comes twice is the first. Something at t is *within* a span while t <= now < plus(t, span), and *older* from plus(t, span) on:
"within 90 days" is now - t < 90 * 86,400. minus(t, span) is plus with months and days counted back, in the same order. A date stands for
00:00 of that day in the test's time zone; a calendar span moves the date itself, so that who was born on a day without a midnight still has
birthdays from midnight on.

An event counts from its time on: what is dated ahead of `now` is not there yet.

Money converts by factors: an amount of currency a in currency b is the amount times rate(a) / rate(b), to the nearest millionth. Numbers
compare in millionths.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

UTC = "UTC"

Scalar = str | int | float | bool


class Operator(IntEnum):
    """Numbered as in segment.proto."""

    EQUAL = 1
    NOT_EQUAL = 2
    LESS = 3
    LESS_OR_EQUAL = 4
    GREATER = 5
    GREATER_OR_EQUAL = 6
    IN = 7
    KNOWN = 8  # two-valued: TRUE where there is a value, else FALSE


class Relation(IntEnum):
    """Of a time t to now, given a span. Numbered as in segment.proto."""

    WITHIN = 1  # t <= now < plus(t, span)
    OLDER = 2  # plus(t, span) <= now
    UPCOMING = 3  # now < t, and t <= plus(now, span) for exact spans; a calendar span counts back: minus(t, span) <= now < t
    # now lies in the span that ends with the last second of the day of the next anniversary of t in the zone: of its date one year later or
    # more (29 February's is the month's last day), the first whose day has not passed. The span is at most 360 days.
    ANNIVERSARY = 4


class Measure(IntEnum):
    """What is compared of the events that match. Numbered as in segment.proto."""

    COUNT = 1
    SUM = 2  # of a property's numbers, or of the amounts of money where no property is named
    DISTINCT = 3  # different values of a property


@dataclass(frozen=True, slots=True)
class Span:
    """Either `seconds` alone, or calendar parts. All at least 0; not all 0 where a length is needed."""

    seconds: int = 0
    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0  # of the calendar; exact days are seconds

    @property
    def of_calendar(self) -> bool:
        return bool(self.years or self.months or self.weeks or self.days)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount, in millionths of a unit of its currency."""

    currency: str
    micros: int


@dataclass(frozen=True, slots=True)
class All:
    """TRUE of everybody where it has no parts."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """FALSE of everybody where it has no parts."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Expression


@dataclass(frozen=True, slots=True)
class FieldTest:
    """A trait or a computed attribute against constants. UNKNOWN where the profile has no value (but for KNOWN), and for money in another
    currency without a declared rate. values: one, for IN one or more, for KNOWN none; of the field's type, money as Money, a time as
    seconds UTC, a date as "YYYY-MM-DD". Of a list-valued field EQUAL and IN ask for any value, NOT_EQUAL for none; it is UNKNOWN where the
    list is empty. NOT_EQUAL is NOT EQUAL: UNKNOWN where there is no value. A count of years or days since a time (Field.counts) is the
    greatest n with plus(t, n years), or days, <= now, days being of 86,400 seconds for a time, of the calendar for a date; -1 while t is
    ahead."""

    field: str
    operator: Operator
    values: tuple[Scalar | Money, ...] = ()
    zone: str = UTC  # for what depends on the day: age, days since


@dataclass(frozen=True, slots=True)
class TimeTest:
    """A time or date field in relation to now. UNKNOWN where the profile has no value."""

    field: str
    relation: Relation
    span: Span
    zone: str = UTC


@dataclass(frozen=True, slots=True)
class PropertyTest:
    """A property of an event. name: "amount" with Money values, or with KNOWN, for the event's amount; else a property. An event without
    the property does not match (two-valued), but for an amount in a currency that no rate leads to: that event may match, and the test
    around it may be UNKNOWN. Of a property that an event has several times any value may match (NOT_EQUAL: none may be equal). Numbers
    compare with properties that are numbers or read as such, and differ from all others; truths are the texts "true" and "false"."""

    name: str
    operator: Operator
    values: tuple[Scalar | Money, ...] = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """Events of any of these types (none: of any type at all) of which all `where` hold. The type `purchase` stands for orders placed that
    neither were cancelled nor wholly refunded, with what was really paid as their amount."""

    types: tuple[str, ...] = ()
    where: tuple[PropertyTest, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """When an event must have happened; all given must hold. last: t <= now < plus(t, last). until_ago: plus(t, until_ago) <= now.
    begin, end: begin <= t < end, seconds UTC."""

    last: Span | None = None
    until_ago: Span | None = None
    begin: int | None = None
    end: int | None = None
    zone: str = UTC


EVER = Window()


@dataclass(frozen=True, slots=True)
class EventTest:
    """How many events match, their sum, or how many different values, against one constant. Never UNKNOWN, but where money that cannot be
    converted decides: then counts and sums lie between bounds, and it is UNKNOWN where the bounds disagree. (An event that may match counts
    or not; an amount without a rate is worth anything of its sign, or 0.) operator: none of IN, KNOWN. property: for SUM and DISTINCT; all
    of its values in an event count. value: a number; for sums of money Money, into whose currency amounts are converted. A sum of nothing
    is 0."""

    pattern: Pattern
    window: Window = EVER
    measure: Measure = Measure.COUNT
    operator: Operator = Operator.GREATER_OR_EQUAL
    value: int | float | Money = 1
    property: str = ""


@dataclass(frozen=True, slots=True)
class Sequence:
    """An event happened and none of another kind since: TRUE where some event at a matches `first`, plus(a, wait) <= now < plus(a, last),
    and no event that matches `then_not` has a time b with a <= b <= now (and, where `same` names a property, a value of it that the first
    one has too; a first event without a value is followed by none). An event that matches both follows itself. Never UNKNOWN, but where an
    event may match and that decides."""

    first: Pattern
    then_not: Pattern
    wait: Span
    last: Span
    same: str = ""
    zone: str = UTC


@dataclass(frozen=True, slots=True)
class TagTest:
    """Whether the profile has a tag. Never UNKNOWN."""

    tag: str


@dataclass(frozen=True, slots=True)
class IdentityTest:
    """What the profile consists of. namespace: it has at least `least` identifiers of it ("" for any). strength: in micro-nats, its weakest
    link is at least so strong (a profile without one that it hangs on passes); 0 asks nothing. Never UNKNOWN."""

    namespace: str = ""
    least: int = 1
    strength: int = 0


@dataclass(frozen=True, slots=True)
class ProvenanceTest:
    """Whether an observation of the profile is by one of these sources, parties (model.Party) and evidence kinds (none of a sort: any), in
    the window. Never UNKNOWN."""

    sources: tuple[str, ...] = ()
    parties: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    window: Window = EVER


@dataclass(frozen=True, slots=True)
class SegmentTest:
    """What another segment's definition, as it stands now, says of the profile."""

    segment: str


Leaf = FieldTest | TimeTest | EventTest | Sequence | TagTest | IdentityTest | ProvenanceTest
Expression = All | Any | Not | Leaf | SegmentTest
