"""Definitions that are ready made, as callers choose among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from idweave_server.operations.segment_source import AnyTemplate
from idweave_server.segments.expression import Scalar


class AnyParameter(Protocol):
    """What is told of a parameter. default: None where it must be given; least, most: of a number."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> Any: ...
    @property
    def default(self) -> Scalar | None: ...
    @property
    def meaning(self) -> str: ...
    @property
    def least(self) -> int | None: ...
    @property
    def most(self) -> int | None: ...
    @property
    def choices(self) -> tuple[str, ...]: ...
    @property
    def example(self) -> Scalar | None: ...


class ListedTemplate(AnyTemplate, Protocol):
    """What is told of a template. family: the page of docs/segments that explains it."""

    @property
    def name(self) -> str: ...
    @property
    def family(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def parameters(self) -> Sequence[AnyParameter]: ...


TEMPLATES: Mapping[str, ListedTemplate] = {}


def list_templates(templates: Mapping[str, ListedTemplate]) -> list[ListedTemplate]:
    """By name."""
    return [one for _, one in sorted(templates.items())]
