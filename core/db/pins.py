"""Which message of a group's chat shows its balances, and whether it does still. What it says is the conversation's affair."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db.session import UnitOfWork


@dataclass(frozen=True, slots=True)
class Pinned:
    """`outbox_id`: the newest letter that the message was shown by, or edited by."""

    book_id: UUID
    conversation_id: UUID
    outbox_id: UUID
    words: bytes


def words_of(uow: UnitOfWork, text: str) -> bytes:
    """The keyed hash of what a message says."""
    return uow.keys.digest("pinned words", text)


async def put(uow: UnitOfWork, pinned: Pinned, *, now: datetime) -> None:
    """One message a group: a newer one takes its place."""
    await uow.execute(
        """INSERT INTO pins (book_id, conversation_id, outbox_id, words, shown_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (book_id) DO UPDATE SET conversation_id = excluded.conversation_id, outbox_id = excluded.outbox_id, words = excluded.words,
          shown_at = excluded.shown_at, stale_at = NULL""",
        pinned.book_id,
        pinned.conversation_id,
        pinned.outbox_id,
        pinned.words,
        now,
    )


async def of_book(uow: UnitOfWork, book_id: UUID) -> Pinned | None:
    """Locked; None where nothing is pinned."""
    row = await uow.connection.fetchrow("SELECT book_id, conversation_id, outbox_id, words FROM pins WHERE book_id = $1 FOR UPDATE", book_id)
    return Pinned(*row) if row is not None else None


async def remove(uow: UnitOfWork, book_id: UUID) -> None:
    await uow.execute("DELETE FROM pins WHERE book_id = $1", book_id)


async def mark_stale(uow: UnitOfWork, book_id: UUID, *, now: datetime) -> None:
    """Something that it says has another name now. Postings mark it by themselves."""
    await uow.execute("UPDATE pins SET stale_at = $2 WHERE book_id = $1 AND stale_at IS NULL", book_id, now)


async def stale(uow: UnitOfWork, *, shown_before: datetime, limit: int) -> list[Pinned]:
    """Those that no longer show the balances and were not edited since then, for this transaction alone."""
    rows = await uow.connection.fetch(
        """SELECT p.book_id, coalesce(c.moved_to, c.id), p.outbox_id, p.words FROM pins p JOIN conversations c ON c.id = p.conversation_id
        WHERE p.stale_at IS NOT NULL AND p.shown_at <= $1 ORDER BY p.stale_at LIMIT $2 FOR NO KEY UPDATE OF p SKIP LOCKED""",
        shown_before,
        limit,
    )
    return [Pinned(*row) for row in rows]


async def fresh(uow: UnitOfWork, book_id: UUID) -> None:
    """It says what is so."""
    await uow.execute("UPDATE pins SET stale_at = NULL WHERE book_id = $1", book_id)
