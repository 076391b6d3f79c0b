"""Observations, traits, events and money from plain values, and back; times, unset ones included, and enumerations as words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from idweave.identifiers import identifier
from idweave.v1.identifier_pb2 import Identifier
from idweave.v1.observation_pb2 import Event, Money, Observation, Source, Trait

Traits = Mapping[str, object] | Iterable[Trait]  # by name: a str, int, float, bool or date, or several of them
NANOS = 1_000_000_000


def observation(
    *,
    source: str,
    kind: str,
    identifiers: Iterable[str | Identifier],
    traits: Traits = (),
    events: Iterable[Event] = (),
    time: datetime | None = None,
    observation_id: str | None = None,
) -> Observation:
    """One report of a source.

    kind: the evidence kind, such as LOGIN. identifiers: texts such as email:jo@example.org, or messages.
    time: now where None, so with an observation_id that is sent again later, give the time too, or it is a CONFLICT.
    observation_id: a UUID where None; "" leaves it to the server, which makes one from the content: the same content is one observation.
    """
    if isinstance(identifiers, str):
        raise TypeError("identifiers is one text; write a list of them")
    return Observation(
        observation_id=str(uuid4()) if observation_id is None else observation_id,
        source=Source(name=source),
        time=timestamp(time or datetime.now(UTC)),
        evidence_kind=kind,
        identifiers=[as_identifier(one) for one in identifiers],
        traits=list_of_traits(traits),
        events=events,
    )


def trait(name: str, value: object) -> Trait:
    """One attribute as stated; a date is written year-month-day. Raises TypeError for a value of another type."""
    match value:
        case bool():
            return Trait(name=name, boolean=value)
        case int():
            return Trait(name=name, integer=value)
        case float():
            return Trait(name=name, number=value)
        case str():
            return Trait(name=name, text=value)
        case date() if not isinstance(value, datetime):
            return Trait(name=name, text=value.isoformat())
    raise TypeError(f"trait {name} is of type {type(value).__name__}; give a str, int, float, bool or date, or leave it out")


def list_of_traits(traits: Traits) -> list[Trait]:
    """The traits of a mapping from names to values, where a list states one trait several times; messages as they are."""
    if not isinstance(traits, Mapping):
        return list(traits)
    found = []
    for name, stated in traits.items():
        several = [stated] if isinstance(stated, str) or not isinstance(stated, Iterable) else stated
        found += [trait(name, one) for one in several]
    return found


def trait_value(stated: Trait) -> str | int | float | bool | None:
    """What a trait states; None where it states nothing."""
    which = stated.WhichOneof("value")
    return None if which is None else getattr(stated, which)


def event(kind: str, *, amount: Money | None = None, properties: Traits = ()) -> Event:
    """Something that happened, such as order, at the time of its observation; `money` makes amounts."""
    return Event(type=kind, amount=amount, properties=list_of_traits(properties))


def money(amount: Decimal | int | str, currency: str) -> Money:
    """An amount to a billionth of a unit: money("12.30", "EUR"). Raises ValueError for more digits, TypeError for a float."""
    if isinstance(amount, float):
        raise TypeError("a float is no exact amount; give a Decimal, an int or a text such as '12.30'")
    exact = Decimal(amount) if not isinstance(amount, str) else _decimal(amount)
    billionths = exact.scaleb(9) if exact.is_finite() else Decimal("0.5")
    if billionths != billionths.to_integral_value():
        raise ValueError(f"{amount} is not an amount with at most 9 digits after the point")
    units, nanos = divmod(abs(int(billionths)), NANOS)
    sign = -1 if exact < 0 else 1
    return Money(currency=currency, units=sign * units, nanos=sign * nanos)


def money_amount(stated: Money) -> Decimal:
    """The exact amount, in whole units of its currency."""
    return Decimal(stated.units) + Decimal(stated.nanos).scaleb(-9)


def moment(message: Message, field: str) -> datetime | None:
    """The time in a message's field, UTC; None where it is not set, which the message itself would show as 1970."""
    return getattr(message, field).ToDatetime(tzinfo=UTC) if message.HasField(field) else None


def word(enumeration: EnumTypeWrapper, number: int) -> str:
    """A value's name without its enumeration's: word(Outcome, result.outcome) is ACCEPTED; of a value that is newer, its number."""
    prefix = enumeration.DESCRIPTOR.values_by_number[0].name.removesuffix("UNSPECIFIED")
    found = enumeration.DESCRIPTOR.values_by_number.get(number)
    return str(number) if found is None else found.name.removeprefix(prefix)


def timestamp(time: datetime) -> Timestamp:
    """The time as messages hold it. Raises ValueError for one without a time zone."""
    if time.tzinfo is None:
        raise ValueError(f"{time} has no time zone; write datetime(..., tzinfo=UTC), or time.astimezone() for local time")
    found = Timestamp()
    found.FromDatetime(time)
    return found


def as_identifier(given: str | Identifier) -> Identifier:
    return identifier(given) if isinstance(given, str) else given


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        raise ValueError(f"{text!r} is not an amount; write '12.30'") from None
