"""Receipts shared by their lines: by example first, then for all."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.bills import Bill, bill_of, frozen, postings
from core.domain.ledger import EntryKind, JournalEntry
from core.domain.money import Money
from core.domain.splits import ClaimedLine, split_lines
from core.errors import DomainError
from tests.support.builders import NOW

A, B, C = "anna", "bob", "carl"


def shares(total: int, *lines: ClaimedLine[str], people: tuple[str, ...] = (A, B, C)) -> dict[str, int]:
    return {share.member: share.amount.minor for share in split_lines(Money(total, "EUR"), lines=lines, people=people)}


def test_claimed_lines_are_their_claimers_and_the_rest_is_everyones() -> None:
    assert shares(4500, ClaimedLine(1, 1000, claims=((A, 0),)), ClaimedLine(2, 2000, claims=((B, 0),)), ClaimedLine(3, 1500)) == {
        A: 1500,
        B: 2500,
        C: 500,
    }


def test_a_line_of_two_is_halved() -> None:
    assert shares(1000, ClaimedLine(1, 1000, claims=((A, 0), (B, 0)))) == {A: 500, B: 500}


def test_two_of_the_three_beers() -> None:
    beers = ClaimedLine(1, 1350, 3000, ((A, 2000),))
    assert shares(1350, beers) == {A: 1050, B: 150, C: 150}
    assert shares(1350, ClaimedLine(1, 1350, 3000, ((A, 2000), (B, 0)))) == {A: 900, B: 450}


def test_more_claimed_than_there_is_gives_less_of_it_each() -> None:
    assert shares(1200, ClaimedLine(1, 1200, 2000, ((A, 2000), (B, 1000)))) == {A: 800, B: 400}


def test_tax_tip_and_discount_fall_on_each_in_proportion() -> None:
    lines = (ClaimedLine(1, 1000, claims=((A, 0),)), ClaimedLine(2, 3000, claims=((B, 0),)))
    assert shares(4400, *lines) == {A: 1100, B: 3300}
    assert shares(3600, *lines, ClaimedLine(3, -400)) == {A: 900, B: 2700}


def test_nobody_at_all_is_refused() -> None:
    with pytest.raises(DomainError, match="nobody_shares"):
        shares(100, ClaimedLine(1, 100), people=())


QUANTITIES = st.sampled_from([0, 0, 500, 1000, 2000, 3000])
CLAIMS = st.lists(st.tuples(st.sampled_from([A, B, C, "dora"]), QUANTITIES), max_size=4, unique_by=lambda claim: claim[0]).map(tuple)
LINES = st.lists(
    st.builds(ClaimedLine, st.integers(1, 40), st.integers(-5_000, 50_000), st.sampled_from([333, 1000, 2000, 7000]), CLAIMS), max_size=12
)


@given(total=st.integers(1, 10**7), lines=LINES, people=st.lists(st.sampled_from([A, B, C]), min_size=1, max_size=3, unique=True))
def test_shares_are_always_the_total(total: int, lines: list[ClaimedLine[str]], people: list[str]) -> None:
    found = split_lines(Money(total, "EUR"), lines=lines, people=people)
    assert sum(share.amount.minor for share in found) == total
    assert sum(share.remainder for share in found) == 0
    assert all(share.amount.minor >= 0 for share in found), "nobody is paid for having dined"
    claimers = {person for line in lines for person, _ in line.claims}
    assert {share.member for share in found} <= claimers | set(people)


@given(total=st.integers(1, 10**6), line=st.integers(1, 10**6), claims=CLAIMS)
def test_whoever_claims_twice_as_much_owes_twice_as_much(total: int, line: int, claims: tuple[tuple[str, int], ...]) -> None:
    counted = dict(claims) if claims and all(quantity for _, quantity in claims) else {A: 1000, B: 2000}
    whole = sum(counted.values())
    found = shares(total, ClaimedLine(1, line, whole, tuple(counted.items())))
    for person, quantity in counted.items():
        assert abs(found.get(person, 0) - Fraction(total * quantity, whole)) < 1


def test_the_ledger_keeps_who_claimed_what() -> None:
    one, two = UUID(int=1), UUID(int=2)
    bill = Bill(Money(3000, "EUR"), "Da Mario", "food", date(2025, 3, 14), ((one, None),), "equal", (one, two))
    bill = bill.with_lines([ClaimedLine(1, 1000, 1000, ((two, 0),)), ClaimedLine(2, 2000, 2000, ((one, 1000),))], (one, two))
    entry = JournalEntry(
        book_id=UUID(int=3), entry_id=UUID(int=4), bill_id=UUID(int=4), kind=EntryKind.EXPENSE, occurred_on=bill.date, recorded_at=NOW, actor_id=one,
        reason="recorded", effect_key=b"x", postings=postings(bill, behind={}), description=bill.description, category=bill.category,
        split=frozen(bill),
    )  # fmt: skip
    assert bill_of(entry) == bill
    assert bill.with_people([one]).lines == (ClaimedLine(1, 1000, 1000, ()), ClaimedLine(2, 2000, 2000, ((one, 1000),)))
