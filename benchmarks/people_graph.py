"""A graph as people leave it: a few identifiers each, linked with repeats, some shared in the family, with the names they give."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from idweave_server.kernels.histograms import Histograms, count_labels
from idweave_server.kernels.labels import Labels
from idweave_server.kernels.marks import Marks
from numpy.typing import NDArray

FIRST = "alma anna anton berta boris carla clara dario dora edgar elena emil fritz greta hanna hugo ida ivan jana jonas kelly lena leo lina"
NAMES = 2_000  # made of two of these, so that most pairs are dissimilar
LINKS_PER_PERSON = 4
SHARED = 0.03  # persons one of whose nodes is linked to another person's, as a family's tablet is
VERDICTS_FROM = 1


class PeopleGraph(NamedTuple):
    """n nodes numbered at random; edges in random order: u, v int32[m], strength int64[m], count int32[m], tie uint64[m]."""

    n: int
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    strength: NDArray[np.int64]
    count: NDArray[np.int32]  # type: ignore[assignment]  # tuple.count is of no use here
    tie: NDArray[np.uint64]
    names: Histograms
    labels: Labels
    births: Histograms
    marks: Marks


def people_graph(links: int, seed: int) -> PeopleGraph:
    """About as many nodes as links: four of each a person."""
    rng = np.random.default_rng(seed)
    people = max(2, links // LINKS_PER_PERSON)
    size = rng.geometric(1 / LINKS_PER_PERSON, people)
    first = np.concatenate([[0], np.cumsum(size)])
    n, person = int(first[-1]), np.repeat(np.arange(people), size)
    inside = links - int(people * SHARED)
    a = rng.integers(0, n, inside)
    b = first[person[a]] + rng.integers(0, size[person[a]])
    c, d = rng.integers(0, n, (2, links - inside))
    number, order = rng.permutation(n).astype(np.int32), rng.permutation(links)
    u, v = (number[np.concatenate(ends)[order]] for ends in ((a, c), (b, d)))
    count = rng.geometric(0.5, links).astype(np.int32)
    strength = count * rng.choice([105_361, 693_147, 916_291, 1_609_438, 2_302_585], links)
    return PeopleGraph(
        n,
        u,
        v,
        strength.astype(np.int64),
        count,
        rng.integers(0, 2**64, links, dtype=np.uint64),
        _names(rng, person, number),
        _labels(),
        _births(rng, person, number),
        _marks(rng, n),
    )


def _names(rng: np.random.Generator, person: NDArray[np.int64], number: NDArray[np.int32]) -> Histograms:
    """No name on four nodes in ten, one or two on the others; one in ten is an initial or misspelt."""
    own = (person * 2_654_435_761 % NAMES).astype(np.int32)
    given = [np.flatnonzero(rng.random(person.size) < share) for share in (0.6, 0.3)]
    node = np.concatenate(given)
    variant = rng.choice(3, node.size, p=[0.9, 0.05, 0.05]).astype(np.int32)
    return count_labels(number[node], own[node] * 3 + variant, rng.integers(30, 98, node.size), person.size)


def _births(rng: np.random.Generator, person: NDArray[np.int64], number: NDArray[np.int32]) -> Histograms:
    node = np.flatnonzero(rng.random(person.size) < 0.2)
    date = (1940 + person[node] % 60) * 10_000 + (1 + person[node] // 60 % 12) * 100 + 1 + person[node] // 720 % 28
    return count_labels(number[node], date.astype(np.int32), np.full(node.size, 90), person.size)


def _marks(rng: np.random.Generator, n: int) -> Marks:
    """One node in two hundred carries an identifier of a unique namespace."""
    start = np.concatenate([[0], np.cumsum(rng.random(n) < 0.005)]).astype(np.int64)
    return Marks(start, np.zeros(start[-1], np.int32), np.arange(start[-1], dtype=np.int32))


def _labels() -> Labels:
    """Each name three times: as it is, its initial, and with a letter doubled."""
    parts = FIRST.split()
    names = [parts[i % len(parts)] + parts[i // len(parts) % len(parts)] + "aeiou"[i // len(parts) ** 2 % 5] for i in range(NAMES)]
    words = [word for name in names for word in (name, name[0], name[:2] + name[1:])]
    nothing = np.zeros(len(words) + 1, np.int64)
    return Labels(
        np.array([ord(c) for c in "".join(words)], np.uint32),
        np.cumsum([0, *map(len, words)]).astype(np.int64),
        nothing,
        np.empty(0, np.int32),
        np.ones(len(words), np.uint8),
    )
