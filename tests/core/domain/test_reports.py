"""Periods of reports, what is usual, when they are due, and what meals cost each person."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.ahead.spending import Period
from core.domain.figures import By, Part, table, tabled
from core.domain.meals import parties, priced
from core.domain.money import Money
from core.domain.recurrence import Every
from core.domain.reports import Trend, checked, earlier, just_over, middle, next_moment, step_of
from core.errors import DomainError

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2030, 12, 31))


def test_the_wrong_way_round_is_turned_and_too_much_is_refused() -> None:
    assert checked(date(2025, 5, 15), date(2025, 5, 1)) == Period(date(2025, 5, 1), date(2025, 5, 15))
    with pytest.raises(DomainError, match="too_many_days"):
        checked(date(1900, 1, 1), date(2025, 1, 1))


def test_what_comes_before_has_the_same_length() -> None:
    assert earlier(Period(date(2025, 3, 1), date(2025, 3, 31)), 2) == [
        Period(date(2025, 2, 1), date(2025, 2, 28)),
        Period(date(2025, 1, 1), date(2025, 1, 31)),
    ]
    assert earlier(Period(date(2025, 1, 1), date(2025, 12, 31)), 1) == [Period(date(2024, 1, 1), date(2024, 12, 31))]
    assert earlier(Period(date(2025, 3, 10), date(2025, 3, 16)), 1) == [Period(date(2025, 3, 3), date(2025, 3, 9))]
    assert earlier(Period(date(1, 1, 2), date(1, 1, 9)), 3) == []


@given(DAYS, DAYS)
def test_earlier_periods_lie_one_before_the_other(one: date, two: date) -> None:
    period = checked(one, two) if abs((one - two).days) < 7000 else Period(one, one)
    found = [period, *earlier(period, 6)]
    assert all((after.first - before.last).days == 1 for after, before in pairwise(found))
    assert step_of(period) in (By.DAY, By.WEEK, By.MONTH)


def test_the_usual_is_the_middle_one() -> None:
    assert [middle([5]), middle([1, 9]), middle([3, 1, 2]), middle([7, 1, 2, 100])] == [5, 5, 2, 4]
    assert Trend(None, Money(118, "EUR"), Money(100, "EUR"), 3).percent == 18
    assert Trend(None, Money(82, "EUR"), Money(100, "EUR"), 3).percent == -18
    assert Trend(None, Money(5, "EUR"), Money(0, "EUR"), 3).percent is None


def test_what_is_just_over() -> None:
    assert just_over(Every.DAY, date(2025, 3, 1)) == Period(date(2025, 2, 28), date(2025, 2, 28))
    assert just_over(Every.WEEK, date(2025, 3, 17)) == Period(date(2025, 3, 10), date(2025, 3, 16))
    assert just_over(Every.MONTH, date(2025, 1, 1)) == Period(date(2024, 12, 1), date(2024, 12, 31))
    assert just_over(Every.WEEK, date(2025, 3, 17), 2) == Period(date(2025, 3, 3), date(2025, 3, 16))
    assert just_over(Every.MONTH, date(2025, 1, 1), 3) == Period(date(2024, 10, 1), date(2024, 12, 31))
    assert just_over(Every.MONTH, date(2025, 7, 1), 6) == Period(date(2025, 1, 1), date(2025, 6, 30))
    assert just_over(Every.YEAR, date(2025, 1, 1)) == Period(date(2024, 1, 1), date(2024, 12, 31))


def test_a_report_is_due_at_its_time_of_day_whatever_the_clocks_do() -> None:
    found = [datetime(2025, 3, 28, 12, tzinfo=UTC)]
    for _ in range(3):
        found.append(next_moment(Every.DAY, weekday=None, at=time(2, 30), zone=BERLIN, after=found[-1]))
    # On the 30th there is no half past two: it is as much later as is left out.
    assert [each.isoformat() for each in found[1:]] == ["2025-03-29T01:30:00+00:00", "2025-03-30T01:30:00+00:00", "2025-03-31T00:30:00+00:00"]
    autumn = next_moment(Every.DAY, weekday=None, at=time(2, 30), zone=BERLIN, after=datetime(2025, 10, 25, 22, tzinfo=UTC))
    assert autumn == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert next_moment(Every.DAY, weekday=None, at=time(2, 30), zone=BERLIN, after=autumn) == datetime(2025, 10, 27, 1, 30, tzinfo=UTC)


@given(st.sampled_from(list(Every)[:3]), st.integers(1, 7), st.times(), st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
def test_the_next_moment_is_later_and_within_one_length(every: Every, weekday: int, at: time, after: datetime) -> None:
    now = after.replace(tzinfo=UTC)
    due = next_moment(every, weekday=weekday if every is Every.WEEK else None, at=at, zone=BERLIN, after=now)
    assert due > now
    assert (due - now).days <= {Every.DAY: 1, Every.WEEK: 7, Every.MONTH: 31}[every]
    local = due.astimezone(BERLIN)
    assert every is not Every.WEEK or local.isoweekday() == weekday
    assert every is not Every.MONTH or local.day == 1


def test_a_meal_costs_all_that_was_spent_over_all_who_ate() -> None:
    parts = [
        Part(UUID(int=1), UUID(int=bill), date(2025, 3, 14), "food", place, UUID(int=member), "EUR", minor)
        for bill, place, shares in ((1, "noodles", (1000, 1000)), (2, "noodles", (500, 500, 600)), (3, "mario", (3000, 3000)), (4, "alone", (9999,)))
        for member, minor in enumerate(shares)
    ]
    sizes = parties(parts)
    assert sizes == {UUID(int=1): 2, UUID(int=2): 3, UUID(int=3): 2}
    shared = [part for part in parts if part.bill_id in sizes]
    places, whole = priced(table(shared, lambda part: part.words, currency="EUR", sheet=None), sizes)
    assert [(meal.key, meal.price, meal.count, meal.fewest, meal.most) for meal in places] == [
        ("noodles", Money(720, "EUR"), 2, 2, 3),
        ("mario", Money(3000, "EUR"), 1, 2, 2),
    ]
    assert whole is not None and whole.price == Money(1371, "EUR")
    assert priced(table([], lambda part: part.words, currency="EUR", sheet=None), {}) == ([], None)


def test_an_interval_of_weeks_is_counted_from_the_last_one_and_one_of_months_from_january() -> None:
    first = next_moment(Every.WEEK, weekday=2, at=time(9), zone=BERLIN, after=datetime(2025, 3, 14, 12, tzinfo=UTC), interval=2)
    assert first == datetime(2025, 3, 18, 8, tzinfo=UTC), "the next Tuesday"
    late = datetime(2025, 3, 20, 8, tzinfo=UTC)
    assert next_moment(Every.WEEK, weekday=2, at=time(9), zone=BERLIN, after=late, interval=2, before=first) == datetime(2025, 4, 1, 7, tzinfo=UTC)
    missed = datetime(2025, 4, 9, 8, tzinfo=UTC)
    assert next_moment(Every.WEEK, weekday=2, at=time(9), zone=BERLIN, after=missed, interval=2, before=first) == datetime(2025, 4, 15, 7, tzinfo=UTC)
    for interval, day in ((3, date(2025, 4, 1)), (6, date(2025, 7, 1))):
        due = next_moment(Every.MONTH, weekday=None, at=time(9), zone=BERLIN, after=late, interval=interval)
        assert (
            due.date() == day == next_moment(Every.MONTH, weekday=None, at=time(9), zone=BERLIN, after=late, interval=interval, before=first).date()
        )
    assert next_moment(Every.YEAR, weekday=None, at=time(9), zone=BERLIN, after=late).date() == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("sums", "percents"),
    [([1070, 86], [93, 7]), ([10700, 920], [92, 8]), ([1, 1], [50, 50]), ([199, 1], [100, 1]), ([300, -100], [150, 0]), ([0], [0])],
)
def test_what_part_of_the_total_a_row_is(sums: list[int], percents: list[int]) -> None:
    made = tabled([(str(number), "EUR", minor) for number, minor in enumerate(sums)], currency="EUR", sheet=None)
    assert [made.percent(row) for row in made.rows] == percents
