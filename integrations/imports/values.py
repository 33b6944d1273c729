"""Amounts, days, names and currencies as files write them. An amount or a day that can be read in two ways is not read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from core.domain.currencies import DECIMALS
from core.domain.imports import MONEY_MOST, NotARow
from integrations.imports.vocabulary import currency_of

NAME_MOST = 60
TEXT_MOST = 200
FIRST_YEAR, LAST_YEAR = 1970, 2100
DIGITS_MOST = 24
_AMOUNT = re.compile(r"(-?)([0-9]+(?:[.,'][0-9]+)*)")
_ISO_DAY = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[T ].{0,40})?")
_OTHER_DAY = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})(?:[T ,].{0,40})?")
_SPACES = dict.fromkeys(map(ord, " \t\u00a0\u202f\u2009"))
_DASHES = str.maketrans("\u2212\u2013\u2012", "---")


def clean(text: str, most: int = TEXT_MOST) -> str:
    """One line of visible characters: no controls, nothing that turns the direction of writing, at most so many."""
    kept = "".join(each if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else " " for each in text[: 4 * most])
    return " ".join(unicodedata.normalize("NFC", kept).split())[:most].strip()


def name(text: object, fallback: str = "?") -> str:
    """Of a person."""
    return clean(str(text), NAME_MOST) or fallback


# ------------------------------------------------------------------ amounts


def decimal_mark(cells: Iterable[str]) -> str | None:
    """ "." or ",": what parts the decimals in these amounts; None where they do not tell, or contradict each other."""
    said: set[str] = set()
    for cell in cells:
        marks = [each for each in cell if each in ".,"]
        if not marks:
            continue
        if len(set(marks)) == 2:
            said.add(marks[-1])
        elif len(marks) > 1:
            said.add("," if marks[0] == "." else ".")
        elif len(re.split("[.,]", cell.strip(" )-"))[-1]) != 3 or cell.lstrip(" (+-\u2212").startswith("0"):
            said.add(marks[0])
    return said.pop() if len(said) == 1 else None


@lru_cache(maxsize=65_536)
def minor_of(text: str, currency: str, mark: str | None) -> int:
    """An amount in minor units. `mark`: the file's decimal mark, where it is known. Raises NotARow `amount`, `ambiguous_amount`."""
    said = text.translate(_SPACES).translate(_DASHES)
    if said.startswith("(") and said.endswith(")"):
        said = "-" + said[1:-1]
    if said.endswith("-"):
        said = "-" + said[:-1]
    said = said.removeprefix("+").replace("\u2019", "'")
    found = _AMOUNT.fullmatch(said)
    if found is None or len(said) > DIGITS_MOST:
        raise NotARow("amount")
    value = Decimal(_plain(found[2], currency, mark))
    return minor_from(-value if found[1] else value, currency)


def _plain(digits: str, currency: str, mark: str | None) -> str:
    """With a point for the decimals and nothing between the thousands."""
    point = _point_in(digits, currency, mark)
    whole, _, rest = digits.partition(point) if point else (digits, "", "")
    groups = re.split("[.,']", whole)
    if (point and not rest.isdecimal()) or any(len(group) != 3 for group in groups[1:]) or (len(groups) > 1 and len(groups[0]) > 3):
        raise NotARow("amount")
    return "".join(groups) + (f".{rest}" if rest else "")


def _point_in(digits: str, currency: str, mark: str | None) -> str:
    """What parts the decimals; "" where there are none. The last of two kinds does, and one that comes once and is not followed by three digits."""
    kinds = [each for each in ".," if each in digits]
    if len(kinds) == 2:
        return max(kinds, key=digits.rindex)
    if not kinds or digits.count(kinds[0]) > 1:
        return ""
    (only,) = kinds
    before, _, rest = digits.partition(only)
    if len(rest) != 3 or before.startswith("0") or mark == only:
        return only
    if mark is None and not (only == "." and DECIMALS[currency] == 3):
        raise NotARow("ambiguous_amount")
    return only if mark is None else ""


def minor_from(value: Any, currency: str) -> int:
    """A number of major units in minor units. Raises NotARow `amount`: none, too large, or of more decimals than the currency has."""
    try:
        exact = Decimal(value) if isinstance(value, int | str | Decimal) and not isinstance(value, bool) else None
    except InvalidOperation:
        exact = None
    if exact is None or not exact.is_finite() or (exact and not -20 < exact.adjusted() < 14):
        raise NotARow("amount")
    scaled = exact.scaleb(DECIMALS[currency])
    if scaled != scaled.to_integral_value() or abs(scaled) > MONEY_MOST:
        raise NotARow("amount")
    return int(scaled)


def whole(value: Any) -> int:
    """A number that is minor units already. Raises NotARow `amount`."""
    exact = Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else Decimal("NaN")
    if not exact.is_finite() or abs(exact) > MONEY_MOST or exact != int(exact):
        raise NotARow("amount")
    return int(exact)


def currency(text: object, fallback: str | None = None) -> str:
    """Raises NotARow `currency`: it says none that there is, and none is given."""
    code = currency_of(text) if isinstance(text, str) and text.strip() else fallback
    if code is None:
        raise NotARow("currency")
    return code


# ------------------------------------------------------------------ days


@dataclass(frozen=True, slots=True)
class Days:
    """How a file writes its days. `day_first`: of 03/04 the third of April; None where the file does not tell."""

    day_first: bool | None = None

    def read(self, text: str) -> date:
        """Raises NotARow `date`."""
        said = text.strip()
        if (found := _ISO_DAY.fullmatch(said)) is not None:
            return _day(int(found[1]), int(found[2]), int(found[3]))
        if (found := _OTHER_DAY.fullmatch(said)) is None:
            raise NotARow("date")
        one, other, year = int(found[1]), int(found[3]), int(found[4])
        if one > 12 or one == other or found[2] == ".":
            return _day(year, other, one)
        if other > 12:
            return _day(year, one, other)
        if self.day_first is None:
            raise NotARow("ambiguous_date")
        return _day(year, other, one) if self.day_first else _day(year, one, other)


def days_of(cells: Sequence[str]) -> Days:
    """By the days that can be read in one way alone; where there are none, by the order in which the days stand."""
    pairs = [(int(found[1]), int(found[3]), int(found[4])) for cell in cells if (found := _OTHER_DAY.fullmatch(cell.strip())) is not None]
    said = {one > 12 for one, other, _ in pairs if (one > 12) != (other > 12)}
    if len(said) == 1:
        return Days(said.pop())
    if said:
        return Days()
    rising = {first: _is_sorted([(year, *((other, one) if first else (one, other))) for one, other, year in pairs]) for first in (True, False)}
    return Days(rising[True]) if rising[True] != rising[False] else Days()


def _is_sorted(days: list[tuple[int, ...]]) -> bool:
    return days == sorted(days) or days == sorted(days, reverse=True)


def _day(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise NotARow("date") from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotARow("date")
    return found
