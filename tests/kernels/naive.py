"""Every kernel again, slow and obvious: what the compiled ones are compared with."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import networkx as nx

WORD = 2**64 - 1
V = TypeVar("V", int, str)


# ------------------------------------------------------------------ hashing
def siphash(data: bytes, key: int) -> tuple[int, int]:
    """SipHash-2-4 with 128-bit output, as two little-endian words, after the paper's pseudo code."""
    k0, k1 = key & WORD, key >> 64
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D ^ 0xEE, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]

    def rotate(x: int, bits: int) -> int:
        return (x << bits | x >> (64 - bits)) & WORD

    def rounds(times: int) -> None:
        for _ in range(times):
            v[0] = (v[0] + v[1]) & WORD
            v[1] = rotate(v[1], 13) ^ v[0]
            v[0] = rotate(v[0], 32)
            v[2] = (v[2] + v[3]) & WORD
            v[3] = rotate(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & WORD
            v[3] = rotate(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & WORD
            v[1] = rotate(v[1], 17) ^ v[2]
            v[2] = rotate(v[2], 32)

    padded = data + bytes(7 - len(data) % 8) + bytes([len(data) & 255])
    for at in range(0, len(padded), 8):
        word = int.from_bytes(padded[at : at + 8], "little")
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xEE
    rounds(4)
    first = v[0] ^ v[1] ^ v[2] ^ v[3]
    v[1] ^= 0xDD
    rounds(4)
    return first, v[0] ^ v[1] ^ v[2] ^ v[3]


# ------------------------------------------------------------------ partitions
def dense(key: Sequence[object]) -> list[int]:
    """Equal keys get equal numbers, numbered by first place."""
    seen: dict[object, int] = {}
    return [seen.setdefault(x, len(seen)) for x in key]


def components(n: int, edges: Iterable[tuple[int, int]]) -> list[int]:
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(edges)
    label = [0] * n
    for number, members in enumerate(nx.connected_components(graph)):
        for node in members:
            label[node] = number
    return dense(label)


# ------------------------------------------------------------------ labels
def one_edit(a: str, b: str) -> bool:
    """By trying every edit: insertions, deletions, substitutions, and swaps of neighbours."""
    if a == b:
        return True
    alphabet = set(b)
    edits = {a[:i] + a[i + 1 :] for i in range(len(a))}
    edits |= {a[:i] + c + a[i:] for i in range(len(a) + 1) for c in alphabet}
    edits |= {a[:i] + c + a[i + 1 :] for i in range(len(a)) for c in alphabet}
    edits |= {a[:i] + a[i + 1] + a[i] + a[i + 2 :] for i in range(len(a) - 1)}
    return b in edits


def similar_names(families: dict[str, set[int]], alphabetic: dict[str, bool]) -> Callable[[str, str], bool]:
    def similar(a: str, b: str) -> bool:
        if a == b or families[a] & families[b]:
            return True
        if not (alphabetic[a] and alphabetic[b]):
            return False
        return a.startswith(b) or b.startswith(a) or (min(len(a), len(b)) >= 4 and one_edit(a, b))

    return similar


def similar_dates(a: int, b: int) -> bool:
    (year, month, day), (other_year, other_month, other_day) = ((x // 10000, x // 100 % 100, x % 100) for x in (a, b))
    return year == other_year and ((month, day) == (other_month, other_day) or (month, day) == (other_day, other_month))


def dominant(counts: Counter[V], similar: Callable[[V, V], bool], share: int) -> V | None:
    if not counts:
        return None
    top = max(counts, key=lambda x: (counts[x], x))
    held = sum(weight for x, weight in counts.items() if similar(x, top))
    return top if held * 1000 >= share * sum(counts.values()) else None


def dissimilar(counts: Counter[str], similar: Callable[[str, str], bool], names: int, share: int) -> bool:
    groups: list[str] = []
    for x in sorted(x for x in counts if len(x) > 1):
        if not any(similar(x, g) for g in groups):
            groups.append(x)
    return len(groups) >= names and dominant(counts, similar, share) is None


# ------------------------------------------------------------------ evidence
def aggregate(rows: Iterable[tuple[int, int, int, int, int, int]]) -> dict[tuple[int, int], tuple[int, int, int, int]]:
    evidence: dict[tuple[int, int], dict[tuple[int, int], int]] = defaultdict(dict)
    times: dict[tuple[int, int], list[int]] = defaultdict(list)
    for a, b, day, kind, cost, time in rows:
        if a != b:
            evidence[a, b][day, kind] = cost
            times[a, b].append(time)
    return {k: (sum(e.values()), len(e), min(times[k]), max(times[k])) for k, e in evidence.items()}


# ------------------------------------------------------------------ agglomeration
@dataclass
class Node:
    names: Counter[str] = field(default_factory=Counter)
    births: Counter[int] = field(default_factory=Counter)
    marks: set[tuple[int, int]] = field(default_factory=set)


@dataclass
class Edge:
    u: int
    v: int
    strength: int
    count: int
    tie: int


NONE, NAMES, BIRTH_DATES, UNIQUE, DIFFERENT = range(5)


def agglomerate(
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    same: Sequence[tuple[int, int]],
    similar: Callable[[str, str], bool],
    share: int,
    different_from: int,
) -> tuple[list[int], list[int], list[int]]:
    """Kruskal with whole Counters per group, recomputed at every step: (label, apart, same_apart)."""
    group = list(range(len(nodes)))
    members = {i: [i] for i in range(len(nodes))}

    def refusal(a: int, b: int, forced: bool) -> int:
        names: list[str | None] = []
        births: list[int | None] = []
        marks: list[set[tuple[int, int]]] = []
        for g in (a, b):
            names.append(dominant(sum((nodes[i].names for i in members[g]), Counter()), similar, share))
            births.append(dominant(sum((nodes[i].births for i in members[g]), Counter()), similar_dates, share))
            marks.append({m for i in members[g] for m in nodes[i].marks})
        clashing = {k for k, x in marks[0] for other, y in marks[1] if k == other and x != y}
        if any(k >= different_from for k in clashing):
            return DIFFERENT
        if forced:
            return NONE
        if clashing:
            return UNIQUE
        if names[0] is not None and names[1] is not None and not similar(names[0], names[1]):
            return NAMES
        if births[0] is not None and births[1] is not None and not similar_dates(births[0], births[1]):
            return BIRTH_DATES
        return NONE

    def unite(u: int, v: int, forced: bool) -> int:
        a, b = group[u], group[v]
        if a == b:
            return NONE
        reason = refusal(a, b, forced)
        if reason == NONE:
            for i in members[b]:
                group[i] = a
            members[a] += members.pop(b)
        return reason

    same_apart = [unite(u, v, True) for u, v in same]
    apart = [NONE] * len(edges)
    for e in sorted(range(len(edges)), key=lambda e: (-edges[e].strength, -edges[e].count, edges[e].tie)):
        apart[e] = unite(edges[e].u, edges[e].v, False)
    for e, edge in enumerate(edges):
        if group[edge.u] == group[edge.v]:
            apart[e] = NONE
    return dense(group), apart, same_apart


# ------------------------------------------------------------------ bridges
def weakest_bridges(
    n: int, edges: Sequence[tuple[int, int]], strength: Sequence[int], tie: Sequence[int], group: Sequence[int], lasting: Sequence[bool]
) -> list[int]:
    """By taking every edge away in turn."""
    number = {edge: e for e, edge in enumerate(edges)} | {(v, u): e for e, (u, v) in enumerate(edges)}
    out = []
    for g in range(max(group, default=-1) + 1):
        members = [i for i in range(n) if group[i] == g]
        graph = nx.Graph()
        graph.add_nodes_from(members)
        graph.add_edges_from((u, v) for u, v in edges if group[u] == g and u != v)
        found = []
        for u, v in list(graph.edges):
            graph.remove_edge(u, v)
            side = nx.node_connected_component(graph, u)
            if v not in side:
                part, rest = any(lasting[i] for i in side), any(lasting[i] for i in nx.node_connected_component(graph, v))
                if part and rest:
                    e = number[u, v]
                    found.append((strength[e], tie[e], e))
            graph.add_edge(u, v)
        out.append(min(found)[2] if found else -1)
    return out
