"""Why a profile is in a segment or is not: which condition decides, by how much it is missed, and when that changes by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idweave_server.operations.check_membership import Membership
from idweave_server.operations.get_profile import Subject, find_slot
from idweave_server.operations.identifier_reader import IdentifierReader
from idweave_server.operations.memberships import Explanation, Memberships, definition_of

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine


@dataclass(frozen=True, slots=True, repr=False)
class ExplainedMembership:
    profile_id: str
    membership: Membership
    condition: Explanation


def explain_membership(
    engine: Engine, reader: IdentifierReader, memberships: Memberships, subject: Subject, segment: str
) -> ExplainedMembership:
    """Raises RequestError, NotFoundError."""
    definition = definition_of(memberships, segment)
    slot = find_slot(engine, reader, subject)
    standing = memberships.standings(slot, [segment])[0]
    condition = memberships.explain(slot, definition.expression)
    return ExplainedMembership(engine.profile_id(slot), Membership(definition, standing), condition)
