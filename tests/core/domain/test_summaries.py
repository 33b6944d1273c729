"""What came of a group's bills: in several currencies the larger is what is worth more."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from core.domain.people import Book, BookKind, DefaultSplit, Member
from core.domain.rates import Sheet
from core.domain.summaries import Summary, summary
from tests.support.builders import expense

ANNA, BOB, CLEO, DAN = (UUID(int=number) for number in (1, 2, 3, 4))
YEN = Sheet(date(2025, 3, 14), "ECB", {"JPY": Decimal(160)})
"""160 yen for a euro."""


def a_book() -> Book:
    members = tuple(Member(member_id, name) for member_id, name in ((ANNA, "Anna"), (BOB, "Bob"), (CLEO, "Cleo"), (DAN, "Dan")))
    return Book(UUID(int=9), BookKind.GROUP, "Kyoto", "EUR", True, DefaultSplit.EVERYONE, "en", "Europe/Rome", members)


def of_the_trip(sheet: Sheet | None) -> Summary:
    book = a_book()
    bills = [
        expense(book, 3000, payer=ANNA, currency="JPY", people=[ANNA, CLEO], description="ramen", category="restaurants"),
        expense(book, 2500, payer=BOB, people=[BOB], description="taxi", category="transport"),
        expense(book, 1500, payer=BOB, people=[BOB], description="bus", category="transport"),
    ]
    found = summary(bills, first=lambda member: member, open_members=[DAN, ANNA], sheet=sheet)
    assert found is not None
    return found


@pytest.mark.parametrize("sheet", [YEN, None])
def test_three_thousand_yen_are_not_more_than_twenty_five_euros(sheet: Sheet | None) -> None:
    found = of_the_trip(sheet)
    assert found.biggest.description == "taxi"
    assert [member for member, _, _ in found.members] == [BOB, ANNA, CLEO, DAN]
    assert [name for name, _ in found.categories] == ["transport", "restaurants"]


def test_by_the_rates_much_in_a_currency_of_few_bills_counts() -> None:
    book = a_book()
    bills = [
        expense(book, 90000, payer=ANNA, currency="JPY", description="ryokan"),
        *(expense(book, 2500, payer=BOB, description=each) for each in ("taxi", "bus")),
    ]
    by_rates, without = (summary(bills, first=lambda member: member, sheet=sheet) for sheet in (YEN, None))
    assert by_rates is not None and without is not None
    assert (by_rates.biggest.description, without.biggest.description) == ("ryokan", "taxi")


def test_who_paid_back_and_had_no_bill_is_told_too() -> None:
    assert of_the_trip(YEN).members[-1] == (DAN, {}, {})
