"""Birth dates: a trait, and evidence unless forms fill them in by themselves."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from idweave_server.identifiers.birth_dates import iso_text, read_birth_dates
from idweave_server.identifiers.dates import infer_format
from idweave_server.model import Refusal

NEWEST = 20_261_122


@pytest.mark.parametrize(
    ("value", "text", "evidence", "refusal"),
    [
        ("1985-03-04", "1985-03-04", 19850304, Refusal.NONE),
        ("1990-01-01", "1990-01-01", -1, Refusal.NONE),  # nobody is refused for a birthday on 1 January; it just proves nothing
        ("1900-01-01", "1900-01-01", -1, Refusal.NONE),
        ("1970-01-01", "1970-01-01", -1, Refusal.NONE),
        ("1911-11-11", "1911-11-11", -1, Refusal.NONE),
        ("2026-11-22", "2026-11-22", 20261122, Refusal.NONE),
        ("2026-11-23", None, -1, Refusal.DATE_RANGE),
        ("1899-12-31", None, -1, Refusal.DATE_RANGE),
        ("1985-02-31", None, -1, Refusal.DATE_RANGE),
        ("1985-13-01", None, -1, Refusal.DATE_RANGE),
        ("3/4/1985", None, -1, Refusal.DATE_SYNTAX),
        ("soon", None, -1, Refusal.DATE_SYNTAX),
    ],
)
def test_iso_is_the_default(value: str, text: str | None, evidence: int, refusal: Refusal) -> None:
    found = read_birth_dates(pa.array([value]), None, newest=NEWEST)
    assert (found.text.to_pylist(), found.evidence.tolist(), found.refusal.tolist()) == ([text], [evidence], [refusal])


def test_nobody_is_born_tomorrow() -> None:
    found = read_birth_dates(pa.array(["2/4/31", "3/4/26", "12/24/26"]), "%m/%d/%y", newest=NEWEST)
    assert found.text.to_pylist() == ["1931-02-04", "2026-03-04", "1926-12-24"]


def test_an_ambiguous_column_is_quarantined() -> None:
    values = pa.array(["3/4/1985", "5/5/1990"])
    found = read_birth_dates(values, infer_format(values), newest=NEWEST)
    assert found.text.to_pylist() == [None, "1990-05-05"]
    assert found.refusal.tolist() == [Refusal.DATE_AMBIGUOUS, 0]


def test_text_of_dates() -> None:
    assert iso_text(np.array([19850304, 0, -1, 19850304], np.int32)).to_pylist() == ["1985-03-04", None, None, "1985-03-04"]
    assert iso_text(np.array([], np.int32)).to_pylist() == []
    many = np.array([19850304, 0, -1, 101, 99991231, 20000229, 19000101, 12345678, 19111111, 20240501], np.int32)
    assert iso_text(many).to_pylist() == [text for date in many for text in iso_text(np.array([date])).to_pylist()]
    assert iso_text(many[5:].repeat(2)).to_pylist()[:2] == ["2000-02-29", "2000-02-29"]
