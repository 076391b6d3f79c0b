"""The report: counts by hand, what is worth a look, and nothing of what was erased."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from idweave_server.batch.fragility import weakest_links
from idweave_server.batch.gather_report import LARGEST, MOST_FRAGILE, iso, make_report
from idweave_server.batch.report import Report
from idweave_server.batch.result import BatchResult
from idweave_server.kernels.evidence import Links
from idweave_server.model import Outcome, Verdict
from idweave_server.resolution.observations import Verdicts
from idweave_server.resolution.unite import Standing

from tests.batch.hand_made import (
    CUSTOMER,
    CUSTOMER_NODE,
    DERIVED,
    DERIVED_NODE,
    ERASED,
    JO,
    JO_ID,
    JO_NODE,
    KIM,
    KIM_ID,
    NOON,
    PHONE,
    PHONE_EARLY,
    ROWS,
    hand_made,
    nothing,
)

JO_END = {"namespace": "email", "issuer": "", "value": "jo@example.org"}
PHONE_END = {"namespace": "phone", "issuer": "", "value": "+14155550100"}


def report_of(result: BatchResult) -> Report:
    return make_report(result, weakest_links(result))


def with_verdict(kind: Verdict, left: int, right: int, standing: Standing) -> BatchResult:
    result = hand_made()
    verdicts = Verdicts(
        np.array([kind], np.uint8), np.array([NOON]), np.array([left], np.int32), np.array([right], np.int32), np.ones(1, np.uint64)
    )
    rows = replace(result.verdicts, verdicts=verdicts, file=np.zeros(1, np.int32), row=np.ones(1, np.int64), observation_id=("v",))
    return replace(result, verdicts=rows, resolution=replace(result.resolution, standing=np.array([standing], np.uint8)))


def test_counts() -> None:
    report = report_of(hand_made())
    outcomes = [row[4] for row in ROWS]
    assert report.outcomes == {outcome.name.lower(): outcomes.count(outcome) for outcome in Outcome}
    assert (report.rows_read, report.observations, report.profiles, report.links, report.erasures) == (13, 8, 2, 6, 1)
    assert {name: count for name, count in report.identifiers.items() if count} == {
        "customer_id": 2,
        "email": 3,
        "ip": 1,
        "name+birth_date": 1,
        "phone": 1,
    }
    assert report.changed_hands == 1
    assert report.shared == {"fake": 0, "role": 1, "service": 0, "names": 0, "partners": 0, "asserted": 0}
    assert report.refused == {"names": 1, "birth_dates": 0, "unique": 0, "different": 0}
    assert {size: count for size, count in report.sizes.items() if count} == {"3": 1, "4": 1}
    assert (report.as_of, report.files) == ("2024-05-01T12:00:00Z", ("web.csv", "shop.csv"))
    assert report.policy == hand_made().policy.fingerprint


def test_reasons_go_by_frequency_and_say_where_to_look() -> None:
    reasons = [(line.reason, line.count, line.file, line.row, line.field) for line in report_of(hand_made()).issue_reasons]
    assert reasons == [("phone_invalid", 2, "web.csv", 2, "phone"), ("row_ragged", 1, "web.csv", 3, "")]


def test_the_largest_profiles_first_and_no_more_than_ten() -> None:
    largest = report_of(hand_made()).largest
    assert [(line.profile_id, line.name, line.size, line.observations) for line in largest] == [
        (JO_ID, "Jo", 4, 3),
        (KIM_ID, 'Kim "K"', 3, 1),
    ]
    assert largest[0].identifiers == {"customer_id": 1, "email": 1, "name+birth_date": 1, "phone": 1}
    assert LARGEST == 10
    lone = report_of(lonely(2 * LARGEST))
    assert [line.profile_id for line in lone.largest] == [f"id-{number:02d}" for number in range(LARGEST)]  # equal ones go by id
    assert lone.sizes["1"] == 2 * LARGEST


def lonely(profiles: int) -> BatchResult:
    """As many profiles of one node each, ids descending."""
    result = hand_made()
    nodes = result.resolution.statuses.nodes
    count = np.zeros(profiles, np.int32)
    stretched = replace(
        nodes,
        first=np.concatenate((np.zeros(1, np.int64), np.full(nodes.first.size - 1, profiles))),
        identifier=count,
        epoch=count,
        begin=np.full(profiles, nodes.begin[0]),
        end=np.full(profiles, nodes.end[0]),
        content=np.ones((profiles, 2), np.uint64),
        sighting=np.zeros(nodes.sighting.size, np.int32),
    )
    statuses = replace(result.resolution.statuses, nodes=stretched, shared=np.zeros(profiles, np.uint8))
    return replace(
        result,
        traits=(),
        verdicts=replace(result.verdicts, verdicts=Verdicts.none()),
        profile_id=pa.array([f"id-{number:02d}" for number in reversed(range(profiles))]),
        resolution=replace(
            result.resolution,
            statuses=statuses,
            links=Links._make(column[:0] for column in result.resolution.links),
            apart=result.resolution.apart[:0],
            profile=np.arange(profiles, dtype=np.int32),
            profiles=profiles,
            assigned=np.full(result.resolution.assigned.size, -1, np.int32),
            standing=result.resolution.standing[:0],
        ),
    )


def test_shared_identifiers_with_their_reason() -> None:
    (line,) = report_of(hand_made()).most_shared
    assert (line.identifier["value"], line.reason, line.observations) == ("info@shop.example", "role", 1)


class TestFragile:
    def test_the_weakest_link_between_lasting_identifiers(self) -> None:
        """Jo's weakest link of all holds a derived identifier alone, whose loss would part nobody."""
        report = report_of(hand_made())
        assert report.fragile == 2
        kim, jo = report.most_fragile
        assert (kim.profile_id, kim.strength, kim.probability, kim.evidence) == (KIM_ID, 0.693147, 0.5, 1)
        assert (jo.profile_id, jo.left, jo.right, jo.strength, jo.size) == (JO_ID, JO_END, PHONE_END, 2.302585, 4)
        assert MOST_FRAGILE == 20

    def test_a_link_on_a_circle_is_not_necessary(self) -> None:
        """A second way from the phone to Jo leaves the customer number's link as the only necessary one."""
        result = with_verdict(Verdict.SAME, JO, CUSTOMER, Standing.OVERRULED)
        links = result.resolution.links
        more = Links._make(np.append(column, column[:1]) for column in links)
        more.a[-1], more.b[-1] = PHONE_EARLY, DERIVED_NODE
        result = replace(result, resolution=replace(result.resolution, links=more, apart=np.append(result.resolution.apart, np.uint8(0))))
        weakest = weakest_links(result)
        assert (links.a[weakest.link[0]], links.b[weakest.link[0]]) == (CUSTOMER_NODE, JO_NODE)
        assert weakest.strength[0] == 3_794_240

    @pytest.mark.parametrize(
        ("standing", "strength"), [(Standing.HOLDS, 3_794_240), (Standing.ASLEEP, 2_302_585), (Standing.OVERRULED, 2_302_585)]
    )
    def test_a_same_that_holds_keeps_its_ends_together(self, standing: Standing, strength: int) -> None:
        result = with_verdict(Verdict.SAME, JO, PHONE, standing)
        profile = np.where(np.arange(9) == 1, 0, result.resolution.profile).astype(np.int32)  # the verdict joins the phone's latest epoch
        links, apart = result.resolution.links, result.resolution.apart.copy()
        apart[3] = 1
        links.a[0] = 1
        assert weakest_links(replace(result, resolution=replace(result.resolution, profile=profile, apart=apart))).strength[0] == strength

    def test_no_links_no_fragility(self) -> None:
        assert weakest_links(nothing()).link.size == 0
        assert weakest_links(lonely(3)).link.tolist() == [-1, -1, -1]


