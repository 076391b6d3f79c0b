"""The values that a mapping's keys may have: columns, constants, times, evidence kinds, identifiers and conditions."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import warnings
import zoneinfo
from typing import Any

from idweave_server.batch.mapping_model import DEFAULT_KIND, UNIX_FORMATS, WORD_FORMATS, Evidence, Identifier, Time, Value
from idweave_server.batch.toml_section import Section

QUALIFIERS = ("region", "network", "issuer")
FIXED_OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")


def read_value(section: Section, key: str, *, allow: tuple[str, ...] = (), bare_is_constant: bool = False) -> Value | None:
    """A column or a constant: "column", { field = "column" } or { value = "constant" }; None where the key is not there.

    allow: further keys that the table may have; the caller reads them, except "default". bare_is_constant: a text alone is the constant.
    """
    if key not in section.values:
        return None
    remedy = '"US", { value = "US" } or { field = "a column" }' if bare_is_constant else 'the column, "a column", or { field = "a column" }'
    name = section.name(key)
    if isinstance(section.values[key], str):
        text = section.text(key, remedy)
        return Value(name, constant=text) if bare_is_constant else Value(name, field=text)
    inner = section.section(key, remedy)
    assert inner is not None
    inner.only("field", "value", "optional", *allow)
    field = inner.text("field", 'the name of a column, "a column"')
    constant = _scalar(inner, "value", 'a text, "crm"')
    if (field is None) == (constant is None):
        raise section.error(
            key, f"{'needs one of field and value' if field is None else 'has both a field and a value; keep one'}: write {remedy}"
        )
    default = _scalar(inner, "default", "a text, as it would stand in the file") if "default" in allow else None
    return Value(name, field, constant, default, inner.truth("optional"))


def read_time(section: Section, key: str) -> Time | None:
    """A time column with its format and zone, or one time for all rows."""
    value = read_value(section, key, allow=("format", "default", "timezone"))
    if value is None:
        return None
    inner = _inner(section, key)
    if inner is None:
        return Time(value)
    zone = inner.text("timezone", '"UTC", "Europe/Paris" or "+02:00"') or "UTC"
    _check_zone(inner, zone)
    return Time(value, _format(inner, (*UNIX_FORMATS, *WORD_FORMATS)) or "infer", zone)


def read_date_format(section: Section, key: str) -> str | None:
    inner = _inner(section, key)
    return _format(inner, WORD_FORMATS) if inner else None


def read_evidence(observation: Section) -> Evidence:
    """The evidence kind of a row; OTHER where the mapping says nothing."""
    value = read_value(observation, "evidence", allow=("map", "default"))
    if value is None:
        return Evidence(Value(observation.name("evidence"), constant=DEFAULT_KIND))
    inner = _inner(observation, "evidence")
    words = inner.section("map", '{ login = "LOGIN", order = "ORDER" }') if inner else None
    if words is None:
        return Evidence(value)
    return Evidence(value, {word: words.text(word, 'the name of an evidence kind, "LOGIN"') or "" for word in words.values})


def read_identifiers(section: Section, key: str, namespace: str | None) -> list[Identifier]:
    """The columns of one identifier key; without a namespace the table may name it, else the values do."""
    name = section.name(key)
    remedy = 'the column, "a column", or { field = "a column" } with region, network or issuer'
    if isinstance(section.values[key], str):
        return [Identifier(namespace, Value(name, field=section.text(key, remedy)))]
    inner = section.section(key, remedy)
    assert inner is not None
    inner.only("field", "fields", "optional", *QUALIFIERS, *(() if namespace else ("namespace",)))
    namespace = namespace or inner.text("namespace", 'the name of a namespace, "email"')
    field = inner.text("field", 'the name of a column, "a column"')
    fields: Any = inner.values.get("fields", [field] if field else [])
    if not isinstance(fields, list) or not all(isinstance(one, str) and one.strip() for one in fields):
        raise inner.wrong("fields", 'the names of columns, ["phone_1", "phone_2"]')
    if not fields or (field and "fields" in inner.values):
        raise section.error(key, f"needs either field or fields: write {remedy}")
    optional = inner.truth("optional")
    region, network, issuer = (read_value(inner, one, bare_is_constant=True) for one in QUALIFIERS)
    return [Identifier(namespace, Value(name, one, optional=optional), region, network, issuer) for one in fields]


def read_when(section: Section) -> tuple[tuple[Value, str], ...]:
    """The columns and the values that they must all have."""
    remedy = '{ event = "delete" }: a column and the value it must have'
    inner = section.section("when", remedy)
    if inner is None or not inner.values:
        raise section.error("when", f"is missing, so every row would be meant; write when = {remedy}")
    return tuple((Value(inner.name(column), column), _scalar(inner, column, 'a text, "delete"') or "") for column in inner.values)


def _inner(section: Section, key: str) -> Section | None:
    values = section.values.get(key)
    return Section(values, section.name(key), section.file) if isinstance(values, dict) else None


def _scalar(section: Section, key: str, remedy: str) -> str | None:
    """A text, or what TOML writes without quotes and a file would hold as text: a number, a date, true."""
    value = section.values.get(key)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return section.text(key, remedy)


def _format(section: Section, words: tuple[str, ...]) -> str | None:
    written = ", ".join(f'"{word}"' for word in words) + ' or a pattern such as "%d/%m/%Y"'
    form = section.text("format", written)
    if form is None or form in words:
        return form
    if "%" not in form:
        near = difflib.get_close_matches(form, words, n=1)
        raise section.error("format", f"{form!r} is not a format{f'; did you mean {near[0]!r}?' if near else ';'} write {written}")
    try:
        with warnings.catch_warnings(action="ignore"):  # a pattern without a year
            dt.datetime.strptime("", form)
    except (ValueError, re.error) as error:
        if isinstance(error, re.error) or "directive" in str(error) or "stray %" in str(error):
            raise section.error("format", f'{form!r} is not a date pattern ({error}); write for example "%d/%m/%Y"') from error
    return form


def _check_zone(section: Section, zone: str) -> None:
    if zone == "UTC" or FIXED_OFFSET.fullmatch(zone):
        return
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = difflib.get_close_matches(zone, sorted(zoneinfo.available_timezones()), n=1)
        hint = f"did you mean {near[0]!r}?" if near else 'write "Europe/Paris", "+02:00" or "UTC"'
        raise section.error("timezone", f"{zone!r} is not a time zone that this machine knows; {hint}") from error
