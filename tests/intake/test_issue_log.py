"""What issues.csv says, in which order, and what it does not say of what was erased."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from idweave_server.intake.encoded import Encoded
from idweave_server.intake.issue_log import IssueLog
from idweave_server.intake.remedies import remedy
from idweave_server.model import Issue, Refusal

FIRST, SECOND = (0, "b.csv"), (1, "a.csv")
NOTHING_ERASED = np.zeros(9, bool)


def column(*values: str | None) -> Encoded:
    return Encoded.of([pa.array(values, pa.string())])


def told(log: IssueLog, erased: np.ndarray = NOTHING_ERASED, values: tuple[str, ...] = ()) -> list[tuple[str, int, str, str, str, str]]:
    table = log.table(erased, values)
    assert table.schema.names == ["file", "row", "field", "reason", "value", "message"]
    return [tuple(one.values()) for one in table.to_pylist()]


def add(
    log: IssueLog, file: tuple[int, str], row: int, field: str, value: str | None, place: int = 0, reason: Refusal = Refusal.EMAIL_SYNTAX
) -> None:
    log.add(file, np.array([row]), np.array([place]), field, np.array([reason], np.uint8), column(value))


def test_issues_come_in_the_order_of_files_rows_and_fields() -> None:
    log = IssueLog()
    add(log, SECOND, 1, "x", "third")
    add(log, FIRST, 12, "x", "second")
    add(log, FIRST, 3, "y", "first, y")
    log.add_rows(FIRST, [Issue("b.csv", 4, "", Refusal.ROW_MALFORMED, "{", "not JSON")])
    add(log, FIRST, 3, "x", "first, x")
    assert [(one[0], one[1], one[4]) for one in told(log)] == [
        ("b.csv", 3, "first, x"),
        ("b.csv", 3, "first, y"),
        ("b.csv", 4, "{"),
        ("b.csv", 12, "second"),
        ("a.csv", 1, "third"),
    ]
    assert len(log) == 5


def test_only_rows_with_a_reason_are_noted() -> None:
    log = IssueLog()
    refusal = np.array([0, Refusal.EMAIL_SYNTAX, 0, Refusal.TOO_LONG], np.uint8)
    log.add(FIRST, np.arange(1, 5), np.arange(4), "mail", refusal, column("good", "bad", None, "good"))
    log.add(FIRST, np.arange(1, 5), np.arange(4), "mail", np.zeros(4, np.uint8), column("good", "bad", None, "good"))
    assert [one[1:5] for one in told(log)] == [(2, "mail", "email_syntax", "bad"), (4, "mail", "too_long", "good")]


def test_values_are_shortened_and_on_one_line() -> None:
    log = IssueLog()
    for value in ("x" * 100, "a\nb\0", None):
        add(log, FIRST, 1, "x", value)
    assert [one[4] for one in told(log)] == ["x" * 79 + "…", r"a\nb\x00", ""]


def test_a_message_is_its_own_or_the_remedy() -> None:
    log = IssueLog()
    refusal = np.full(3, Refusal.DATE_AMBIGUOUS, np.uint8)
    values = column("3/4/21", None, "5/6/21")
    log.add(FIRST, np.arange(3), np.arange(3), "born", refusal, values, pa.array(["month first?", None]))
    expected = remedy("date_ambiguous")
    assert [(one[4], one[5]) for one in told(log)] == [("3/4/21", "month first?"), ("", expected), ("5/6/21", expected)]
    assert expected


def test_what_was_erased_is_not_shown() -> None:
    log = IssueLog()
    add(log, FIRST, 1, "mail", "of an erased row", place=3)
    add(log, FIRST, 2, "mail", "of another", place=4)
    add(log, FIRST, 3, "mail", " JO@acme.org ", place=5)
    add(log, FIRST, 4, "ids", "of a statement", place=-1)
    log.add_rows(FIRST, [Issue("b.csv", 5, "", Refusal.ROW_RAGGED, "jo@acme.org,1", "2 fields where the header has 3")])
    assert [one[4] for one in told(log)] == ["of an erased row", "of another", " JO@acme.org ", "of a statement", "jo@acme.org,1"]
    erased = NOTHING_ERASED.copy()
    erased[3] = True
    assert [one[4:] for one in told(log, erased, ("jo@acme.org",))] == [
        ("", "erased on request"),
        ("of another", remedy("email_syntax")),
        ("", "erased on request"),
        ("of a statement", remedy("email_syntax")),
        ("", "2 fields where the header has 3"),
    ]


def test_a_short_erased_value_does_not_hide_what_holds_it() -> None:
    """The customer number 1 was in most values."""
    log = IssueLog()
    add(log, FIRST, 1, "phone", "123", place=4)
    add(log, FIRST, 2, "mail", None, place=4)
    assert [one[4:] for one in told(log, NOTHING_ERASED, ("1", ""))] == [("123", remedy("email_syntax")), ("", remedy("email_syntax"))]


def test_values_that_are_not_shown() -> None:
    log = IssueLog()
    refusal = np.array([Refusal.ERASURE_SYNTAX], np.uint8)
    log.add(FIRST, np.array([1]), np.array([-1]), "ids", refusal, column("secret"), pa.array(["no namespace"]), shown=False)
    assert told(log) == [("b.csv", 1, "ids", "erasure_syntax", "", "no namespace")]


def test_no_issue_is_an_empty_table() -> None:
    assert told(IssueLog()) == []
