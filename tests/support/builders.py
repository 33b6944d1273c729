"""Builds people, groups and entries for tests of the ledger."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from core.db import people
from core.db.ids import new_id
from core.db.recurring import Recurring, State
from core.db.session import UnitOfWork
from core.domain.ledger import EntryKind, JournalEntry, Posting, Role
from core.domain.messages import ChatAddress, Person
from core.domain.money import Money
from core.domain.people import Book, BookKind, DefaultSplit, PersonProfile
from core.domain.recurrence import Rule
from core.domain.splits import split

NOW = datetime(2025, 3, 14, 12, 0, tzinfo=UTC)
TODAY = NOW.date()


async def make_person(uow: UnitOfWork, name: str = "Anna", *, user: str | None = None) -> PersonProfile:
    user = user or secrets.token_hex(8)
    address = ChatAddress("webchat", "", user)
    return await people.create_person(uow, sender=Person(user, name), address=address, language="en", time_zone=None, now=NOW)


async def make_group(uow: UnitOfWork, *names: str, name: str = "Lisbon", persons: Sequence[PersonProfile] = ()) -> Book:
    """A group of guests, and of the persons given."""
    book = await people.create_book(
        uow,
        kind=BookKind.GROUP,
        name=name,
        currency="EUR",
        currency_said=True,
        default_split=DefaultSplit.EVERYONE,
        language="en",
        time_zone="UTC",
        now=NOW,
    )
    for person in persons:
        await people.add_member(uow, book.book_id, name=person.name, person_id=person.person_id, now=NOW)
    for guest in names:
        await people.add_member(uow, book.book_id, name=guest, person_id=None, now=NOW)
    return uow.book(book.book_id)


def expense(
    book: Book,
    minor: int,
    *,
    payer: UUID | None = None,
    people: Sequence[UUID] = (),
    currency: str = "EUR",
    description: str = "dinner",
    on: date = TODAY,
    category: str | None = "restaurants",
    author_id: UUID | None = None,
    key: bytes | None = None,
    behind: dict[UUID, int] | None = None,
    bill_id: UUID | None = None,
) -> JournalEntry:
    """An expense of `minor` units, paid by one, shared equally (by everyone where nobody is named)."""
    ids = [member.member_id for member in book.members]
    who = payer or ids[0]
    shares = split(Money(minor, currency), type="equal", people=people or ids, payers=(who,), behind=behind)
    entry_id = new_id()
    return JournalEntry(
        book_id=book.book_id,
        entry_id=entry_id,
        bill_id=bill_id or entry_id,
        kind=EntryKind.EXPENSE,
        occurred_on=on,
        recorded_at=NOW,
        actor_id=who,
        reason="recorded",
        effect_key=key or secrets.token_bytes(34),
        postings=(
            Posting(who, Role.PAID, Money(minor, currency)),
            *(Posting(share.member, Role.SHARE, -share.amount, share.remainder) for share in shares),
        ),
        description=description,
        category=category,
        author_id=author_id,
        split={"type": "equal", "people": [str(share.member) for share in shares]},
    )


def repeating(book_id: UUID, member_id: UUID, rule: Rule, **fields: Any) -> Recurring:
    """An expense that comes back; said by the member, whose person is of the same id where none is given."""
    values: dict[str, Any] = {
        "rule_id": new_id(),
        "person_id": member_id,
        "conversation_id": member_id,
        "amount": Money(90000, "EUR"),
        "what": "rent",
        "draft": {},
        "said_by": Person("anna", "Anna"),
        "thread": None,
        "at": time(9),
        "asks": False,
        "state": State.ACTIVE,
        "next_on": rule.start,
        "created_at": datetime(2025, 3, 1, tzinfo=UTC),
    }
    return Recurring(book_id=book_id, member_id=member_id, rule=rule, **(values | fields))
