"""An erasure covers whole observations up to its time, and verdicts that name what was erased."""

from __future__ import annotations

import numpy as np
from idweave_server.model import Verdict
from idweave_server.resolution.erasure import Erasures, erased_observations, erased_verdicts
from idweave_server.resolution.policy import default_policy

from tests.resolution.worlds import START, Said, Seen, World, columns

JO, PHONE, ELSE = ("email", "", "jo@mail"), ("phone", "", "+1"), ("email", "", "else@mail")


def test_everything_seen_with_an_erased_identifier_up_to_its_time_goes() -> None:
    world = World(
        seen=(
            Seen("before", START, "web", "LOGIN", (JO, PHONE)),
            Seen("at", START + 10, "web", "LOGIN", (JO,)),
            Seen("after", START + 11, "web", "LOGIN", (JO,)),
            Seen("other", START, "web", "LOGIN", (PHONE, ELSE)),
            Seen("bare", START, "web", "LOGIN", ()),
        ),
        said=(
            Said("v1", START + 10, Verdict.SAME, JO, ELSE),
            Said("v2", START + 11, Verdict.SAME, ELSE, JO),
            Said("v3", START, Verdict.SHARED, PHONE),
        ),
    )
    built = columns(default_policy(), world)
    jo = np.array([built.keys.index(JO)] * 2, np.int32)
    until = Erasures(jo, np.array([START + 10, START - 5], np.int64)).by_identifier(len(built.identifiers))
    gone = erased_observations(built.observations, until)
    assert [o.name for o, g in zip(world.seen, gone, strict=True) if g] == ["before", "at"]
    assert erased_verdicts(built.verdicts, until).tolist() == [True, False, False]


def test_no_erasure_covers_nothing() -> None:
    built = columns(default_policy(), World((Seen("a", START, "web", "LOGIN", (JO,)),)))
    until = Erasures.none().by_identifier(len(built.identifiers))
    assert not erased_observations(built.observations, until).any()
    assert erased_verdicts(built.verdicts, until).size == 0
