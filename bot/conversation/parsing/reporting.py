"""Owns the rules that read requests for reports: which days, in what form, how often, and what of it goes by mail. Counts nothing."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time

from bot.conversation.intents import Command
from bot.conversation.parsing.addressing import frame
from bot.conversation.parsing.categories import named_category
from bot.conversation.parsing.lexicon import MAIL_HEADS, RANK_HEADS, REPORT_HEADS
from bot.conversation.parsing.recurring import FORTNIGHT, every_nth
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.shape import Scan
from core.reading.calendar import PARTS, part_of_year, period
from core.reading.calendar import month as calendar_month
from core.reading.dates import DateSpan, dates
from core.reading.language import PARTS_OF_YEAR
from core.reading.text import Token

Slots = dict[str, str]
FORMS = ("text", "chart", "pdf", "csv", "xlsx")
UNITS = ("day", "week", "month", "year")
_BY, _OF = "by_", "of_"
_ASKED = "by_category"  # a question, which is answered of all time
_RANKED_MOST = 100
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"“”„]{1,64}@[^\s@<>()\[\],;:\"“”„]{1,255}")
_MAIL = frozenset(("mail", "posted", "every", "stop", "forget", "small", "reports"))  # what a sentence about mail alone is made of
_MOST, _ALONE_MOST = 24, 4  # tokens
_TURNED_DAYS = 31
_YEAR_DAYS = 364
_MONTH_MOST = 31
_YEARS = range(1970, 2101)
_WEEKS = range(2, 5)
_MARKS = frozenset(".,!?¿¡\"'/:-–—()")
_TIME = re.compile(
    r"(?<![\d.,:/-])([01]?\d|2[0-4])(?:(?:[:.h]|\s?uhr\s?)([0-5]\d))?\s*(am|pm|a\.m\.|p\.m\.|h|uhr|baje)?(?![\w:/ºª°-]|[.,]\d)",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class _Read:
    """What a request says: the roles of its words, the days it names, and the words that are neither."""

    roles: tuple[str, ...]
    spans: tuple[DateSpan, ...]
    rest: tuple[Token, ...]

    def has(self, *roles: str) -> bool:
        return any(role in self.roles for role in roles)


def command(scan: Scan) -> Candidate | None:
    """A request for a report, for one every so often, or of mail; nothing where a word of it is left over."""
    if len(scan.tokens) > _MOST or not _names_one(scan):
        return None
    given = _ADDRESS.search(scan.text) if "@" in scan.text else None
    if given is not None:
        found = _given(scan, given)
        return Candidate(f"reports.{found.name}", found, 97) if found is not None else None
    spans = dates(scan.tokens, scan.language, today=scan.today, currency=scan.context.currency, lean="past")
    read = _read(scan, sorted([*spans, *_overlong(scan, spans)], key=lambda span: span.first))
    if not read.has(*REPORT_HEADS, *MAIL_HEADS):
        ranked = _ranked(scan, read)
        return Candidate("reports.ranked", ranked, 91) if ranked is not None else None
    found = _mail(scan, read) or _meals(scan, read) or _rhythm(scan, read) or _report(scan, read)
    return Candidate(f"reports.{found.name}", found, 97) if found is not None else None


def _overlong(scan: Scan, spans: Sequence[DateSpan]) -> list[DateSpan]:
    """ "31 feb": beside another day a day that the month does not have is its last one."""
    folded, words = [token.folded for token in scan.tokens], scan.language.dates.words
    taken = {place for span in spans for place in range(span.first, span.last)}
    found = []
    for place, word in enumerate(folded) if spans else ():
        if not word.isdecimal() or place in taken or int(word) > _MONTH_MOST:
            continue
        behind = place + 2 if folded[place + 1 : place + 2] and folded[place + 1] in scan.language.dates.endings else place + 1
        for first, end, name in ((place, behind + 1, behind), (place - 1, place + 1, place - 1)):
            month = words.at(folded, name) if 0 <= name < len(folded) and name not in taken else None
            if month is not None and month[0][0] in "Mm":
                last = calendar_month(scan.today.year - (int(month[0][1]) > scan.today.month), int(month[0][1]))[1]
                found += [DateSpan(first, end, last, last)] if int(word) > last.day else []
    return found


def _names_one(scan: Scan) -> bool:
    """Whether what a report is called stands anywhere in it."""
    folded, reports = [token.folded for token in scan.tokens], scan.lexicon.reports
    begun = [place for place, word in enumerate(folded) if word in scan.lexicon.report_words]
    return any((found := reports.at(folded, place)) is not None and found[0] in REPORT_HEADS | MAIL_HEADS | RANK_HEADS for place in begun)


def _read(scan: Scan, spans: Sequence[DateSpan], *, tokens: tuple[Token, ...] | None = None) -> _Read:
    """Each token is a day's, a known phrase's, a mark, or left over. "The second quarter" is no second of a month.

    `tokens`: only these, of no day.
    """
    tokens = scan.tokens if tokens is None else tokens
    folded = [token.folded for token in tokens]
    parts = {place for begin in range(len(tokens)) for place in range(begin, begin + _part_at(scan, folded, begin))}
    spans = [span for span in spans if parts.isdisjoint(range(span.first, span.last))]
    roles: list[str] = []
    rest: list[Token] = []
    place = 0
    while place < len(tokens):
        span = next((span for span in spans if span.first <= place < span.last), None)
        found = _said_at(scan, folded, place) if span is None else None
        if span is None and found is None and folded[place] not in _MARKS:
            rest.append(tokens[place])
        roles += [found[0]] if found is not None else []
        place = span.last if span is not None else place + (found[1] if found is not None else 1)
    return _Read(tuple(roles), tuple(spans), tuple(rest))


def _said_at(scan: Scan, folded: Sequence[str], place: int) -> tuple[str, int] | None:
    """The role of a phrase here and how many tokens it takes: in reports more words name a part of a year than elsewhere."""
    said, day = scan.lexicon.reports.at(folded, place), scan.language.dates.words.at(folded, place)
    part = (str(day[0][1]), day[1]) if day is not None and day[0][1] in PARTS_OF_YEAR else None
    return max((found for found in (said, part) if found is not None), key=lambda found: found[1], default=None)


def _part_at(scan: Scan, folded: Sequence[str], place: int) -> int:
    """How many tokens name a part of a year here."""
    found = _said_at(scan, folded, place)
    return found[1] if found is not None and found[0] in PARTS_OF_YEAR else 0


# ------------------------------------------------------------------ one report


def _report(scan: Scan, read: _Read) -> Command | None:
    """Its days, form and category. A file of a form alone is an export, which is asked for elsewhere."""
    well = read.has("well") and scan.context.chat != "group"  # "how am I doing" is said among people too
    if read.has("every", "stop", "forget") or not (well or read.has(*FORMS)):
        return None
    days, rest = _days(scan, read)
    category = _category(scan, rest) if rest else None
    if rest and category is None:
        return None
    form = next((role for role in reversed(read.roles) if role in FORMS[1:]), "text")
    by = next((role.removeprefix(_BY) for role in read.roles if role.startswith(_BY)), None)
    if form in ("csv", "xlsx") and days is None and not category and not by and not read.has("text"):
        return None
    slots = {"form": form} if form != "text" else {}
    slots |= {"start": days[0].isoformat(), "end": days[1].isoformat()} if days is not None else {}
    slots |= {"category": category} if category else {}
    slots |= {"by": by} if by else {}
    slots |= {"look": "dark"} if read.has("dark") else {}
    return Command("report", slots | ({"mail": "yes"} if read.has(*MAIL_HEADS) else {}))


def _ranked(scan: Scan, read: _Read) -> Command | None:
    """ "Spending by shop", "top 3 shops this year": a report told apart so, however many are asked for. A group says so of other things too."""
    rows = [role.removeprefix(_OF) for role in read.roles if role.startswith(_OF)] if read.has("top") else []
    rows += [role.removeprefix(_BY) for role in read.roles if role.startswith(_BY) and role != _ASKED] if read.has("spending") else []
    if len(rows) != 1 or read.has("every", "stop", "forget") or (scan.context.chat == "group" and not frame(scan).orders):
        return None
    days, rest = _days(scan, read)
    rest = tuple(token for token in rest if not (read.has("top") and token.text.isdecimal() and int(token.text) <= _RANKED_MOST))
    category = _category(scan, rest) if rest else None
    if rest and category is None:
        return None
    days = days or (period(scan.today, "year", 0) if rows == ["month"] else None)
    slots = {"start": days[0].isoformat(), "end": days[1].isoformat()} if days is not None else {}
    return Command("report", slots | ({"category": category} if category else {}) | {"by": rows[0]})


def _days(scan: Scan, read: _Read) -> tuple[tuple[date, date] | None, tuple[Token, ...]]:
    """First and last day as they are said (the first may be the later), and the words that tell none."""
    parts = [role for role in read.roles if role in PARTS_OF_YEAR]
    return _parts_of_year(scan, parts, read) if parts else _from_to(scan, read)


def _from_to(scan: Scan, read: _Read) -> tuple[tuple[date, date] | None, tuple[Token, ...]]:
    """Days, two days, a year, or a running unit."""
    spans, rest = read.spans, read.rest
    if len(spans) == 2:
        return _turned(scan, spans[0].start, spans[1].end), rest
    if len(spans) == 1:
        return _from_number(scan, spans[0], rest)
    years = [token for token in rest if token.text.isdecimal() and int(token.text) in _YEARS]
    if len(years) == 1:
        year = int(years[0].text)
        return (date(year, 1, 1), date(year, 12, 31)), tuple(token for token in rest if token is not years[0])
    spans, rest = _alone(scan, rest)
    if len(spans) == 1:
        return _from_number(scan, spans[0], rest)
    if spans:
        return _turned(scan, spans[0].start, spans[-1].end), rest
    unit = next((role for role in read.roles if role in UNITS), None)
    return (period(scan.today, unit, 0) if unit is not None else None), rest


def _parts_of_year(scan: Scan, parts: Sequence[str], read: _Read) -> tuple[tuple[date, date] | None, tuple[Token, ...]]:
    """ "Q3 2025", "last quarter", "the first half of 2024", "Q1 to Q3": without a year the last one that has begun."""
    years = {token: int(token.text) for token in read.rest if token.text.isdecimal() and int(token.text) in _YEARS}
    said = [*years.values(), *(span.start.year for span in read.spans if (span.end - span.start).days >= _YEAR_DAYS)]
    if len(said) > 1 or len(said) < len(years) + len(read.spans):
        return None, tuple(scan.tokens)
    first, last = part_of_year(parts[0], scan.today, said[0] if said else None)
    if len(parts) > 1:
        last = part_of_year(parts[-1], scan.today, first.year)[1]
        last = last if last >= first else last.replace(year=last.year + 1)
    return (first, last), tuple(token for token in read.rest if token not in years)


def _alone(scan: Scan, rest: tuple[Token, ...]) -> tuple[tuple[DateSpan, ...], tuple[Token, ...]]:
    """The days that some few words name by themselves ("march" is a month where nothing else is said), and the other words."""
    spans: list[DateSpan] = []
    others: list[Token] = []
    place = 0
    while place < len(rest) <= _ALONE_MOST:
        for size in range(len(rest) - place, 0, -1):
            found = dates(rest[place : place + size], scan.language, today=scan.today, currency=scan.context.currency, lean="past")
            if len(found) == 1 and (found[0].first, found[0].last) == (0, size):
                spans.append(found[0])
                break
        else:
            size = 1
            others.append(rest[place])
        place += size
    return tuple(spans), tuple(others) if len(rest) <= _ALONE_MOST else rest


def _from_number(scan: Scan, span: DateSpan, rest: tuple[Token, ...]) -> tuple[tuple[date, date] | None, tuple[Token, ...]]:
    """ "1 to 15 may": a day of the same month, said before the whole date."""
    numbers = [token for token in rest if token.text.isdecimal()]
    length = monthrange(span.start.year, span.start.month)[1]
    if len(numbers) == 1 and span.is_day and 1 <= int(numbers[0].text) <= length:
        others = tuple(token for token in rest if token is not numbers[0])
        return _this_year(scan, span.start.replace(day=int(numbers[0].text)), span.end), others
    if len(numbers) == 1 and not span.is_day and length < int(numbers[0].text) <= _MONTH_MOST:  # "30 february": the month has no such day
        return _turned(scan, span.start, span.end), tuple(token for token in rest if token is not numbers[0])
    return _turned(scan, span.start, span.end), rest


def _turned(scan: Scan, first: date, last: date) -> tuple[date, date]:
    """Days that are each the last such day before today are of one year, where none is said: "1 march to 31 march"."""
    if not _says_year(scan) and last < first:
        return first, _in_year(last, first.year)
    if not _says_year(scan) and 0 < (_in_year(first, last.year) - last).days < _TURNED_DAYS:
        return _in_year(first, last.year), last  # "15 march to 1 march" on the 14th is no whole year
    return first, last


def _this_year(scan: Scan, first: date, last: date) -> tuple[date, date]:
    """Of a time that has begun this year that one, though its end is to come."""
    if not _says_year(scan) and first.year < scan.today.year and _in_year(min(first, last), scan.today.year) <= scan.today:
        return _in_year(first, scan.today.year), _in_year(last, scan.today.year)
    return first, last


def _in_year(day: date, year: int) -> date:
    """The same day of another year; of 29 February the day before where that year has none."""
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))


def _says_year(scan: Scan) -> bool:
    return any(token.text.isdecimal() and int(token.text) in _YEARS for token in scan.tokens)


def _category(scan: Scan, rest: Sequence[Token]) -> str | None:
    """The category that words name."""
    return named_category(scan.text[rest[0].start : rest[-1].end], scan.lexicon)


def _meals(scan: Scan, read: _Read) -> Command | None:
    """What eating out costs each person, and where."""
    if not read.has("meals"):
        return None
    days, rest = _days(scan, read)
    if rest:
        return None
    return Command("meals", {"start": days[0].isoformat(), "end": days[1].isoformat()} if days is not None else {})


# ------------------------------------------------------------------ mail


def _given(scan: Scan, given: re.Match[str]) -> Command | None:
    """ "My email is anna@example.org", "send reports to …": the address, and no word that says something else."""
    others = tuple(token for token in scan.tokens if token.end <= given.start() or token.start >= given.end())
    read = _read(scan, (), tokens=others)
    if read.rest or not read.has(*MAIL_HEADS, "reports", "text") or read.has("stop", "forget"):
        return None
    return Command("set_mail", {"address": given[0].rstrip(".!?'")})


def _mail(scan: Scan, read: _Read) -> Command | None:
    """What becomes of all mail: "email me reports", "no more mail", "remove my email", "my email". In a group these are said of nobody's."""
    if not read.has(*MAIL_HEADS) or read.rest or read.spans or scan.context.chat == "group" or not set(read.roles) <= _MAIL:
        return None
    if read.has("stop"):
        return Command("stop_mail")
    if read.has("forget"):
        return Command("forget_mail")
    if read.has("every"):
        return None
    return Command("mail_reports" if read.has("reports") else "show_mail") if read.has("reports", "mail") else None


