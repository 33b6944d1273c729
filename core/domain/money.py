"""Money as whole minor units of an ISO currency, and its one rounding function. Never a float."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Self

from core.domain.currencies import DECIMALS
from core.errors import DomainError

MAX_MINOR = 10**15


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`minor` whole units (cents, yen, fils) of `currency`. At most 10^15 either way."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in DECIMALS:
            raise DomainError("unknown_currency", currency=self.currency)
        if not -MAX_MINOR <= self.minor <= MAX_MINOR:
            raise DomainError("amount_too_large", currency=self.currency)

    def __add__(self, other: Money) -> Money:
        assert self.currency == other.currency, "money of two currencies does not add up"
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return self + -other

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def percent(self, part: Decimal) -> Money:
        """That many hundredths of it, rounded to the minor unit."""
        return Money.rounded(self.decimal * part / 100, self.currency)

    @classmethod
    def total(cls, amounts: Iterable[Money], currency: str) -> Money:
        """What amounts of one currency come to; nothing where there are none."""
        return sum(amounts, Money(0, currency))

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str) -> Self:
        """From an amount in major units ("45.50").

        Raises DomainError `not_an_amount`, `too_many_decimals`, `unknown_currency` or `amount_too_large`.
        """
        try:
            value = Decimal(amount)
        except (InvalidOperation, ValueError) as problem:
            raise DomainError("not_an_amount") from problem
        if not value.is_finite():
            raise DomainError("not_an_amount")
        if currency not in DECIMALS:
            raise DomainError("unknown_currency", currency=currency)
        if value and value.adjusted() > 15:
            raise DomainError("amount_too_large", currency=currency)
        minor = value.scaleb(DECIMALS[currency])
        if minor != minor.to_integral_value():
            raise DomainError("too_many_decimals", currency=currency, decimals=DECIMALS[currency])
        return cls(int(minor), currency)

    @classmethod
    def rounded(cls, value: Decimal, currency: str) -> Self:
        """The one rounding: half away from zero to the currency's minor unit. `value` is in major units."""
        return cls(int(value.scaleb(DECIMALS[currency]).quantize(Decimal(1), rounding=ROUND_HALF_UP)), currency)

    @classmethod
    def nearest(cls, minor: Fraction, currency: str) -> Self:
        """The same rounding of an exact number of minor units. Raises DomainError `amount_too_large`."""
        whole = (abs(minor) + Fraction(1, 2)).__floor__()
        return cls(-whole if minor < 0 else whole, currency)

    @property
    def decimal(self) -> Decimal:
        """In major units, with the currency's own number of decimals."""
        return Decimal(self.minor).scaleb(-DECIMALS[self.currency])

    def __str__(self) -> str:
        """The contract's form: a decimal string with the currency's own number of decimals, without the code."""
        return f"{self.decimal:.{DECIMALS[self.currency]}f}"


def sums(amounts: Iterable[Money]) -> dict[str, int]:
    """Currency to minor units, in the order in which the currencies come."""
    found: dict[str, int] = defaultdict(int)
    for amount in amounts:
        found[amount.currency] += amount.minor
    return dict(found)


def means(amounts: Iterable[Money]) -> dict[str, int]:
    """Currency to the mean in whole minor units, halves up."""
    of_currency: dict[str, list[int]] = defaultdict(list)
    for amount in amounts:
        of_currency[amount.currency].append(amount.minor)
    return {code: (2 * sum(minors) + len(minors)) // (2 * len(minors)) for code, minors in of_currency.items()}
