"""Owns the day and the time of a receipt: finds what is written like one and chooses. Never a day in the future or decades ago."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from core.reading.language import load
from core.reading.source import Source, available, read
from core.reading.text import fold
from integrations.receipts.extraction.page import Page

OLDEST_YEARS = 25
_D = "0-9OoIlSB"
_LOOKALIKES = str.maketrans("OoIilLSsBb", "0011115588")
_LETTERS = str.maketrans("015", "ois")
_SEP = r"\s?[-/.,~]\s?"
_YEAR_FIRST = re.compile(rf"(?<![\d.,])(?P<y>20\d{{2}})(?P<s>[-/.])(?P<m>[{_D}]{{1,2}})(?P=s)(?P<d>[{_D}]{{2}})")
_DAY_FIRST = re.compile(
    rf"(?<![0-9.,/-])(?P<d>[{_D}]{{1,2}})\s?(?P<s>[-/.~])\s?(?P<m>[{_D}]{{1,2}})\s?(?P<t>[-/.~,'])\s?'?(?P<y>2[0Oo][{_D}]{{2}}|[{_D}]{{2}}(?![{_D}]|[.,/-]\d))"
)
_NAMED = re.compile(
    rf"(?<![\d.,])(?P<d>[{_D}]{{1,2}})(?:st|nd|rd|th|\.|º)?(?:[-/., ]|de ){{0,4}}(?P<m>[^\W_][^\W_]{{1,8}}[^\W\d_])\.?"
    rf"(?:[-/., ']|de ){{0,4}}(?P<y>20\d\d|\d\d(?!\d|[:.]\d))",
    re.IGNORECASE,
)
_NAMED_FIRST = re.compile(
    r"(?<![^\W_])(?P<m>[^\W_][^\W_]{1,8}[^\W\d_])\.?[-/., ]{0,2}(?P<d>\d{1,2})(?:st|nd|rd|th)?(?:[-/., ']{1,3})(?P<y>20\d\d|\d\d(?!\d|[:.]\d))",
    re.IGNORECASE,
)
_BROKEN = re.compile(r"(?<![\d.,/-])(?P<d>[0-3]\d)(?:[-/. ](?P<m>[01]\d)|(?P<n>[01]\d)[-/. ])(?P<y>20[0-4]\d)(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(?P<y>20[0-4]\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\d)")
_TIME = re.compile(
    r"(?<![\d:.,])(?P<h>[0-2]?\d)\s?(?P<s>[:;.])\s?(?P<m>[0-5]\d)(?:\s?[:;.]\s?[0-5]\d)?\s?(?P<half>[ap]\.?m\b\.?)?(?![\d,])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day that the receipt says in row `row`. `swapped`: the other day where day and month can be read both ways."""

    value: date
    row: int
    start: int
    end: int
    form: str  # named, iso, figures, short (two digits of the year) or compact
    swapped: date | None = None


@dataclass(frozen=True, slots=True)
class DayFound:
    """The day of the receipt, how much speaks for it and what the next best has."""

    day: Day
    weight: float
    next_weight: float


def find_day(page: Page, *, today: date, month_first: bool | None = None) -> DayFound | None:
    """The best day, None where none is written. `month_first`: the order of the place, by default that of the receipt's currency."""
    first = _is_month_first(page) if month_first is None else month_first
    days = list(days_of(page, today=today, month_first=first))
    days = _in_one_order(days)
    weights: dict[date, float] = {}
    for day in days:
        weight = _weight(page, day)
        weights[day.value] = max(weights.get(day.value, -9.0), weight) + (0.4 if day.value in weights else 0.0)
    ranked = sorted(weights, key=lambda value: -weights[value])
    if not ranked:
        return None
    best = next(day for day in days if day.value == ranked[0])
    return DayFound(best, weights[ranked[0]], weights[ranked[1]] if len(ranked) > 1 else -9.0)


def days_of(page: Page, *, today: date, month_first: bool) -> Iterator[Day]:
    """Everything written like a plausible day, from top to bottom."""
    for index, row in enumerate(page.rows):
        taken: list[tuple[int, int]] = []
        for form, pattern in (
            ("iso", _YEAR_FIRST),
            ("figures", _DAY_FIRST),
            ("named", _NAMED),
            ("named", _NAMED_FIRST),
            ("broken", _BROKEN),
            ("compact", _COMPACT),
        ):
            for match in pattern.finditer(row.text):
                if any(start < match.end() and match.start() < end for start, end in taken):
                    continue
                day = _day(match, form, index, today, month_first, page.language)
                if day is not None:
                    taken.append(match.span())
                    yield day


