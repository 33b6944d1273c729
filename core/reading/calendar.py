"""Owns the arithmetic of days, weeks and months that reading dates needs. Weeks begin on Monday (ISO 8601)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache


def day(year: int, month: int, number: int) -> date | None:
    """The day, None where there is no such day."""
    try:
        return date(year, month, number)
    except (ValueError, OverflowError):
        return None


def full_year(year: int, today: date) -> int:
    """A year of two digits is the one within 50 years of today ("39" in 2016 is 2039, "89" is 1989)."""
    if year > 99:
        return year
    century = today.year - today.year % 100
    return min((century + year + step for step in (-100, 0, 100)), key=lambda full: abs(full - today.year))


def latest(month: int, number: int, today: date) -> date | None:
    """The latest such day of a year that is not after today; 29 February may be four years back."""
    found = (day(year, month, number) for year in range(today.year, max(1, today.year - 9), -1))
    return next((each for each in found if each is not None and each <= today), None)


def latest_day(number: int, today: date) -> date | None:
    """The latest day with this number in its month that is not after today."""
    base = today.replace(day=1)
    for _ in range(3):
        found = day(base.year, base.month, number)
        if found is not None and found <= today:
            return found
        base = (base - timedelta(days=1)).replace(day=1)
    return None


def nearest(month: int, number: int, today: date, *, coming: bool) -> date | None:
    """The latest such day of a year up to today, or with `coming` the next one from today on."""
    if not coming:
        return latest(month, number, today)
    found = (day(year, month, number) for year in range(today.year, today.year + 9))
    return next((each for each in found if each is not None and each >= today), None)


def nearest_day(number: int, today: date, *, coming: bool) -> date | None:
    """The latest day with this number in its month up to today, or with `coming` the next one from today on."""
    if not coming:
        return latest_day(number, today)
    months = (base for step in range(4) if (base := add(today.replace(day=1), "month", step)) is not None)
    found = (day(base.year, base.month, number) for base in months)
    return next((each for each in found if each is not None and each >= today), None)


def weekday_before(today: date, weekday: int) -> date:
    """The latest such weekday (Monday is 1) strictly before `today`."""
    return today - timedelta(days=(today.isoweekday() - weekday - 1) % 7 + 1)


def weekday_after(today: date, weekday: int) -> date:
    """The next such weekday strictly after `today`."""
    return today + timedelta(days=(weekday - today.isoweekday() - 1) % 7 + 1)


@lru_cache(maxsize=256)
def weekday_and_day(weekday: int, number: int, today: date, *, coming: bool = False) -> date | None:
    """The day that is this weekday and has this number in its month: the latest of the past two months, else the nearest within four years.

    With `coming` one within a month of today, else the next.
    """
    first = today.replace(day=1)
    months = [base for step in range(-48, 49) if (base := add(first, "month", step)) is not None]
    found = [day_ for base in months if (day_ := day(base.year, base.month, number)) is not None and day_.isoweekday() == weekday]
    if coming:
        near = min(found, key=lambda day_: abs((today - day_).days), default=today)
        return near if abs((near - today).days) <= 31 else next((day_ for day_ in found if day_ >= today), None)
    recent = [day_ for day_ in found if 0 <= (today - day_).days <= 62]
    return recent[-1] if recent else min(found, key=lambda day_: abs((today - day_).days), default=None)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    """The nth such weekday of a month, -1 the last."""
    first, days = date(year, month, 1), monthrange(year, month)[1]
    all_days = [number for number in range(1, days + 1) if (first.isoweekday() + number - 2) % 7 + 1 == weekday]
    return first.replace(day=all_days[nth - 1 if nth > 0 else nth]) if nth <= len(all_days) else None


def month(year: int, number: int) -> tuple[date, date]:
    """First and last day."""
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


def add(start: date, unit: str, count: int) -> date | None:
    """`count` (business) days, weeks, fortnights, months or years later; the last day of a month where the day does not exist. None out of range."""
    try:
        if unit == "business day":
            weeks, rest = divmod(abs(count), 5)
            step = start + timedelta(days=7 * weeks * (1 if count > 0 else -1))
            while rest:
                step += timedelta(days=1 if count > 0 else -1)
                rest -= step.isoweekday() < 6
            return step
        if unit in ("day", "week", "fortnight"):
            return start + timedelta(days=count * {"day": 1, "week": 7, "fortnight": 14}[unit])
        months = start.year * 12 + start.month - 1 + count * (12 if unit == "year" else 1)
        year, number = divmod(months, 12)
        return date(year, number + 1, min(start.day, monthrange(year, number + 1)[1]))
    except (ValueError, OverflowError):
        return None


PARTS = {"quarter": 3, "half": 6}  # parts of a year, in months


def part_of_year(part: str, today: date, year: int | None = None, *, coming: bool = False) -> tuple[date, date]:
    """First and last day of "quarter_3", "half_last", "quarter_this".

    Without a year a numbered one is the last that has begun, or with `coming` the next that has not ended; the last one of a year is that at its end.
    """
    name, _, which = part.partition("_")
    size = PARTS[name]
    running = (today.month - 1) // size
    if which == "last" and year is None:
        first = today.year * 12 + (running - 1) * size
    else:
        number = running if which == "this" else 12 // size - 1 if which == "last" else int(which) - 1
        meant = today.year + (number < running) if coming else today.year - (number > running)
        first = (year or meant) * 12 + number * size
    last = first + size - 1
    return date(first // 12, first % 12 + 1, 1), month(last // 12, last % 12 + 1)[1]


def period(today: date, unit: str, step: int) -> tuple[date, date]:
    """First and last day of the unit that is `step` units after the one `today` is in."""
    if unit in ("week", "fortnight"):
        start = today - timedelta(days=today.isoweekday() - 1) + timedelta(days=7 * step)
        return start, start + timedelta(days=6)
    if unit == "month":
        base = add(today.replace(day=1), "month", step) or today
        return month(base.year, base.month)
    if unit == "year":
        return date(today.year + step, 1, 1), date(today.year + step, 12, 31)
    return today + timedelta(days=step), today + timedelta(days=step)
