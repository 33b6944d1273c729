"""Owns the days of holidays: fixed ones, those counted from Easter, and the nth weekday of a month. Knows no language."""

from __future__ import annotations

import re
from datetime import date, timedelta

from core.reading import calendar

_RULE = re.compile(r"(?P<month>\d\d)-(?P<day>\d\d)|(?P<easter>easter|orthodox)|(?P<of>\d\d)/(?P<weekday>[1-7])/(?P<nth>-1|[1-5])")
_SHIFT = re.compile(r"[+-]\d{1,2}$")


def is_rule(rule: str) -> bool:
    """Whether `rule` names a day of the year: "12-25", "easter-2", "orthodox+1", "11/4/4" (the 4th Thursday of November), "11/4/4+1"."""
    return _RULE.fullmatch(_SHIFT.sub("", rule)) is not None or _RULE.fullmatch(rule) is not None


def holiday(rule: str, year: int) -> date | None:
    """The day of a rule in a year, None where it has none."""
    match, days = _RULE.fullmatch(rule), 0
    if match is None:
        shift = _SHIFT.search(rule)
        match, days = _RULE.fullmatch(_SHIFT.sub("", rule)), int(shift[0]) if shift else 0
    if match is None:
        return None
    if match["easter"]:
        found: date | None = easter(year, orthodox=match["easter"] == "orthodox")
    elif match["of"]:
        found = calendar.nth_weekday(year, int(match["of"]), int(match["weekday"]), int(match["nth"]))
    else:
        found = calendar.day(year, int(match["month"]), int(match["day"]))
    return found + timedelta(days=days) if found else None


def easter(year: int, *, orthodox: bool = False) -> date:
    """Easter Sunday by the Gregorian calendar; `orthodox`: by the Julian one. Source: Meeus, Astronomical Algorithms, chapter 8."""
    if orthodox:
        moon = (19 * (year % 19) + 15) % 30
        number = moon + (2 * (year % 4) + 4 * (year % 7) - moon + 34) % 7 + 114
        return date(year, number // 31, number % 31 + 1) + timedelta(days=year // 100 - year // 400 - 2)
    golden, (century, rest) = year % 19, divmod(year, 100)
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    number = moon + week - 7 * ((golden + 11 * moon + 22 * week) // 451) + 114
    return date(year, number // 31, number % 31 + 1)
