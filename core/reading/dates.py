"""Owns finding dates and periods in tokens: what they are made of, which patterns they follow, and how they join."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from core.reading import calendar
from core.reading.days import Atom, DateSpan, Days, Direction, Lean, count
from core.reading.language import Language
from core.reading.numbers import cardinal
from core.reading.text import Token

__all__ = ["DateSpan", "Direction", "Lean", "dates"]

# Letters: d 1-2 digits, y a year, o ordinal, N number words, M W months and weekdays (m w: words that are also others), R relative day
# (r: before or after today), H holiday,
# U unit, Q part of a year, p "4.22", P "2015.5.13", q "8,2015";
# Y K D what stands with the number of a year, month, day; the small ones of language._DATE_CLASSES;
# marks stand for themselves; _ anything else.
_COUNT = "(?:d|N|1)"
_DAY = r"(?:o|d|N)"
_WEEKDAY = r"(?:[at]{0,2}[hxc]?[Ww][.]?,?[(]?)?"  # before a date; the date decides
_YEAR = r"(?:[-,/]?f?y)"
_ANY_YEAR = r"(?:[-,/']?f?(?:y|d(?=$|[.,!?)])|NN))"  # also of two figures or in words: where nothing but dates is looked for
_MONTH_DAY = rf"{_WEEKDAY}a?[Mm][.]?[-/,]?t?U?{_DAY}D?"
_DAY_MONTH = rf"{_WEEKDAY}[at]{{0,2}}(?:o(?:t?U)?|d|N)[-/]?f?[Mm][.]?"
_SHIFT = rf"{_COUNT}U(?:[&,]?{_COUNT}U)*"
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("iso", rf"{_WEEKDAY}y[-/.]d[-/.]d"),
    ("dotted", rf"{_WEEKDAY}[at]{{0,2}}P"),
    ("figures", rf"{_WEEKDAY}[at]{{0,2}}d[-/.,]d[-/.,](?:y|d)"),
    ("year_month_day", rf"y[-/.,]?f?[Mm][.]?[-/]?{_DAY}|d-y-[Mm]|y[-/]d[-/][Mm]|[Mm][-/]y[-/]d"),
    (
        "nth_weekday",
        r"[at]{0,2}(?:o|l)U?[Ww](?:f|B)?t?(?:[Mm][.]?(?:,?[ft]{0,2}Y?y)?|t?[lhxc]?t?U[lhxc]?)|(?:yYf?|yf)?(?:[Mm]|[dN]K)f?(?:o|l)U?[Ww]|[lhxc]Uf?o[Ww]",
    ),
    ("marked", rf"{_WEEKDAY}(?:yYf?)?{_COUNT}Kf?{_DAY}D?(?:[(]?[Ww][)]?)?|{_WEEKDAY}D?{_DAY}K{_DAY}(?:Y?y)?"),
    ("last_day_of", r"(?:t?lUf?|Rf)[Mm](?:,?f?y)?|(?:t?lU|R)ft?[lhxc]U|(?:yYf?)?(?:[Mm]|[dN]K)f?lU"),
    ("day_of_period", r"[at]{0,2}(?:o|d)D?ft?(?:[lhxc]U|U[lhxc])|[lhxc][UK]f?a?(?:o|dD|ND)"),
    ("month_day", rf"{_MONTH_DAY}{_YEAR}?(?![/:])"),
    ("day_month", rf"{_DAY_MONTH}(?:{_YEAR}|(?<=[-/][Mm])[-/]d)?"),
    ("figures_two", r"d ?[-/] ?d(?![/-]|d)"),
    ("dotted_two", r"(?<=a)p"),
    ("ago", rf"C?{_SHIFT}g|C?{_COUNT}[Ww]g|C{_SHIFT}|CU|Ug"),
    ("ahead", rf"[if]?{_SHIFT}G|[if]{_SHIFT}|{_COUNT}[Ww]G|iU"),
    ("relative", r"R|r"),
    ("weekday_of_week", r"t?[lhxcX]U[af]?[Ww]|[at]{0,2}[Ww][.]?,?f?t?[lhxcX]U|[at]{0,2}[Ww]f?t?U[lhxc]|t?U[lhxc]a?[Ww]"),
    ("weekday_day", r"a?[Ww][.,]?t?o|a?W[.,]?d(?=$|[.,!?])"),
    ("weekday", r"t?[lhxcX]{1,2}[Ww]|[at]{0,2}[Ww][lxcX]|a?t?W[.]?|[aS]w[.]?|^w[.]?$|(?<=v)w"),
    ("month_year", r"[lhxc]?[Mm][,']?f?y"),
    ("part", r"t?Q(?:,?f?(?:y|t?(?:[lhxc]U|U[lhxc])))?|yt?Q"),
    ("last_units", r"t?l(?:d|NN?)U"),
    ("unit", r"t?[lhxc]U|t?U[lxc]"),
    ("weekend", r"[atlhxc]{0,4}E[lxc]?"),
    ("month", r"t?[lhxc][Mm]|[Mm][lxc]|M|[fS]m(?![_odN])|^m$"),
    ("day_of_month", r"(?:a?to|ao|(?<=v)o)(?!_?[Ww])(?:ft?U)?|at?d(?=[.!?]$|$)"),
    ("year", r"[fhlS]y"),
    ("holiday", r"(?!)"),
)
# What is a date only where nothing but dates is looked for; tried before the pattern of the same name.
_BROAD: dict[str, str] = {
    "holiday": r"[at]{0,2}[lhxc]?H(?:[-,]?[ftBi]{0,2}y|f?t?(?:[lhxc]U|U[lhxc]))?|[at]{0,2}H[lhxc]?",
    "figures": rf"{_WEEKDAY}[at]{{0,2}}d[-/.,]?d[-/.,]?(?:y|d(?![/:]))|{_WEEKDAY}dfdf(?:y|d)|{_WEEKDAY}[at]{{0,2}}d[-/]q",
    "month_day": rf"{_WEEKDAY}a?[Mm][.]?(?:[-/,]|f)?t?U?{_DAY}D?{_ANY_YEAR}?(?:[.,]?[Ww])?(?![/:])",
    "day_month": rf"{_WEEKDAY}[at]{{0,2}}(?:o(?:t?U)?|d[.]?|N)[-/]?f?[Mm][.]?(?:{_ANY_YEAR}|(?<=[-/][Mm])[-/]d)?(?:[.,]?[Ww])?",
    "ago": rf"C?1?kUg|C1?kU|{_SHIFT}l",
    "ahead": rf"(?:1?kU)G|i(?:1?kU)|{_SHIFT}x",
    "weekday_day": r"[at]{0,2}h?[Ww][.,]?[at]{0,2}U?(?:o|d|N)(?![-/:UkK])D?[.]?",
    "weekday": r"[at]{0,2}[Ww][.]?(?=$|[,.!?)])|^[(]?[Ww][)]?[aft]?$",
    "day_of_month": r"[ahtD]{1,3}U?(?:o|d|N)(?![-/:.]?[dNUkK])D?[.]?|[dN]D|U(?:d|N|o)(?=$|[.,!?])",
    "figures_two": rf"{_WEEKDAY}[ati]{{0,2}}[xch]?(?:d ?[-/.] ?d|dfd)[.]?(?![/-]|d)|{_WEEKDAY}[at]{{1,2}}[dN][dNo](?=$|[.,!?])|^dd$",
    "dotted_two": rf"(?:{_WEEKDAY}[ati]{{1,2}}|[at]{{0,2}}[hxc]?[Ww][.]?,?)p[.]?|^p[.]?$",
}
_NAME = re.compile(r"[a-z]+(?:_[a-z]+)*")


def _any_of(patterns: Iterable[tuple[str, str]]) -> re.Pattern[str]:
    """One pattern, not even tried at what is no part of a date."""
    return re.compile(f"(?!_)(?:{'|'.join(f'(?P<{name}>{pattern})' for name, pattern in patterns)})")


_CHAT_PATTERN = _any_of(_PATTERNS)
_BROAD_PATTERN = _any_of((name, f"{_BROAD[name]}|{pattern}" if name in _BROAD else pattern) for name, pattern in _PATTERNS)
_NUMBERS = (
    ("P", re.compile(r"\d{1,4}\.\d{1,2}\.\d{1,4}")),
    ("q", re.compile(r"\d{1,2},(?:19|20)?\d{2}")),
    ("p", re.compile(r"\d{1,2}\.\d{1,2}")),
)
_ANY = re.compile(r"[dyoNHMWRrUmwEpPQ]")
_YEARS_IN_WORDS = range(1000, 2200)


def dates(
    tokens: Sequence[Token],
    language: Language,
    *,
    today: date,
    currency: str = "EUR",
    skip: Container[int] = (),
    lean: Lean = "past",
    broad: bool = False,
) -> tuple[DateSpan, ...]:
    """All dates and periods in order; impossible days are no dates. Linear.

    `currency` decides the order of day and month in figures; `skip`: tokens that are money. `lean`: which way a day without a year, a month
    or a week goes: what was spent lies behind, what is planned ahead. `broad`: nothing but dates is looked for, so that bare figures and
    words that say something else in a message may be one.
    """
    atoms = _atoms(tokens, language, skip)
    shape = "".join(atom.letter for atom in atoms)
    if not _ANY.search(shape):
        return ()
    days = Days(atoms, language.dates, today, currency, lean, broad=broad)
    found = []
    for match in (_BROAD_PATTERN if broad else _CHAT_PATTERN).finditer(shape):
        span = days.read(match.lastgroup or "", match.start(), match.end())
        if span is not None:
            found.append(span)
    found = _offset(found, atoms)
    return tuple(_ranges(found, atoms, today))


def _atoms(tokens: Sequence[Token], language: Language, skip: Container[int]) -> list[Atom]:
    folded = [token.folded for token in tokens]
    atoms: list[Atom] = []
    place = 0
    while place < len(tokens):
        if place in skip:
            atoms.append(Atom("_", "", place, place + 1))
            place += 1
            continue
        atom = _number_atom(tokens, folded, place, language) if tokens[place].kind == "n" else _word_atom(tokens, folded, place, language)
        atoms.append(atom)
        place = atom.last
    return atoms


def _number_atom(tokens: Sequence[Token], folded: Sequence[str], place: int, language: Language) -> Atom:
    text = tokens[place].text
    found = language.dates.words.at(folded, place)
    if found is not None and found[0][0] == "Q":  # "3rd quarter"
        return Atom(*found[0], place, place + found[1])
    if text.isdigit() and len(text) <= 2:
        return _short_number_atom(tokens, place, language)
    if len(text) == 4 and text.isdigit() and 1900 <= int(text) <= 2099:
        return Atom("y", int(text), place, place + 1)
    letter = next((letter for letter, pattern in _NUMBERS if pattern.fullmatch(text)), "_")
    return Atom(letter, text, place, place + 1)


def _short_number_atom(tokens: Sequence[Token], place: int, language: Language) -> Atom:
    """A number of one or two digits: an ordinal where its language's ending follows ("3rd", "21. April")."""
    text, end = tokens[place].text, place + 1
    ending = end + (end + 1 < len(tokens) and tokens[end].glued and tokens[end].text in "-:.")
    if ending < len(tokens) and tokens[ending].glued and tokens[ending].folded in language.dates.endings:
        return Atom("o", int(text), place, ending + 1)
    dotted = end < len(tokens) and tokens[end].glued and tokens[end].text == "." and "." in language.dates.endings
    if dotted and _is_month(tokens, end + 1, language):
        return Atom("o", int(text), place, end + 1)
    return Atom("d", int(text), place, end)


