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
from idweave_server.resolution.policy import Policy

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
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


@dataclass(slots=True)
class _Values:
    """The values of one column, as they come."""

    row: list[int] = field(default_factory=list)
    place: list[int] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    issuer: list[str] = field(default_factory=list)

    def items(self) -> Items:
        return Items(np.array(self.row, np.int64), np.array(self.place, np.int64))


def observation_rows(policy: Policy, reports: Sequence[Report], refusals: Refusals) -> tuple[ObservationRows, TimesRead]:
    """The columns of a batch; its events are for `reported_events`."""
    return ObservationRows(
        row=np.arange(len(reports)),
        id_field="observation_id",
        id=pa.chunked_array([pa.array([given_text(report.observation_id) for report in reports], pa.string())]),
        source_field="source.name",
        source=_encoded([given_text(report.source.strip()) for report in reports]),
        time=NO_TIMES,
        evidence=EvidenceColumn("evidence_kind", _encoded([given_text(report.kind) for report in reports]), None, None),
        identifiers=_identifiers(policy, reports, refusals),
        traits=_traits(policy, reports, refusals),
        events=(),
    ), _times([report.time for report in reports])


def given_text(text: str) -> str | None:
    return text if text and not text.isspace() else None


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
        if len(value) > MAX_FIELD_BYTES // 4 and (size := len(value.encode())) > MAX_FIELD_BYTES:
            return Refusal.TOO_LONG, f"{size:,} bytes; at most {MAX_FIELD_BYTES:,} are read"
    elif isinstance(value, float):
        if not math.isfinite(value):
            return Refusal.TRAIT_TYPE, "no finite number; leave it out where it is not known"
    elif not -(2**63) <= value < 2**63:
        return Refusal.TRAIT_TYPE, "a whole number of more than 64 bits; send it as text"
    return Refusal.NONE, ""


def _encoded(texts: list[str | None]) -> Encoded:
    return Encoded.of([pa.array(texts, pa.string())])


def _times(times: list[int | None]) -> TimesRead:
    missing = np.array([time is None for time in times], bool)
    outside = np.array([time is not None and not MIN_TIME <= time < MAX_TIME for time in times], bool)
    refusal = np.where(missing, Refusal.TIME_MISSING, np.where(outside, Refusal.TIME_RANGE, Refusal.NONE)).astype(np.uint8)
    bad = refusal != 0
    seconds = np.array([0 if refused else time for time, refused in zip(times, bad.tolist(), strict=True)], np.int64)
    shown = _encoded([str(time) if refused else None for time, refused in zip(times, outside.tolist(), strict=True)])
    return TimesRead(seconds, refusal, shown if bad.any() else Encoded.none(len(times)), None, ())


def _identifiers(policy: Policy, reports: Sequence[Report], refusals: Refusals) -> tuple[IdentifierColumn, ...]:
    """One column for each namespace, and one more for its identifiers that name their issuer."""
    spaces = {space.name: space for space in policy.namespaces if space.standing != "derived"}
    found: dict[tuple[str, bool], _Values] = {}
    strangers = _Strangers(policy)
    for row, report in enumerate(reports):
        if len(report.identifiers) > MAX_IDENTIFIERS:
            count = f"{len(report.identifiers):,} identifiers; an observation takes at most {MAX_IDENTIFIERS}: send several"
            refusals.item(row, "identifiers", Refusal.TOO_MANY_IDENTIFIERS, count)
            continue
        for place, (namespace, issuer, value) in enumerate(report.identifiers):
            space = spaces.get(namespace)
            if space is None:
                refusals.value(row, "identifiers[{}].namespace", Refusal.NAMESPACE_UNKNOWN, namespace, strangers.told(namespace), place)
                refusals.aside(row, value)
                continue
            issuer = issuer.strip()
            if issuer and (problem := _issuer_problem(issuer, space.issued, namespace)):
                refusals.value(row, "identifiers[{}].issuer", Refusal.ISSUER_SYNTAX, issuer, problem, place)
                refusals.aside(row, value)
                continue
            if not value or value.isspace():
                refusals.issues.note(row, "identifiers[{}].value", Refusal.PLACEHOLDER, "", EMPTY, place)
                continue
            if len(value) > MAX_IDENTIFIER_BYTES // 4 and (size := len(value.encode())) > MAX_IDENTIFIER_BYTES:
                told = f"{size:,} bytes; an identifier takes at most {MAX_IDENTIFIER_BYTES:,}"
                refusals.value(row, "identifiers[{}].value", Refusal.TOO_LONG, value, told, place)
                continue
            key = (namespace, issuer != "")
            values = found.get(key)
            if values is None:
                values = found[key] = _Values()
            values.row.append(row)
            values.place.append(place)
            values.text.append(value)
            values.issuer.append(issuer)
    return tuple(
        IdentifierColumn(
            namespace,
            "identifiers[{}].value",
            _encoded([*values.text]),
            _encoded([*values.issuer]) if issued else None,
            None,
            None,
            values.items(),
        )
        for (namespace, issued), values in sorted(found.items())
    )


