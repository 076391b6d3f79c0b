"""The bundled sample: every expectation of its story holds on what a server answers, and none would hold whatever it answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from idweave_server.cli import purchase_demo
from idweave_server.cli.changes import Stage, changes, undone
from idweave_server.cli.demo import Scene, staged, tell
from idweave_server.cli.driven_clock import DrivenClock
from idweave_server.cli.findings import Checker
from idweave_server.cli.purchase_demo import OPENED, bought
from idweave_server.cli.story import (
    KINDS,
    Expectation,
    OutcomeOf,
    OwnersInTurn,
    Refused,
    Separate,
    SharedByMany,
    Together,
    Unknown,
    input_files,
    read_story,
    sample_folder,
)
from idweave_server.errors import InputError
from idweave_server.model import DAY

MAYA, ELENA, MARCO = "email:maya.okafor@fernmail.zz", "email:elena.rossi@postbus.zz", "email:marco.r@quillbox.zz"
TABLET, HANDED_ON, MAYAS_PHONE = "device:edd0ee01-deac-4552-b56e-7f9e7618dab0", "phone:+15039590210", "phone:+15039590201"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with sample_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def clock() -> DrivenClock:
    return DrivenClock(int(OPENED.timestamp()))


@pytest.fixture(scope="module")
def scene(folder: Path, clock: DrivenClock) -> Iterator[Scene]:
    with staged(folder, lambda stage, done, total: None, clock=clock) as scene:
        yield scene


@pytest.fixture(scope="module")
def checker(scene: Scene) -> Checker:
    return Checker(scene.answers, scene.issues)


def test_the_sample_is_what_it_is_said_to_be(folder: Path, scene: Scene) -> None:
    assert len(input_files(folder)) >= 6
    assert 200 < scene.sent.observations < 500
    assert len({one.canonical.source.name for one in scene.answers.sent}) >= 6


def test_every_expectation_holds(folder: Path, scene: Scene) -> None:
    told = tell(folder, scene)
    assert len(told) > 20
    assert {type(expected) for chapter, _ in told for expected in chapter.expectations} == set(KINDS)
    assert [(chapter.title, f.said.plain) for chapter, findings in told for f in findings if not f.holds] == []
    assert all(len(chapter.expectations) == len(findings) > 0 for chapter, findings in told)


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        (Together((ELENA, MARCO)), f"{ELENA} is Elena Rossi's and {MARCO} is Marco Rossi's"),
        (Together((MAYA, TABLET)), "is nobody's"),
        (Together((MAYA, "email:nobody@postbus.zz")), "email:nobody@postbus.zz is in no observation"),
        (Together((HANDED_ON, "email:harold.finch@postbus.zz")), f"{HANDED_ON} is Denise Abara's"),
        (Together((HANDED_ON, "email:harold.finch@postbus.zz"), date(2023, 12, 1)), "Denise Abara"),
        (Separate((MAYA, MAYAS_PHONE)), "both are Maya Okafor's"),
        (Separate((ELENA, MARCO), "names"), "are two people"),
        (Separate((ELENA, TABLET)), "one of them is nobody"),
        (SharedByMany(MAYA, "names"), "shared because of nothing"),
        (SharedByMany(TABLET, "partners"), "shared because of names"),
        (SharedByMany("phone:+15039590299", "names"), "shared because of nothing"),
        (OwnersInTurn(HANDED_ON, 3), "had 2 owners"),
        (OwnersInTurn(MAYAS_PHONE, 2), "had 1 owner"),
        (OwnersInTurn(TABLET, 1), "nobody"),
        (OutcomeOf("unlinked", ("web-0004",)), "web-0004 is accepted"),
        (OutcomeOf("accepted", ("web-0004", "web-9999")), "web-9999 is nowhere"),
        (OutcomeOf("accepted", ("web-0004",), ELENA), "belongs to Maya Okafor"),
        (OutcomeOf("duplicate", ("web-0004",)), "web-0004 is accepted"),
        (Refused("date_ambiguous", "purchased_list.csv", "since", 12), "10 × date_ambiguous"),
        (Refused("date_ambiguous", "shop_us.csv", "born", 1), "0 × date_ambiguous"),
        (Unknown("cookie:c.5c23dbdb674b2dff"), "is FOUND to the server"),
    ],
)
def test_a_false_expectation_is_found_out(checker: Checker, expected: Expectation, said: str) -> None:
    finding = checker.check(expected)
    assert not finding.holds
    assert said in finding.said.plain


def test_a_person_is_told_with_the_weakest_of_the_links(checker: Checker) -> None:
    finding = checker.check(Together(("loyalty_id@tills:LL-30024", "email:priya.raman@fernmail.zz", "phone:+15039590223")))
    assert finding.said.plain.endswith("one person with 3 identifiers: loyalty_id@tills:LL-30024")
    assert [line.plain for line in finding.details] == [
        "├─ name+birth_date:priya raman 1990-11-23   81 %  tills: loyalty 2022-09-24",
        "│  └─ email:priya.raman@fernmail.zz         80 %  survey: survey 2023-06-03  weakest",
        "└─ phone:+15039590223                       81 %  tills: loyalty 2022-09-24",
    ]


def test_a_person_without_a_name_goes_by_an_identifier(checker: Checker) -> None:
    finding = checker.check(Together(("social:x:kneal1985", "device:35f9c77f-d73e-47ca-a268-7273ee48f215")))
    nameless = checker.check(OutcomeOf("accepted", ("web-0040",)))
    assert finding.said.plain.startswith("Kelly Neal, one person ")
    assert nameless.said.plain == "web-0040 belongs to cookie:c.c25420af83…"


def test_an_expectation_that_nothing_checks_is_refused() -> None:
    chapter = '[[chapters]]\ntitle = "t"\nhappened = "h"\nsee = "s"\n[[chapters.expect]]\n'
    known = read_story(chapter + 'together = ["a", "b"]\nat = 2024-01-31\n')[0].expectations
    assert known == (Together(("a", "b"), date(2024, 1, 31)),)
    for wrong in ('togehter = ["a", "b"]', 'together = ["a"]\nbecause = "names"', 'refused = "names"\nfile = "f"'):
        with pytest.raises(InputError, match=r"no expectation has the keys .*story\.toml"):
            read_story(chapter + wrong)


def test_a_missing_owner_is_no_owner(checker: Checker) -> None:
    """An outcome that no profile has does not answer for a person."""
    expected = OutcomeOf("erased", ("web-0071",))
    assert checker.check(expected).holds
    assert not checker.check(replace(expected, of=MAYA)).holds


def test_what_changes_is_told_as_it_is(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on this server does not stay what it was."""
    told = changes(scene.client, scene.answers)
    assert [(chapter.title, f.said.plain) for chapter, findings in told for f in findings if not f.holds] == []
    assert [len(findings) for _, findings in told] == [3, 2, 3]
    monkeypatch.setattr(type(scene.client), "withdraw", lambda client, name: None)
    assert [finding.holds for finding in undone(Stage(scene.client, scene.answers))] == [True, False]


def test_a_customer_comes_by_a_purchase_and_goes_by_the_clock(scene: Scene, clock: DrivenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    told = bought(scene.client, clock)
    assert [(finding.said.plain, finding.holds) for finding in told] == [
        ("2024-05-02 09:00:00  Priya Raman enters recent-purchasers (EVENT): 1 member, until 2024-07-31 09:00:00", True),
        ("2024-06-01 09:00:00  20 dollars more: TRUE, and until the same second as before", True),
        ("2024-07-31 08:59:59  TRUE, for one more second", True),
        ("2024-07-31 09:00:00  Priya Raman leaves recent-purchasers (CLOCK): no member is left", True),
    ]
    clock.move(clock.milliseconds() // 1_000 + 100 * DAY)
    monkeypatch.setattr(purchase_demo, "RECEIPTS", ("till-9003", "till-9004"))
    monkeypatch.setattr(purchase_demo, "SMALL", "100")  # enough to move the end
    monkeypatch.setattr(purchase_demo, "WATCHED", 1.0)
    assert [finding.holds for finding in bought(scene.client, clock)] == [True, False, False, False]
