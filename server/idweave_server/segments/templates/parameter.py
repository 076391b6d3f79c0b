"""One parameter of a template: its type, its bounds, and the reading of what is given for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from zoneinfo import ZoneInfo

from idweave_server.errors import RequestError
from idweave_server.segments.expression import UTC, Scalar

LONGEST_TEXT = 200  # characters
MILLION = 1_000_000
NOT_A_NUMBER = "is not a number in digits, such as 100 or 99.99"


class ParameterType(Enum):
    """What may be given, and what `make` gets of it. Text is read as any of them, so that command lines and files need no types."""

    TEXT = "text"
    INTEGER = "whole number"
    AMOUNT = "amount"  # of money, at most six decimals; `make` gets millionths, int
    BOOLEAN = "yes or no"  # true or false; as text "true" or "false"
    CURRENCY = "currency"  # three letters of ISO 4217
    ZONE = "time zone"  # a name of the IANA database
    MONTH = "month"  # "2026-01"
    DAY_OF_YEAR = "day of the year"  # "12-31"


@dataclass(frozen=True, slots=True)
class Parameter:
    """default: what stands where nothing is given; None: something must be given (example shows what). least, most: bounds of a number,
    both allowed. choices: the only texts allowed, where there are any. A text may be empty only where that is the default."""

    name: str
    type: ParameterType
    default: Scalar | None
    meaning: str
    least: int | None = None
    most: int | None = None
    choices: tuple[str, ...] = ()
    example: Scalar | None = None

    def read(self, given: Scalar) -> str | int | bool:
        """What `make` gets for a given value. Raises RequestError, which names the parameter, the limit and the remedy."""
        value = READERS[self.type](self, given)
        if self.choices and value not in self.choices:
            raise self.refused(f"is none of {', '.join(self.choices)}")
        scale = MILLION if self.type is ParameterType.AMOUNT else 1
        if isinstance(value, str | bool):
            return value
        if self.least is not None and value < self.least * scale:
            raise self.refused(f"is less than {self.least}, the least allowed")
        if self.most is not None and value > self.most * scale:
            raise self.refused(f"is more than {self.most}, the most allowed")
        return value

    @property
    def default_text(self) -> str | None:
        """The default as it could be given as text; None where something must be given."""
        return None if self.default is None else as_text(self.default)

    def refused(self, description: str) -> RequestError:
        """The error that says what is wrong with this parameter."""
        return refusal(self.name, description)


def as_text(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def refusal(parameter: str, description: str) -> RequestError:
    return RequestError.of(f"parameters.{parameter}", description)


def _text(parameter: Parameter, given: Scalar) -> str:
    if not isinstance(given, str):
        raise parameter.refused("is not text; put it in quotes")
    value = given.strip()
    if not value and parameter.default != "":
        raise parameter.refused(f"is empty; give one, such as {parameter.example or parameter.default}")
    if len(value) > LONGEST_TEXT:
        raise parameter.refused(f"is longer than {LONGEST_TEXT} characters")
    return value


def _integer(parameter: Parameter, given: Scalar) -> int:
    value = _decimal(parameter, given, "is not a whole number in digits, such as 7")
    if value != value.to_integral_value():
        raise parameter.refused("is not a whole number; leave the decimals out")
    return int(value)


def _amount(parameter: Parameter, given: Scalar) -> int:
    value = _decimal(parameter, given, NOT_A_NUMBER) * MILLION
    if value != value.to_integral_value():
        raise parameter.refused("has more than six decimals; round it")
    return int(value)


def _decimal(parameter: Parameter, given: Scalar, complaint: str) -> Decimal:
    """Floats by their shortest text: 99.99 is 99.99, not the binary number next to it."""
    text = str(given).strip()
    if isinstance(given, bool) or not re.fullmatch(r"[+-]?[0-9]{1,12}(\.[0-9]{1,20})?", text):
        raise parameter.refused(complaint)
    return Decimal(text)


def _boolean(parameter: Parameter, given: Scalar) -> bool:
    if given is True or given is False:
        return given
    if given not in ("true", "false"):
        raise parameter.refused("is neither true nor false")
    return given == "true"


def _currency(parameter: Parameter, given: Scalar) -> str:
    value = _text(parameter, given).upper()
    if not re.fullmatch("[A-Z]{3}", value):
        raise parameter.refused("is not a currency: give the three letters of ISO 4217, such as EUR")
    return value


def _zone(parameter: Parameter, given: Scalar) -> str:
    value = _text(parameter, given)
    try:
        if value == "localtime":  # in the database of some machines, where it is the machine's own
            raise KeyError(value)
        if value != UTC:
            ZoneInfo(value)
    except (ValueError, OSError, KeyError):  # KeyError: there is none; the others: a text that could not name one
        raise parameter.refused("is no time zone that is known here; give a name of the IANA database, such as Europe/Berlin") from None
    return value


def _month(parameter: Parameter, given: Scalar) -> str:
    value = _text(parameter, given)
    if not re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", value):
        raise parameter.refused("is not a month from 1900-01 to 2099-12, written year-month, such as 2026-01")
    return value


def _day_of_year(parameter: Parameter, given: Scalar) -> str:
    """29 February is none: it would name no day in most years."""
    value = _text(parameter, given)
    found = re.fullmatch(r"(\d\d)-(\d\d)", value)
    lengths = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if not found or not 1 <= int(found[1]) <= 12 or not 1 <= int(found[2]) <= lengths[int(found[1]) - 1]:
        raise parameter.refused("is not a day of every year, written month-day, such as 11-20 (02-29 is none)")
    return value


READERS: dict[ParameterType, Callable[[Parameter, Scalar], str | int | bool]] = {
    ParameterType.TEXT: _text,
    ParameterType.INTEGER: _integer,
    ParameterType.AMOUNT: _amount,
    ParameterType.BOOLEAN: _boolean,
    ParameterType.CURRENCY: _currency,
    ParameterType.ZONE: _zone,
    ParameterType.MONTH: _month,
    ParameterType.DAY_OF_YEAR: _day_of_year,
}
