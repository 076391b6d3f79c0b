"""Codes of words of which there mostly are few: a byte each, two or four where more come."""

from __future__ import annotations

import numpy as np

from idweave_server.kernels.column import Column

_KINDS = (np.int8, np.int16, np.int32)


class Narrow(Column):
    """Integers from -1 on. `array` has the least signed type that holds what came."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(_KINDS[0])

    def extend(self, values: np.ndarray) -> None:
        """values: int32[n]"""
        most, held = int(values.max(initial=0)), self.array
        if most > np.iinfo(held.dtype).max:
            super().__init__(next(kind for kind in _KINDS if most <= np.iinfo(kind).max))
            super().extend(held)
        super().extend(values)
