"""Whether two entries say the same: dataclasses of arrays have no useful equality of their own."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pyarrow as pa


def differences(one: Any, other: Any, name: str = "entry") -> list[str]:
    """The columns that differ, in value, type or shape."""
    if type(one) is not type(other):
        return [f"{name}: {type(one).__name__} and {type(other).__name__}"]
    if is_dataclass(one):
        return [found for f in fields(one) for found in differences(getattr(one, f.name), getattr(other, f.name), f"{name}.{f.name}")]
    if isinstance(one, tuple) and one and is_dataclass(one[0]):
        if len(one) != len(other):
            return [f"{name}: {len(one)} and {len(other)}"]
        return [found for at, (a, b) in enumerate(zip(one, other, strict=True)) for found in differences(a, b, f"{name}[{at}]")]
    if isinstance(one, np.ndarray):
        same = one.dtype == other.dtype and one.shape == other.shape and np.array_equal(one, other)
        return [] if same else [f"{name}: {one.dtype}{one.shape} {one[:5]} and {other.dtype}{other.shape} {other[:5]}"]
    if isinstance(one, pa.Array):
        return [] if one.equals(other) else [f"{name}: {one[:5]} and {other[:5]}"]
    return [] if one == other else [f"{name}: {one!r} and {other!r}"]
