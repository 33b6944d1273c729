"""Money as whole minor units of an ISO currency, and its one rounding function. Never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
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

    def __bool__(self) -> bool:
        return self.minor != 0

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

    @property
    def decimal(self) -> Decimal:
        """In major units, with the currency's own number of decimals."""
        return Decimal(self.minor).scaleb(-DECIMALS[self.currency])

    def __str__(self) -> str:
        """The contract's form: a decimal string with the currency's own number of decimals, without the code."""
        return f"{self.decimal:.{DECIMALS[self.currency]}f}"
