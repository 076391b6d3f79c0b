"""A store's state as the result of a batch run, so that both have the same files; and what became of retired ids."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from idweave_server.batch.columns import Column, Table
from idweave_server.batch.result import BatchResult, TraitColumn
from idweave_server.engine.component import Component, gather
from idweave_server.engine.engine import Engine
from idweave_server.engine.profile_store import uuid_text
from idweave_server.intake.issue_log import LABELS, SCHEMA
from idweave_server.intake.tables import Duplicates, IdentifierTable, InputRows, VerdictRows
from idweave_server.model import Outcome
from idweave_server.resolution.resolve import Resolution, resolve
from idweave_server.resolution.survivorship import Stated, all_values, winning_observations

LOG = "log"  # what stands in place of a file's name; rows are numbered as they came in


def stored_result(engine: Engine) -> BatchResult:
    """All observations that count, in the order of the log."""
    state, seen = engine.state, engine.state.observations
    component = gather(state, np.arange(len(state.identifiers), dtype=np.int32), state.time)
    resolution = resolve(
        state.policy, component.observations, component.identifiers, component.verdicts, as_of=state.time, births=component.births
    )
    profile = resolution.observation_profiles()
    rows = np.flatnonzero(seen.gone.array[: state.rows] == 0)
    position = np.full(state.rows + 1, -1, np.int32)
    position[component.rows] = np.arange(component.rows.size)
    return BatchResult(
        policy=state.policy,
        lists=engine.lists.version,
        as_of=state.time,
        identifiers=_identifiers(engine, component),
        rows=_rows(engine, rows, position[rows], resolution),
        observations=component.observations,
        verdicts=_verdicts(engine, component),
        resolution=resolution,
        profile_id=_profile_ids(engine, component, resolution),
        traits=_traits(engine, component, resolution, profile),
        issues=_issues(engine),
        inferences=(),
        duplicates=Duplicates({}, {}),
        erasures=len(state.tombstones),
        lines=int(rows.size),
    )


def redirects(engine: Engine) -> Table:
    """One row for every id that was given to an identifier and is no profile's now, oldest first: the profile that answers for it, or why
    none does, and then the one profile of its former company."""
    ids, profiles = engine.state.identifiers, engine.state.profiles
    retired, answers, reasons, company = [], [], [], []
    born = ids.births.id_of(np.arange(len(ids.births)))
    code = ids.births.code.array
    slot = np.where(code >= 0, ids.profile.array[code], -1) if len(ids) else np.full(code.size, -1)
    same = (slot >= 0) & (profiles.id.array[slot] == born).all(axis=1) if len(profiles.id) else slot >= 0
    split = np.isin(code, np.array(sorted(ids.splits), np.int32))
    for number in np.flatnonzero(~same | split).tolist():
        name = uuid_text(*(int(word) for word in born[number]))
        answer = engine.look_up_profile(name)
        if answer.outcome == "FOUND":
            continue
        retired.append(name)
        answers.append(engine.profile_id(answer.slot) if answer.slot >= 0 else None)
        reasons.append(answer.reason.lower() or "merged")
        company.append(engine.profile_id(answer.former_company) if answer.former_company >= 0 else None)
    columns = {"retired_id": retired, "profile_id": answers, "reason": reasons, "former_company": company}
    return Table("redirects", tuple(Column(name, pa.array(values, pa.string())) for name, values in columns.items()))


def _identifiers(engine: Engine, component: Component) -> IdentifierTable:
    ids = engine.state.identifiers
    return IdentifierTable(component.identifiers, ids.values(component.codes), pa.array(ids.issuers.words, pa.string()))


def _rows(engine: Engine, rows: np.ndarray, position: np.ndarray, resolution: Resolution) -> InputRows:
    """position: int32[r], of each row among the observations of the resolution, -1 for those without an identifier."""
    seen, profile = engine.state.observations, resolution.observation_profiles()
    outcome = np.full(rows.size, Outcome.UNLINKED, np.uint8)
    known = np.flatnonzero(position >= 0)
    outcome[known[profile[position[known]] >= 0]] = Outcome.ACCEPTED
    outcome[known[~resolution.live[position[known]]]] = Outcome.EXPIRED
    return InputRows(
        files=(LOG,),
        sources=tuple(seen.sources.words),
        file=np.zeros(rows.size, np.int32),
        row=rows + 1,
        observation_id=pa.chunked_array([seen.ids.take(rows)], pa.string()),
        source=seen.source.array[rows].astype(np.int32),
        outcome=outcome,
        observation=position,
    )


def _verdicts(engine: Engine, component: Component) -> VerdictRows:
    said = [engine.state.verdicts.stated[number] for number in component.verdict_numbers]
    numbers = np.array(component.verdict_numbers, np.int64)
    return VerdictRows(component.verdicts, np.zeros(numbers.size, np.int32), numbers + 1, tuple(one.id for one in said))


def _profile_ids(engine: Engine, component: Component, resolution: Resolution) -> pa.StringArray:
    """The id by which each profile is known in the live state, that of the node that bears it."""
    ids, nodes, bearer = engine.state.identifiers, resolution.statuses.nodes, resolution.bearers.node
    code = component.codes[nodes.identifier[bearer]]
    slot = ids.profile.array[code]
    for at in np.flatnonzero(np.isin(code, np.array(sorted(ids.splits), np.int32))).tolist():
        split = ids.splits[int(code[at])]
        slot[at] = split.profile[np.searchsorted(split.begin, nodes.begin[bearer[at]])]
    words = engine.state.profiles.id.array[slot].tolist()
    return pa.array([uuid_text(high, low) for high, low in words], pa.string())


def _traits(engine: Engine, component: Component, resolution: Resolution, profile: np.ndarray) -> tuple[TraitColumn, ...]:
    """The values that the observations of the component state, in its order."""
    seen = engine.state.observations
    owner, place = seen.traits.places(component.rows)
    trait, value = seen.trait.array[place], seen.value.array[place]
    found = []
    for number in sorted(np.unique(trait).tolist(), key=lambda one: seen.trait_names[one]):
        mine = np.flatnonzero(trait == number)
        texts, code = np.unique(value[mine], return_inverse=True)
        at, rule = owner[mine], engine.policy.trait(seen.trait_names[number])
        content = seen.texts.index.take(texts.astype(np.int32))[:, 0]
        said = np.full(component.rows.size, -1, np.int32)
        said[at[::-1]] = code[::-1]  # of several values the first
        winner = winning_observations(engine.policy, rule, Stated(said, content), component.observations, profile, resolution.profiles)
        every = all_values(Stated(code.astype(np.int32), content), profile[at]) if rule.many else None
        found.append(TraitColumn(rule, seen.texts.texts.take(texts), said, winner, every))
    return tuple(found)


def _issues(engine: Engine) -> pa.Table:
    """The values that were set aside of observations that count; rejected observations never reached the log."""
    seen = engine.state.observations
    counts = np.flatnonzero(seen.gone.array[seen.quarantined.array] == 0)
    fields = pa.array(seen.fields.words, pa.string()).take(pa.array(seen.quarantined_field.array[counts]))
    texts = seen.texts.texts
    columns = [
        pa.array([LOG] * counts.size, pa.string()),
        pa.array(seen.quarantined.array[counts].astype(np.int64) + 1),
        fields,
        LABELS.take(pa.array(seen.quarantined_reason.array[counts])),
        seen.quarantined_value.take(counts),
        texts.take(seen.quarantined_message.array[counts].astype(np.int64)),
    ]
    return pa.table(columns, schema=SCHEMA)
