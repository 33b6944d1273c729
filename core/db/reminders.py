"""Receipts whose group is to be reminded of lines that nobody has claimed: when, and that it was. Says nothing itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.db.answers import encrypt_state
from core.db.conversations import SILENT, decrypt_state
from core.db.ledger import STANDS
from core.db.receipts import COLUMNS, Kept, kept_from
from core.db.session import UnitOfWork


@dataclass(frozen=True, slots=True)
class Due:
    """A receipt whose moment has come, and the group's chat with its state.

    `silent`: nothing may be said there. `thread`: the topic where the photo is.
    """

    kept: Kept
    conversation_id: UUID
    channel: str
    data_key: bytes | None
    state: dict[str, Any]
    silent: bool
    thread: str | None


async def plan(uow: UnitOfWork, receipt_id: UUID, *, at: datetime | None) -> None:
    """Remind of the receipt then (None: not at all), unless that was done."""
    await uow.execute("UPDATE receipts SET remind_at = $2 WHERE id = $1 AND reminded_at IS NULL", receipt_id, at)


async def never(uow: UnitOfWork, receipt_id: UUID, *, now: datetime) -> None:
    """What becomes of the lines was said: that counts as a reminder."""
    await uow.execute("UPDATE receipts SET remind_at = NULL, reminded_at = $2 WHERE id = $1", receipt_id, now)


async def forget(uow: UnitOfWork, conversation_id: UUID) -> None:
    """Remind a chat of nothing that was sent there so far: we are not in it any more."""
    await uow.execute(
        """UPDATE receipts SET remind_at = NULL WHERE remind_at IS NOT NULL
        AND conversation_id IN (SELECT id FROM conversations WHERE $1 IN (id, moved_to))""",
        conversation_id,
    )  # fmt: skip
    await uow.execute("DELETE FROM pins WHERE conversation_id IN (SELECT id FROM conversations WHERE $1 IN (id, moved_to))", conversation_id)


async def claim(uow: UnitOfWork, *, limit: int, now: datetime) -> list[Due]:
    """Those that are due, for this transaction alone. A chat with a message at hand is left for the next look: its state is about to change."""
    columns = ", ".join(f"r.{name}" for name in COLUMNS)
    rows = await uow.connection.fetch(
        f"""SELECT {columns}, r.thread, c.id AS chat_id, c.channel, c.data_key AS chat_key, c.state AS chat_state,
          {SILENT} AS silent
        FROM receipts r JOIN conversations o ON o.id = r.conversation_id JOIN conversations c ON c.id = coalesce(o.moved_to, o.id)
        WHERE r.remind_at <= $1 AND c.claimed_by IS NULL ORDER BY r.remind_at LIMIT $2 FOR NO KEY UPDATE OF r, c SKIP LOCKED""",
        now,
        limit,
    )
    return [
        Due(
            kept_from(uow.keys, row),
            row["chat_id"],
            row["channel"],
            row["chat_key"],
            decrypt_state(uow.keys, row["chat_key"], row["chat_state"]),
            row["silent"] or row["chat_key"] is None,
            uow.keys.decrypt(row["data_key"], row["thread"]).decode() if row["thread"] is not None else None,
        )
        for row in rows
    ]


async def done(uow: UnitOfWork, due: Due, *, state: dict[str, Any], now: datetime) -> None:
    """The group was reminded, once and for all. `state`: the chat's from now on."""
    await never(uow, due.kept.receipt_id, now=now)
    await uow.execute("UPDATE conversations SET state = $2 WHERE id = $1", due.conversation_id, encrypt_state(uow.keys, due.data_key, state))


async def paid_back_since(uow: UnitOfWork, book_id: UUID, *, since: datetime) -> bool:
    """Whether a payment between members that stands was recorded after that."""
    return bool(
        await uow.connection.fetchval(
            f"SELECT EXISTS (SELECT FROM entries e WHERE e.book_id = $1 AND e.kind = 'settlement' AND e.recorded_at > $2 AND {STANDS})",
            book_id,
            since,
        )
    )
