"""Compares what was spent in stretches of time: with another, with what is usual, and which places make the difference. Exact; says nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from core.domain.ahead.spending import Period
from core.domain.figures import Sums
from core.domain.money import Money

STRETCHES = 6  # earlier ones that make what is usual
LEAST = 2  # of them: one alone is no custom
CAUSES = 3
UNIT_COUNTS = {"day": 30, "week": 12, "month": 3}  # whole ones that an average looks back on


def earlier(stretch: Period, *, since: date | None) -> list[Period]:
    """The same stretch of earlier months (days 1 to 14 as days 1 to 14), or as many days each before it; not before `since`, the newest first."""
    found = []
    in_month = stretch.first.day == 1 and (stretch.first.year, stretch.first.month) == (stretch.last.year, stretch.last.month)
    whole = in_month and (stretch.last + timedelta(days=1)).day == 1
    for back in range(1, STRETCHES + 1):
        if in_month:
            first = _months_on(stretch.first, -back)
            end = _months_on(first, 1) - timedelta(days=1)
            each = Period(first, end if whole else min(first + timedelta(days=stretch.days - 1), end))
        else:
            last = stretch.first - timedelta(days=1 + (back - 1) * stretch.days)
            each = Period(last - timedelta(days=stretch.days - 1), last)
        if since is None or each.last < since:
            break
        found.append(each)
    return found


def usual(sums: Sequence[int], currency: str) -> Money:
    """The mean of minor units of some stretches, rounded to the nearest."""
    return Money.nearest(Fraction(sum(sums), len(sums)), currency)


@dataclass(frozen=True, slots=True)
class Cause:
    """What one place came to, and how much that is above what it usually comes to."""

    key: str
    amount: Money
    above: Money


def causes(now: Mapping[str, int], before: Sequence[Mapping[str, int]], currency: str) -> tuple[Cause, ...]:
    """The places that account for most of the difference, the largest first. `now` and `before`: minor units by place, a stretch each."""
    found = [
        Cause(key, Money(minor, currency), Money(minor, currency) - usual([each.get(key, 0) for each in before], currency))
        for key, minor in now.items()
    ]
    above = [cause for cause in found if cause.above.minor > 0]
    return tuple(sorted(above, key=lambda cause: (-cause.above.minor, cause.key))[:CAUSES])


def _months_on(first: date, count: int) -> date:
    """The first of a month so many months on, or back."""
    months = first.year * 12 + first.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def units(stretch: Period, unit: str) -> int:
    """How many days, weeks (from Monday) or months a stretch touches."""
    if unit == "day":
        return stretch.days
    if unit == "week":
        monday = stretch.first - timedelta(days=stretch.first.weekday())
        return (stretch.last - monday).days // 7 + 1
    return (stretch.last.year - stretch.first.year) * 12 + stretch.last.month - stretch.first.month + 1


def lately(today: date, unit: str, *, since: date | None) -> Period | None:
    """The last whole units before today's, as many as an average looks back on, from that of the first expense on."""
    count = UNIT_COUNTS[unit]
    if unit == "day":
        last, first = today - timedelta(days=1), today - timedelta(days=count)
        begins = since
    elif unit == "week":
        monday = today - timedelta(days=today.weekday())
        last, first = monday - timedelta(days=1), monday - timedelta(days=7 * count)
        begins = since - timedelta(days=since.weekday()) if since is not None else None
    else:
        month = today.replace(day=1)
        last, first = month - timedelta(days=1), _months_on(month, -count)
        begins = since.replace(day=1) if since is not None else None
    first = max(first, begins) if begins is not None else first
    return Period(first, last) if since is not None and first <= last else None


def spread(sums: Sums, count: int) -> Sums:
    """What falls on each of some units, by currency, rounded to the nearest."""
    return {code: Money.nearest(Fraction(minor, count), code).minor for code, minor in sums.items()}


def difference(one: Money, two: Money) -> tuple[bool, Money]:
    """Whether the first is more than the second, and how far they are apart; of one currency."""
    apart = one - two
    return apart.minor > 0, Money(abs(apart.minor), apart.currency)
