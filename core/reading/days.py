"""Owns turning what a pattern of core.reading.dates matched into days. Finds nothing in a text itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from core.reading import calendar
from core.reading.holidays import holiday
from core.reading.language import Dates

Value = int | str
Direction = Literal["past", "future", "any"]
Lean = Literal["past", "future"]
_OF_STEP: dict[str, Direction] = {"l": "past", "h": "any", "x": "future", "c": "future", "X": "future"}
_STEPS = {"l": -1, "h": 0, "x": 1, "c": 1, "X": 2}
_IDIOMS = {"24/7", "50/50"}
_NEAR_DAY = timedelta(days=14)
_A_FEW = 3  # days, weeks: what "a few" stands for where a day must be named


@dataclass(frozen=True, slots=True)
class DateSpan:
    """Tokens [first, last) that name the days `start` to `end`, both included. `figures`: digits alone ("12/5"), so it may be no date.

    `direction`: what the words themselves say ("ago": past, "next": future), `any` where only the context decides.
    `weekday`: 1 to 7 where nothing but a weekday is named; `shifted`: the unit that is counted in ("2 weeks ago").
    """

    first: int
    last: int
    start: date
    end: date
    direction: Direction = "any"
    figures: bool = False
    weekday: int = 0
    shifted: str = ""

    @property
    def is_day(self) -> bool:
        return self.start == self.end


@dataclass(slots=True, unsafe_hash=True)  # made for every word, like a token, and as little changed
class Atom:
    """One thing that a date is made of: its class letter, its value and its tokens."""

    letter: str
    value: Value
    first: int
    last: int


class Days:
    """Turns one match over the letters into days, seen from today."""

    def __init__(self, atoms: Sequence[Atom], language: Dates, today: date, currency: str, lean: Lean, *, broad: bool) -> None:
        self.atoms = atoms
        self.today = today
        self.month_first = language.year_first or (language.month_first is not None and currency in language.month_first)
        self.year_first = language.year_first
        self.clock = language.clock
        self.coming = lean == "future"
        self.broad = broad

    def read(self, name: str, start: int, end: int) -> DateSpan | None:
        """The days of the atoms [start, end) that the pattern `name` matched; None where there are no such days."""
        atoms = self.atoms[start:end]
        if name == "weekday_day" and self._is_far(atoms):
            name, atoms = "weekday", atoms[:-1]  # "taxi on monday 14": so far from today the number is no day of the month
        build: Callable[[Sequence[Atom]], DateSpan | None] = getattr(self, f"_{name}")
        span = build(atoms)
        return None if span is None else replace(span, first=atoms[0].first, last=atoms[-1].last)

    def _span(self, start: date | None, end: date | None = None, direction: Direction = "any", *, figures: bool = False) -> DateSpan | None:
        return None if start is None else DateSpan(0, 0, start, end or start, direction, figures)

    def _iso(self, atoms: Sequence[Atom]) -> DateSpan | None:
        year, month, day = _numbers(atoms)
        return self._span(calendar.day(year, month, day))

    def _dotted(self, atoms: Sequence[Atom]) -> DateSpan | None:
        parts = [int(part) for part in str(atoms[-1].value).split(".")]
        if parts[0] > 31:
            return self._span(calendar.day(*parts))
        if parts[2] < 1000 and not (self.broad or len(atoms) > 1):
            return None
        return self._span(self._ordered(parts[0], parts[1], calendar.full_year(parts[2], self.today)))

    def _figures(self, atoms: Sequence[Atom]) -> DateSpan | None:
        first, second, year = _numbers(atoms)
        return self._span(self._ordered(first, second, calendar.full_year(year, self.today)), figures=year < 100)

    def _ordered(self, first: int, second: int, year: int) -> date | None:
        day, month = (second, first) if self.month_first else (first, second)
        return calendar.day(year, month, day) or calendar.day(year, day, month)

    def _figures_two(self, atoms: Sequence[Atom]) -> DateSpan | None:
        first, second = (int(atom.value) for atom in atoms if atom.letter in "doN")
        slash = any(atom.letter == "/" for atom in atoms)
        return self._two(first, second, slash=slash, whole=len(atoms) == len(self.atoms), before=self._before(atoms), atoms=atoms)

    def _dotted_two(self, atoms: Sequence[Atom]) -> DateSpan | None:
        place = next(place for place, atom in enumerate(atoms) if atom.letter == "p")
        if self.broad and place and atoms[place - 1].value in self.clock:
            return None
        first, second = (int(part) for part in str(atoms[place].value).split("."))
        return self._two(first, second, slash=False, whole=False, before="a", atoms=atoms)

    def _two(self, first: int, second: int, *, slash: bool, whole: bool, before: str, atoms: Sequence[Atom]) -> DateSpan | None:
        if f"{first}/{second}" in _IDIOMS:
            return None
        led = whole or before == "a" or any(atom.letter in "atihxclWw" for atom in atoms)
        if not led and (not slash or (max(first, second) < 8 and first < second)):
            return None  # "1/2" and "2/3" are fractions, "10-15" is a range
        month, day = (first, second) if self.month_first else (second, first)
        weekday = next((int(atom.value) for atom in atoms if atom.letter in "Ww"), None)
        coming = self.coming or any(atom.letter in "xc" for atom in atoms)
        options = [calendar.nearest(m, d, self.today, coming=coming) for m, d in ((month, day), (day, month)) if 1 <= m <= 12]
        found = [option for option in options if option is not None]
        fitting = [option for option in found if weekday in (None, option.isoweekday())]
        return self._span(next(iter(fitting or found), None), figures=True)

    def _before(self, atoms: Sequence[Atom]) -> str:
        place = self.atoms.index(atoms[0])
        return self.atoms[place - 1].letter if place else ""

    def _month_day(self, atoms: Sequence[Atom]) -> DateSpan | None:
        days = [atom for atom in atoms if atom.letter in "doN1"]
        return self._named(atoms, days[0], days[1:])

    _day_month = _month_day

    def _year_month_day(self, atoms: Sequence[Atom]) -> DateSpan | None:
        return self._named(atoms, next(atom for atom in atoms if atom.letter in "doN"), ())

    def _named(self, atoms: Sequence[Atom], day: Atom, more: Sequence[Atom]) -> DateSpan | None:
        """A day of a month that is named; `more` are a year in two figures, or in two number words ("nineteen eighty")."""
        month = next(int(atom.value) for atom in atoms if atom.letter in "Mm")
        year = next((int(atom.value) for atom in atoms if atom.letter == "y"), None)
        if year is None and more:
            year = int(more[0].value) * 100 + int(more[1].value) if len(more) > 1 else calendar.full_year(int(more[0].value), self.today)
        if year is None:
            coming = self.coming or any(atom.letter in "xc" for atom in atoms)
            return self._span(self._of_year(month, int(day.value), atoms, coming=coming))
        return self._span(calendar.day(year, month, int(day.value)))

    def _marked(self, atoms: Sequence[Atom]) -> DateSpan | None:
        """ "2025年3月4日", "ngày 4 tháng 3 năm 2025": numbers beside words for year, month and day."""
        year = next((int(atom.value) for atom in atoms if atom.letter == "y"), None)
        numbers = [int(atom.value) for atom in atoms if atom.letter in "dNo1"]
        month, day = numbers[:2] if self.year_first else numbers[1::-1]
        if year is not None:
            return self._span(calendar.day(year, month, day))
        return self._span(self._of_year(month, day, atoms, coming=self.coming)) if 1 <= month <= 12 else None

    def _of_year(self, month: int, day: int, atoms: Sequence[Atom], *, coming: bool) -> date | None:
        """The day without a year: the one that is the weekday named, else as the text leans."""
        options = [calendar.nearest(month, day, self.today, coming=each) for each in (coming, not coming)]
        weekday = next((int(atom.value) for atom in atoms if atom.letter in "Ww"), 0)
        return next((option for option in options if option and option.isoweekday() == weekday), options[0])

    def _nth_weekday(self, atoms: Sequence[Atom]) -> DateSpan | None:
        weekday = next(int(atom.value) for atom in atoms if atom.letter in "Ww")
        nth = next((int(atom.value) for atom in atoms if atom.letter == "o"), -1)
        month = next((int(atom.value) for atom in atoms if atom.letter in "MmdN"), None)
        year = next((int(atom.value) for atom in atoms if atom.letter == "y"), None)
        if month is not None:
            years = [year] if year else [self.today.year, self.today.year + (1 if self.coming else -1)]
            found = [day for each in years if 1 <= month <= 12 and (day := calendar.nth_weekday(each, month, weekday, nth))]
            return self._span(next((day for day in found if year or (day >= self.today if self.coming else day <= self.today)), None))
        unit = next((atom for atom in reversed(atoms) if atom.letter == "U"), None)
        if unit is None or unit.value != "month":
            return None
        steps = next(
            (atom.letter for atom in reversed(atoms) if atom.letter in "hxc" or (atom.letter == "l" and (nth > 0 or atom is not atoms[0]))), "h"
        )
        base = calendar.add(self.today.replace(day=1), "month", _STEPS[steps])
        return self._span(calendar.nth_weekday(base.year, base.month, weekday, nth)) if base else None

    def _last_day_of(self, atoms: Sequence[Atom]) -> DateSpan | None:
        if not any(atom.value in ("day", -1) for atom in atoms):
            return None
        unit = next((atom for atom in reversed(atoms) if atom.letter == "U"), atoms[0])
        if atoms[-1] is unit and atoms[-2].letter in "lhxc" and len(atoms) > 3:
            return self._span(calendar.period(self.today, str(unit.value), _STEPS[atoms[-2].letter])[1])
        month = next((int(atom.value) for atom in atoms if atom.letter in "MmdN"), 13)
        year = next((int(atom.value) for atom in atoms if atom.letter == "y"), None)
        if year is None:
            year = self.today.year + (month < self.today.month if self.coming else -(month > self.today.month))
        return self._span(calendar.month(year, month)[1]) if month <= 12 else None

    def _day_of_period(self, atoms: Sequence[Atom]) -> DateSpan | None:
        if not any(atom.value == "month" or atom.letter == "K" for atom in atoms):
            return None
        step = next(atom.letter for atom in atoms if atom.letter in "lhxc")
        start, _ = calendar.period(self.today, "month", _STEPS[step])
        number = next(int(atom.value) for atom in atoms if atom.letter in "odN")
        return self._span(calendar.day(start.year, start.month, number), direction=_OF_STEP[step])

    def _ago(self, atoms: Sequence[Atom]) -> DateSpan | None:
        return self._shifted(atoms, -1, "past")

    def _ahead(self, atoms: Sequence[Atom]) -> DateSpan | None:
        return self._shifted(atoms, 1, "future")

    def _shifted(self, atoms: Sequence[Atom], sign: int, direction: Direction) -> DateSpan | None:
        day: date | None = self.today
        counted: list[Atom] = []
        unit = ""
        for atom in atoms:
            if atom.letter in "dN1k":
                counted.append(atom)
            elif atom.letter == "U" and day is not None:
                unit = str(atom.value)
                day, counted = calendar.add(day, unit, sign * (count(counted) if counted else 1)), []
            elif atom.letter in "Ww" and day is not None:
                nearest = calendar.weekday_before(day, int(atom.value)) if sign < 0 else calendar.weekday_after(day, int(atom.value))
                day = calendar.add(nearest, "week", sign * (count(counted) - 1))
        span = self._span(day, direction=direction)
        return replace(span, shifted=unit) if span else None

    def _relative(self, atoms: Sequence[Atom]) -> DateSpan | None:
        days = int(atoms[0].value)
        if atoms[0].letter == "r" and not self.coming:
            days = -days
        return self._span(self.today + timedelta(days=days), direction="future" if days > 0 else "past" if days < 0 else "any")

    def _weekday_of_week(self, atoms: Sequence[Atom]) -> DateSpan | None:
        step = next(atom.letter for atom in atoms if atom.letter in "lhxcX")
        weekday = next(int(atom.value) for atom in atoms if atom.letter in "Ww")
        if not any(atom.value == "week" for atom in atoms):
            return None
        return self._span(self._of_week(_STEPS[step], weekday), direction=_OF_STEP[step])

    def _of_week(self, step: int, weekday: int) -> date:
        return self.today + timedelta(days=7 * step + weekday - self.today.isoweekday())

    def _weekday_day(self, atoms: Sequence[Atom]) -> DateSpan | None:
        weekday = next(int(atom.value) for atom in atoms if atom.letter in "Ww")
        number = next(int(atom.value) for atom in atoms if atom.letter in "doN")
        return self._span(calendar.weekday_and_day(weekday, number, self.today, coming=self.coming))

    def _is_far(self, atoms: Sequence[Atom]) -> bool:
        """Whether a bare number behind a weekday makes a day that no message about money speaks of so."""
        if self.broad or atoms[-1].letter != "d":
            return False
        span = self._weekday_day(atoms)
        return span is not None and abs(span.start - self.today) > _NEAR_DAY

    def _weekday(self, atoms: Sequence[Atom]) -> DateSpan | None:
        weekday = next(int(atom.value) for atom in atoms if atom.letter in "Ww")
        step = next((atom.letter for atom in atoms if atom.letter in "lhxcX"), "")
        if step == "c":
            return self._span(calendar.weekday_after(self.today, weekday), direction="future")
        if step == "X":
            return self._span(calendar.weekday_after(self.today, weekday) + timedelta(days=7), direction="future")
        if step == "x":
            return self._span(self._of_week(1, weekday), direction="future")
        if step == "h":
            return self._span(self._of_week(0, weekday))
        if step == "l":
            return self._span(calendar.weekday_before(self.today, weekday), direction="past")
        bare = calendar.weekday_after(self.today, weekday) if self.coming else calendar.weekday_before(self.today + timedelta(days=1), weekday)
        return DateSpan(0, 0, bare, bare, weekday=weekday)

    def _month_year(self, atoms: Sequence[Atom]) -> DateSpan | None:
        month = next(int(atom.value) for atom in atoms if atom.letter in "Mm")
        return self._span(*calendar.month(int(atoms[-1].value), month))

    def _month(self, atoms: Sequence[Atom]) -> DateSpan | None:
        found = next((int(atom.value) for atom in atoms if atom.letter in "Mm"), None)
        if found is None:
            return None
        step = next((atom.letter for atom in atoms if atom.letter in "lxc"), "")
        year = self.today.year if found <= self.today.month else self.today.year - 1
        if step in ("x", "c"):
            year += 1
        elif step == "l" and found == self.today.month:
            year -= 1
        return self._span(*calendar.month(year, found), direction="future" if step in ("x", "c") else "any")

    def _part(self, atoms: Sequence[Atom]) -> DateSpan | None:
        """ "Q3", "the first quarter of 2024", "last quarter", "Q1 last year"."""
        part = next(str(atom.value) for atom in atoms if atom.letter == "Q")
        year = next((int(atom.value) for atom in atoms if atom.letter == "y"), None)
        step = next((atom.letter for atom in atoms if atom.letter in "lhxc"), "")
        if step and not any(atom.value == "year" for atom in atoms):
            return None
        year = self.today.year + _STEPS[step] if step else year
        return self._span(*calendar.part_of_year(part, self.today, year, coming=self.coming), direction="past" if part.endswith("_last") else "any")

    def _last_units(self, atoms: Sequence[Atom]) -> DateSpan | None:
        counted = count([atom for atom in atoms if atom.letter in "dN"])
        start = calendar.add(self.today, str(atoms[-1].value), -counted)
        return self._span(start + timedelta(days=1), self.today, "past") if start else None

    def _unit(self, atoms: Sequence[Atom]) -> DateSpan | None:
        step = next(atom for atom in atoms if atom.letter in "lhxc")
        unit = str(next(atom.value for atom in atoms if atom.letter == "U"))
        if step.value == "past" and unit != "day":
            start = calendar.add(self.today, unit, -1)
            return self._span(start + timedelta(days=1), self.today, "past") if start else None
        return self._span(*calendar.period(self.today, unit, _STEPS[step.letter]), _OF_STEP[step.letter])

    def _weekend(self, atoms: Sequence[Atom]) -> DateSpan | None:
        monday = self.today - timedelta(days=self.today.isoweekday() - 1)
        step = next((atom.letter for atom in atoms if atom.letter in "lhxc"), "")
        if step == "l" or (step == "" and self.today.isoweekday() < 6 and not self.coming):
            monday -= timedelta(days=7)
        elif step in ("x", "c"):
            monday += timedelta(days=7)
        return self._span(monday + timedelta(days=5), monday + timedelta(days=6))

    def _day_of_month(self, atoms: Sequence[Atom]) -> DateSpan | None:
        number = next(int(atom.value) for atom in atoms if atom.letter in "odN")
        return self._span(calendar.nearest_day(number, self.today, coming=self.coming))

    def _holiday(self, atoms: Sequence[Atom]) -> DateSpan | None:
        rule = next(str(atom.value) for atom in atoms if atom.letter == "H")
        year = next((int(atom.value) for atom in atoms if atom.letter == "y"), None)
        step = next((atom.letter for atom in atoms if atom.letter in "lhxc"), "")
        if year is None and any(atom.value == "year" for atom in atoms):
            year = self.today.year + _STEPS[step]
        if year is not None:
            return self._span(holiday(rule, year))
        years = [holiday(rule, self.today.year + each) for each in (-1, 0, 1)]
        before = [day for day in years if day is not None and day < self.today]
        after = [day for day in years if day is not None and day >= self.today]
        past = step == "l" or (not step and not self.coming)
        return self._span((before[-1] if before else None) if past else (after[0] if after else None))

    def _year(self, atoms: Sequence[Atom]) -> DateSpan | None:
        year = int(atoms[-1].value)
        return self._span(date(year, 1, 1), date(year, 12, 31))


def _numbers(atoms: Sequence[Atom]) -> list[int]:
    return [int(part) for atom in atoms if atom.letter in "dyq" for part in str(atom.value).split(",")]


def count(atoms: Sequence[Atom]) -> int:
    """The count that number atoms say; "a few" is taken as three."""
    if any(atom.letter == "k" for atom in atoms):
        return _A_FEW
    return sum(1 if atom.letter == "1" else int(atom.value) for atom in atoms)
