"""Each expectation of the story against the real result: whether it holds, and what was found, in the result's own words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import singledispatchmethod
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
from rich.text import Text

from idweave_server.cli.branches import branches
from idweave_server.cli.separation import why_apart
from idweave_server.cli.story import Expectation, OutcomeOf, OwnersInTurn, Refused, Separate, SharedByMany, Together, Unknown
from idweave_server.cli.wording import QUIET, Wording, day_of, listed, quoted
from idweave_server.errors import InputError
from idweave_server.model import Outcome, Shared
from idweave_server.resolution import explain
from idweave_server.resolution.nodes import BEGINNING, END
from idweave_server.resolution.shared import partner_counts

VALUES = 4  # refused values shown of one column


@dataclass(frozen=True, slots=True)
class Finding:
    """holds: whether the result is as expected; said: what it is; details: why, a line each."""

    holds: bool
    said: Text
    details: tuple[Text, ...] = ()


class Checker:
    """Checks expectations against one result and the files written from it."""

    def __init__(self, wording: Wording, written: Path) -> None:
        self.wording = wording
        self.result = wording.result
        self.written = written

    def check(self, expected: Expectation) -> Finding:
        """Never raises for a result that is not as expected: what is missing is a finding, too."""
        try:
            return self._check(expected)
        except InputError as error:
            return Finding(False, Text(str(error)))

    @singledispatchmethod
    def _check(self, expected: Expectation) -> Finding:
        raise NotImplementedError(f"no check for {type(expected).__name__}")

    @_check.register
    def _(self, expected: Together) -> Finding:
        words = self.wording
        nodes = [words.node_of(name, expected.at) for name in expected.together]
        owners = list(dict.fromkeys(int(words.profile[node]) for node in nodes))
        if len(owners) > 1 or owners[0] < 0:
            apart = listed([Text.assemble(words.identifier(n), " is ", words.person(int(words.profile[n])), "'s") for n in nodes])
            return Finding(False, apart)
        size = int((words.profile == owners[0]).sum())
        called = words.first_names(np.flatnonzero(words.row_profile == owners[0]))
        names = f", called {counted(called)}" if len(called) > 1 else ""
        lead = Text.assemble(words.person(owners[0], with_id=True), f", one person with {size} identifiers{names}: ")
        return Finding(True, Text.assemble(lead, words.identifier(nodes[0])), branches(words, nodes))

    @_check.register
    def _(self, expected: Separate) -> Finding:
        words = self.wording
        left, right = (words.node_of(name) for name in expected.apart)
        owners = [int(words.profile[node]) for node in (left, right)]
        told = explain.explain(self.result.resolution, self.result.verdicts.verdicts, left, right)
        if isinstance(told, explain.Together):
            return Finding(False, Text.assemble("both are ", words.person(owners[0]), "'s"))
        rule = told.rule.name.lower() if isinstance(told, explain.Separate) else ""
        holds = min(owners) >= 0 and (not expected.because or rule == expected.because)
        why, *more = why_apart(words, left, right) or (Text("one of them is nobody"),)
        return Finding(holds, Text.assemble(words.people(owners), " are two people; ", why), tuple(more))

    @_check.register
    def _(self, expected: SharedByMany) -> Finding:
        words = self.wording
        nodes = words.nodes_of(expected.shared)
        reasons = {words.shared_word(node) for node in nodes}
        if reasons != {expected.because}:
            return Finding(False, Text(f"{expected.shared} is shared because of {', '.join(sorted(reasons)) or 'nothing'}"))
        rows = np.concatenate([words.sightings(node) for node in nodes])
        owners = [owner for owner in words.owners_of(rows) if owner >= 0]
        why = SHARED[Shared[expected.because.upper()]](self, nodes[0], rows)
        company = Text.assemble(" with ", words.people(owners)) if owners else Text()
        return Finding(True, Text.assemble(words.identifier(nodes[0]), " is nobody's: ", why, f"; seen {times(rows.size)}", company))

    @_check.register
    def _(self, expected: OwnersInTurn) -> Finding:
        words = self.wording
        nodes = words.nodes_of(expected.owners)
        owners = {int(words.profile[node]) for node in nodes}
        spans = []
        for node in nodes:
            begin, end = int(words.nodes.begin[node]), int(words.nodes.end[node])
            when = ([f"from {day_of(begin)}"] if begin > BEGINNING else []) + ([f"until {day_of(end)}"] if end < END else [])
            spans.append(Text.assemble(words.person(int(words.profile[node])), " ", " ".join(when)))
        holds = len(nodes) == len(owners) == expected.count and -1 not in owners
        return Finding(holds, Text.assemble(f"{expected.owners} had {len(nodes)} owner{'s' if len(nodes) != 1 else ''}: ", listed(spans)))

    @_check.register
    def _(self, expected: OutcomeOf) -> Finding:
        rows = self.result.rows
        ids = rows.observation_id.combine_chunks()
        found = [np.flatnonzero(pc.equal(ids, name).to_numpy(zero_copy_only=False)) for name in expected.observations]
        wanted = Outcome[expected.outcome.upper()]
        matching = [at[rows.outcome[at] == wanted] for at in found]
        if not all(at.size for at in matching):
            became = {
                name: [Outcome(o).name.lower() for o in rows.outcome[at]] for name, at in zip(expected.observations, found, strict=True)
            }
            return Finding(False, Text(", ".join(f"{name} is {' and '.join(was) or 'nowhere'}" for name, was in became.items())))
        position = rows.observation[[int(at[0]) for at in matching]]
        owners = list(dict.fromkeys(self.wording.row_profile[position].tolist())) if (position >= 0).all() else []
        holds = not expected.of or owners == [int(self.wording.profile[self.wording.node_of(expected.of)])]
        return Finding(holds, Text.assemble(quoted(expected.observations), " ", self._became(wanted, owners, position)))

    def _became(self, outcome: Outcome, owners: list[int], position: np.ndarray) -> Text:
        words = self.wording
        if outcome == Outcome.ACCEPTED:
            return Text.assemble(
                "belong to " if position.size > 1 else "belongs to ", words.people(owners), " in this order" if len(owners) > 1 else ""
            )
        if outcome == Outcome.UNLINKED:
            entries = np.concatenate([np.arange(*self.result.observations.start[[p, p + 1]]) for p in position])
            nodes = [n for n in words.nodes.sighting[entries].tolist() if n >= 0 and words.shared[n]]
            return Text.assemble(
                "belongs to nobody: ", listed([Text.assemble(words.identifier(n), f" is shared ({words.shared_word(n)})") for n in nodes])
            )
        return Text(OUTCOMES[outcome])

    @_check.register
    def _(self, expected: Refused) -> Finding:
        issues = self.result.issues
        names = pc.equal(issues["file"], expected.file)
        rows = issues.filter(
            pc.and_(names, pc.and_(pc.equal(issues["reason"], expected.refused), pc.equal(issues["field"], expected.field)))
        )
        values = rows["value"].to_pylist()
        place = (
            f"{expected.file}, {expected.field}"
            if expected.field
            else f"{expected.file}, row {rows['row'][0].as_py()}"
            if values
            else expected.file
        )
        shown = ", ".join(v if len(v) < 40 else v[:39] + "…" for v in values[:VALUES]) + (", …" if len(values) > VALUES else "")
        said = Text.assemble(
            f"{len(values)} × {expected.refused} " if len(values) != 1 else f"{expected.refused} ", (f"in {place}: ", QUIET), shown
        )
        question = next(filter(None, rows["message"].to_pylist()), "")
        return Finding(len(values) == expected.count, said, (Text(question, QUIET),) if question else ())

    @_check.register
    def _(self, expected: Unknown) -> Finding:
        value = expected.unknown.partition(":")[2].encode()
        where = sorted(path.name for path in self.written.iterdir() if value in path.read_bytes())
        return Finding(not where, Text(f"{expected.unknown} is in {quoted(where) if where else 'none of the files written'}"))


OUTCOMES = {
    Outcome.DUPLICATE: "came twice with the same content and counts once",
    Outcome.CONFLICT: "came twice with different content; one of the two counts",
    Outcome.ERASED: "are erased",
    Outcome.EXPIRED: "are too old to count",
    Outcome.REJECTED: "could not be used",
}


def _of_names(checker: Checker, node: int, rows: np.ndarray) -> Text:
    return Text(f"its users are called {counted(checker.wording.first_names(rows))}")


def _of_partners(checker: Checker, node: int, rows: np.ndarray) -> Text:
    result = checker.result
    count = partner_counts(result.policy, result.observations, result.identifiers.identifiers, checker.wording.nodes)[node]
    return Text(f"it was seen with {count} addresses, more than the {result.policy.shared_partners} of one person")


def _worded(text: str) -> Callable[[Checker, int, np.ndarray], Text]:
    return lambda checker, node, rows: Text(text)


SHARED: dict[Shared, Callable[[Checker, int, np.ndarray], Text]] = {
    Shared.FAKE: _worded("it is on the list of made-up ones"),
    Shared.ROLE: _worded("it is an office's mailbox by its name"),
    Shared.SERVICE: _worded("it is a toll-free, shared-cost or premium number"),
    Shared.NAMES: _of_names,
    Shared.PARTNERS: _of_partners,
    Shared.ASSERTED: _worded("a verdict says so"),
}


def times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def counted(names: Sequence[tuple[str, int]]) -> str:
    """First names with how often each was stated."""
    return quoted([f"{name.title()} ({count})" for name, count in names])
