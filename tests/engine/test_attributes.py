"""Computed attributes by hand, through observations as they come in."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from idweave_server.engine.attribute_values import attributes_of
from idweave_server.engine.engine import Engine
from idweave_server.engine.ranking import rfm_values
from idweave_server.engine.subjects import gather
from idweave_server.engine.words import StoreWords
from idweave_server.intake.reports import Report, ReportedEvent, Scalar
from idweave_server.model import DAY, Verdict
from idweave_server.resolution.policy import load_policy
from idweave_server.segments.attributes import fields_of
from idweave_server.segments.expression import Money
from idweave_server.segments.rfm import rfm_cuts
from idweave_server.segments.subjects import FOREVER, NO_VALUE, STANDS, Needs

from tests.engine.living import Living, contents
from tests.engine.shop import POLICY, report
from tests.resolution.worlds import START, Said, World

JO, ALEX = ("email", "", "jo@postbus.org"), ("email", "", "alex@postbus.org")
COUNT = itertools.count()
NOW = START + 100 * DAY


def event(kind: str, price: int | None = None, unit: str = "EUR", **said: Scalar) -> ReportedEvent:
    return ReportedEvent(kind, price or 0, 0, unit if price is not None else "", tuple(said.items()))


def seen(day: float, *events: ReportedEvent, who: tuple[str, str, str] = JO, source: str = "web", **traits: Scalar) -> Report:
    return Report(f"n{next(COUNT)}", source, START + int(day * DAY), "ORDER", (who,), tuple(traits.items()), events)


def living(*reports: Report, text: str = POLICY) -> Living:
    found = Living.begin(load_policy(text), World(()))
    report(found, list(reports), NOW)
    return found


def slot_of(engine: Engine, who: tuple[str, str, str] = JO) -> int:
    return engine.standing(int(engine.find(contents([who]))[0])).slot


def shown(found: Living, who: tuple[str, str, str] = JO, now: int = NOW) -> dict[str, Any]:
    return {a.name: a.value for a in attributes_of(found.engine.state, slot_of(found.engine, who), now)}


def micros(amount: float, currency: str = "USD") -> Money:
    return Money(currency, round(amount * 1_000_000))


def test_purchases_are_summed_in_the_policy_s_currency() -> None:
    found = shown(living(seen(0, event("order_placed", 100)), seen(10, event("order", 20, "USD")), seen(31, event("till_sale", 3, "USD"))))
    assert found["purchase_count"] == 3
    assert found["spend_total"] == micros(131)
    assert found["spend_average"] == Money("USD", 43_666_667)
    assert found["lifetime_value"] == micros(45.85)
    assert (found["first_purchase_time"], found["last_purchase_time"]) == (START, START + 31 * DAY)
    assert found["days_since_last_purchase"] == 69
    assert found["typical_days_between_purchases"] == 15.5
    assert found["next_purchase_expected"] == START + 31 * DAY + 15 * DAY + DAY // 2


def test_an_amount_without_a_rate_makes_sums_unknown_and_counts_stay() -> None:
    found = shown(living(seen(0, event("order", 100)), seen(1, event("order", 5, "CHF"))))
    assert (found["spend_total"], found["spend_average"], found["lifetime_value"]) == (None, None, None)
    assert found["purchase_count"] == 2
    huge = shown(living(seen(0, event("order", 5 * 10**12, "USD"))))
    assert (huge["spend_total"], huge["purchase_count"]) == (None, 1)


def test_an_amount_may_come_as_properties_as_it_does_from_files() -> None:
    def told(**said: Scalar) -> dict[str, Any]:
        return shown(living(seen(0, ReportedEvent("order", properties=tuple(said.items())))))

    assert told(amount="19.99", currency="USD")["spend_total"] == micros(19.99)
    assert told(amount="19.99", currency="EUR")["spend_total"] == Money("USD", 21_589_200)
    assert told(amount=20, currency="JPY")["spend_total"] is None
    assert told(amount=20, currency="dollars")["spend_total"] is None
    assert told(amount=20)["spend_total"] is None
    assert told(amount="much", currency="USD")["spend_total"] == micros(0)
    assert told(amount=5 * 10**12, currency="USD")["spend_total"] is None
    both = ReportedEvent("order", 7, 0, "USD", (("amount", 20), ("currency", "EUR")))
    assert shown(living(seen(0, both)))["spend_total"] == micros(7)


def test_somebody_who_never_bought_has_no_purchase_time_and_spent_nothing() -> None:
    found = shown(living(seen(0)))
    assert (found["purchase_count"], found["spend_total"], found["open_tickets"], found["tags"]) == (0, micros(0), 0, ())
    for name in (
        "first_purchase_time",
        "last_purchase_time",
        "days_since_last_purchase",
        "spend_average",
        "rfm_recency",
        "last_event_time",
    ):
        assert found[name] is None, name
    assert found["age"] is None
    assert found["days_since_last_seen"] == 100


def test_a_merge_lets_a_cancellation_find_its_order_and_a_split_parts_them() -> None:
    shop = living(seen(0, event("order", 50, order_id="a")), seen(3, event("order_cancelled", order_id="a"), who=ALEX))
    assert (shown(shop)["purchase_count"], shown(shop, ALEX)["purchase_count"]) == (1, 0)
    shop.say((Said("same", NOW, Verdict.SAME, JO, ALEX),), NOW)
    assert shown(shop)["purchase_count"] == 0
    shop.say((), NOW + 1, withdrawn=("same",))
    assert (shown(shop)["purchase_count"], shown(shop, ALEX)["purchase_count"]) == (1, 0)


def test_gifts_say_nothing_of_taste_and_ties_do_not_depend_on_arrival() -> None:
    reports = [
        seen(0, event("order", 10, category="felt", purchase_for="gift", channel="phone")),
        seen(1, event("order", 10, category="wool", channel="store")),
        seen(2, event("order", 10, category="yarn", channel="online")),
        seen(3, event("product_viewed", category="wool"), event("page_viewed", channel="online")),
        *(seen(4 + n, event("searched", category="loom")) for n in range(5)),
    ]
    found = shown(living(*reports))
    assert (found["favourite_category"], found["favourite_channel"]) == ("wool", "online")
    tied = [reports[1], reports[2]]
    assert shown(living(*tied))["favourite_category"] == shown(living(*tied[::-1]))["favourite_category"]
    assert shown(living(reports[0]))["favourite_category"] is None


def test_what_somebody_asks_for_comes_before_what_they_do() -> None:
    order = seen(0, event("order", 10, channel="store"))
    assert shown(living(order))["preferred_channel"] == "store"
    assert shown(living(order, seen(1, preferred_channel="letter")))["preferred_channel"] == "letter"


def test_how_somebody_came_is_what_the_first_observation_says() -> None:
    ad = seen(1, event("page_viewed", campaign="spring", channel="online"), source="app")
    found = shown(living(seen(9, event("order", 1, campaign="fall")), ad))
    assert (found["acquired_time"], found["acquisition_source"]) == (START + DAY, "app")
    assert (found["acquisition_channel"], found["acquisition_campaign"]) == ("online", "spring")
    late = shown(living(ad, seen(0, source="list")))
    assert (late["acquired_time"], late["acquisition_source"], late["acquisition_campaign"]) == (START, "list", None)


def test_scores_are_the_latest_that_can_be_one() -> None:
    found = shown(
        living(
            *(seen(0, event("survey_answered", score=9)), seen(1, event("survey_answered", score="7.5", survey="nps"))),
            *(seen(2, event("survey_answered", score=2, survey="taste")), seen(3, event("survey_answered", score=11))),
            *(seen(4, event("review_left", score=4.5)), seen(5, event("review_left", score="many"))),
        )
    )
    assert (found["nps_score"], found["last_stars"]) == (7.5, 4.5)


def test_the_latest_word_on_a_tag_decides() -> None:
    vip, blocked = event("tag_added", tag="vip"), event("tag_added", tag="blocked", milliseconds=5)
    gone = event("tag_removed", tag="blocked", milliseconds=40)
    assert shown(living(seen(1, vip), seen(1, gone), seen(1, blocked)))["tags"] == ("vip",)
    assert shown(living(seen(1, vip), seen(1, event("tag_removed", tag="vip"))))["tags"] == ("vip",), "of one instant it was added"
    assert shown(living(seen(1, vip), seen(2, event("tag_removed", tag="vip"))))["tags"] == ()


def test_what_is_dated_ahead_comes_at_its_second() -> None:
    shop = living(seen(0), seen(90, event("order", 10, "USD")))
    state, slot = shop.engine.state, np.array([slot_of(shop.engine)], np.int32)
    needs = Needs(("purchase_count", "last_seen"), events=True)
    ahead = gather(state, slot, needs, START + 90 * DAY - 1)
    assert (ahead.values[:, 0].tolist(), ahead.changes.tolist()) == ([0, START], [START + 90 * DAY])
    assert ahead.events is not None
    assert ahead.events.flags.tolist() == [0]
    there = gather(state, slot, needs, START + 90 * DAY)
    assert (there.values[:, 0].tolist(), there.changes.tolist()) == ([1, START + 90 * DAY], [FOREVER])
    assert there.events is not None
    assert there.events.flags.tolist() == [STANDS]


@pytest.mark.parametrize(
    ("born", "today", "age"),
    [
        *(("1990-05-17", "2026-05-16", 35), ("1990-05-17", "2026-05-17", 36)),
        *(
            ("2004-02-29", "2025-02-27", 20),
            ("2004-02-29", "2025-02-28", 21),
            ("2004-02-29", "2024-02-28", 19),
            ("2004-02-29", "2024-02-29", 20),
        ),
        *(("1931-12-31", "2026-01-01", 94), ("1931-01-01", "2026-01-01", 95)),
    ],
)
def test_age_grows_on_the_birthday(born: str, today: str, age: int) -> None:
    now = int(datetime.fromisoformat(today).replace(tzinfo=UTC).timestamp())
    shop = living(seen(0, birth_date=born))
    assert shown(shop, now=now)["age"] == age
    assert shown(shop, now=now + DAY - 1)["age"] == age


def test_observations_in_any_order_and_their_events_in_any_order_give_the_same() -> None:
    reports = [
        seen(1, event("order", 10, order_id="a"), event("order", 20, order_id="a"), event("survey_answered", score=3)),
        seen(1, event("survey_answered", score=9), event("survey_answered", score=4), event("order", 30, order_id="a")),
        seen(1, event("page_viewed", channel="store"), event("page_viewed", channel="online"), city="Bergen"),
        seen(1, event("order_cancelled"), event("order", 5), city="Turin"),
    ]
    wanted = shown(living(*reports))
    for turned in itertools.permutations(reports):
        assert shown(living(*turned)) == wanted
        other = [Report(r.observation_id, r.source, r.time, r.kind, r.identifiers, r.traits, r.events[::-1]) for r in turned]
        assert shown(living(*other)) == wanted


def test_scores_by_cut_points_that_are_given() -> None:
    people = [("email", "", f"p{n}@postbus.org") for n in range(5)]
    shop = living(*(seen(n, *[event("order", 10 * (n + 1), "USD")] * (n + 1), who=people[n]) for n in range(5)), seen(0))
    state = shop.engine.state
    slots = state.profiles.taken()
    assert slots.size == 6
    lots = [rfm_values(state, slots[first : first + 4], NOW) for first in (0, 4)]
    state.rfm_cuts = rfm_cuts(*(np.concatenate(parts) for parts in zip(*lots, strict=True)))
    for n, who in enumerate(people):
        told = shown(shop, who)
        assert [told[f"rfm_{name}"] for name in ("recency", "frequency", "monetary")] == [n + 1] * 3
    assert shown(shop)["rfm_frequency"] is None, "who never bought is in no fifth"


def test_a_trait_that_is_called_like_an_attribute_keeps_a_name() -> None:
    shop = living(seen(0, age="old", birth_date="1990-01-01"))
    fields = fields_of(shop.policy, shop.engine.state.observations.trait_names.words)
    assert {"age", "trait.age"} <= {field.name for field in fields}
    found = gather(shop.engine.state, np.array([slot_of(shop.engine)], np.int32), Needs(("trait.age", "birth_date")), NOW)
    assert shop.engine.state.observations.texts[int(found.values[0, 0])] == "old"
    assert found.values[1, 0] == 7305
    assert shown(shop)["age"] == 34


def test_words_have_the_numbers_that_gathered_profiles_show() -> None:
    shop = living(seen(0, event("sale", 3, category="yarn"), event("danced")))
    state = shop.engine.state
    words = StoreWords(state)
    found = gather(state, np.array([slot_of(shop.engine)], np.int32), Needs(events=True, sightings=True), NOW)
    assert found.events is not None
    assert found.sightings is not None
    assert sorted(found.events.type.tolist()) == sorted([words.event_type("till_sale"), words.event_type("danced")])
    assert words.event_type("sale") == words.event_type("till_sale")
    assert found.events.currency.max() == words.currency("EUR")
    assert (found.events.name.tolist(), found.events.value.tolist()) == ([words.property_name("category")], [words.text("yarn")])
    assert found.sightings.source.tolist() == [words.source("web")]
    assert found.sightings.kind.tolist() == [words.kind("ORDER")]
    assert words.kind("ORDR") == -1
    fresh = words.text("never said")
    assert (words.text("never said"), state.observations.texts[fresh]) == (fresh, "never said")


def test_a_field_that_is_none_is_refused_and_nobody_is_nobody() -> None:
    shop = living(seen(0))
    nobody = gather(
        shop.engine.state, np.zeros(0, np.int32), Needs(("city", "spend_total"), ("tags", "craft"), ("",), True, True, True), NOW
    )
    assert (nobody.count, nobody.values.shape, nobody.list_start.tolist()) == (0, (2, 0), [[0], [0]])
    unknown = gather(shop.engine.state, np.array([slot_of(shop.engine)], np.int32), Needs(("shoes",)), NOW)
    assert unknown.values.tolist() == [[NO_VALUE]], "a trait that nobody stated"