def _is_month(tokens: Sequence[Token], place: int, language: Language) -> bool:
    found = language.dates.words.at([token.folded for token in tokens[place : place + 3]], 0) if place < len(tokens) else None
    return found is not None and found[0][0] in "Mm"


def _word_atom(tokens: Sequence[Token], folded: Sequence[str], place: int, language: Language) -> Atom:
    word = folded[place]
    found = language.dates.words.at(folded, place)
    if found is None and "'" in word:
        head, _, tail = word.partition("'")  # "friday's", "d'octubre"
        found = language.dates.words.at([head], 0) if tail == "s" else language.dates.words.at([tail], 0) if tail else None
    if found is None or found[0][0] in "N1":
        value, end = cardinal(tokens, place, language.numbers)
        if value is not None and value % 1 == 0 and value < _YEARS_IN_WORDS.stop and end > place + (found[1] if found else 0):
            return Atom("y" if int(value) in _YEARS_IN_WORDS else "N", int(value), place, end)
    if found is not None:
        (letter, value_), size = found
        return Atom(letter, value_, place, place + size)
    return Atom(word if word in _MARKS else "_", word, place, place + 1)


_MARKS = frozenset("/-.,'!?:()")


def _offset(spans: Sequence[DateSpan], atoms: Sequence[Atom]) -> list[DateSpan]:
    """Joins a count to the day that it is counted from ("two weeks after 3 May"), and a weekday to the week that is counted to."""
    starts = {atom.first: place for place, atom in enumerate(atoms)}
    joined: list[DateSpan] = []
    for span in spans:
        if span.is_day and (counted := _counted_from(span, atoms, starts[span.first])) is not None:
            span = counted
            while joined and joined[-1].last > span.first:
                joined.pop()
        if joined and (day := _counted_after(joined[-1], span, atoms, starts[span.first])) is not None:
            joined[-1] = replace(span, first=joined[-1].first, start=day, end=day)
        elif joined and joined[-1].last >= span.first - 1 and (merged := _merged(joined[-1], span)) is not None:
            joined[-1] = merged
        else:
            joined.append(span)
    return joined


