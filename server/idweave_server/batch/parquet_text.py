"""Arrow columns of any type as text: numbers as a person writes them, times in ISO 8601, lists and structs as JSON."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

EXACT_INTEGERS = 1 << 53  # doubles up to here hold every integer
NONE_BAD = np.zeros(0, dtype=np.int64)


def stays_native(values: pa.Array) -> pa.Array | None:
    """Integers as int64, timestamps in microseconds with the column's time zone; None for other types and for what does not fit."""
    try:
        if pa.types.is_integer(values.type):
            return values.cast(pa.int64())
        if pa.types.is_timestamp(values.type):
            return values.cast(pa.timestamp("us", values.type.tz), safe=values.type.unit != "ns")
    except pa.ArrowInvalid:
        return None
    return None


def as_text(values: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """The values as pa.string(), and the positions of those that are not UTF-8 (which are null).

    A float that is a whole number loses its ".0": pandas makes floats of integers that have gaps. NaN is a missing value. Timestamps with a
    time zone are given in UTC with "Z", those without as they stand.
    """
    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.dictionary_decode(), kind.value_type
    if isinstance(kind, pa.UuidType):
        return pa.array([None if value is None else str(value) for value in values.to_pylist()], pa.string()), NONE_BAD
    if isinstance(kind, pa.BaseExtensionType):
        values, kind = values.storage, kind.storage_type
    if _is_bytes(kind):
        return _decoded(values)
    if pa.types.is_floating(kind):
        return _float_text(values), NONE_BAD
    if pa.types.is_timestamp(kind):
        return _timestamp_text(values), NONE_BAD
    if pa.types.is_nested(kind):
        texts = [
            None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
            for value in values.to_pylist()
        ]
        return pa.array(texts, pa.string()), NONE_BAD
    try:
        return values.cast(pa.string()), NONE_BAD
    except pa.ArrowNotImplementedError:
        return pa.array([None if value is None else str(value) for value in values.to_pylist()], pa.string()), NONE_BAD


def _is_bytes(kind: pa.DataType) -> bool:
    types = pa.types
    text = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    return text or types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind) or types.is_fixed_size_binary(kind)


def _decoded(values: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Text that may not be UTF-8: a Parquet file promises it, and nobody checks."""
    try:
        text = values.cast(pa.string())
        text.validate(full=True)
        return text, NONE_BAD
    except pa.ArrowInvalid:
        pass
    decoded: list[str | None] = []
    bad: list[int] = []
    for at, value in enumerate(values.cast(pa.binary()).to_pylist()):
        try:
            decoded.append(None if value is None else value.decode())
        except UnicodeDecodeError:
            decoded.append(None)
            bad.append(at)
    return pa.array(decoded, pa.string()), np.array(bad, dtype=np.int64)


def _float_text(values: pa.Array) -> pa.Array:
    number = values.cast(pa.float64())
    text = values.cast(pa.string()) if pa.types.is_float32(values.type) else number.cast(pa.string())
    flat = number.fill_null(float("nan")).to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):
        whole = (np.floor(flat) == flat) & (np.abs(flat) <= EXACT_INTEGERS)
    integers = pa.array(np.where(whole, flat, 0).astype(np.int64)).cast(pa.string())
    text = pc.if_else(pa.array(whole), integers, text)
    return pc.if_else(pa.array(np.isnan(flat)), pa.scalar(None, pa.string()), text)


def _timestamp_text(values: pa.Array) -> pa.Array:
    # As zone-less values of the same instants: with a zone, Arrow looks for a time zone database, which not every machine has.
    instants = values.cast(pa.int64()).cast(pa.timestamp(values.type.unit))
    text = pc.strftime(instants, format="%Y-%m-%dT%H:%M:%S")
    if values.type.unit != "s":
        text = pc.replace_substring_regex(text, pattern=r"(\.\d*?)0+$", replacement=r"\1")
        text = pc.replace_substring_regex(text, pattern=r"\.$", replacement="")
    return pc.binary_join_element_wise(text, pa.scalar("Z"), "") if values.type.tz else text
