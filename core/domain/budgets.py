"""Budgets: what may be spent in a period, what is left of it and how fast it goes; what is rolled over and moved. Counts; reads and says nothing."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from uuid import UUID

from core.domain.ahead.ranks import WHOLE
from core.domain.ahead.spending import Period
from core.domain.money import Money
from core.errors import DomainError

NEARLY = 800  # thousandths of a budget from which on it is nearly spent
LATEST_PAYDAY = 31


class Cycle(StrEnum):
    """How long a period is. A month begins on the first, or on payday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Budget:
    """`category` None: everything. `carried`: minor units more (or, below nought, less) in the period that begins on `starts_on`.

    With `rollover` what was left or overdrawn in each period since then counts in the next.
    """

    budget_id: UUID
    category: str | None
    amount: Money
    cycle: Cycle
    starts_on: date
    rollover: bool = False
    carried: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """How a budget stands on a day of its period, in minor units. `limit` holds what was `carried` into the period already."""

    period: Period
    today: date
    limit: int
    carried: int
    spent: int

    @property
    def left(self) -> int:
        """Below nought: how much is overdrawn."""
        return self.limit - self.spent

    @property
    def days_left(self) -> int:
        """With today, at least one."""
        return max(1, (self.period.last - max(self.today, self.period.first)).days + 1)

    @property
    def each_day(self) -> int:
        """What may be spent today so that as much, or a unit more, is there on each later day: of `portions` the first."""
        return portions(max(0, self.left), self.days_left)[0]

    @property
    def ahead(self) -> int:
        """How much more (below nought: less) is spent by the end of today than evenly over the days of the period."""
        gone = self.period.days - self.days_left + 1
        return self.spent - self.limit * gone // self.period.days

    @property
    def share(self) -> int:
        """What is spent in thousandths of the limit; all of it where there is nothing to spend."""
        return max(0, self.spent) * WHOLE // self.limit if self.limit > 0 else WHOLE

    @property
    def slack(self) -> int:
        """What is left in thousandths of the limit, below nought where it is overdrawn: of several budgets the least is the one that binds."""
        return self.left * WHOLE // self.limit if self.limit > 0 else min(self.left, -1)

    def after(self, minor: int) -> Status:
        """With so much more spent."""
        return replace(self, spent=self.spent + minor)


def portions(minor: int, days: int) -> tuple[int, ...]:
    """Nought or more units over at least one day in whole parts that add up; the larger ones come last.

    Source: the method of largest remainders (Hamilton), which for equal parts gives some of them one unit more.
    """
    each, more = divmod(minor, days)
    return (each,) * (days - more) + (each + 1,) * more


def about(amount: Money) -> Money:
    """To whole units of the currency, as estimates are told."""
    return Money.rounded(amount.decimal.quantize(Decimal(1), rounding=ROUND_HALF_UP), amount.currency)


# ------------------------------------------------------------------ periods


def period_of(cycle: Cycle, day: date, *, payday: int | None = None) -> Period:
    """The period that a day is in. `payday`: the day on which months begin, the last one of a shorter month; weeks begin on Monday (ISO 8601)."""
    if cycle is Cycle.DAY:
        return Period(day, day)
    if cycle is Cycle.WEEK:
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + timedelta(days=6))
    if cycle is Cycle.YEAR:
        return Period(day.replace(month=1, day=1), day.replace(month=12, day=31))
    begins = payday or 1
    first = _on(day.year, day.month, begins)
    if day < first:
        year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
        first = _on(year, month, begins)
    year, month = (first.year, first.month + 1) if first.month < 12 else (first.year + 1, 1)
    return Period(first, _on(year, month, begins) - timedelta(days=1))


def _on(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


def checked_payday(day: int) -> int:
    """Raises DomainError `no_such_day`."""
    if not 1 <= day <= LATEST_PAYDAY:
        raise DomainError("no_such_day", day=day)
    return day


def periods(cycle: Cycle, first: date, last: date, *, payday: int | None = None) -> tuple[Period, ...]:
    """Those from the period of `first` to that of `last`, both included; none where `last` is before it."""
    found: list[Period] = []
    each = period_of(cycle, first, payday=payday)
    while each.first <= last:
        found.append(each)
        each = period_of(cycle, each.last + timedelta(days=1), payday=payday)
    return tuple(found)


def leading_to(cycle: Cycle, period: Period, count: int, *, payday: int | None = None) -> tuple[Period, ...]:
    """A period behind the `count` ones before it, the oldest first."""
    found = [period]
    for _ in range(count):
        found.append(period_of(cycle, found[-1].first - timedelta(days=1), payday=payday))
    return tuple(reversed(found))


# ------------------------------------------------------------------ how a budget stands


def status(budget: Budget, today: date, spent: Callable[[Period], int], *, payday: int | None = None) -> Status:
    """How it stands on a day; `spent`: what was spent in a period, in minor units of the budget's currency."""
    period = period_of(budget.cycle, today, payday=payday)
    carried = _carried(budget, period, spent, payday=payday)
    return Status(period, today, budget.amount.minor + carried, carried, spent(period))


def _carried(budget: Budget, period: Period, spent: Callable[[Period], int], *, payday: int | None) -> int:
    if not budget.rollover:
        return budget.carried if period.first <= budget.starts_on <= period.last else 0
    gone = periods(budget.cycle, budget.starts_on, period.first - timedelta(days=1), payday=payday)
    return budget.carried + sum(budget.amount.minor - spent(each) for each in gone)


def renewed(budget: Budget, now: Status) -> Budget:
    """The same from the present period on, with what was carried into it: what changes now leaves the past as it was counted."""
    return replace(budget, starts_on=now.period.first, carried=now.carried)


def changed(budget: Budget, now: Status, amount: Money) -> Budget:
    """With another amount from this period on. What was carried stays, but for another currency, in which it would mean something else."""
    return replace(renewed(budget, now), amount=amount, carried=now.carried if amount.currency == budget.amount.currency else 0)


def moved(one: Budget, two: Budget, amount: Money, now: tuple[Status, Status]) -> tuple[Budget, Budget]:
    """Both after an amount went from one to the other, for their present periods (with rollover it goes on from there).

    Raises DomainError `zero_amount`, `budgets_differ`, `budget_too_small` (left: Money) where less than that is left.
    """
    if amount.minor <= 0:
        raise DomainError("zero_amount")
    if not one.amount.currency == two.amount.currency == amount.currency:
        raise DomainError("budgets_differ", currency=amount.currency)
    if now[0].left < amount.minor:
        raise DomainError("budget_too_small", left=Money(max(0, now[0].left), amount.currency))
    giver, taker = renewed(one, now[0]), renewed(two, now[1])
    return replace(giver, carried=giver.carried - amount.minor), replace(taker, carried=taker.carried + amount.minor)
