"""Whatever a person changes in the graph by hand is found and named, and mended by the next comparison and by a rebuild."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from idweave_server.model import DAY, Verdict
from idweave_server.projection.follower import Follower
from idweave_server.projection.graph import Graph
from idweave_server.resolution.policy import load_policy
from idweave_server.segments.expression import Expression, IdentityTest, Relation, Span, TimeTest

from tests.neo4j_database import Database
from tests.projection.graphs import Dump, Followed, ask, held, opened, put, wrong
from tests.resolution.worlds import START, Said, Seen, World

JO, JO_PHONE, KIM, PHONE = ("email", "", "jo@mail"), ("phone", "", "+1"), ("email", "", "kim@mail"), ("phone", "", "+2")
CARD, DEVICE, IP = ("customer_id", "shop: 1%", "12:34"), ("device", "", "d1"), ("ip", "", "192.0.2.1")
WORLD = World(
    (
        Seen("o1", START, "web", "LOGIN", (JO, JO_PHONE, CARD), "kelly"),
        Seen("o2", START + DAY, "web", "LOGIN", (JO, DEVICE, IP)),
        Seen("o3", START + DAY, "store", "ORDER", (KIM, PHONE), "omar"),
        Seen("o4", START + DAY, "store", "POS", (KIM, JO_PHONE), "omar"),
        Seen("o5", START + 2 * DAY, "web", "LOGIN", (DEVICE,)),
    ),
    (Said("v1", START, Verdict.DIFFERENT, JO, PHONE), Said("v2", START, Verdict.SAME, JO, CARD), Said("v3", START, Verdict.SHARED, PHONE)),
)
CARD_KEY = "customer_id@shop%3A 1%25:12:34"

SEGMENTS: dict[str, Expression] = {
    "callable": IdentityTest("customer_id"),
    "lately": TimeTest("last_seen", Relation.WITHIN, Span(seconds=9 * DAY)),
    "gone": IdentityTest("phone"),
}

PLANTED = {
    "a property changed": ("MATCH (x:Email {value: 'jo@mail'}) SET x.value = 'other@mail'", "(:Identifier email:jo@mail) differs: value"),
    "a property of another type": ("MATCH (x:Email {value: 'jo@mail'}) SET x.first_seen = 'long ago'", "differs: first_seen"),
    "a property taken away": ("MATCH (x:Device) REMOVE x.last_seen", "(:Identifier device:d1) differs: last_seen"),
    "a property of one's own": ("MATCH (x:Device) SET x.note = 'look here'", "labels, or properties that are not the projector's"),
    "a label taken away": ("MATCH (x:Device) REMOVE x:Device", "(:Identifier device:d1) differs: labels"),
    "a label added": ("MATCH (x:Device) SET x:Phone", "(:Identifier device:d1) differs: labels"),
    "a number changed": ("MATCH (:Email {value: 'jo@mail'})-[r:OBSERVED_WITH]-(:Phone) SET r.evidence = 17", "OBSERVED_WITH]->"),
    "a number as text": ("MATCH (:Email {value: 'jo@mail'})-[r:OBSERVED_WITH]-(:Phone) SET r.strength = 'strong'", "differs: strength"),
    "sources changed": ("MATCH (:Email {value: 'jo@mail'})-[r:OBSERVED_WITH]-(:Phone) SET r.sources = 'web'", "differs: sources"),
    "a link united by hand": ("MATCH ()-[r:OBSERVED_WITH {united: false}]->() SET r.united = true", "differs: united"),
    "a link removed": ("MATCH (:Email {value: 'jo@mail'})-[r:OBSERVED_WITH]-(:Phone {value: '+1'}) DELETE r", "OBSERVED_WITH]->"),
    "a link added": ("MATCH (a:Device), (b:Phone {value: '+2'}) CREATE (a)-[:OBSERVED_WITH {strength: 1.0}]->(b)", "should not be there"),
    "a link copied": ("MATCH (a)-[r:OBSERVED_WITH]->(b:Phone) CREATE (a)-[s:OBSERVED_WITH]->(b) SET s = r", "should not be there"),
    "a node removed": ("MATCH (x:CustomerId) DETACH DELETE x", f"(:Identifier {CARD_KEY}) is missing"),
    "an identifier added": ("CREATE (:Identifier:Email {key: 'email:eve@mail'})", "(:Identifier email:eve@mail) should not be there"),
    "an identifier of no sort": ("CREATE (:Identifier {key: 'nobody'})", "(:Identifier nobody) should not be there"),
    "an identifier without a key": ("CREATE (:Identifier {name: 'nobody'})", "without a key"),
    "a key that is a number": ("CREATE (:Profile {profile_id: 5})", "without a key"),
    "a profile added": ("CREATE (:Profile {profile_id: 'nobody'})", "(:Profile nobody) should not be there"),
    "a profile with an id": ("CREATE (:Profile {profile_id: '00000000-0000-7000-8000-000000000000'})", "should not be there"),
    "a profile renamed": ("MATCH (x:Profile) WHERE x.size IS NOT NULL SET x.display_name = 'Kim'", "differs: display_name"),
    "a profile retired": ("MATCH (x:Profile) WHERE x.size IS NOT NULL SET x:Retired", "differs: labels"),
    "a membership moved": (
        "MATCH (x:Device)-[r:BELONGS_TO]->(p) MATCH (q:Profile) WHERE q <> p AND q.size > 0 DELETE r CREATE (x)-[:BELONGS_TO]->(q)",
        "differs: where it leads",
    ),
    "a membership added": ("MATCH (x:Ip), (p:Profile) WITH x, p LIMIT 1 CREATE (x)-[:BELONGS_TO]->(p)", "(ip:192.0.2.1)-[:BELONGS_TO]"),
    "a membership to a foreign node": ("MATCH (x:Device) CREATE (x)-[:BELONGS_TO]->(:Shelf {name: 'a'})", "(device:d1)-[:BELONGS_TO]"),
    "a redirect turned": (
        "MATCH (a:Retired)-[r:REDIRECTS_TO]->(p) MATCH (q:Profile) WHERE q <> p AND q.size > 0 DELETE r CREATE (a)-[:REDIRECTS_TO]->(q)",
        "REDIRECTS_TO",
    ),
    "a refusal removed": ("MATCH ()-[r:KEPT_APART]->() WHERE r.assertion_id IS NULL DELETE r", "KEPT_APART]->"),
    "a verdict changed": ("MATCH ()-[r:KEPT_APART {assertion_id: 'v1'}]->() SET r.assertion_id = 'v9'", "KEPT_APART]->"),
    "a verdict removed": ("MATCH ()-[r:ASSERTED_SAME]->() DELETE r", "ASSERTED_SAME]->"),
    "a verdict added": ("MATCH (a:Device), (b:Ip) CREATE (a)-[:ASSERTED_SAME {source: 'me', assertion_id: 'x'}]->(b)", "ASSERTED_SAME]->"),
    "a segment renamed": ("MATCH (s:Segment {name: 'callable'}) SET s.name = 'other'", "(:Segment other) should not be there"),
    "a segment described": ("MATCH (s:Segment {name: 'callable'}) SET s.description = 'x'", "(:Segment callable) differs: description"),
    "a segment labelled": ("MATCH (s:Segment {name: 'callable'}) SET s:Retired", "(:Segment callable) differs: labels"),
    "a segment removed": ("MATCH (s:Segment {name: 'callable'}) DETACH DELETE s", "(:Segment callable) is missing"),
    "a segment added": ("CREATE (:Segment {name: 'mine'})", "(:Segment mine) should not be there"),
    "a segment without a name": ("CREATE (:Segment {owner: 'me'})", "without a key"),
    "a segment taken up again": ("CREATE (:Segment {name: 'gone'})", "(:Segment gone) should not be there"),
    "somebody put into a segment": (
        "MATCH (p:Profile), (s {name: 'callable'}) WHERE NOT (p)-[:IN_SEGMENT]->(s) WITH p, s LIMIT 1 CREATE (p)-[:IN_SEGMENT]->(s)",
        "-[:IN_SEGMENT]->(callable) should not be there",
    ),
    "somebody put in twice": (
        "MATCH (p)-[r:IN_SEGMENT]->(s {name: 'callable'}) CREATE (p)-[t:IN_SEGMENT]->(s) SET t = r",
        "-[:IN_SEGMENT]->(callable) should not be there",
    ),
    "somebody taken out": ("MATCH ()-[r:IN_SEGMENT]->({name: 'callable'}) DELETE r", "-[:IN_SEGMENT]->(callable) is missing"),
    "an end put off": ("MATCH ()-[r:IN_SEGMENT]->({name: 'lately'}) SET r.until = r.until + duration('P1D')", "differs: until"),
    "an end taken away": ("MATCH ()-[r:IN_SEGMENT]->({name: 'lately'}) REMOVE r.until", "differs: until"),
    "an end as a number": ("MATCH ()-[r:IN_SEGMENT]->({name: 'lately'}) SET r.until = 'soon'", "differs: until"),
    "an end made up": ("MATCH ()-[r:IN_SEGMENT]->({name: 'callable'}) SET r.until = datetime()", "differs: until"),
    "a beginning changed": ("MATCH ()-[r:IN_SEGMENT]->({name: 'lately'}) SET r.since = datetime({epochSeconds: 7})", "differs: since"),
    "a beginning as text": ("MATCH ()-[r:IN_SEGMENT]->({name: 'lately'}) SET r.since = 'long ago'", "differs: since"),
    "an address forgotten": ("MATCH ()-[r:SEEN_AT]->() DELETE r", "(device:d1)-[:SEEN_AT]->(ip:192.0.2.1) is missing"),
    "an address added": ("MATCH (a:Email), (b:Ip) CREATE (a)-[:SEEN_AT]->(b)", "should not be there"),
}


@dataclass
class Shown:
    """A graph that was made by following, and what it holds."""

    database: Database
    followed: Followed
    graph: Graph
    right: Dump


@pytest.fixture(scope="module")
def shown(neo4j_database: Database) -> Iterator[Shown]:
    ask(neo4j_database, "MATCH (x) DETACH DELETE x")
    with opened(neo4j_database, rebuild=True) as graph:
        followed = Followed(load_policy(""), WORLD, graph)
        for seen in WORLD.seen:
            followed.living.observe((seen,), START + 3 * DAY)
            followed.catch_up()
        followed.living.say(WORLD.said, START + 3 * DAY)
        for name, expression in SEGMENTS.items():
            put(followed, name, expression, START + 3 * DAY)
        put(followed, "gone", None, START + 3 * DAY)
        followed.catch_up()
        yield Shown(neo4j_database, followed, graph, held(neo4j_database))


def test_the_world_has_rows_of_every_kind(shown: Shown) -> None:
    assert {kind.name: len(account) > 0 for kind, account in shown.followed.follower.accounts.items() if not len(account)} == {}
    assert wrong(shown.followed.replayed(), shown.graph) == []


@pytest.mark.parametrize("planted", PLANTED, ids=lambda name: name.replace(" ", "-"))
def test_what_is_planted_is_found_and_mended(shown: Shown, planted: str) -> None:
    statement, said = PLANTED[planted]
    before = ask(shown.database, "MATCH (x) RETURN count(x) AS n")
    ask(shown.database, statement)
    found = [str(one) for one in wrong(shown.followed.living.engine, shown.graph)]
    assert any(said in one for one in found), found
    Follower(shown.followed.living.engine, shown.graph).reconcile()
    ask(shown.database, "MATCH (x:Shelf) DETACH DELETE x")
    assert held(shown.database) == shown.right
    assert ask(shown.database, "MATCH (x) RETURN count(x) AS n") == before


def test_nodes_of_others_are_not_touched(shown: Shown) -> None:
    ask(shown.database, "MATCH (x:Device) CREATE (:Person {name: 'me'})-[:KNOWS]->(:Writer {name: 'mine'}), (:Note)-[:ABOUT]->(x)")
    assert wrong(shown.followed.living.engine, shown.graph) == []
    with opened(shown.database, rebuild=True) as graph:
        Follower(shown.followed.living.engine, graph).reconcile()
        assert ask(shown.database, "MATCH (x:Person)-[:KNOWS]->(y:Writer) RETURN y.name AS name") == [{"name": "mine"}]
        assert ask(shown.database, "MATCH (x:Note) RETURN count(x) AS n") == [{"n": 1}]
        ask(shown.database, "MATCH (x:Person|Note|Writer) DETACH DELETE x")
        assert held(shown.database) == shown.right
