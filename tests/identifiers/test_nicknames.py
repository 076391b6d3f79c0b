"""The vendored nicknames against the package they come from, and the identifiers formed with them."""

from __future__ import annotations

import random
import re
from importlib import metadata, resources

import nicknames as package
import numpy as np
import pyarrow as pa
import pytest
from idweave_server.identifiers import refresh_nicknames
from idweave_server.identifiers.derived import derived_initial_birth, derived_name_address, derived_name_birth
from idweave_server.identifiers.nicknames import canonical_names, families, nicknames

# Full names with the same short forms that are alike; a sample.
SPELLINGS = [
    ("geoffrey", "jeffrey"),
    ("christina", "christine"),
    ("caitlin", "caitlyn"),
    ("philip", "phillip"),
    ("kristofer", "kristopher"),
]


def test_the_vendored_table_is_what_its_header_says() -> None:
    text = resources.files("idweave_server.identifiers").joinpath("data/nicknames.txt").read_text("utf-8")
    header = [line for line in text.splitlines() if line.startswith("#")]
    version = metadata.version("nicknames")
    if f"{refresh_nicknames.PACKAGE} {version} " not in header[1]:
        pytest.skip(f"another release of the package is installed ({version})")
    assert refresh_nicknames.vendored(header[3].removeprefix("# date: ")) == text


def reference_family(name: str, table: package.NickNamer) -> set[str]:
    """The families that the package gives a name and those that differ from it in the ending alone."""
    stem = re.fullmatch("([a-z]{3,}?)(?:ie|ey|y)", name)
    spellings = [name, *(stem[1] + ending for ending in ("ie", "ey", "y") if stem and table.canonicals_of(stem[1] + ending))]
    found = set[str]()
    for spelling in spellings if table.canonicals_of(name) else [name]:
        found |= table.canonicals_of(spelling) | ({spelling} if table.nicknames_of(spelling) else set())
    return found | {name}


def test_two_names_share_a_family_where_the_package_says_so() -> None:
    table = package.NickNamer()
    names = random.Random(1).sample([name for name in nicknames().names.to_pylist() if name not in ("kc", "lb", "lr")], 250)
    expected = {name: reference_family(name, table) for name in names}
    found = {name: families(name) for name in names}
    for a in names:
        for b in names:
            alike = len(table.nicknames_of(a)) > 1 and table.nicknames_of(a) == table.nicknames_of(b)
            assert alike or bool(found[a] & found[b]) == bool(expected[a] & expected[b]), (a, b)
    assert families("zorgbald") == frozenset()
    assert families("kc") & families("casey")  # written k.c. in the package


@pytest.mark.parametrize(
    ("name", "other"),
    [("robbie", "robert"), ("bobbie", "robert"), ("mickey", "michael"), ("eddy", "edward"), ("vicky", "victoria"), *SPELLINGS],
)
def test_spellings_that_the_package_does_not_list(name: str, other: str) -> None:
    """Robbie is only a Roberta there, Robby a Robert; Geoffrey and Jeffrey have nothing in common."""
    assert families(name) & families(other)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("edgar", "edmond"),  # both Ed, Eddie, Eddy
        ("kenneth", "kent"),  # both Ken, Kenny
        ("donald", "donovan"),
        ("alan", "aldo"),  # both Al and nothing else
        ("paul", "pauline"),  # both Polly and nothing else
        ("joey", "joy"),
        ("zorgby", "zorgbie"),
    ],
)
def test_names_that_only_look_like_spellings(name: str, other: str) -> None:
    assert not families(name) & families(other)


def test_canonical_names_of_a_column_are_those_of_its_values() -> None:
    """A short column is looked up name by name."""
    names = [*nicknames().names.to_pylist(), None, "nobody", "ed", "al"]
    whole = canonical_names(pa.array(names)).to_pylist()
    assert whole == [one for name in names for one in canonical_names(pa.array([name], pa.string())).to_pylist()]
    assert whole[-4:] == [None, "nobody", "ed", "al"]


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


def test_the_derived_identifier_of_an_initial() -> None:
    """Susanne, Susan and S. meet, which says nothing yet: Steven has the same, and his name keeps him apart."""
    firsts = pa.array(["susanne", "susan", "s", "steven", "marie", "", None, "ann", "ann"])
    lasts = pa.array(["mooney", "mooney", "mooney", "mooney", "kusha", "neal", "neal", None, "neal"])
    births = np.array([19980615] * 8 + [-1], np.int32)
    assert derived_initial_birth(firsts, lasts, births).to_pylist() == [
        *["s mooney 1998-06-15"] * 4,
        "m kusha 1998-06-15",
        *[None] * 4,
    ]
