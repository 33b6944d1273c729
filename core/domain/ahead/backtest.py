"""Forecasts replayed over histories of spending, each from what was known on that evening, and how right they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.domain.ahead.forecast import Forecast, forecast_from
from core.domain.ahead.ranks import WHOLE
from core.domain.ahead.spending import Period, Spending, Sums, months

DAYS = (5, 10, 15, 20, 25)
WHOLE_MONTHS_BEFORE = 4
RECENT, RECENT_WITH_SPENDING = 6, 3
BUDGET_MONTHS = 3
ALERT = 550  # thousandths of chance from which on one is warned


@dataclass(frozen=True, slots=True)
class Replayed:
    """One forecast of one account's month: what it said on the evening of `day`, and what the month came to, in minor units."""

    account: str
    period: Period
    day: int
    forecast: Forecast
    actual: int
    budget: int

    @property
    def warned(self) -> bool:
        """Whether the person would have been told that the budget is about to go, or is gone."""
        return self.forecast.chance_above(self.budget) >= ALERT

    @property
    def exceeded(self) -> bool:
        """Whether the month ended above its budget."""
        return self.actual > self.budget


@dataclass(frozen=True, slots=True)
class Score:
    """By day, in thousandths, None where there is nothing to divide by. `wape`: the sum of misses by the sum of what came."""

    wape: dict[int, int | None]
    coverage: int | None
    precision: dict[int, int | None]
    recall: dict[int, int | None]
    months: int


def replay(accounts: Mapping[str, Sequence[Spending]]) -> Iterator[Replayed]:
    """Every forecast that there can be: not of the first and the last month; four whole ones before, three of the last six with spending."""
    days = [each.on for spendings in accounts.values() for each in spendings]
    if not days:
        return
    whole = months(min(days), max(days))[1:-1]
    for account, spendings in accounts.items():
        yield from _replay_account(account, Sums(spendings), whole)


def _replay_account(account: str, sums: Sums, whole: Sequence[Period]) -> Iterator[Replayed]:
    totals = [sums.of(period) for period in whole]
    for place in range(WHOLE_MONTHS_BEFORE, len(whole)):
        recent = totals[max(0, place - RECENT) : place]
        if totals[place] <= 0 or sum(total > 0 for total in recent) < RECENT_WITH_SPENDING:
            continue
        budget = 11 * sum(totals[place - BUDGET_MONTHS : place]) // (10 * BUDGET_MONTHS)
        period = whole[place]
        for day in DAYS:
            evening = _evening(period, day)
            yield Replayed(account, period, day, forecast_from(sums, whole[: place + 1], evening), totals[place], budget)


def _evening(period: Period, day: int) -> date:
    return period.first + timedelta(days=day - 1)


def score(replayed: Sequence[Replayed]) -> Score:
    """How right forecasts were, pooled over all of them."""
    by_day = {day: [each for each in replayed if each.day == day] for day in DAYS}
    inside = sum(each.forecast.low <= each.actual <= each.forecast.high for each in replayed)
    return Score(
        wape={day: _share(sum(_miss(each) for each in rows), sum(each.actual for each in rows)) for day, rows in by_day.items()},
        coverage=_share(inside, len(replayed)),
        precision={day: _share(_right(rows), sum(each.warned for each in rows)) for day, rows in by_day.items()},
        recall={day: _share(_right(rows), sum(each.exceeded for each in rows)) for day, rows in by_day.items()},
        months=len({(each.account, each.period) for each in replayed}),
    )


def _miss(replayed: Replayed) -> int:
    return abs(replayed.forecast.expected - replayed.actual)


def _right(rows: Sequence[Replayed]) -> int:
    return sum(each.warned and each.exceeded for each in rows)


def _share(part: int, whole: int) -> int | None:
    """In thousandths, rounded to the nearest."""
    return (2 * part * WHOLE + whole) // (2 * whole) if whole else None
