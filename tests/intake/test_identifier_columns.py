"""Identifier columns: lists, regions, networks and issuers by row, each value as it is read by itself."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from idweave_server.identifiers.columns import read_value
from idweave_server.identifiers.lists import default_lists
from idweave_server.identifiers.reading import Options
from idweave_server.intake.encoded import Encoded
from idweave_server.intake.identifier_columns import exploded, read_identifiers, regions_of
from idweave_server.intake.identifier_table import IdentifierInterner
from idweave_server.model import Refusal
from idweave_server.resolution.policy import default_policy, load_policy

POLICY, LISTS = default_policy(), default_lists()


def column(values: list[str | None]) -> Encoded:
    return Encoded.of([pa.array(values, pa.string())])


@pytest.mark.parametrize(
    ("values", "items"),
    [
        (["a", None, "b"], [(0, "a"), (2, "b")]),
        (['["a", "b"]', "c", '["a"]', None], [(0, "a"), (0, "b"), (1, "c"), (2, "a")]),
        ([' ["a", null, "", " ", 7, {"x": 1}]', "[]"], [(0, "a"), (0, "7"), (0, '{"x":1}')]),
        (["[not json", "[ip]", '{"a": ["b"]}'], [(0, "[not json"), (1, "[ip]"), (2, '{"a": ["b"]}')]),
        ([None, None], []),
    ],
)
def test_lists_stand_for_their_items(values: list[str | None], items: list[tuple[int, str]]) -> None:
    row, given = exploded(column(values))
    assert list(zip(row.tolist(), given.values.take(pa.array(given.code)).to_pylist(), strict=True)) == items


def test_every_value_is_read_with_the_region_network_and_issuer_of_its_row() -> None:
    """Each against `read_value` by itself: whatever is read together must not be mixed up."""
    chance = random.Random(5)
    forms = {
        "phone": ["650-253-0000", " 030 901820", "+16502530000", "12", '["030 901820", "650-253-0000"]'],
        "social": ["@jo", "x:jo", "Jo ", "nowhere:jo"],
        "customer_id": ["12", " 12", "n/a", "13"],
    }
    for name, values in forms.items():
        space = POLICY.namespace(name)
        texts, regions, networks, issuers = (
            [chance.choice([None, *some]) for _ in range(60)]
            for some in (values, ["US", "de ", "Neverland"], ["x", " instagram"], ["a", "b"])
        )
        interner = IdentifierInterner(POLICY)
        told: list[tuple[int, str, int]] = []
        issuer = column(issuers) if space.issued else None

        def refuse(row: np.ndarray, refusal: np.ndarray, given: Encoded, told: list[tuple[int, str, int]] = told) -> None:
            told += [(int(row[at]), given.values[int(given.code[at])].as_py(), int(refusal[at])) for at in np.flatnonzero(refusal)]

        found = read_identifiers(column(texts), space, issuer, column(regions), column(networks), LISTS, interner, refuse)
        table = interner.table()
        values_found = table.value.to_pylist()
        read = {
            (
                int(row),
                None if table.identifiers.issuer[code] < 0 else table.issuers[int(table.identifiers.issuer[code])].as_py(),
                values_found[code],
            )
            for row, code in zip(found.row, found.code, strict=True)
            if code >= 0
        }
        expected, refused = set(), []
        row, given = exploded(column(texts))
        for at, text in zip(row.tolist(), given.values.take(pa.array(given.code)).to_pylist(), strict=True):
            region = {"US": "US", "de ": "DE"}.get(regions[at] or "")
            one = read_value(space.form, text.strip(), Options(LISTS, region, networks[at] and networks[at].strip()))
            reason = one.refusal or (Refusal.ISSUER_MISSING if space.issued and issuers[at] is None else Refusal.NONE)
            if reason:
                refused.append((at, text, int(reason)))
            else:
                expected.add((at, issuers[at] if space.issued else None, one.value))
        assert read == expected
        assert Counter(told) == Counter(refused)
        assert refused
        assert len(interner) == len({one[1:] for one in expected})


def test_one_value_is_one_identifier_across_columns_and_namespaces_are_apart() -> None:
    interner = IdentifierInterner(POLICY)

    def read(name: str, values: list[str | None]) -> list[int]:
        text = column(values)
        none = Encoded.none(len(values))
        space = POLICY.namespace(name)
        return read_identifiers(text, space, None, none, None, LISTS, interner, lambda *_: None).code.tolist()

    first = read("email", ["jo.smith@acme.org", "Kim@acme.org"])
    assert read("email", ["kim@acme.org", "jo.smith@acme.org"]) == first[::-1]
    assert read("wechat_unionid", ["jo.smith@acme.org"]) == [2]
    table = interner.table()
    assert [POLICY.namespaces[n].name for n in table.identifiers.namespace] == ["email", "email", "wechat_unionid"]
    assert all(a < b for a, b in pairwise(sorted(table.identifiers.content[:, 0].tolist())))


def test_regions_are_those_of_the_sources() -> None:
    policy = load_policy('[sources.berlin]\nregion = "DE"\n')
    region = regions_of(policy, column(["berlin", "web", None, "berlin"]))
    assert [None if code < 0 else region.values[int(code)].as_py() for code in region.code] == ["DE", None, None, "DE"]
