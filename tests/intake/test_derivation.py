"""Identifiers formed from traits, in a whole run: which reports meet that share no address, and which must not."""

from __future__ import annotations

from pathlib import Path

import pytest
from idweave_server.batch.mapping import load_mapping
from idweave_server.resolution.policy import load_policy

from tests.cli.running import Results, resolve

EXAMPLE = Path(__file__).parents[2] / "examples" / "senzing"
MAPPING = """\
[observation]
id = "id"
time = { value = "2024-01-01" }
source = { field = "list" }
evidence = { value = "LIST" }
[identifiers]
customer_id = "id"
passport = "passport"
[traits]
first_name = "first"
last_name = "last"
full_name = "full"
birth_date = { field = "born", format = "iso" }
street = "street"
postcode = "postcode"
"""
PASSPORT = "[namespaces.passport]\nform = '{form}'\n"
INITIAL = PASSPORT.format(form="document") + '[derived]\n"initial+birth_date" = true\n'


def people(folder: Path, rows: list[dict[str, str]], policy: str) -> set[frozenset[str]]:
    return results(folder, rows, policy).people


def results(folder: Path, rows: list[dict[str, str]], policy: str) -> Results:
    fields = ("id", "list", "passport", "first", "last", "full", "born", "street", "postcode")
    (folder / "policy.toml").write_text(policy, "utf-8")
    complete = [dict.fromkeys(fields) | {"list": "a"} | row for row in rows]
    return resolve(folder, {"rows.jsonl": complete}, "--policy", "policy.toml", mapping=MAPPING)


def test_forms_of_a_name_meet_by_the_initial(tmp_path: Path) -> None:
    """Eddie could be an Edgar and Susanne is in no table of nicknames; `name+birth_date` keeps them apart, as it does J. and Jane."""
    rows = [
        {"id": "1", "first": "Edward", "last": "Kusha", "born": "1970-03-01"},
        {"id": "2", "first": "Eddie", "last": "Kusha", "born": "1970-03-01"},
        {"id": "3", "first": "Susan", "last": "Mooney", "born": "1998-06-15"},
        {"id": "4", "first": "Susanne", "last": "Mooney", "born": "1998-06-15"},
        {"id": "5", "first": "Jane", "last": "Muir", "born": "1999-12-10"},
        {"id": "6", "first": "J.", "last": "Muir", "born": "1999-12-10"},
    ]
    assert people(tmp_path, rows, INITIAL) == {frozenset("12"), frozenset("34"), frozenset("56")}
    assert people(tmp_path, rows, PASSPORT.format(form="document")) == {frozenset(one["id"]) for one in rows}


def test_twins_with_one_initial_stay_apart(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "first": "Mark", "last": "Kusha", "born": "1997-09-28"},
        {"id": "2", "first": "Marsha", "last": "Kusha", "born": "1997-09-28"},
    ]
    assert people(tmp_path, rows, INITIAL) == {frozenset("1"), frozenset("2")}


def test_a_name_of_unclear_order_meets_either_reading(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "full": "Wang Jie", "born": "1993-09-14"},
        {"id": "2", "first": "Jie", "last": "Wang", "born": "1993-09-14"},
        {"id": "3", "full": "Wang Jie", "born": "1994-09-14"},
    ]
    assert people(tmp_path, rows, PASSPORT.format(form="document")) == {frozenset("12"), frozenset("3")}


def test_both_readings_do_not_make_one_of_two_people(tmp_path: Path) -> None:
    """Jie Wang and Wang Jie are two people; a report that could be of either goes to one of them."""
    rows = [
        {"id": "1", "full": "Wang Jie", "born": "1993-09-14"},
        {"id": "2", "first": "Jie", "last": "Wang", "born": "1993-09-14"},
        {"id": "3", "first": "Wang", "last": "Jie", "born": "1993-09-14"},
    ]
    found = results(tmp_path, rows, PASSPORT.format(form="document")).profile_of
    assert found["2"] != found["3"]


def test_names_in_parts_beat_a_whole_one(tmp_path: Path) -> None:
    """A row that says which is which has no second reading."""
    rows = [{"id": "1", "full": "Wang Jie", "first": "Jie", "last": "Wang", "born": "1993-09-14"}]
    run = results(tmp_path, rows, PASSPORT.format(form="document"))
    assert [one["value"] for one in run.rows("identifiers") if one["namespace"] == "name+birth_date"] == ["jie wang 1993-09-14"]


def test_both_readings_with_an_address(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "full": "Wang Jie", "street": "384 Poplar Lane", "postcode": "55558"},
        {"id": "2", "first": "Jie", "last": "Wang", "street": "384 Poplar Ln", "postcode": "55558"},
    ]
    assert people(tmp_path, rows, PASSPORT.format(form="document") + '[derived]\n"name+address" = true\n') == {frozenset("12")}


@pytest.mark.parametrize(("form", "together"), [("document", True), ("opaque", False)])
def test_a_document_number_however_it_is_grouped(tmp_path: Path, form: str, together: bool) -> None:
    """One list has 521-21-2123, another 521212123."""
    rows = [{"id": "1", "passport": "521-21-2123"}, {"id": "2", "passport": "521212123"}]
    assert (len(people(tmp_path, rows, PASSPORT.format(form=form))) == 1) is together


def test_the_example_of_the_truth_set_can_be_read() -> None:
    """Its data are not bundled; what can rot here are the mapping and the policy."""
    policy = load_policy((EXAMPLE / "policy.toml").read_text("utf-8"))
    mapped = load_mapping((EXAMPLE / "mapping.toml").read_text("utf-8"), "mapping.toml")
    assert len(mapped) == 3
    for mapping in mapped:
        for identifier in mapping.identifiers:
            assert identifier.namespace is not None
            assert policy.namespace(identifier.namespace).links
