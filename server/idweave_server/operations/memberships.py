"""What the use cases of segments ask of the live state: its memberships, and the definition that a name has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idweave_server.engine.membership_answers import Attribute, Held, Matched, Problem, Standing, Transitions, Truth
from idweave_server.engine.membership_reads import MembershipReads as Memberships
from idweave_server.errors import NotFoundError
from idweave_server.segments.definition import Definition
from idweave_server.segments.explain import Explanation
from idweave_server.segments.text_nodes import nearest

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine

__all__ = (
    "Attribute",
    "Explanation",
    "Held",
    "Matched",
    "Memberships",
    "Problem",
    "Standing",
    "Transitions",
    "Truth",
    "definition_of",
    "memberships_of",
    "unknown",
)


def memberships_of(engine: Engine) -> Memberships:
    return engine.memberships


def definition_of(memberships: Memberships, name: str, field: str = "segment") -> Definition:
    """The definition that holds. Raises NotFoundError with the name that was meant perhaps."""
    found = memberships.definitions.get(name)
    if found is None:
        raise unknown(memberships, name)
    return found


def unknown(memberships: Memberships, name: str) -> NotFoundError:
    """There is no such segment."""
    hint = nearest(name, memberships.definitions)
    shown = f" {name!r}" if len(name) <= 100 else ""
    return NotFoundError(f"there is no segment{shown}{f'; did you mean {hint}?' if hint else ''}; ListSegments has them all")
