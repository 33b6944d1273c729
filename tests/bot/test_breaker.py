"""A service that fails is left alone, asked once after a rest, and trusted again when it answers."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.breaker import Breaker
from tests.support.doubles import FakeClock


class Calls:
    def __init__(self) -> None:
        self.breaker = Breaker(failures=3, rest=timedelta(seconds=10), rest_most=timedelta(seconds=30))
        self.clock = FakeClock()

    @property
    def now(self) -> datetime:
        return self.clock()

    def call(self, worked: bool | None) -> bool:
        """False where it was not admitted."""
        if not self.breaker.admits(self.now):
            return False
        self.breaker.end(probe=self.breaker.begin(), worked=worked, now=self.now)
        return True


@pytest.fixture
def calls() -> Calls:
    return Calls()


def test_failures_in_a_row_open_it(calls: Calls) -> None:
    for worked in (False, False, True, False, False):
        assert calls.call(worked)
    assert not calls.breaker.is_open
    assert calls.call(False)
    assert calls.breaker.is_open
    assert not calls.call(True)


def test_rests_grow_up_to_a_bound_and_start_anew(calls: Calls) -> None:
    for _ in range(3):
        calls.call(False)
    for rest in (10, 20, 30, 30):
        calls.clock.forward(seconds=rest - 1)
        assert not calls.call(False)
        calls.clock.forward(seconds=1)
        assert calls.call(False)
    calls.clock.forward(seconds=30)
    assert calls.call(True)
    assert not calls.breaker.is_open
    for _ in range(3):
        assert calls.call(False)
    calls.clock.forward(seconds=10)
    assert calls.call(True)


def test_one_probe_at_a_time_and_a_late_failure_of_before_ends_none(calls: Calls) -> None:
    early = calls.breaker.begin()
    for _ in range(3):
        calls.call(False)
    calls.clock.forward(seconds=10)
    probe = calls.breaker.begin()
    assert (early, probe) == (False, True)
    calls.breaker.end(probe=early, worked=False, now=calls.now)
    assert not calls.breaker.admits(calls.now)
    calls.breaker.end(probe=probe, worked=None, now=calls.now)
    assert calls.breaker.admits(calls.now), "what was broken off tells nothing: the next may try"
    assert calls.breaker.is_open
