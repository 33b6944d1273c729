"""Debts of several currencies settled in one: nothing is left, and what is booked is in the currency of the debt."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import settlement
from core.domain.exchange import Exchange, exchanges
from core.domain.money import Money
from core.domain.rates import Sheet, sum_in
from core.domain.settlement import Transfer
from core.errors import DomainError

SHEET = Sheet(date(2025, 3, 14), "ECB", {"USD": Decimal("1.25"), "JPY": Decimal("160"), "GBP": Decimal("0.84135")})


def made(balances: dict[str, dict[str, int]], currency: str, sheet: Sheet = SHEET) -> tuple[Exchange[str], ...]:
    plans = {code: settlement.plan(row, code).transfers for code, row in balances.items()}
    return exchanges(balances, plans, sheet, currency)


def left(balances: dict[str, dict[str, int]], found: tuple[Exchange[str], ...]) -> dict[tuple[str, str], int]:
    open_: dict[tuple[str, str], int] = defaultdict(int, {(member, code): minor for code, row in balances.items() for member, minor in row.items()})
    for cover in (cover for exchange in found for cover in exchange.covers):
        open_[cover.debt.sender, cover.debt.amount.currency] += cover.debt.amount.minor
        open_[cover.debt.receiver, cover.debt.amount.currency] -= cover.debt.amount.minor
    return {key: minor for key, minor in open_.items() if minor}


def test_one_debt_is_paid_in_another_currency():
    [exchange] = made({"EUR": {"anna": 5000, "bob": -5000}}, "USD")
    assert (exchange.sender, exchange.receiver, exchange.paid) == ("bob", "anna", Money(6250, "USD"))
    [cover] = exchange.covers
    assert cover.debt == Transfer("bob", "anna", Money(5000, "EUR"))
    assert (cover.paid.money, cover.paid.rate) == (Money(6250, "USD"), SHEET.rate("EUR", "USD"))


def test_debts_of_two_currencies_become_one_payment():
    balances = {"EUR": {"anna": 5000, "bob": -5000}, "JPY": {"anna": -1600, "bob": 1600}}
    [exchange] = made(balances, "EUR")
    assert (exchange.sender, exchange.paid) == ("bob", Money(4000, "EUR"))
    assert {(cover.debt.sender, cover.debt.amount, cover.paid.money) for cover in exchange.covers} == {
        ("bob", Money(5000, "EUR"), Money(5000, "EUR")),
        ("anna", Money(1600, "JPY"), Money(1000, "EUR")),
    }
    assert not left(balances, (exchange,))


def test_three_debts_in_a_circle_take_fewer_payments_than_each_by_itself():
    balances = {"EUR": {"anna": 100_00, "bob": -100_00}, "USD": {"bob": 50_00, "carl": -50_00}, "JPY": {"carl": 4800, "anna": -4800}}
    found = made(balances, "EUR")
    assert len(found) == 2
    assert not left(balances, found)


def test_a_debt_of_one_currency_is_not_left_against_a_debt_of_another():
    balances = {"EUR": {"anna": 1000, "bob": -1000}, "USD": {"carl": 1250, "dan": -1250}}  # alike in euros: bob could pay carl
    found = made(balances, "EUR")
    assert {(exchange.sender, exchange.receiver) for exchange in found} == {("bob", "anna"), ("dan", "carl")}
    assert not left(balances, found)


def test_what_is_worth_less_than_a_cent_goes_with_another_payment():
    dear = Sheet(date(2025, 3, 14), "ECB", {"JPY": Decimal(900)})
    balances = {"EUR": {"anna": 500, "bob": -500}, "JPY": {"carl": 1, "dan": -1}}
    [exchange] = found = made(balances, "EUR", dear)
    assert exchange.paid == Money(500, "EUR")
    assert not left(balances, found)
    assert made({"JPY": {"carl": 1, "dan": -1}}, "EUR", dear) == ()  # and nobody pays 0.00


def test_a_currency_without_a_rate_is_refused():
    with pytest.raises(DomainError, match="no_rate"):
        made({"AED": {"anna": 1, "bob": -1}}, "EUR")


@st.composite
def books(draw: st.DrawFn) -> dict[str, dict[str, int]]:
    members = "abcdefgh"[: draw(st.integers(2, 8))]
    found: dict[str, dict[str, int]] = {}
    for code in draw(st.lists(st.sampled_from(["EUR", "USD", "JPY", "GBP"]), min_size=1, max_size=4, unique=True)):
        small = draw(st.booleans())
        minors = [draw(st.integers(-3, 3) if small else st.integers(-(10**6), 10**6)) for _ in members[1:]]
        found[code] = dict(zip(members, [*minors, -sum(minors)], strict=True))
    return found


@given(books(), st.sampled_from(["EUR", "USD", "JPY"]))
def test_nothing_is_left_in_any_currency(balances, currency):
    found = made(balances, currency)
    assert all(exchange.paid.minor > 0 and exchange.paid.currency == currency for exchange in found)
    assert not left(balances, found) or not found  # all that is open is worth less than a unit, or all of it is settled
    if not found:
        worth = [sum_in({code: abs(row[member])}, SHEET, currency).minor for code, row in balances.items() for member in row]
        assert max(worth) <= len(balances) * len(worth)


@given(books())
def test_what_is_paid_is_what_was_paid_for_each_debt(balances):
    for exchange in made(balances, "EUR"):
        own = [cover for cover in exchange.covers if {cover.debt.sender, cover.debt.receiver} == {exchange.sender, exchange.receiver}]
        assert sum(cover.paid.money.minor * (1 if cover.debt.sender == exchange.sender else -1) for cover in own) == exchange.paid.minor


@given(books())
def test_any_order_of_paying_ends_with_nothing_left(balances):
    paid = 0
    while found := made(balances, "EUR"):
        last = found[-1]
        balances = {code: dict(row) for code, row in balances.items()}
        for cover in last.covers:
            balances[cover.debt.amount.currency][cover.debt.sender] += cover.debt.amount.minor
            balances[cover.debt.amount.currency][cover.debt.receiver] -= cover.debt.amount.minor
        paid += 1
        assert paid <= 40
