"""Reports on what was spent in some days: told apart, and held against the days before. Counts; says nothing."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.domain.ahead.spending import Period
from core.domain.figures import Bill, By, Table
from core.domain.money import Money
from core.domain.recurrence import Every, Rule, following, moment
from core.errors import DomainError

USUAL_LEAST, USUAL_MOST = 3, 6  # earlier periods that make something usual: how many it takes, and how many are looked at
DAYS_MOST = 366 * 20
_BARS_MOST = 31


@dataclass(frozen=True, slots=True)
class Trend:
    """What a period came to so far, and what is usual by the same day of it: the middle one of earlier periods. `category` None: everything."""

    category: str | None
    now: Money
    usual: Money
    periods: int

    @property
    def percent(self) -> int | None:
        """How much more (below nought: less) in hundredths of the usual, rounded towards it; None where nothing is usual."""
        if self.usual.minor <= 0:
            return None
        more = self.now.minor - self.usual.minor
        return (abs(more) * 100 // self.usual.minor) * (1 if more > 0 else -1)

    @property
    def difference(self) -> Money:
        """How much more or less it is, never below nought."""
        return Money(abs(self.now.minor - self.usual.minor), self.now.currency)


@dataclass(frozen=True, slots=True)
class Report:
    """What was spent in a period, in `count` bills. All `tables` have the same total: that by category, and others that were wanted, where times are
    rows of `step`, days without a bill left out.

    `names`: what people call the places. `usual`: of everything, None where too little is known; `trends`: of each category that has one.
    `biggest`: the largest single part in the home currency, the newest of equals. `bills`: the newest, as many as were wanted, by day; `last`: the
    day of the very last one.
    """

    period: Period
    count: int
    tables: Mapping[By, Table]
    step: By
    names: Mapping[str, str]
    usual: Trend | None
    trends: Mapping[str, Trend]
    biggest: Bill | None
    bills: Sequence[Bill]
    last: date

    @property
    def categories(self) -> Table:
        return self.tables[By.CATEGORY]


def checked(first: date, last: date) -> Period:
    """The days from one to another, whichever was said first. Raises DomainError `too_many_days`."""
    first, last = min(first, last), max(first, last)
    if (last - first).days > DAYS_MOST:
        raise DomainError("too_many_days")
    return Period(first, last)


def just_over(every: Every, today: date, interval: int = 1) -> Period:
    """The last day, the last seven days, or the last month or year that is over; of an interval the last so many."""
    yesterday = today - timedelta(days=1)
    if every in (Every.MONTH, Every.YEAR):
        end = today.replace(day=1, month=today.month if every is Every.MONTH else 1) - timedelta(days=1)
        months = end.year * 12 + end.month - interval * (1 if every is Every.MONTH else 12)
        return Period(date(months // 12, months % 12 + 1, 1), end)
    return Period(today - timedelta(days=interval * (7 if every is Every.WEEK else 1)), yesterday)


def next_moment(
    every: Every, *, weekday: int | None, at: time, zone: ZoneInfo, after: datetime, interval: int = 1, before: datetime | None = None
) -> datetime:
    """When a report is due next, strictly after a moment: every day, on a weekday (1 is Monday), or on the first of a month or year.

    Weeks of an interval are counted from the one that was due `before`, where there was one; months from January.
    """
    today = after.astimezone(zone).date()
    yearly = every in (Every.MONTH, Every.YEAR)
    start = today.replace(month=1, day=1) if yearly else before.astimezone(zone).date() if before is not None else today.replace(day=1)
    step = interval if yearly or before is not None else 1
    rule = Rule(every, start, step, weekdays=frozenset({weekday} if weekday else ()), day=1 if yearly else None)
    day = following(rule, today - timedelta(days=1))
    while day is not None and moment(day, at, zone) <= after:
        day = following(rule, day)
    assert day is not None, "there are days to come"
    return moment(day, at, zone)


def step_of(period: Period) -> By:
    """How finely a period is shown: by day up to a month, by week up to four months, else by month."""
    return By.DAY if period.days <= _BARS_MOST else By.WEEK if period.days <= 124 else By.MONTH


def months_of(period: Period) -> int:
    """How many whole months it is; nought where it is something else."""
    ends = period.last.day == monthrange(period.last.year, period.last.month)[1]
    if period.first.day != 1 or not ends:
        return 0
    return (period.last.year - period.first.year) * 12 + period.last.month - period.first.month + 1


def earlier(period: Period, number: int) -> list[Period]:
    """The periods of the same length before it, the nearest first: of whole months so many months, else so many days. Fewer at the world's start."""
    found, size = [period], months_of(period)
    while len(found) <= number:
        last = found[-1].first - timedelta(days=1) if found[-1].first > date(1, 1, 1) else None
        if last is None or (last.year * 12 + last.month < size + 12) or (last - date.min).days < period.days:
            break
        back = last.year * 12 + last.month - size
        first = date(back // 12, back % 12 + 1, 1) if size else last - timedelta(days=period.days - 1)
        found.append(Period(first, last))
    return found[1:]


def so_far(period: Period, today: date) -> int:
    """How many of its days have begun; all of them where it is over."""
    return max(1, min(period.days, (today - period.first).days + 1))


def begun(period: Period, days: int) -> Period:
    """Its first days, at most all of them."""
    return Period(period.first, min(period.last, period.first + timedelta(days=days - 1)))


def middle(values: Sequence[int]) -> int:
    """The median in whole units, rounded down between two."""
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) // 2
