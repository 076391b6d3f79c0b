"""Which evidence kind each row is: by the mapping's words, else by the kind of the same name, else by the mapping's default."""

from __future__ import annotations

import numpy as np

from idweave_server.batch.unit import EvidenceColumn
from idweave_server.errors import MappingError
from idweave_server.model import Refusal
from idweave_server.resolution.policy import Policy


def read_kinds(policy: Policy, column: EvidenceColumn) -> tuple[np.ndarray, np.ndarray]:
    """(kind int32[n], into policy.kinds, refusal uint8[n]). Raises MappingError where the mapping names a kind that the policy has not."""
    number = {kind.name: i for i, kind in enumerate(policy.kinds)}

    def known(kind: str) -> int:
        if kind not in number:
            raise MappingError(f"the mapping's evidence names {kind!r}; the policy's evidence kinds are {', '.join(sorted(number))}")
        return number[kind]

    words = {word: known(kind) for word, kind in (column.words or {}).items()}
    default = -1 if column.default is None else known(column.default)
    texts = [text.strip() for text in column.text.values.to_pylist()]
    by_value = [words.get(text, number.get(text.upper(), default)) for text in texts]
    kind = column.text.spread(np.array(by_value, np.int32), default)
    return np.maximum(kind, 0), np.where(kind < 0, Refusal.EVIDENCE_UNKNOWN, Refusal.NONE).astype(np.uint8)
