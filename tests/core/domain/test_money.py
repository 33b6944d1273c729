"""Money as it is counted together: totals, parts in a hundred, means."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.domain.money import Money, means, sums
from core.errors import DomainError


def euros(*amounts: str) -> list[Money]:
    return [Money.of(amount, "EUR") for amount in amounts]


def test_a_total_is_what_its_parts_come_to() -> None:
    assert Money.total(euros("1.10", "-0.30", "2"), "EUR") == Money(280, "EUR")
    assert Money.total([], "JPY") == Money(0, "JPY")
    with pytest.raises(AssertionError):
        Money.total([*euros("1"), Money(1, "USD")], "EUR")


def test_so_many_times_an_amount() -> None:
    assert Money(1550, "EUR") * 3 == Money(4650, "EUR")
    with pytest.raises(DomainError, match="amount_too_large"):
        Money(10**15, "EUR") * 2


@pytest.mark.parametrize(
    ("minor", "currency", "percent", "part"),
    [(6480, "EUR", "10", 648), (4505, "EUR", "10", 451), (-4505, "EUR", "10", -451), (999, "JPY", "12.5", 125), (100, "EUR", "0", 0)],
)
def test_hundredths_are_rounded_half_away_from_zero(minor: int, currency: str, percent: str, part: int) -> None:
    assert Money(minor, currency).percent(Decimal(percent)) == Money(part, currency)


def test_sums_and_means_are_kept_apart_by_currency() -> None:
    amounts = [*euros("1.00", "1.01"), Money(500, "JPY"), *euros("1.00")]
    assert sums(amounts) == {"EUR": 301, "JPY": 500}
    assert means(amounts) == {"EUR": 100, "JPY": 500}
    assert means(euros("1.00", "1.01")) == {"EUR": 101}
    assert sums([]) == means([]) == {}
