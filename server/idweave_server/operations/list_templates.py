"""Definitions that are ready made, as callers choose among them."""

from __future__ import annotations

from collections.abc import Mapping

from idweave_server.segments.templates.template import Template


def list_templates(templates: Mapping[str, Template]) -> list[Template]:
    """By name."""
    return [one for _, one in sorted(templates.items())]
