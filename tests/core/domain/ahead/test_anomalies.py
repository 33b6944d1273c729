"""What is odd about a payment, and what is not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.ahead.anomalies import Oddity, judge, missing
from core.domain.ahead.spending import Spending, months

TODAY = date(2025, 6, 10)
FUEL = [
    Spending(TODAY - timedelta(days=9 * number), minor, "transport", "shell")
    for number, minor in enumerate((41_20, 38_00, 45_10, 52_00, 40_00, 47_30), 1)
]
RENT = [Spending(period.first, 800_00, "housing", "hall & sons") for period in months(date(2024, 10, 1), date(2025, 5, 1))]


def odd(payment: Spending, past: list[Spending]) -> tuple[Oddity, int] | None:
    found = judge(payment, past)
    return (found.oddity, found.usual) if found else None


def test_three_times_the_usual_at_a_merchant():
    assert odd(Spending(TODAY, 135_00, "transport", "shell"), FUEL) == (Oddity.AMOUNT, 41_20)


@pytest.mark.parametrize("minor", [44_00, 55_00, 5_00])
def test_a_little_more_is_not_odd_and_less_never_is(minor):
    assert odd(Spending(TODAY, minor, "transport", "shell"), FUEL) is None


def test_what_was_paid_there_before_is_not_odd():
    big = Spending(TODAY - timedelta(days=100), 135_00, "transport", "shell")
    assert odd(Spending(TODAY, 135_00, "transport", "shell"), [big, *FUEL]) is None


def test_a_new_merchant_is_judged_by_its_category_then_by_everything():
    assert odd(Spending(TODAY, 400_00, "transport", "garage jo"), FUEL) == (Oddity.NEW, 41_20)
    assert odd(Spending(TODAY, 400_00, "shopping", "lamp & sofa"), FUEL) == (Oddity.NEW, 41_20)
    assert odd(Spending(TODAY, 60_00, "shopping", "lamp & sofa"), FUEL) is None


def test_five_payments_are_needed_to_know_what_is_usual():
    assert odd(Spending(TODAY, 900_00, "transport", "shell"), FUEL[:4]) is None


def test_the_same_charge_twice():
    once = Spending(TODAY - timedelta(days=1), 23_40, "food", "blue door")
    assert odd(Spending(TODAY, 23_40, "food", "blue door"), [once]) == (Oddity.TWICE, 23_40)
    assert odd(Spending(TODAY + timedelta(days=2), 23_40, "food", "blue door"), [once]) is None
    assert odd(Spending(TODAY, 23_41, "food", "blue door"), [once]) is None


def test_the_same_ticket_every_day_is_a_habit():
    tickets = [Spending(TODAY - timedelta(days=day), 2_80, "transport", "tram") for day in range(1, 20)]
    assert odd(Spending(TODAY, 2_80, "transport", "tram"), tickets) is None


def test_a_rent_that_rose():
    assert odd(Spending(date(2025, 6, 2), 840_00, "housing", "hall & sons"), RENT) == (Oddity.PRICE, 800_00)
    assert odd(Spending(date(2025, 6, 2), 800_00, "housing", "hall & sons"), RENT) is None
    assert odd(Spending(date(2025, 6, 2), 780_00, "housing", "hall & sons"), RENT) is None


def test_a_rent_that_did_not_come_is_missed_after_some_days_and_not_for_ever():
    late = [each for day in range(1, 60) for each in missing(RENT, date(2025, 6, 1) + timedelta(days=day)) if day in (3, 5, 30, 50)]
    assert [(each.oddity, each.usual, each.due) for each in late] == [(Oddity.MISSING, 800_00, date(2025, 6, 1))] * 2
    assert missing([*RENT, Spending(date(2025, 6, 4), 800_00, "housing", "hall & sons")], date(2025, 6, 10)) == []


def test_a_bill_that_came_three_times_is_not_missed():
    assert missing(RENT[-3:], date(2025, 6, 12)) == []


def test_refunds_are_neither_odd_nor_usual():
    assert odd(Spending(TODAY, -900_00, "transport", "shell"), FUEL) is None
    assert odd(Spending(TODAY, 0, "transport", "shell"), FUEL) is None
    assert (
        odd(Spending(TODAY, 135_00, "transport", "shell"), [*FUEL, *(Spending(TODAY, -500_00, "transport", "shell") for _ in range(9))]) is not None
    )


@given(st.lists(st.integers(1, 10**9), max_size=30), st.integers(1, 10**9))
def test_the_same_history_always_says_the_same_and_nothing_about_what_comes_later(amounts, minor):
    past = [Spending(TODAY - timedelta(days=3 * number), each, "food", "blue door") for number, each in enumerate(amounts, 1)]
    later = [Spending(TODAY + timedelta(days=9), each * 100, "food", "blue door") for each in amounts]
    payment = Spending(TODAY, minor, "food", "blue door")
    assert judge(payment, past) == judge(payment, [*later, *reversed(past)])
