"""Keys of nodes: as identifiers are written everywhere, and back."""

from __future__ import annotations

import uuid

import numpy as np
import pyarrow as pa
from idweave_server.engine.profile_store import uuid_text, uuid_texts
from idweave_server.identifiers.notation import format_identifier
from idweave_server.projection.keys import codes_of_keys, identifier_keys, uuid_words
from idweave_server.resolution.policy import load_policy

from tests.engine.living import Living
from tests.resolution.worlds import START, Seen, World

KEYS = [
    ("email", "", "jo@example.org"),
    ("customer_id", "shop", "1234"),
    ("customer_id", "my: 100% shop@home", "12:34"),
    ("customer_id", "%3A", "1"),
    ("customer_id", "", "without an issuer"),
    ("social", "", "x:小明"),
    ("name+birth_date", "", "jo 1985-03-04"),
    ("Ödd: na@me", "a@b", "v:1@2"),
]
POLICY = load_policy('[namespaces."Ödd: na@me"]\nissued = true\n')


def living() -> Living:
    found = Living.begin(POLICY, World(()))
    found.observe(tuple(Seen(f"o{n}", START, "web", "LOGIN", (key,)) for n, key in enumerate(KEYS)), START)
    return found


def test_keys_are_the_notation_and_lead_back() -> None:
    known = living()
    codes = known.codes(KEYS)
    keys = identifier_keys(known.engine, codes)
    assert keys.to_pylist()[:-1] == [format_identifier(*key) for key in KEYS[:-1]]
    assert codes_of_keys(known.engine, keys).tolist() == codes.tolist()
    assert codes_of_keys(known.engine, keys.slice(2, 3)).tolist() == codes[2:5].tolist()
    assert identifier_keys(known.engine, codes[:0]).to_pylist() == []


def test_what_is_no_key_leads_nowhere() -> None:
    texts = pa.array(["", ":", "email", "email:", ":x", "email:nobody@example.org", "customer_id@:1", "nothing:1", "email:jo@example.org"])
    known = living()
    assert codes_of_keys(known.engine, texts).tolist() == [-1] * 8 + known.codes(KEYS[:1]).tolist()


def test_ids_of_profiles_as_text_and_back() -> None:
    words = np.array([[0, 0], [2**64 - 1, 1], [0x0123456789ABCDEF, 0x8000000000000000]], np.uint64)
    texts = uuid_texts(words)
    assert texts.to_pylist() == [uuid_text(*(int(word) for word in pair)) for pair in words]
    assert str(uuid.UUID(texts[2].as_py())) == texts[2].as_py()
    again, good = uuid_words(pa.array([*texts.to_pylist(), "", None, "nobody", texts[1].as_py().upper()], pa.string()))
    assert good.tolist() == [True, True, True, False, False, False, False]
    assert (again[:3] == words).all()
    assert len(uuid_texts(words[:0])) == 0
