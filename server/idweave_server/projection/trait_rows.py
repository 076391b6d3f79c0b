"""The traits that the profiles of a frame show: of each trait the winning value, of list-valued ones all, as columns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from idweave_server.engine.recall import typed
from idweave_server.projection.columns import Value, Word
from idweave_server.projection.frame import Frame
from idweave_server.resolution.policy import Trait
from idweave_server.resolution.survivorship import Stated, all_values, winning_observations

NAMED_BY = ("first_name", "last_name", "full_name")


def profile_traits(frame: Frame) -> dict[str, Word]:
    """By the trait's name, a value for each of the frame's profiles."""
    seen, component = frame.engine.state.observations, frame.component
    owner, place = seen.traits.places(component.rows)
    trait, value = seen.trait.array[place], seen.value.array[place]
    stated = frame.row_slot[owner] >= 0
    owner, trait, value = owner[stated], trait[stated], value[stated]
    found = {}
    for number in np.unique(trait).tolist():
        mine = np.flatnonzero(trait == number)
        rule = frame.engine.policy.trait(seen.trait_names[number])
        texts, code = np.unique(value[mine], return_inverse=True)
        content = seen.texts.index.take(texts.astype(np.int32))[:, 0]
        values = tuple(typed(rule.type, text) for text in seen.texts.texts.take(texts).to_pylist())
        found[rule.name] = (_every if rule.many else _winning)(frame, rule, owner[mine], code.astype(np.int32), content, values)
    return found


def display_names(frame: Frame, traits: dict[str, Word], otherwise: pa.StringArray) -> pa.StringArray:
    """string[p]: first and last name, the full name where these are unknown, else `otherwise`."""
    first, last, full = (_texts(traits.get(name), len(otherwise)) for name in NAMED_BY)
    names = [" ".join(part for part in (one, two) if part) or whole for one, two, whole in zip(first, last, full, strict=True)]
    return pa.array([name or other for name, other in zip(names, otherwise.to_pylist(), strict=True)], pa.string())


def _winning(frame: Frame, rule: Trait, owner: np.ndarray, code: np.ndarray, content: np.ndarray, values: tuple[Value, ...]) -> Word:
    said = np.full(frame.component.rows.size, -1, np.int32)
    said[owner[::-1]] = code[::-1]  # of several values the first
    winner = winning_observations(
        frame.engine.policy, rule, Stated(said, content), frame.component.observations, frame.row_slot, frame.slots.size
    )
    return Word(values, np.where(winner >= 0, said[winner], np.int32(-1)).astype(np.int32))


def _every(frame: Frame, rule: Trait, owner: np.ndarray, code: np.ndarray, content: np.ndarray, values: tuple[Value, ...]) -> Word:
    profile, value = all_values(Stated(code, content), frame.row_slot[owner])
    lists: dict[int, list[Value]] = {}
    for one, place in zip(profile.tolist(), value.tolist(), strict=True):
        lists.setdefault(one, []).append(values[place])
    out = np.full(frame.slots.size, -1, np.int32)
    out[np.fromiter(lists, np.int64, len(lists))] = np.arange(len(lists), dtype=np.int32)
    return Word(tuple(sorted(one, key=str) for one in lists.values()), out)


def _texts(column: Word | None, size: int) -> list[str]:
    """Blank where there is none."""
    if column is None:
        return [""] * size
    said = [str(value or "") if not isinstance(value, list) else "" for value in column.values]
    return [said[code] if code >= 0 else "" for code in column.code.tolist()]
