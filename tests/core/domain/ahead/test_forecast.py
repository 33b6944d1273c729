"""What a period comes to: by example, then by what must hold of any history."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.ahead.calibration import CalibrationError, checked, usual_misses
from core.domain.ahead.forecast import Basis, by_category, forecast
from core.domain.ahead.ranks import WHOLE
from core.domain.ahead.spending import Period, Spending, months

TODAY = date(2025, 6, 15)
HALF_YEAR = months(date(2025, 1, 1), TODAY)


def monthly(*parts: tuple[int, int], periods=HALF_YEAR) -> list[Spending]:
    """(day, minor units) in each of the periods."""
    return [Spending(period.first.replace(day=day), minor) for period in periods for day, minor in parts]


def test_a_month_that_is_like_all_others_is_known():
    made = forecast(monthly((3, 800_00), (20, 200_00)), HALF_YEAR, TODAY)
    assert (made.basis, made.spent, made.expected) == (Basis.ENOUGH, 800_00, 1000_00)
    assert made.low <= 1000_00 <= made.high
    assert made.chance_above(1500_00) < 150
    assert made.chance_above(950_00) > 700


def test_what_comes_later_in_the_month_is_not_seen():
    rows = monthly((3, 800_00), (20, 200_00))
    seen, unseen = (forecast([*rows, Spending(day, 999_00)], HALF_YEAR, TODAY).expected for day in (TODAY, TODAY + timedelta(days=1)))
    assert (seen, unseen) == (1999_00, 1000_00)


def test_month_ends_meet_whatever_the_length_of_the_month():
    """Rent on the last day is to come on the evening of 27 February, when only a day is left, though other months have a 28th and a 29th."""
    periods = months(date(2024, 9, 1), date(2025, 2, 1))
    rows = [Spending(period.last, 900_00) for period in periods[:-1]] + [Spending(period.first.replace(day=28), 50_00) for period in periods[:-1]]
    assert forecast(rows, periods, date(2025, 2, 27)).expected == 900_00


def test_one_month_out_of_the_ordinary_moves_little():
    rows = monthly((20, 200_00))
    assert forecast([*rows, Spending(date(2025, 4, 22), 5000_00)], HALF_YEAR, TODAY).expected < 500_00


def test_a_new_habit_is_believed_within_months():
    rows = [
        Spending(period.first.replace(day=20), 100_00 if period.first < date(2024, 10, 1) else 400_00) for period in months(date(2023, 6, 1), TODAY)
    ]
    assert forecast(rows, months(date(2023, 6, 1), TODAY), TODAY).expected > 300_00


def test_last_december_tells_of_this_one():
    periods = months(date(2023, 12, 1), date(2024, 12, 1))
    rows = [Spending(period.first.replace(day=22), 150_00 + period.first.month * 37 % 100_00) for period in periods[1:-1]]
    plain, more = (forecast([Spending(date(2023, 12, 22), last), *rows], periods, date(2024, 12, 10)).expected for last in (150_00, 600_00))
    assert more > plain


@pytest.mark.parametrize(("count", "basis"), [(0, Basis.NOTHING), (1, Basis.LITTLE), (2, Basis.LITTLE), (3, Basis.ENOUGH)])
def test_a_forecast_says_what_it_stands_on(count, basis):
    periods = HALF_YEAR[-1 - count :]
    assert forecast(monthly((3, 80_00), periods=periods), periods, TODAY).basis is basis


def test_without_a_past_there_is_only_what_is_spent():
    made = forecast([Spending(TODAY, 80_00)], HALF_YEAR, TODAY)
    assert (made.basis, made.spent, made.expected, made.low, made.high) == (Basis.NOTHING, 80_00, 80_00, 80_00, 80_00)
    assert (made.chance_above(79_99), made.chance_above(80_00)) == (WHOLE, 0)


def test_months_before_the_first_spending_are_no_months_without_spending():
    rows = monthly((20, 300_00), periods=HALF_YEAR[2:])
    whole, short = forecast(rows, HALF_YEAR, TODAY), forecast(rows, HALF_YEAR[2:], TODAY)
    assert (whole.expected, whole.low, whole.high) == (short.expected, short.low, short.high) == (300_00, short.low, short.high)


def test_on_the_last_evening_nothing_is_left_to_come():
    made = forecast(monthly((3, 800_00)), HALF_YEAR, date(2025, 6, 30))
    assert (made.expected, made.low, made.high) == (800_00,) * 3
    assert (made.chance_above(799_99), made.chance_above(800_00)) == (WHOLE, 0)


def test_a_bill_that_is_new_is_added():
    rows = monthly((3, 800_00), (20, 200_00))
    plain, more = (forecast(rows, HALF_YEAR, TODAY, planned=planned) for planned in (0, 45_00))
    assert [more.expected - plain.expected, more.high - plain.high] == [45_00, 45_00]


def test_periods_may_be_weeks():
    weeks = [Period(date(2025, 5, 5) + timedelta(weeks=number), date(2025, 5, 11) + timedelta(weeks=number)) for number in range(6)]
    rows = [Spending(week.first + timedelta(days=5), 70_00) for week in weeks[:-1]]
    assert forecast(rows, weeks, weeks[-1].first).expected == 70_00


def test_categories_add_up_to_the_whole():
    rows = monthly((3, 800_00)) + [Spending(each.on + timedelta(days=15), 99_99 + place * 7, "food") for place, each in enumerate(monthly((3, 0)))]
    parts = by_category(rows, HALF_YEAR, TODAY)
    assert parts["other"] == 800_00
    assert sum(parts.values()) == forecast(rows, HALF_YEAR, TODAY).expected


AMOUNTS = st.lists(st.tuples(st.integers(0, 180), st.integers(1, 10**7)), min_size=1, max_size=60)


@given(AMOUNTS, st.integers(0, 29))
def test_whatever_the_history(amounts, day):
    rows = [Spending(date(2025, 1, 1) + timedelta(days=ago), minor, "ab"[minor % 2]) for ago, minor in amounts]
    today = date(2025, 6, 1) + timedelta(days=day)
    made = forecast(rows, HALF_YEAR, today)
    assert made.spent <= made.low <= made.expected <= made.high
    assert WHOLE >= made.chance_above(made.low) >= made.chance_above(made.high) >= 0
    assert sum(by_category(rows, HALF_YEAR, today).values()) == made.expected


@given(AMOUNTS, st.integers(2, 50))
def test_in_another_currency_it_is_the_same(amounts, times):
    """What does not depend on the size of the unit: one that is a hundred times smaller gives a hundred times more, but for rounding."""
    rows, more = ([Spending(date(2025, 1, 1) + timedelta(days=ago), minor * by) for ago, minor in amounts] for by in (100, 100 * times))
    one, other = forecast(rows, HALF_YEAR, TODAY), forecast(more, HALF_YEAR, TODAY)
    assert abs(other.expected - one.expected * times) <= times * 3


def test_misses_between_two_rows_lie_between_them():
    assert len({len(usual_misses(elapsed)) for elapsed in range(0, 1001, 50)}) == 1
    before, between, after = usual_misses(164), usual_misses(246), usual_misses(328)
    assert all(min(low, high) <= middle <= max(low, high) for low, middle, high in zip(before, between, after, strict=True))
    assert usual_misses(1) == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[after", "x.toml: "),
        ("", "x.toml: after: nothing"),
        ("[after]\nhalf = [1, 2]", "x.toml: after.half: thousandths"),
        ("[after]\n500 = [1, 2]\n400 = [1, 2]", "x.toml: after.400: thousandths"),
        ("[after]\n500 = [2, 1]", "x.toml: after.500: ascending whole numbers"),
        ("[after]\n500 = [1, 2.5]", "x.toml: after.500: ascending whole numbers"),
        ("[after]\n500 = [1, 2]\n600 = [1, 2, 3]", "x.toml: after.600: as many"),
    ],
)
def test_what_is_wrong_in_the_data_file_is_said_with_its_key(text, said):
    with pytest.raises(CalibrationError, match=said.replace(".", r"\.")):
        checked("x.toml", text)
