"""Which evidence kind each row is: by the mapping's words, else by the kind of the same name, else by the mapping's default."""

from __future__ import annotations

import difflib

import numpy as np
import pyarrow as pa

from idweave_server.errors import InputError
from idweave_server.intake.unit import EvidenceColumn
from idweave_server.model import Refusal
from idweave_server.resolution.policy import Policy

HINTED = 100  # unknown words that get the nearest kind as a hint; a column with more is not one of kinds


def read_kinds(policy: Policy, column: EvidenceColumn) -> tuple[np.ndarray, np.ndarray, pa.StringArray]:
    """(kind int32[n], into policy.kinds, refusal uint8[n], messages string[u], by value). Raises InputError where the mapping names a kind
    that the policy has not."""
    number = {kind.name: i for i, kind in enumerate(policy.kinds)}
    words = {word: number[known_kind(policy, kind)] for word, kind in (column.words or {}).items()}
    default = -1 if column.default is None else number[known_kind(policy, column.default)]
    texts = [text.strip() for text in column.text.values.to_pylist()]
    by_value = [words.get(text, number.get(text, number.get(text.upper(), default))) for text in texts]
    kind = column.text.spread(np.array(by_value, np.int32), default)
    unknown = [text for text, at in zip(texts, by_value, strict=True) if at < 0]
    hints = {text: f"no evidence kind{_nearest(policy, text)}" for text in unknown[:HINTED]}
    refusal = np.where(kind < 0, Refusal.EVIDENCE_UNKNOWN, Refusal.NONE).astype(np.uint8)
    return np.maximum(kind, 0), refusal, pa.array([hints.get(text, "") for text in texts], pa.string())


def known_kind(policy: Policy, name: str) -> str:
    """The name of an evidence kind that a mapping states; InputError where the policy has none of that name."""
    if any(kind.name == name for kind in policy.kinds):
        return name
    kinds = ", ".join(sorted(kind.name for kind in policy.kinds))
    raise InputError(f"{name!r} is no evidence kind of the policy{_nearest(policy, name)}; there are {kinds}")


def _nearest(policy: Policy, text: str) -> str:
    found = difflib.get_close_matches(text.upper(), [kind.name for kind in policy.kinds], n=1)
    return f"; did you mean {found[0]}?" if found else ""
