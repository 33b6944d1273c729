"""What comes back by itself: states and dates by example, and how much is found of what comes back in hard ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.domain.ahead.rhythm import RHYTHMS, rhythm_of
from core.domain.ahead.spending import Spending, months
from core.domain.ahead.subscriptions import State, Subscription, subscriptions
from tests.support.recurring import KINDS, LAST, case

TODAY = date(2025, 6, 30)
FILMS = [Spending(period.first.replace(day=12), 9_99, "entertainment", "film box") for period in months(date(2025, 1, 1), TODAY)]


def one(rows: list[Spending], today: date = TODAY) -> Subscription:
    (found,) = subscriptions(rows, today)
    return found


def detected(rows: Sequence[Spending]) -> list[tuple[Spending, ...]]:
    return [each.payments for each in subscriptions(rows, LAST) if each.state is not State.CANDIDATE]


def is_right(found: Sequence[Spending], stream: frozenset[Spending]) -> bool:
    """Nine tenths of its payments are the subscription's, and four fifths of the subscription's are in it."""
    payments = set(found)
    both = len(payments & stream)
    return 10 * both >= 9 * len(payments) and 10 * both >= 8 * len(stream)


def f1(detect: Callable[[Sequence[Spending]], list[tuple[Spending, ...]]], seeds: range) -> tuple[float, Counter[str]]:
    """Over every kind of the suite; and the kinds that were not all right."""
    right, wrong, failed = 0, 0, Counter[str]()
    for kind in KINDS:
        for seed in seeds:
            made = case(kind, seed)
            found = detect(made.payments)
            hit = sum(any(is_right(each, stream) for each in found) for stream in made.streams)
            misses = len(found) - hit + len(made.streams) - hit
            right, wrong, failed[kind.name] = right + hit, wrong + misses, failed[kind.name] + misses
    return 2 * right / (2 * right + wrong), +failed


def test_what_comes_back_in_hard_ways_is_found_and_what_only_looks_so_is_not():
    share, failed = f1(detected, range(300, 315))
    assert share >= 0.95
    assert failed.total() <= 5, failed


def test_the_suite_can_tell():
    """Whoever takes all that was paid three times to one merchant for a subscription is far from it."""
    share, failed = f1(lambda rows: [tuple(rows)] if len(rows) >= 3 else [], range(5))
    assert share < 0.8
    assert {"two", "twins", "coffee", "groceries"} <= set(failed)


def test_a_subscription_is_known_by_its_price_rhythm_and_next_day():
    found = one(FILMS)
    assert (found.merchant, found.rhythm.name, found.minor, found.state, found.due) == (
        "film box",
        "monthly",
        9_99,
        State.CONFIRMED,
        date(2025, 7, 12),
    )


def test_two_payments_are_a_candidate_and_one_is_nothing():
    assert one(FILMS[:2], date(2025, 2, 20)).state is State.CANDIDATE
    assert subscriptions(FILMS[:1], date(2025, 1, 20)) == []


def test_a_new_price_is_a_change_until_it_is_paid_again():
    dearer = [*FILMS[:5], Spending(FILMS[5].on, 11_99, "entertainment", "film box")]
    assert (one(dearer).state, one(dearer).minor, one(dearer).before) == (State.CHANGED, 11_99, 9_99)
    again = [*dearer, Spending(date(2025, 7, 12), 11_99, "entertainment", "film box")]
    assert one(again, date(2025, 7, 13)).state is State.CONFIRMED


@pytest.mark.parametrize(("today", "state"), [(date(2025, 8, 14), State.CONFIRMED), (date(2025, 8, 16), State.ENDED)])
def test_when_two_did_not_come_it_has_ended(today, state):
    assert one(FILMS, today).state is state


def test_a_bill_by_use_varies_and_costs_what_is_usual():
    amounts = (71_00, 64_50, 80_10, 59_90, 66_00, 90_00)
    found = one([Spending(each.on, minor, "utilities", "city power") for each, minor in zip(FILMS, amounts, strict=True)])
    assert (found.varies, found.minor) == (True, 66_00)


def test_what_one_buys_every_saturday_is_a_habit():
    rows = [Spending(date(2025, 3, 1) + timedelta(weeks=week), 20_00 + week * week * 3_37 % 60_00, "groceries", "mill") for week in range(16)]
    assert subscriptions(rows, TODAY) == []


def test_without_a_merchant_the_category_says_what_belongs_together():
    assert one([Spending(each.on, each.minor, "housing") for each in FILMS]).merchant == "housing"


def test_what_a_person_denied_is_none():
    assert subscriptions(FILMS, TODAY, denied=frozenset({"film box"})) == []


def test_rent_on_the_last_day_is_due_on_a_last_day():
    rows = [Spending(period.last, 800_00, "housing", "hall & sons") for period in months(date(2025, 1, 1), date(2025, 5, 1))]
    assert one(rows, date(2025, 6, 1)).due in (date(2025, 6, 30), date(2025, 7, 1))


@pytest.mark.parametrize("rhythm", RHYTHMS, ids=lambda each: each.name)
def test_every_rhythm_is_known_by_its_own_days(rhythm):
    days = [date(2015, 1, 10) + timedelta(days=round(number * rhythm.tenths / 10)) for number in range(6)]
    assert rhythm_of(days) is rhythm


def test_twice_a_month_is_no_fortnight():
    days = sorted(period.first.replace(day=day) for period in months(date(2024, 1, 1), date(2025, 1, 1)) for day in (3, 18))
    assert rhythm_of(days) is None


@example([(704, 4_99), *[(0, 4_99)] * 13, (352, 4_99)])  # a year before and a year after, and seven at once
@given(st.lists(st.tuples(st.integers(0, 900), st.sampled_from([4_99, 9_99, 50_00, -9_99])), max_size=40))
def test_no_payment_is_in_two_and_none_is_made_up(rows):
    paid = [Spending(LAST - timedelta(days=ago), minor, "other", f"shop {place % 2}") for place, (ago, minor) in enumerate(rows)]
    found = [each for made in subscriptions(paid, LAST) for each in made.payments]
    assert not Counter(found) - Counter(paid)
    assert all(made.due > made.payments[-1].on for made in subscriptions(paid, LAST))
