"""Letters that their chat refused: to the same person's other chats, or held until the person writes again. Also who wants nothing any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from core.db.conversations import conversation_hash
from core.db.outbox import ClaimedLetter
from core.db.session import Connection, UnitOfWork


async def opt_out(connection: Connection, conversation_id: UUID, *, now: datetime) -> None:
    """The chat's people want nothing; it is over once they write in this second, to which platforms round when that was, or later."""
    await connection.execute("UPDATE conversations SET opted_out_at = $2 WHERE id = $1", conversation_id, now.replace(microsecond=0))


async def pass_on(uow: UnitOfWork, letter: ClaimedLetter, *, channels: Sequence[str], now: datetime) -> bool:
    """Move a claimed letter to the same person's next private chat of those channels that has not refused it; False where there is none.

    Most recently used first. The letter keeps its id, and its buttons go with it: they are found by their chat.
    """
    tried = [*letter.tried, letter.conversation_id]
    chat = await uow.connection.fetchrow(
        """SELECT n.id, n.data_key FROM conversations c JOIN people p ON p.personal_book_id = c.book_id
        JOIN conversations n ON n.book_id = p.personal_book_id
        WHERE c.id = $1 AND c.kind = 'private' AND n.kind = 'private' AND n.channel = ANY($3::text[]) AND n.id <> ALL($2::uuid[])
        AND n.data_key IS NOT NULL AND (n.opted_out_at IS NULL OR n.opted_out_at <= n.heard_at)
        ORDER BY n.heard_at DESC NULLS LAST, n.created_at DESC LIMIT 1""",
        letter.conversation_id,
        tried,
        list(channels),
    )
    if chat is None:
        return False
    await _move(uow, letter, chat["id"], chat["data_key"], tried)
    await uow.connection.execute("UPDATE outbox SET reason = 'passed_on', next_at = $2, tries = 0 WHERE id = $1", letter.letter_id, now)
    return True


async def hold(uow: UnitOfWork, letter: ClaimedLetter, *, most: int, until: datetime) -> None:
    """Keep a claimed letter in the chat it was meant for first until its people write there; then all that is held there goes out, in order.

    Of more than `most` the oldest are dropped. What is held longer than `until` is dropped by delivery.
    """
    home = letter.tried[0] if letter.tried else letter.conversation_id
    if home != letter.conversation_id:
        data_key = await uow.connection.fetchval("SELECT data_key FROM conversations WHERE id = $1", home)
        await _move(uow, letter, home, data_key, [])
    await uow.connection.execute(
        "UPDATE outbox SET reason = 'held', next_at = $2, claimed_by = NULL, tried = '{}' WHERE id = $1 AND state = 'pending'",
        letter.letter_id,
        until,
    )
    await uow.connection.execute(
        """UPDATE outbox SET state = 'dropped', reason = 'too many held' WHERE no IN (
          SELECT no FROM outbox WHERE conversation_id = $1 AND state = 'pending' AND reason = 'held' ORDER BY no DESC OFFSET $2)""",
        home,
        most,
    )


async def follow(uow: UnitOfWork, letter: ClaimedLetter, *, to: str, now: datetime) -> None:
    """The claimed letter's chat goes on under the id `to`: what waits for it goes there, in its order, and is due at once.

    Where the conversation was given the new address nothing has to move; where it goes on as another one, its letters go with it.
    """
    assert letter.message is not None, "what was sent has a body"
    address = replace(letter.message.address, chat=to)
    there = await uow.connection.fetchrow("SELECT id, data_key FROM conversations WHERE address_hash = $1", conversation_hash(uow.keys, address))
    if there is not None and there["id"] != letter.conversation_id and there["data_key"] is not None:
        waiting = await uow.connection.fetch(
            """SELECT id FROM outbox WHERE conversation_id = $1 AND state = 'pending' AND body IS NOT NULL
            AND (id = $2 OR claimed_by IS NULL) ORDER BY no FOR NO KEY UPDATE""",
            letter.conversation_id,
            letter.letter_id,
        )
        for row in waiting:
            await _move(uow, replace(letter, letter_id=row["id"]), there["id"], there["data_key"], [])
    await uow.connection.execute(
        "UPDATE outbox SET reason = 'moved', next_at = $2, claimed_by = NULL WHERE id = $1 AND state = 'pending'", letter.letter_id, now
    )


async def _move(uow: UnitOfWork, letter: ClaimedLetter, to: UUID, data_key: bytes, tried: Sequence[UUID]) -> None:
    """Body and buttons are encrypted with their chat's key. What it quoted or edited is not in the other chat."""
    keys, fetch = uow.keys, uow.connection.fetch
    own_key = await uow.connection.fetchval("SELECT data_key FROM conversations WHERE id = $1", letter.conversation_id)
    body = await uow.connection.fetchval("SELECT body FROM outbox WHERE id = $1", letter.letter_id)
    await uow.connection.execute(
        """UPDATE outbox SET conversation_id = $2, body = $3, tried = $4, edits = NULL, unsure = false, claimed_by = NULL
        WHERE id = $1 AND state = 'pending'""",
        letter.letter_id,
        to,
        keys.encrypt(data_key, keys.decrypt(own_key, body)),
        list(tried),
    )
    for button in await fetch("SELECT id, action FROM buttons WHERE outbox_id = $1", letter.letter_id):
        sealed = keys.encrypt(data_key, keys.decrypt(own_key, button["action"]))
        await uow.connection.execute("UPDATE buttons SET conversation_id = $2, action = $3 WHERE id = $1", button["id"], to, sealed)
