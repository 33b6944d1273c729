"""Owns reading how often something comes back ("every 1st", "weekly", "every 2 weeks")."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from bot.conversation.intents import Recurrence
from bot.conversation.parsing.shape import AMOUNT, DAY, PERIOD, Item, Scan, Shape
from core.reading import calendar
from core.reading.dates import DateSpan

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_recurrence(scan: Scan, shape: Shape) -> tuple[Recurrence | None, Shape]:
    """The recurrence that the text says, if any, and the shape without its words."""
    for pattern in scan.patterns("recurring.patterns"):
        match = pattern.search(shape.text)
        if match is None:
            continue
        groups = {name: shape.span(match, name) for name, text in match.groupdict().items() if text is not None}
        found = _recurrence(scan, groups)
        left = shape.without(shape.span(match))
        if found is not None and left.marks(AMOUNT):
            return _from_then(scan, found, left)
    return None, shape


def _from_then(scan: Scan, found: Recurrence, shape: Shape) -> tuple[Recurrence, Shape]:
    """The recurrence with its first day where the text says from when on ("from April"), and the shape without that."""
    for pattern in scan.patterns("recurring.starts"):
        match = pattern.search(shape.text)
        span = shape.span(match, "start")[0].day if match is not None else None
        start = _upcoming(span, scan.today) if span is not None else None
        if match is None or span is None or start is None:
            continue
        first = next_day(found.day, start) if found.freq == "monthly" and found.day else None
        if found.freq == "yearly" and found.next is not None and found.next.day == start.day:
            return found, shape
        if found.freq == "monthly" and found.day is None and (span.is_day or span.end == scan.today):
            found = replace(found, day=start.day)
        weekday = timedelta(days=(_WEEKDAYS.index(found.weekday) - start.weekday()) % 7) if found.weekday else timedelta()
        return replace(found, next=first or start + weekday), shape.without(shape.span(match))
    return found, shape


def _upcoming(span: DateSpan, today: date) -> date | None:
    """The first day of what is said to come; "April 2" of last year, as what was spent then is read, is that of this year."""
    if span.start >= today:
        return span.start
    following = calendar.add(span.start, "year", 1) if span.is_day or span.end == today else None
    return following if following is not None and following >= today else None


def _recurrence(scan: Scan, groups: dict[str, tuple[Item, ...]]) -> Recurrence | None:
    words, today = scan.lexicon.words, scan.today
    unit = " ".join(item.mark for item in groups.get("unit") or groups.get("adverb") or ())
    freq = next((name for name in ("daily", "weekly", "monthly", "yearly") if unit in words[f"recurring.{name}"]), None)
    interval = 2 if unit in words["recurring.double"] else 1
    if freq is None and unit:
        freq = "weekly" if interval == 2 else None
    count = groups.get("count")
    if count and count[0].number is not None:
        interval = int(count[0].number)
        last = scan.tokens[count[0].last - 1].folded
        freq = freq or next((name for name in ("daily", "weekly", "monthly", "yearly") if last in words[f"recurring.{name}"]), None)
    if "first" in groups:
        return Recurrence("monthly", interval, day=1, next=next_day(1, today))
    if (number := next((item.number for item in groups.get("number", ())), None)) is not None:
        if any(item.amount is not None and item.amount.strength for item in groups["number"]):
            return None
        return Recurrence("monthly", interval, day=int(number), next=next_day(int(number), today)) if number in range(1, 32) else None
    day = next((item for name in ("day", "date") for item in groups.get(name, ()) if item.mark in (DAY, PERIOD)), None)
    if day is not None and day.day is not None:
        return _on(scan, day, freq, interval)
    if freq is None or interval < 1:
        return None
    return Recurrence(freq, interval, next=today if freq == "daily" else None)  # type: ignore[arg-type]


def _on(scan: Scan, item: Item, freq: str | None, interval: int) -> Recurrence | None:
    """On a weekday, a day of the month, or a day of the year."""
    span, today = item.day, scan.today
    assert span is not None
    words = {token.folded for token in scan.tokens[item.first : item.last]}
    named = {word for word in words if (found := scan.language.dates.words.at([word], 0)) is not None and found[0][0] in "Ww"}
    since = words & scan.lexicon.words["recurring.since"]
    months = {word for word in words if (found := scan.language.dates.words.at([word], 0)) is not None and found[0][0] in "Mm"}
    if named and freq in (None, "weekly"):
        following = span.start if span.start >= today else span.start + timedelta(days=7)
        return Recurrence("weekly", interval, weekday=_WEEKDAYS[span.start.isoweekday() - 1], next=following)
    if months and since and freq in (None, "monthly"):  # "every 1st from April"
        upcoming = span.start if span.start >= today else calendar.add(span.start, "year", 1)
        return Recurrence("monthly", interval, day=span.start.day, next=upcoming)
    if months and freq in (None, "yearly"):
        upcoming = span.start if span.start >= today else calendar.add(span.start, "year", 1)
        return Recurrence("yearly", interval, day=span.start.day, month=span.start.month, next=upcoming)
    if freq in (None, "monthly"):
        return Recurrence("monthly", interval, day=span.start.day, next=next_day(span.start.day, today))
    return None


def next_day(number: int, today: date) -> date | None:
    """The next day with this number in its month, today included."""
    base = today.replace(day=1)
    for _ in range(3):
        found = calendar.day(base.year, base.month, number)
        if found is not None and found >= today:
            return found
        base = calendar.add(base, "month", 1) or base
    return None
