"""How budgets stand: whose spendings count, in one currency, with what a period will probably come to. Words and writes are others' affair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.db import figures
from core.db.figures import Asked, Whose
from core.db.session import UnitOfWork
from core.domain.ahead.forecast import Forecast, forecast_from
from core.domain.ahead.ranks import WHOLE
from core.domain.ahead.spending import Period, Spending, Sums
from core.domain.budgets import Budget, Cycle, Status, leading_to, period_of, periods, status
from core.domain.figures import Spent
from core.domain.rates import Sheet, counted_in, sum_in
from core.ports import RateHistory
from core.services import rates
from core.services.figures import Kinds

PAST_PERIODS = 36  # as many as a forecast looks back on


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget, how it stands and what its period will come to. `without`: currencies that were spent, and have no rate."""

    budget: Budget
    status: Status
    forecast: Forecast
    without: tuple[str, ...] = ()
    sheet: Sheet | None = None  # by which something was converted

    @property
    def chance_above(self) -> int:
        """How likely the period ends above what there is, in thousandths."""
        return WHOLE if self.status.left < 0 else self.forecast.chance_above(self.status.limit)

    @property
    def expected_over(self) -> int:
        """By how many minor units more is expected than there is; below nought: less."""
        return self.forecast.expected - self.status.limit


@dataclass(frozen=True, slots=True)
class Days:
    """What was spent in all of the books, by day."""

    rows: Sequence[Spent]

    def of(self, category: str | None) -> Sequence[Spent]:
        return self.rows if category is None else [row for row in self.rows if row.category == category]


async def standings(
    uow: UnitOfWork,
    found: Sequence[Budget],
    whose: Whose,
    *,
    today: date,
    payday: int | None,
    history: RateHistory | None,
    look_back: int = PAST_PERIODS,
) -> list[Standing]:
    """How budgets stand on a day, in their order. The books are loaded; of the first one's categories the budgets are.

    `look_back`: earlier periods that a forecast goes by; 0: none is needed.
    """
    if not found:
        return []
    windows = {budget.cycle: _window(budget.cycle, today, payday, look_back) for budget in found}
    begins = [period_of(budget.cycle, budget.starts_on, payday=payday).first for budget in found]
    since = min(*begins, *(window[0].first for window in windows.values()))
    kinds, spent = Kinds(uow, whose), await figures.by_day(uow, whose, Asked(first=since))
    days = Days([row._replace(category=kinds.counts_as(row.book_id, row.category)) for row in spent])
    sheets = _Sheets(uow, history, today)
    return [await _standing(budget, days, windows[budget.cycle], sheets, today=today, payday=payday) for budget in found]


def _window(cycle: Cycle, today: date, payday: int | None, look_back: int) -> tuple[Period, ...]:
    return leading_to(cycle, period_of(cycle, today, payday=payday), look_back, payday=payday)


class _Sheets:
    """The rates of the days at which periods end, or of today where they do not yet; each looked up once."""

    def __init__(self, uow: UnitOfWork, history: RateHistory | None, today: date) -> None:
        self._uow, self._history, self._today = uow, history, today
        self._found: dict[date, Sheet | None] = {}

    async def at_end(self, period: Period) -> Sheet | None:
        day = min(period.last, self._today)
        if day not in self._found:
            self._found[day] = await rates.sheet(self._uow, self._history, day=day)
        return self._found[day]


async def _standing(budget: Budget, days: Days, window: Sequence[Period], sheets: _Sheets, *, today: date, payday: int | None) -> Standing:
    rows = days.of(budget.category)
    code = budget.amount.currency
    by_currency = {each: Sums(Spending(row.on, row.amount.minor) for row in rows if row.amount.currency == each) for each in _codes(rows)}
    current = window[-1]
    sheet = await sheets.at_end(current)
    spent: dict[Period, int] = {}
    for period in _counted(budget, current, payday):  # a budget of each day has hundreds: rates are looked up where something is converted
        converted = any(sums.of(period) for each, sums in by_currency.items() if each != code)
        spent[period] = _sum(by_currency, period, code, await sheets.at_end(period) if converted else None)
    now = status(budget, today, spent.__getitem__, payday=payday)
    known = [Spending(row.on, amount.minor) for row in rows if (amount := counted_in(row.amount, code, sheet)) is not None]
    begun = [Spending(days.rows[0].on, 0)] if days.rows else []  # whoever keeps a book has spent nothing on this until they did
    sums = Sums([*begun, *known])
    ahead = _at_least(forecast_from(sums, window, today), now.spent)
    foreign = {each for each, kept in by_currency.items() if each != code and kept.of(current)}
    without = {each for each in foreign if not _has(sheet, each, code)}
    return Standing(budget, now, ahead, tuple(sorted(without)), sheet if foreign - without else None)


def _at_least(ahead: Forecast, spent: int) -> Forecast:
    """Not below what is written down for later days of the period already: most of it came in earlier periods too, so it is not added."""
    return replace(ahead, expected=max(ahead.expected, spent), low=max(ahead.low, spent), high=max(ahead.high, spent))


def _codes(rows: Sequence[Spent]) -> set[str]:
    return {row.amount.currency for row in rows}


def _counted(budget: Budget, current: Period, payday: int | None) -> list[Period]:
    """The periods whose spendings a status asks for."""
    return [*periods(budget.cycle, budget.starts_on, current.first, payday=payday)] if budget.rollover else [current]


def _has(sheet: Sheet | None, code: str, into: str) -> bool:
    return sheet is not None and sheet.knows(code) and sheet.knows(into)


def _sum(by_currency: Mapping[str, Sums], period: Period, code: str, sheet: Sheet | None) -> int:
    """In minor units of a currency; what is in it exactly, the rest rounded once. What has no rate is left out."""
    foreign = {each: sums.of(period) for each, sums in by_currency.items() if each != code and _has(sheet, each, code)}
    own = by_currency[code].of(period) if code in by_currency else 0
    return own + (sum_in(foreign, sheet, code).minor if sheet is not None and any(foreign.values()) else 0)
