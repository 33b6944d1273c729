"""Calendar files (iCalendar, RFC 5545) of what repeats: whole days, each rule as one event. Knows no money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.domain.messages import Document
from core.domain.recurrence import Event, Every, Rule

NAME = "tuppence.ics"
MEDIA_TYPE = "text/calendar"
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_IN_EVERY_MONTH = 28


class Calendars:
    """A CalendarWriter."""

    def write(self, events: Sequence[Event], *, now: datetime) -> Document:
        """`now` becomes the stamp that RFC 5545 asks for."""
        import icalendar

        calendar = icalendar.Calendar()
        calendar.add("prodid", "-//Tuppence//EN")
        calendar.add("version", "2.0")
        for each in events:
            event = icalendar.Event()
            event.add("uid", f"{each.uid}@tuppence")
            event.add("dtstamp", now)
            event.add("summary", each.title)
            event.add("dtstart", each.first)
            event.add("rrule", repeating(each.rule))
            event.add("transp", "TRANSPARENT")  # a bill keeps nobody busy
            calendar.add_component(event)
        return Document(NAME, MEDIA_TYPE, calendar.to_ical().decode())


def repeating(rule: Rule) -> dict[str, Any]:
    """The rule as the parts of an RRULE: a month that lacks a day has its last one instead, which is the last of several days there."""
    parts: dict[str, Any] = {"interval": rule.interval, **_parts(rule)}
    return parts | ({"until": rule.until} if rule.until is not None else {})


def _parts(rule: Rule) -> dict[str, Any]:
    days = [_DAYS[number - 1] for number in sorted(rule.weekdays)]
    if rule.every is Every.DAY:
        return {"freq": "weekly", "byday": days} if days else {"freq": "daily"}
    if rule.every is Every.WEEK:
        return {"freq": "weekly", "byday": days or [_DAYS[rule.start.weekday()]], "wkst": "MO"}
    yearly = rule.every is Every.YEAR
    common: dict[str, Any] = {"freq": "yearly", "bymonth": rule.month or rule.start.month} if yearly else {"freq": "monthly"}
    if rule.nth is not None:
        return common | {"byday": days, "bysetpos": rule.nth}
    return common | _day_of_month(rule.day or rule.start.day)


def _day_of_month(day: int) -> dict[str, Any]:
    if day <= _IN_EVERY_MONTH:
        return {"bymonthday": day}
    return {"bymonthday": list(range(_IN_EVERY_MONTH, day + 1)), "bysetpos": -1}
