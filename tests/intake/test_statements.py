"""Verdicts and erasures: which identifiers a text names, and what stands for a verdict that has no id."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from idweave_server.identifiers.lists import default_lists
from idweave_server.intake.encoded import Encoded
from idweave_server.intake.identifier_table import IdentifierInterner
from idweave_server.intake.issue_log import IssueLog
from idweave_server.intake.statements import Stated, StatementReader, erasures_of, references
from idweave_server.intake.unit import EvidenceColumn, IdentifierColumn, ObservationRows, StatementRows, TimeColumn, Unit
from idweave_server.model import MIN_TIME, Verdict
from idweave_server.resolution.policy import default_policy

NAMESPACES = frozenset(("email", "phone", "customer_id"))
NOON = 1_704_110_400
JO = ("email", "", "jo@acme.org")


@pytest.mark.parametrize(
    ("text", "named", "problem"),
    [
        ("email:jo@acme.org", [JO], ""),
        (" customer_id@shop:12 ", [("customer_id", "shop", "12")], ""),
        ('["email", "jo@acme.org"]', [JO], ""),
        ('["customer_id", "shop", "12"]', [("customer_id", "shop", "12")], ""),
        ('[["email","jo@acme.org"], "email:jo@acme.org"]', [JO, JO], ""),
        ('["email:jo@acme.org", "customer_id:12"]', [JO, ("customer_id", "", "12")], ""),
        ("[]", [], "no identifier is named"),
        ("[oops", [], "no JSON list"),
        ("jo@acme.org", [], "write email:jo@example.org, or customer_id@shop:1234 with an issuer"),
        ("mail:jo@acme.org", [], "no namespace of the policy is named"),
        ('[["email","jo@acme.org"], ["mail","x"], 7]', [JO], 'item 2: no namespace of the policy is named; item 3: write ["email", '),
        ('["email", 7]', [], "item 1: write"),
    ],
)
def test_references(text: str, named: list[tuple[str, str, str]], problem: str) -> None:
    found, said = references(text, NAMESPACES)
    assert found == named
    assert said.startswith(problem)
    assert bool(said) == bool(problem)


def column(values: list[str | None]) -> Encoded:
    return Encoded.of([pa.array(values, pa.string())])


def times(second: list[int]) -> TimeColumn:
    return TimeColumn("at", pa.chunked_array([pa.array(second)]), "unix", "UTC")


def ends(field: str, values: list[str | None], namespace: str = "") -> IdentifierColumn:
    return IdentifierColumn(namespace, field, column(values), None, None, None)


def unit(name: str, rows: StatementRows) -> Unit:
    source = Encoded.constant("web", 0)
    nobody = ObservationRows(np.zeros(0, np.int64), "", None, "", source, times([]), EvidenceColumn("", source, None, None), (), (), ())
    return Unit(0, name, rows.row.size, nobody, (rows,))


def read(rows: StatementRows, name: str = "a.csv") -> tuple[Stated, IssueLog, IdentifierInterner]:
    policy, issues = default_policy(), IssueLog()
    interner = IdentifierInterner(policy)
    (stated,) = StatementReader(policy, default_lists(), interner, issues).read(unit(name, rows))
    return stated, issues, interner


def verdict(row: list[int], left: list[str | None], right: list[str | None], ids: list[str | None] | None = None) -> StatementRows:
    n = len(row)
    id_column = None if ids is None else pa.chunked_array([pa.array(ids, pa.string())])
    return StatementRows(
        Verdict.SAME, np.array(row), id_column, Encoded.constant("crm", n), times([NOON] * n), (ends("a", left), ends("b", right))
    )


def test_a_verdict_without_an_id_is_known_by_what_it_says_not_by_where_it_stands() -> None:
    """File names and row numbers decided between contradicting verdicts of one second: another order, another outcome."""
    left, right = ["email:jo@acme.org", "email:kim@acme.org"], ["phone:+16502530000"] * 2
    one, _, _ = read(verdict([1, 2], list(left), list(right)), "a.csv")
    other, _, _ = read(verdict([7, 9], list(left[::-1]), list(right)), "b.csv")
    assert one.content.tolist() == other.content.tolist()[::-1]
    assert len(set(one.content.tolist())) == 2
    assert one.id == ("", "")
    named, _, _ = read(verdict([1, 2], list(left), list(right), ["v1", None]))
    assert named.content[0] != one.content[0]
    assert named.content[1] == one.content[1]
    assert named.id == ("v1", "")


def test_only_whole_verdicts_count_and_the_others_are_told_of() -> None:
    left = ["email:jo@acme.org", None, "email:no address", '["email:jo@acme.org", "email:kim@acme.org"]', "email:kim@acme.org"]
    stated, issues, interner = read(verdict([1, 2, 3, 4, 5], left, ["phone:+16502530000"] * 5))
    assert stated.row.tolist() == [1, 5]
    values = interner.table().value
    assert [[values[int(code)].as_py() for code in pair] for pair in stated.ends] == [
        ["jo@acme.org", "+16502530000"],
        ["kim@acme.org", "+16502530000"],
    ]
    told = issues.table(np.zeros(0, bool), ()).to_pylist()
    assert [(one["row"], one["field"], one["reason"]) for one in told] == [
        (2, "a", "assertion_syntax"),
        (3, "a", "email_syntax"),
        (3, "a", "assertion_syntax"),
        (4, "a", "assertion_syntax"),
    ]


def test_each_identifier_keeps_its_own_issuer_and_erasures_their_own_time() -> None:
    texts = ['[["customer_id","shop","12"],["customer_id","13"]]', None, "email:jo@acme.org", "customer_id@shop:12"]
    rows = StatementRows(
        None, np.arange(1, 5), None, column(["a", "b", "c", "d"]), times([NOON, NOON, NOON + 1, NOON + 2]), (ends("ids", list(texts)),)
    )
    stated, issues, interner = read(rows)
    assert stated.row.tolist() == [1, 3, 4]
    until = erasures_of([stated], len(interner) + 1)
    table = interner.table()
    found = {
        (table.issuers[int(issuer)].as_py() if issuer >= 0 else "", value): int(second)
        for issuer, value, second in zip(table.identifiers.issuer, table.value.to_pylist(), until, strict=False)
    }
    assert found == {("shop", "12"): NOON + 2, ("a", "13"): NOON, ("", "jo@acme.org"): NOON + 1}
    assert until[-1] == MIN_TIME - 1
    assert [one["row"] for one in issues.table(np.zeros(0, bool), ()).to_pylist()] == [2]
