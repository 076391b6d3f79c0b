"""What the use cases of segments need of the live state: definitions, who is in what until when, and what would be of a condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from idweave_server.engine.attribute_values import Attribute, Computed
from idweave_server.engine.membership_answers import Foreseen, Held, Problem, Standing, Truth
from idweave_server.errors import NotFoundError
from idweave_server.operations.steps import Steps
from idweave_server.segments.definition import Definition
from idweave_server.segments.explain import Explanation
from idweave_server.segments.expression import Expression, Scalar
from idweave_server.suggestion import nearest

if TYPE_CHECKING:
    from idweave_server.engine.engine import Engine
    from idweave_server.segments.fields import Fields

__all__ = (
    "Attribute",
    "Computed",
    "Explanation",
    "Foreseen",
    "Held",
    "Memberships",
    "Problem",
    "Standing",
    "Truth",
    "definition_of",
    "memberships_of",
    "unknown",
)


class Memberships(Protocol):
    """The memberships of one state, all at its time (`engine.state_time`). Slots are those of the engine, and hold until the next entry."""

    @property
    def fields(self) -> Fields:
        """The fields that conditions may name here."""

    @property
    def definitions(self) -> Mapping[str, Definition]:
        """What holds now, by name."""

    def history(self, name: str) -> Sequence[Definition]:
        """Every version that a name ever had, the oldest first; none for one that never was."""

    def size(self, name: str) -> int:
        """How many are in a segment that there is."""

    def members(self, name: str) -> np.ndarray:
        """int32[n]: the profiles in a segment that there is, in any order."""

    def common(self, slots: np.ndarray) -> Mapping[str, int]:
        """How many of these profiles, int32[n], are in each segment, by name."""

    def standings(self, slot: int, names: Sequence[str]) -> Sequence[Standing]:
        """What these segments, all there, say of one profile, in their order. Quick: it is asked for with every look-up."""

    def verdicts(self, slots: np.ndarray, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(truth: int8[s, p], until: int64[s, p], since: int64[s, p]) of many profiles, int32[p], as `standings` has them for one."""

    def held(self, slot: int) -> Sequence[Held]:
        """The segments that a profile is in, by name."""

    def computed(self, slot: int) -> Computed:
        """What is computed of a profile, and until when that stays so by itself."""

    def tags(self, slot: int) -> Sequence[str]:
        """A profile's tags, in the order of the alphabet."""

    def check(self, name: str, expression: Expression) -> Sequence[Problem]:
        """What is wrong with a condition under a name ("" for none), or strange about it; in the order of its text."""

    def template_defaults(self) -> Mapping[str, Scalar]:
        """What this store puts in place of parameters that are not given: `currency`, `zone`."""

    def foreseen(self, expression: Expression, until: int) -> Steps[Foreseen]:
        """Whom a condition, already checked, holds of, and who enters and leaves after now, up to `until`, if nothing happens but time
        passing. All is said of the state as it is when this returns."""

    def explain(self, slot: int, expression: Expression) -> Explanation:
        """What each condition of one says of a profile."""

    def defining(self, definition: Definition) -> Any:
        """The entry of the log that makes it so; `sequence` of the definition is not looked at."""

    def deleting(self, name: str) -> Any:
        """The entry of the log that deletes a segment."""


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
