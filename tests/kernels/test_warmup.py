"""After the warm-up nothing waits for the compiler."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
from idweave_server.kernel_cache import use_kernel_cache
use_kernel_cache()
import importlib, pkgutil, tempfile
from pathlib import Path
import numpy as np
from numba.core.dispatcher import Dispatcher
from idweave_server import kernels
from idweave_server.kernels.warmup import warm_up

warm_up()
modules = [importlib.import_module(f"idweave_server.kernels.{m.name}") for m in pkgutil.iter_modules(kernels.__path__)]
entries = {(f.__module__, name): f for m in modules for name, f in vars(m).items() if isinstance(f, Dispatcher)}
before = {key: len(f.signatures) for key, f in entries.items()}

from tests.kernels.test_agglomerate import compiled, random_world
from tests.kernels.test_evidence import compiled as evidence, sightings
from tests.kernels.test_histograms import test_dominant_dates_equal_the_oracle, test_partners_are_counted_once
from tests.kernels.test_histograms import test_dominant_labels_and_dissimilar_equal_the_oracle as names
from tests.kernels.test_hashing import test_a_sliced_and_a_read_only_column_hash_alike
from tests.kernels.test_index import test_one_at_a_time_moves_a_bounded_number_and_everything_stays_findable
from tests.engine.test_attributes import test_observations_in_any_order_and_their_events_in_any_order_give_the_same as attributes
from tests.engine import test_memberships
from tests.segments import test_evaluators, test_explain, test_population
from tests.segments.drawn import CALENDAR, SECONDS
for scale in (CALENDAR, SECONDS):
    assert sum(test_evaluators.agree(seed, scale) for seed in range(12)) == 120
    test_explain.test_the_whole_follows_from_what_decides(scale)
test_population.test_many_constants_of_a_narrow_and_of_a_wide_column()
for seed in range(5):
    compiled(*random_world(seed))
evidence(sightings(1, 100, 9, 9))
names(600)
test_dominant_dates_equal_the_oracle()
test_partners_are_counted_once()
test_a_sliced_and_a_read_only_column_hash_alike()
test_one_at_a_time_moves_a_bounded_number_and_everything_stays_findable()
attributes()
with tempfile.TemporaryDirectory() as folder:
    test_memberships.test_memberships_are_what_an_evaluation_of_everybody_gives(3, Path(folder))
late = {key for key, f in entries.items() if len(f.signatures) > before[key]}
assert not late, late
assert sum(count > 0 for count in before.values()) >= 30, before
"""


def test_real_calls_compile_nothing_more() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
