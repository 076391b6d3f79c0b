"""Verdicts, retractions, erasures, the policy, segments and cut points as bytes, and back."""

from __future__ import annotations

import numpy as np

from idweave_server.entries.columns import CutsEntry, ErasureEntry, PolicyEntry, RetractionEntry, SegmentEntry, VerdictEntry
from idweave_server.entries.frame import DamageError
from idweave_server.entries.identifier_codec import get_hashes, get_identifiers, put_hashes, put_identifiers
from idweave_server.entries.integers import get_integers, put_integers
from idweave_server.entries.soundness import check_identifiers, check_verdicts
from idweave_server.entries.words import Reading, Writing

CUTS = (3, 4)  # recency, frequency, money; four cuts make five groups


def put_verdicts(out: Writing, entry: VerdictEntry) -> None:
    """Raises ValueError for columns that do not fit together."""
    check_identifiers(entry.identifiers, len(entry.names))
    check_verdicts(entry)
    out.put_words(entry.names)
    put_identifiers(out, entry.identifiers)
    out.put_words(entry.id)
    out.put_words(entry.source)
    for column in (entry.kind, entry.time, entry.left, entry.right):
        put_integers(out, column)
    put_hashes(out, entry.content)
    out.put_words([text for pair in entry.withdrawn for text in pair])


def get_verdicts(source: Reading) -> VerdictEntry:
    """Raises DamageError, ValueError."""
    names = source.get_words()
    identifiers = get_identifiers(source, len(names))
    ids, sources = source.get_words(), source.get_words()
    w = len(ids)
    kind, time = get_integers(source, w, np.uint8), get_integers(source, w, np.int64)
    left, right = get_integers(source, w, np.int32), get_integers(source, w, np.int32)
    content = get_hashes(source, w)
    flat = source.get_words()
    if len(flat) % 2:
        raise DamageError("a withdrawn verdict has no id")
    withdrawn = tuple(zip(flat[::2], flat[1::2], strict=True))
    entry = VerdictEntry(identifiers, names, ids, sources, kind, time, left, right, content, withdrawn)
    check_verdicts(entry)
    return entry


def put_retraction(out: Writing, entry: RetractionEntry) -> None:
    out.put_words((entry.source,) if entry.observation_id is None else (entry.source, entry.observation_id))
    for bound in (entry.begin, entry.end):
        out.numbers.append(bound is not None)
        if bound is not None:
            put_integers(out, np.array([bound], np.int64))


def get_retraction(source: Reading) -> RetractionEntry:
    """Raises DamageError."""
    words = source.get_words()
    if len(words) not in (1, 2):
        raise DamageError("a retraction names a source, and one observation or none")
    begin, end = (int(get_integers(source, 1, np.int64)[0]) if source.numbers.byte() else None for _ in range(2))
    return RetractionEntry(words[0], words[1] if len(words) == 2 else None, begin, end)


def put_erasure(out: Writing, entry: ErasureEntry) -> None:
    """Raises ValueError for columns that do not fit together."""
    if not entry.keyed.size == entry.begin.size == entry.until.size:
        raise ValueError("keyed, begin and until of an erasure must be of one length")
    out.put_count(entry.keyed.size)
    put_hashes(out, entry.keyed)
    put_integers(out, entry.begin)
    put_integers(out, entry.until)


def get_erasure(source: Reading) -> ErasureEntry:
    """Raises DamageError."""
    e = source.rows()
    return ErasureEntry(get_hashes(source, e), get_integers(source, e, np.int64), get_integers(source, e, np.int64))


def put_policy(out: Writing, entry: PolicyEntry) -> None:
    out.put_words((entry.policy, entry.defaults, entry.lists_version))


def get_policy(source: Reading) -> PolicyEntry:
    """Raises DamageError."""
    words = source.get_words()
    if len(words) != 3:
        raise DamageError("a policy is three texts")
    return PolicyEntry(*words)


def put_segment(out: Writing, entry: SegmentEntry) -> None:
    out.put_words((entry.name, entry.text))


def get_segment(source: Reading) -> SegmentEntry:
    """Raises DamageError."""
    words = source.get_words()
    if len(words) != 2:
        raise DamageError("a segment has a name and a text")
    return SegmentEntry(*words)


def put_cuts(out: Writing, entry: CutsEntry) -> None:
    """Raises ValueError for columns of another shape."""
    if entry.value.shape != CUTS or entry.tie.shape != CUTS or entry.known.shape != CUTS[:1]:
        raise ValueError("cut points are three rows of four")
    put_integers(out, entry.known)
    put_integers(out, entry.value.reshape(-1))
    put_hashes(out, entry.tie.reshape(-1))


def get_cuts(source: Reading) -> CutsEntry:
    """Raises DamageError, ValueError."""
    size = CUTS[0] * CUTS[1]
    known = get_integers(source, CUTS[0], np.uint8)
    return CutsEntry(known, get_integers(source, size, np.int64).reshape(CUTS), get_hashes(source, size).reshape(CUTS))
