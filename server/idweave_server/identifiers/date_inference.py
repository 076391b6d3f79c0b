"""Which formats a column of dates or times is written in, decided by the column as a whole, with the evidence for the decision.

Most formats can be told apart value by value. Not so month first and day first (3/4/21): there a value that only one order fits decides for
all values with the same separator. Where nothing decides, or values contradict each other, those that are one day in one order and another
in the other are left unread with a question. A short year may also stand first (21-03-04); that order is in play where it explains what the
others do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server.identifiers.arrow_text import lengths
from idweave_server.identifiers.date_formats import NEVER, OK, read_moments, read_numbers

Rows = npt.NDArray[np.bool_]
Orders = dict[str, tuple[str, ...]]  # formats of one shape by the order of their parts

ISO = "%Y-%m-%d"
UNIX_SCALES = {"unix": 1, "unix_ms": 1_000, "unix_us": 1_000_000}
# Digits of times from 1973 to 2286; fewer could be anything.
_UNIX_SHAPES = {"unix": r"^\d{9,10}(?:\.\d+)?$", "unix_ms": r"^\d{12,13}(?:\.\d+)?$", "unix_us": r"^\d{15,16}$"}
_CERTAIN = (
    *(f"%Y{s}%m{s}%d" for s in ("-", "/", ".", " ")),
    *("%Y年%m月%d日", "%Y%m%d", "%d%b%Y", "%Y-%b-%d", "%a, %d %b %Y", "%a %d %b %Y", "%a, %b %d, %Y"),
    *(f"%d{s}%b{s}{year}" for s in ("-", " ", "/") for year in ("%Y", "%y")),
    *(f"%d. %b %{year}" for year in "Yy"),
    *(f"%b{s}%d{gap}{year}" for s, gap in ((" ", " "), ("-", "-"), ("/", "/"), (" ", ", "), (" ", ",")) for year in ("%Y", "%y")),
)
_WHOLE_TIMES = ("%Y%m%d%H%M%S", "%Y%m%dT%H%M%S", "%Y%m%dT%H%M%S%z", "%a %b %d %H:%M:%S %Y")
_MONTH_FIRST, _DAY_FIRST, _YEAR_FIRST = "month first", "day first", "year first"
_YEAR_FIRST_SHARE = 50  # year first is in play where it alone fits one in so many values: more than a day mistyped


@dataclass(frozen=True, slots=True)
class Inference:
    """How a column is to be read, and why.

    formats: those that a value may be read by; a value that they read as different days is left unread. fits: how many values (rows, where
    counts were given) each format fits, for all that fit any. decided_by: a value that only the chosen order fits, "" where there was
    nothing to choose. unread: how many values are ambiguous; question: what to ask about them, "" where there are none.
    """

    formats: tuple[str, ...] = ()
    fits: tuple[tuple[str, int], ...] = ()
    decided_by: str = ""
    unread: int = 0
    question: str = ""

    @property
    def format(self) -> str | None:
        """The one format of the column, None where it has several or none."""
        return self.formats[0] if len(self.formats) == 1 else None

    @property
    def ambiguous(self) -> bool:
        return self.unread > 0


def infer_format(values: pa.StringArray, counts: npt.NDArray[np.int64] | None = None, *, kind: str = "date") -> Inference:
    """Infer the formats of a column. values: its distinct values; counts: int64[n], how often each occurs (absent: once).

    kind "date": calendar dates. kind "time": dates with an optional time of day, and unix time in seconds, milliseconds or microseconds.
    The result does not depend on the order of the values.
    """
    weight = np.ones(len(values), np.int64) if counts is None else np.asarray(counts, np.int64)
    families = _families(kind)
    found: dict[int, Inference] = {}
    rest = np.arange(len(values))
    while len(rest) and len(found) < len(families):
        # Shapes exclude one another, so the one that the next value has may be taken first; most columns have a single one.
        pending = [at for at in range(len(families)) if at not in found]
        probe = values.slice(rest[0], 1)
        at = next((at for at in pending if any(fitting(probe, text)[0] for texts in families[at].values() for text in texts)), pending[0])
        part = values if len(rest) == len(values) else values.take(pa.array(rest))
        fits = {text: fitting(part, text) for texts in families[at].values() for text in texts}
        found[at] = _decide(part, weight[rest], families[at], fits)
        rest = rest[~np.logical_or.reduce(list(fits.values()))]
    return _joined([found[at] for at in sorted(found)])


def fitting(values: pa.StringArray, text: str) -> Rows:
    """Which values a format fits; a unix time must have as many digits as today's have."""
    if text in UNIX_SCALES:
        shaped: Rows = pc.match_substring_regex(values, _UNIX_SHAPES[text]).to_numpy(zero_copy_only=False)
        return shaped & (read_numbers(values, UNIX_SCALES[text])[0] == OK) & (lengths(values) > 0)
    return np.asarray(read_moments(values, text, NEVER).status == OK)


