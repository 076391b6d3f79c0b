"""Which value of a trait a profile shows: by recency, by party or by support, as the policy says of each trait."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.kernels.rows import group_by
from idweave_server.kernels.winners import RANK_FIRST, SUPPORT_FIRST, TIME_FIRST, distinct_values, winning_entries
from idweave_server.model import Party
from idweave_server.resolution.observations import Observations
from idweave_server.resolution.policy import Policy, Trait

ORDERS = {"recency": TIME_FIRST, "party": RANK_FIRST, "support": SUPPORT_FIRST}


@dataclass(frozen=True, slots=True)
class Stated:
    """One trait as the observations state it. value: int32[n], code or -1; content: uint64[values], hash of each value's text."""

    value: np.ndarray
    content: np.ndarray


def winning_observations(
    policy: Policy, trait: Trait, stated: Stated, observations: Observations, profile: np.ndarray, profiles: int
) -> np.ndarray:
    """int64[p]: for each profile the observation whose value of the trait wins, -1 where nobody states it.

    profile: int32[n], of each observation, -1 without one. Ties go to the value with the least content hash.
    """
    party = np.array([policy.source(s).party for s in observations.sources] or [Party.FIRST], np.uint8)[observations.source]
    start, member = group_by(np.where(stated.value >= 0, profile, np.int32(-1)), profiles)
    return winning_entries(start, member, stated.value, observations.time, party, stated.content, ORDERS[trait.survivorship])


def all_values(stated: Stated, profile: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(profile int32[d], value int32[d]): every distinct value of a list-valued trait, by profile."""
    return distinct_values(np.where(stated.value >= 0, profile, np.int32(-1)), stated.value, stated.content)
