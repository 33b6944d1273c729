"""What came of a group's bills in all: who paid and shared how much, on what, over how many days. Counts; says nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from uuid import UUID

from core.domain.bills import amount_of, payers_of, shares_of
from core.domain.categories import AS_THEY_COME, OTHER, Categories
from core.domain.ledger import JournalEntry
from core.domain.rates import EURO, Sheet, exact_sum, unknown

Sums = dict[str, int]  # currency to minor units
CATEGORIES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Summary:
    """`members`: what each paid and shared, who paid most first; `categories` by what was spent on them; `days` from the first bill to the last."""

    count: int
    total: Sums
    members: tuple[tuple[UUID, Sums, Sums], ...]
    categories: tuple[tuple[str, Sums], ...]
    first_day: date
    last_day: date
    biggest: JournalEntry

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days + 1


def summary(
    bills: Iterable[JournalEntry],
    *,
    first: Callable[[UUID], UUID],
    kinds: Categories = AS_THEY_COME,
    open_members: Iterable[UUID] = (),
    sheet: Sheet | None = None,
) -> Summary | None:
    """Of the expenses that stand; `first`: the position that a member's counts for, `kinds`: the book's categories. None where there are none.

    `open_members` have a balance, by payments alone it may be. `sheet`: by which several currencies compare; without it the one of most bills does.
    """
    entries = list(bills)
    if not entries:
        return None
    total: Sums = defaultdict(int)
    paid: dict[UUID, Sums] = defaultdict(lambda: defaultdict(int))
    shared: dict[UUID, Sums] = defaultdict(lambda: defaultdict(int))
    categories: dict[str, Sums] = defaultdict(lambda: defaultdict(int))
    for entry in entries:
        amount = amount_of(entry)
        total[amount.currency] += amount.minor
        categories[kinds.resolve(entry.category or OTHER)][amount.currency] += amount.minor
        for sums, parts in ((paid, payers_of(entry)), (shared, shares_of(entry))):
            for member, part in parts.items():
                sums[first(member)][part.currency] += part.minor
    size = _sizes(Counter(amount_of(entry).currency for entry in entries), sheet)
    members = sorted({*paid, *shared}, key=lambda member: member)
    members.sort(key=lambda member: size(paid[member]), reverse=True)
    members += dict.fromkeys(member for member in map(first, open_members) if member not in paid and member not in shared)
    days = [entry.occurred_on for entry in entries]
    return Summary(
        count=len(entries),
        total=dict(total),
        members=tuple((member, dict(paid[member]), dict(shared[member])) for member in members),
        categories=tuple((name, dict(sums)) for name, sums in sorted(categories.items(), key=lambda item: size(item[1]), reverse=True)),
        first_day=min(days),
        last_day=max(days),
        biggest=max(entries, key=lambda entry: size({amount_of(entry).currency: amount_of(entry).minor})),
    )


def _sizes(bills: Counter[str], sheet: Sheet | None) -> Callable[[Sums], tuple[Fraction, ...]]:
    """What sums are compared by: their worth, or what they are in each currency, the one of most bills first."""
    if sheet is not None and not unknown(bills, sheet):
        return lambda sums: (exact_sum(sums, sheet, EURO),)
    order = [code for code, _ in bills.most_common()]
    return lambda sums: tuple(Fraction(sums.get(code, 0)) for code in order)


def part_of(sums: Sums, total: Sums) -> int | None:
    """How many of 1000 parts of the total it is; None where the total is in several currencies, or is nothing."""
    if len(total) != 1:
        return None
    ((currency, whole),) = total.items()
    return 1000 * sums.get(currency, 0) // whole if whole > 0 else None
