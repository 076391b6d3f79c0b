"""Who likes what, and how they are best met."""

from __future__ import annotations

import pytest
from idweave_server.segments.templates.registry import instantiate

from tests.segments.templates.naive import timeline, truth
from tests.segments.templates.people import Person, at, event, person


@pytest.mark.parametrize(
    ("template", "parameter", "field"),
    [("category_affinity", "category", "favourite_category"), ("preferred_channel", "channel", "preferred_channel")],
)
def test_a_field_with_a_word(template: str, parameter: str, field: str) -> None:
    said = instantiate(template, {parameter: "shoes"})
    assert truth(said, person(**{field: "shoes"}), 0) is True
    assert truth(said, person(**{field: "Shoes"}), 0) is False
    assert truth(said, person(), 0) is None


def test_loyalty_members_have_a_number() -> None:
    said = instantiate("loyalty_members")
    assert truth(said, Person(identifiers=("email", "loyalty_id")), 0) is True
    assert truth(said, Person(identifiers=("email",)), 0) is False
    assert truth(instantiate("loyalty_members", {"namespace": "club_card"}), Person(identifiers=("club_card",)), 0) is True


def test_dormant_subscribers_reacted_once() -> None:
    said = instantiate("dormant_subscribers")
    opened, clicked = event("2026-01-01", "email_opened"), event("2026-09-01", "email_clicked")
    who = Person((opened, clicked), identifiers=("email",))
    assert timeline(said, who, at("2026-01-01"), at("2027-06-01"), 43_200)[1:] == [
        ("2026-06-30T00:00:00Z", True),
        ("2026-09-01T00:00:00Z", False),
        ("2027-02-28T00:00:00Z", True),
    ]
    assert truth(said, Person((opened,)), at("2026-12-01")) is False
    assert truth(said, Person(identifiers=("email",)), at("2026-12-01")) is False