# ------------------------------------------------------------------ reports every so often


def _rhythm(scan: Scan, read: _Read) -> Command | None:
    """ "Every monday 9:00 send report", "stop reports", "my reports"."""
    if read.has("stop", "forget"):
        return Command("stop_reports") if read.has(*REPORT_HEADS) and not read.rest and not read.spans and _is_meant(scan, read) else None
    if read.has("reports") and not read.has("every") and not read.rest and not read.spans and not read.has(*UNITS):
        return Command("show_reports")
    if not read.has("every"):
        return None
    if (hours := _without_hours(scan, read)) is None:
        return None
    every, read = _every(scan, hours)
    at = _time(scan, read.rest)
    if every is None or any(not token.text.isdecimal() for token in read.rest) or (at is None and read.rest):
        return None
    slots = every | ({"at": f"{at:%H:%M}"} if at is not None else {})
    form = next((role for role in read.roles if role in ("chart", "pdf", "xlsx", "csv")), None)
    slots |= {"form": form} if form else {}
    return Command("schedule_report", slots | ({"mail": "yes"} if read.has(*MAIL_HEADS) else {}))


def _without_hours(scan: Scan, read: _Read) -> _Read | None:
    """ "Every day at 18" names no 18th. None where a day of the month is named, on which none is planned."""
    others = [span for span in read.spans if not span.weekday]
    if not others:
        return read
    if read.has("month", "year", *PARTS_OF_YEAR) or not all(span.is_day and scan.tokens[span.last - 1].text.isdecimal() for span in others):
        return None
    return _read(scan, [span for span in read.spans if span.weekday])


