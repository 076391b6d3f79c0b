"""What became of the rows of an import, whoever took them in: outcomes, statements, and the values that were set aside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from idweave_server.batch.columns import Column, Table
from idweave_server.batch.csv_table import write_csv
from idweave_server.batch.statements import Statement
from idweave_server.errors import OutputError
from idweave_server.intake.issue_log import IssueLog
from idweave_server.model import Outcome, Refusal

IMPORT = "import"  # the stage


@dataclass(slots=True)
class Imported:
    """Grows while files are taken in.

    rows: data rows read; outcomes: int64[7], by model.Outcome; standings: of the verdicts, by what they do now; erasures: obeyed;
    forgotten: observations that were known already and that they took away; erased: bool of each observation row, in the order of the
    input.
    """

    files: int
    rows: int
    issues: IssueLog
    outcomes: np.ndarray = field(default_factory=lambda: np.zeros(len(Outcome), np.int64))
    standings: dict[str, int] = field(default_factory=dict)
    erasures: int = 0
    forgotten: int = 0
    erased: list[np.ndarray] = field(default_factory=list)
    erased_values: list[str] = field(default_factory=list)

    @property
    def observations(self) -> int:
        return int(self.outcomes.sum())

    def of(self, outcome: Outcome) -> int:
        return int(self.outcomes[outcome])

    def count(self, outcome: np.ndarray) -> None:
        """outcome: uint8[n], of observation rows in the order of the input."""
        self.outcomes += np.bincount(outcome, minlength=len(Outcome))
        self.erased.append(outcome == Outcome.ERASED)

    def stands(self, standing: str) -> None:
        """A verdict was taken in."""
        self.standings[standing] = self.standings.get(standing, 0) + 1

    def refuse(self, statement: Statement, reason: Refusal, message: str) -> None:
        """A statement was not taken in; what an erasure names is never shown."""
        self.issues.add_one(statement.file, statement.row, -1, "", reason, "" if statement.verdict is None else statement.id, message)

    def obeyed(self, statements: Iterable[Statement], forgotten: int) -> None:
        for one in statements:
            self.erasures += 1
            self.erased_values += [value for _, _, value in one.identifiers]
        self.forgotten += forgotten

    def issue_table(self) -> pa.Table:
        """As issues.csv of `idweave resolve` has them, without what was erased."""
        erased = np.concatenate(self.erased) if self.erased else np.zeros(0, bool)
        return self.issues.table(erased, self.erased_values)


def write_issues(issues: pa.Table, path: Path) -> None:
    """Raises OutputError."""
    columns = (issues[name] if name == "row" else issues[name].cast(pa.string()) for name in issues.column_names)
    table = Table("issues", tuple(Column(name, values) for name, values in zip(issues.column_names, columns, strict=True)))
    try:
        with path.open("wb") as file:
            write_csv(table, file)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from None
