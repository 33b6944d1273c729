"""Figures: what was spent, in all and by category, place, person or time, each with the bills behind it. Counts; says nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
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


@dataclass(frozen=True, slots=True)
class Figure:
    """`sums`: exactly, by currency. `home`: minor units of the home currency, by the rates that were given; what has none is not in it.

    `bills`: those that it is counted from, each once, the newest last.
    """

    key: Hashable
    sums: Sums
    home: int
    bills: tuple[UUID, ...]

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

    def share(self, figure: Figure) -> int:
        """A row in thousandths of the total, rounded down; nought where there is no total above nought."""
        return max(0, 1000 * figure.home // self.total.home) if self.total.home > 0 else 0


def table(parts: Sequence[Part], key: Callable[[Part], Hashable], *, currency: str, sheet: Sheet | None) -> Table:
    """Figures by key: times in order, other keys by what they come to, the most first. Rows are rounded so that they sum to the rounded total.

    `parts` come by day. Raises DomainError `amount_too_large`.
    """
    groups: dict[Hashable, tuple[Sums, dict[UUID, None]]] = {}
    for part in parts:
        name = key(part)
        if name not in groups:
            groups[name] = ({}, {})
        sums, bills = groups[name]
        sums[part.currency] = sums.get(part.currency, 0) + part.minor
        bills[part.bill_id] = None
    everything = _added(sums for sums, _ in groups.values())
    known, without = _convertible({*everything}, currency, sheet)
    exact = {name: _exact(sums, known, sheet, currency) for name, (sums, _) in groups.items()}
    whole = Money.nearest(sum(exact.values(), start=Fraction(0)), currency).minor
    home = fairly(exact, whole)
    figures = [Figure(name, sums, home[name], tuple(bills)) for name, (sums, bills) in groups.items()]
    total = Figure(None, everything, whole, tuple(dict.fromkeys(part.bill_id for part in parts)))
    return Table(tuple(_ordered(figures)), total, currency, tuple(without), sheet if known - {currency} else None)


def _convertible(held: set[str], currency: str, sheet: Sheet | None) -> tuple[set[str], list[str]]:
    """Which currencies count in the home one, and which have no rate: all others where the home one itself has none."""
    without = unknown([currency, *held], sheet) if held - {currency} else []
    if currency in without:
        without = sorted(held - {currency})
    return held - {*without}, without


def _exact(sums: Sums, known: set[str], sheet: Sheet | None, currency: str) -> Fraction:
    """In minor units of the home currency, not rounded, without what has no rate."""
    foreign = {code: minor for code, minor in sums.items() if code != currency and code in known}
    own = Fraction(sums.get(currency, 0))
    return own + exact_sum(foreign, sheet, currency) if foreign and sheet is not None else own


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


def by_bill(parts: Iterable[Part]) -> list[Part]:
    """One part for each bill, of the first member's name: what all of its parts come to."""
    found: dict[UUID, Part] = {}
    for part in parts:
        before = found.get(part.bill_id)
        found[part.bill_id] = part if before is None else part._replace(minor=before.minor + part.minor)
    return list(found.values())


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
