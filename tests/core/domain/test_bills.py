"""A bill changed as people say it, and what an entry is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from core.domain.bills import Bill, amount_of, paid, postings, shares_of
from core.domain.ledger import EntryKind, JournalEntry, Posting, Role, balance_parts
from core.domain.money import Money
from core.domain.splits import ClaimedLine
from core.errors import DomainError
from tests.support.builders import NOW

ANNA, BEN, CARL = UUID(int=1), UUID(int=2), UUID(int=3)


def dinner(minor: int = 3000, *exact: tuple[UUID, int]) -> Bill:
    parts = tuple((member, Money(part, "EUR")) for member, part in exact)
    people = tuple(member for member, _ in parts) or (ANNA, BEN)
    return Bill(
        Money(minor, "EUR"), "dinner", "food", date(2025, 3, 14), ((ANNA, None),), "exact" if parts else "equal", people, exact=parts
    )  # fmt: skip


def entry_of(kind: EntryKind, *legs: Posting) -> JournalEntry:
    return JournalEntry(
        book_id=UUID(int=9), entry_id=UUID(int=8), bill_id=UUID(int=8), kind=kind, occurred_on=date(2025, 3, 14), recorded_at=NOW,
        actor_id=ANNA, reason="recorded", effect_key=b"x", postings=legs,
    )  # fmt: skip


def test_a_tip_comes_on_top_and_the_payer_pays_it() -> None:
    bill = dinner().with_tip(Money(450, "EUR"))
    assert (bill.amount, bill.payments) == (Money(3450, "EUR"), ((ANNA, None),))


@pytest.mark.parametrize(("whole", "part"), [(3000, 4000), (3000, 3000), (-3000, -4000), (-3000, -3000)])
def test_a_rest_that_is_nothing_or_less_is_paid_by_nobody(whole: int, part: int) -> None:
    with pytest.raises(DomainError, match="payments_do_not_add_up"):
        paid(replace(dinner(whole), payments=((ANNA, Money(part, "EUR")), (BEN, None))))


def test_what_one_part_leaves_is_shared_by_the_others() -> None:
    bill = dinner(3001, (ANNA, 1000)).left_to((BEN, CARL))
    assert {member: part.minor for member, part in bill.exact} == {ANNA: 1000, BEN: 1001, CARL: 1000}
    assert bill.people == (ANNA, BEN, CARL)


def test_parts_that_leave_nothing_stay_as_they_are() -> None:
    for whole in (1000, 900):
        assert dinner(whole, (ANNA, 1000)).left_to((BEN,)) == dinner(whole, (ANNA, 1000))
    assert dinner(3000, (ANNA, 1000)).left_to(()) == dinner(3000, (ANNA, 1000))


def test_an_entry_is_about_what_was_put_in_and_a_refund_is_negative() -> None:
    for minor in (3000, -3000):
        entry = entry_of(EntryKind.EXPENSE, *postings(dinner(minor), behind={}))
        assert amount_of(entry) == Money(minor, "EUR")
        assert sum(part.minor for part in shares_of(entry).values()) == minor
    paid_back = entry_of(EntryKind.SETTLEMENT, Posting(BEN, Role.SENT, Money(500, "EUR")), Posting(ANNA, Role.RECEIVED, Money(-500, "EUR")))
    assert amount_of(paid_back) == Money(500, "EUR")


def test_a_balance_is_what_was_paid_less_the_share_and_what_was_settled() -> None:
    legs = [Posting(ANNA, role, Money(minor, "EUR")) for role, minor in ((Role.PAID, 3000), (Role.SHARE, -1500), (Role.RECEIVED, -500))]
    assert {name: part.minor for name, part in balance_parts(legs).items()} == {"paid": 3000, "share": 1500, "settled": -500, "balance": 1000}


def test_the_lines_of_a_receipt_are_counted_in_the_other_currency_too() -> None:
    lines = (ClaimedLine(1, 2000), ClaimedLine(2, 1000))
    in_yen = replace(dinner(), split_type="items", lines=lines).recounted("JPY")
    assert (in_yen.amount, [line.amount for line in in_yen.lines]) == (Money(30, "JPY"), [20, 10])
