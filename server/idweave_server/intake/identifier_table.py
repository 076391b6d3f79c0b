"""The identifiers of a run, interned as they are read: one code for each distinct (namespace, issuer, canonical value)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from idweave_server.identifiers.text_hash import content_of, text_hash
from idweave_server.intake.encoded import TextTable
from idweave_server.intake.tables import IdentifierTable
from idweave_server.kernels.hashing import mix_hash
from idweave_server.kernels.index import HashIndex
from idweave_server.resolution.observations import Identifiers
from idweave_server.resolution.policy import Policy


class IdentifierInterner:
    """Grows column by column; `table` gives what was interned."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._index = HashIndex()
        self._issuers = TextTable()
        self._namespace: list[np.ndarray] = []
        self._issuer: list[np.ndarray] = []
        self._flagged: list[tuple[np.ndarray, np.ndarray]] = []
        self._value: list[pa.StringArray] = []

    def __len__(self) -> int:
        return len(self._index)

    @property
    def content(self) -> np.ndarray:
        """uint64[len, 2]: the content hashes, by code."""
        return self._index.hashes

    def intern(self, namespace: str, values: pa.StringArray, flags: np.ndarray, issuers: pa.StringArray | None = None) -> np.ndarray:
        """int32[u]: the code of every canonical value, -1 for null. values: string[u]; flags: uint8[u]; issuers: string[u], aligned."""
        if values.null_count:
            present = values.is_valid().to_numpy(zero_copy_only=False)
            codes = np.full(len(values), -1, np.int32)
            if present.any():
                given = issuers.filter(pa.array(present)) if issuers is not None else None
                codes[present] = self.intern(namespace, values.filter(pa.array(present)), flags[present], given)
            return codes
        if not len(values):
            return np.zeros(0, np.int32)
        content = mix_hash(np.repeat(text_hash(namespace), len(values), axis=0), content_of(values))
        issuer = np.full(len(values), -1, np.int32)
        if issuers is not None:
            issuer = self._issuers.intern(issuers)
            content = mix_hash(content_of(issuers), content)
        known = len(self._index)
        codes = self._index.intern(content)
        flagged = np.flatnonzero(flags)
        self._flagged.append((codes[flagged], flags[flagged]))
        count = len(self._index) - known
        if count:
            if count < codes.size:  # else none was there, and they are numbered as they stand
                candidates = np.flatnonzero(codes >= known)
                at = candidates[np.unique(codes[candidates], return_index=True)[1]]
                issuer, values = issuer[at], values.take(pa.array(at))
            number = next(i for i, n in enumerate(self._policy.namespaces) if n.name == namespace)
            self._namespace.append(np.full(count, number, np.uint8))
            self._issuer.append(issuer)
            self._value.append(values)
        return codes

    def table(self, mailbox_name: np.ndarray | None = None) -> IdentifierTable:
        """What was interned, by code; mailbox_name: int32[i], labels of the names in e-mails' local parts."""
        n = len(self)
        flags = np.zeros(n, np.uint8)
        for codes, given in self._flagged:  # one spelling may show what another hides: a number with an extension is a switchboard's
            np.bitwise_or.at(flags, codes, given)

        def joined(parts: list[np.ndarray], dtype: type) -> np.ndarray:
            return np.concatenate(parts) if parts else np.zeros(0, dtype)

        return IdentifierTable(
            identifiers=Identifiers(
                namespace=joined(self._namespace, np.uint8),
                content=self._index.hashes,
                issuer=joined(self._issuer, np.int32),
                flags=flags,
                mailbox_name=np.full(n, -1, np.int32) if mailbox_name is None else mailbox_name,
            ),
            value=pa.concat_arrays(self._value) if self._value else pa.array([], pa.string()),
            issuers=self._issuers.values(),
        )
