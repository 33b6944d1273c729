"""What a group agreed on for its members holds for people, through whichever position it was said."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from core.domain.people import Book, BookKind, DefaultSplit, Member

ANNA, BEFORE, BOB, CLEO, PERSON, COUPLE, OTHERS = (UUID(int=number) for number in range(7))
ANNA_TWICE = (
    Member(ANNA, "Anna", person_id=PERSON),
    Member(BEFORE, "Anna S.", active=False, also_person=PERSON),
    Member(BOB, "Bob"),
    Member(CLEO, "Cleo"),
)


def book(*members: Member, weights: dict[UUID, int] | None = None) -> Book:
    agreed = {"": {member: Decimal(weight) for member, weight in weights.items()}} if weights else {}
    return Book(UUID(int=9), BookKind.GROUP, "flat", "EUR", True, DefaultSplit.EVERYONE, "en", "UTC", members, agreed)


def test_parts_agreed_on_follow_who_was_in_the_book_twice() -> None:
    assert book(*ANNA_TWICE, weights={BEFORE: 60, BOB: 40}).weights_for("rent") == {ANNA: 60, BOB: 40}
    assert book(*ANNA_TWICE, weights={BEFORE: 60, ANNA: 10, BOB: 40}).weights_for("rent") == {ANNA: 70, BOB: 40}


def test_parts_of_who_left_are_nobodys() -> None:
    left = Member(CLEO, "Cleo", active=False)
    assert book(*ANNA_TWICE[:3], left, weights={BOB: 40, CLEO: 60}).weights_for("rent") == {BOB: 40}


def test_a_household_follows_who_was_in_the_book_twice() -> None:
    anna, before, bob, cleo = ANNA_TWICE
    before, bob = Member(BEFORE, "Anna S.", active=False, also_person=PERSON, household=COUPLE), Member(BOB, "Bob", household=COUPLE)
    assert book(anna, before, bob, cleo).units() in (((ANNA, BOB),), ((BOB, ANNA),))


def test_nobody_is_in_two_households() -> None:
    anna, cleo = Member(ANNA, "Anna", person_id=PERSON, household=OTHERS), Member(CLEO, "Cleo", household=OTHERS)
    before, bob = Member(BEFORE, "Anna S.", active=False, also_person=PERSON, household=COUPLE), Member(BOB, "Bob", household=COUPLE)
    assert book(anna, before, bob, cleo).units() == ((ANNA, CLEO), (BOB,))
