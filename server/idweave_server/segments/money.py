"""Amounts of money in several currencies: what one is worth in another, by declared rates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ONE = 1_000_000  # micro-rate of the policy's own currency


@dataclass(frozen=True, slots=True)
class Rates:
    """currency: the policy's; micros: what one unit of each other currency is worth in it, in millionths."""

    currency: str
    micros: Mapping[str, int] = field(default_factory=dict)

    def factor(self, source: str, target: str) -> float | None:
        """What one unit of `source` is worth in `target`; None where a rate is missing."""
        if source == target:
            return 1.0
        rates = {**self.micros, self.currency: ONE}
        if not rates.get(source) or not rates.get(target):
            return None
        return rates[source] / rates[target]

    def convert(self, micros: int, source: str, target: str) -> int | None:
        """An amount in another currency, to the nearest millionth (ties to even); None where a rate is missing."""
        factor = self.factor(source, target)
        if factor is None:
            return None
        return micros if factor == 1.0 else round(micros * factor)

    def into(self, target: str) -> dict[str, float]:
        """The factors of all currencies that lead to this one."""
        known = {self.currency, target, *self.micros}
        return {name: factor for name in sorted(known) if (factor := self.factor(name, target)) is not None}
