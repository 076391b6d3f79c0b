"""The policy's types of events and money: documented defaults, mistakes named, and stores made before there were any."""

from __future__ import annotations

import pytest
from idweave_server.errors import PolicyError
from idweave_server.model import EventRole
from idweave_server.resolution.policy import default_policy, default_text, load_policy


def test_a_source_s_word_means_a_type_and_an_unknown_one_itself() -> None:
    policy = load_policy('[events]\ntill_sale = { role = "order", aliases = ["sale"] }\nsearched = { aliases = ["find"] }')
    assert policy.event_type("sale").name == "till_sale"
    assert policy.event_type("sale").role is EventRole.ORDER
    assert policy.event_type("order").name == "order_placed"
    assert (policy.event_type("find").name, policy.event_type("find").role) == ("searched", EventRole.SEARCH)
    assert policy.event_type("search").name == "search", "aliases of one's own replace the defaults"
    assert (policy.event_type("danced").name, policy.event_type("danced").role) == ("danced", EventRole.NONE)


def test_rates_are_exact_to_six_decimals() -> None:
    money = load_policy('[money]\ncurrency = "EUR"\nmargin = 0.35\n[money.rates]\nUSD = 0.923456\nJPY = 0.0061\nGBP = 2').money
    assert money.rates == {"EUR": 1_000_000, "GBP": 2_000_000, "JPY": 6_100, "USD": 923_456}
    assert (money.currency, money.margin) == ("EUR", 350)
    assert default_policy().money.rates == {"USD": 1_000_000}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[events.x]\nrole = 'ordr'", "events.x.role: 'ordr' is none of .* did you mean 'order'"),
        ("[events.x]\naliases = ['order']", r"'order' means '(order_placed|x)' already; give the word to one type alone"),
        ("[events.x]\naliases = ['searched']", "events.x.aliases: 'searched' means 'searched' already"),
        ("[events]\nsearch = {}", "events.searched.aliases: 'search' means 'search' already"),
        ("[events]\npurchase = {}", "events.purchase: 'purchase' stands for orders .* order_placed"),
        ("[events.x]\naliases = ['purchase']", "events.x: 'purchase' stands for orders"),
        ("[events.x]\naliases = 'y'", "events.x.aliases: a list of texts is needed, not 'y'"),
        ("[events.x]\nalias = ['y']", "events.x has no key 'alias'; did you mean 'aliases'"),
        ("[money]\ncurrency = 'usd'", "money.currency: a currency is three capital letters"),
        ("[money]\ncurrency = 'XXX'", "money.currency: a currency is three capital letters"),
        ("[money]\nmargin = 2", "money.margin: a number from 0 to 1"),
        ("[money.rates]\neur = 1", "money.rates.eur: a currency is three capital letters"),
        ("[money.rates]\nEUR = 0", "money.rates.EUR: a number above 0"),
        ("[money.rates]\nEUR = 1.0000001", "money.rates.EUR: a rate has at most six decimals"),
        ("[money.rates]\nUSD = 1.1", "money.rates.USD: one USD is one USD"),
        ("[money]\nrate = 1", "money has no key 'rate'; did you mean 'rates'"),
    ],
)
def test_mistakes_are_named_with_their_remedy(text: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        load_policy(text)


def test_a_store_made_before_there_were_types_has_those_of_this_release() -> None:
    older = default_text().split("# ---------------------------------------------------------------- events")[0]
    assert "[events]" not in older
    assert "[money" not in older
    policy = load_policy("[shared]\npartners = 4", defaults=older)
    assert (policy.events, policy.money) == (default_policy().events, default_policy().money)
    assert policy.fingerprint != load_policy("[shared]\npartners = 4").fingerprint, "the store's own rules decide who is who"
    stated = load_policy("[events]\nx = {}\n[money.rates]\nEUR = 1.5", defaults=older)
    assert stated.events.keys() == {*default_policy().events, "x"}
    assert stated.money.rates["EUR"] == 1_500_000
