"""One batch run: files in, profiles out, in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.batch.files import SourceFile
from idweave_server.batch.mapping_check import check_mapping, check_policy
from idweave_server.batch.mapping_model import Mapping
from idweave_server.batch.profile_ids import profile_ids
from idweave_server.batch.read_unit import read_unit
from idweave_server.batch.result import BatchResult, TraitColumn
from idweave_server.identifiers.lists import Lists
from idweave_server.intake.assemble import Assembled, assemble
from idweave_server.intake.encoded import Encoded
from idweave_server.intake.intake import Intake
from idweave_server.intake.issue_log import IssueLog
from idweave_server.intake.sameness import kept_instead
from idweave_server.intake.statements import erasures_of
from idweave_server.intake.tables import InputRows
from idweave_server.intake.times import read_times
from idweave_server.intake.unit import Unit
from idweave_server.model import MAX_IDENTIFIERS, MIN_TIME, Outcome, Refusal
from idweave_server.resolution.policy import Policy
from idweave_server.resolution.resolve import Resolution, resolve
from idweave_server.resolution.survivorship import Stated, all_values, winning_observations


@dataclass(slots=True)
class Stages:
    """Seconds each stage took, by the caller's clock; `watch` hears (stage, how much of it is done, of how much): bytes when reading, rows
    when writing, else 0 or 1 of 1; of 0 where that is not known."""

    clock: Callable[[], float] = lambda: 0.0
    watch: Callable[[str, int, int], None] = lambda stage, done, total: None
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.watch(name, 0, 1)
        begun = self.clock()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + self.clock() - begun
        self.watch(name, 1, 1)


def run(
    files: Sequence[tuple[SourceFile, Mapping]], policy: Policy, lists: Lists, *, as_of: int | None, id_key: bytes, stages: Stages
) -> BatchResult:
    """Read the files by their mappings and resolve them. as_of: seconds UTC, None for the newest time in the input.

    Raises InputError and MappingError. The result depends on what the rows say, not on their order nor that of the files.
    """
    issues = IssueLog()
    intake = Intake(policy, lists, issues)
    check_policy(policy, lists)
    for _, mapping in files:
        check_mapping(mapping, policy, lists)
    with stages.stage("read"):
        units = read_units(files, issues, stages)
    with stages.stage("normalise"):
        times = [read_times(unit.observations.time, unit.observations.source, unit.name) for unit in units]
        newest = max([int(t.time.max(initial=0)) for t in times] + [as_of or 0])
        seen = [intake.see(unit, read) for unit, read in zip(units, times, strict=True)]
        stated = [one for unit in units for one in intake.statements.read(unit)]
        erased_until = erasures_of(stated, len(intake.interner))
        parts = [
            intake.describe(unit, one, one.covered(erased_until), _calendar_day(newest)) for unit, one in zip(units, seen, strict=True)
        ]
        lines = sum(unit.rows for unit in units)
        names = [unit.name for unit in units]
        del units, times, seen
        assembled = assemble(intake, parts, stated, erased_until, names)
        del parts
    with stages.stage("rules"):
        moment = assembled.newest if as_of is None else as_of
        verdicts = assembled.verdicts.verdicts
        resolution = resolve(policy, assembled.observations, assembled.identifiers.identifiers, verdicts, as_of=moment)
        profile = resolution.observation_profiles()
        outcome = assembled.rows.outcome
        outcome[assembled.kept[profile < 0]] = Outcome.UNLINKED
        outcome[assembled.kept[~resolution.live]] = Outcome.EXPIRED
        traits = tuple(_trait(policy, intake, assembled, resolution, profile, name) for name in sorted(intake.traits.tables))
    with stages.stage("report"):
        _note_rows(issues, assembled)
        return BatchResult(
            policy=policy,
            lists=lists.version,
            as_of=moment,
            identifiers=assembled.identifiers,
            rows=assembled.rows,
            observations=assembled.observations,
            verdicts=assembled.verdicts,
            resolution=resolution,
            profile_id=profile_ids(resolution, assembled.erased_until, id_key),
            traits=traits,
            issues=issues.table(assembled.covered, _erased_values(assembled)),
            inferences=tuple(intake.inferences),
            duplicates=assembled.duplicates,
            erasures=sum(one.row.size for one in stated if one.verdict is None),
            lines=lines,
        )


def read_units(files: Sequence[tuple[SourceFile, Mapping]], issues: IssueLog, stages: Stages) -> list[Unit]:
    sizes = [file.size for file, _ in files]
    total = sum(size for size in sizes if size is not None) if None not in sizes else 0
    done = 0

    def progress(read: int) -> None:
        nonlocal done
        done += read
        stages.watch("read", done, total)

    return [read_unit(number, file, mapping, issues, progress) for number, (file, mapping) in enumerate(files)]


def _calendar_day(seconds: int) -> int:
    """yyyymmdd of a moment, UTC."""
    return int(str(np.datetime64(seconds, "s").astype("datetime64[D]")).replace("-", ""))


def _trait(policy: Policy, intake: Intake, assembled: Assembled, resolution: Resolution, profile: np.ndarray, name: str) -> TraitColumn:
    rule, table, entries = policy.trait(name), intake.traits.tables[name], assembled.traits[name]
    position = assembled.rows.observation[entries.row]
    kept = (position >= 0) & (entries.code >= 0)
    at, value = position[kept], entries.code[kept]
    content = table.content[:, 0]
    code = np.full(len(assembled.observations), -1, np.int32)
    code[at[::-1]] = value[::-1]  # of several values the first
    stated = Stated(code, content)
    winner = winning_observations(policy, rule, stated, assembled.observations, profile, resolution.profiles)
    every = all_values(Stated(value, content), profile[at]) if rule.many else None
    return TraitColumn(rule, table.values(), code, winner, every)


def _note_rows(issues: IssueLog, assembled: Assembled) -> None:
    """The refusals that only the whole input shows: too many identifiers, and the same observation id with other content."""
    rows = assembled.rows
    crowded = np.flatnonzero(assembled.crowded)
    many = pc.cast(pa.array(assembled.given[crowded]), pa.string())
    said = pc.binary_join_element_wise(many, f" identifiers; an observation takes at most {MAX_IDENTIFIERS}: split the row", "")
    _note(issues, rows, crowded, Refusal.TOO_MANY_IDENTIFIERS, said)
    conflicts = np.flatnonzero(rows.outcome == Outcome.CONFLICT)
    counts = assembled.kept[kept_instead(assembled.identity[assembled.kept], assembled.identity[conflicts])]
    where = pc.cast(pa.array(rows.row[counts]), pa.string())
    files = pa.array(rows.files, pa.string()).take(pa.array(rows.file[counts]))
    said = pc.binary_join_element_wise("the same id with other content, which counts, is in row ", where, " of ", files, "")
    _note(issues, rows, conflicts, Refusal.CONTENT_CONFLICT, said)


def _note(issues: IssueLog, rows: InputRows, at: np.ndarray, reason: Refusal, messages: pa.StringArray) -> None:
    """at: int64[e], input rows; messages: by entry. What is shown of such a row is its id."""
    if not at.size:
        return
    ids = rows.observation_id.take(pa.array(at)).combine_chunks()
    for number in np.unique(rows.file[at]).tolist():
        here = np.flatnonzero(rows.file[at] == number)
        shown = Encoded(here.astype(np.int32), ids)
        refusal = np.full(here.size, reason, np.uint8)
        issues.add((number, rows.files[number]), rows.row[at[here]], at[here], "", refusal, shown, messages)


def _erased_values(assembled: Assembled) -> list[str]:
    """The canonical values that were erased and have not come back since."""
    gone = assembled.erased_until >= MIN_TIME
    gone[assembled.observations.identifier] = False
    return assembled.identifiers.value.filter(pa.array(gone)).to_pylist()
