"""Reads of what a book was and how it changed: its newest entries, and its balances at a time that is past."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from core.db.ledger import entries_where
from core.db.session import UnitOfWork
from core.domain.ledger import JournalEntry


async def newest(uow: UnitOfWork, book_id: UUID, *, since: datetime | None, before: UUID | None, limit: int) -> list[JournalEntry]:
    """Entries recorded since then and before an entry (ids grow with time), the newest first, each reversal with what replaced it."""
    found = await entries_where(
        uow,
        """e.book_id = $1 AND e.entry_id IN (
          SELECT n.entry_id FROM entries n WHERE n.book_id = $1 AND ($2::timestamptz IS NULL OR n.recorded_at >= $2)
          AND ($3::uuid IS NULL OR n.entry_id < $3) ORDER BY n.entry_id DESC LIMIT $4)""",
        book_id,
        since,
        before,
        limit,
    )
    return sorted(found, key=lambda entry: entry.entry_id, reverse=True)


async def balances(uow: UnitOfWork, book_id: UUID, *, day: date | None = None, recorded_before: datetime | None = None) -> dict[str, dict[UUID, int]]:
    """Currency to member to minor units, positive: is owed. Of what happened until the end of a `day`, or of what was recorded until then.

    Who is in the book twice has one balance.
    """
    await uow.flush()
    rows = await uow.connection.fetch(
        """SELECT p.member_id, p.currency, sum(p.amount)::bigint AS amount FROM postings p JOIN entries e USING (book_id, entry_id)
        WHERE e.book_id = $1 AND ($2::date IS NULL OR e.occurred_on <= $2) AND ($3::timestamptz IS NULL OR e.recorded_at < $3)
        GROUP BY p.member_id, p.currency ORDER BY p.currency, p.member_id""",
        book_id,
        day,
        recorded_before,
    )
    book = uow.book(book_id)
    sums: dict[str, dict[UUID, int]] = {}
    for row in rows:
        first = book.first(book.member(row["member_id"])).member_id
        of_currency = sums.setdefault(row["currency"], {})
        of_currency[first] = of_currency.get(first, 0) + row["amount"]
    return sums
