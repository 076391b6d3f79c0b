"""Identifiers of a request are read as those of observations are, one by one and by the column alike."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.errors import RequestError
from idweave_server.identifiers.lists import default_lists
from idweave_server.intake.identifier_table import IdentifierInterner
from idweave_server.model import Flag, Refusal
from idweave_server.operations.identifier_reader import COLUMNS_FROM, IdentifierReader, Named
from idweave_server.resolution.policy import default_policy, load_policy

READER = IdentifierReader(default_policy(), default_lists())
SPACES = [n.name for n in default_policy().namespaces]


@pytest.mark.parametrize(
    ("given", "value", "flags"),
    [
        (("email", "", " Jo.Smith+news@GoogleMail.com "), "josmith@gmail.com", 0),
        (("email", "", "info@shop.de"), "info@shop.de", Flag.ROLE),
        (("phone", "", "+1 (415) 847-5309"), "+14158475309", 0),
        (("device", "", "4A6B0A43-3AD0-4D0E-9B5E-1C47B9C4F7AA"), "4a6b0a43-3ad0-4d0e-9b5e-1c47b9c4f7aa", 0),
        (("customer_id", " shop ", "A-1"), "A-1", 0),
        (("ip", "", "10.0.0.1"), "10.0.0.1", Flag.PRIVATE),
    ],
)
def test_what_can_be_read_is_canonical_and_hashed_as_intake_does(given: Named, value: str, flags: int) -> None:
    found = READER.read(*given)
    assert (found.refusal, found.value, found.flags) == (Refusal.NONE, value, flags)
    assert found.issuer == given[1].strip()
    interner = IdentifierInterner(default_policy())
    issuers = pa.array([found.issuer]) if found.issuer else None
    interner.intern(given[0], pa.array([value]), np.zeros(1, np.uint8), issuers)
    assert (found.high, found.low) == tuple(interner.content[0].tolist())
    assert found.context == (given[0] == "ip")


@pytest.mark.parametrize(
    ("given", "field", "reason"),
    [
        (("fax", "", "123"), "namespace", Refusal.NAMESPACE_UNKNOWN),
        (("name+birth_date", "", "kelly neal 1985-03-04"), "namespace", Refusal.NAMESPACE_UNKNOWN),  # derived
        (("customer_id", "", "1234"), "issuer", Refusal.ISSUER_MISSING),
        (("customer_id", "  ", "1234"), "issuer", Refusal.ISSUER_MISSING),
        (("customer_id", "a\x00b", "1234"), "issuer", Refusal.ISSUER_SYNTAX),
        (("email", "shop", "jo@shop.de"), "issuer", Refusal.ISSUER_SYNTAX),  # e-mails have none
        (("email", "", "not an address"), "value", Refusal.EMAIL_SYNTAX),
        (("email", "", ""), "value", Refusal.PLACEHOLDER),
        (("phone", "", "867-5309"), "value", Refusal.PHONE_REGION_UNKNOWN),
        (("cookie", "", "x" * 1025), "value", Refusal.TOO_LONG),
        (("cookie", "", "a\ud800b"), "value", Refusal.BAD_ENCODING),
    ],
)
def test_what_cannot_be_read_says_which_field_and_why(given: Named, field: str, reason: Refusal) -> None:
    found = READER.read(*given)
    assert (found.refusal, found.field) == (reason, field)
    assert found.value == given[2], "as it was given"
    assert found.message


def test_a_namespace_nearly_right_gets_a_hint() -> None:
    assert "'email'" in READER.read("emial", "", "jo@shop.de").message


def test_national_numbers_are_read_in_the_region_of_the_source_defaults() -> None:
    policy = load_policy('[source_defaults]\nregion = "US"')
    assert IdentifierReader(policy, default_lists()).read("phone", "", "(415) 847-5309").value == "+14158475309"


def test_an_unusable_identifier_is_an_error_that_names_the_field_and_shows_no_value() -> None:
    with pytest.raises(RequestError) as caught:
        READER.usable(("email", "", "secret person"), "left")
    assert caught.value.violations[0][0] == "left.value"
    assert "secret" not in str(caught.value)


def test_no_value_is_in_a_repr() -> None:
    assert "josmith" not in repr(READER.read("email", "", "josmith@gmail.com"))


TEXTS = st.text(max_size=40) | st.sampled_from(
    ["jo@shop.de", "Jo.S@gmail.com", "+14158675309", "0049 30 901820", "10.0.0.1", "2a00::1", "x:jo", "@jo", "n/a", "000", "a@a.com"]
)
NAMED = st.tuples(st.sampled_from([*SPACES, "fax"]), st.sampled_from(["", "", "shop", " shop "]), TEXTS)


@settings(deadline=None, max_examples=40)
@given(st.lists(NAMED, min_size=1, max_size=30))
def test_by_the_column_everything_reads_as_it_does_alone(identifiers: list[Named]) -> None:
    many = [*identifiers, *identifiers, *((space, "shop", f"{k}@shop.de") for space in SPACES for k in range(COLUMNS_FROM))]
    assert READER.read_all(many) == [READER.read(*named) for named in many]