def _families(kind: str) -> list[Orders]:
    if kind not in ("date", "time"):
        raise ValueError(kind)
    tail = "%o" if kind == "time" else ""
    single = [*(f"{one}{tail}" for one in _CERTAIN), *((*UNIX_SCALES, *_WHOLE_TIMES) if tail else ())]
    numeric: list[Orders] = [
        {
            _MONTH_FIRST: (f"%m{s}%d{s}%Y{tail}", f"%m{s}%d{s}%y{tail}"),
            _DAY_FIRST: (f"%d{s}%m{s}%Y{tail}", f"%d{s}%m{s}%y{tail}"),
            _YEAR_FIRST: (f"%y{s}%m{s}%d{tail}",),
        }
        for s in ("/", "-", ".", " ")
    ]
    certain: list[Orders] = [{"": (one,)} for one in single]
    return certain + numeric


def _decide(values: pa.StringArray, weight: npt.NDArray[np.int64], orders: Orders, fits: dict[str, Rows]) -> Inference:
    """What the values say of the formats of one shape. fits: which values each format fits."""
    by_order = {order: np.asarray(np.logical_or.reduce([fits[text] for text in texts])) for order, texts in orders.items()}
    if _YEAR_FIRST in by_order and not _year_first_in_play(by_order, weight):
        del by_order[_YEAR_FIRST]
    by_order = {order: rows for order, rows in by_order.items() if rows.any()}
    alone = {order: rows & ~_others(by_order, order) for order, rows in by_order.items()}
    witnesses = {order: _example(values, weight, rows) for order, rows in alone.items() if rows.any()}
    decided = len(witnesses) == 1 and (
        _YEAR_FIRST not in witnesses or bool(np.all(by_order[_YEAR_FIRST] | ~_others(by_order, _YEAR_FIRST)))
    )
    chosen = list(witnesses) if decided else list(by_order)
    formats = tuple(text for order in chosen for text in orders[order] if fits[text].any())
    counted = tuple((text, int(weight[fits[text]].sum())) for order in by_order for text in orders[order] if fits[text].any())
    if decided:
        return Inference(formats, counted, "" if len(orders) == 1 else witnesses[chosen[0]])
    unread = _contradicted(values, formats)
    if not unread.any():
        return Inference(formats, counted)
    rows = int(weight[unread].sum())
    return Inference(formats, counted, "", rows, _question(_example(values, weight, unread), rows, chosen, witnesses))


def _year_first_in_play(by_order: dict[str, Rows], weight: npt.NDArray[np.int64]) -> bool:
    """Whether a short year may stand first: it alone fits a share of the values (85-03-04), or it fits all and month first none
    (21-03-04)."""
    alone = by_order[_YEAR_FIRST] & ~_others(by_order, _YEAR_FIRST)
    some = by_order[_YEAR_FIRST] | _others(by_order, _YEAR_FIRST)
    if int(weight[alone].sum()) * _YEAR_FIRST_SHARE > int(weight[some].sum()):
        return True
    return bool(np.array_equal(by_order[_YEAR_FIRST], some)) and not by_order[_MONTH_FIRST].any()


def _others(by_order: dict[str, Rows], order: str) -> Any:
    return np.logical_or.reduce([np.zeros_like(by_order[order]), *(rows for other, rows in by_order.items() if other != order)])


def _contradicted(values: pa.StringArray, formats: tuple[str, ...]) -> Rows:
    """Which values two of the formats read as different days: 3/4/21, but not 3/3/21."""
    earliest, latest = np.full(len(values), NEVER), np.zeros(len(values), np.int64)
    for text in formats:
        moments = read_moments(values, text, NEVER)
        earliest = np.where(moments.status == OK, np.minimum(earliest, moments.date), earliest)
        latest = np.where(moments.status == OK, np.maximum(latest, moments.date), latest)
    return np.asarray(earliest < latest)


def _example(values: pa.StringArray, weight: npt.NDArray[np.int64], rows: Rows) -> str:
    """The most frequent of these values; of several the first by code points."""
    most = np.flatnonzero(rows & (weight == weight[rows].max()))
    return str(pc.min(values.take(pa.array(most))).as_py())


def _question(example: str, rows: int, chosen: list[str], witnesses: dict[str, str]) -> str:
    fit = "both" if len(chosen) == 2 else "more than one"
    question = f"{example}: {' or '.join(chosen)}? {rows} {'value fits' if rows == 1 else 'values fit'} {fit}"
    evidence = "; ".join(f"{witness} fits only {order}" for order, witness in witnesses.items())
    return f"{question} ({evidence})" if evidence else question


def _joined(parts: list[Inference]) -> Inference:
    return Inference(
        tuple(text for part in parts for text in part.formats),
        tuple(fit for part in parts for fit in part.fits),
        next((part.decided_by for part in parts if part.decided_by), ""),
        sum(part.unread for part in parts),
        "; ".join(part.question for part in parts if part.question),
    )
