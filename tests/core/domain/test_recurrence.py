"""Days that come back: by example, then against a plain reading of the rule day by day."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.recurrence import WORKING_DAYS, Every, Rule, following, moment, occurrences
from core.errors import DomainError

START = date(2025, 1, 10)  # a Friday


def days(rule: Rule, count: int = 4) -> list[str]:
    return [f"{day:%y-%m-%d}" for day in islice(occurrences(rule, date.min, date.max), count)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule(Every.DAY, START), ["25-01-10", "25-01-11", "25-01-12", "25-01-13"]),
        (Rule(Every.DAY, START, weekdays=WORKING_DAYS), ["25-01-10", "25-01-13", "25-01-14", "25-01-15"]),
        (Rule(Every.WEEK, START), ["25-01-10", "25-01-17", "25-01-24", "25-01-31"]),
        (Rule(Every.WEEK, START, 2), ["25-01-10", "25-01-24", "25-02-07", "25-02-21"]),
        (Rule(Every.WEEK, START, 2, weekdays=frozenset({1, 5})), ["25-01-10", "25-01-20", "25-01-24", "25-02-03"]),
        (Rule(Every.MONTH, START), ["25-01-10", "25-02-10", "25-03-10", "25-04-10"]),
        (Rule(Every.MONTH, START, day=31), ["25-01-31", "25-02-28", "25-03-31", "25-04-30"]),
        (Rule(Every.MONTH, START, day=-1), ["25-01-31", "25-02-28", "25-03-31", "25-04-30"]),
        (Rule(Every.MONTH, START, day=5), ["25-02-05", "25-03-05", "25-04-05", "25-05-05"]),
        (Rule(Every.MONTH, START, 3, day=1), ["25-04-01", "25-07-01", "25-10-01", "26-01-01"]),
        (Rule(Every.MONTH, START, nth=2, weekdays=frozenset({2})), ["25-01-14", "25-02-11", "25-03-11", "25-04-08"]),
        (Rule(Every.MONTH, START, nth=5, weekdays=frozenset({5})), ["25-01-31", "25-05-30", "25-08-29", "25-10-31"]),
        (Rule(Every.MONTH, START, nth=-1, weekdays=WORKING_DAYS), ["25-01-31", "25-02-28", "25-03-31", "25-04-30"]),
        (Rule(Every.MONTH, date(2025, 5, 1), nth=-1, weekdays=WORKING_DAYS), ["25-05-30", "25-06-30", "25-07-31", "25-08-29"]),
        (Rule(Every.MONTH, START, nth=1, weekdays=WORKING_DAYS), ["25-02-03", "25-03-03", "25-04-01", "25-05-01"]),
        (Rule(Every.YEAR, START), ["25-01-10", "26-01-10", "27-01-10", "28-01-10"]),
        (Rule(Every.YEAR, START, day=29, month=2), ["25-02-28", "26-02-28", "27-02-28", "28-02-29"]),
        (Rule(Every.YEAR, START, nth=-1, weekdays=frozenset({7}), month=3), ["25-03-30", "26-03-29", "27-03-28", "28-03-26"]),
        (Rule(Every.MONTH, START, until=date(2025, 3, 10)), ["25-01-10", "25-02-10", "25-03-10"]),
        (Rule(Every.MONTH, START, until=date(2024, 3, 10)), []),
    ],
)
def test_when_it_falls_due(rule, expected):
    assert days(rule) == expected


@pytest.mark.parametrize(("month", "day"), [(2, 30), (2, 31), (4, 31), (11, 31), (1, 32), (1, 0), (1, -2)])
def test_days_that_no_year_has_are_refused(month, day):
    with pytest.raises(DomainError) as problem:
        Rule(Every.YEAR, START, day=day, month=month)
    assert (problem.value.code, problem.value.params) == ("no_such_day", {"day": day})


@pytest.mark.parametrize("nth", [0, 6, -6])
def test_the_sixth_monday_of_a_month_is_a_defect(nth):
    with pytest.raises(AssertionError):
        Rule(Every.MONTH, START, nth=nth, weekdays=frozenset({1}))


def test_time_ends():
    assert following(Rule(Every.DAY, date.max), date.max) is None
    for every in Every:
        assert following(Rule(every, date(9999, 12, 20), 40), date(9999, 12, 20)) is None
    assert days(Rule(Every.WEEK, date.min)) == ["01-01-01", "01-01-08", "01-01-15", "01-01-22"]


def test_the_next_one_is_found_at_once_however_long_ago_it_began():
    assert following(Rule(Every.DAY, date(1, 1, 1), 3), date(9000, 1, 1)) is not None
    assert following(Rule(Every.WEEK, date(1, 1, 3), 2), date(9000, 1, 1)) is not None
    assert following(Rule(Every.MONTH, date(1, 1, 31)), date(9000, 2, 1)) == date(9000, 2, 28)


@pytest.mark.parametrize(
    ("zone", "day", "at", "utc"),
    [
        ("Europe/Berlin", date(2025, 3, 29), time(9), datetime(2025, 3, 29, 8, tzinfo=UTC)),
        ("Europe/Berlin", date(2025, 3, 30), time(9), datetime(2025, 3, 30, 7, tzinfo=UTC)),  # nine o'clock stays nine o'clock
        ("Europe/Berlin", date(2025, 3, 30), time(2, 30), datetime(2025, 3, 30, 1, 30, tzinfo=UTC)),  # half past three, for there is no half past two
        ("Europe/Berlin", date(2025, 10, 26), time(2, 30), datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),  # the first of two
        ("America/Santiago", date(2025, 9, 7), time(0), datetime(2025, 9, 7, 4, tzinfo=UTC)),  # midnight is left out
        ("Asia/Kathmandu", date(2025, 9, 7), time(9), datetime(2025, 9, 7, 3, 15, tzinfo=UTC)),
    ],
)
def test_the_time_of_day_is_that_of_the_place(zone, day, at, utc):
    assert moment(day, at, ZoneInfo(zone)) == utc


DAYS = st.dates(date(2019, 1, 1), date(2030, 12, 31))
WEEKDAYS = st.frozensets(st.integers(1, 7), min_size=1)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    every, interval, weekdays = draw(st.sampled_from(Every)), draw(st.integers(1, 7)), draw(WEEKDAYS)
    until = draw(st.none() | DAYS)
    if every in (Every.DAY, Every.WEEK):
        interval = 1 if every is Every.DAY and (weekdays := draw(st.sampled_from([weekdays, frozenset()]))) else interval
        return Rule(every, draw(DAYS), interval, until, weekdays=weekdays)
    month = draw(st.none() | st.integers(1, 12)) if every is Every.YEAR else None
    if draw(st.booleans()):
        return Rule(every, draw(DAYS), interval, until, day=draw(st.none() | st.integers(1, 28) | st.just(-1)), month=month)
    nth = draw(st.integers(1, 4 * len(weekdays))) * draw(st.sampled_from([1, -1]))
    return Rule(every, draw(DAYS), interval, until, weekdays=weekdays, nth=nth, month=month)


def falls_on(rule: Rule, day: date) -> bool:
    """The rule as one reads it, of one day."""
    if day < rule.start or (rule.until is not None and day > rule.until):
        return False
    if rule.every is Every.DAY:
        return (day - rule.start).days % rule.interval == 0 and (not rule.weekdays or day.isoweekday() in rule.weekdays)
    if rule.every is Every.WEEK:
        weeks = ((day - timedelta(days=day.weekday())) - (rule.start - timedelta(days=rule.start.weekday()))).days // 7
        return weeks % rule.interval == 0 and day.isoweekday() in (rule.weekdays or {rule.start.isoweekday()})
    if rule.every is Every.YEAR and (day.month != (rule.month or rule.start.month) or (day.year - rule.start.year) % rule.interval):
        return False
    if rule.every is Every.MONTH and (day.year * 12 + day.month - rule.start.year * 12 - rule.start.month) % rule.interval:
        return False
    length = monthrange(day.year, day.month)[1]
    if rule.nth is None:
        return day.day == (length if rule.day == -1 else min(rule.day or rule.start.day, length))
    alike = [number for number in range(1, length + 1) if day.replace(day=number).isoweekday() in rule.weekdays]
    return day.day in alike and rule.nth in (alike.index(day.day) + 1, alike.index(day.day) - len(alike))


@given(rules(), DAYS, st.integers(0, 800))
def test_the_days_are_those_that_the_rule_says_and_no_others(rule, first, length):
    last = first + timedelta(days=length)
    expected = [day for day in (first + timedelta(days=number) for number in range(length + 1)) if falls_on(rule, day)]
    assert list(occurrences(rule, first, last)) == expected


@given(rules(), DAYS)
def test_the_next_day_is_the_first_of_those_that_come(rule, day):
    found = following(rule, day)
    coming = list(occurrences(rule, day + timedelta(days=1), day + timedelta(days=3000)))
    assert found == (coming[0] if coming else found)
    assert found is None or (found > day and falls_on(rule, found))


@given(DAYS, st.times(), st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago"]))
def test_the_moment_is_at_that_time_or_in_the_hour_that_is_left_out(day, at, name):
    zone = ZoneInfo(name)
    local = moment(day, at, zone).astimezone(zone).replace(tzinfo=None)
    wanted = datetime.combine(day, at)
    assert local - wanted in (timedelta(0), timedelta(minutes=30), timedelta(hours=1))
