"""The six rules in plain Python over plain values: slow, obvious, the judge of the kernels."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from idweave_server.identifiers.nicknames import families
from idweave_server.kernels.hashing import tie_hash
from idweave_server.model import DAY, Apart, Flag, Shared, Verdict
from idweave_server.resolution.policy import Policy

from tests.resolution.worlds import Key, Seen, World, epoch_content, text_hash

Node = tuple[Key, int]
Pair = tuple[Node, Node]


def one_edit(a: str, b: str) -> bool:
    if len(a) > len(b):
        a, b = b, a
    if len(b) - len(a) > 1:
        return False
    if len(a) < len(b):
        return any(b[:i] + b[i + 1 :] == a for i in range(len(b)))
    differ = [i for i in range(len(a)) if a[i] != b[i]]
    swap = len(differ) == 2 and differ[1] == differ[0] + 1 and a[differ[0]] == b[differ[1]] and a[differ[1]] == b[differ[0]]
    return len(differ) < 2 or swap


def same_name(a: str, b: str) -> bool:
    if a == b or families(a) & families(b):
        return True
    if not (a.isascii() and b.isascii()):
        return False
    return a.startswith(b) or b.startswith(a) or (min(len(a), len(b)) >= 4 and one_edit(a, b))


def same_birth(a: int, b: int) -> bool:
    def swapped(x: int) -> int:
        return x // 10000 * 10000 + x % 100 * 100 + x // 100 % 100

    return a == b or a == swapped(b)


def dominant(counts: Counter[Any], same: Callable[[Any, Any], bool], share: int) -> Any:
    if not counts:
        return None
    top = max(counts, key=lambda x: (counts[x], x))
    return top if 1000 * sum(n for x, n in counts.items() if same(x, top)) >= share * sum(counts.values()) else None


def groups_of(names: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    groups: list[str] = []
    of: dict[str, str] = {}
    for x in sorted(names):
        of[x] = next((g for g in groups if same_name(x, g)), x)
        if of[x] == x:
            groups.append(x)
    return groups, of


def expires(time: int, days: int | None, spread: int) -> float:
    return math.inf if days is None else (time // DAY + days) * DAY + spread % DAY


@dataclass
class Found:
    profile: dict[Node, frozenset[Node]]
    shared: dict[Node, Shared]
    assigned: dict[str, Node | None]
    links: dict[Pair, tuple[int, int]]
    apart: dict[Pair, Apart]
    epochs: dict[Key, list[int]]


class Naive:
    def __init__(self, policy: Policy, world: World, as_of: int) -> None:
        self.policy, self.world, self.as_of = policy, world, as_of
        self.space = {n.name: n for n in policy.namespaces}
        self.kind = {k.name: i for i, k in enumerate(policy.kinds)}

    def days(self, key: Key, o: Seen) -> int | None:
        given = [d for d in (self.space[key[0]].ttl_days, self.policy.source(o.source).ttl_days) if d]
        return min(given) if given else None

    def live_keys(self, o: Seen) -> list[Key]:
        return [k for k in o.keys if expires(o.time, self.days(k, o), epoch_content(k, 0)[0]) > self.as_of]

    def weight(self, o: Seen) -> int:
        return self.policy.weight(self.kind[o.kind], o.source)

    def listed(self, key: Key) -> bool:
        return bool(self.world.flags.get(key, Flag.NONE) & (Flag.FAKE | Flag.ROLE))

    def resolve(self) -> Found:
        seen = sorted(self.world.seen, key=lambda o: (o.time, int(text_hash(f"{o.source}\0{o.name}")[0, 0])))
        self.keys = {o.name: self.live_keys(o) for o in seen}
        self.names: dict[Key, Counter[str]] = defaultdict(Counter)
        alive = {k for ks in self.keys.values() for k in ks}
        for o in seen:
            for k in self.keys[o.name]:
                if o.first_name:
                    self.names[k][o.first_name] += self.weight(o)
        for k, name in self.world.mailbox_names.items():
            if k in alive and not self.listed(k):
                self.names[k][name] += self.policy.mailbox_weight
        cuts = {k: c for k in sorted(alive) if self.may_change_hands(k) and (c := self.cuts(k, seen))}
        at = {o.name: [(k, sum(o.time > c for c in cuts.get(k, ()))) for k in self.keys[o.name]] for o in seen}
        nodes = sorted({n for ns in at.values() for n in ns})
        first: dict[Node, Counter[str]] = defaultdict(Counter)
        birth: dict[Node, Counter[int]] = defaultdict(Counter)
        partners: dict[Node, set[Key]] = defaultdict(set)
        for o in seen:
            for n in at[o.name]:
                partners[n].update(k for k in self.keys[o.name] if k != n[0] and self.space[k[0]].strong)
                if o.first_name:
                    first[n][o.first_name] += self.weight(o)
                if o.birth_date:
                    birth[n][o.birth_date] += self.weight(o)
        self.named = Counter(n for o in seen if o.first_name for n in at[o.name])
        for n in nodes:
            if n[0] in self.world.mailbox_names and not self.listed(n[0]):
                first[n][self.world.mailbox_names[n[0]]] += self.policy.mailbox_weight
        shared = {n: s for n in nodes if (s := self.why_shared(n, first[n], partners[n]))}
        linking = [n for n in nodes if n not in shared and self.space[n[0][0]].links]
        links = self.links(seen, at, set(linking))
        profile, apart = self.unite(linking, links, first, birth, shared)
        strongest: Counter[Node] = Counter()
        for (a, b), (strength, _) in links.items():
            for n in (a, b):
                strongest[n] = max(strongest[n], strength)
        assigned = {}
        for o in seen:
            able = [n for n in at[o.name] if n in profile]
            moved = dict(self.policy.kinds[self.kind[o.kind]].order)
            rank = {n: (moved.get(n[0][0], self.space[n[0][0]].order), -strongest[n], epoch_content(*n)) for n in able}
            assigned[o.name] = min(able, key=lambda n: rank[n], default=None)
        return Found(profile, shared, assigned, links, apart, cuts)

    def may_change_hands(self, key: Key) -> bool:
        return self.space[key[0]].epochs and not self.world.flags.get(key, Flag.NONE) & Flag.SERVICE

    def name_of(self, o: Seen) -> str | None:
        if o.first_name and len(o.first_name) > 1:
            return o.first_name
        mails = [k for k in self.keys[o.name] if k[0] == "email"]
        if not mails:
            return None
        mail = min(mails, key=lambda k: epoch_content(k, 0)[0])
        return None if self.listed(mail) else dominant(self.names[mail], same_name, self.policy.dominance)

    def cuts(self, key: Key, seen: list[Seen]) -> list[int]:
        named = [(o, n) for o in seen if key in self.keys[o.name] and (n := self.name_of(o))]
        _, of = groups_of({n for _, n in named})
        size = Counter(of[n] for _, n in named)
        many = len(named) > 4
        main = {g for g in size if not many or (size[g] >= 2 and size[g] * 1000 >= self.policy.epoch_block_share * len(named))}
        runs: list[list[Any]] = []
        for o, n in named:
            if of[n] in main:
                if runs and runs[-1][0] == of[n]:
                    runs[-1][2] = o.time
                else:
                    runs.append([of[n], o.time, o.time])
        gap = self.policy.epoch_gap_days * DAY
        if not 2 <= len(runs) == len(main) <= self.policy.epoch_max_blocks or any(b[1] - a[2] < gap for a, b in pairwise(runs)):
            return []
        return [a[2] + (b[1] - a[2]) // 2 for a, b in pairwise(runs)]

    def why_shared(self, node: Node, names: Counter[str], partners: set[Key]) -> Shared:
        unary = [s for s in self.world.said if s.left == node[0] and s.kind in (Verdict.SHARED, Verdict.PERSONAL)]
        if unary:
            last = max(unary, key=lambda s: (s.time, s.kind == Verdict.SHARED))
            return Shared.ASSERTED if last.kind == Verdict.SHARED else Shared.NONE
        flags = self.world.flags.get(node[0], Flag.NONE)
        groups, _ = groups_of({n for n in names if len(n) > 1})
        alone = len(groups) < 2 or dominant(names, same_name, 1000) is not None
        exclusive = 0 < self.policy.service_sightings <= self.named[node] and alone
        for flag, reason in ((Flag.FAKE, Shared.FAKE), (Flag.ROLE, Shared.ROLE), (Flag.SERVICE, Shared.SERVICE)):
            if flags & flag and not (flag == Flag.SERVICE and exclusive):
                return reason
        if len(groups) >= self.policy.shared_names and dominant(names, same_name, self.policy.shared_names_share) is None:
            return Shared.NAMES
        return Shared.PARTNERS if len(partners) > self.policy.shared_partners else Shared.NONE

    def tie(self, a: Node, b: Node) -> int:
        x, y = sorted((epoch_content(*a)[0], epoch_content(*b)[0]))
        return int(tie_hash(np.array([x], np.uint64), np.array([y], np.uint64))[0])

    def links(self, seen: list[Seen], at: dict[str, list[Node]], linking: set[Node]) -> dict[Pair, tuple[int, int]]:
        evidence: dict[Pair, set[tuple[int, str, str]]] = defaultdict(set)
        for o in seen:
            live = sorted(n for n in at[o.name] if n in linking)
            for i, a in enumerate(live):
                for b in live[i + 1 :]:
                    days = [d for d in (self.days(a[0], o), self.days(b[0], o)) if d]
                    if expires(o.time, min(days) if days else None, self.tie(a, b)) > self.as_of:
                        evidence[a, b].add((o.time // DAY, o.source, o.kind))
        return {pair: (sum(self.policy.cost(self.kind[k], source) for _, source, k in e), len(e)) for pair, e in evidence.items()}

    def unite(
        self,
        linking: list[Node],
        links: dict[Pair, tuple[int, int]],
        first: dict[Node, Counter[str]],
        birth: dict[Node, Counter[int]],
        shared: dict[Node, Shared],
    ) -> tuple[dict[Node, frozenset[Node]], dict[Pair, Apart]]:
        group = {n: {n} for n in linking}
        latest: dict[frozenset[Key], tuple[int, Verdict, int]] = {}
        for s in self.world.said:
            if s.right and s.left != s.right:
                pair = frozenset((s.left, s.right))
                rank = (s.time, s.kind, int(text_hash(s.name)[0, 0]))
                latest[pair] = max(latest.get(pair, rank), rank)
        different = [tuple(p) for p, rank in latest.items() if rank[1] == Verdict.DIFFERENT]
        same = sorted((-rank[0], rank[2], sorted(p)) for p, rank in latest.items() if rank[1] == Verdict.SAME)

        def forbidden(x: set[Node], y: set[Node], force: bool) -> Apart:
            keys = {n[0] for n in x}, {n[0] for n in y}
            for a, b in different:
                if (a in keys[0] and b in keys[1]) or (b in keys[0] and a in keys[1]):
                    return Apart.DIFFERENT
            if force:
                return Apart.NONE
            for a in keys[0]:
                for b in keys[1]:
                    if self.space[a[0]].unique and a[:2] == b[:2] and a != b:
                        return Apart.UNIQUE
            rules: list[tuple[Any, Any, Apart]] = [(first, same_name, Apart.NAMES), (birth, same_birth, Apart.BIRTH_DATES)]
            for counts, alike, reason in rules:
                p, q = (dominant(sum((counts[n] for n in g), Counter[Any]()), alike, self.policy.dominance) for g in (x, y))
                if p is not None and q is not None and not alike(p, q):
                    return reason
            return Apart.NONE

        def join(a: Node, b: Node, force: bool = False) -> Apart:
            x, y = group[a], group[b]
            if x is y:
                return Apart.NONE
            why = forbidden(x, y, force)
            if not why:
                x |= y
                for n in y:
                    group[n] = x
            return why

        nodes_of: dict[Key, list[Node]] = defaultdict(list)
        for n in [*linking, *shared]:
            nodes_of[n[0]].append(n)
        for _, _, (a, b) in same:
            ends = [max(nodes_of[k], default=(k, -1)) for k in (a, b)]
            if ends[0] in group and ends[1] in group:
                join(ends[0], ends[1], force=True)
        order = sorted(links, key=lambda p: (-links[p][0], -links[p][1], self.tie(*p)))
        why = {p: join(*p) for p in order}
        apart = {p: Apart.NONE if group[p[0]] is group[p[1]] else why[p] for p in links}
        return {n: frozenset(g) for n, g in group.items()}, apart
