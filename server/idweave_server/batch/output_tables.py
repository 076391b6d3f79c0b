"""What the output files show, as columns: observations, identifiers, links, profiles and issues, each in an order that never changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.batch.columns import Column, Table, chosen
from idweave_server.batch.result import BatchResult, TraitColumn
from idweave_server.model import Apart, Outcome, Shared
from idweave_server.resolution.nodes import BEGINNING, END
from idweave_server.resolution.policy import MICRO_NATS

TIME = pa.timestamp("s", "UTC")
TRAIT_TYPES = {"integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(), "date": pa.date32()}


def observation_table(result: BatchResult) -> Table:
    """One row an observation, in the order of the input; what was refused has no profile."""
    rows = result.rows
    profile = result.resolution.observation_profiles()
    resolved = np.where(rows.observation >= 0, profile[rows.observation], np.int32(-1)) if profile.size else rows.observation
    return Table(
        "observations",
        (
            Column("observation_id", _text(rows.observation_id)),
            Column("source", pa.array(rows.sources, pa.string()), rows.source),
            Column("profile_id", result.profile_id, resolved.astype(np.int32)),
            Column("outcome", pa.array([outcome.name for outcome in Outcome]), rows.outcome.astype(np.int32)),
        ),
    )


def node_order(result: BatchResult) -> np.ndarray:
    """int64[v]: the nodes by namespace, issuer, value, epoch. UTF-8 sorts bytewise as its code points do."""
    table, nodes = result.identifiers, result.resolution.statuses.nodes
    value = _ranks(table.value)
    issuer = np.append(_ranks(table.issuers) + 1, 0)  # the last is that of no issuer: it sorts first
    rank = np.empty(value.size, np.int64)
    # One number to sort by: three keys sorted one after another take five times as long.
    space = table.identifiers.namespace.astype(np.uint64) * np.uint64(issuer.size) + issuer[table.identifiers.issuer].astype(np.uint64)
    rank[np.argsort(space * np.uint64(value.size) + value.astype(np.uint64))] = np.arange(value.size)
    return np.argsort(rank[nodes.identifier] * (int(nodes.epoch.max(initial=0)) + 1) + nodes.epoch)


def identifier_table(result: BatchResult, order: np.ndarray) -> Table:
    """One row an epoch of an identifier that counts; shared ones and context (IP addresses) have no profile."""
    nodes = result.resolution.statuses.nodes
    reason = shared_reasons(result)[order].astype(np.int32)
    return Table(
        "identifiers",
        (
            *_identity(result, order),
            Column("profile_id", result.profile_id, result.resolution.profile[order]),
            Column("from", *_times(nodes.begin[order])),
            Column("until", *_times(nodes.end[order])),
            Column("shared", _names(Shared), np.where(reason > 0, reason, -1).astype(np.int32)),
        ),
    )


def link_table(result: BatchResult, order: np.ndarray) -> Table:
    """One row a link, its ends in the order of the identifiers' file, and what became of it: united, or the rule that refused."""
    links, nodes = result.resolution.links, result.resolution.statuses.nodes
    rank = _places(order)
    left, right = np.minimum(rank[links.a], rank[links.b]), np.maximum(rank[links.a], rank[links.b])
    rows = np.argsort(left << 32 | right)
    ends = {"left": order[left[rows]], "right": order[right[rows]]}
    outcome = pa.array(["united", *(rule.name.lower() for rule in Apart if rule)])
    return Table(
        "links",
        (
            *(
                column
                for side, node in ends.items()
                for column in (*_identity(result, node, f"{side}_"), Column(f"{side}_from", *_times(nodes.begin[node])))
            ),
            Column("strength", pa.array(links.strength[rows] / MICRO_NATS)),
            Column("probability", pa.array(probability(links.strength[rows]))),
            Column("evidence", pa.array(links.count[rows])),
            Column("first", pa.array(links.first[rows]).cast(TIME)),
            Column("last", pa.array(links.last[rows]).cast(TIME)),
            Column("outcome", outcome, result.resolution.apart[rows].astype(np.int32)),
        ),
    )


def profile_table(result: BatchResult, weakest: np.ndarray) -> Table:
    """One row a profile: how many identifiers and observations it has, how fragile it is, identifiers by namespace, winning traits.

    weakest: int64[p], strength in micro-nats of each profile's weakest necessary link, -1 without one.
    """
    order = _sorted(result.profile_id)
    counts = namespace_counts(result)
    linking = [number for number, namespace in enumerate(result.policy.namespaces) if namespace.links]
    columns = [
        Column("profile_id", result.profile_id.take(pa.array(order))),
        Column("size", pa.array(counts.sum(axis=0)[order])),
        Column("observations", pa.array(observation_counts(result)[order])),
        Column("fragility", pa.array(weakest[order] / MICRO_NATS, mask=weakest[order] < 0)),
    ]
    columns += [Column(result.policy.namespaces[number].name, pa.array(counts[number][order])) for number in linking]
    columns += [_trait_column(trait, order) for trait in sorted(result.traits, key=lambda t: t.trait.name)]
    return Table("profiles", tuple(_told_apart(columns, 4, len(linking))))


def issue_table(result: BatchResult) -> Table:
    """One row a refused value or row, in the order of the input."""
    fields = ("file", "row", "field", "reason", "value", "message")
    return Table("issues", tuple(Column(f, result.issues[f] if f == "row" else _text(result.issues[f])) for f in fields))


