"""Scores from 1 to 5 for recency, frequency and monetary value, by cut points that are computed once for everybody (A. M. Hughes, 1994)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from idweave_server.segments.subjects import NO_VALUE

GROUPS = 5  # quintiles


@dataclass(frozen=True, slots=True, eq=False)
class Cuts:
    """What ends each group but the last, of one value. value: int64[c], tie: uint64[c]; c is 0 where nobody had a value."""

    value: np.ndarray
    tie: np.ndarray

    @staticmethod
    def none() -> Cuts:
        return Cuts(np.zeros(0, np.int64), np.zeros(0, np.uint64))


@dataclass(frozen=True, slots=True, eq=False)
class RfmCuts:
    """Of last_purchase_time, purchase_count and spend_total."""

    recency: Cuts
    frequency: Cuts
    monetary: Cuts


def rfm_cuts(recency: np.ndarray, frequency: np.ndarray, monetary: np.ndarray, tie: np.ndarray) -> RfmCuts:
    """The cuts between fifths of those who bought. recency: int64[p], time of the last purchase, NO_VALUE of who never did; frequency:
    int64[p]; monetary: int64[p], NO_VALUE where it cannot be told; tie: uint64[p], a hash of the profile's id, which ranks equal values."""
    bought = recency != NO_VALUE
    known = bought & (monetary != NO_VALUE)
    return RfmCuts(
        _cuts(recency[bought], tie[bought]),
        _cuts(frequency[bought], tie[bought]),
        _cuts(monetary[known], tie[known]),
    )


def _cuts(value: np.ndarray, tie: np.ndarray) -> Cuts:
    """Of n, the last of the lowest n * g // 5 for each g: with fewer than five the lowest groups are empty."""
    places = [at - 1 for at in (value.size * group // GROUPS for group in range(1, GROUPS)) if at]
    if not value.size:
        return Cuts.none()
    least = GROUPS - 1 - len(places)
    ends = np.partition(value, places)[places] if places else np.zeros(0, np.int64)
    ties = []
    for place, end in zip(places, ends.tolist(), strict=True):
        equal = np.flatnonzero(value == end)
        rank = place - int((value < end).sum())
        ties.append(np.partition(tie[equal], rank)[rank])
    return Cuts(
        np.concatenate([np.full(least, NO_VALUE), ends]).astype(np.int64),
        np.concatenate([np.zeros(least, np.uint64), np.array(ties, np.uint64)]),
    )


def scores(cuts: Cuts, value: np.ndarray, tie: np.ndarray) -> np.ndarray:
    """int64[p]: 1 and how many cuts lie below each (value, tie); NO_VALUE where there is no value, and where there are no cuts."""
    if not cuts.value.size:
        return np.full(value.size, NO_VALUE)
    found = np.ones(value.size, np.int64)
    for end, end_tie in zip(cuts.value, cuts.tie, strict=True):
        found += (value > end) | ((value == end) & (tie > end_tie))
    return np.where(value == NO_VALUE, NO_VALUE, found)
