"""Owns reading how often something comes back ("every 1st", "weekly", "every 2 weeks")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from bot.conversation.intents import Recurrence
from bot.conversation.parsing.people import EVERYONE
from bot.conversation.parsing.shape import AMOUNT, DAY, PERIOD, QUANTITY, Item, Scan, Shape
from core.domain.recurrence import WORKING_DAYS, Every, Rule, occurrences
from core.reading import calendar
from core.reading.dates import DateSpan, dates
from core.reading.text import tokenise

Groups = dict[str, tuple[Item, ...]]
WORKING = tuple(sorted(WORKING_DAYS))
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_CLOCK = re.compile(r"(?<![\d:.,])([01]?\d|2[0-3])[:h]([0-5]\d)(?![\d:])", re.ASCII)
_A_MONTH = 31
_BEFORE_COUNT = 3  # words: "tous les 2 jours"
FORTNIGHT, _NTH_MOST = 2, 4
_WORDS_OF_MONTH = 3  # "of every month"
_BETWEEN, _LEAP_YEAR = frozenset((".", "st", "of")), 2024
_MONTHS = (("quarterly", 3), ("halfyearly", 6))
_BROKEN = re.compile(r"\d+[.,](?!0+$)\d{1,2}", re.ASCII)  # "every 1.5 months"
_YEAR = re.compile(r"\d{4}", re.ASCII)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_recurrence(scan: Scan, shape: Shape) -> tuple[Recurrence | None, Shape]:
    """The recurrence that the text says, if any, and the shape without its words."""
    counted = every_nth(scan)
    left = shape.without(item for item in shape.items if counted is not None and counted.first <= item.first < counted.last)
    if counted is not None and left.marks(AMOUNT):
        return _from_then(scan, *bounded(scan, _of_nth(scan, counted), left))
    for name, read in (
        ("repeats.last_working", _last_working),
        ("repeats.working", _working),
        ("repeats.places", _placed),
    ):
        found, left = _searched(scan, shape, name, read)
        if found is not None:
            return _from_then(scan, *bounded(scan, found, left))
    found, left = _searched(scan, shape, "recurring.patterns", _recurrence)
    return _from_then(scan, *bounded(scan, *_impossible(scan, found, left))) if found is not None else (None, shape)


@dataclass(frozen=True, slots=True)
class EveryNth:
    """ "Every 2nd Tuesday (of the month)" in tokens [first, last): which one, and of which weekday (1 is Monday).

    Of no month, the second one comes every other week; a first, third or fourth one is that of each month.
    """

    nth: int
    weekday: int
    of_month: bool
    first: int
    last: int


def every_nth(scan: Scan) -> EveryNth | None:
    """Where a text says so."""
    folded, dates = [token.folded for token in scan.tokens], scan.language.dates
    begins = scan.lexicon.words["repeat_words.every"]
    for place in range(len(folded) - 2):
        if folded[place] not in begins:
            continue
        nth, then = _ordinal_at(scan, folded, place + 1)
        day = dates.words.at(folded, then) if nth is not None and then < len(folded) else None
        if nth is not None and 1 <= nth <= _NTH_MOST and day is not None and day[0][0] in "Ww":
            end = then + day[1]
            months = _of_month(scan, folded, end)
            return EveryNth(nth, int(day[0][1]), months > 0, place, end + months)
    return None


def _of_nth(scan: Scan, counted: EveryNth) -> Recurrence:
    if counted.nth == FORTNIGHT and not counted.of_month:
        return _fortnightly(scan, counted.weekday)
    return _nth(scan, (counted.weekday,), counted.nth, 1)


def _ordinal_at(scan: Scan, folded: Sequence[str], place: int) -> tuple[int | None, int]:
    """The number of "second", "2nd", "2." or "other" here, and the token behind it."""
    if folded[place] in scan.lexicon.words["repeat_words.other"]:
        return FORTNIGHT, place + 1
    if folded[place].isdecimal() and place + 1 < len(folded) and folded[place + 1] in scan.language.dates.endings:
        return int(folded[place]), place + 2
    found = scan.language.dates.words.at(folded, place)
    return (int(found[0][1]), place + found[1]) if found is not None and found[0][0] == "o" else (None, place)


def _of_month(scan: Scan, folded: Sequence[str], place: int) -> int:
    """How many tokens here say "of every month", nought where none do."""
    said = [word in scan.lexicon.words["recurring.monthly"] for word in folded[place : place + _WORDS_OF_MONTH]]
    return said.index(True) + 1 if True in said else 0


def _impossible(scan: Scan, found: Recurrence, shape: Shape) -> tuple[Recurrence, Shape]:
    """ "On 31 February every year": a number beside a month that no date was read from is the day all the same, and no amount."""
    if found.freq != "yearly" or found.day is not None or len(shape.marks(AMOUNT)) < 2:
        return found, shape
    for one, other in pairwise(shape.items):
        for number, word in ((one, other), (other, one)):
            month = _month_in(scan, word)
            if month is not None and number.mark == AMOUNT and number.amount is not None and not number.amount.strength:
                day = number.amount.value
                if day in range(1, 32):
                    return replace(found, day=int(day), month=month, next=None), shape.without((one, other))
    return found, shape


def names_no_day(scan: Scan, shape: Shape) -> bool:
    """Whether a number stands beside a month that has no such day, "rent 900 on 31 february", and another amount besides."""
    if len(shape.marks(AMOUNT)) < 2:
        return False
    items = [item for item in shape.items if item.mark not in _BETWEEN and item.mark not in scan.lexicon.words["words.owning"]]
    for one, other in pairwise(items):
        for number, word in ((one, other), (other, one)):
            month = _month_in(scan, word) if number.amount is not None and not number.amount.strength else None
            if month is not None and number.number in range(1, 32) and calendar.day(_LEAP_YEAR, month, int(number.number or 0)) is None:
                return True
    return False


def never_comes(scan: Scan, shape: Shape) -> bool:
    """Whether something is to come back after no whole number of days, weeks, months or years, or on a day that no month has: "on the 32nd"."""
    words = scan.lexicon.words
    units = frozenset().union(*(words[f"recurring.{name}"] for name in ("daily", "weekly", "monthly", "yearly")))
    every = words["repeat_words.every"] | words["words.without_exception"]
    monthly, marks = words["recurring.monthly"], [item.mark for item in shape.items]
    for place, item in enumerate(shape.items):
        said = [token.folded for token in scan.tokens[item.first : item.last]]
        broken = _BROKEN.fullmatch(said[0]) is not None
        if item.mark != QUANTITY or (item.number is None and not broken):
            continue
        before = [each.mark for each in shape.items[max(0, place - _BEFORE_COUNT) : place]]
        repeats = any(mark in every or mark == EVERYONE for mark in before)
        counts = said[-1] in units and (broken or item.number == 0 or before[-1:] == ["-"])
        behind = [each.mark for each in shape.items[place + 1 : place + 3]]
        again = any(mark in every or mark in monthly for mark in behind)
        ends = again or not behind or not behind[0].isalpha() or behind[0].isupper()  # "45th street" is an address
        names = said[-1] in scan.language.dates.endings and item.number not in range(1, _A_MONTH + 1) and ends
        if (repeats and counts) or (names and (repeats or any(mark in monthly for mark in marks))):
            return True
    return False


def _month_in(scan: Scan, item: Item) -> int | None:
    found = scan.language.dates.words.at([scan.tokens[item.first].folded], 0)
    return int(found[0][1]) if found is not None and found[0][0] in "Mm" else None


def _searched(scan: Scan, shape: Shape, name: str, read: Callable[[Scan, Groups], Recurrence | None]) -> tuple[Recurrence | None, Shape]:
    for pattern in scan.patterns(name):
        match = pattern.search(shape.text)
        if match is None:
            continue
        groups = {group: shape.span(match, group) for group, text in match.groupdict().items() if text is not None}
        found = read(scan, groups)
        left = shape.without(shape.span(match))
        if found is not None and left.marks(AMOUNT):
            return found, left
    return None, shape


def _last_working(scan: Scan, groups: Groups) -> Recurrence | None:
    return _nth(scan, WORKING, -1, 1)


def _working(scan: Scan, groups: Groups) -> Recurrence | None:
    return Recurrence("weekly", weekdays=WORKING, next=_first(scan, Rule(Every.WEEK, scan.today, weekdays=frozenset(WORKING))))


def _placed(scan: Scan, groups: Groups) -> Recurrence | None:
    """ "On the last working day of the month", "the second Tuesday of each month"."""
    return _ordinal(scan, (*groups.get("order", ()), *groups["place"]), "monthly", 1)


def _fortnightly(scan: Scan, weekday: int) -> Recurrence:
    rule = Rule(Every.WEEK, scan.today, weekdays=frozenset({weekday}))
    return Recurrence("weekly", 2, weekday=_WEEKDAYS[weekday - 1], next=_first(scan, rule))


def _ordinal(scan: Scan, items: Sequence[Item], freq: str | None, interval: int) -> Recurrence | None:
    """The nth weekday or working day of a month; None where the words say no such thing. Every second Tuesday, of no month, is every other one."""
    words = {token.folded for item in items for token in scan.tokens[item.first : item.last]}
    said = scan.lexicon.words
    nth = next((number for name, number in _ORDINALS.items() if words & said[f"repeat_words.{name}"]), None)
    working, weekday = bool(words & said["repeat_words.working"]), _weekday_in(scan, words)
    monthly = freq == "monthly" or bool(words & said["recurring.monthly"])
    if nth is None or (weekday is None and not working):
        return None
    if nth == 2 and weekday is not None and not monthly:
        return _fortnightly(scan, weekday)
    return _nth(scan, WORKING if weekday is None else (weekday,), nth, interval)


def _weekday_in(scan: Scan, words: Iterable[str]) -> int | None:
    """The number of the weekday among words, 1 Monday."""
    for word in words:
        found = scan.language.dates.words.at([word], 0)
        if found is not None and found[0][0] in "Ww":
            return int(found[0][1])
    return None


def _nth(scan: Scan, weekdays: tuple[int, ...], nth: int, interval: int) -> Recurrence:
    rule = Rule(Every.MONTH, scan.today, interval, weekdays=frozenset(weekdays), nth=nth)
    return Recurrence("monthly", interval, nth=nth, weekdays=weekdays, next=_first(scan, rule))


def _first(scan: Scan, rule: Rule) -> date | None:
    return next(occurrences(rule, scan.today, date.max), None)


# ------------------------------------------------------------------ until when, at what time, asked first


def bounded(scan: Scan, found: Recurrence, shape: Shape) -> tuple[Recurrence, Shape]:
    """With the last day, the time and the wish to be asked, where the text says them; and the shape without that."""
    for pattern in scan.patterns("repeats.until"):
        match = pattern.search(shape.text)
        last = last_day(scan, shape.span(match, "until")) if match is not None else None
        if match is not None and last is not None:
            found, shape = replace(found, until=last), shape.without(shape.span(match))
            break
    for item in shape.marks(PERIOD):  # "from April until June", which is one period
        first, last = last_day(scan, (item,), first=True), last_day(scan, (item,))
        if first is not None and last is not None and (last - first).days > _A_MONTH:
            found, shape = replace(found, next=next_day(found.day, first) if found.day else first, until=last), shape.without((item,))
    for pattern in scan.patterns("repeats.asks"):
        match = pattern.search(shape.text)
        if match is not None:
            found, shape = replace(found, asks=True), shape.without(shape.span(match))
            break
    clock = _CLOCK.search(scan.text)
    if clock is not None:
        found = replace(found, at=f"{int(clock[1]):02}:{clock[2]}")
        match = next((match for pattern in scan.patterns("repeats.at") if (match := pattern.search(shape.text)) is not None), None)
        shape = shape.without(shape.span(match)) if match is not None else shape
    return found, shape


def last_day(scan: Scan, items: tuple[Item, ...], *, first: bool = False) -> date | None:
    """The last (or first) day of what words name, which lies ahead: of a month its last. None where they name no day.

    A day of a year that is named may lie behind.
    """
    tokens = tokenise(scan.words(items))
    spans = dates(tokens, scan.language, today=scan.today, currency=scan.context.currency, lean="future", broad=True)
    day = (spans[0].start if first else spans[0].end) if spans else None
    if day is None or day >= scan.today or _YEAR.search(scan.words(items)):
        return day
    coming = calendar.add(day, "year", 1)  # a month without a year is read as the last one
    return coming if coming is not None and coming >= scan.today else None


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
    named = span.is_day or span.end == today or (span.direction == "any" and span.start.day == 1 and (span.end - span.start).days < _A_MONTH)
    following = calendar.add(span.start, "year", 1) if named else None
    return following if following is not None and following >= today else None


def _recurrence(scan: Scan, groups: Groups) -> Recurrence | None:
    words, today = scan.lexicon.words, scan.today
    unit = " ".join(item.mark for item in groups.get("unit") or groups.get("adverb") or ())
    months = next((size for name, size in _MONTHS if unit in words[f"recurring.{name}"]), None)
    freq = "monthly" if months else next((name for name in ("daily", "weekly", "monthly", "yearly") if unit in words[f"recurring.{name}"]), None)
    interval = months or (2 if unit in words["recurring.double"] else 1)
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
    if (placed := _ordinal(scan, (item,), freq, interval)) is not None:
        return placed
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
