"""What a result says of identifiers, people and links, in words for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import groupby

import numpy as np
from rich.text import Text

from idweave_server.batch.output_tables import identifier_text, probability, shared_reasons
from idweave_server.batch.result import BatchResult
from idweave_server.errors import InputError
from idweave_server.identifiers.notation import format_identifier
from idweave_server.model import Shared
from idweave_server.resolution.explain import Step, witnesses
from idweave_server.resolution.observations import Sightings

QUIET = "bright_black"
LOOK = "yellow"
NAMES = (("full_name",), ("first_name", "last_name"))  # the traits that say who a profile is, best first
SHORT = 12  # characters shown of a device or cookie, which nobody reads to the end


class Wording:
    """The words of one result, small enough to name every identifier."""

    def __init__(self, result: BatchResult) -> None:
        self.result = result
        self.nodes = result.resolution.statuses.nodes
        self.profile = result.resolution.profile
        self.shared = shared_reasons(result)
        self.row_profile = result.resolution.observation_profiles()
        self._seen_in = Sightings.of(result.observations).row
        texts = identifier_text(result, np.arange(len(result.identifiers.identifiers)))
        self.names = [format_identifier(t["namespace"], t["issuer"], t["value"]) for t in texts]
        self._code = {name: code for code, name in enumerate(self.names)}
        self._traits = {column.trait.name: column for column in result.traits if column.every is None}

    def nodes_of(self, name: str) -> list[int]:
        """The nodes of an identifier in its notation, none where it is in no observation that counts."""
        code = self._code.get(name)
        return [] if code is None else list(range(int(self.nodes.first[code]), int(self.nodes.first[code + 1])))

    def node_of(self, name: str, at: date | None = None) -> int:
        """Its one node, or the one in whose epoch a day begins. Raises InputError where that is not one."""
        second = None if at is None else int(datetime(at.year, at.month, at.day, tzinfo=UTC).timestamp())
        nodes = [n for n in self.nodes_of(name) if second is None or self.nodes.begin[n] < second <= self.nodes.end[n]]
        if len(nodes) != 1:
            raise InputError(f"{name} has {len(nodes)} owners in turn" if nodes else f"{name} is in no observation")
        return nodes[0]

    def identifier(self, node: int) -> Text:
        """An identifier, what passes cut short."""
        code = int(self.nodes.identifier[node])
        space = self.result.policy.namespaces[int(self.result.identifiers.identifiers.namespace[code])]
        kind, _, value = self.names[code].partition(":")
        if space.standing == "passing" and len(value) > SHORT:
            value = value[:SHORT] + "…"
        return Text.assemble((f"{kind}:", QUIET), value)

    def trait(self, name: str, profile: int) -> str:
        column = self._traits.get(name)
        winner = -1 if column is None else int(column.winner[profile])
        return "" if column is None or winner < 0 else str(column.values[int(column.code[winner])].as_py())

    def person(self, profile: int, *, with_id: bool = False) -> Text:
        """What a profile is called; one without a name goes by its bearer. with_id: add the beginning of its id."""
        if profile < 0:
            return Text("nobody")
        ways = (" ".join(filter(None, (self.trait(trait, profile) for trait in way))) for way in NAMES)
        bearer = self.identifier(int(self.result.resolution.bearers.node[profile]))
        called = next((Text(way, "bold") for way in ways if way), bearer)
        return Text.assemble(called, (f" {self.result.profile_id[profile].as_py()[:8]}", QUIET)) if with_id else called

    def people(self, profiles: Sequence[int]) -> Text:
        """Who they are; with their ids where two are called the same."""
        called = [self.person(profile) for profile in profiles]
        alike = len({text.plain for text in called}) < len(called)
        return listed([self.person(profile, with_id=True) for profile in profiles] if alike else called)

    def sightings(self, node: int) -> np.ndarray:
        """int64[e]: the observations that saw a node."""
        return self._seen_in[self.nodes.sighting == node].astype(np.int64)

    def owners_of(self, rows: np.ndarray) -> list[int]:
        """Whose these observations are, -1 for nobody, in the order of the first of each."""
        rows = rows[np.lexsort((self.result.observations.content[rows, 0], self.result.observations.time[rows]))]
        return list(dict.fromkeys(self.row_profile[rows].tolist()))

    def first_names(self, rows: np.ndarray) -> list[tuple[str, int]]:
        """The first names that observations state, folded as they are compared, with how often; the most frequent first."""
        said = self.result.observations.first_name[rows]
        value, count = np.unique(said[said >= 0], return_counts=True)
        return sorted(((self.label(v), int(c)) for v, c in zip(value, count, strict=True)), key=lambda name: (-name[1], name[0]))

    def label(self, label: int) -> str:
        labels = self.result.observations.labels
        return "".join(map(chr, labels.chars[labels.start[label] : labels.start[label + 1]]))

    def evidence(self, link: int) -> Text:
        """How sure a link is, and the weightiest thing that says so: source, evidence kind, first day and number of days."""
        result = self.result
        observations, policy = result.observations, result.policy
        rows = witnesses(result.resolution, observations, link)
        told = sorted(
            {(int(observations.source[r]), int(observations.kind[r]), day_of(int(observations.time[r]))) for r in rows},
            key=lambda e: (-policy.cost(e[1], observations.sources[e[0]]), observations.sources[e[0]], e[1], e[2]),
        )
        parts = []
        for (source, kind), group in groupby(told, key=lambda e: e[:2]):
            days = [day for _, _, day in group]
            when = days[0] if len(days) == 1 else f"{days[0]} ×{len(days)}"
            parts.append(f"{observations.sources[source]}: {policy.kinds[kind].name.lower().replace('_', ' ')} {when}")
        more = " and more" if len(parts) > 1 else ""
        return Text.assemble(self.sureness(int(result.resolution.links.strength[link])), (f"  {parts[0]}{more}", QUIET))

    def sureness(self, strength: int) -> Text:
        share = 100 * float(probability(np.array([strength]))[0])
        return Text(">99 %" if share > 99 else f"{share:3.0f} %", LOOK if share < 50 else "")

    def verdict(self, verdict: int) -> str:
        rows = self.result.verdicts
        return f"verdict {rows.observation_id[verdict]} of {day_of(int(rows.verdicts.time[verdict]))}"

    def reason(self, step: Step) -> Text:
        """What holds the two ends of a step together."""
        return self.evidence(step.link) if step.link >= 0 else Text.assemble("  said  ", (self.verdict(step.verdict), QUIET))

    def shared_word(self, node: int) -> str:
        return Shared(int(self.shared[node])).name.lower()


def day_of(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d")


def listed(parts: Sequence[Text], word: str = "and", limit: int = 5) -> Text:
    """a, b and c; beyond the limit "and n more"."""
    shown = list(parts[:limit]) if len(parts) > limit else list(parts)
    if len(parts) > limit:
        shown.append(Text(f"{len(parts) - limit} more"))
    return Text(f" {word} ").join([*([Text(", ").join(shown[:-1])] if len(shown) > 1 else []), *shown[-1:]])


def quoted(texts: Sequence[str]) -> str:
    return listed([Text(text) for text in texts]).plain
