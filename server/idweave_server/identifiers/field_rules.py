"""What a policy demands of a trait's values, applied to a column: type, pattern, allowed values, who may state it, whether it must be
there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.errors import PolicyError
from idweave_server.identifiers.arrow_text import Rows, among, lengths, mask, matches, scalar
from idweave_server.identifiers.birth_dates import iso_text
from idweave_server.identifiers.dates import Inference, parse_dates
from idweave_server.model import MAX_FIELD_BYTES, Refusal

_INTEGER = "^[+-]?[0-9]{1,18}$"
_NUMBER = r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$"
_TRUE = frozenset(("true", "t", "yes", "y", "1", "on"))
_FALSE = frozenset(("false", "f", "no", "n", "0", "off"))
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"


class TraitRule(Protocol):
    """What is read of a trait's declaration; resolution.policy.Trait is one."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def pattern(self) -> str | None: ...
    @property
    def allowed(self) -> frozenset[str] | None: ...
    @property
    def stated_by(self) -> Sequence[int]: ...


class Ruled(NamedTuple):
    """canonical: string[n], null where refused; refusal: uint8[n], model.Refusal members."""

    canonical: pa.StringArray
    refusal: npt.NDArray[np.uint8]


def apply_rule(rule: TraitRule, values: pa.StringArray, dates: str | Inference | None = None) -> Ruled:
    """Read distinct values as the trait's type, then hold them against its pattern and its allowed values.

    Canonical forms: text trimmed; integers without sign + and leading zeros; numbers as the shortest text of the float64 (1e3 is 1000);
    booleans true or false (yes, no, 1, 0, on, off); dates in ISO form, read by `dates` (a format or what infer_format found; ISO without).
    Pattern and allowed values see the canonical form, and case and inner blanks count in both. A pattern must match the whole value; its
    syntax is RE2's, which takes linear time whatever the pattern and the value (Python's `re` may backtrack without end).
    Raises PolicyError for a pattern that RE2 does not take.
    """
    trimmed = pc.utf8_trim_whitespace(values)
    refusal = np.zeros(len(values), np.uint8)
    refusal[lengths(values) > MAX_FIELD_BYTES] = Refusal.TOO_LONG
    refusal[(refusal == 0) & matches(trimmed, _CONTROL)] = Refusal.CONTROL_CHARACTER
    canonical, wrong_type = _typed(rule, trimmed, dates)
    refusal = np.where(refusal == 0, wrong_type, refusal)
    if rule.pattern is not None:
        _refuse(refusal, ~_fit_pattern(rule, canonical), Refusal.TRAIT_PATTERN)
    if rule.allowed is not None:
        _refuse(refusal, ~among(canonical, rule.allowed), Refusal.TRAIT_NOT_ALLOWED)
    good = refusal == 0
    return Ruled(canonical if good.all() else pc.if_else(pa.array(good), canonical, scalar(None)), refusal)


def missing(rule: TraitRule, codes: npt.NDArray[np.int32]) -> Rows:
    """Rows that lack a required trait (TRAIT_REQUIRED). codes: int32[n], the row's distinct value, negative for none."""
    return (codes < 0) & rule.required


def not_stated_by(rule: TraitRule, parties: npt.NDArray[np.uint8]) -> Rows:
    """Rows whose source may not state the trait (TRAIT_NOT_STATED_BY). parties: uint8[n], model.Party; an empty `stated_by` allows all."""
    return np.asarray(~np.isin(parties, np.array(rule.stated_by, np.uint8))) if rule.stated_by else np.zeros(len(parties), np.bool_)


def _refuse(refusal: npt.NDArray[np.uint8], rows: Rows, reason: Refusal) -> None:
    refusal[(refusal == 0) & rows] = reason


def _typed(rule: TraitRule, trimmed: pa.StringArray, dates: str | Inference | None) -> Ruled:
    if rule.type == "date":
        date, refusal = parse_dates(trimmed, dates or "iso")
        return Ruled(iso_text(date), refusal)
    if rule.type == "integer":
        fit = matches(trimmed, _INTEGER)
        # 18 digits fit an int64; a leading + is nothing to arrow
        numbers = pc.utf8_ltrim(_only(fit, trimmed), characters="+").cast(pa.int64())
        return Ruled(numbers.cast(pa.string()), _refused(~fit))
    if rule.type == "number":
        fit = matches(trimmed, _NUMBER)
        floats = pc.add(pc.utf8_ltrim(_only(fit, trimmed), characters="+").cast(pa.float64()), 0.0)  # -0 is 0
        fit &= mask(pc.fill_null(pc.is_finite(floats), False))
        return Ruled(_only(fit, floats.cast(pa.string())), _refused(~fit))
    if rule.type == "boolean":
        lowered = pc.utf8_lower(trimmed)
        true, false = among(lowered, _TRUE), among(lowered, _FALSE)
        return Ruled(pc.if_else(pa.array(true), scalar("true"), scalar("false")), _refused(~(true | false)))
    return Ruled(trimmed, _refused(np.zeros(len(trimmed), np.bool_)))


def _only(rows: Rows, values: pa.StringArray) -> pa.StringArray:
    return pc.if_else(pa.array(rows), values, scalar(None))


def _refused(rows: Rows) -> npt.NDArray[np.uint8]:
    return np.where(rows, np.uint8(Refusal.TRAIT_TYPE), np.uint8(0))


def _fit_pattern(rule: TraitRule, canonical: pa.StringArray) -> Rows:
    """Which values the pattern matches as a whole."""
    try:
        matches(pa.array([""]), rule.pattern or "")  # by itself: "a)(b" would pass inside the group below
        return matches(pc.fill_null(canonical, ""), rf"\A(?:{rule.pattern})\z")
    except pa.ArrowInvalid as error:
        raise PolicyError(f"traits.{rule.name}.pattern: {error}; patterns are RE2's, without look-around and back-references") from None
