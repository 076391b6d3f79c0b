"""The policy's rules for traits: types with their canonical forms, patterns, allowed values, who may state them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from idweave_server.errors import PolicyError
from idweave_server.identifiers.dates import infer_format
from idweave_server.identifiers.field_rules import apply_rule, missing, not_stated_by
from idweave_server.model import MAX_FIELD_BYTES, Party, Refusal
from idweave_server.resolution.policy import Trait


def ruled(rule: Trait, *values: str) -> list[str]:
    found = apply_rule(rule, pa.array(values))
    assert [value is None for value in found.canonical.to_pylist()] == [refusal != 0 for refusal in found.refusal]
    return [value or Refusal(int(refusal)).label for value, refusal in zip(found.canonical.to_pylist(), found.refusal, strict=True)]


@pytest.mark.parametrize(
    ("type_", "values", "expected"),
    [
        ("text", [" a b ", "a\x00", "x" * (MAX_FIELD_BYTES + 1)], ["a b", "control_character", "too_long"]),
        ("integer", ["+007", "-0", " 5 ", "-12", "1.0", "x", "9" * 19], ["7", "0", "5", "-12", "trait_type", "trait_type", "trait_type"]),
        ("number", ["1e3", "-0.0", ".5", "+2", "1e999", "nan", "0x1", "1,5"], ["1000", "0", "0.5", "2", *["trait_type"] * 4]),
        ("boolean", ["Yes", "OFF", "1", "2", "perhaps"], ["true", "false", "true", "trait_type", "trait_type"]),
        ("date", ["2021-3-4", "2021-02-30", "3/4/21"], ["2021-03-04", "date_range", "date_syntax"]),
    ],
)
def test_types(type_: str, values: list[str], expected: list[str]) -> None:
    assert ruled(Trait("t", type=type_), *values) == expected


def test_a_date_in_the_column_s_own_format() -> None:
    values = pa.array(["3/4/2021", "3/14/2021"])
    assert apply_rule(Trait("t", type="date"), values, infer_format(values)).canonical.to_pylist() == ["2021-03-04", "2021-03-14"]
    ambiguous = pa.array(["3/4/2021"])
    assert apply_rule(Trait("t", type="date"), ambiguous, infer_format(ambiguous)).refusal.tolist() == [Refusal.DATE_AMBIGUOUS]


def test_a_pattern_holds_for_the_whole_value() -> None:
    rule = Trait("postcode", pattern="[0-9]{5}|[A-Z]{2}")
    assert ruled(rule, "12345", " 12345 ", "123456", "x12345", "12345\n1", "AB") == [
        "12345",
        "12345",
        "trait_pattern",
        "trait_pattern",
        "trait_pattern",
        "AB",
    ]


def test_a_pattern_that_would_backtrack_for_ever_does_not() -> None:
    assert ruled(Trait("t", pattern="(a+)+$"), "a" * 40_000 + "b", "aaa") == ["trait_pattern", "aaa"]


@pytest.mark.parametrize("pattern", ["(", "a)(b", "(?=a)", r"(a)\1"])
def test_a_pattern_that_cannot_be_is_named(pattern: str) -> None:
    with pytest.raises(PolicyError, match=r"traits\.code\.pattern"):
        apply_rule(Trait("code", pattern=pattern), pa.array(["a"]))


def test_allowed_values_are_compared_as_written() -> None:
    rule = Trait("size", allowed=frozenset(("S", "M")))
    assert ruled(rule, "S", " M ", "m", "XL") == ["S", "M", "trait_not_allowed", "trait_not_allowed"]


def test_the_first_rule_broken_is_the_one_named() -> None:
    rule = Trait("n", type="integer", pattern="[0-9]", allowed=frozenset("1"))
    assert ruled(rule, "x", "10", "2", "01") == ["trait_type", "trait_pattern", "trait_not_allowed", "1"]


def test_rules_about_rows() -> None:
    codes = np.array([0, -1, 3], np.int32)
    assert missing(Trait("t", required=True), codes).tolist() == [False, True, False]
    assert missing(Trait("t"), codes).tolist() == [False, False, False]
    parties = np.array([Party.ZERO, Party.THIRD], np.uint8)
    assert not_stated_by(Trait("t", stated_by=(Party.ZERO, Party.FIRST)), parties).tolist() == [False, True]
    assert not_stated_by(Trait("t"), parties).tolist() == [False, False]
