"""The replay of forecasts: which months are taken, what is known when, what the figures mean, and how good they are on made-up households."""

from __future__ import annotations

from datetime import date

from core.domain.ahead.backtest import DAYS, replay, score
from core.domain.ahead.spending import Spending, Sums, months
from tests.support.histories import household

WHOLE = months(date(2024, 1, 1), date(2024, 12, 1))


def steady(skipped: tuple[int, ...] = (), *, amount: int = 100_00) -> list[Spending]:
    return [Spending(period.first.replace(day=day), amount) for period in WHOLE if period.first.month not in skipped for day in (8, 22)]


def taken(accounts: dict[str, list[Spending]]) -> set[tuple[str, int]]:
    return {(each.account, each.period.first.month) for each in replay(accounts)}


def test_months_with_four_whole_ones_before_and_not_the_last_are_taken_on_five_evenings():
    replayed = list(replay({"a": steady()}))
    assert taken({"a": steady()}) == {("a", month) for month in range(6, 12)}
    assert [each.day for each in replayed[:5]] == list(DAYS)


def test_the_months_are_those_of_the_file_not_of_the_account():
    late = [each for each in steady() if each.on.month >= 4]
    assert taken({"a": steady(), "b": late}) >= {("b", 7), ("b", 8)}  # at 1 July three of the last six months had spending
    assert ("b", 6) not in taken({"a": steady(), "b": late})


def test_months_without_spending_are_no_cases_and_three_of_the_last_six_must_have_some():
    assert taken({"a": steady(skipped=(8,))}) == {("a", month) for month in (6, 7, 9, 10, 11)}
    assert taken({"a": steady(skipped=(3, 4, 5, 6))}) == {("a", month) for month in (10, 11)}


def test_nothing_of_after_the_evening_is_known():
    """Changing what comes after an evening changes no forecast of before it."""
    rows = household(3, last=date(2022, 6, 30))
    changed = [Spending(each.on, each.minor * 9 if each.on > date(2022, 3, 15) else each.minor) for each in rows]
    pairs = zip(replay({"a": rows}), replay({"a": changed}), strict=True)
    before = [(one, other) for one, other in pairs if (one.period.first.year, one.period.first.month, one.day) <= (2022, 3, 15)]
    assert len(before) > 40
    assert all((one.forecast.expected, one.forecast.low) == (other.forecast.expected, other.forecast.low) for one, other in before)


def test_the_budget_is_a_tenth_above_the_last_three_months():
    replayed = list(replay({"a": steady(amount=100_00)}))
    assert {each.budget for each in replayed} == {220_00}
    assert not any(each.warned or each.exceeded for each in replayed)


def test_a_month_that_already_costs_more_is_warned_of():
    rows = [*steady(), Spending(date(2024, 9, 9), 500_00)]
    september = [each for each in replay({"a": rows}) if each.period.first.month == 9]
    assert [each.warned for each in september] == [False, True, True, True, True]
    assert all(each.exceeded for each in september)


def test_what_the_figures_mean():
    rows = [*steady(), Spending(date(2024, 9, 9), 300_00)]
    figures = score(list(replay({"a": rows})))
    assert figures.months == 6
    assert figures.wape[5] == round(1000 * 300 / (6 * 200 + 300))  # only September's forecast is off, by what came as a surprise
    assert (figures.recall[5], figures.recall[10], figures.precision[10]) == (0, 1000, 1000)
    assert score([]).coverage is None


def test_nothing_comes_of_nothing():
    assert list(replay({})) == []
    assert list(replay({"a": [Spending(date(2024, 5, 1), 1)]})) == []


def test_made_up_households_are_foreseen_better_than_by_the_median_of_what_the_same_days_cost():
    accounts = {str(seed): household(seed) for seed in range(12)}
    replayed = [each for name, rows in accounts.items() for each in replay({name: rows})]
    figures = score(replayed)
    plain = 0
    for each in replayed:
        sums, evening = Sums(accounts[each.account]), each.period.first.replace(day=each.day)
        past = [sums.between(period.first.replace(day=each.day), period.last) for period in months(date(2021, 2, 1), evening)[-7:-1]]
        plain += abs(sums.between(each.period.first, evening) + sorted(past)[len(past) // 2] - each.actual)
    assert sum(abs(each.forecast.expected - each.actual) for each in replayed) < 0.95 * plain
    assert 770 <= (figures.coverage or 0) <= 870  # people whose months are alike get intervals that are a little wide, never narrow ones
