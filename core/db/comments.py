"""What people say about a bill, encrypted by a key of each comment's own: it goes with who said it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.db.ids import new_id
from core.db.session import UnitOfWork


@dataclass(frozen=True, slots=True)
class Comment:
    bill_id: UUID
    member_id: UUID
    text: str
    said_at: datetime


async def add(uow: UnitOfWork, book_id: UUID, comment: Comment, *, person_id: UUID) -> None:
    """`person_id`: who says it."""
    data_key = uow.keys.new_data_key()
    await uow.execute(
        """INSERT INTO bill_comments (book_id, comment_id, bill_id, person_id, member_id, data_key, text, said_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        book_id,
        new_id(),
        comment.bill_id,
        person_id,
        comment.member_id,
        data_key,
        uow.keys.encrypt(data_key, comment.text.encode()),
        comment.said_at,
    )


async def of_bill(uow: UnitOfWork, book_id: UUID, bill_id: UUID) -> list[Comment]:
    """Oldest first, without those that were erased."""
    await uow.flush()
    rows = await uow.connection.fetch(
        """SELECT bill_id, member_id, data_key, text, said_at FROM bill_comments
        WHERE book_id = $1 AND bill_id = $2 AND text IS NOT NULL ORDER BY said_at, comment_id""",
        book_id,
        bill_id,
    )
    return [Comment(row["bill_id"], row["member_id"], uow.keys.decrypt(row["data_key"], row["text"]).decode(), row["said_at"]) for row in rows]


async def texts_of(uow: UnitOfWork, book_id: UUID, person_id: UUID) -> list[str]:
    """What a person said, as long as it is kept."""
    rows = await uow.connection.fetch(
        "SELECT data_key, text FROM bill_comments WHERE book_id = $1 AND person_id = $2 AND text IS NOT NULL", book_id, person_id
    )
    return [uow.keys.decrypt(row["data_key"], row["text"]).decode() for row in rows]


async def erase(uow: UnitOfWork, book_id: UUID, person_id: UUID) -> None:
    await uow.execute("UPDATE bill_comments SET data_key = NULL, text = NULL WHERE book_id = $1 AND person_id = $2", book_id, person_id)


async def erase_all(uow: UnitOfWork, book_id: UUID) -> None:
    await uow.execute("UPDATE bill_comments SET data_key = NULL, text = NULL WHERE book_id = $1", book_id)


async def export_rows(uow: UnitOfWork, book_id: UUID, person_id: UUID) -> list[dict[str, Any]]:
    """A person's own comments as JSON values, oldest first."""
    rows = await uow.connection.fetch(
        """SELECT bill_id, data_key, text, said_at FROM bill_comments
        WHERE book_id = $1 AND person_id = $2 AND text IS NOT NULL ORDER BY said_at""",
        book_id,
        person_id,
    )
    return [
        {"bill": str(row["bill_id"]), "at": row["said_at"].isoformat(), "text": uow.keys.decrypt(row["data_key"], row["text"]).decode()}
        for row in rows
    ]
