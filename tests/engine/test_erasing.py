"""What an erasure leaves alone."""

from __future__ import annotations

import numpy as np
from idweave_server.entries.births import keyed
from idweave_server.model import DAY
from idweave_server.resolution.policy import load_policy

from tests.engine.living import KEY, Living, contents
from tests.resolution.worlds import START, Seen, World


def test_to_erase_an_address_takes_no_other_profile_id_away() -> None:
    """An IP address has no birth; the last birth of all was lost in its place."""
    ip, jo, kim = ("ip", "", "192.0.2.1"), ("email", "", "jo@mail"), ("email", "", "kim@mail")
    seen = [Seen("o0", START, "web", "LOGIN", (jo, ip)), Seen("o1", START, "web", "LOGIN", (kim,))]
    living = Living.begin(load_policy(""), World(tuple(seen)))
    for one in seen:
        living.observe((one,), START + DAY)
    profile = living.engine.profile_id(living.engine.standing(int(living.codes([kim])[0])).slot)
    living.erase(keyed(contents([ip]), KEY), START + DAY, START + DAY)
    assert living.engine.look_up_profile(profile).outcome == "FOUND"
    assert np.count_nonzero(living.engine.state.identifiers.births.code.array < 0) == 1, "jo's, erased with the address"
