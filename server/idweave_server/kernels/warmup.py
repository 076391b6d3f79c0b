"""Call every kernel once, on next to nothing, with the types it is used with: afterwards no request or file waits for a compiler."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from idweave_server.kernels.agglomerate import agglomerate
from idweave_server.kernels.blocks import cut_points
from idweave_server.kernels.bridges import weakest_bridges
from idweave_server.kernels.byte_planes import read_numbers
from idweave_server.kernels.chronology import by_time
from idweave_server.kernels.civil import Zones, moved, moved_all
from idweave_server.kernels.components import components
from idweave_server.kernels.conditions import (
    LEAF_COLUMNS,
    OLDER,
    ProgramArrays,
    SubjectArrays,
    related_range,
    related_truths,
    span_of_truth,
)
from idweave_server.kernels.decimals import day_numbers, decimals_of, whole_numbers
from idweave_server.kernels.evidence import aggregate, pairs
from idweave_server.kernels.favourites import favourites
from idweave_server.kernels.hashing import hash_strings, hash_words, mix_hash, tie_hash
from idweave_server.kernels.histograms import count_labels, dissimilar, distinct_partners, dominant_dates, dominant_labels
from idweave_server.kernels.index import HashIndex
from idweave_server.kernels.labels import Labels
from idweave_server.kernels.letters import spell
from idweave_server.kernels.marks import Marks
from idweave_server.kernels.masks import join_masks, mask_between, mask_of_runs, mask_of_table
from idweave_server.kernels.orders import net_orders
from idweave_server.kernels.places import Places
from idweave_server.kernels.present import note, values_of
from idweave_server.kernels.properties import first_properties
from idweave_server.kernels.purchases import purchases
from idweave_server.kernels.rows import block_of, compressed_rows, first_of_row, group_by, strong_partners, strongest_links
from idweave_server.kernels.sightings import gathered, ring_closed, rows_seen, rows_with, thread
from idweave_server.kernels.steps import room_for
from idweave_server.kernels.stretches import listed, spans
from idweave_server.kernels.tickets import open_tickets
from idweave_server.kernels.verdicts import crossings, measured, room_to_work, verdicts
from idweave_server.kernels.winners import TIME_FIRST, winning_entries
from idweave_server.kernels.wire import TEXT, Shape, copied, scan


def _narrow(*values: int) -> NDArray[np.int32]:
    return np.array(values, np.int32)


def _wide(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def warm_up() -> None:
    """Compile or load all kernels: a minute and a half the first time on a machine, well under one second from the cache.

    kernel_compilation has them compiled by several processes.
    """
    for part in PARTS:
        part()


def _warm_up_identifiers() -> None:
    data, tie = np.frombuffer(b"annbob", np.uint8), np.zeros(2, np.uint64)
    hashes = hash_strings(data, _narrow(0, 3, 6))
    mix_hash(hashes, hashes)
    hash_words(hashes[:, 0].copy(), hashes)
    tie_hash(tie, tie)
    index = HashIndex()
    index.intern(hashes)
    index.find(index.hashes)
    index.renew(mix_hash(hashes.repeat(200, 0), np.arange(800, dtype=np.uint64).reshape(400, 2)))  # enough to grow
    read_numbers(np.zeros(2, np.uint8), 0, 1)
    spell(data[:1], data, np.zeros(1, np.uint8), data[:1], 2)
    scan(data, Shape.of([{1: (TEXT, 0)}]))
    copied(data, _wide(0), _narrow(3))


def _warm_up_links() -> None:
    u, v, marked, tie = _narrow(0), _narrow(1), np.ones(2, np.uint8), np.zeros(2, np.uint64)
    components(u, v, 2)
    aggregate(u, v, _narrow(18_000), _narrow(0), _wide(1), _wide(1))
    pairs(_wide(0, 2), _narrow(0, 1), marked)
    weakest_bridges(2, u, v, _wide(1), tie[:1], _narrow(0, 0), marked)


def _warm_up_names() -> None:
    u, v, marked, tie = _narrow(0), _narrow(1), np.ones(2, np.uint8), np.zeros(2, np.uint64)
    letters = np.array([ord(c) for c in "annbob"], np.uint32)
    labels = Labels(letters, _wide(0, 3, 6), _wide(0, 0, 0), _narrow(), marked)
    names = count_labels(_narrow(0, 1), _narrow(0, 1), _wide(1, 1), 2)
    births = count_labels(_narrow(0), _narrow(19_900_102), _wide(1), 2)
    dominant_labels(names, labels, 600)
    dominant_dates(births, 600)
    dissimilar(names, labels, 2, 600)
    distinct_partners(u, v, 2)
    marks = Marks(_wide(0, 1, 2), _narrow(0, 0), _narrow(0, 1))
    agglomerate(2, u, v, _wide(1), _narrow(1), tie[:1], names, labels, births, marks, u, v, 600, 1)
    cut_points(_wide(0, 2), _wide(0, 9), tie, _narrow(0, 1), labels, gap=1, share=150, max_blocks=4)


def _warm_up_rows() -> None:
    start, node, marked = _wide(0, 2), _narrow(0, 1), np.ones(2, np.uint8)
    tie, hashes = np.zeros(2, np.uint64), np.zeros((2, 2), np.uint64)
    group_by(node, 2)
    compressed_rows(_narrow(0, 0), node, 1)
    strong_partners(start, node, node, marked)
    first_of_row(start, node, marked, np.zeros(2, np.int16), strongest_links(node[:1], node[1:], _wide(1), 2), hashes)
    block_of(_wide(0, 1, 1), _wide(5), node, _wide(0, 9))
    winning_entries(start, _wide(0, 1), node, _wide(0, 9), marked, tie, TIME_FIRST)


def _warm_up_sightings() -> None:
    start, node, row = _wide(0, 2), _narrow(0, 1), _narrow(0, 0)
    head, before, flag = _narrow(-1, -1), _narrow(-1, -1), np.zeros(2, np.uint8)
    thread(node, head, before, 0)
    rows_seen(node, head, before, row, flag, flag.copy())
    gathered(*spans(_wide(0), row, _narrow(0)), node, _narrow(-1, -1), node)
    listed(_wide(0), _wide(2))
    note(np.zeros(1, np.uint64), np.zeros(1, np.uint32), 0, 0, flag)
    values_of(np.zeros(1, np.uint64), np.zeros(1, np.uint32), node, _wide(0))
    ring_closed(node, node, flag)
    rows_with(start, flag)
    Places(node).of(node)


def _warm_up_attributes() -> None:
    data, marked, tie = np.frombuffer(b"annbob", np.uint8), np.ones(2, np.uint8), np.zeros(2, np.uint64)
    start, time, code, amount = _wide(0, 2), _wide(0, 9), _narrow(0, 0), _wide(1, 1)
    by_time(start, _wide(0, 1), time)
    for read in (decimals_of, whole_numbers, day_numbers):
        read(data.copy(), start, start, np.empty(2, np.int64))  # a store's texts can be written
    first_properties(_wide(0, 1, 2), code, _narrow(0))
    net_orders(start, time, marked, code, amount, code, _wide(1), 0)
    purchases(start, time, marked, amount, code, _wide(1))
    favourites(start, _wide(0, 1), code, marked, tie)
    open_tickets(start, time, marked, code)


def _warm_up_segments() -> None:
    zones, spans = Zones(_wide(0, 0), _wide(), _wide(), _wide(0)), np.zeros((1, 4), np.int64)
    moved(zones, 0, 0, spans, 0, 1)
    moved_all(zones, 0, _wide(0), False, spans, 0, 1)
    leaves, patterns, wheres, moneys = (np.zeros((1, width), np.int64) for width in (LEAF_COLUMNS, 5, 7, 3))
    leaves[0, 0] = OLDER
    joined = (_wide(0, 1), _narrow(0), _wide(0, 1), _narrow(0))
    program = ProgramArrays(leaves, _wide(), spans, zones, patterns, wheres, moneys, _wide(), np.empty(0), *joined, 1, 1)
    span_of_truth(program, leaves[0], 0)
    related_truths(program, 0, _wide(0), 0)
    related_range(program, 0, 0, 1, 0)
    flags, ints, longs = np.empty(0, np.uint8), _narrow(), _wide()
    fields = (np.zeros((1, 1), np.int64), np.empty((0, 2), np.int64), longs, ints, np.empty((0, 1), np.int32), longs, _wide(9))
    events = (_wide(0, 0), longs, ints, flags, longs, ints, _wide(0), ints, ints, longs)
    subjects = SubjectArrays(*fields, *events, _wide(0, 0), longs, ints, flags, ints)
    room = room_for(1)
    truth, until = np.empty((1, 1), np.int8), np.empty((1, 1), np.int64)
    verdicts(program, subjects, _narrow(0), _wide(0), 0, room, *room_to_work(program, room), truth, until)
    measured(program, subjects, 0, 0, 0, room)
    crossings(program, subjects, 0, 0, 0, room, *room_to_work(program, room), truth[0], truth[0].copy(), _narrow(0), _wide(0))


def _warm_up_masks() -> None:
    mask = np.zeros(1, np.uint8)
    for kind in (np.int8, np.int16, np.int32, np.int64):
        column = np.zeros(1, kind)
        mask_between(column, kind(0), kind(1), mask)
        mask_of_table(column, 0, mask, mask.copy())
        mask_of_runs(column, np.zeros((1, 2), np.int64), mask)
    masks = np.zeros((1, 1), np.uint64)
    join_masks(masks, _narrow(0), _wide(0, 1), 1, masks[0], masks.copy(), _wide(0))


# What is compiled together, what takes longest first.
PARTS = (
    _warm_up_segments,
    _warm_up_names,
    _warm_up_identifiers,
    _warm_up_attributes,
    _warm_up_rows,
    _warm_up_masks,
    _warm_up_links,
    _warm_up_sightings,
)
