"""A JSON value as the text that stands for it in a column, and what kind of Arrow column could hold its like.

Strings come through unchanged and numbers with the digits that stand in the file (1985, 1.0, 12345678901234567890123, 1e3), true and
false as words, lists and objects as compact JSON.
"""

from __future__ import annotations

import json
from typing import Any

import orjson
import pyarrow as pa

from idweave_server.batch.text_stream import is_utf8
from idweave_server.model import Refusal

Json = Any  # what a JSON parser gives


class BadLineError(Exception):
    """The line holds no JSON object: the reason and what is wrong."""

    def __init__(self, reason: Refusal, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


def parse_object(line: bytes) -> dict[str, Json]:
    """The JSON object of a line. Raises BadLineError where it is none."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        found = _parse_leniently(line, str(error))
    if type(found) is not dict:
        raise BadLineError(Refusal.ROW_MALFORMED, "the line is JSON, but not an object: write {…} with the fields by name")
    return found


def _parse_leniently(line: bytes, message: str) -> Json:
    """What the column-wise parser passes over and orjson does not: numbers beyond a double, nesting beyond 1,024."""
    if not is_utf8(line):
        raise BadLineError(
            Refusal.BAD_ENCODING, 'not text in this encoding; name the file\'s own in the mapping, for example [file] encoding = "cp1252"'
        )
    if b"\0" in line:
        raise BadLineError(Refusal.CONTROL_CHARACTER, "the line holds a NUL character")
    try:
        found = parse_exactly(line)
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise BadLineError(Refusal.BAD_ENCODING, "a string holds half of a surrogate pair") from error
    except (ValueError, RecursionError) as error:
        raise BadLineError(Refusal.ROW_MALFORMED, f"not JSON: {message}") from error
    return found


def parse_exactly(line: bytes) -> Json:
    """The value of a line with every number as its own text. Raises ValueError or RecursionError where it is not JSON."""
    return json.loads(line.decode(), parse_int=str, parse_float=str, parse_constant=_refuse)


def _refuse(word: str) -> Json:
    raise ValueError(word)


def find(record: dict[str, Json], field: str) -> Json:
    """The value of a field: the member of exactly that name, else the one its dots lead to; None where there is neither."""
    value = record.get(field)
    if value is None and "." in field:
        step: Json = record
        for name in field.split("."):
            step = step.get(name) if type(step) is dict else None
        value = step
    return value


def column_text(value: Json, line: bytes, field: str) -> str | None:
    """The text of a field's value. line: where it was read, to get at the digits of a number that orjson would round."""
    if value is None or type(value) is str:
        return value
    if value is True or value is False:
        return "true" if value else "false"
    if type(value) is int:
        return str(value)
    if type(value) is float:
        exact = find(parse_exactly(line), field)
        return exact if type(exact) is str else repr(value)
    if not _holds_float(value):
        return orjson.dumps(value).decode()
    try:  # orjson rounds integers of more than 64 bits
        exact = find(json.loads(line), field)
        return json.dumps(exact, ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):  # an integer of more than 4,300 digits
        return orjson.dumps(value).decode()


def _holds_float(value: Json) -> bool:
    if type(value) is list:
        return any(map(_holds_float, value))
    if type(value) is dict:
        return any(map(_holds_float, value.values()))
    return type(value) is float


def arrow_kind(value: Json) -> pa.DataType | str | None:
    """The Arrow type that takes values like this one with nothing lost.

    "object" for an object, "other" where there is no such type, None where the value does not tell (null, an empty list).
    """
    if type(value) is str:
        return pa.string()
    if type(value) is bool:
        return pa.bool_()
    if type(value) is int:
        return pa.int64()
    if type(value) is dict:
        return "object"
    if type(value) is list:
        kinds = {kind for kind in map(arrow_kind, value) if kind is not None}
        if not kinds:
            return None
        only = kinds.pop()
        return pa.list_(only) if not kinds and isinstance(only, pa.DataType) else "other"
    return None if value is None else "other"