def probability(strength: np.ndarray) -> np.ndarray:
    """float64: how sure a strength in micro-nats makes, in whole millionths: 1 - exp(-strength)."""
    return np.rint(-np.expm1(-strength / MICRO_NATS) * 1e6) / 1e6


def shared_reasons(result: BatchResult) -> np.ndarray:
    """uint8[v], model.Shared of the nodes that might link; context (an IP address) never does, so nothing is to be said of it."""
    nodes = result.resolution.statuses.nodes
    links = np.array([namespace.links for namespace in result.policy.namespaces])
    return np.where(links[result.identifiers.identifiers.namespace[nodes.identifier]], result.resolution.statuses.shared, np.uint8(0))


def observation_counts(result: BatchResult) -> np.ndarray:
    """int64[p]: the observations that belong to each profile."""
    profile = result.resolution.observation_profiles()
    return np.bincount(profile[profile >= 0], minlength=result.resolution.profiles)


def namespace_counts(result: BatchResult) -> np.ndarray:
    """int32[namespaces, p]: the distinct identifiers of each profile; two epochs of one identifier in one profile count once."""
    nodes, profile = result.resolution.statuses.nodes, result.resolution.profile
    counted = profile >= 0
    later = np.flatnonzero(counted & (nodes.epoch > 0))
    for back in range(1, int(nodes.epoch.max(initial=0)) + 1):
        reached = later[nodes.epoch[later] >= back]
        counted[reached[profile[reached] == profile[reached - back]]] = False
    member = np.flatnonzero(counted)
    profiles, namespaces = result.resolution.profiles, len(result.policy.namespaces)
    cell = result.identifiers.identifiers.namespace[nodes.identifier[member]].astype(np.int64) * profiles + profile[member]
    return np.bincount(cell, minlength=profiles * namespaces).reshape(namespaces, profiles).astype(np.int32)


def _identity(result: BatchResult, node: np.ndarray, prefix: str = "") -> Iterable[Column]:
    identifier = result.resolution.statuses.nodes.identifier[node]
    table = result.identifiers
    return (
        Column(f"{prefix}namespace", _namespaces(result), table.identifiers.namespace[identifier].astype(np.int32)),
        Column(f"{prefix}issuer", table.issuers, table.identifiers.issuer[identifier]),
        Column(f"{prefix}value", table.value, identifier),
    )


def _namespaces(result: BatchResult) -> pa.StringArray:
    return pa.array([namespace.name for namespace in result.policy.namespaces], pa.string())


def _trait_column(column: TraitColumn, order: np.ndarray) -> Column:
    name = column.trait.name
    if column.every is None:
        winner = column.winner[order]
        code = np.where(winner >= 0, column.code[winner], np.int32(-1)) if column.code.size else winner
        return Column(name, column.values, code.astype(np.int32), TRAIT_TYPES.get(column.trait.type))
    rank, place = _ranks(column.values), _places(order)
    profile, value = column.every
    rows = np.lexsort((rank[value], place[profile]))
    size = np.bincount(place[profile], minlength=order.size)
    starts = pa.array(np.concatenate(([0], np.cumsum(size))), pa.int32())
    return Column(name, pa.ListArray.from_arrays(starts, column.values.take(pa.array(value[rows]))))


def _told_apart(columns: list[Column], fixed: int, namespaces: int) -> Iterator[Column]:
    """The columns with distinct names: a namespace or a trait whose name is taken (a trait called size) is called `trait.size`."""
    taken: set[str] = set()
    for place, column in enumerate(columns):
        prefix = "" if place < fixed else "namespace." if place < fixed + namespaces else "trait."
        name = column.name
        while name in taken:
            name = f"{prefix}{name}"
        taken.add(name)
        yield Column(name, column.values, column.code, column.typed)


def _times(second: np.ndarray) -> tuple[pa.Array, np.ndarray]:
    """(distinct times, int32[n]): the bounds of epochs, of which few are not open (-1)."""
    bounded = (second > BEGINNING) & (second < END)
    code = np.full(second.size, -1, np.int32)
    distinct, code[bounded] = np.unique(second[bounded], return_inverse=True)
    return pa.array(distinct, pa.int64()).cast(TIME), code


def _names(words: type[Shared]) -> pa.StringArray:
    return pa.array([word.name.lower() for word in words])


def _sorted(values: pa.StringArray) -> np.ndarray:
    return pc.sort_indices(values).to_numpy().astype(np.int64)


def _ranks(values: pa.StringArray) -> np.ndarray:
    """int64[n]: the place of each value in their order."""
    return _places(_sorted(values))


def _places(order: np.ndarray) -> np.ndarray:
    """The inverse of a permutation."""
    place = np.empty(order.size, np.int64)
    place[order] = np.arange(order.size)
    return place


def _text(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    return values if pa.types.is_string(values.type) else values.cast(pa.string())


def identifier_text(result: BatchResult, identifier: np.ndarray) -> list[dict[str, str]]:
    """namespace, issuer and value of a few identifiers, for the report; an issuer that there isn't is blank."""
    table = result.identifiers
    issuer = chosen(table.issuers, table.identifiers.issuer[identifier]).to_pylist()
    namespace = table.identifiers.namespace[identifier].tolist()
    value = table.value.take(pa.array(identifier)).to_pylist()
    return [
        {"namespace": result.policy.namespaces[n].name, "issuer": i or "", "value": v}
        for n, i, v in zip(namespace, issuer, value, strict=True)
    ]
