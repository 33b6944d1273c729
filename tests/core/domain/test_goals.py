"""What a goal takes until its day, whether it keeps up, and when a low pace is worth telling."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.goals import Goal, Move, Step, after, checked, count_steps, passed_steps, progress, step_of, telling_period
from core.domain.money import Money
from core.errors import DomainError

MARCH = date(2025, 3, 14)  # a Friday


def goal(minor: int, due: date | None, *, planned: date = MARCH, aside: int = 0) -> Goal:
    return Goal(UUID(int=1), "bike", Money(minor, "EUR"), due, planned, aside)


def test_what_is_left_is_spread_over_the_weeks_until_the_day() -> None:
    now = progress(goal(60000, date(2025, 6, 6)), [], today=MARCH)
    assert (now.left, now.step, now.steps, now.each, now.behind) == (60000, Step.WEEK, 12, 5000, 0)
    later = progress(goal(60000, date(2025, 6, 6)), [Move(MARCH, 10000)], today=date(2025, 4, 4))
    assert (later.left, later.steps, later.each, later.behind) == (50000, 9, 5556, 5000), "three weeks, of which one was missed"


def test_a_long_way_is_gone_by_the_month() -> None:
    now = progress(goal(120000, date(2026, 3, 14)), [], today=MARCH)
    assert (now.step, now.steps, now.each) == (Step.MONTH, 12, 10000)


def test_without_a_day_there_is_no_pace_and_behind_it_no_plan() -> None:
    assert progress(goal(60000, None), [], today=MARCH).each is None
    over = progress(goal(60000, date(2025, 3, 20)), [Move(MARCH, 20000)], today=date(2025, 3, 21))
    assert (over.each, over.behind, over.low_since) == (None, 40000, date(2025, 3, 20))


def test_what_is_reached_is_behind_nothing() -> None:
    now = progress(goal(60000, date(2025, 4, 14)), [Move(MARCH, 60000)], today=date(2025, 4, 20))
    assert now.is_reached and (now.left, now.each, now.behind, now.low_since, now.share) == (0, None, 0, None, 1000)


def test_a_low_pace_begins_a_step_behind_and_ends_where_the_plan_is_kept() -> None:
    """1,200 in twelve months: 100 each."""
    bike, due = goal(120000, date(2026, 3, 14)), date(2026, 3, 14)

    def since(moves: list[Move], today: date) -> date | None:
        return progress(bike, moves, today=today).low_since

    assert since([Move(MARCH, 5000)], date(2025, 5, 1)) is None, "half a step is nothing to speak of"
    assert since([], date(2025, 4, 13)) is None, "the first month is not over"
    assert since([], date(2025, 4, 14)) == date(2025, 4, 14)
    paid_late = [Move(date(2025, 4, 20), 5000)]
    assert since(paid_late, date(2025, 4, 21)) == date(2025, 4, 14), "closer, and still behind"
    kept = [*paid_late, Move(date(2025, 4, 25), 5000)]
    assert since(kept, date(2025, 4, 26)) is None
    assert since(kept, date(2025, 5, 14)) == date(2025, 5, 14), "a new stretch"
    assert telling_period(date(2025, 5, 14), due, today=date(2025, 6, 20)) == date(2025, 6, 14)
    assert telling_period(date(2025, 5, 14), due, today=date(2026, 5, 20)) == due


def test_a_changed_plan_begins_with_what_is_aside() -> None:
    changed = goal(100000, date(2025, 4, 11), planned=MARCH, aside=40000)
    now = progress(changed, [Move(date(2025, 1, 1), 40000)], today=date(2025, 3, 28))
    assert (now.behind, now.each) == (30000, 30000), "two of four weeks, 150 each"


def test_the_end_of_a_short_month_is_a_month_later() -> None:
    assert [after(Step.MONTH, date(2025, 1, 31), count) for count in (1, 2, 13)] == [date(2025, 2, 28), date(2025, 3, 31), date(2026, 2, 28)]
    assert passed_steps(Step.MONTH, date(2025, 1, 31), date(2025, 2, 28)) == 1
    assert passed_steps(Step.MONTH, date(2025, 1, 31), date(2025, 2, 27)) == 0


@pytest.mark.parametrize(
    ("minor", "due", "code"), [(0, None, "goal_amount"), (-5, None, "goal_amount"), (1, MARCH, "goal_past"), (1, date(2025, 3, 1), "goal_past")]
)
def test_what_cannot_be_a_goal(minor: int, due: date | None, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        checked(Money(minor, "EUR"), due, today=MARCH)
    assert refused.value.code == code


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(1, 3000), st.integers(0, 3200))
def test_what_every_step_takes_reaches_the_goal(minor: int, aside: int, days: int, gone: int) -> None:
    due, today = MARCH + timedelta(days=days), MARCH + timedelta(days=gone)
    now = progress(goal(minor, due), [Move(MARCH, aside)], today=today)
    assert now.left == max(0, minor - aside) and 0 <= now.behind <= minor
    if now.each is not None:
        step = step_of(today, due)
        assert now.steps == count_steps(step, today, due) and now.each * now.steps >= now.left > now.each * (now.steps - 1) - now.steps
        assert after(step, today, now.steps - 1) < due <= after(step, today, now.steps)
