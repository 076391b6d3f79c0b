"""Traits of a file's rows: names, birth dates, rules of the policy, and what an erasure covers."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
from idweave_server.intake.encoded import Encoded
from idweave_server.intake.tables import FormatInference
from idweave_server.intake.trait_columns import Persons, TraitReader
from idweave_server.intake.unit import EvidenceColumn, Items, ObservationRows, TimeColumn, TraitValues
from idweave_server.model import Refusal
from idweave_server.resolution.policy import load_policy

Noted = list[tuple[str, int, str, str]]  # field, row, reason, message


class Notes:
    def __init__(self) -> None:
        self.told: Noted = []

    def note(
        self, field: str, refusal: np.ndarray, values: Encoded, at: np.ndarray | None = None, messages: pa.Array | None = None
    ) -> None:
        for entry in np.flatnonzero(refusal):
            code = int(values.code[entry])
            message = messages[code].as_py() if messages is not None and code >= 0 else ""
            self.told.append((field, int(entry if at is None else at[entry]), Refusal(refusal[entry]).label, message))

    def of(self, items: Items) -> Notes:
        return self


class Read:
    def __init__(
        self,
        traits: dict[str, list[str | None]],
        policy: str = "",
        sources: list[str] | None = None,
        covered: list[int] | None = None,
        formats: dict[str, str] | None = None,
    ) -> None:
        n = len(next(iter(traits.values())))
        source = Encoded.of([pa.array(sources or ["web"] * n)])
        columns = tuple(
            TraitValues(name, f"the {name}", Encoded.of([pa.array(values, pa.string())]), (formats or {}).get(name))
            for name, values in traits.items()
        )
        time = TimeColumn("", pa.chunked_array([pa.array([0] * n)]), "unix", "UTC")
        rows = ObservationRows(np.arange(n), "", None, "", source, time, EvidenceColumn("", source, None, None), (), columns, ())
        notes = Notes()
        mask = np.zeros(n, bool)
        mask[covered or []] = True
        self.reader = TraitReader(load_policy(policy))
        self.persons: Persons
        self.inferences: list[FormatInference]
        self.persons, self.traits, self.inferences = self.reader.read(
            rows, "a.csv", mask, int(dt.date(2024, 5, 1).strftime("%Y%m%d")), notes
        )
        self.told = notes.told
        self.n = n

    def values(self, trait: str) -> list[list[str]]:
        table = self.reader.tables[trait].values().to_pylist()
        found: list[list[str]] = [[] for _ in range(self.n)]
        for row, code in zip(self.traits[trait].row, self.traits[trait].code, strict=True):
            if code >= 0:
                found[row].append(table[code])
        return found

    def names(self, which: str) -> list[str | None]:
        table = getattr(self.reader, f"{which}_names").values().to_pylist()
        return [None if code < 0 else table[code] for code in getattr(self.persons, which)]


def test_names_are_compared_folded_and_shown_as_given() -> None:
    read = Read({"first_name": [" Zoë", "ZOE", "12345", None], "last_name": ["O'Neil", None, "Lee", None]})
    assert read.names("first") == ["zoe", "zoe", None, None]
    assert read.names("last") == ["oneil", None, "lee", None]
    assert read.values("first_name") == [["Zoë"], ["ZOE"], [], []]
    assert read.told == [("the first_name", 2, "name_syntax", "")]


def test_what_is_said_in_parts_beats_a_full_name_to_be_split() -> None:
    read = Read({"full_name": ["Jo Smith", "Jo Smith", None], "first_name": [None, "Kim", "Ann"]})
    assert read.names("first") == ["jo", "kim", "ann"]
    assert read.names("last") == ["smith", "smith", None]


def test_birth_dates_are_evidence_unless_forms_fill_them_in() -> None:
    read = Read({"birth_date": ["1985-03-04", "1990-01-01", "1985-13-04", "2030-01-02", None]})
    assert read.persons.birth.tolist() == [19850304, -1, -1, -1, -1]
    assert read.values("birth_date") == [["1985-03-04"], ["1990-01-01"], [], [], []]
    assert [one[:3] for one in read.told] == [("the birth_date", 2, "date_range"), ("the birth_date", 3, "date_range")]


def test_the_rules_of_the_policy() -> None:
    policy = """
[sources.broker]
party = "third"
[traits]
income = { type = "integer", stated_by = ["zero", "first"] }
tags = { many = true, allowed = ["a", "b"] }
consent = { required = true }
"""
    read = Read(
        {"income": ["007", "12", "lots"], "tags": ['["b", "a", "z"]', "a", None], "consent": ["yes", None, "no"]},
        policy,
        sources=["web", "broker", "web"],
    )
    assert read.values("income") == [["7"], [], []]
    assert read.values("tags") == [["b", "a"], ["a"], []]
    assert sorted(one[:3] for one in read.told) == [
        ("the consent", 1, "trait_required"),
        ("the income", 1, "trait_not_stated_by"),
        ("the income", 2, "trait_type"),
        ("the tags", 0, "trait_not_allowed"),
    ]


def test_a_stated_format_is_used_and_an_ambiguous_one_is_a_question() -> None:
    read = Read({"birth_date": ["3/4/1985", "5/6/1985"]}, formats={"birth_date": "%d/%m/%Y"})
    assert read.values("birth_date") == [["1985-04-03"], ["1985-06-05"]]
    assert read.inferences == []
    read = Read({"birth_date": ["3/4/1985", "5/6/1985", "4/4/1985", "never"]})
    assert read.values("birth_date") == [[], [], ["1985-04-04"], []]
    question = "3/4/1985: month first or day first? 2 values fit both"
    assert sorted(read.told) == [
        ("the birth_date", 0, "date_ambiguous", question),
        ("the birth_date", 1, "date_ambiguous", question),
        ("the birth_date", 3, "date_syntax", ""),
    ]
    assert [(one.source, one.question) for one in read.inferences] == [("web", question)]


def test_covered_rows_decide_nothing_and_are_told_nothing_of() -> None:
    """An erased birthday of 25 December told month from day for all the others, and stood in the report as the evidence."""
    values: dict[str, list[str | None]] = {
        "birth_date": ["3/4/1985", "25/12/1985", "nonsense"],
        "first_name": ["Jo", "Gone", "12345"],
        "need": ["x", None, None],
    }
    read = Read(values, "[traits]\nneed = { required = true }\n", covered=[1, 2])
    alone = Read({name: column[:1] for name, column in values.items()}, "[traits]\nneed = { required = true }\n")
    assert read.told == alone.told
    assert read.inferences == alone.inferences
    assert read.names("first") == ["jo", None, None]
    assert read.reader.first_names.values().to_pylist() == ["jo"]
    assert all("25/12" not in text for text in map(str, read.inferences))
