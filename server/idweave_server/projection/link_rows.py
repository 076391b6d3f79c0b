"""The links of a frame: who was observed with whom, how strongly, and what the rules refused; and from where devices came."""

from __future__ import annotations

import numpy as np

from idweave_server.kernels.numbering import number_pairs
from idweave_server.model import Apart
from idweave_server.projection.columns import Moment, Real, Text, Whole, Word
from idweave_server.projection.frame import Frame
from idweave_server.projection.identifier_rows import bounds, interned
from idweave_server.projection.keys import identifier_keys
from idweave_server.projection.rows import Table
from idweave_server.projection.schema import Kind
from idweave_server.resolution.expiry import Lifetimes, live_evidence
from idweave_server.resolution.links import link_ties, linked_pairs
from idweave_server.resolution.names import LISTED
from idweave_server.resolution.policy import MICRO_NATS

REFUSED = tuple(rule.name.lower() for rule in Apart if rule)
ADDRESSES = 5  # the latest of a device or cookie


def link_rows(frame: Frame) -> tuple[Table, Table]:
    """(links, refusals): one row a link; of those that a rule refused, another one that says why the two are apart.

    A link begins at the end with the smaller content hash, so that its direction depends on nothing else.
    """
    links, nodes = frame.resolution.links, frame.resolution.statuses.nodes
    content = frame.component.identifiers.content[:, 0]
    a, b = nodes.identifier[links.a], nodes.identifier[links.b]
    turned = content[a] > content[b]
    left, right = np.where(turned, links.b, links.a), np.where(turned, links.a, links.b)
    start, end = nodes.identifier[left], nodes.identifier[right]
    left_from, right_from = bounds(nodes.begin[left]), bounds(nodes.begin[right])
    refused = frame.resolution.apart
    sources, kinds = _told_by(frame)
    epochs = {"left_from": Moment(left_from), "right_from": Moment(right_from)}
    table = Table(
        kind=Kind.LINKS,
        owner=frame.codes[start],
        one=frame.codes[end].astype(np.int64),
        two=interned(frame, (left_from, right_from)),
        start=Text(frame.keys).take(start).values,
        end=Text(frame.keys).take(end).values,
        group=None,
        properties={
            **epochs,
            "strength": Real(links.strength / MICRO_NATS),
            "evidence": Whole(links.count.astype(np.int64)),
            "sources": sources,
            "kinds": kinds,
            "first_seen": Moment(links.first),
            "last_seen": Moment(links.last),
            "united": Word((False, True), (refused == Apart.NONE).astype(np.int32)),
            "refused": Word(REFUSED, refused.astype(np.int32) - 1),
        },
    )
    parted = table.take(np.flatnonzero(refused != Apart.NONE))
    said = {name: parted.properties[name] for name in ("left_from", "right_from", "strength")}
    properties = {**said, "reason": parted.properties["refused"]}
    return table, Table(Kind.REFUSALS, parted.owner, parted.one, parted.two, parted.start, parted.end, None, properties)


def _told_by(frame: Frame) -> tuple[Word, Word]:
    """The names of each link's sources and of its evidence kinds, in order."""
    observations, policy, nodes = frame.component.observations, frame.engine.policy, frame.resolution.statuses.nodes
    linking = frame.resolution.statuses.linking(policy, frame.component.identifiers, frame.component.in_scope())
    row, a, b = linked_pairs(observations, nodes, linking)
    lifetimes = Lifetimes.of(policy, observations, frame.component.identifiers)
    if lifetimes is not None:
        tie = link_ties(a, b, nodes.content)
        as_of = frame.component.as_of
        keep = live_evidence(observations, lifetimes, as_of, row, nodes.identifier[a], nodes.identifier[b], tie)
        row, a, b = row[keep], a[keep], b[keep]
    links = frame.resolution.links
    count = links.a.size
    number, _ = number_pairs(np.concatenate([links.a, np.minimum(a, b)]), np.concatenate([links.b, np.maximum(a, b)]))
    link = number[count:]
    return (
        _sets(link, observations.source[row], count, tuple(observations.sources)),
        _sets(link, observations.kind[row].astype(np.int32), count, tuple(kind.name for kind in policy.kinds)),
    )


def _sets(link: np.ndarray, word: np.ndarray, count: int, names: tuple[str, ...]) -> Word:
    """For each of `count` links the words that come with it, sorted. link: int32[k], word: int32[k], into names."""
    order = np.argsort(np.array(names, object)) if names else np.zeros(0, np.int64)
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    said = rank[word] if word.size else np.zeros(0, np.int64)
    masks = np.zeros((count, max(len(names) + 62, 63) // 63), np.int64)
    np.bitwise_or.at(masks, (link, said // 63), np.int64(1) << (said % 63))
    if masks.shape[1] == 1:
        distinct, code = np.unique(masks[:, 0], return_inverse=True)
        distinct = distinct[:, None]
    else:
        distinct, code = np.unique(masks, axis=0, return_inverse=True)
    values = tuple([names[order[at]] for at in range(len(names)) if mask[at // 63] >> (at % 63) & 1] for mask in distinct.tolist())
    return Word(values, code.reshape(-1).astype(np.int32))


def seen_at_rows(frame: Frame) -> Table:
    """The latest few addresses of each device and cookie, but of listed ones."""
    state, component = frame.engine.state, frame.component
    own, counts = component.observations.identifier, frame.resolution.statuses.nodes.sighting >= 0
    passing = state.namespaces_that(form="device") | state.namespaces_that(form="cookie")
    owners = passing[component.identifiers.namespace] & component.in_scope() & (component.identifiers.flags & LISTED == 0)
    address = state.namespaces_that(form="ip")[component.identifiers.namespace]
    mine, theirs = np.flatnonzero(owners[own] & counts), np.flatnonzero(address[own] & counts)
    low, high = (np.searchsorted(frame.row[theirs], frame.row[mine], side=side) for side in ("left", "right"))
    size = high - low
    met = theirs[np.arange(size.sum()) + np.repeat(low - np.cumsum(size) + size, size)]
    device, ip, time = np.repeat(own[mine], size), own[met], frame.time[met]
    number, at = number_pairs(device, ip)
    first, last = np.full(at.size, np.iinfo(np.int64).max), np.full(at.size, np.iinfo(np.int64).min)
    np.minimum.at(first, number, time)
    np.maximum.at(last, number, time)
    device, ip = device[at], ip[at]
    order = np.lexsort((component.identifiers.content[ip, 0], -last, device))
    begins = np.flatnonzero(np.diff(device[order], prepend=-1))
    rank = np.arange(order.size) - np.repeat(begins, np.diff(np.append(begins, order.size)))
    kept = order[rank < ADDRESSES]
    return Table(
        kind=Kind.SEEN_AT,
        owner=component.codes[device[kept]],
        one=component.codes[ip[kept]].astype(np.int64),
        two=np.zeros(kept.size, np.int64),
        start=Text(frame.keys).take(device[kept]).values,
        end=identifier_keys(frame.engine, component.codes[ip[kept]]),
        group=None,
        properties={"first_seen": Moment(first[kept]), "last_seen": Moment(last[kept])},
    )
