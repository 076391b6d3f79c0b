"""What a mapping says of a file, as one immutable value: which column is which identifier, trait, time, verdict or erasure."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field

from idweave_server import model
from idweave_server.batch.files import FileOptions
from idweave_server.batch.row_batch import Column

UNIX_FORMATS = ("unix", "unix_ms", "unix_us")  # seconds, milliseconds, microseconds since 1970-01-01T00:00:00Z
WORD_FORMATS = ("iso", "infer")
DEFAULT_KIND = "OTHER"


@dataclass(frozen=True, slots=True)
class Value:
    """Where a value comes from: a column (`field`), or the mapping itself (`constant`); exactly one is set.

    default: stands in for a missing value. key: the mapping key that says so.
    """

    key: str
    field: str | None = None
    constant: str | None = None
    default: str | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Time:
    """A time column.

    format: one of UNIX_FORMATS or WORD_FORMATS, or strptime's. timezone: an IANA name or "+02:00", for times that name none.
    """

    value: Value
    format: str = "infer"
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence kind's column; `words` translates its values, where None they are the kinds themselves."""

    value: Value
    words: Dictionary[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Identifier:
    """A column of identifiers of one namespace; where `namespace` is None its values name their own (["email", "x@y"] or "email:x@y")."""

    namespace: str | None
    value: Value
    region: Value | None = None
    network: Value | None = None
    issuer: Value | None = None


@dataclass(frozen=True, slots=True)
class Trait:
    """A column of trait values; format, for dates: one of WORD_FORMATS, strptime's, or None where the policy's type alone tells."""

    name: str
    value: Value
    format: str | None = None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Rows that state a verdict: those where every `when` column holds its value. `right` is None for SHARED and PERSONAL.

    time: when it was stated; None for the observation's time.
    """

    verdict: model.Verdict
    when: tuple[tuple[Value, str], ...]
    left: Identifier
    right: Identifier | None = None
    time: Time | None = None


@dataclass(frozen=True, slots=True)
class Erasures:
    """Rows that ask for erasure. A column without a namespace may hold several identifiers: [["email", "x@y"], ["phone", "+1…"]].

    until: what was observed up to then is erased; None for the observation's time.
    """

    when: tuple[tuple[Value, str], ...]
    identifiers: tuple[Identifier, ...]
    until: Time | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """What a file's columns are. `name` is the mapping file's, `pattern` the file names it is for (None: any)."""

    name: str
    time: Time
    source: Value
    evidence: Evidence
    id: Value | None = None
    pattern: str | None = None
    options: FileOptions = field(default_factory=FileOptions)
    identifiers: tuple[Identifier, ...] = ()
    traits: tuple[Trait, ...] = ()
    events: Dictionary[str, Value] = field(default_factory=dict)
    verdicts: tuple[Verdicts, ...] = ()
    erasures: tuple[Erasures, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that a file must have, each once, in the mapping's order, with the first key that asks for it."""
        columns: dict[str, Column] = {}
        for value, sparse in self.values():
            if value.field is None:
                continue
            other = columns.get(value.field)
            columns[value.field] = Column(
                value.field,
                other.key if other else value.key,
                optional=value.optional and (other is None or other.optional),
                sparse=sparse and (other is None or other.sparse),
            )
        return tuple(columns.values())

    def values(self) -> Iterator[tuple[Value, bool]]:
        """Every value with whether a file may have no row that needs it."""
        heads = [self.id, self.time.value, self.source, self.evidence.value]
        yield from ((value, False) for value in heads if value is not None)
        for identifier in self.identifiers:
            yield from ((value, False) for value in _parts(identifier))
        yield from ((trait.value, False) for trait in self.traits)
        yield from ((value, False) for value in self.events.values())
        for verdicts in self.verdicts:
            ends = [verdicts.left, *([verdicts.right] if verdicts.right else [])]
            yield from ((value, True) for value in _special(verdicts.when, ends, verdicts.time))
        for erasures in self.erasures:
            yield from ((value, True) for value in _special(erasures.when, erasures.identifiers, erasures.until))


def _parts(identifier: Identifier) -> Iterator[Value]:
    yield identifier.value
    yield from (value for value in (identifier.region, identifier.network, identifier.issuer) if value is not None)


def _special(
    when: tuple[tuple[Value, str], ...], identifiers: tuple[Identifier, ...] | list[Identifier], time: Time | None
) -> Iterator[Value]:
    yield from (value for value, _ in when)
    for identifier in identifiers:
        yield from _parts(identifier)
    if time is not None:
        yield time.value
