"""Rates and what they make of money: exact, one rounding, parts that add up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.currencies import DECIMALS
from core.domain.money import Money
from core.domain.rates import Rate, Sheet, convert, exact_sum, fairly, stated, sum_in, unknown
from core.errors import DomainError

DAY = date(2025, 3, 14)
SHEET = Sheet(DAY, "ECB", {"USD": Decimal("1.0889"), "JPY": Decimal("162.05"), "GBP": Decimal("0.84135"), "KRW": Decimal("1582.31")})
codes = st.sampled_from(["EUR", *SHEET.per_euro])


def test_a_rate_is_exact_and_names_its_day_and_source():
    assert SHEET.rate("EUR", "USD") == Rate("EUR", "USD", Fraction(10889, 10000), DAY, "ECB")
    assert SHEET.rate("USD", "USD").value == 1


def test_a_cross_rate_goes_through_the_euro():
    assert SHEET.rate("USD", "JPY").value == Fraction("162.05") / Fraction("1.0889")


@pytest.mark.parametrize(
    ("amount", "quote", "expected"),
    [
        (Money(2000, "JPY"), "EUR", Money(1234, "EUR")),  # 12.3418…
        (Money(1850, "EUR"), "USD", Money(2014, "USD")),  # 20.14465
        (Money(1, "JPY"), "EUR", Money(1, "EUR")),  # 0.617 cents
        (Money(-2000, "JPY"), "EUR", Money(-1234, "EUR")),
        (Money(100_00, "EUR"), "JPY", Money(16205, "JPY")),
    ],
)
def test_an_amount_is_converted_with_one_rounding(amount, quote, expected):
    assert convert(amount, SHEET.rate(amount.currency, quote)) == expected


def test_a_half_is_rounded_away_from_zero():
    half = Rate("EUR", "JPY", Fraction(1, 2), DAY, "said")
    assert convert(Money(100, "EUR"), half) == Money(1, "JPY")
    assert convert(Money(-100, "EUR"), half) == Money(-1, "JPY")
    assert Money.nearest(Fraction(-3, 2), "EUR") == Money.rounded(Decimal("-0.015"), "EUR") == Money(-2, "EUR")


def test_a_currency_without_a_rate_is_named():
    with pytest.raises(DomainError, match="no_rate") as problem:
        SHEET.rate("AED", "EUR")
    assert problem.value.params == {"currency": "AED"}
    assert unknown(["EUR", "USD", "AED"], SHEET) == ["AED"]
    assert unknown(["EUR"], None) == ["EUR"]


@pytest.mark.parametrize(("today", "stale"), [(DAY, False), (date(2025, 3, 17), False), (date(2025, 3, 18), True)])
def test_rates_are_stale_after_more_than_a_weekend(today, stale):
    assert SHEET.is_stale(today) is stale


def test_a_stated_equivalent_is_a_rate():
    rate = stated(Money(2000, "USD"), Money(1850, "EUR"), day=DAY)
    assert rate == Rate("USD", "EUR", Fraction(37, 40), DAY, "said")
    assert convert(Money(2000, "USD"), rate) == Money(1850, "EUR")
    with pytest.raises(DomainError, match="zero_amount"):
        stated(Money(0, "USD"), Money(1850, "EUR"), day=DAY)


@pytest.mark.parametrize("value", [Fraction(0), Fraction(-1)])
def test_no_rate_is_zero_or_below(value):
    with pytest.raises(DomainError, match="not_an_amount"):
        Rate("EUR", "USD", value, DAY, "ECB")


def test_sums_are_rounded_once():
    assert sum_in({"JPY": 1, "KRW": 1}, SHEET, "EUR") == Money(1, "EUR")  # 0.617 and 0.063 cents: not one cent each


@given(codes, codes, st.integers(-(10**11), 10**11))
def test_there_and_back_is_within_what_one_unit_is_worth(base, quote, minor):
    money = Money(minor, base)
    there = convert(money, SHEET.rate(base, quote))
    back = convert(there, SHEET.rate(quote, base))
    unit = convert(Money(1, quote), SHEET.rate(quote, base)).minor  # what the rounding may lose on the way there, in units of here
    assert abs(back.minor - minor) <= max(1, unit)


@given(st.lists(st.tuples(codes, st.integers(-(10**9), 10**9)), min_size=1, max_size=30), codes)
def test_balances_that_sum_to_zero_still_do_in_another_currency(debts, quote):
    held: dict[int, dict[str, int]] = {}
    for number, (code, minor) in enumerate(debts):  # each is owed by one to the next
        for member, sign in ((number, -1), ((number * 7 + 1) % 31, 1)):
            row = held.setdefault(member, {})
            row[code] = row.get(code, 0) + sign * minor
    exact = {member: exact_sum(sums, SHEET, quote) for member, sums in held.items()}
    whole = fairly(exact, 0)
    assert sum(whole.values()) == 0
    assert all(abs(whole[member] - exact[member]) < 1 for member in held)


@given(st.dictionaries(st.integers(0, 9), st.fractions(-1000, 1000), min_size=1), st.integers(-1000, 1000))
def test_parts_add_up_to_whatever_they_are_to(exact, total):
    assert sum(fairly(exact, total).values()) == total


def test_nobody_can_have_a_part_only_of_nothing():
    assert fairly({}, 0) == {}


def test_every_currency_of_a_sheet_that_is_none_of_iso_is_refused():
    old = Sheet(date(1999, 1, 4), "ECB", {"TRL": Decimal(372274)})
    assert "TRL" not in DECIMALS
    with pytest.raises(DomainError, match="no_rate"):
        old.rate("TRL", "EUR")
