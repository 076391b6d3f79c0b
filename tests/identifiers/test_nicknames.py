"""The vendored nicknames against the package they come from, and the identifiers formed with them."""

from __future__ import annotations

import random
from importlib import metadata, resources

import nicknames as package
import numpy as np
import pyarrow as pa
import pytest

from idweave_server.identifiers import refresh_nicknames
from idweave_server.identifiers.derived import derived_name_address, derived_name_birth
from idweave_server.identifiers.nicknames import families, nicknames


def test_the_vendored_table_is_what_its_header_says() -> None:
    text = resources.files("idweave_server.identifiers").joinpath("data/nicknames.txt").read_text("utf-8")
    header = [line for line in text.splitlines() if line.startswith("#")]
    version = metadata.version("nicknames")
    if f"{refresh_nicknames.PACKAGE} {version} " not in header[1]:
        pytest.skip(f"another release of the package is installed ({version})")
    assert refresh_nicknames.vendored(header[3].removeprefix("# date: ")) == text


def reference_family(name: str, table: package.NickNamer) -> set[str]:
    canonicals = table.canonicals_of(name)
    return {name} | canonicals | ({name} if table.nicknames_of(name) else set())


def test_two_names_share_a_family_where_the_package_says_so() -> None:
    table = package.NickNamer()
    names = random.Random(1).sample([name for name in nicknames().names.to_pylist() if name not in ("kc", "lb", "lr")], 250)
    expected = {name: reference_family(name, table) for name in names}
    found = {name: families(name) for name in names}
    for a in names:
        for b in names:
            assert a == b or bool(found[a] & found[b]) == bool(expected[a] & expected[b]), (a, b)
    assert families("zorgbald") == frozenset()
    assert families("kc") & families("casey")  # written k.c. in the package


def test_the_derived_identifier() -> None:
    firsts = pa.array(["gabe", "gabriel", "al", "jean luc", "k", None, "kelly", "kelly"])
    lasts = pa.array(["smith", "smith", "neal", "de la cruz", "neal", "neal", None, "neal"])
    births = np.array([19850304, 19850304, 19850304, 19850304, 19850304, 19850304, 19850304, -1], np.int32)
    assert derived_name_birth(firsts, lasts, births).to_pylist() == [
        "gabriel smith 1985-03-04",
        "gabriel smith 1985-03-04",
        "al neal 1985-03-04",  # Albert, Alan, ...: no single canonical name
        "jean luc de la cruz 1985-03-04",
        None,
        None,
        None,
        None,
    ]
    keys = pa.array(["384 poplar ln, 55558", None])
    assert derived_name_address(pa.array(["gabe", "gabe"]), pa.array(["neal", "neal"]), keys).to_pylist() == [
        "gabriel neal, 384 poplar ln, 55558",
        None,
    ]
