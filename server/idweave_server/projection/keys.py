"""Keys of nodes as columns: `email:jo@example.org` of an identifier, a UUID's text of a profile; to texts, and from them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.engine.engine import Engine
from idweave_server.identifiers.text_hash import content_of
from idweave_server.kernels.hashing import mix_hash

UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


def identifier_keys(engine: Engine, codes: np.ndarray) -> pa.StringArray:
    """string[n]: the notation of identifiers, int32[n]."""
    ids = engine.state.identifiers
    space, issuer = ids.namespace.array[codes].astype(np.int64), ids.issuer.array[codes].astype(np.int64)
    kinds, place = np.unique(space * (len(ids.issuers) + 1) + issuer + 1, return_inverse=True)
    begins = []
    for kind in kinds.tolist():
        number, issued = divmod(kind, len(ids.issuers) + 1)
        name = engine.policy.namespaces[number].name
        begins.append(_begin(name, ids.issuers[issued - 1] if issued else ""))
    begin = pa.array(begins, pa.string()).take(pa.array(place))
    return joined(begin, ids.values(codes))


def joined(*parts: pa.StringArray) -> pa.StringArray:
    found = pc.binary_join_element_wise(*parts, "")
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def codes_of_keys(engine: Engine, keys: pa.StringArray) -> np.ndarray:
    """int32[n]: the identifiers that keys name, -1 where none is known."""
    if not len(keys):
        return np.zeros(0, np.int32)
    colon = pc.find_substring(keys, ":").to_numpy(zero_copy_only=False)
    size = pc.binary_length(keys).to_numpy(zero_copy_only=False)
    good = np.flatnonzero((colon > 0) & (colon < size - 1))
    keys, colon = keys.take(pa.array(good)), colon[good]
    begin, value = _parted(keys, colon)
    words, place = _distinct(begin)
    spaces, issuers = [], []
    for word in words:
        space, _, issuer = word.partition("@")
        spaces.append(space.replace("%40", "@").replace("%3A", ":").replace("%25", "%"))
        issuers.append(issuer.replace("%3A", ":").replace("%25", "%"))
    content = mix_hash(np.ascontiguousarray(content_of(pa.array(spaces, pa.string()))[place]), content_of(value))
    issued = np.flatnonzero(np.array([bool(issuer) for issuer in issuers], bool)[place]) if issuers else np.zeros(0, np.int64)
    if issued.size:
        whose = content_of(pa.array(issuers, pa.string()))
        content[issued] = mix_hash(np.ascontiguousarray(whose[place[issued]]), np.ascontiguousarray(content[issued]))
    out = np.full(size.size, -1, np.int32)
    out[good] = engine.state.identifiers.find(content)
    return out


def uuid_words(texts: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    """(uint64[n, 2], bool[n]): texts as ids, and which are ids at all."""
    good = pc.match_substring_regex(texts, UUID).fill_null(False).to_numpy(zero_copy_only=False)
    words = np.zeros((len(texts), 2), np.uint64)
    digits = "".join(texts.filter(pa.array(good)).to_pylist()).replace("-", "")
    words[good] = np.frombuffer(bytes.fromhex(digits), ">u8").reshape(-1, 2)
    return words, good


def _begin(namespace: str, issuer: str) -> str:
    """What stands before the value: as identifiers.notation has it, and for a namespace whose name has no notation as well."""
    issued = "@" + issuer.replace("%", "%25").replace(":", "%3A") if issuer else ""
    return f"{namespace.replace('%', '%25').replace(':', '%3A').replace('@', '%40')}{issued}:"


def _parted(keys: pa.StringArray, colon: np.ndarray) -> tuple[pa.StringArray, pa.StringArray]:
    """(what stands before the colon, what stands after it): colon: its place in bytes."""
    _, offsets, data = keys.buffers()
    start = np.frombuffer(offsets, np.int32)[keys.offset : keys.offset + len(keys) + 1].astype(np.int64)
    raw = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return _slices(raw, start[:-1], start[:-1] + colon), _slices(raw, start[:-1] + colon + 1, start[1:])


def _slices(raw: np.ndarray, begin: np.ndarray, end: np.ndarray) -> pa.StringArray:
    size = end - begin
    offsets = np.concatenate(([0], np.cumsum(size)))
    place = np.arange(offsets[-1]) + np.repeat(begin - offsets[:-1], size)
    buffers = [None, pa.py_buffer(offsets.astype(np.int32).tobytes()), pa.py_buffer(raw[place].tobytes())]
    return pa.Array.from_buffers(pa.string(), len(begin), buffers)


def _distinct(values: pa.StringArray) -> tuple[list[str], np.ndarray]:
    """(the distinct texts, int64[n] into them)"""
    coded = values.dictionary_encode()
    return coded.dictionary.to_pylist(), coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
