"""The summary on a terminal: what it says, and that it stays within 100 columns."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from idweave_server.batch.fragility import weakest_links
from idweave_server.batch.gather_report import make_report
from idweave_server.batch.report import IssueReason, Report
from idweave_server.batch.summary import REFUSED, SHARED, render_summary
from idweave_server.intake.remedies import REMEDIES, remedy
from idweave_server.model import Apart, Refusal, Shared
from rich.cells import cell_len
from rich.console import Console

from tests.batch.hand_made import hand_made, nothing


def report(*, empty: bool = False) -> Report:
    result = nothing() if empty else hand_made()
    return make_report(result, weakest_links(result))


def printed(report: Report, width: int = 100) -> str:
    file = io.StringIO()
    render_summary(report, Console(file=file, width=width))
    return file.getvalue()


def test_a_run_in_one_look() -> None:
    assert (
        printed(report())
        == """\
 8 observations from 2 files make 2 profiles   as of 2024-05-01 12:00:00 UTC
 1 erasure obeyed

 Observations                Profiles by number of identifiers
   accepted   4  50.0 %        3  1  ██████████████████████
   unlinked   1  12.5 %        4  1  ██████████████████████
   duplicate  1  12.5 %
   rejected   1  12.5 %
   erased     1  12.5 %

 Largest profiles
   b0000000  Jo       3 obs.  4: 1 customer_id, 1 email, 1 phone, 1 name+birth_date
   a0000000  Kim "K"  1 obs.  3: 1 customer_id, 1 email, 1 phone

 Shared identifiers, which link nobody
   role  1  role mailboxes such as info@
   email:info@shop.example  1 obs.  role

 Unions refused, the reasons two identifiers are apart
   names  1  the two sides have different first names

 Most fragile profiles, each held together by one link
   a0000000  email:kim@example.org  —  phone:+14155550100  50 %  seen once
   b0000000  email:jo@example.org   —  phone:+14155550100  90 %  seen once

 Dates inferred
   web.csv · dob    %Y-%m-%d   5 of 5 values fit no other order
   shop.csv · born  undecided  3/4/21: month first or day first? 4 values fit both

 Duplicates
   1  sent more than once by web; counted once
   2  reported by both shop and web; both count

 Verdicts that do not hold
   SHARED  erased  shop.csv:7  it names an erased identifier; state it again if it is meant for what
                               was observed since
   SAME    unseen  shop.csv:8  one end was never observed; the verdict takes effect once it is
   SAME    asleep  shop.csv:9  one end does not link at present; if it is one person's, say PERSONAL
                               of it first

 3 refused values or rows, each listed in issues.csv
   2  phone_invalid  no such number range in its country; check the region in the mapping
                     first in web.csv, row 2, phone
   1  row_ragged     more or fewer fields than the header; look for a stray delimiter or quote
                     first in web.csv, row 3
"""
    )


def test_colours_where_there_are_colours() -> None:
    file = io.StringIO()
    render_summary(report(), Console(file=file, width=100, force_terminal=True, color_system="standard"))
    text = file.getvalue()
    assert "\x1b[1mLargest profiles\x1b[0m\n" in text
    assert not any(line.endswith((" ", " \x1b[0m")) for line in text.splitlines())


def test_a_run_that_found_nothing_says_so_and_no_more() -> None:
    assert (
        printed(report(empty=True))
        == """\
 0 observations from 2 files make 0 profiles   as of 2024-05-01 12:00:00 UTC
"""
    )


@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_nothing_is_wider_than_100_columns(width: int) -> None:
    """Long values and wide characters are cut, and what looks like markup is text."""
    plain = report()
    long = "[bold]" + "名前" * 60 + "@example.org"
    end = {"namespace": "email", "issuer": "a very long issuer's name", "value": long}
    wide = replace(
        plain,
        largest=tuple(replace(line, name=long, identifiers={f"namespace_{n}": n for n in range(30)}) for line in plain.largest),
        most_fragile=tuple(replace(line, left=end, right=end) for line in plain.most_fragile),
        most_shared=tuple(replace(line, identifier=end) for line in plain.most_shared),
        formats=tuple(replace(line, file=long, question=long * 3) for line in plain.formats),
        issue_reasons=(IssueReason("row_ragged", 10**9, long, 10**9, long),),
    )
    lines = printed(wide, width).splitlines()
    assert max(map(cell_len, lines)) <= min(width, 100)
    if width >= 80:  # what is short stays whole: ids, counts, how sure
        assert sum("[bold]名" in line for line in lines) >= 4
        assert sum("b0000000" in line for line in lines) == 2
        assert sum("seen once" in line and "90 %" in line for line in lines) == 1


def test_lists_are_cut_with_the_number_left() -> None:
    plain = report()
    many = replace(
        plain,
        fragile=70,
        most_fragile=plain.most_fragile * 10,
        issue_reasons=plain.issue_reasons * 4,
        verdicts_not_holding=plain.verdicts_not_holding * 3,
    )
    text = printed(many)
    assert "and 65 more fragile profiles: see report.json" in text
    assert "and 3 more reasons in report.json" in text
    assert "and 4 more verdicts: see report.json" in text


def test_the_issues_file_is_called_what_it_is_called() -> None:
    file = io.StringIO()
    render_summary(report(), Console(file=file, width=100), "issues.parquet")
    assert "3 refused values or rows, each listed in issues.parquet" in file.getvalue()


def test_every_word_has_its_meaning() -> None:
    assert set(REMEDIES) == set(Refusal) - {Refusal.NONE}
    assert remedy("row_ragged") == REMEDIES[Refusal.ROW_RAGGED]
    assert remedy("no such reason") == ""
    assert list(SHARED) == [reason.name.lower() for reason in Shared if reason]
    assert list(REFUSED) == [rule.name.lower() for rule in Apart if rule]
