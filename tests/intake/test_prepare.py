"""Reported observations read as a batch run reads them; each for itself, whatever comes with it; every refusal by the name of its field."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.intake.assemble import assemble
from idweave_server.intake.intake import Intake
from idweave_server.intake.issue_log import IssueLog
from idweave_server.intake.prepare import prepare, prepare_unit
from idweave_server.intake.reports import Report, ReportedEvent
from idweave_server.intake.times import read_times
from idweave_server.model import MIN_TIME, Flag, Outcome, Refusal
from idweave_server.resolution.policy import load_policy

from tests.intake.reporting import LISTS, NOON, POLICY, TODAY, events_of, issues_of, prepared, report, said, traits_of, unit_of

FIRSTS, LASTS = ("Jo", "kelly", "Bob", "J.", "José", "n/a", "x1"), ("Neal", "de la Cruz", "Smith Jr", "O'Neil")
MAILS = ("kneal85@acme.org", "Kelly.Neal+x@gmail.com", "jo@acme.org", "JO@acme.org", "info@acme.org", "no mail", "test@asdf.com")
NUMBERS = ("+1 415 555 2671", "+14155552671", "415-555-2671", "0800 123", "+44 20 7946 0018")
BIRTHS = ("1985-03-04", "1985-01-01", "03/04/85", "2099-01-01", "1899-12-31")
IDENTIFIERS = st.one_of(
    st.tuples(st.just("email"), st.just(""), st.sampled_from(MAILS)),
    st.tuples(st.just("phone"), st.just(""), st.sampled_from(NUMBERS)),
    st.tuples(st.sampled_from(("cookie", "ip")), st.just(""), st.sampled_from(("0123456789abcdef", "8.8.8.8", "2001:db8::1"))),
    st.tuples(
        st.sampled_from(("customer_id", "loyalty_id")), st.sampled_from(("", "shop", "desk")), st.sampled_from(("12", "AB-7", " 12 "))
    ),
)
TRAITS = st.fixed_dictionaries(
    {},
    optional={
        "first_name": st.sampled_from(FIRSTS),
        "last_name": st.sampled_from(LASTS),
        "full_name": st.sampled_from(("Jo Neal", "Wang Jie", "Dr. Kelly de la Cruz")),
        "birth_date": st.sampled_from(BIRTHS),
        "city": st.sampled_from(("Oslo", " Oslo ", "Bath", "a\x00b")),
    },
)
EVENTS = st.one_of(
    st.just(()),
    st.builds(
        lambda kind, properties: (ReportedEvent(kind, properties=tuple(properties.items())),),
        st.sampled_from(("order", "view")),
        st.dictionaries(st.sampled_from(("url", "product")), st.sampled_from(("a", "b")), max_size=2),
    ),
)
REPORTS = st.builds(
    Report,
    observation_id=st.sampled_from(("", "1", "2", "a\x07")),
    source=st.sampled_from(("web", "shop", "us", "")),
    time=st.sampled_from((None, NOON, NOON + 1, MIN_TIME - 1)) | st.integers(NOON, NOON + 3),
    kind=st.sampled_from(("LOGIN", "order", "LOGIM", "")),
    identifiers=st.lists(IDENTIFIERS, max_size=5).map(tuple),
    traits=TRAITS.map(lambda traits: tuple(traits.items())),
    events=EVENTS,
)
REGIONS = load_policy('[sources.us]\nregion = "US"\ntrust = 0.5')


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(REPORTS, max_size=12))
def test_reports_are_read_as_the_rows_of_a_file(reports: list[Report]) -> None:
    unit = unit_of(reports)
    times = read_times(unit.observations.time, unit.observations.source, unit.name)
    one, other = prepare(REGIONS, LISTS, reports, today=TODAY), prepare_unit(REGIONS, LISTS, unit, times, today=TODAY)
    assert said(one.columns) == said(other.columns)
    assert one.ids.to_pylist() == other.ids.to_pylist()
    assert one.refusal.tolist() == other.refusal.tolist()
    assert one.identity.tolist() == other.identity.tolist()
    assert one.place.tolist() == np.flatnonzero(one.refusal == 0).tolist()
    told = [[(row, reason, value) for row, _, reason, value in issues_of(found)] for found in (one, other)]
    assert sorted(told[0]) == sorted(told[1])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(REPORTS, max_size=12))
def test_a_file_is_read_as_a_batch_run_reads_it(reports: list[Report]) -> None:
    unit, log = unit_of(reports), IssueLog()
    times = read_times(unit.observations.time, unit.observations.source, unit.name)
    found = prepare_unit(REGIONS, LISTS, unit, times, today=TODAY)
    intake = Intake(REGIONS, LISTS, log)
    part = intake.describe(unit, seen := intake.see(unit, times), np.zeros(seen.row.size, bool), TODAY)
    run = assemble(intake, [part], [], np.full(len(intake.interner), MIN_TIME - 1), ["a.csv"])
    usable = run.rows.outcome != Outcome.REJECTED
    assert found.place.tolist() == np.flatnonzero(usable).tolist()
    assert found.identity.tolist() == run.identity[usable].tolist()
    assert found.ids.to_pylist() == run.rows.observation_id.to_pylist()
    kept, position = set(run.kept.tolist()), run.rows.observation
    columns, resolved = found.columns, run.observations
    names = [*intake.traits.first_names.values().to_pylist(), ""]
    for at, row in enumerate(found.place.tolist()):
        if row not in kept:  # a duplicate or a conflict
            continue
        n = position[row]
        own, theirs = slice(columns.start[at], columns.start[at + 1]), slice(resolved.start[n], resolved.start[n + 1])
        here, there = columns.identifier[own], resolved.identifier[theirs]
        table = run.identifiers.identifiers
        assert columns.identifiers.content[here].tolist() == table.content[there].tolist()
        assert columns.identifiers.flags[here].tolist() == table.flags[there].tolist()
        labels = (*columns.names, "")
        assert [labels[c] for c in columns.identifiers.mailbox_name[here]] == [names[c] for c in table.mailbox_name[there]]
        assert [labels[c] for c in columns.hint[own]] == [names[c] for c in resolved.hint[theirs]]
        assert labels[columns.first_name[at]] == names[resolved.first_name[n]]
        assert columns.birth_date[at] == resolved.birth_date[n]
        assert columns.content[at] == part.content[row, 0]
    assert len(log) == len(found.issues)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(REPORTS, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_each_observation_is_read_for_itself(reports: list[Report], random: object) -> None:
    """One batch says what a batch of each says, in whatever order; an event more or less does not matter either."""
    reports = [*reports, report(("email", "x@acme.org"), events=(ReportedEvent("a"), ReportedEvent("b", 1, 5, "EUR")))]
    whole = prepare(POLICY, LISTS, reports, today=TODAY)
    alone = [prepare(POLICY, LISTS, [one], today=TODAY) for one in reports]
    assert said(whole.columns) == [told for one in alone for told in said(one.columns)]
    assert whole.ids.to_pylist() == [one.ids[0].as_py() for one in alone]
    assert whole.refusal.tolist() == [int(one.refusal[0]) for one in alone]
    assert issues_of(whole) == [(row, *issue[1:]) for row, one in enumerate(alone) for issue in issues_of(one)]
    shuffled = list(enumerate(reports))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = prepare(POLICY, LISTS, [one for _, one in shuffled], today=TODAY)
    order = [at for at, _ in shuffled if whole.refusal[at] == 0]
    place = {at: k for k, at in enumerate(whole.place.tolist())}
    assert said(again.columns) == [said(whole.columns)[place[at]] for at in order]


def test_what_an_observation_says() -> None:
    found = prepared(
        report(
            ("email", "Kelly.Neal+shop@Gmail.com"),
            ("customer_id", "12"),
            ("customer_id", "shop", "12"),
            traits=(
                ("first_name", "Kelly"),
                ("last_name", "Neal"),
                ("birth_date", "1985-03-04"),
                ("visits", 3),
                ("rate", 0.5),
                ("vip", True),
            ),
            events=(ReportedEvent("order", 12, 500_000_000, "EUR", (("product", "tea"), ("count", 2), ("weight", 1.5), ("gift", False))),),
        )
    )
    assert len(found.issues) == 0
    assert (found.refusal.tolist(), found.place.tolist()) == ([Refusal.NONE], [0])
    [told] = said(found.columns)
    assert {one[:3] + one[-1:] for one in told["identifiers"]} == {  # type: ignore[attr-defined]
        ("email", "", "kellyneal@gmail.com", "Kelly.Neal+shop@Gmail.com"),
        ("customer_id", "web", "12", ""),
        ("customer_id", "shop", "12", ""),
        ("name+birth_date", "", "kelley neal 1985-03-04", ""),
    }
    assert (told["first_name"], told["birth_date"], told["source"], told["kind"], told["time"]) == ("kelly", 19850304, "web", "LOGIN", NOON)
    assert traits_of(found.columns, 0)[:2] == [("birth_date", "1985-03-04"), ("first_name", "Kelly")]
    assert traits_of(found.columns, 0)[3:] == [("rate", "0.5"), ("vip", "true"), ("visits", "3")]
    properties = [("count", "2", 1), ("gift", "false", 3), ("product", "tea", 0), ("weight", "1.5", 2)]
    assert events_of(found.columns, 0) == [("order", (12, 500_000_000, "EUR"), properties)]


def test_a_value_that_looks_like_a_list_is_one_value() -> None:
    policy = load_policy("[traits]\ntags = { many = true }")
    found = prepared(report(("loyalty_id", '["1", "2"]'), traits=(("tags", '["a", "b"]'), ("tags", "c"), ("city", "[x]"))), policy=policy)
    [told] = said(found.columns)
    assert [one[2] for one in told["identifiers"]] == ['["1", "2"]']  # type: ignore[attr-defined]
    assert told["traits"] == [("city", "[x]"), ("tags", '["a", "b"]'), ("tags", "c")]


@pytest.mark.parametrize(
    ("said_differently", "same"),
    [
        ({}, True),
        ({"time": NOON + 1}, False),
        ({"kind": "FORM"}, False),
        ({"kind": "login"}, True),
        ({"traits": (("city", "Bath"),)}, False),
        ({"traits": (("city", " Oslo "),)}, True),
        ({"events": ()}, False),
        ({"events": (ReportedEvent("view"), ReportedEvent("order", 1, 0, "EUR", (("a", "1"),)))}, True),
        ({"events": (ReportedEvent("order", 1, 0, "EUR", (("a", 1),)), ReportedEvent("view"))}, False),
        ({"events": (ReportedEvent("order", 1, 0, "EUR"), ReportedEvent("view", properties=(("a", "1"),)))}, False),
        ({"events": (ReportedEvent("order", 1, 0, "USD", (("a", "1"),)), ReportedEvent("view"))}, False),
    ],
)
def test_the_content_tells_a_repeat_from_a_change(said_differently: dict[str, object], same: bool) -> None:
    first = {"traits": (("city", "Oslo"),), "events": (ReportedEvent("order", 1, 0, "EUR", (("a", "1"),)), ReportedEvent("view"))}
    one, other = prepared(
        report(("email", "jo@acme.org"), **first), report(("email", "JO@acme.org"), **{**first, **said_differently})
    ).columns.content
    assert bool(one == other) is same


@pytest.mark.parametrize(
    ("identifier", "field", "reason", "message"),
    [
        (("emial", "x@acme.org"), "namespace", Refusal.NAMESPACE_UNKNOWN, "did you mean email?"),
        (("name+birth_date", "jo neal 1985-03-04"), "namespace", Refusal.NAMESPACE_UNKNOWN, "state the traits"),
        (("email", "shop", "x@acme.org"), "issuer", Refusal.ISSUER_SYNTAX, "has no issuers"),
        (("customer_id", "sh\x00p", "12"), "issuer", Refusal.ISSUER_SYNTAX, "control characters"),
        (("email", "no mail"), "value", Refusal.EMAIL_SYNTAX, "no e-mail address"),
        (("email", "  "), "value", Refusal.PLACEHOLDER, "leave out"),
        (("phone", "415 555 2671"), "value", Refusal.PHONE_REGION_UNKNOWN, "country code"),
        (("cookie", "c" * 1025), "value", Refusal.TOO_LONG, "1,025 bytes; an identifier takes at most 1,024"),
        (("loyalty_id", "é" * 513), "value", Refusal.TOO_LONG, "1,026 bytes"),
    ],
)
def test_an_identifier_that_is_refused_leaves_the_others(identifier: tuple[str, str], field: str, reason: Refusal, message: str) -> None:
    found = prepared(report(("email", "ok@acme.org"), identifier))
    assert [issue[:3] for issue in issues_of(found)] == [(0, f"identifiers[1].{field}", reason)]
    assert message in found.issues.message[0]
    [told] = said(found.columns)
    assert [one[2] for one in told["identifiers"]] == ["ok@acme.org"]  # type: ignore[attr-defined]
    quarantined = found.columns.quarantined
    assert (quarantined.row.tolist(), quarantined.fields[quarantined.field[0]]) == ([0], f"identifiers[1].{field}")


@pytest.mark.parametrize(
    ("trait", "field", "reason"),
    [
        (("birth_date", "1985"), "value", Refusal.DATE_SYNTAX),
        (("birth_date", "2099-01-01"), "value", Refusal.DATE_RANGE),
        (("visits", "many"), "value", Refusal.TRAIT_TYPE),
        (("visits", float("nan")), "value", Refusal.TRAIT_TYPE),
        (("city", "x" * 65_537), "value", Refusal.TOO_LONG),
        (("city", " "), "value", Refusal.PLACEHOLDER),
        (("", "x"), "name", Refusal.TRAIT_NAME),
        (("n" * 201, "x"), "name", Refusal.TRAIT_NAME),
        (("a\nb", "x"), "name", Refusal.TRAIT_NAME),
        (("color", "green"), "name", Refusal.TRAIT_REPEATED),
        (("sold", "x"), "value", Refusal.TRAIT_NOT_STATED_BY),
    ],
)
def test_a_trait_that_is_refused_leaves_the_others(trait: tuple[str, object], field: str, reason: Refusal) -> None:
    policy = load_policy('[traits]\nvisits = { type = "integer" }\nsold = { stated_by = ["third"] }')
    found = prepared(report(("email", "ok@acme.org"), traits=(("color", "red"), trait)), policy=policy)
    assert [issue[:3] for issue in issues_of(found)] == [(0, f"traits[1].{field}", reason)]
    assert traits_of(found.columns, 0) == [("color", "red")]


def test_a_required_trait_is_missed_in_every_observation() -> None:
    policy = load_policy("[traits]\ncity = { required = true }")
    found = prepared(report(traits=(("city", "Oslo"),)), report(), report(traits=(("city", ""),)), policy=policy)
    assert issues_of(found) == [
        (1, "traits", Refusal.TRAIT_REQUIRED, ""),
        (2, "traits", Refusal.TRAIT_REQUIRED, ""),
        (2, "traits[0].value", Refusal.PLACEHOLDER, ""),
    ]
    assert "city" in found.issues.message[0]
    assert found.place.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("event", "field", "reason"),
    [
        (ReportedEvent(" "), "type", Refusal.EVENT_SYNTAX),
        (ReportedEvent("x" * 201), "type", Refusal.TOO_LONG),
        (ReportedEvent("a\tb"), "type", Refusal.CONTROL_CHARACTER),
        (ReportedEvent("x", properties=(("a", "1"),) * 51), "properties", Refusal.TOO_MANY_ITEMS),
        (ReportedEvent("x", 1, 0, "eur"), "amount", Refusal.MONEY_SYNTAX),
        (ReportedEvent("x", 1), "amount", Refusal.MONEY_SYNTAX),
        (ReportedEvent("x", 1, -1, "EUR"), "amount", Refusal.MONEY_SYNTAX),
        (ReportedEvent("x", 0, 10**9, "EUR"), "amount", Refusal.MONEY_SYNTAX),
        (ReportedEvent("x", properties=(("a", "1"), ("", "2"))), "properties[1].name", Refusal.TRAIT_NAME),
        (ReportedEvent("x", properties=(("a", "1"), ("b", float("inf")))), "properties[1].value", Refusal.TRAIT_TYPE),
        (ReportedEvent("x", properties=(("a", 2**63),)), "properties[0].value", Refusal.TRAIT_TYPE),
    ],
)
def test_what_is_refused_of_an_event(event: ReportedEvent, field: str, reason: Refusal) -> None:
    found = prepared(report(("email", "ok@acme.org"), events=(ReportedEvent("order", 3, 0, "EUR"), event)))
    assert [issue[:3] for issue in issues_of(found)] == [(0, f"events[1].{field}", reason)]
    events = events_of(found.columns, 0)
    assert events[0] == ("order", (3, 0, "EUR"), [])
    assert len(events) == (1 if field in ("type", "properties") else 2)


@pytest.mark.parametrize(
    ("one", "field", "reason"),
    [
        (report(time=None), "time", Refusal.TIME_MISSING),
        (report(time=2**70), "time", Refusal.TIME_RANGE),
        (report(time=MIN_TIME - 1), "time", Refusal.TIME_RANGE),
        (report(source=" "), "source.name", Refusal.SOURCE_MISSING),
        (report(source="a\x00"), "source.name", Refusal.CONTROL_CHARACTER),
        (report(kind="LOGGIN"), "evidence_kind", Refusal.EVIDENCE_UNKNOWN),
        (report(kind=""), "evidence_kind", Refusal.EVIDENCE_UNKNOWN),
        (report(observation_id="a\nb"), "observation_id", Refusal.OBSERVATION_ID_SYNTAX),
        (report(observation_id="a" * 1025), "observation_id", Refusal.OBSERVATION_ID_SYNTAX),
        (report(*[("customer_id", str(k)) for k in range(17)]), "identifiers", Refusal.TOO_MANY_IDENTIFIERS),
        (report(traits=(("a", 1),) * 101), "traits", Refusal.TOO_MANY_ITEMS),
        (report(events=(ReportedEvent("a"),) * 101), "events", Refusal.TOO_MANY_ITEMS),
    ],
)
def test_an_observation_that_is_refused_never_fails_its_neighbours(one: Report, field: str, reason: Refusal) -> None:
    found = prepared(report(("email", "a@acme.org")), one, report(("email", "b@acme.org"), observation_id="2"))
    assert found.refusal.tolist() == [0, reason, 0]
    assert [issue[:3] for issue in issues_of(found)] == [(1, field, reason)]
    assert found.columns.id.to_pylist() == ["1", "2"]
    assert found.columns.identifiers.value.to_pylist() == ["a@acme.org", "b@acme.org"]
    assert len(found.columns.quarantined.row) == 0
    assert len(found.ids) == 3


def test_sixteen_identifiers_and_no_identifier_are_fine() -> None:
    found = prepared(report(*[("customer_id", str(k)) for k in range(1, 17)]), report())
    assert found.refusal.tolist() == [0, 0]
    assert np.diff(found.columns.start).tolist() == [16, 0]


def test_an_observation_without_an_id_is_known_by_its_content() -> None:
    one, other, third = prepared(
        *(report(("email", mail), observation_id=" ") for mail in ("jo@acme.org", "JO@acme.org", "x@acme.org"))
    ).ids.to_pylist()
    assert len(one) == 32
    assert one == other != third


def test_nothing_at_all() -> None:
    found = prepared()
    assert (len(found.ids), len(found.columns), len(found.issues)) == (0, 0, 0)


def test_flags_are_the_value_s() -> None:
    found = prepared(report(("email", "info@acme.org"), ("ip", "10.0.0.1")))
    flags = dict(zip(found.columns.identifiers.value.to_pylist(), found.columns.identifiers.flags.tolist(), strict=True))
    assert flags["info@acme.org"] & Flag.ROLE
    assert flags["10.0.0.1"] & Flag.PRIVATE


def test_rows_of_a_file_say_their_event_where_they_name_its_type() -> None:
    reports = [
        report(("email", "a@acme.org"), events=(ReportedEvent("order", properties=(("url", "/a"), ("sku", "7"))),)),
        report(("email", "b@acme.org"), observation_id="2"),
        report(("email", "c@acme.org"), observation_id="3", events=(ReportedEvent("x" * 201, properties=(("url", "/c"),)),)),
        report(("email", "d@acme.org"), observation_id="4", events=(ReportedEvent("view"),)),
    ]
    unit = unit_of(reports)
    times = read_times(unit.observations.time, unit.observations.source, unit.name)
    found = prepare_unit(POLICY, LISTS, unit, times, today=TODAY)
    assert [events_of(found.columns, row) for row in range(4)] == [
        [("order", (0, 0, ""), [("sku", "7", 0), ("url", "/a", 0)])],
        [],
        [],
        [("view", (0, 0, ""), [])],
    ]
    assert [issue[:3] for issue in issues_of(found)] == [(2, "events.type", Refusal.TOO_LONG)]