def _issuer_problem(issuer: str, issued: bool, namespace: str) -> str:
    if not issued:
        return f"the namespace {namespace} has no issuers; leave it out, or declare issued = true in the policy"
    if len(issuer.encode()) > MAX_IDENTIFIER_BYTES:
        return f"longer than {MAX_IDENTIFIER_BYTES:,} bytes; name the system that gave the identifier out"
    return "it holds control characters; send plain text" if CONTROL.search(issuer) else ""


class _Strangers:
    """What to say of namespaces that cannot be reported."""

    def __init__(self, policy: Policy) -> None:
        self._derived = {space.name for space in policy.namespaces if space.standing == "derived"}
        self._names = sorted({space.name for space in policy.namespaces} - self._derived)
        self._told: dict[str, str] = {}

    def told(self, namespace: str) -> str:
        if namespace in self._derived:
            return f"{namespace} is formed from traits and cannot be reported; state the traits"
        if namespace not in self._told and len(self._told) < HINTED:
            near = difflib.get_close_matches(namespace[:MAX_NAME_BYTES].lower(), self._names, n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else f"; it has {', '.join(self._names)}"
            self._told[namespace] = f"the policy has no such namespace{hint}"
        return self._told.get(namespace, "the policy has no such namespace; declare it, or correct its name")


def _traits(policy: Policy, reports: Sequence[Report], refusals: Refusals) -> tuple[TraitValues, ...]:
    """One column for each trait."""
    many = {name for name, rule in policy.traits.items() if rule.many}
    required = sorted(name for name, rule in policy.traits.items() if rule.required)
    found: dict[str, _Values] = {}
    for row, report in enumerate(reports):
        if len(report.traits) > MAX_TRAITS:
            message = f"{len(report.traits):,} traits; an observation takes at most {MAX_TRAITS}: send several"
            refusals.item(row, "traits", Refusal.TOO_MANY_ITEMS, message)
            continue
        for place, (name, value) in enumerate(report.traits):
            name = name.strip()
            reason, message = name_problem(name)
            if reason:
                refusals.value(row, "traits[{}].name", reason, name, message, place)
                refusals.aside(row, scalar_text(value))
                continue
            if value == "" or (isinstance(value, str) and value.isspace()):
                refusals.issues.note(row, "traits[{}].value", Refusal.PLACEHOLDER, "", EMPTY, place)
                continue
            reason, message = value_problem(value)
            if reason:
                refusals.value(row, "traits[{}].value", reason, scalar_text(value), message, place)
                continue
            values = found.get(name)
            if values is None:
                values = found[name] = _Values()
            elif values.row[-1] == row and name not in many:
                refusals.value(row, "traits[{}].name", Refusal.TRAIT_REPEATED, name, "", place)
                refusals.aside(row, scalar_text(value))
                continue
            values.row.append(row)
            values.place.append(place)
            values.text.append(value if type(value) is str else scalar_text(value))
        for name in required:
            if name not in found or found[name].row[-1] != row:
                told = f"the policy requires the trait {name} and the observation has none"
                refusals.issues.note(row, "traits", Refusal.TRAIT_REQUIRED, "", told)
    return tuple(
        TraitValues(name, "traits[{}].value", _encoded([*values.text]), "iso", values.items()) for name, values in sorted(found.items())
    )
