"""Positions in an expression lead to the same place of its text."""

from __future__ import annotations

import pytest
from idweave_server.segments.definition_text import write
from idweave_server.segments.expression import (
    All,
    EventTest,
    FieldTest,
    Not,
    Operator,
    Pattern,
    PropertyTest,
    ProvenanceTest,
    Relation,
    SegmentTest,
    Span,
    TagTest,
    TimeTest,
    Window,
)
from idweave_server.segments.positions import text_position

LAST = Window(last=Span(60), zone="Europe/Berlin")
TREE = All(
    (
        Not(FieldTest("city", Operator.IN, ("Bonn", "Ulm"), "Asia/Tokyo")),
        TimeTest("last_order_time", Relation.OLDER, Span(60), "Asia/Tokyo"),
        EventTest(Pattern(("a", "b"), (PropertyTest("size", Operator.IN, (1, 2)),)), LAST),
        TagTest("vip"),
        SegmentTest("vips"),
        ProvenanceTest(("crm",), (), (), LAST),
    )
)
PLACES = [
    ("all[0].not.field.field", "all[0].not.field.name", "city"),
    ("all[0].not.field.values[1]", "all[0].not.field.values[1]", "Ulm"),
    ("all[0].not.field.zone", "all[0].not.field.zone", "Asia/Tokyo"),
    ("all[1].time.field", "all[1].time.name", "last_order_time"),
    ("all[1].time.span", "all[1].time.older", "1 minute"),
    ("all[2].events.types[1]", "all[2].events.types[1]", "b"),
    ("all[2].events.where[0].values[1]", "all[2].events.where[0].values[1]", 2),
    ("all[2].events.window.last", "all[2].events.last", "1 minute"),
    ("all[2].events.window.zone", "all[2].events.zone", "Europe/Berlin"),
    ("all[3].tag.tag", "all[3].tag", "vip"),
    ("all[4].segment.segment", "all[4].segment", "vips"),
    ("all[5].provenance.window.last", "all[5].provenance.last", "1 minute"),
]


@pytest.mark.parametrize(("position", "expected", "there"), PLACES)
def test_a_position_leads_to_its_place_in_the_text(position: str, expected: str, there: object) -> None:
    found = text_position(TREE, position)
    assert found == expected
    node: object = write(TREE)
    for step in found.replace("[", ".[").split("."):
        if step.startswith("["):
            assert isinstance(node, list)
            node = node[int(step[1:-1])]
        else:
            assert isinstance(node, dict)
            node = node[step]
    assert node == there


@pytest.mark.parametrize("position", ["", "all[9].tag.tag", "not.tag", "template.parameters.days", "vips: all[0].tag"])
def test_any_other_position_stays(position: str) -> None:
    assert text_position(TREE, position) == position
