"""The identifiers of a request, read as those of observations are: canonical value and content hash, or why there is none.

One at a time for a lookup, with the latest kept in memory; column by column for thousands. Both give the same for every value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from idweave_server.errors import RequestError
from idweave_server.identifiers.columns import read_column, read_value
from idweave_server.identifiers.lists import Lists
from idweave_server.identifiers.reading import Options
from idweave_server.identifiers.text_hash import content_of
from idweave_server.intake.remedies import REMEDIES, REPORT_REMEDIES
from idweave_server.intake.report_columns import CONTROL
from idweave_server.kernels.hashing import hash_strings, mix_hash
from idweave_server.model import MAX_IDENTIFIER_BYTES, Refusal
from idweave_server.resolution.policy import Namespace, Policy
from idweave_server.suggestion import nearest

KEPT = 65_536  # identifiers as given whose reading is kept: about 30 MB when full
COLUMNS_FROM = 64  # fewer identifiers are read one by one: a column has a fixed cost of milliseconds

_E164 = re.compile(r"\+[0-9]{7,15}")
_REMEDIES = REMEDIES | REPORT_REMEDIES

Named = tuple[str, str, str]  # namespace, issuer ("" without), value as given


class ReadIdentifier(NamedTuple):
    """An identifier of a request as read. value: canonical, as given where refused; flags: model.Flag of the value as given; high, low: the
    content hash; context: whether its namespace is context. refusal: NONE where it could be read, else `field` (of the identifier) and
    `message` say what is wrong."""

    namespace: str
    issuer: str
    value: str
    flags: int = 0
    high: int = 0
    low: int = 0
    context: bool = False
    refusal: Refusal = Refusal.NONE
    field: str = ""
    message: str = ""

    def __repr__(self) -> str:
        return f"ReadIdentifier({self.namespace})"  # no personal data in a log


class IdentifierReader:
    """Reads as one policy and its lists say. National phone numbers are read in the region of the policy's source defaults."""

    def __init__(self, policy: Policy, lists: Lists, kept: int = KEPT, find: Callable[[int, int], int] | None = None) -> None:
        """kept: readings to keep; find: the number of a content hash that the store knows, -1 without, which spares some readings."""
        self.policy, self._find = policy, find
        self._options = Options(lists, policy.source_default.region)
        self._namespaces = {namespace.name: namespace for namespace in policy.namespaces}
        self._spaces = {name: content_of(pa.array([name])) for name in self._namespaces}
        self._issuer = lru_cache(maxsize=1024)(_text_hash)
        self.read = lru_cache(maxsize=kept)(self._read)

    def forget(self) -> None:
        """Drop what is kept, as after an erasure."""
        self.read.cache_clear()

    def usable(self, named: Named, field: str) -> ReadIdentifier:
        """One identifier that a request cannot do without. Raises RequestError, which names the field and shows no value."""
        found = self.read(*named)
        if found.refusal:
            raise RequestError.of(f"{field}.{found.field}", f"{found.refusal.label}: {found.message}")
        return found

    def read_all(self, identifiers: Sequence[Named]) -> list[ReadIdentifier]:
        """The same as `read` of each, faster by the column where there are many."""
        if len(identifiers) < COLUMNS_FROM:
            return [self.read(*named) for named in identifiers]
        distinct = sorted(set(identifiers))
        read: dict[Named, ReadIdentifier] = {}
        for name, group in groupby(distinct, key=lambda named: named[0]):
            same = list(group)
            namespace = self._namespaces.get(name)
            if namespace is None or len(same) < COLUMNS_FROM or not all(map(_is_text, same)):
                read |= {named: self.read(*named) for named in same}
            else:
                read |= zip(same, self._read_column(namespace, same), strict=True)
        return [read[named] for named in identifiers]

    def content(self, namespace: str, issuer: str, value: str) -> tuple[int, int]:
        """(high, low) of the content hash of a canonical identifier."""
        found = mix_hash(self._spaces[namespace], _text_hash(value))
        if issuer:
            found = mix_hash(self._issuer(issuer), found)
        return int(found[0, 0]), int(found[0, 1])

    def _read(self, namespace: str, issuer: str, value: str) -> ReadIdentifier:
        declared = self._namespaces.get(namespace)
        issuer = issuer.strip()
        unusable = self._unusable(namespace, declared, issuer)
        if unusable or declared is None:
            return ReadIdentifier(namespace, issuer, value, 0, 0, 0, False, *unusable)
        if problem := _value_problem(value):
            return ReadIdentifier(namespace, issuer, value, 0, 0, 0, False, *problem)
        if declared.form == "phone" and self._find is not None and _E164.fullmatch(value):
            # A canonical value is its own canonical value, so what the store has needs no reading; with phones that takes longest.
            high, low = self.content(namespace, issuer, value)
            if self._find(high, low) >= 0:
                return ReadIdentifier(namespace, issuer, value, 0, high, low)
        found = read_value(declared.form, value, self._options)
        if found.value is None:
            return ReadIdentifier(namespace, issuer, value, 0, 0, 0, False, found.refusal, "value", _say(found.refusal))
        high, low = self.content(namespace, issuer, found.value)
        return ReadIdentifier(namespace, issuer, found.value, int(found.flags), high, low, declared.standing == "context")

    def _read_column(self, namespace: Namespace, identifiers: Sequence[Named]) -> list[ReadIdentifier]:
        given = [named[2] for named in identifiers]
        issuers = [named[1].strip() for named in identifiers]
        column = read_column(namespace.form, pa.array(given, pa.string()), self._options)
        content = mix_hash(np.broadcast_to(self._spaces[namespace.name], (len(given), 2)).copy(), content_of(column.values))
        if namespace.issued:
            content = mix_hash(content_of(pa.array(issuers, pa.string())), content)
        context = namespace.standing == "context"
        found = []
        columns = (given, issuers, column.values.to_pylist(), column.refusal.tolist(), column.flags.tolist(), content.tolist())
        for text, issuer, value, reason, flags, (high, low) in zip(*columns, strict=True):
            unusable = self._unusable(namespace.name, namespace, issuer)
            if problem := unusable or _value_problem(text):
                found.append(ReadIdentifier(namespace.name, issuer, text, 0, 0, 0, False, *problem))
            elif reason:
                refusal = Refusal(reason)
                found.append(ReadIdentifier(namespace.name, issuer, text, 0, 0, 0, False, refusal, "value", _say(refusal)))
            else:
                found.append(ReadIdentifier(namespace.name, issuer, value, flags, high, low, context))
        return found

    def _unusable(self, name: str, namespace: Namespace | None, issuer: str) -> tuple[Refusal, str, str] | tuple[()]:
        """(reason, field, what to do) where no value could be looked up."""
        if namespace is None:
            return Refusal.NAMESPACE_UNKNOWN, "namespace", self._no_namespace(name)
        if namespace.standing == "derived":
            said = "identifiers of this namespace are formed from traits and answer nothing by themselves; name one that was reported"
            return Refusal.NAMESPACE_UNKNOWN, "namespace", said
        if namespace.issued and not issuer:
            return Refusal.ISSUER_MISSING, "issuer", "identifiers of this namespace count only with their issuer; name who gave it out"
        if not issuer:
            return ()
        if not namespace.issued:
            return Refusal.ISSUER_SYNTAX, "issuer", f"the namespace {name} has no issuers; leave it out"
        if len(issuer.encode("utf-8", "replace")) > MAX_IDENTIFIER_BYTES or CONTROL.search(issuer):
            return Refusal.ISSUER_SYNTAX, "issuer", f"an issuer is a line of text of at most {MAX_IDENTIFIER_BYTES:,} bytes"
        return ()

    def _no_namespace(self, name: str) -> str:
        known = sorted(namespace.name for namespace in self.policy.namespaces if namespace.standing != "derived")
        close = nearest(name, known)
        hint = f"did you mean {close!r}?" if close else f"it has {', '.join(known)}"
        return f"the policy has no such namespace; {hint}"


def _value_problem(value: str) -> tuple[Refusal, str, str] | tuple[()]:
    """What is wrong with a text before it is read."""
    if not value or value.isspace():
        return Refusal.PLACEHOLDER, "value", "it is empty; leave out what is not known"
    if len(value) > MAX_IDENTIFIER_BYTES // 4 and (size := len(value.encode("utf-8", "replace"))) > MAX_IDENTIFIER_BYTES:
        return Refusal.TOO_LONG, "value", f"{size:,} bytes; an identifier takes at most {MAX_IDENTIFIER_BYTES:,}"
    return ()


def _say(refusal: Refusal) -> str:
    return _REMEDIES.get(refusal, "cannot be used")


def _text_hash(text: str) -> np.ndarray:
    data = np.frombuffer(text.encode(), np.uint8)
    return hash_strings(data, np.array([0, data.size], np.int64))


def _is_text(named: Named) -> bool:
    """Whether a column can hold the value: lone surrogates have no UTF-8."""
    return named[2].isascii() or "\ufffd" not in named[2].encode("utf-8", "replace").decode()