class TestVerdicts:
    def test_those_that_do_not_hold_by_file_and_row_with_the_remedy(self) -> None:
        report = report_of(hand_made())
        assert [(line.verdict_id, line.row, line.standing) for line in report.verdicts_not_holding] == [
            ("v-7", 7, "erased"),
            ("v-8", 8, "unseen"),
            ("v-9", 9, "asleep"),
        ]
        assert "say PERSONAL of it first" in report.verdicts_not_holding[2].remedy
        assert [(end.value, end.shared) for end in report.verdicts_not_holding[2].ends] == [
            ("kim@example.org", ""),
            ("info@shop.example", "role"),
        ]
        assert report.verdicts == {"holds": 1, "overruled": 0, "contradicted": 0, "asleep": 1, "unseen": 1, "erased": 1}

    def test_an_end_that_may_have_been_erased_is_not_told(self) -> None:
        (line,) = report_of(with_verdict(Verdict.DIFFERENT, KIM, ERASED, Standing.UNSEEN)).verdicts_not_holding
        assert [end.value for end in line.ends] == ["kim@example.org", None]

    def test_nor_the_other_end_of_an_erased_verdict(self) -> None:
        (line,) = report_of(with_verdict(Verdict.SAME, KIM, ERASED, Standing.ERASED)).verdicts_not_holding
        assert [end.value for end in line.ends] == [None, None]

    def test_a_verdict_on_one_identifier_has_one_end(self) -> None:
        (line,) = report_of(with_verdict(Verdict.PERSONAL, DERIVED, -1, Standing.UNSEEN)).verdicts_not_holding
        assert [end.namespace for end in line.ends] == ["name+birth_date"]


def test_the_file_holds_the_same_under_the_same_names() -> None:
    report = report_of(hand_made())
    found = json.loads(report.json())
    assert list(found) == list(Report.__dataclass_fields__)
    assert found["duplicates_between"] == [{"sources": ["shop", "web"], "observations": 2}]
    assert found["formats"][1]["fits"] == {"%m/%d/%y": 4, "%d/%m/%y": 4}
    assert report.json().endswith(b"}\n")


def test_times_are_utc() -> None:
    assert iso(-1) == "1969-12-31T23:59:59Z"
