"""What looking ahead looks at: spendings of one currency, and the periods that they are counted by."""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from core.domain.categories import OTHER


@dataclass(frozen=True, slots=True)
class Spending:
    """One person's part of one expense, in minor units; less than nought for a refund. `merchant` is a normalised name, empty where none is known."""

    on: date
    minor: int
    category: str = OTHER
    merchant: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """A month, a week, or from payday to payday: its first and its last day."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


class Sums:
    """Spendings of one currency, ready to be summed over days."""

    def __init__(self, spendings: Iterable[Spending]) -> None:
        rows = sorted(((each.on, each.minor) for each in spendings), key=lambda row: row[0])
        self._days = [on for on, _ in rows]
        self._totals = [0, *accumulate(minor for _, minor in rows)]

    @property
    def first(self) -> date | None:
        """The day of the first spending."""
        return self._days[0] if self._days else None

    def between(self, first: date, last: date) -> int:
        """The sum in minor units from one day to another, both included."""
        return self._totals[bisect_left(self._days, last + timedelta(days=1))] - self._totals[bisect_left(self._days, first)]

    def of(self, period: Period) -> int:
        """The sum of a whole period."""
        return self.between(period.first, period.last)

    def closing(self, period: Period, days: int) -> int:
        """The sum of the last `days` days of a period, of all of it where it has no more."""
        return self.between(max(period.first, period.last - timedelta(days=days - 1)), period.last)


def months(first: date, last: date) -> tuple[Period, ...]:
    """The calendar months from that of `first` to that of `last`, both included."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return tuple(_month(*divmod(number, 12)) for number in numbers)


def _month(year: int, number: int) -> Period:
    return Period(date(year, number + 1, 1), date(year, number + 1, monthrange(year, number + 1)[1]))
