"""The pages about templates say what the code does: every template has its part, and its tables are those of the registry."""

from __future__ import annotations

import re

import pytest
from idweave_server.segments.templates.registry import FAMILIES, TEMPLATES
from idweave_server.segments.templates.template import Template

from tests.segments.templates.pages import FOLDER, MADE, written

PAGES = {"README", *(family.FAMILY for family in FAMILIES)}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_what_is_made_is_up_to_date(name: str) -> None:
    text = (FOLDER / f"{name}.md").read_text("utf-8")
    assert MADE.search(text)
    assert written(text) == text, "run python -m tests.segments.templates.pages"


def test_there_is_no_page_without_a_family() -> None:
    assert {page.stem for page in FOLDER.glob("*.md")} == PAGES


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda one: one.name)
def test_a_template_has_its_anchor_its_table_and_its_boundary_cases(template: Template) -> None:
    text = (FOLDER / f"{template.family}.md").read_text("utf-8")
    headings = re.findall(r"^## (\w+)$", text, re.MULTILINE)
    assert headings.count(template.name) == 1
    own = text.split(f"\n## {template.name}\n")[1].split("\n## ")[0]
    assert own.count(f"<!-- made: {template.name} -->") == 1
    assert re.search(r"^Boundary cases$", own, re.MULTILINE) or "**Boundary cases**" in own
    assert len(re.findall(r"^- ", own, re.MULTILINE)) >= 2


@pytest.mark.parametrize("family", FAMILIES, ids=lambda one: one.FAMILY)
def test_templates_stand_in_the_order_of_the_registry(family: object) -> None:
    text = (FOLDER / f"{family.FAMILY}.md").read_text("utf-8")  # type: ignore[attr-defined]
    assert [one.name for one in family.TEMPLATES] == re.findall(r"^<!-- made: (\w+) -->$", text, re.MULTILINE)  # type: ignore[attr-defined]


def test_links_between_the_pages_lead_somewhere() -> None:
    for page in FOLDER.glob("*.md"):
        for target, anchor in re.findall(r"\]\(([\w./-]*\.md)?(?:#([\w-]+))?\)", page.read_text("utf-8")):
            found = (FOLDER / target).resolve() if target else page
            assert found.exists(), f"{page.name}: {target}"
            if anchor:
                headings = re.findall(r"^#+ (.+)$", found.read_text("utf-8"), re.MULTILINE)
                assert anchor in [re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-") for one in headings], (
                    f"{page.name}: #{anchor}"
                )


def test_a_changed_page_is_found() -> None:
    text = (FOLDER / "README.md").read_text("utf-8")
    assert written(text.replace("Lapsed customers", "Lapsed clients")) == text