def _counted_from(span: DateSpan, atoms: Sequence[Atom], place: int) -> DateSpan | None:
    """The day that "2 days after" before a span makes of it, None where no such thing stands there."""
    back = place - 1
    while back > 0 and atoms[back].letter == "t":
        back -= 1
    if back < 1 or atoms[back].letter not in "BbfC":
        return None
    end = back - 1
    if atoms[end].letter == "f":
        end -= 1
    start = end
    while start and atoms[start - 1].letter in "dN1k" and end - start < 2:
        start -= 1
    unit, counted = atoms[end], atoms[start:end]
    if end < 0 or unit.letter != "U" or (not counted and (unit.value != "day" or atoms[back].letter == "f")):
        return None
    sign = -1 if atoms[back].letter in "bC" else 1
    day = calendar.add(span.start, str(unit.value), sign * (count(counted) if counted else 1))
    return None if day is None else DateSpan(atoms[start].first, span.last, day, day, "past" if sign < 0 else "future", shifted=str(unit.value))


def _counted_after(base: DateSpan, span: DateSpan, atoms: Sequence[Atom], place: int) -> date | None:
    """The day that a count behind its base makes of it, as Hindi and Korean put it: "from tomorrow two days later"."""
    if not (span.shifted and base.is_day and base.last == span.first and atoms[place].letter == "f"):
        return None
    end = next((end for end in range(place, min(place + 5, len(atoms))) if atoms[end].last == span.last), place)
    counted = [atom for atom in atoms[place:end] if atom.letter in "dN1k"]
    return calendar.add(base.start, span.shifted, count(counted)) if atoms[end].letter == "G" and counted else None


def _merged(before: DateSpan, span: DateSpan) -> DateSpan | None:
    """ "Wednesday in 2 weeks" is that week's Wednesday; "Tuesday 5 days from now" the day counted to; "yesterday, Thursday" one day said twice."""
    named, other = (before, span) if before.weekday else (span, before)
    if named.weekday and not other.weekday and not other.shifted and other.is_day and other.start.isoweekday() == named.weekday:
        return replace(other, first=before.first, last=span.last)
    weekday, shifted = (before, span) if span.shifted else (span, before)
    if not weekday.weekday or not shifted.shifted:
        return None
    day = shifted.start
    if shifted.shifted == "week":
        day += timedelta(days=weekday.weekday - day.isoweekday())
    return replace(shifted, first=before.first, last=span.last, start=day, end=day)


def _ranges(spans: Sequence[DateSpan], atoms: Sequence[Atom], today: date) -> list[DateSpan]:
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
