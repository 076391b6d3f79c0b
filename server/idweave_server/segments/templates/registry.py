"""All templates by name, and definitions made from them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from idweave_server.errors import RequestError
from idweave_server.segments.expression import Expression, Scalar
from idweave_server.segments.templates import abandonment, affinity, feedback, lifecycle, purchases, value
from idweave_server.segments.templates.template import Template
from idweave_server.suggestion import did_you_mean

FAMILIES = (purchases, abandonment, lifecycle, value, feedback, affinity)
TEMPLATES: Mapping[str, Template] = MappingProxyType({one.name: one for family in FAMILIES for one in family.TEMPLATES})
NOTHING: Mapping[str, Scalar] = MappingProxyType({})


def instantiate(name: str, values: Mapping[str, Scalar] = NOTHING, defaults: Mapping[str, Scalar] = NOTHING) -> Expression:
    """The expression of a template with these parameters.

    values: by parameter; text is read as the parameter's type. defaults: what the store puts in place of `currency` and `zone` where they
    are not given. Raises RequestError: of `template` where there is none of this name, of `parameters.<name>` for one that is not the
    template's, is needed and missing, or has a value that cannot be used; each with the limit and the remedy.
    """
    template = TEMPLATES.get(name)
    if template is None:
        told = did_you_mean(name, TEMPLATES)
        raise RequestError.of("template", f"there is no template of this name{told or '; ListTemplates gives their names'}")
    return template.expression(values, defaults)
