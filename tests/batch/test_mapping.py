"""Mapping files: what they say is read as meant, and every mistake is answered with what to write instead."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from idweave_server.batch.files import FileOptions
from idweave_server.batch.mapping import assign_mappings, choose_mapping, load_mapping
from idweave_server.batch.mapping_model import Mapping
from idweave_server.errors import IdweaveError, MappingError
from idweave_server.model import Verdict

FULL = """
[file]
format = "csv"
delimiter = "tab"
encoding = "gb18030"
header = ["a", "b"]

[observation]
id = "obs_id"
time = { field = "ts", format = "unix", default = 2024-01-31, timezone = "Europe/Paris" }
source = { field = "source", default = "web" }
evidence = { field = "event", map = { login = "LOGIN" }, default = "OTHER" }

[identifiers]
email = ["email", { field = "email_2", optional = true }]
phone = { fields = ["home", "work"], region = "US" }
social = { field = "handle", network = { field = "site" } }
customer_id = { field = "customer", issuer = { value = "shop" } }

[traits]
first_name = "first"
birth_date = { field = "dob", format = "%d/%m/%Y" }

[events]
type = { field = "event" }

[assertions]
same = [{ when = { event = "same", by = 7 }, left = "a", right = { namespace = "email", field = "b" }, time = "said_at" }]
shared = { when = { event = "shared" }, identifier = "a" }

