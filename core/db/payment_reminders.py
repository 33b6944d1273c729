"""Reminders of what one member owes another: asked for, due, sent. Says nothing itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db.conversations import SILENT
from core.db.session import UnitOfWork


@dataclass(frozen=True, slots=True)
class Asked:
    """That `sender_id` is reminded of what they owe `receiver_id`. `remind_at`: when it is due; None: it was sent, then."""

    book_id: UUID
    sender_id: UUID
    receiver_id: UUID
    remind_at: datetime | None
    reminded_at: datetime | None


_COLUMNS = "book_id, sender_id, receiver_id, remind_at, reminded_at"


@dataclass(frozen=True, slots=True)
class Chat:
    """Where somebody would be reminded. `silent`: nothing may be said there."""

    data_key: bytes
    silent: bool


async def chat(uow: UnitOfWork, conversation_id: UUID) -> Chat | None:
    """What is needed to write there; None where its key is gone."""
    row = await uow.connection.fetchrow(
        f"SELECT c.data_key, {SILENT} AS silent FROM conversations c WHERE c.id = $1 AND c.data_key IS NOT NULL",
        conversation_id,
    )
    return None if row is None else Chat(row["data_key"], row["silent"])


async def find(uow: UnitOfWork, book_id: UUID, *, sender: UUID, receiver: UUID) -> Asked | None:
    """What was asked for of the debt between two members; None: nothing ever."""
    row = await uow.connection.fetchrow(
        f"SELECT {_COLUMNS} FROM payment_reminders WHERE book_id = $1 AND sender_id = $2 AND receiver_id = $3", book_id, sender, receiver
    )
    return None if row is None else Asked(**row)


async def plan(uow: UnitOfWork, book_id: UUID, *, sender: UUID, receiver: UUID, at: datetime | None) -> None:
    """Remind the one of what they owe the other then (None: not at all)."""
    await uow.execute(
        """INSERT INTO payment_reminders (book_id, sender_id, receiver_id, remind_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (book_id, sender_id, receiver_id) DO UPDATE SET remind_at = excluded.remind_at""",
        book_id,
        sender,
        receiver,
        at,
    )


async def claim(uow: UnitOfWork, *, limit: int, now: datetime) -> list[Asked]:
    """Those that are due, for this transaction alone."""
    rows = await uow.connection.fetch(
        f"SELECT {_COLUMNS} FROM payment_reminders WHERE remind_at <= $1 ORDER BY remind_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED", now, limit
    )
    return [Asked(**row) for row in rows]


async def done(uow: UnitOfWork, asked: Asked, *, now: datetime) -> None:
    """They were reminded."""
    await uow.execute(
        "UPDATE payment_reminders SET remind_at = NULL, reminded_at = $4 WHERE book_id = $1 AND sender_id = $2 AND receiver_id = $3",
        asked.book_id,
        asked.sender_id,
        asked.receiver_id,
        now,
    )


async def forget_member(uow: UnitOfWork, book_id: UUID, member_id: UUID) -> None:
    """Nobody is reminded by or of the member any more."""
    await uow.execute("DELETE FROM payment_reminders WHERE book_id = $1 AND $2 IN (sender_id, receiver_id)", book_id, member_id)
