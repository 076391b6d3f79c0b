"""A definition as a caller gives it: a condition as a tree or as text, a template with parameters, or the name of a segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from idweave_server.errors import DefinitionError, RequestError
from idweave_server.operations.memberships import Memberships, Problem, definition_of
from idweave_server.segments.definition_text import read_plain_text
from idweave_server.segments.expression import Expression
from idweave_server.segments.positions import text_position
from idweave_server.segments.templates.template import Template
from idweave_server.suggestion import did_you_mean

MOST_PARAMETERS = 50


@dataclass(frozen=True, slots=True)
class SegmentSource:
    """One of these. segment: the name of one that there is; template: with its parameters."""

    segment: str = ""
    expression: Expression | None = None
    text: str | None = None
    template: str = ""
    parameters: tuple[tuple[str, str], ...] = ()


def expression_of(memberships: Memberships, source: SegmentSource, templates: Mapping[str, Template]) -> Expression:
    """The condition, unchecked. Raises RequestError, DefinitionError, and NotFoundError for a segment that there is not."""
    if source.expression is not None:
        return source.expression
    if source.text is not None:
        return read_plain_text(source.text)
    if source.template:
        return _instance(memberships, source, templates)
    if source.segment:
        return definition_of(memberships, source.segment).expression
    raise RequestError.of("definition", "give a condition as a tree or as text, or a template")


def _instance(memberships: Memberships, source: SegmentSource, templates: Mapping[str, Template]) -> Expression:
    if len(source.parameters) > MOST_PARAMETERS:
        raise RequestError.of("template.parameters", f"{len(source.parameters)} are more than {MOST_PARAMETERS}")
    template = templates.get(source.template)
    if template is None:
        hint = did_you_mean(source.template, templates)
        raise RequestError.of("template.template", f"there is no template of this name{hint}; ListTemplates has them all")
    try:
        return template.expression(dict(source.parameters), memberships.template_defaults())
    except RequestError as error:
        raise RequestError(tuple((f"template.{field}", said) for field, said in error.violations)) from None


def checked(memberships: Memberships, name: str, expression: Expression) -> tuple[Problem, ...]:
    """What is strange about a condition. Raises DefinitionError with all that is wrong with it. name: "" for none."""
    found = tuple(replace(one, position=text_position(expression, one.position)) for one in memberships.check(name, expression))
    if faults := tuple((one.position, one.message, one.suggestion) for one in found if not one.warning):
        raise DefinitionError(faults)
    return found


def problems_of(error: DefinitionError | RequestError) -> tuple[Problem, ...]:
    """What an error says, as problems."""
    if isinstance(error, DefinitionError):
        return tuple(Problem(*problem) for problem in error.problems)
    return tuple(Problem(field, said) for field, said in error.violations)
