"""Stretches that are compared, what is usual, and what makes the difference: examples counted by hand."""

from __future__ import annotations

from datetime import date

from core.domain.ahead.spending import Period
from core.domain.comparisons import Cause, causes, difference, earlier, lately, spread, units, usual
from core.domain.money import Money


def euro(minor: int) -> Money:
    return Money(minor, "EUR")


def test_a_part_of_a_month_has_the_same_days_before_it():
    found = earlier(Period(date(2025, 3, 1), date(2025, 3, 30)), since=date(2025, 1, 20))
    assert found == [Period(date(2025, 2, 1), date(2025, 2, 28)), Period(date(2025, 1, 1), date(2025, 1, 30))]


def test_a_whole_month_has_whole_months_before_it_over_the_turn_of_the_year():
    found = earlier(Period(date(2025, 2, 1), date(2025, 2, 28)), since=date(2024, 11, 30))
    assert [(each.first, each.last.day) for each in found] == [(date(2025, 1, 1), 31), (date(2024, 12, 1), 31), (date(2024, 11, 1), 30)]


def test_other_days_have_as_many_before_them_and_no_more_than_six_times():
    found = earlier(Period(date(2025, 3, 5), date(2025, 3, 11)), since=date(2020, 1, 1))
    assert found[0] == Period(date(2025, 2, 26), date(2025, 3, 4))
    assert found[1] == Period(date(2025, 2, 19), date(2025, 2, 25))
    assert len(found) == 6


def test_before_the_first_expense_nothing_is_usual():
    assert earlier(Period(date(2025, 3, 1), date(2025, 3, 14)), since=None) == []
    assert earlier(Period(date(2025, 3, 1), date(2025, 3, 14)), since=date(2025, 3, 2)) == []


def test_usual_is_the_mean_rounded_to_the_nearest():
    assert usual([1000, 1001, 1001], "EUR") == euro(1001)
    assert usual([0, 0, 100], "EUR") == euro(33)


def test_causes_are_the_three_places_that_are_furthest_above_what_they_usually_come_to():
    now = {"sushi": 3000, "pizza": 1000, "bus": 290, "tea": 500, "bar": 900}
    before = [{"sushi": 1000, "bus": 400}, {"sushi": 2000, "tea": 200}]
    assert causes(now, before, "EUR") == (
        Cause("sushi", euro(3000), euro(1500)),
        Cause("pizza", euro(1000), euro(1000)),
        Cause("bar", euro(900), euro(900)),
    )
    assert causes({"bus": 100}, [{"bus": 300}], "EUR") == ()


def test_units_are_those_that_a_stretch_touches():
    days = Period(date(2025, 2, 26), date(2025, 3, 4))
    assert [units(days, unit) for unit in ("day", "week", "month")] == [7, 2, 2]


def test_an_average_looks_back_on_whole_units_from_the_first_expense_on():
    friday = date(2025, 3, 14)
    assert lately(friday, "week", since=date(2020, 1, 1)) == Period(date(2024, 12, 16), date(2025, 3, 9))
    assert lately(friday, "week", since=date(2025, 2, 26)) == Period(date(2025, 2, 24), date(2025, 3, 9))
    assert lately(friday, "month", since=date(2025, 1, 20)) == Period(date(2025, 1, 1), date(2025, 2, 28))
    assert lately(friday, "day", since=date(2025, 3, 10)) == Period(date(2025, 3, 10), date(2025, 3, 13))
    assert lately(friday, "month", since=date(2025, 3, 2)) is None
    assert lately(friday, "month", since=None) is None


def test_what_falls_on_each_unit_is_rounded_by_currency():
    assert spread({"EUR": 1000, "JPY": 100}, 3) == {"EUR": 333, "JPY": 33}


def test_a_difference_says_which_is_more():
    assert difference(euro(500), euro(300)) == (True, euro(200))
    assert difference(euro(300), euro(500)) == (False, euro(200))
    assert difference(euro(300), euro(300)) == (False, euro(0))
