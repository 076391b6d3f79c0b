"""The words of identity resolution as enumerations and value types. Standard library only.

Integer enumerations live in arrays (uint8), so their numbers are part of the contract: append, never renumber.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag

DAY = 86_400  # seconds
MIN_TIME = -2_208_988_800  # 1900-01-01T00:00:00Z; observations before it are refused
MAX_TIME = 4_102_444_800  # 2100-01-01T00:00:00Z; observations at or after it are refused
MAX_IDENTIFIERS = 16  # identifiers in one observation
MAX_FIELD_BYTES = 65_536  # a longer field is refused before it is parsed
MAX_IDENTIFIER_BYTES = 1_024  # a longer identifier is refused (an e-mail address has its own, shorter limit)


class Party(IntEnum):
    """How close a source is to the person: zero (stated by them to us), first (our own systems), second, third."""

    ZERO = 0
    FIRST = 1
    SECOND = 2
    THIRD = 3


class Outcome(IntEnum):
    """What became of one observation."""

    ACCEPTED = 0
    UNLINKED = 1  # accepted, but belongs to nobody yet
    DUPLICATE = 2  # the same observation was there already
    CONFLICT = 3  # the same (source, observation_id) with other content; changes nothing
    REJECTED = 4  # unusable as a whole; the issue says why
    EXPIRED = 5  # older than its time to live on arrival
    ERASED = 6  # covered by an erasure


class Flag(IntFlag):
    """What is known of an identifier's value itself."""

    NONE = 0
    FAKE = 1  # listed, a keyboard walk, repeated digits, a reserved domain or range
    DISPOSABLE = 2
    ROLE = 4  # info@, sales@
    SERVICE = 8  # toll-free, shared-cost, premium
    PRIVATE = 16  # private, CGNAT or loopback address
    HOSTING = 32  # address of a hosting provider


class Shared(IntEnum):
    """Why an identifier does not single out a person; NONE is zero."""

    NONE = 0
    FAKE = 1
    ROLE = 2
    SERVICE = 3
    NAMES = 4  # three or more dissimilar first names, none dominant
    PARTNERS = 5  # more strong partners than one person has
    ASSERTED = 6  # a verdict says SHARED


class Apart(IntEnum):
    """The rule that refused a union; NONE is zero."""

    NONE = 0
    NAMES = 1  # conflicting dominant first names
    BIRTH_DATES = 2  # conflicting dominant birth dates
    UNIQUE = 3  # two values of a unique namespace
    DIFFERENT = 4  # a verdict says DIFFERENT


class Verdict(IntEnum):
    """What a person asserts: two identifiers are the same or different people's; one is shared or personal."""

    SAME = 0
    DIFFERENT = 1
    SHARED = 2
    PERSONAL = 3


class EventRole(IntEnum):
    """What a type of events does to what is computed of a profile; NONE is zero: it is kept and can be counted."""

    NONE = 0
    VIEW = 1
    SEARCH = 2
    CART = 3
    ORDER = 4  # somebody bought
    UPDATE = 5  # an order's amount is another
    CANCEL = 6  # an order is undone
    REFUND = 7  # an order is paid back, wholly or in part
    REVIEW = 8  # its score are stars
    SURVEY = 9
    TICKET = 10  # somebody has a problem
    CLOSE = 11  # and it is solved
    TAG = 12
    UNTAG = 13


class EntryKind(IntEnum):
    """What one entry of the log says."""

    POLICY = 1  # the rules, and the lists that decide with them
    OBSERVATIONS = 2  # a batch of observations
    VERDICTS = 3  # what people asserted, and which assertions they took back
    RETRACTION = 4  # an observation, or a source's observations of a stretch of time, taken back
    ERASURE = 5  # identifiers to forget, as keyed hashes
    TICK = 6  # the clock reached the entry's time
    SEGMENT = 7  # a segment's definition, or that there is none any more
    CUTS = 8  # where the groups of recency, frequency and money begin


