"""What a benchmark wants to show beside what it found, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.results import number


@dataclass(frozen=True, slots=True)
class Target:
    """what: in words; limit: at most, or at least where `least`; found: in the same unit."""

    what: str
    limit: float
    unit: str
    found: float
    least: bool = False

    @property
    def met(self) -> bool:
        return self.found >= self.limit if self.least else self.found <= self.limit


def told(targets: Sequence[Target]) -> str:
    """A line each: what, the limit, what was found, and by how much it is missed."""
    width = max((len(target.what) for target in targets), default=0)
    lines = []
    for target in targets:
        sign = ">=" if target.least else "<="
        times = target.limit / target.found if target.least and target.found else target.found / target.limit if target.limit else 0.0
        verdict = "met" if target.met else f"MISSED, {times:.2f} times off" if times else "MISSED"
        lines.append(f"{target.what:{width}}  {sign} {number(target.limit):>8} {target.unit:<8} {number(target.found):>9}  {verdict}")
    return "\n".join(lines)
