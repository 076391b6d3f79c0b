"""Reported observations as the columns that intake reads; what cannot be put into a column is refused here, by the name of its field."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from idweave_server.intake.encoded import Encoded
from idweave_server.intake.issue_rows import IssueList
from idweave_server.intake.reports import MAX_NAME_BYTES, MAX_TRAITS, Report, Scalar, scalar_text
from idweave_server.intake.times import TimesRead
from idweave_server.intake.unit import EvidenceColumn, IdentifierColumn, Items, ObservationRows, TimeColumn, TraitValues
from idweave_server.model import MAX_FIELD_BYTES, MAX_IDENTIFIER_BYTES, MAX_IDENTIFIERS, MAX_TIME, MIN_TIME, Refusal
from idweave_server.resolution.policy import Namespace, Policy

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
IDENTIFIER, TRAIT = "identifiers[{}].value", "traits[{}].value"
SHORT = MAX_IDENTIFIER_BYTES // 4  # characters; of so many the bytes need not be counted
SURELY_SHORT = MAX_FIELD_BYTES // 4  # characters; the same
EMPTY = "it is empty; leave out what is not known"
HINTED = 100  # unknown namespaces of a batch that get the nearest as a hint
NO_TIMES = TimeColumn("time", pa.chunked_array([], pa.int64()), "unix", "UTC")


@dataclass(slots=True)
class Refusals:
    """What the columns do without. whole: uint8[n], model.Refusal of items refused as a whole; row, text: values set aside, which are
    part of what was said all the same."""

    issues: IssueList
    whole: np.ndarray
    row: list[int] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def value(self, row: int, field: str, reason: Refusal, text: str, message: str = "", place: int = -1) -> None:
        self.issues.note(row, field, reason, text, message, place)
        self.aside(row, text)

    def aside(self, row: int, text: str) -> None:
        self.row.append(row)
        self.text.append(text)

    def item(self, row: int, field: str, reason: Refusal, message: str) -> None:
        self.issues.note(row, field, reason, "", message)
        self.whole[row] = self.whole[row] or reason


Value = tuple[int, int, str, str]  # item, place in its list, text, issuer


def observation_rows(policy: Policy, reports: Sequence[Report], refusals: Refusals) -> tuple[ObservationRows, TimesRead]:
    """The columns of a batch; its events are for `reported_events`."""
    return ObservationRows(
        row=np.arange(len(reports)),
        id_field="observation_id",
        id=pa.chunked_array(
            [pa.array([report.observation_id if report.observation_id.strip() else None for report in reports], pa.string())]
        ),
        source_field="source.name",
        source=_words([report.source for report in reports]),
        time=NO_TIMES,
        evidence=EvidenceColumn("evidence_kind", _words([report.kind for report in reports]), None, None),
        identifiers=IdentifierReader(policy, refusals).read(reports),
        traits=_traits(policy, reports, refusals),
        events=(),
    ), told_times([report.time for report in reports])


def name_problem(name: str) -> tuple[Refusal, str]:
    """Why a name of a trait or property cannot be used, NONE where it can."""
    if name and len(name) <= MAX_NAME_BYTES // 4 and name.isprintable():
        return Refusal.NONE, ""
    size = len(name.encode())
    if size > MAX_NAME_BYTES:
        return Refusal.TRAIT_NAME, f"{size:,} bytes; a name takes at most {MAX_NAME_BYTES}"
    if not name or CONTROL.search(name):
        return Refusal.TRAIT_NAME, f"a name is 1 to {MAX_NAME_BYTES} bytes without control characters; correct it"
    return Refusal.NONE, ""


def value_problem(value: Scalar) -> tuple[Refusal, str]:
    """Why a value of a trait or property cannot be used, NONE where it can."""
    if isinstance(value, str):
        if len(value) > SURELY_SHORT and (size := len(value.encode())) > MAX_FIELD_BYTES:
            return Refusal.TOO_LONG, f"{size:,} bytes; at most {MAX_FIELD_BYTES:,} are read"
    elif isinstance(value, float):
        if not math.isfinite(value):
            return Refusal.TRAIT_TYPE, "no finite number; leave it out where it is not known"
    elif not -(2**63) <= value < 2**63:
        return Refusal.TRAIT_TYPE, "a whole number of more than 64 bits; send it as text"
    return Refusal.NONE, ""


def _encoded(texts: Sequence[str | None]) -> Encoded:
    place: dict[str, int] = {}
    code = [-1 if text is None else place.setdefault(text, len(place)) for text in texts]
    return Encoded(np.array(code, np.int32), pa.array(list(place), pa.string()))


def _words(texts: list[str]) -> Encoded:
    """Texts of which there are few, without white space at their ends; blank ones are none."""
    words = {text: text.strip() or None for text in set(texts)}
    return _encoded([words[text] for text in texts])


def told_times(times: list[int | None]) -> TimesRead:
    good = [time if time is not None and MIN_TIME <= time < MAX_TIME else None for time in times]
    if None not in good:
        return TimesRead(np.array(good, np.int64), np.zeros(len(times), np.uint8), Encoded.none(len(times)), None, ())
    missing = np.array([time is None for time in times], bool)
    outside = np.array([time is None for time in good], bool) & ~missing
    refusal = np.where(missing, Refusal.TIME_MISSING, np.where(outside, Refusal.TIME_RANGE, Refusal.NONE)).astype(np.uint8)
    seconds = np.array([time or 0 for time in good], np.int64)
    shown = _encoded([str(time) if refused else None for time, refused in zip(times, outside.tolist(), strict=True)])
    return TimesRead(seconds, refusal, shown, None, ())


class IdentifierReader:
    """Sorts identifiers into columns: one for each namespace, and one more for those of it that name their issuer."""

    def __init__(self, policy: Policy, refusals: Refusals) -> None:
        self._policy, self._refusals = policy, refusals
        self._spaces = {space.name: space for space in policy.namespaces if space.standing != "derived"}
        self._columns: dict[tuple[str, bool], list[Value]] = {}
        self._known: dict[tuple[str, str], list[Value]] = {}  # by namespace and issuer that were found good
        self._strangers: dict[str, str] = {}  # what was told of namespaces that cannot be reported

    def read(self, reports: Sequence[Report]) -> tuple[IdentifierColumn, ...]:
        known = self._known
        for row, report in enumerate(reports):
            if len(report.identifiers) > MAX_IDENTIFIERS:
                self.crowded(row, len(report.identifiers))
                continue
            for place, (namespace, issuer, value) in enumerate(report.identifiers):
                values = known.get((namespace, issuer)) or self._column(row, place, namespace, issuer, value)
                if values is not None and ((value and len(value) <= SHORT and not value.isspace()) or self.usable(row, place, value)):
                    values.append((row, place, value, issuer))
        return tuple(_column_of(*key, self._columns[key]) for key in sorted(self._columns) if self._columns[key])

    def _column(self, row: int, place: int, namespace: str, issuer: str, value: str) -> list[Value] | None:
        """Where an identifier belongs, None where it cannot be taken; then it has been said why."""
        if not self.fits(namespace, issuer):
            self.refuse(row, place, namespace, issuer, value)
            return None
        self._known[namespace, issuer] = column = self._columns.setdefault((namespace, issuer != ""), [])
        return column

    def fits(self, namespace: str, issuer: str) -> bool:
        """Whether there are such identifiers."""
        space = self._spaces.get(namespace)
        return space is not None and not (issuer and _issuer_problem(issuer, space))

    def refuse(self, row: int, place: int, namespace: str, issuer: str, value: str) -> None:
        """Say why an identifier that does not fit is set aside."""
        space = self._spaces.get(namespace)
        if space is None:
            told = self._stranger(namespace)
            self._refusals.value(row, "identifiers[{}].namespace", Refusal.NAMESPACE_UNKNOWN, namespace, told, place)
        else:
            problem = _issuer_problem(issuer, space)
            self._refusals.value(row, "identifiers[{}].issuer", Refusal.ISSUER_SYNTAX, issuer, problem, place)
        self._refusals.aside(row, value)

    def crowded(self, row: int, count: int) -> None:
        """Refuse an observation with too many."""
        message = f"{count:,} identifiers; an observation takes at most {MAX_IDENTIFIERS}: send several"
        self._refusals.item(row, "identifiers", Refusal.TOO_MANY_IDENTIFIERS, message)

    def usable(self, row: int, place: int, value: str) -> bool:
        if not value or value.isspace():
            self._refusals.issues.note(row, IDENTIFIER, Refusal.PLACEHOLDER, "", EMPTY, place)
            return False
        size = len(value.encode())
        if size > MAX_IDENTIFIER_BYTES:
            told = f"{size:,} bytes; an identifier takes at most {MAX_IDENTIFIER_BYTES:,}"
            self._refusals.value(row, IDENTIFIER, Refusal.TOO_LONG, value, told, place)
        return size <= MAX_IDENTIFIER_BYTES

    def _stranger(self, namespace: str) -> str:
        if any(space.name == namespace for space in self._policy.namespaces):
            return f"{namespace} is formed from traits and cannot be reported; state the traits"
        if namespace not in self._strangers and len(self._strangers) < HINTED:
            near = difflib.get_close_matches(namespace[:MAX_NAME_BYTES].lower(), sorted(self._spaces), n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else f"; it has {', '.join(sorted(self._spaces))}"
            self._strangers[namespace] = f"the policy has no such namespace{hint}"
        return self._strangers.get(namespace, "the policy has no such namespace; declare it, or correct its name")


def identifier_column(namespace: str, text: Encoded, issuers: Encoded | None, items: Items) -> IdentifierColumn:
    return IdentifierColumn(namespace, IDENTIFIER, text, issuers, None, None, items)


def _column_of(namespace: str, issued: bool, values: list[Value]) -> IdentifierColumn:
    row, place, text, issuer = zip(*values, strict=True)
    issuers = _encoded([name.strip() for name in issuer]) if issued else None
    return identifier_column(namespace, _encoded(text), issuers, _items(row, place))


def _items(row: Sequence[int], place: Sequence[int]) -> Items:
    return Items(np.array(row, np.int64), np.array(place, np.int64))


def _issuer_problem(issuer: str, space: Namespace) -> str:
    if issuer.isspace():
        return "it is blank; leave it out where the reporting source is the issuer"
    if not space.issued:
        return f"the namespace {space.name} has no issuers; leave it out, or declare issued = true in the policy"
    if len(issuer.encode()) > MAX_IDENTIFIER_BYTES:
        return f"longer than {MAX_IDENTIFIER_BYTES:,} bytes; name the system that gave the identifier out"
    return "it holds control characters; send plain text" if CONTROL.search(issuer) else ""


def _traits(policy: Policy, reports: Sequence[Report], refusals: Refusals) -> tuple[TraitValues, ...]:
    """One column for each trait."""
    many = {name for name, rule in policy.traits.items() if rule.many}
    required = sorted(name for name, rule in policy.traits.items() if rule.required)
    found: dict[str, list[Value]] = {}
    for row, report in enumerate(reports):
        if len(report.traits) > MAX_TRAITS:
            crowd_of_traits(row, len(report.traits), refusals)
            continue
        for place, (name, value) in enumerate(report.traits):
            if name not in found:
                name = name.strip()
                reason, message = name_problem(name)
                if reason:
                    trait_aside(row, place, name, scalar_text(value), reason, refusals, message)
                    continue
            text = value if isinstance(value, str) else scalar_text(value)
            if not text or text.isspace():
                refusals.issues.note(row, TRAIT, Refusal.PLACEHOLDER, "", EMPTY, place)
                continue
            if text is not value or len(text) > SURELY_SHORT:
                reason, message = value_problem(value)
                if reason:
                    refusals.value(row, TRAIT, reason, text, message, place)
                    continue
            values = found.setdefault(name, [])
            if values and values[-1][0] == row and name not in many:
                trait_aside(row, place, name, text, Refusal.TRAIT_REPEATED, refusals)
                continue
            values.append((row, place, text, ""))
        for name in required:
            if name not in found or found[name][-1][0] != row:
                trait_missing(row, name, refusals)
    return tuple(_trait_column(name, found[name]) for name in sorted(found))


def crowd_of_traits(row: int, count: int, refusals: Refusals) -> None:
    """Refuse an observation with too many."""
    message = f"{count:,} traits; an observation takes at most {MAX_TRAITS}: send several"
    refusals.item(row, "traits", Refusal.TOO_MANY_ITEMS, message)


def trait_aside(row: int, place: int, name: str, text: str, reason: Refusal, refusals: Refusals, message: str = "") -> None:
    """Set a trait aside for its name."""
    refusals.value(row, "traits[{}].name", reason, name, message, place)
    refusals.aside(row, text)


def trait_missing(row: int, name: str, refusals: Refusals) -> None:
    told = f"the policy requires the trait {name} and the observation has none"
    refusals.issues.note(row, "traits", Refusal.TRAIT_REQUIRED, "", told)


def _trait_column(name: str, values: list[Value]) -> TraitValues:
    row, place, text, _ = zip(*values, strict=True)
    return TraitValues(name, TRAIT, _encoded(text), "iso", _items(row, place))
