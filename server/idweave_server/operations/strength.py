"""How strengths are shown: the engine counts in millionths of a nat, people in nats and in probabilities."""

from __future__ import annotations

import math

from idweave_server.resolution.policy import MICRO_NATS


def nats(strength: int) -> float:
    return strength / MICRO_NATS


def probability(strength: int) -> float:
    """How sure a strength in micro-nats makes, in whole millionths: 1 - exp(-strength)."""
    return round(-math.expm1(-strength / MICRO_NATS), 6)
