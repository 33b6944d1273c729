"""Owns finding dates and periods in tokens, relative to a given day. A day without a year, a week or a month is the latest past one."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from core.reading import calendar
from core.reading.language import Language
from core.reading.text import Token

Value = int | str
Direction = Literal["past", "future", "any"]
_OF_STEP: dict[str, Direction] = {"l": "past", "h": "any", "x": "future"}


@dataclass(frozen=True, slots=True)
class DateSpan:
    """Tokens [first, last) that name the days `start` to `end`, both included. `figures`: digits alone ("12/5"), so it may be no date.

    `direction`: what the words themselves say ("ago": past, "next": future), `any` where only the context decides.
    """

    first: int
    last: int
    start: date
    end: date
    direction: Direction = "any"
    figures: bool = False

    @property
    def is_day(self) -> bool:
        return self.start == self.end


@dataclass(frozen=True, slots=True)
class _Atom:
    """One thing that a date is made of: its class letter, its value and its tokens."""

    letter: str
    value: Value
    first: int
    last: int


# Letters: d 1-2 digits, y a year, o ordinal, N number word, M W months and weekdays (m w: words that are also others), R relative day,
# U unit, p "4.22", P "2015.5.13"; the small ones of language._DATE_CLASSES; marks stand for themselves; _ anything else.
_COUNT = "(?:d|N1|NN?|1)"
_IDIOMS = {"24/7", "50/50"}
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("iso", r"y[-/.]d[-/.]d"),
    ("dotted", r"P"),
    ("figures", r"d[-/.,]d[-/.,](?:y|d)"),
    ("year_month_day", r"y[-/][Mm][-/]d|d-y-[Mm]"),
    ("nth_weekday", r"t?(?:o|l)[Ww]f(?:[Mm](?:,?f?y)?|t?[lhx]?t?U)"),
    ("last_day_of", r"(?:t?lU|R)f[Mm](?:,?f?y)?"),
    ("day_of_period", r"t?(?:o|d)f[lhx]U"),
    ("from_relative", rf"{_COUNT}[UW](?:[B]|f)(?:R|[Mm](?:o|d))"),
    ("month_day", r"(?:[Ww][.,]*)?a?[Mm][.]?[-/,]?t?(?:o|d|N1|NN?)(?:[-,/]?f?y)?(?![/:])"),
    ("day_month", r"(?:[Ww][.,]*)?a?t?(?:o|d|NN?)(?:t?U)?[-/]?f?[Mm][.]?(?:[-,/]?f?y|(?<=[-/][Mm])[-/]d)?"),
    ("ago", rf"{_COUNT}U(?:[&,]?{_COUNT}U)*g|{_COUNT}[Ww]g|g{_COUNT}U(?:[&,]?{_COUNT}U)*"),
    ("ahead", rf"{_COUNT}U(?:[&,]?{_COUNT}U)*G|[if]{_COUNT}U(?:[&,]?{_COUNT}U)*|{_COUNT}[Ww]G"),
    ("relative", r"R"),
    ("weekday_of_week", r"t?[lhx]Ua?[Ww]|[Ww]f?t?[lhx]U|[Ww]f?t?U[lhx]|t?U[lhx][Ww]"),
    ("weekday_day", r"a?[Ww][.,]?t?o|a?W[.,]?d(?=$|[.,!?])"),
    ("weekday", r"t?[lhx]{1,2}[Ww]|[at]?[Ww][lx]|a?t?W[.]?|aw[.]?|^w[.]?$|(?<=v)w"),
    ("month_year", r"[lhx]?[Mm][,']?f?y"),
    ("last_units", r"t?l(?:d|NN?)U"),
    ("unit", r"t?[lhx]U|t?U[lx]"),
    ("weekend", r"[atlhx]*E[lx]?"),
    ("month", r"t?[lhx][Mm]|[Mm][lx]|M|[fS]m(?![_odN])|^m$"),
    ("day_of_month", r"(?:a?to|ao|(?<=v)o)(?!_?[Ww])(?:ft?U)?|at?d(?=[.!?]$|$)"),
    ("figures_two", r"d ?[-/] ?d(?![/-]|d)"),
    ("dotted_two", r"(?<=a)p"),
    ("year", r"[fhlS]y"),
)
_PATTERN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS))
_DOTTED = re.compile(r"\d{1,4}\.\d{1,2}\.\d{1,4}")
_DOTTED_TWO = re.compile(r"\d{1,2}\.\d{1,2}")
_ANY = re.compile(r"[dyoMWRUmwEpP]")


def dates(tokens: Sequence[Token], language: Language, *, today: date, currency: str = "EUR", skip: Container[int] = ()) -> tuple[DateSpan, ...]:
    """All dates and periods in order; impossible days are no dates. Linear.

    `currency` decides the order of day and month in figures; `skip`: tokens that are money.
    """
    atoms = _atoms(tokens, language, skip)
    shape = "".join(atom.letter for atom in atoms)
    if not _ANY.search(shape):
        return ()
    reader = _Reader(atoms, today, month_first=language.dates.month_first is not None and currency in language.dates.month_first)
    found = []
    for match in _PATTERN.finditer(shape):
        span = reader.read(match.lastgroup or "", match.start(), match.end())
        if span is not None:
            found.append(span)
    return tuple(_ranges(found, atoms, today))


def _atoms(tokens: Sequence[Token], language: Language, skip: Container[int]) -> list[_Atom]:
    folded = [token.folded for token in tokens]
    atoms: list[_Atom] = []
    place = 0
    while place < len(tokens):
        if place in skip:
            atoms.append(_Atom("_", "", place, place + 1))
            place += 1
            continue
        atom = _number_atom(tokens, place, language) if tokens[place].kind == "n" else _word_atom(folded, place, language)
        atoms.append(atom)
        place = atom.last
    return atoms


def _number_atom(tokens: Sequence[Token], place: int, language: Language) -> _Atom:
    text = tokens[place].text
    end = place + 1
    if text.isdigit() and len(text) <= 2:
        if end < len(tokens) and tokens[end].glued and tokens[end].folded in language.dates.endings:
            return _Atom("o", int(text), place, end + 1)
        return _Atom("d", int(text), place, end)
    if len(text) == 4 and text.isdigit() and 1900 <= int(text) <= 2099:
        return _Atom("y", int(text), place, end)
    if _DOTTED.fullmatch(text):
        return _Atom("P", text, place, end)
    return _Atom("p" if _DOTTED_TWO.fullmatch(text) else "_", text, place, end)


def _word_atom(folded: Sequence[str], place: int, language: Language) -> _Atom:
    word = folded[place]
    found = language.dates.words.at(folded, place)
    if found is None and word.endswith("'s"):
        found = language.dates.words.at([word[:-2]], 0)
    if found is not None:
        (letter, value), size = found
        return _Atom(letter, value, place, place + size)
    return _Atom(word if word in ("/", "-", ".", ",", "'", "!", "?", ":") else "_", word, place, place + 1)


class _Reader:
    """Turns one match over the letters into days."""

    def __init__(self, atoms: Sequence[_Atom], today: date, *, month_first: bool) -> None:
        self.atoms = atoms
        self.today = today
        self.month_first = month_first

    def read(self, name: str, start: int, end: int) -> DateSpan | None:
        atoms = self.atoms[start:end]
        build: Callable[[Sequence[_Atom]], DateSpan | None] = getattr(self, f"_{name}")
        span = build(atoms)
        return None if span is None else replace(span, first=atoms[0].first, last=atoms[-1].last)

    def _span(self, start: date | None, end: date | None = None, direction: Direction = "any", *, figures: bool = False) -> DateSpan | None:
        return None if start is None else DateSpan(0, 0, start, end or start, direction, figures)

    def _iso(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        year, month, day = _numbers(atoms)
        return self._span(calendar.day(year, month, day))

    def _dotted(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        parts = [int(part) for part in str(atoms[0].value).split(".")]
        if parts[0] > 31:
            return self._span(calendar.day(*parts))
        return self._span(self._ordered(parts[0], parts[1], parts[2])) if parts[2] > 999 else None

    def _figures(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        first, second, year = _numbers(atoms)
        return self._span(self._ordered(first, second, calendar.full_year(year, self.today)), figures=year < 100)

    def _ordered(self, first: int, second: int, year: int) -> date | None:
        day, month = (second, first) if self.month_first else (first, second)
        return calendar.day(year, month, day) or calendar.day(year, day, month)

    def _figures_two(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        first, second = _numbers(atoms)
        return self._two(
            first, second, slash=any(atom.letter == "/" for atom in atoms), whole=len(atoms) == len(self.atoms), before=self._before(atoms)
        )

    def _dotted_two(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        first, second = (int(part) for part in str(atoms[0].value).split("."))
        return self._two(first, second, slash=False, whole=False, before="a")

    def _two(self, first: int, second: int, *, slash: bool, whole: bool, before: str) -> DateSpan | None:
        if not (slash or whole or before == "a") or (slash and not whole and before != "a" and max(first, second) < 8 and first < second):
            return None  # "1/2" and "2/3" are fractions, "10-15" is a range
        if f"{first}/{second}" in _IDIOMS:
            return None
        month, day = (first, second) if self.month_first else (second, first)
        found = calendar.latest(month, day, self.today) or calendar.latest(day, month, self.today)
        return self._span(found, figures=True)

    def _before(self, atoms: Sequence[_Atom]) -> str:
        place = self.atoms.index(atoms[0])
        return self.atoms[place - 1].letter if place else ""

    def _month_day(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        day = _count([atom for atom in atoms if atom.letter in "doN1"])
        return self._named(atoms, day)

    _day_month = _month_day

    def _year_month_day(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        return self._named(atoms, next(int(atom.value) for atom in atoms if atom.letter == "d"))

    def _named(self, atoms: Sequence[_Atom], day: int) -> DateSpan | None:
        month = next(int(atom.value) for atom in atoms if atom.letter in "Mm")
        year = next((int(atom.value) for atom in atoms if atom.letter == "y"), None)
        if year is None:
            digits = [atom for atom in atoms if atom.letter == "d"]
            if len(digits) == 2:
                return self._span(calendar.day(calendar.full_year(int(digits[1].value), self.today), month, int(digits[0].value)))
            return self._span(calendar.latest(month, day, self.today))
        return self._span(calendar.day(year, month, day))

    def _nth_weekday(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        weekday = next(int(atom.value) for atom in atoms if atom.letter in "Ww")
        nth = next((int(atom.value) for atom in atoms if atom.letter == "o"), -1)
        month = next((int(atom.value) for atom in atoms if atom.letter in "Mm"), None)
        year = next((int(atom.value) for atom in atoms if atom.letter == "y"), None)
        if month is not None:
            years = [year] if year else [self.today.year, self.today.year - 1]
            found = [day for each in years if (day := calendar.nth_weekday(each, month, weekday, nth)) and (year or day <= self.today)]
            return self._span(found[0]) if found else None
        if atoms[-1].value != "month":
            return None
        steps = next((atom.letter for atom in atoms[2:] if atom.letter in "lhx"), "h")
        base = calendar.add(self.today.replace(day=1), "month", {"l": -1, "h": 0, "x": 1}[steps])
        return self._span(calendar.nth_weekday(base.year, base.month, weekday, nth)) if base else None

    def _last_day_of(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        if not any(atom.value in ("day", -1) for atom in atoms):
            return None
        period = self._month_year(atoms) if any(atom.letter == "y" for atom in atoms) else self._month(atoms[-1:])
        return self._span(period.end) if period else None

    def _from_relative(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        base = self.today + timedelta(days=int(atoms[-1].value)) if atoms[-1].letter == "R" else None
        if base is None:
            named = self._month_day(atoms[-2:])
            base = named.start if named else None
        unit = next(atom for atom in atoms if atom.letter in "UW")
        return (
            self._span(calendar.add(base, str(unit.value), _count(atoms[: atoms.index(unit)])), direction="future")
            if base and unit.letter == "U"
            else None
        )

    def _day_of_period(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        if atoms[-1].value != "month":
            return None
        start, _ = calendar.period(self.today, "month", {"l": -1, "h": 0, "x": 1}[atoms[-2].letter])
        number = next(int(atom.value) for atom in atoms if atom.letter in "od")
        return self._span(calendar.day(start.year, start.month, number), direction=_OF_STEP[atoms[-2].letter])

    def _ago(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        return self._span(self._shifted(atoms, -1), direction="past")

    def _ahead(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        return self._span(self._shifted(atoms, 1), direction="future")

    def _shifted(self, atoms: Sequence[_Atom], sign: int) -> date | None:
        day: date | None = self.today
        count: list[_Atom] = []
        for atom in atoms:
            if atom.letter in "dN1":
                count.append(atom)
            elif atom.letter == "U" and day is not None:
                day, count = calendar.add(day, str(atom.value), sign * _count(count)), []
            elif atom.letter in "Ww" and day is not None:
                nearest = calendar.weekday_before(day, int(atom.value)) if sign < 0 else calendar.weekday_after(day, int(atom.value))
                day = nearest + timedelta(days=7 * sign * (_count(count) - 1))
        return day

    def _relative(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        days = int(atoms[0].value)
        return self._span(self.today + timedelta(days=days), direction="future" if days > 0 else "past" if days < 0 else "any")

    def _weekday_of_week(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        step = next(atom.letter for atom in atoms if atom.letter in "lhx")
        weekday = next(int(atom.value) for atom in atoms if atom.letter in "Ww")
        if not any(atom.value == "week" for atom in atoms):
            return None
        monday = self.today - timedelta(days=self.today.isoweekday() - 1)
        found = monday + timedelta(days={"l": -7, "h": 0, "x": 7}[step] + weekday - 1)
        return self._span(found, direction=_OF_STEP[step])

    def _weekday_day(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        weekday = next(int(atom.value) for atom in atoms if atom.letter in "Ww")
        return self._span(calendar.weekday_and_day(weekday, int(atoms[-1].value), self.today))

    def _weekday(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        weekday = next(int(atom.value) for atom in atoms if atom.letter in "Ww")
        step = next((atom.letter for atom in atoms if atom.letter in "lhx"), "")
        if any(atom.letter == "x" and atom.value in ("coming", "upcoming") for atom in atoms):
            return self._span(calendar.weekday_after(self.today, weekday), direction="future")
        if step == "x":
            monday = self.today - timedelta(days=self.today.isoweekday() - 1)
            return self._span(monday + timedelta(days=6 + weekday), direction="future")
        if step == "h":
            return self._span(self.today + timedelta(days=weekday - self.today.isoweekday()))
        if step == "l":
            return self._span(calendar.weekday_before(self.today, weekday), direction="past")
        return self._span(calendar.weekday_before(self.today + timedelta(days=1), weekday))

    def _month_year(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        month = next(int(atom.value) for atom in atoms if atom.letter in "Mm")
        return self._span(*calendar.month(int(atoms[-1].value), month))

    def _month(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        found = next((int(atom.value) for atom in atoms if atom.letter in "Mm"), None)
        if found is None:
            return None
        step = next((atom.letter for atom in atoms if atom.letter in "lx"), "")
        year = self.today.year if found <= self.today.month else self.today.year - 1
        if step == "x":
            year += 1
        elif step == "l" and found == self.today.month:
            year -= 1
        return self._span(*calendar.month(year, found), direction="future" if step == "x" else "any")

    def _last_units(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        count = _count([atom for atom in atoms if atom.letter in "dN"])
        start = calendar.add(self.today, str(atoms[-1].value), -count)
        return self._span(start + timedelta(days=1), self.today, "past") if start else None

    def _unit(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        step = next(atom for atom in atoms if atom.letter in "lhx")
        unit = str(next(atom.value for atom in atoms if atom.letter == "U"))
        if step.value == "past" and unit != "day":
            start = calendar.add(self.today, unit, -1)
            return self._span(start + timedelta(days=1), self.today, "past") if start else None
        return self._span(
            *calendar.period(self.today, unit, {"l": -1, "h": 0, "x": 1}[step.letter]),
            _OF_STEP[step.letter],
        )

    def _weekend(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        monday = self.today - timedelta(days=self.today.isoweekday() - 1)
        step = next((atom.letter for atom in atoms if atom.letter in "lhx"), "")
        if step == "l" or (step == "" and self.today.isoweekday() < 6):
            monday -= timedelta(days=7)
        elif step == "x":
            monday += timedelta(days=7)
        return self._span(monday + timedelta(days=5), monday + timedelta(days=6))

    def _day_of_month(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        return self._span(calendar.latest_day(next(int(atom.value) for atom in atoms if atom.letter in "od"), self.today))

    def _year(self, atoms: Sequence[_Atom]) -> DateSpan | None:
        year = int(atoms[-1].value)
        return self._span(date(year, 1, 1), date(year, 12, 31))


def _numbers(atoms: Sequence[_Atom]) -> list[int]:
    return [int(atom.value) for atom in atoms if atom.letter in "dy"]


def _count(atoms: Sequence[_Atom]) -> int:
    return sum(1 if atom.letter == "1" else int(atom.value) for atom in atoms)


def _ranges(spans: Sequence[DateSpan], atoms: Sequence[_Atom], today: date) -> list[DateSpan]:
    """Joins "from A to B", "between A and B", "A - B" and "since A" to one period each."""
    letters = {atom.first: atom.letter for atom in atoms} | {-1: ""}
    ends = {atom.last: atom for atom in atoms}
    joined: list[DateSpan] = []
    for span in spans:
        before = ends.get(span.first)
        if joined and before is not None and before.first == joined[-1].last and before.letter in "u&-" and joined[-1].start <= span.end:
            opening = ends.get(joined[-1].first)
            if (opening is not None and opening.letter in "ef") or before.letter == "u":
                first = opening.first if opening is not None and opening.letter in "ef" else joined[-1].first
                joined[-1] = replace(joined[-1], first=first, last=span.last, end=span.end)
                continue
        if before is not None and before.letter == "S" and span.start <= today:
            span = replace(span, first=before.first, end=today)
        elif letters.get(span.first) == "S" and span.start <= today:
            span = replace(span, end=today)
        joined.append(span)
    return joined
