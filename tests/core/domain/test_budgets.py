"""Budgets: periods, what is left of them, what is carried into the next, moves between two, and which marks an expense passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.ahead.spending import Period
from core.domain.budgets import Budget, Cycle, Status, about, changed, leading_to, moved, period_of, periods, portions, renewed, status
from core.domain.money import Money
from core.errors import DomainError

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
MARCH = Period(date(2025, 3, 1), date(2025, 3, 31))
FOOD = Budget(UUID(int=1), "food", Money(40000, "EUR"), Cycle.MONTH, date(2025, 1, 1))
FUN = Budget(UUID(int=2), "entertainment", Money(10000, "EUR"), Cycle.MONTH, date(2025, 1, 1))


def spending(**months: int) -> Callable[[Period], int]:
    """Minor units by the month (m1, m2, ...) that a period begins in."""
    return lambda period: months.get(f"m{period.first.month}", 0)


@pytest.mark.parametrize(
    ("cycle", "day", "payday", "first", "last"),
    [
        (Cycle.DAY, date(2025, 3, 14), None, date(2025, 3, 14), date(2025, 3, 14)),
        (Cycle.WEEK, date(2025, 3, 16), None, date(2025, 3, 10), date(2025, 3, 16)),
        (Cycle.WEEK, date(2025, 1, 1), None, date(2024, 12, 30), date(2025, 1, 5)),
        (Cycle.MONTH, date(2024, 2, 29), None, date(2024, 2, 1), date(2024, 2, 29)),
        (Cycle.YEAR, date(2025, 3, 14), 25, date(2025, 1, 1), date(2025, 12, 31)),
        (Cycle.MONTH, date(2025, 3, 24), 25, date(2025, 2, 25), date(2025, 3, 24)),
        (Cycle.MONTH, date(2025, 3, 25), 25, date(2025, 3, 25), date(2025, 4, 24)),
        (Cycle.MONTH, date(2025, 1, 5), 25, date(2024, 12, 25), date(2025, 1, 24)),
        (Cycle.MONTH, date(2025, 2, 28), 31, date(2025, 2, 28), date(2025, 3, 30)),
        (Cycle.MONTH, date(2025, 2, 27), 31, date(2025, 1, 31), date(2025, 2, 27)),
        (Cycle.MONTH, date(2025, 12, 31), 31, date(2025, 12, 31), date(2026, 1, 30)),
    ],
)
def test_where_a_period_begins_and_ends(cycle: Cycle, day: date, payday: int | None, first: date, last: date):
    assert period_of(cycle, day, payday=payday) == Period(first, last)


@given(st.sampled_from(Cycle), DAYS, st.integers(0, 900), st.none() | st.integers(1, 31))
def test_periods_follow_each_other_without_a_gap(cycle: Cycle, day: date, more: int, payday: int | None):
    found = periods(cycle, day, day + timedelta(days=more), payday=payday)
    assert found[0].first <= day and day + timedelta(days=more) <= found[-1].last
    assert all(one.last + timedelta(days=1) == two.first for one, two in pairwise(found))
    assert leading_to(cycle, found[-1], len(found) - 1, payday=payday) == found
    assert all(period_of(cycle, each.last, payday=payday) == each for each in found)


def test_what_is_left_and_how_much_a_day():
    now = status(FOOD, date(2025, 3, 14), spending(m3=12050))
    assert (now.limit, now.left, now.days_left, now.each_day) == (40000, 27950, 18, 1552)
    assert now.ahead == 12050 - 40000 * 14 // 31
    assert now.share == 301


def test_the_last_day_has_all_that_is_left_and_nothing_is_left_of_what_is_overdrawn():
    assert status(FOOD, date(2025, 3, 31), spending(m3=39000)).each_day == 1000
    over = status(FOOD, date(2025, 3, 20), spending(m3=41000))
    assert (over.left, over.each_day, over.share) == (-1000, 0, 1025)


@given(st.integers(0, 10**9), st.integers(1, 400))
def test_portions_add_up_and_differ_by_a_unit(minor: int, days: int):
    parts = portions(minor, days)
    assert sum(parts) == minor and len(parts) == days
    assert list(parts) == sorted(parts) and parts[-1] - parts[0] <= 1


def test_without_rollover_a_period_knows_nothing_of_the_one_before():
    assert status(FOOD, date(2025, 3, 14), spending(m1=0, m2=90000)).limit == 40000


def test_with_rollover_what_was_left_and_what_was_overdrawn_counts():
    rolling = replace(FOOD, rollover=True)
    assert status(rolling, date(2025, 3, 14), spending(m1=30000, m2=35000)).carried == 15000
    assert status(rolling, date(2025, 3, 14), spending(m1=50000, m2=45000)).limit == 25000
    assert status(rolling, date(2025, 1, 14), spending(m1=50000)).carried == 0


def test_another_amount_leaves_what_was_carried():
    rolling = replace(FOOD, rollover=True)
    spent = spending(m1=30000, m2=35000)
    after = changed(rolling, status(rolling, date(2025, 3, 14), spent), Money(50000, "EUR"))
    assert status(after, date(2025, 3, 20), spent).limit == 65000
    assert status(after, date(2025, 4, 2), spending(m3=60000)).carried == 5000


def test_in_another_currency_nothing_is_carried_neither_before_nor_after():
    rolling, spent = replace(FOOD, rollover=True), spending(m1=30000, m2=35000)
    after = changed(rolling, status(rolling, date(2025, 3, 14), spent), Money(50000, "USD"))
    assert status(after, date(2025, 3, 20), spent).limit == 50000
    assert status(after, date(2025, 4, 2), spending(m3=10000)).carried == 40000


def test_a_move_is_for_this_period_alone_and_with_rollover_for_the_later_ones_too():
    today, spent = date(2025, 3, 14), spending(m3=5000)
    stands = (status(FOOD, today, spent), status(FUN, today, spent))
    less, more = moved(FOOD, FUN, Money(3000, "EUR"), stands)
    assert (status(less, today, spent).left, status(more, today, spent).left) == (32000, 8000)
    assert (status(less, date(2025, 4, 1), spent).limit, status(more, date(2025, 4, 1), spent).limit) == (40000, 10000)
    rolling = replace(more, rollover=True)
    assert status(rolling, date(2025, 4, 1), spent).limit == 10000 + 3000 + 10000 - 5000


def test_twice_moved_adds_up():
    today, spent = date(2025, 3, 14), spending()
    less, more = moved(FOOD, FUN, Money(3000, "EUR"), (status(FOOD, today, spent), status(FUN, today, spent)))
    less, more = moved(less, more, Money(500, "EUR"), (status(less, today, spent), status(more, today, spent)))
    assert (status(less, today, spent).limit, status(more, today, spent).limit) == (36500, 13500)


@pytest.mark.parametrize(
    ("amount", "code"),
    [(Money(0, "EUR"), "zero_amount"), (Money(100, "USD"), "budgets_differ"), (Money(40001, "EUR"), "budget_too_small")],
)
def test_what_cannot_be_moved(amount: Money, code: str):
    stands = (status(FOOD, date(2025, 3, 14), spending()), status(FUN, date(2025, 3, 14), spending()))
    with pytest.raises(DomainError) as refused:
        moved(FOOD, FUN, amount, stands)
    assert refused.value.code == code


@given(st.integers(-50000, 200000), st.integers(0, 80000), st.booleans())
def test_renewing_changes_nothing_now(carried: int, spent: int, rollover: bool):
    budget = replace(FOOD, carried=carried, rollover=rollover, starts_on=date(2025, 2, 1))
    now = status(budget, date(2025, 3, 14), lambda _: spent)
    assert status(renewed(budget, now), date(2025, 3, 14), lambda _: spent) == now


def test_what_would_be_left_after_something():
    now = status(FOOD, date(2025, 3, 14), spending(m3=25000))
    assert (now.after(10000).left, now.after(20000).left) == (5000, -5000)
    assert (now.after(10000).slack, now.after(20000).slack) == (125, -125)
    assert Status(MARCH, date(2025, 3, 14), 0, -10000, 0).slack < 0


@pytest.mark.parametrize(("minor", "whole"), [(460_49, 460_00), (460_50, 461_00), (49, 0)])
def test_estimates_are_told_in_whole_units(minor: int, whole: int):
    assert about(Money(minor, "EUR")) == Money(whole, "EUR")
