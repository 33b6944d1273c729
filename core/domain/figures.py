"""Figures: what was spent, in all and by category, place, person or time, each with the bills behind it. Counts; says nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from core.domain.money import Money
from core.domain.rates import Sheet, exact_sum, fairly, unknown

Sums = dict[str, int]  # currency to minor units


class Part(NamedTuple):
    """What counts of one bill: one member's part of it. Minor units of `currency`; less than nought for a refund."""

    book_id: UUID
    bill_id: UUID
    on: date
    category: str
    words: str
    member_id: UUID
    currency: str
    minor: int

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)


class Bill(NamedTuple):
    """What counts of one bill in one currency: all of its parts that do. Minor units, as in a part."""

    book_id: UUID
    bill_id: UUID
    on: date
    category: str
    words: str
    currency: str
    minor: int
    recorded_at: datetime

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)


class Spent(NamedTuple):
    """What the parts of one book's day come to, of one category in one currency."""

    book_id: UUID
    on: date
    category: str
    currency: str
    minor: int

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)


class By(StrEnum):
    """What figures are told apart by. A person is who a part belongs to, a group the book that it stands in."""

    CATEGORY = "category"
    MERCHANT = "merchant"
    PERSON = "person"
    GROUP = "group"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


TIMES = (By.DAY, By.WEEK, By.MONTH, By.YEAR)


@dataclass(frozen=True, slots=True)
class Figure:
    """`sums`: exactly, by currency. `home`: minor units of the home currency, by the rates that were given; what has none is not in it.

    `bills`: those that it is counted from, each once, the newest last; where it was counted bill by bill.
    """

    key: Hashable
    sums: Sums
    home: int
    bills: tuple[UUID, ...] = ()

    @property
    def count(self) -> int:
        return len(self.bills)


@dataclass(frozen=True, slots=True)
class Table:
    """Figures that sum to their `total`, in every currency and in `currency`, the home one. `without`: currencies that have no rate.

    `sheet`: the rates by which something was converted, None where nothing was.
    """

    rows: tuple[Figure, ...]
    total: Figure
    currency: str
    without: tuple[str, ...] = ()
    sheet: Sheet | None = None

    @property
    def whole(self) -> Money:
        """The total in the home currency."""
        return Money(self.total.home, self.currency)

    def of(self, figure: Figure) -> Money:
        """A row in the home currency."""
        return Money(figure.home, self.currency)

    def rest(self, shown: Sequence[Figure]) -> Figure | None:
        """All rows but the first ones, which are shown, together; None where there are no others."""
        others = self.rows[len(shown) :]
        return Figure(None, _added(row.sums for row in others), sum(row.home for row in others)) if others else None

    def percent(self, figure: Figure) -> int:
        """A row in hundredths of the total, the nearest whole one; nought where there is no total above nought."""
        return max(0, (200 * figure.home + self.total.home) // (2 * self.total.home)) if self.total.home > 0 else 0


def between(found: Table, *, least: Money | None = None, most: Money | None = None) -> list[Figure]:
    """The rows that come to so much, both bounds included: in the bounds' own currency, in the home one where that is it."""

    def within(row: Figure, bound: Money, *, above: bool) -> bool:
        minor = row.home if bound.currency == found.currency else row.sums.get(bound.currency)
        return minor is not None and (minor >= bound.minor if above else minor <= bound.minor)

    bounds = [(bound, above) for bound, above in ((least, True), (most, False)) if bound is not None]
    return [row for row in found.rows if all(within(row, bound, above=above) for bound, above in bounds)]


def table(parts: Sequence[Part], key: Callable[[Part], Hashable], *, currency: str, sheet: Sheet | None) -> Table:
    """Figures by key, each with its bills. `parts` come by day. Raises DomainError `amount_too_large`."""
    rows: list[tuple[Hashable, str, int]] = []
    bills: dict[Hashable, dict[UUID, None]] = defaultdict(dict)
    for part in parts:
        name = key(part)
        rows.append((name, part.currency, part.minor))
        bills[name][part.bill_id] = None
    made = tabled(rows, currency=currency, sheet=sheet)
    total = replace(made.total, bills=tuple(dict.fromkeys(part.bill_id for part in parts)))
    return replace(made, rows=tuple(replace(row, bills=tuple(bills[row.key])) for row in made.rows), total=total)


def tabled(sums: Iterable[tuple[Hashable, str, int]], *, currency: str, sheet: Sheet | None) -> Table:
    """Figures of (key, currency, minor units): times in order, other keys by what they come to, the most first; without bills.

    Rows are rounded so that they sum to the rounded total. Raises DomainError `amount_too_large`.
    """
    groups: dict[Hashable, Sums] = {}
    for name, code, minor in sums:
        group = groups.setdefault(name, {})
        group[code] = group.get(code, 0) + minor
    everything = _added(groups.values())
    known, without = _convertible({*everything}, currency, sheet)
    used = sheet if known - {currency} else None
    whole, home = _in_home(groups, known, used, currency)
    figures = [Figure(name, group, home[name]) for name, group in groups.items()]
    return Table(tuple(_ordered(figures)), Figure(None, everything, whole), currency, tuple(without), used)


def _in_home(groups: Mapping[Hashable, Sums], known: set[str], sheet: Sheet | None, currency: str) -> tuple[int, dict[Hashable, int]]:
    """The total and the rows in minor units of the home currency, what is to be converted rounded once."""
    if sheet is None:
        own = {name: group.get(currency, 0) for name, group in groups.items()}
        return Money(sum(own.values()), currency).minor, own
    exact = {
        name: _exact(groups[name], known, sheet, currency) for name in sorted(groups, key=str)
    }  # of equal ones the same gets the last unit always
    whole = Money.nearest(sum(exact.values(), start=Fraction(0)), currency).minor
    return whole, fairly(exact, whole)


def _convertible(held: set[str], currency: str, sheet: Sheet | None) -> tuple[set[str], list[str]]:
    """Which currencies count in the home one, and which have no rate: all others where the home one itself has none."""
    without = unknown([currency, *held], sheet) if held - {currency} else []
    if currency in without:
        without = sorted(held - {currency})
    return held - {*without}, without


def _exact(sums: Sums, known: set[str], sheet: Sheet, currency: str) -> Fraction:
    """In minor units of the home currency, not rounded, without what has no rate."""
    foreign = {code: minor for code, minor in sums.items() if code != currency and code in known}
    own = Fraction(sums.get(currency, 0))
    return own + exact_sum(foreign, sheet, currency) if foreign else own


def _added(rows: Iterable[Sums]) -> Sums:
    found: Sums = defaultdict(int)
    for row in rows:
        for code, minor in row.items():
            found[code] += minor
    return dict(found)


def _ordered(figures: Sequence[Figure]) -> list[Figure]:
    if all(isinstance(each.key, date) for each in figures):
        return sorted(figures, key=lambda each: str(each.key))
    return sorted(figures, key=lambda each: (-each.home, -sum(each.sums.values()), str(each.key)))


def first_day(on: date, by: By) -> date:
    """The day on which the day, week (Monday), month or year that a day is in begins."""
    match by:
        case By.WEEK:
            return on - timedelta(days=on.weekday())
        case By.MONTH:
            return on.replace(day=1)
        case By.YEAR:
            return on.replace(month=1, day=1)
    return on
