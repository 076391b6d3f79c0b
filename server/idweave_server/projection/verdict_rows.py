"""What people asserted of two identifiers as relationships: SAME with what it does at present, DIFFERENT where it holds."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from idweave_server.engine.engine import Engine
from idweave_server.engine.verdict_store import StatedVerdict
from idweave_server.model import Verdict
from idweave_server.projection.columns import Moment, Text, Word
from idweave_server.projection.frame import Frame
from idweave_server.projection.keys import identifier_keys
from idweave_server.projection.rows import Table
from idweave_server.projection.schema import Kind
from idweave_server.resolution.unite import Standing

STANDINGS = tuple(standing.name.lower() for standing in Standing)


def verdict_owners(frame: Frame) -> np.ndarray:
    """int32: the left ends of all verdicts, withdrawn ones too, that name an identifier of the frame: what the other end does may change
    them."""
    verdicts = frame.engine.state.verdicts
    judged = frame.codes[frame.engine.state.identifiers.judged.array[frame.codes] != 0]
    lefts = {verdicts.stated[n].left for code in judged.tolist() for n in verdicts.about.get(code, ())}
    return np.array(sorted(lefts), np.int32)


def verdict_rows(frame: Frame, owners: np.ndarray) -> tuple[Table, Table]:
    """(DIFFERENT, SAME): the verdicts in force whose left ends are `owners`, int32."""
    stated, mine = frame.engine.state.verdicts.stated, set(owners.tolist())
    numbers = [n for n in frame.engine.state.verdicts.naming(owners) if stated[n].left in mine and _pairs(stated[n])]
    standing = frame.engine.standings(numbers) if numbers else {}
    different = [n for n in numbers if stated[n].kind == Verdict.DIFFERENT and standing[n] == Standing.HOLDS]
    same = [n for n in numbers if stated[n].kind == Verdict.SAME]
    reason = Word(("different",), np.zeros(len(different), np.int32))
    stands = Word(STANDINGS, np.array([standing[n] for n in same], np.int32))
    return (
        _rows(frame, Kind.DIFFERENTS, [stated[n] for n in different], {"reason": reason}),
        _rows(frame, Kind.SAMES, [stated[n] for n in same], {"standing": stands}),
    )


def _pairs(said: StatedVerdict) -> bool:
    return said.right not in (-1, said.left)


def _rows(frame: Frame, kind: Kind, said: list[StatedVerdict], more: dict[str, Word]) -> Table:
    left, right = (np.array([getattr(v, side) for v in said], np.int32) for side in ("left", "right"))
    source, name = ([getattr(v, field) for v in said] for field in ("source", "id"))
    return Table(
        kind=kind,
        owner=left,
        one=right.astype(np.int64),
        two=np.array([frame.names.intern(pair) for pair in zip(source, name, strict=True)], np.int64),
        start=_keys(frame.engine, left),
        end=_keys(frame.engine, right),
        group=None,
        properties={
            "source": Text(pa.array(source, pa.string())),
            "assertion_id": Text(pa.array(name, pa.string())),
            "at": Moment(np.array([v.time for v in said], np.int64)),
            **more,
        },
    )


def _keys(engine: Engine, codes: np.ndarray) -> pa.StringArray:
    return identifier_keys(engine, codes)
