"""The policy: documented defaults, merged with what the user states, every mistake named."""

from __future__ import annotations

import math

import pytest
from idweave_server.errors import PolicyError
from idweave_server.model import Party
from idweave_server.resolution.policy import default_policy, load_policy


def test_defaults_are_those_of_the_design() -> None:
    policy = default_policy()
    assert {k.name: k.reliability for k in policy.kinds}["LOGIN"] == 900
    assert (policy.dominance, policy.shared_partners, policy.epoch_gap_days) == (600, 15, 20)
    assert policy.namespace("name+birth_date").standing == "derived"
    with pytest.raises(PolicyError, match="no namespace 'name\\+address'"):
        policy.namespace("name+address")
    with pytest.raises(PolicyError, match="no namespace 'initial\\+birth_date' in the policy; did you mean 'name\\+birth_date'"):
        policy.namespace("initial+birth_date")


def test_derived_identifiers_are_switched_one_by_one() -> None:
    policy = load_policy('[derived]\n"initial+birth_date" = true\n"name+birth_date" = false')
    assert policy.namespace("initial+birth_date").standing == "derived"
    assert not {"name+birth_date", "name+address"} & {n.name for n in policy.namespaces}


def test_a_stated_key_changes_that_one_thing() -> None:
    policy = load_policy("[namespaces.loyalty_id]\nunique = true\n[sources.list]\nparty = 'third'\ntrust = 0.5")
    assert policy.namespace("loyalty_id").unique
    assert policy.namespace("loyalty_id").issued
    assert policy.source("list").party is Party.THIRD
    assert policy.source("anything else").party is Party.FIRST
    kind = [k.name for k in policy.kinds].index("LOGIN")
    assert policy.weight(kind, "list") == 45
    assert policy.cost(kind, "list") == round(-1e6 * math.log(1 - 0.45))
    assert policy.fingerprint != default_policy().fingerprint


def test_order_of_keys_changes_nothing_that_decides() -> None:
    a = load_policy("[evidence]\nAAA = 0.5\nZZZ = 0.6")
    b = load_policy("[evidence]\nZZZ = 0.6\nAAA = 0.5")
    assert (a.kinds, a.namespaces) == (b.kinds, b.namespaces)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[namespace.email]", "no key 'namespace'; did you mean 'namespaces'"),
        ("[namespaces.badge]\nform = 'opaqe'", "namespaces.badge.form: 'opaqe' is none of .* did you mean 'opaque'"),
        ("[namespaces.email]\nttl = 3", "namespaces.email has no key 'ttl'; did you mean 'ttl_days'"),
        ("[namespaces.email]\nttl_days = 0", "namespaces.email.ttl_days: a whole number from 1 to 36500"),
        ("[evidence]\nLOGIN = 1.0", "evidence.LOGIN: a number from 0 to 0.9999"),
        ("[evidence]\nLOGIN = true", "evidence.LOGIN: a number"),
        ("[evidence_order]\nLOGN = { email = 1 }", "evidence_order.LOGN: no such evidence kind; did you mean 'LOGIN'"),
        ("[evidence_order]\nLOGIN = { e_mail = 1 }", "evidence_order.LOGIN.e_mail: no such namespace; did you mean 'email'"),
        ("[sources.crm]\nparty = 'frist'", "did you mean 'first'"),
        ("[sources]\ncrm = 3", "sources.crm: a table is needed"),
        ("[traits.x]\nstated_by = ['nobody']", "traits.x.stated_by: 'nobody' is none of zero, first, second, third"),
        ("[traits.x]\nallowed_file = 'codes.txt'", "read without a folder"),
        ("version = 2", "policy version 2 is not known"),
        ("version = ", "not TOML"),
        ("[names]\ndominance = 2", "names.dominance: a number from 0 to 1"),
        ("[names]\ndominence = 0.5", "names has no key 'dominence'; did you mean 'dominance'"),
    ],
)
def test_mistakes_are_named_with_their_remedy(text: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        load_policy(text)


def test_allowed_values_may_come_from_a_file() -> None:
    policy = load_policy("[traits.postcode]\nallowed_file = 'codes.txt'\nallowed = ['X']", read_list=lambda name: [f"{name}:1", "2"])
    assert policy.trait("postcode").allowed == frozenset({"X", "codes.txt:1", "2"})
