"""Every template, at its defaults and at the bounds of each parameter, passes the check of definitions unwarned, and is one text."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from idweave_server.errors import RequestError
from idweave_server.resolution.policy import load_policy
from idweave_server.segments.attributes import fields_of
from idweave_server.segments.check import KnownWords, check
from idweave_server.segments.definition_text import decode, encode
from idweave_server.segments.expression import Expression, Scalar
from idweave_server.segments.templates.registry import TEMPLATES, instantiate
from idweave_server.segments.templates.template import Template

from tests.segments.templates.pages import filled_in

POLICY = load_policy("")
FIELDS = fields_of(POLICY, ())
WORDS = KnownWords(event_types=tuple(POLICY.events), namespaces=tuple(one.name for one in POLICY.namespaces))


def made(template: Template) -> Iterator[Expression]:
    given = filled_in(template)
    values: list[dict[str, Scalar]] = [{}]
    for parameter in template.parameters:
        values += [{parameter.name: value} for value in (parameter.least, parameter.most, *parameter.choices) if value is not None]
    for value in values:
        try:
            yield instantiate(template.name, {**given, **value})
        except RequestError:  # bounds that do not go together; tests of the registry look at those
            continue


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda one: one.name)
def test_a_template_can_be_put(template: Template) -> None:
    found = list(made(template))
    assert found
    for expression in found:
        assert check(template.name, expression, FIELDS, WORDS, {}) == []
        assert decode(encode(expression)) == expression