def _every(scan: Scan, read: _Read) -> tuple[Slots | None, _Read]:
    """How often, and what is left to read: a unit or part of a year, a weekday, or every second one of them."""
    counted = every_nth(scan)
    if counted is not None:
        other = replace(read, rest=tuple(token for token in read.rest if not counted.first <= scan.tokens.index(token) < counted.last))
        fortnight = counted.nth == FORTNIGHT and not counted.of_month and len(read.spans) < 2
        return ({"every": "week", "interval": str(FORTNIGHT), "weekday": str(counted.weekday)} if fortnight else None), other
    weekdays = [span.weekday for span in read.spans if span.weekday]
    part = next((role for role in read.roles if role in PARTS_OF_YEAR), None)
    unit = "week" if weekdays else next((role for role in read.roles if role in UNITS), None)
    if len(weekdays) > 1 or (unit is None) == (part is None):
        return None, read
    if part is not None:
        return {"every": "month", "interval": str(PARTS[part.partition("_")[0]])}, read
    assert unit is not None, "it is one or the other"
    slots = {"every": unit} | ({"weekday": str(weekdays[0])} if weekdays else {})
    count = next((token for token in read.rest if unit == "week" and _counts(scan, token)), None)
    if count is None:
        return slots, read
    return slots | {"interval": count.text}, replace(read, rest=tuple(token for token in read.rest if token is not count))


def _counts(scan: Scan, token: Token) -> bool:
    """Whether a number stands before the unit that it counts: "every 2 weeks"."""
    behind = scan.tokens.index(token) + 1
    found = scan.lexicon.reports.at([each.folded for each in scan.tokens], behind) if behind < len(scan.tokens) else None
    return token.text.isdecimal() and int(token.text) in _WEEKS and found is not None and found[0] == "week"


def _is_meant(scan: Scan, read: _Read) -> bool:
    """Whether who says so means those that come here: a group that has "no report" today stops none."""
    return scan.context.chat != "group" or read.has("reports") or frame(scan).orders


def _time(scan: Scan, rest: Sequence[Token]) -> time | None:
    """The only time of day that the text names; a number alone counts where it is all that is left."""
    told = [match for match in _TIME.finditer(scan.text) if any(token.start < match.end() and match.start() < token.end for token in rest)]
    found = [match for match in told if match[2] or match[3] or len(rest) == 1]
    if len(found) != 1:
        return None
    hour, minute, half = int(found[0][1]), int(found[0][2] or 0), (found[0][3] or "").lower()[:1]
    if half in ("a", "p") and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour % 24, minute) if hour <= 24 else None