class ChangeKind(IntEnum):
    """What happened to a profile, or to its membership in a segment."""

    PROFILE_CREATED = 1
    PROFILE_MERGED = 2  # into another one, whose id answers for it from now on
    PROFILE_SPLIT = 3  # out of another one that turned out to be several people
    PROFILE_CHANGED = 4  # its identifiers, traits or events
    PROFILE_GONE = 5
    PROFILE_ERASED = 6
    SEGMENT_ENTERED = 7
    SEGMENT_LEFT = 8


class ChangeCause(IntEnum):
    """Why something changed."""

    EVENT = 1  # something was observed or stated
    CLOCK = 2  # nothing but time passed
    MERGE = 3
    SPLIT = 4
    CONSENT = 5
    ERASURE = 6
    CORRECTION = 7  # a retraction, say
    DEFINITION = 8  # of the segment


class Refusal(IntEnum):
    """Why a value or a row was refused; NONE is zero. `label` is what files and messages say."""

    NONE = 0
    # any text
    TOO_LONG = 1
    CONTROL_CHARACTER = 2
    BAD_ENCODING = 3
    WRONG_TYPE = 4
    PLACEHOLDER = 5  # "n/a", "null", an all-zero device
    # identifiers
    EMAIL_SYNTAX = 10
    EMAIL_DOMAIN = 11
    PHONE_SYNTAX = 20
    PHONE_REGION_UNKNOWN = 21  # a national number and no region to read it in
    PHONE_IMPOSSIBLE = 22
    PHONE_INVALID = 23
    PHONE_FICTIONAL = 24
    DEVICE_SYNTAX = 30
    COOKIE_SYNTAX = 31
    SOCIAL_SYNTAX = 32
    SOCIAL_NETWORK_UNKNOWN = 33
    IP_SYNTAX = 34
    HASH_SYNTAX = 35
    OPAQUE_SYNTAX = 36
    ISSUER_MISSING = 37
    NAMESPACE_UNKNOWN = 38
    ISSUER_SYNTAX = 39  # no usable name of an issuer, or one for a namespace that has none
    # traits
    DATE_SYNTAX = 50
    DATE_AMBIGUOUS = 51
    DATE_RANGE = 52
    TRAIT_TYPE = 53
    TRAIT_PATTERN = 54
    TRAIT_NOT_ALLOWED = 55
    TRAIT_REQUIRED = 56
    TRAIT_NOT_STATED_BY = 57
    NAME_SYNTAX = 58
    TRAIT_NAME = 59  # no usable name of a trait or property
    TRAIT_REPEATED = 60  # stated again in one observation, though a person has one
    # events
    EVENT_SYNTAX = 61  # no type
    MONEY_SYNTAX = 62
    # rows
    ROW_MALFORMED = 70
    ROW_RAGGED = 71
    TIME_MISSING = 72
    TIME_SYNTAX = 73
    TIME_RANGE = 74
    EVIDENCE_UNKNOWN = 75
    TOO_MANY_IDENTIFIERS = 76
    SOURCE_MISSING = 77
    OBSERVATION_ID_SYNTAX = 78
    CONTENT_CONFLICT = 79  # the same observation id with other content
    ASSERTION_SYNTAX = 80
    ERASURE_SYNTAX = 81
    FILE_EMPTY = 82  # no row at all
    FIELD_ABSENT = 83  # a field that the mapping asks for stands in no row of the file
    TOO_MANY_ITEMS = 84  # traits, events or properties

    @property
    def label(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Issue:
    """One refused value or row: where it stands, what was wrong, and the value shortened for display."""

    file: str
    row: int  # data rows count from 1; 0 is the file itself
    field: str
    reason: Refusal
    value: str
    message: str = ""


def shorten(value: str, limit: int = 80) -> str:
    """The value fit for display: one line, at most `limit` characters, control characters shown as escapes."""
    text = value[: limit + 1].encode("unicode_escape").decode("ascii") if not value[: limit + 1].isprintable() else value[: limit + 1]
    return text if len(text) <= limit else text[: limit - 1] + "…"
