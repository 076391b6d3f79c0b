"""The pages on events and attributes agree with the policy and the program."""

from __future__ import annotations

import re
from pathlib import Path

from idweave_server.model import EventRole
from idweave_server.resolution.policy import default_policy
from idweave_server.segments.attributes import AGE, ATTRIBUTES, PROPERTIES, WORDS, fields_of

DOCS = Path(__file__).parents[1] / "docs"


def test_every_type_of_events_stands_on_its_page() -> None:
    page = (DOCS / "events.md").read_text("utf-8")
    for event in default_policy().events.values():
        role = f"`{event.role.name.lower()}`" if event.role else ""
        words = ", ".join(f"`{word}`" for word in event.aliases)
        line = f"| `{event.name}` |" + "".join(f" {cell} |" if cell else " |" for cell in (role, words))
        assert line in page, line
    assert page.count("\n| `") == len(default_policy().events) + page.split("## Properties")[1].split("## Orders")[0].count("\n| `")


def test_properties_that_mean_something_are_told() -> None:
    told = (DOCS / "events.md").read_text("utf-8").split("## Properties")[1].split("## Orders")[0]
    for name in (*PROPERTIES, *WORDS):
        assert f"`{name}`" in told or name == "NPS", name


def test_roles_are_told() -> None:
    line = next(line for line in (DOCS / "policy.md").read_text("utf-8").splitlines() if line.startswith("| `role`"))
    assert re.findall(r"`(\w+)`", line)[1:] == [role.name.lower() for role in EventRole if role]


def test_the_table_of_attributes_is_that_of_the_program() -> None:
    page = (DOCS / "attributes.md").read_text("utf-8")
    table = [line for line in page.splitlines() if line.startswith("| `")]
    assert table == [f"| `{field.name}` | {field.type.value} | {field.meaning} |" for field in (*ATTRIBUTES, AGE)]


def test_every_field_has_a_meaning() -> None:
    fields = list(fields_of(default_policy(), ["city", "age"]))
    assert len({field.name for field in fields}) == len(fields)
    assert all(field.meaning for field in fields)
    assert {"city", "trait.age", "birth_date", "age"} <= {field.name for field in fields}