def _day(match: re.Match[str], form: str, row: int, today: date, month_first: bool, language: str) -> Day | None:
    year = match["y"].translate(_LOOKALIKES)
    month = _month_of(match, form, language)
    number = int(match["d"].translate(_LOOKALIKES))
    if month is None:
        return None
    if len(year) == 2:
        form = "short" if form == "figures" else form
    full = int(year) + (2000 if len(year) == 2 else 0)
    options = [_plausible(full, month, number, today)]
    if form in ("figures", "short"):
        options.append(_plausible(full, number, month, today))
        if month_first:
            options.reverse()
        if form == "short" and not any(options):  # "18-03-25"
            options = [_plausible(2000 + number, month, int(year), today)]
    found = [option for option in options if option is not None]
    if not found:
        return None
    return Day(found[0], row, match.start(), match.end(), form, found[1] if len(found) > 1 and found[1] != found[0] else None)


def _month_of(match: re.Match[str], form: str, language: str) -> int | None:
    if form == "named":
        word = fold(match["m"])
        months = _months(language)
        return months.get(word) or months.get(word.translate(_LETTERS))
    return int((match["m"] or match["n"]).translate(_LOOKALIKES))


def _plausible(year: int, month: int, day: int, today: date) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if today - timedelta(days=366 * OLDEST_YEARS) <= found <= today + timedelta(days=1) else None


def _in_one_order(days: Sequence[Day]) -> list[Day]:
    """Days that can be read both ways follow one that is told by another reading of the same day on the receipt (as with the month's name)."""
    sure = {day.value for day in days if day.swapped is None}
    return [
        Day(day.swapped, day.row, day.start, day.end, day.form, day.value) if day.swapped in sure and day.value not in sure and day.swapped else day
        for day in days
    ]


def _weight(page: Page, day: Day) -> float:
    """What speaks for a day being that of the purchase, by hand: few things matter and all are told by words or by place."""
    row, kinds = page.rows[day.row], page.labels[day.row].kinds
    weight = {"named": 1.2, "iso": 1.1, "figures": 1.0, "short": 0.6, "broken": 0.3, "compact": -1.0}[day.form]
    if any(match["s"] != "." or match["half"] for part in (row.text[: day.start], row.text[day.end :]) for match in _TIME.finditer(part)):
        weight += 1.0
    if "date" in kinds:
        weight += 0.8
    elif day.row and "date" in page.labels[day.row - 1].kinds and page.labels[day.row].letters < 3:
        weight += 0.5
    if kinds & {"not_date"} and "date" not in kinds - {"not_date"}:
        weight -= 1.2
    if kinds & {"taxid", "phone", "points", "address"}:
        weight -= 0.5
    if kinds & {"invoice", "cashier"}:
        weight += 0.2
    return weight - 0.3 * day.row / max(1, len(page.rows))


def _is_month_first(page: Page) -> bool:
    places = load("en").dates.month_first
    return page.language == "en" and places is not None and page.currency in places


@cache
def _months(language: str) -> dict[str, int]:
    """Folded names of the months in all languages that messages are read in. The receipt's own language and English go before the others;
    a name that is one month here and another there (listopad) is none."""
    tables = {code: Source(f"{code}.toml", read(f"{code}.toml")).values("dates.months", 1, 12) for code in available()}
    told: dict[str, set[int]] = {}
    for table in tables.values():
        for word, number in table.items():
            told.setdefault(fold(word), set()).add(number)
    own = {fold(word): number for code in ("en", language) for word, number in tables.get(code, {}).items()}
    return {word: next(iter(numbers)) for word, numbers in told.items() if len(numbers) == 1} | own


def find_time(page: Page, found: DayFound | None) -> str | None:
    """The time of the purchase as HH:MM: on the day's own row, else beside a word for time, else on a neighbouring row."""
    rows = list(range(len(page.rows)))
    near = found.day.row if found else 0
    rows.sort(key=lambda row: (row != near, "time" not in page.labels[row].kinds, abs(row - near)))
    for row in rows[:6]:
        text = page.rows[row].text
        if found and row == near:
            text = text[: found.day.start] + " " * (found.day.end - found.day.start) + text[found.day.end :]
        for match in _TIME.finditer(text):
            if match["s"] == "." and not match["half"] and "time" not in page.labels[row].kinds:
                continue
            hour = int(match["h"]) % 12 + (12 if match["half"][0] in "pP" else 0) if match["half"] and int(match["h"]) <= 12 else int(match["h"])
            if hour < 24 and (row == near or "time" in page.labels[row].kinds or abs(row - near) <= 2):
                return f"{hour:02d}:{match['m']}"
    return None
