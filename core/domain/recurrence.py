"""Which days a rule falls on ("every 2 weeks on Friday", "the last working day", "every 31st until May"), and when on such a day it is in a zone.

A month that lacks the day has its last one instead. Weeks begin on Monday, weekdays are numbered from 1 (ISO 8601). Nothing is posted here.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import count, takewhile
from zoneinfo import ZoneInfo

from core.errors import DomainError

LEAP_YEAR = 2024
WORKING_DAYS = frozenset(range(1, 6))  # Monday to Friday; holidays differ by place and are not known here


class Every(StrEnum):
    """What `interval` counts."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Rule:
    """Days from `start` on, up to `until`. What is not said is taken from `start`: its weekday, its day of the month, its month.

    `weekdays` of a week, or of every day ("from Monday to Friday"). Of a month or a year: `day` of the month, -1 the last; or with `nth` the nth day
    that is one of `weekdays`, -1 the last ("the second Tuesday"; "the last working day" is -1 of Monday to Friday).

    Raises DomainError `no_such_day` for a day that no year has, such as 31 February. 29 February is the 28th in other years.
    """

    every: Every
    start: date
    interval: int = 1
    until: date | None = None
    weekdays: frozenset[int] = frozenset()
    day: int | None = None
    nth: int | None = None
    month: int | None = None

    def __post_init__(self) -> None:
        assert self.weekdays <= frozenset(range(1, 8)) and self.month in (None, *range(1, 13)), "weekdays are 1 to 7, months 1 to 12"
        assert self.interval > 0 and not (self.every is Every.DAY and self.weekdays and self.interval > 1), (
            "every third day, if a Monday: when is that?"
        )
        assert self.nth is None or 1 <= abs(self.nth) <= 4 * len(self.weekdays) + 1, "the nth of weekdays that no month has so often"
        longest = monthrange(LEAP_YEAR, self.month)[1] if self.every is Every.YEAR and self.month else 31
        if self.day is not None and not (self.day == -1 or 1 <= self.day <= longest):
            raise DomainError("no_such_day", day=self.day)


@dataclass(frozen=True, slots=True)
class Event:
    """What a calendar shows of a rule: `first` is a day of the rule from which it is shown. `uid` stays the same however often it is shown."""

    uid: str
    title: str
    rule: Rule
    first: date


def occurrences(rule: Rule, first: date, last: date) -> Iterator[date]:
    """The days of the rule from `first` to `last`, both included, ascending."""
    end = min(last, rule.until or last)
    for day in takewhile(lambda each: each <= end, _days(rule, max(first, rule.start))):
        if day >= max(first, rule.start):
            yield day


def following(rule: Rule, day: date) -> date | None:
    """The first day of the rule strictly after `day`; None where there is none."""
    return next(occurrences(rule, day + timedelta(days=1), date.max), None) if day < date.max else None


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When it is that time on that day in the zone, in UTC: the first where it comes twice, as much later as is left out where it is left out."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def _days(rule: Rule, first: date) -> Iterator[date]:
    """The days of the rule, ascending, beginning with the period (day, week, month or year) that `first` is in, or the next that counts."""
    steps = {Every.DAY: _by_day, Every.WEEK: _by_week, Every.MONTH: _by_month, Every.YEAR: _by_month}
    return steps[rule.every](rule, first)


def _by_day(rule: Rule, first: date) -> Iterator[date]:
    passed = (first - rule.start).days
    for number in count(_counting(passed, rule.interval), rule.interval):
        day = _plus(rule.start, number)
        if day is None:
            return
        if not rule.weekdays or day.isoweekday() in rule.weekdays:
            yield day


def _by_week(rule: Rule, first: date) -> Iterator[date]:
    monday = rule.start.toordinal() - rule.start.weekday()  # a number: the Monday of the first week of all may be before the first day of all
    passed = (first.toordinal() - monday) // 7
    for number in count(_counting(passed, rule.interval), rule.interval):
        for weekday in sorted(rule.weekdays or {rule.start.isoweekday()}):
            ordinal = monday + 7 * number + weekday - 1
            if ordinal > date.max.toordinal():
                return
            if ordinal >= rule.start.toordinal():
                yield date.fromordinal(ordinal)


def _by_month(rule: Rule, first: date) -> Iterator[date]:
    """Months of a month rule, or the one month of each year that counts."""
    month = (rule.month or rule.start.month) if rule.every is Every.YEAR else rule.start.month
    begin, length = rule.start.year * 12 + month - 1, rule.interval * (12 if rule.every is Every.YEAR else 1)
    passed = first.year * 12 + first.month - 1 - begin
    for number in count(begin + max(0, passed // length) * length, length):
        if number >= 12 * (date.max.year + 1):
            return
        day = _in_month(rule, number // 12, number % 12 + 1)
        if day is not None:
            yield day


def _in_month(rule: Rule, year: int, month: int) -> date | None:
    length = monthrange(year, month)[1]
    if rule.nth is not None:
        days = [day for day in range(1, length + 1) if date(year, month, day).isoweekday() in rule.weekdays]
        place = rule.nth - 1 if rule.nth > 0 else rule.nth
        return date(year, month, days[place]) if -len(days) <= place < len(days) else None
    wanted = rule.day or rule.start.day
    return date(year, month, length if wanted == -1 else min(wanted, length))


def _counting(passed: int, interval: int) -> int:
    """The first multiple of the interval that is not before what has passed."""
    return -(-max(0, passed) // interval) * interval


def _plus(start: date, days: int) -> date | None:
    return start + timedelta(days=days) if days <= (date.max - start).days else None