[erasures]
when = { event = "delete" }
identifiers = ["ids", { namespace = "phone", field = "p", region = "DE" }]
until = { field = "until", format = "iso" }
"""
HEAD = '[observation]\ntime = "ts"\nsource = { value = "crm" }\n'
LEAST = HEAD + '[identifiers]\nemail = "email"\n'


def load(text: str) -> Mapping:
    (mapping,) = load_mapping(text, "map.toml")
    return mapping


def test_everything_that_a_mapping_can_say() -> None:
    mapping = load(FULL)
    assert mapping.options == FileOptions("csv", "\t", "gb18030", None, ("a", "b"))
    assert mapping.id is not None
    assert mapping.id.field == "obs_id"
    assert (mapping.time.value.field, mapping.time.format, mapping.time.timezone) == ("ts", "unix", "Europe/Paris")
    assert mapping.time.value.default == "2024-01-31"
    assert (mapping.source.field, mapping.source.default) == ("source", "web")
    assert (mapping.evidence.words, mapping.evidence.value.default) == ({"login": "LOGIN"}, "OTHER")
    assert [(one.namespace, one.value.field, one.value.optional) for one in mapping.identifiers] == [
        ("email", "email", False),
        ("email", "email_2", True),
        ("phone", "home", False),
        ("phone", "work", False),
        ("social", "handle", False),
        ("customer_id", "customer", False),
    ]
    phone, social, customer = mapping.identifiers[3:]
    assert phone.region is not None
    assert phone.region.constant == "US"
    assert social.network is not None
    assert social.network.field == "site"
    assert customer.issuer is not None
    assert customer.issuer.constant == "shop"
    assert [(trait.name, trait.value.field, trait.format) for trait in mapping.traits] == [
        ("first_name", "first", None),
        ("birth_date", "dob", "%d/%m/%Y"),
    ]
    assert mapping.events["type"].field == "event"


def test_verdicts_and_erasures() -> None:
    mapping = load(FULL)
    same, shared = mapping.verdicts
    assert (same.verdict, shared.verdict) == (Verdict.SAME, Verdict.SHARED)
    assert [(value.field, wanted) for value, wanted in same.when] == [("event", "same"), ("by", "7")]
    assert (same.left.namespace, same.left.value.field) == (None, "a")
    assert same.right is not None
    assert (same.right.namespace, same.right.value.field) == ("email", "b")
    assert same.time is not None
    assert shared.right is None
    assert shared.time is None
    (erasure,) = mapping.erasures
    assert [(one.namespace, one.value.field) for one in erasure.identifiers] == [(None, "ids"), ("phone", "p")]
    assert erasure.until is not None
    assert erasure.until.format == "iso"


def test_the_columns_that_a_file_must_have_each_with_the_key_that_asks() -> None:
    columns = {column.field: column for column in load(FULL).columns}
    assert list(columns)[:4] == ["obs_id", "ts", "source", "event"]
    assert columns["email_2"].optional
    assert columns["home"].key == "identifiers.phone"
    assert columns["site"].key == "identifiers.social.network"
    assert columns["a"].sparse
    assert columns["by"].key == "assertions.same[1].when.by"
    assert not columns["event"].sparse, "the evidence needs it in every file, the verdicts do not"


def test_the_least_mapping_and_its_defaults() -> None:
    mapping = load(LEAST)
    assert (mapping.id, mapping.time.format, mapping.time.timezone) == (None, "infer", "UTC")
    assert (mapping.evidence.value.constant, mapping.evidence.words) == ("OTHER", None)
    assert [column.field for column in mapping.columns] == ["ts", "email"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[observation\n", "is not TOML"),
        ("", "observation: is missing; add"),
        ("[observation]\nsource = 'x'\n", "observation.time: is missing; write the column"),
        ("[observation]\ntime = 't'\n", "observation.source: is missing"),
        (HEAD, "identifiers: is missing"),
        (LEAST + "[trait]\nx = 'y'\n", "trait means nothing here; did you mean 'traits'"),
        (LEAST.replace("time =", "tim ="), "observation.tim means nothing here; did you mean 'time'"),
        (LEAST.replace('"ts"', "5"), "observation.time: 5 cannot stand here; write the column"),
        (LEAST.replace('"ts"', '{ feild = "ts" }'), "observation.time.feild means nothing here; did you mean 'field'"),
        (LEAST.replace('"ts"', '{ field = "ts", value = "x" }'), "has both a field and a value"),
        (LEAST.replace('"ts"', '{ format = "unix" }'), "needs one of field and value"),
        (LEAST.replace('"ts"', '{ field = "ts", format = "unx" }'), "'unx' is not a format; did you mean 'unix'"),
        (LEAST.replace('"ts"', '{ field = "ts", format = "%Y-%Q" }'), "observation.time.format: '%Y-%Q' is not a date pattern"),
        (LEAST.replace('"ts"', '{ field = "ts", timezone = "Europe/Pariss" }'), "did you mean 'Europe/Paris'"),
        (LEAST + "[traits]\ndob = { field = 'd', format = 'unix' }\n", "traits.dob.format: 'unix' is not a format"),
        (LEAST.replace('"email"', '""'), "identifiers.email: '' cannot stand here"),
        (LEAST.replace('"email"', "[1]"), r"identifiers.email\[1\]: 1 cannot stand here"),
        (LEAST.replace('"email"', '{ fields = "x" }'), "identifiers.email.fields: 'x' cannot stand here; write the names"),
        (LEAST.replace('"email"', '{ field = "x", regio = "US" }'), "identifiers.email.regio means nothing here; did you mean 'region'"),
        (LEAST.replace('"email"', "{ region = 'US' }"), "needs either field or fields"),
        (LEAST + "[assertions]\nsame = { left = 'a', right = 'b' }\n", "assertions.same.when: is missing, so every row would be meant"),
        (LEAST + "[assertions]\nsame = { when = { e = 'x' }, left = 'a' }\n", "assertions.same.right: is missing"),
        (LEAST + "[assertions]\nsam = {}\n", "did you mean 'same'"),
        (
            LEAST + "[assertions]\nsame = { when = { e = { f = 'x' } }, left = 'a', right = 'b' }\n",
            "assertions.same.when.e: .* cannot stand here",
        ),
        (LEAST + "[erasures]\nwhen = { e = 'x' }\n", "erasures.identifiers: is missing"),
        (LEAST + "[file]\nformat = 'parket'\n", "'parket' is not known; did you mean 'parquet'"),
        (LEAST + "[file]\ndelimiter = ';;'\n", "file.delimiter: ';;' cannot delimit"),
        (LEAST + "[file]\nencoding = 'utf9'\n", "file.encoding: 'utf9' is not a text encoding; did you mean"),
        (LEAST + "[file]\nencoding = 'base64'\n", "'base64' is not a text encoding"),
        (LEAST + "[file]\nheader = 3\n", "file.header: 3 cannot stand here; write true, false"),
        (LEAST + "[file]\nheader = ['a', 'a']\n", "every column's name once"),
        ("[[files]]\n" + LEAST.replace("[", "[files."), "names no files; add pattern"),
        (LEAST + "[[files]]\npattern = '*'\n", "observation means nothing here. Known: files"),
        (
            HEAD + "[observation.evidence]\nfield = 'e'\nmap = { login = 5 }\n[identifiers]\nemail = 'e'\n",
            "observation.evidence.map.login: 5 cannot",
        ),
    ],
)
def test_a_mistake_is_answered_with_the_key_and_the_remedy(text: str, message: str) -> None:
    with pytest.raises(MappingError, match=message) as caught:
        load_mapping(text, "map.toml")
    assert str(caught.value).startswith("map.toml")


def patterned(*patterns: str) -> tuple[Mapping, ...]:
    sections = [f"[[files]]\npattern = '{pattern}'\n" + LEAST.replace("[", "[files.") for pattern in patterns]
    return load_mapping("".join(sections), "map.toml")


def test_a_file_takes_the_first_mapping_whose_pattern_fits() -> None:
    mappings = patterned("crm_*.csv", "web/*.jsonl", "*.csv")
    assert choose_mapping(mappings, "in/crm_1.csv") is mappings[0]
    assert choose_mapping(mappings, "web/a.jsonl") is mappings[1]
    assert choose_mapping(mappings, "x.csv") is mappings[2]
    with pytest.raises(MappingError, match=r"no mapping is for CRM.parquet: the patterns are crm_\*\.csv \(map\.toml\), "):
        choose_mapping(mappings, "CRM.parquet")


def test_one_mapping_for_all_files_or_one_for_each() -> None:
    first, second = load_mapping(LEAST, "a.toml"), load_mapping(LEAST, "b.toml")
    assert assign_mappings([first], ["x.csv", "y.csv"]) == (first[0], first[0])
    assert assign_mappings([first, second], ["x.csv", "y.csv"]) == (first[0], second[0])
    with pytest.raises(MappingError, match="3 files and 2 mappings: give one --mapping"):
        assign_mappings([first, second], ["x", "y", "z"])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.sampled_from(FULL.split()), st.text(max_size=12))
def test_no_text_in_place_of_another_raises_anything_but_our_errors(word: str, instead: str) -> None:
    with suppress(IdweaveError):
        load_mapping(FULL.replace(word, instead), "map.toml")


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.sampled_from(["5", "true", "[]", "{}", "[[1]]", "1.5", "2024-01-01", "{ field = 1 }", '{ value = "x" }', '["x", {}]', '"x"', '""']),
    st.data(),
)
def test_no_value_in_place_of_another_raises_anything_but_our_errors(value: str, data: st.DataObject) -> None:
    lines = FULL.splitlines()
    at = data.draw(st.sampled_from([number for number, line in enumerate(lines) if " = " in line]))
    lines[at] = lines[at].partition(" = ")[0] + " = " + value
    with suppress(IdweaveError):
        load_mapping("\n".join(lines), "map.toml")
