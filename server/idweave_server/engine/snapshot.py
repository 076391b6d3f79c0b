"""The state as files of arrays with checksums: a cache of the log, never the truth.

A snapshot is a folder with one `.npy` file for every array and `manifest.json`, which names them with their checksums and is written last.
Words and other small things stand in the manifest itself. What can be computed from the rest (indexes, the calendar) is not kept.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from idweave_server.engine.cut_points import cuts_of, entry_of
from idweave_server.engine.definition_entry import definition_of
from idweave_server.engine.definition_entry import entry_of as segment_entry
from idweave_server.engine.engine import Engine
from idweave_server.engine.identifier_store import Split
from idweave_server.engine.interned import InternedWords
from idweave_server.engine.state import State
from idweave_server.engine.verdict_store import StatedVerdict
from idweave_server.entries.columns import CutsEntry, SegmentEntry
from idweave_server.identifiers.lists import Lists
from idweave_server.kernels.column import Column
from idweave_server.kernels.index import HashIndex
from idweave_server.resolution.policy import Policy
from idweave_server.segments.definition import Definition

FORMAT = 3
MANIFEST = "manifest.json"
CUTS = (("known", np.uint8), ("value", np.int64), ("tie", np.uint64))
CHUNK = 1 << 24  # bytes read at once when checking


def save(engine: Engine, folder: Path) -> None:
    """Write the state into an empty folder; all is on disk when it returns. Raises OSError."""
    state = engine.state
    files = {}
    for name, array in _arrays(state):
        path = folder / f"{name}.npy"
        with path.open("wb") as file:
            np.save(file, array, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        files[name] = _checksum(path)
    about = {"format": FORMAT, "fingerprint": state.policy.fingerprint, "files": files, **_small(state)}
    with (folder / MANIFEST).open("wb") as file:
        body = orjson.dumps(about, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
        file.write(orjson.dumps({"checksum": hashlib.blake2b(body).hexdigest()}) + b"\n" + body)
        file.flush()
        os.fsync(file.fileno())
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def load(folder: Path, policy: Policy, lists: Lists, key: bytes) -> Engine | None:
    """The state that a snapshot holds; None where it is incomplete, damaged, or of other rules."""
    try:
        about = _manifest(folder)
        if about is None or about["fingerprint"] != policy.fingerprint:
            return None
        arrays = {name: _array(folder / f"{name}.npy", checksum) for name, checksum in about["files"].items()}
        return Engine(policy, lists, key, _restored(policy, key, about, arrays))
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return None


def _columns(state: State) -> Iterator[tuple[str, Column]]:
    for prefix, found in (
        ("identifiers", state.identifiers.columns()),
        ("observations", state.observations.columns()),
        ("profiles", iter(state.profiles.columns().items())),
    ):
        yield from ((f"{prefix}.{name}", column) for name, column in found)
    labels = state.labels
    for name in ("chars", "start", "family_start", "family", "alphabetic"):
        yield f"labels.{name}", getattr(labels, name)


def _arrays(state: State) -> Iterator[tuple[str, np.ndarray]]:
    yield from ((name, column.array) for name, column in _columns(state))
    yield "identifiers.content", state.identifiers.index.take(np.arange(len(state.identifiers), dtype=np.int32))
    yield "observations.identity", state.observations.identity.take(np.arange(len(state.observations)))
    for name, column in state.memberships.columns():
        yield f"memberships.{name}", column.array
    yield "memberships.pairs", state.memberships.pairs()
    texts = state.observations.texts
    yield "observations.texts_content", texts.index.take(np.arange(len(texts), dtype=np.int32))


def _words(state: State) -> dict[str, InternedWords]:
    seen = state.observations
    return {
        "issuers": state.identifiers.issuers,
        "sources": seen.sources,
        "traits": seen.trait_names,
        "fields": seen.fields,
        "event_types": seen.event_types,
        "currencies": seen.currencies,
        "labels": state.labels.names,
    }


def _small(state: State) -> dict[str, Any]:
    ids = state.identifiers
    splits = {code: [column.tolist() for column in (s.begin, s.end, s.shared, s.profile)] for code, s in ids.splits.items()}
    return {
        "words": {name: words.words for name, words in _words(state).items()},
        "splits": splits,
        "people": ids.people,
        "moved": ids.moved,
        "erased": sorted(ids.erased),
        "orphaned": ids.orphaned,
        "verdicts": [asdict(said) for said in state.verdicts.stated],
        "tombstones": state.tombstones.stretches,
        "free": state.profiles.free,
        "segments": [[_kept(said) for said in state.memberships.history[name]] for name in state.memberships.names],
        "cuts": asdict(entry_of(state.rfm_cuts)) if state.rfm_cuts else None,
        "position": {name: getattr(state, name) for name in ("sequence", "term", "time", "milliseconds", "rows", "cut_at")},
    }


def _kept(said: Definition) -> dict[str, Any]:
    """One version, as `_restored` reads it."""
    entry = segment_entry(said)
    return {
        "name": said.name,
        "text": entry.text,
        "version": said.version,
        "at": said.at,
        "sequence": said.sequence,
        "deleted": said.deleted,
    }


def _restored(policy: Policy, key: bytes, about: dict[str, Any], arrays: dict[str, np.ndarray]) -> State:
    state = State.empty(policy, key)
    for name, column in _columns(state):
        column.replace(arrays[name])
    for name, words in _words(state).items():
        words.intern(about["words"][name])
    ids, seen = state.identifiers, state.observations
    ids.index = _index(arrays["identifiers.content"])
    seen.identity = HashIndex(len(seen))
    seen.identity.renew(arrays["observations.identity"])
    seen.texts.index = _index(arrays["observations.texts_content"])
    ids.mark.grow(len(ids))
    ids.local.grow(len(ids))
    seen.mark.grow(len(seen))
    types = (np.int64, np.int64, np.uint8, np.int32)
    for code, columns in about["splits"].items():
        ids.splits[int(code)] = Split(*(np.array(column, dtype) for column, dtype in zip(columns, types, strict=True)))
    ids.people.update({int(code): count for code, count in about["people"].items()})
    ids.moved.update({int(code): number for code, number in about["moved"].items()})
    ids.erased.update(about["erased"])
    ids.orphaned.update({int(keyed): number for keyed, number in about["orphaned"].items()})
    state.verdicts.restore([StatedVerdict(**said) for said in about["verdicts"]])
    state.tombstones.stretches.update({int(k): [(begin, until) for begin, until in v] for k, v in about["tombstones"].items()})
    state.profiles.free += about["free"]
    members = state.memberships
    members.restore(*(arrays[f"memberships.{name}"] for name in ("member", "wake", "since", "pairs")))
    for versions in about["segments"]:
        for kept in versions:
            entry = SegmentEntry(kept["name"], kept["text"])
            members.put(replace(definition_of(entry, kept["version"], kept["at"], kept["sequence"]), deleted=kept["deleted"]))
    if about["cuts"]:
        said = about["cuts"]
        state.rfm_cuts = cuts_of(CutsEntry(*(np.array(said[name], dtype) for name, dtype in CUTS)))
    for name, value in about["position"].items():
        setattr(state, name, value)
    return state


def _index(content: np.ndarray) -> HashIndex:
    index = HashIndex(len(content))
    if not (index.intern(np.ascontiguousarray(content)) == np.arange(len(content))).all():
        raise ValueError("hashes repeat")
    return index


def _manifest(folder: Path) -> dict[str, Any] | None:
    head, _, body = (folder / MANIFEST).read_bytes().partition(b"\n")
    if orjson.loads(head)["checksum"] != hashlib.blake2b(body).hexdigest():
        return None
    about: dict[str, Any] = orjson.loads(body)
    return about if about["format"] == FORMAT else None


def _array(path: Path, checksum: str) -> np.ndarray:
    """Raises ValueError."""
    data = path.read_bytes()
    if hashlib.blake2b(data, digest_size=16).hexdigest() != checksum:
        raise ValueError(f"{path.name} is damaged")
    return np.load(io.BytesIO(data), allow_pickle=False)


def _checksum(path: Path) -> str:
    summed = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            summed.update(data)
    return summed.hexdigest()
