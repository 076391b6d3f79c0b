"""Each expectation of the story against what the server answers: whether it holds, and what was found, in the answers' own words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import singledispatchmethod

import pyarrow as pa
import pyarrow.compute as pc
from idweave import ApartReason, LookupOutcome, SharedReason, identifier, word
from rich.text import Text

from idweave_server.cli.answers import FOUND, Answers, Sent, counted, first_names, moment_of, short
from idweave_server.cli.branches import branches, hold
from idweave_server.cli.replies import day, named
from idweave_server.cli.story import Expectation, OutcomeOf, OwnersInTurn, Refused, Separate, SharedByMany, Together, Unknown
from idweave_server.cli.wording import QUIET, listed, quoted, times
from idweave_server.errors import InputError
from idweave_server.model import Outcome

VALUES = 4  # refused values shown of one column
MOST_OWNERS = 16  # of one identifier, in turn


@dataclass(frozen=True, slots=True)
class Finding:
    """holds: whether the answer is as expected; said: what it is; details: why, a line each."""

    holds: bool
    said: Text
    details: tuple[Text, ...] = ()


class Checker:
    """Checks expectations by asking. issues: what was set aside when the files were sent, as issues.csv has it."""

    def __init__(self, answers: Answers, issues: pa.Table) -> None:
        self.answers, self.issues = answers, issues

    def check(self, expected: Expectation) -> Finding:
        """Never raises for an answer that is not as expected: what is missing is a finding, too."""
        try:
            return self._check(expected)
        except InputError as error:
            return Finding(False, Text(str(error)))

    @singledispatchmethod
    def _check(self, expected: Expectation) -> Finding:
        raise NotImplementedError(f"no check for {type(expected).__name__}")

    @_check.register
    def _(self, expected: Together) -> Finding:
        answers = self.answers
        owners = [answers.owner(name, expected.at) for name in expected.together]
        if len(set(owners)) > 1 or not owners[0]:
            ends = zip(expected.together, owners, strict=True)
            return Finding(False, listed([Text.assemble(short(identifier(name)), " is ", answers.person(one), "'s") for name, one in ends]))
        root, *others = (identifier(name) for name in expected.together)
        told = [answers.client.explain(root, other, as_of=moment_of(expected.at)).together for other in others]
        profile = answers.profile(owners[0])
        size = len({named(one.identifier).plain for one in profile.identifiers}) if profile else 0
        names = first_names(answers.observations_of(owners[0]))
        aka = f", called {counted(names)}" if len(names) > 1 else ""
        lead = Text.assemble(answers.person(owners[0]), f", one person with {size} identifiers{aka}: ", short(root))
        return Finding(True, lead, branches(root, told))

    @_check.register
    def _(self, expected: Separate) -> Finding:
        answers = self.answers
        owners = [answers.owner(name) for name in expected.apart]
        reply = answers.client.explain(*(identifier(name) for name in expected.apart))
        if reply.HasField("together"):
            return Finding(False, Text.assemble("both are ", answers.person(owners[0]), "'s"))
        if not all(owners):
            return Finding(False, Text.assemble(answers.people(owners), " are two people; one of them is nobody"))
        apart = reply.apart
        rule = word(ApartReason, apart.reason).lower() if apart.reason else ""
        said = Text.assemble(answers.people(owners), f" are two people; {apart.grounds}")
        details = []
        if apart.HasField("refused"):
            step = apart.refused
            ends = Text.assemble(short(getattr(step, "from")), (" — ", QUIET), short(step.to), "  ")
            details.append(Text.assemble("refused: ", ends, hold(step)))
        return Finding(not expected.because or rule == expected.because, said, tuple(details))

    @_check.register
    def _(self, expected: SharedByMany) -> Finding:
        answers = self.answers
        found = answers.match(expected.shared)
        reason = word(SharedReason, found.identifier.shared_reason).lower() if found.identifier.shared_reason else ""
        if found.outcome != LookupOutcome.LOOKUP_OUTCOME_SHARED or reason != expected.because:
            return Finding(False, Text(f"{expected.shared} is shared because of {reason or 'nothing'}"))
        seen = answers.saw(expected.shared)
        owners = list(dict.fromkeys(one.profile_id for one in seen if one.profile_id))
        why = f"its users are called {counted(first_names(one.canonical for one in seen))}" if reason == "names" else SHARED[reason]
        company = Text.assemble(" with ", answers.people(owners)) if owners else Text()
        return Finding(True, Text.assemble(short(found.identifier), f" is nobody's: {why}; seen {times(len(seen))}", company))

    @_check.register
    def _(self, expected: OwnersInTurn) -> Finding:
        answers = self.answers
        owners: list[str] = []
        spans: list[Text] = []
        moment: datetime | None = None
        while len(spans) < MOST_OWNERS:
            result = answers.client.lookup(identifier(expected.owners), as_of=moment).result.matches[0]
            profile = answers.profile(result.profile_id) if result.outcome == FOUND else None
            if profile is None:
                spans.append(Text("nobody"))
                break
            held = [one for one in profile.identifiers if named(one.identifier).plain == expected.owners]
            one = held[-1] if moment is None else next(one for one in held if one.until.ToDatetime(tzinfo=UTC) == moment)
            when = [f"from {day(one, 'from')}" * one.HasField("from"), f"until {day(one, 'until')}" * one.HasField("until")]
            spans.insert(0, Text.assemble(answers.person(profile.profile_id), " ", " ".join(filter(None, when))))
            owners.append(profile.profile_id)
            if not one.HasField("from"):
                break
            moment = getattr(one, "from").ToDatetime(tzinfo=UTC)
        holds = len(owners) == len(set(owners)) == len(spans) == expected.count
        return Finding(holds, Text.assemble(f"{expected.owners} had {len(spans)} owner{'s' * (len(spans) != 1)}: ", listed(spans)))

    @_check.register
    def _(self, expected: OutcomeOf) -> Finding:
        answers, wanted = self.answers, Outcome[expected.outcome.upper()]
        found = {name: answers.reports(name) for name in expected.observations}
        matching = [[one for one in reports if one.outcome == wanted] for reports in found.values()]
        if not all(matching):
            became = (f"{name} is {' and '.join(one.outcome.name.lower() for one in all_) or 'nowhere'}" for name, all_ in found.items())
            return Finding(False, Text(", ".join(became)))
        reports = [one[0] for one in matching]
        owners = list(dict.fromkeys(one.profile_id for one in reports)) if wanted == Outcome.ACCEPTED else []
        holds = not expected.of or owners == [answers.owner(expected.of)]
        return Finding(holds, Text.assemble(quoted(expected.observations), " ", self._became(wanted, owners, reports)))

    def _became(self, outcome: Outcome, owners: list[str], reports: list[Sent]) -> Text:
        if outcome == Outcome.ACCEPTED:
            verb = "belong to " if len(reports) > 1 else "belongs to "
            return Text.assemble(verb, self.answers.people(owners), " in this order" if len(owners) > 1 else "")
        if outcome == Outcome.UNLINKED:
            matches = [self.answers.match(name) for one in reports for name in one.names]
            shared = [one.identifier for one in matches if one.identifier.shared_reason]
            why = [Text.assemble(short(one), f" is shared ({word(SharedReason, one.shared_reason).lower()})") for one in shared]
            return Text.assemble("belongs to nobody: ", listed(why))
        return Text(OUTCOMES[outcome])

    @_check.register
    def _(self, expected: Refused) -> Finding:
        issues = self.issues
        same = pc.and_(pc.equal(issues["reason"], expected.refused), pc.equal(issues["field"], expected.field))
        rows = issues.filter(pc.and_(pc.equal(issues["file"], expected.file), same))
        values = rows["value"].to_pylist()
        place = expected.file
        if expected.field:
            place = f"{expected.file}, {expected.field}"
        elif values:
            place = f"{expected.file}, row {rows['row'][0].as_py()}"
        shown = ", ".join(v if len(v) < 40 else v[:39] + "…" for v in values[:VALUES]) + (", …" if len(values) > VALUES else "")
        count = f"{len(values)} × " if len(values) != 1 else ""
        said = Text.assemble(f"{count}{expected.refused} ", (f"in {place}: ", QUIET), shown)
        question = next(filter(None, rows["message"].to_pylist()), "")
        return Finding(len(values) == expected.count, said, (Text(question, QUIET),) if question else ())

    @_check.register
    def _(self, expected: Unknown) -> Finding:
        found = self.answers.match(expected.unknown)
        unknown = found.outcome == LookupOutcome.LOOKUP_OUTCOME_UNKNOWN
        return Finding(unknown, Text(f"{expected.unknown} is {'unknown' if unknown else word(LookupOutcome, found.outcome)} to the server"))


OUTCOMES = {
    Outcome.DUPLICATE: "came twice with the same content and counts once",
    Outcome.CONFLICT: "came twice with different content; one of the two counts",
    Outcome.ERASED: "are erased",
    Outcome.EXPIRED: "are too old to count",
    Outcome.REJECTED: "could not be used",
}
SHARED = {
    "fake": "it is on the list of made-up ones",
    "role": "it is an office's mailbox by its name",
    "service": "it is a toll-free, shared-cost or premium number",
    "partners": "it was seen with more addresses than one person has",
    "asserted": "a verdict says so",
}
