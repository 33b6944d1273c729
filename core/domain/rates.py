"""Exchange rates of a day, and money counted in another currency by them: exact fractions, one rounding. Fetches and stores nothing."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from core.domain.currencies import DECIMALS, is_currency
from core.domain.money import Money
from core.errors import DomainError

EURO = "EUR"
SAID = "said"  # the source of a rate that a person states
FRESH_DAYS = 3  # over a weekend a rate is as new as it can be

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Rate:
    """One unit of `base` is `value` units of `quote`, as `source` had it on `day`."""

    base: str
    quote: str
    value: Fraction
    day: date
    source: str

    def __post_init__(self) -> None:
        if self.value <= 0:
            raise DomainError("not_an_amount")


@dataclass(frozen=True, slots=True)
class Sheet:
    """All rates that one source had on one day. `per_euro`: units of a currency for one euro, without the euro itself."""

    day: date
    source: str
    per_euro: Mapping[str, Decimal]

    def knows(self, currency: str) -> bool:
        return currency == EURO or currency in self.per_euro

    def rate(self, base: str, quote: str) -> Rate:
        """From one currency to another, through the euro. Raises DomainError `no_rate` (currency: the one that the sheet does not have)."""
        return Rate(base, quote, self._per_euro(quote) / self._per_euro(base), self.day, self.source)

    def _per_euro(self, currency: str) -> Fraction:
        if not self.knows(currency) or not is_currency(currency):
            raise DomainError("no_rate", currency=currency)
        return Fraction(1) if currency == EURO else Fraction(self.per_euro[currency])

    def is_stale(self, today: date) -> bool:
        """Whether it is older than weekends explain."""
        return (today - self.day).days > FRESH_DAYS


def stated(amount: Money, equivalent: Money, *, day: date) -> Rate:
    """The rate that a person states by saying what an amount came to in another currency. Raises DomainError `zero_amount`."""
    if not amount or not equivalent:
        raise DomainError("zero_amount")
    return Rate(amount.currency, equivalent.currency, in_major(equivalent) / in_major(amount), day, SAID)


def in_major(money: Money) -> Fraction:
    """The amount in major units, exact."""
    return Fraction(money.minor, 10 ** DECIMALS[money.currency])


def exactly(money: Money, rate: Rate) -> Fraction:
    """What an amount is by a rate, in minor units of its quote, not rounded."""
    assert money.currency == rate.base, "a rate converts its own base"
    units: int = 10 ** DECIMALS[rate.quote]
    return in_major(money) * rate.value * units


def convert(money: Money, rate: Rate) -> Money:
    """What an amount is by a rate, rounded once, half away from zero. Raises DomainError `amount_too_large`."""
    return Money.nearest(exactly(money, rate), rate.quote)


def counted_in(amount: Money, currency: str, sheet: Sheet | None) -> Money | None:
    """An amount in a currency, its own or another one; None where a rate for that is missing."""
    if amount.currency == currency:
        return amount
    if sheet is None or unknown([amount.currency, currency], sheet):
        return None
    return convert(amount, sheet.rate(amount.currency, currency))


def exact_sum(sums: Mapping[str, int], sheet: Sheet, currency: str) -> Fraction:
    """Sums by currency (minor units) as one amount in minor units of `currency`, not rounded. Raises DomainError `no_rate`."""
    return sum((exactly(Money(minor, code), sheet.rate(code, currency)) for code, minor in sums.items() if minor), start=Fraction(0))


def sum_in(sums: Mapping[str, int], sheet: Sheet, currency: str) -> Money:
    """Sums by currency (minor units) as one amount, rounded once. Raises DomainError `no_rate`, `amount_too_large`."""
    return Money.nearest(exact_sum(sums, sheet, currency), currency)


def fairly(exact: Mapping[K, Fraction], total: int) -> dict[K, int]:
    """Exact parts as whole ones that sum to `total`: the largest remainders are rounded up, ties in order. None strays where they sum to `total`.

    Source: the method of largest remainders (Hamilton).
    """
    if not exact:
        assert not total, "nobody can have a part of something"
        return {}
    whole = {key: part.__floor__() for key, part in exact.items()}
    each, more = divmod(total - sum(whole.values()), len(whole))
    first = {*sorted(exact, key=lambda key: whole[key] - exact[key])[:more]}
    return {key: minor + each + (key in first) for key, minor in whole.items()}


def unknown(currencies: Iterable[str], sheet: Sheet | None) -> list[str]:
    """Which of some currencies cannot be converted by a sheet; all of them where there is none."""
    return sorted({code for code in currencies if sheet is None or not sheet.knows(code)})
