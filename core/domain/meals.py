"""What eating together costs each: by place, from bills that several shared. Counts; says nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from core.domain.figures import Figure, Part, Table
from core.domain.money import Money


@dataclass(frozen=True, slots=True)
class Meal:
    """A place (or, with key None, all of them): the price for each person over all that ate there, how often, and the smallest and largest party."""

    key: Hashable
    price: Money
    count: int
    fewest: int
    most: int


def parties(parts: Iterable[Part]) -> dict[UUID, int]:
    """How many shared each bill, of those that at least two did."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for part in parts:
        found[part.bill_id].add(part.member_id)
    return {bill_id: len(members) for bill_id, members in found.items() if len(members) > 1}


def priced(table: Table, sizes: dict[UUID, int]) -> tuple[list[Meal], Meal | None]:
    """The places of a table of shared bills, the cheapest first, and all of them; None where there are none. In the home currency, rounded once.

    A large party weighs as much as it ate: it is all that was spent over all who ate.
    """
    if not table.rows:
        return [], None
    meals = [_priced(table, row, sizes) for row in table.rows if row.home > 0]
    return sorted(meals, key=lambda meal: (meal.price.minor, str(meal.key))), _priced(table, table.total, sizes)


def _priced(table: Table, row: Figure, sizes: dict[UUID, int]) -> Meal:
    people = [sizes[bill_id] for bill_id in row.bills]
    return Meal(row.key, Money.nearest(Fraction(row.home, sum(people)), table.currency), len(people), min(people), max(people))
