"""An erasure covers verdicts that name what was erased, up to its time; the tests of intake show the observations."""

from __future__ import annotations

import numpy as np
from idweave_server.model import Verdict
from idweave_server.resolution.erasure import Erasures, erased_verdicts
from idweave_server.resolution.policy import default_policy

from tests.resolution.worlds import START, Said, Seen, World, columns

JO, PHONE, ELSE = ("email", "", "jo@mail"), ("phone", "", "+1"), ("email", "", "else@mail")


def test_verdicts_on_an_erased_identifier_up_to_its_time_go() -> None:
    world = World(
        seen=(Seen("before", START, "web", "LOGIN", (JO, PHONE)),),
        said=(
            Said("v1", START + 10, Verdict.SAME, JO, ELSE),
            Said("v2", START + 11, Verdict.SAME, ELSE, JO),
            Said("v3", START, Verdict.SHARED, PHONE),
        ),
    )
    built = columns(default_policy(), world)
    jo = np.array([built.keys.index(JO)] * 2, np.int32)
    until = Erasures(jo, np.array([START + 10, START - 5], np.int64)).by_identifier(len(built.identifiers))
    assert erased_verdicts(built.verdicts, until).tolist() == [True, False, False]


def test_no_erasure_covers_nothing() -> None:
    built = columns(default_policy(), World((Seen("a", START, "web", "LOGIN", (JO,)),)))
    until = Erasures.none().by_identifier(len(built.identifiers))
    assert erased_verdicts(built.verdicts, until).size == 0
