"""The wall clock of a writer: what is believed, and what stops writes."""

from __future__ import annotations

import pytest
from idweave_server.errors import ClockError
from idweave_server.model import DAY
from idweave_server.operations.clock import Clock

START = 1_700_000_000


class Times:
    """A wall clock and a steady one that tests move."""

    def __init__(self) -> None:
        self.wall, self.steady = float(START), 50.0

    def clock(self, state_time: int = START) -> Clock:
        return Clock(lambda: int(self.wall * 1000), lambda: self.steady, state_time)

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


def test_time_that_passes_is_believed_however_much_it_is() -> None:
    times = Times()
    clock = times.clock()
    assert clock.read() == START * 1000
    times.pass_by(400 * DAY)
    assert clock.read() == (START + 400 * DAY) * 1000


def test_a_leap_ahead_stops_writes_until_the_clock_is_right_again() -> None:
    times = Times()
    clock = times.clock()
    clock.read()
    times.wall += DAY + 60
    for _ in range(2):
        with pytest.raises(ClockError, match=r"leapt 1\.0 days ahead"):
            clock.read()
    times.wall -= DAY + 60
    times.pass_by(5)
    assert clock.read() == (START + 5) * 1000


def test_a_clock_that_is_set_by_less_than_a_day_or_back_is_believed() -> None:
    times = Times()
    clock = times.clock()
    clock.read()
    times.wall += DAY - 60
    clock.read()
    times.wall -= 30 * DAY
    assert clock.read() < START * 1000


def test_a_store_that_was_idle_for_years_starts() -> None:
    times = Times()
    times.wall += 9 * 365 * DAY
    times.clock().read()


def test_an_absurd_clock_at_a_start_stops_writes() -> None:
    times = Times()
    times.wall += 11 * 365 * DAY
    with pytest.raises(ClockError, match="4015 days after"):
        times.clock().read()
    times.clock(state_time=0).read()  # a fresh store has nothing to compare with
