"""What is known of claimed messages before they are answered: earlier effects, pressed buttons and senders, for many messages at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from core.db.answers import Effect, encrypt_state
from core.db.bodies import decode_button, encode_address
from core.db.crypto import Keys
from core.db.ids import new_id
from core.db.session import UnitOfWork
from core.domain.messages import ChatAddress

# Of conversations as `c`: whether nothing may be said there. Who wrote again after they opted out may be written to.
SILENT = "(c.stopped_at IS NOT NULL OR coalesce(c.opted_out_at > coalesce(c.heard_at, '-infinity'), false))"


@dataclass(frozen=True, slots=True)
class StoredButton:
    outbox_id: UUID
    person_ids: tuple[UUID, ...]
    action: dict[str, object]
    expires_at: datetime
    used: bool


def conversation_hash(keys: Keys, address: ChatAddress) -> bytes:
    """The keyed hash by which a chat is found."""
    return keys.digest("conversation", address.channel, address.account, address.chat)


async def book_of_chat(uow: UnitOfWork, address: ChatAddress) -> UUID | None:
    """The chat's own book; None for a chat that was never answered."""
    found: UUID | None = await uow.connection.fetchval(
        "SELECT book_id FROM conversations WHERE address_hash = $1", conversation_hash(uow.keys, address)
    )
    return found


async def move_chat(uow: UnitOfWork, old: ChatAddress, *, to: str, now: datetime) -> None:
    """A known group chat goes on under the chat id `to`: the conversation there has its book and its state from now on. Again changes nothing.

    Whoever is making the old chat's book right now is waited for; who begins later finds it by `shared_book`.
    """
    digest = conversation_hash(uow.keys, old)
    if to == old.chat or await uow.connection.fetchval("SELECT moved_to IS NOT NULL FROM conversations WHERE address_hash = $1", digest):
        return
    row = await uow.connection.fetchrow(
        "SELECT id, channel, kind, book_id, data_key, state FROM conversations WHERE address_hash = $1 FOR NO KEY UPDATE", digest
    )
    if row is None:
        return
    new = ChatAddress(old.channel, old.account, to)
    data_key = uow.keys.new_data_key()
    state = decrypt_state(uow.keys, row["data_key"], row["state"])
    there: UUID = await uow.connection.fetchval(
        """INSERT INTO conversations AS c (id, address_hash, channel, kind, address, data_key, book_id, state, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (address_hash) DO UPDATE SET book_id = coalesce(excluded.book_id, c.book_id) RETURNING id""",
        new_id(),
        conversation_hash(uow.keys, new),
        row["channel"],
        row["kind"],
        uow.keys.encrypt(data_key, encode_address(new)),
        data_key,
        row["book_id"],
        uow.keys.encrypt(data_key, orjson.dumps(state)) if state else None,
        now,
    )
    await uow.connection.execute("UPDATE conversations SET moved_to = $2 WHERE id = $1 AND moved_to IS NULL", row["id"], there)


async def shared_book(uow: UnitOfWork, conversation_id: UUID) -> UUID | None:
    """The book of a chat that has none yet, if it moved here or went on elsewhere and has one there.

    Locks the chat until the transaction ends: of its two ids only one makes a book, and says so by `share_book`.
    """
    newest = await _newest(uow, conversation_id)
    await uow.connection.execute("SELECT FROM conversations WHERE id = $1 FOR NO KEY UPDATE", newest)
    found: UUID | None = await uow.connection.fetchval(
        "SELECT book_id FROM conversations WHERE (id = $1 OR moved_to = $1) AND book_id IS NOT NULL ORDER BY id = $1 DESC LIMIT 1", newest
    )
    return found


async def share_book(uow: UnitOfWork, conversation_id: UUID, book_id: UUID) -> None:
    """The chat has this book from now on, under whichever id: also for messages answered in the same transaction."""
    newest = await _newest(uow, conversation_id)
    await uow.connection.execute(
        "UPDATE conversations SET book_id = $3 WHERE id = ANY($1::uuid[]) OR moved_to = $2", [conversation_id, newest], newest, book_id
    )


async def _newest(uow: UnitOfWork, conversation_id: UUID) -> UUID:
    newest: UUID = await uow.connection.fetchval("SELECT coalesce(moved_to, id) FROM conversations WHERE id = $1", conversation_id)
    return newest


def decrypt_state(keys: Keys, data_key: bytes | None, state: bytes | None) -> dict[str, object]:
    """A conversation's state; empty where there is none or its key was erased."""
    if state is None or data_key is None:
        return {}
    decoded: dict[str, object] = orjson.loads(keys.decrypt(data_key, state))
    return decoded


async def note_card(uow: UnitOfWork, conversation_id: UUID, card: dict[str, object]) -> None:
    """A receipt was shown in another chat than the one that is answered: its people's next words may be about it. Nothing where it was erased."""
    columns = "SELECT data_key, state FROM conversations WHERE id = $1 AND data_key IS NOT NULL FOR NO KEY UPDATE"
    row = await uow.connection.fetchrow(columns, conversation_id)
    if row is not None:
        state = decrypt_state(uow.keys, row["data_key"], row["state"]) | {"card": card}
        sealed = encrypt_state(uow.keys, row["data_key"], state)
        await uow.execute("UPDATE conversations SET state = $2 WHERE id = $1", conversation_id, sealed)


async def load_effects(connection: asyncpg.pool.PoolConnectionProxy, wanted: Sequence[tuple[UUID, bytes]]) -> dict[tuple[UUID, bytes], Effect]:
    """Effects by conversation and message hash; those without one are left out."""
    if not wanted:
        return {}
    rows = await connection.fetch(
        """SELECT conversation_id, message_hash, version, book_id, bill_ids, outbox_id FROM message_effects
        JOIN unnest($1::uuid[], $2::bytea[]) AS w (conversation_id, message_hash) USING (conversation_id, message_hash)""",
        [conversation for conversation, _ in wanted],
        [digest for _, digest in wanted],
    )
    return {(row[0], row[1]): Effect(row[1], row["version"], row["book_id"], tuple(row["bill_ids"]), row["outbox_id"]) for row in rows}


async def load_buttons(uow: UnitOfWork, wanted: Sequence[tuple[UUID, str, bytes | None]]) -> dict[tuple[UUID, str], StoredButton]:
    """Buttons by conversation and id. A button of another conversation is not found: `wanted` is (conversation, button id, data key)."""
    if not wanted:
        return {}
    data_keys = {conversation: data_key for conversation, _, data_key in wanted}
    rows = await uow.connection.fetch(
        """SELECT b.* FROM buttons b JOIN unnest($1::uuid[], $2::text[]) AS w (conversation_id, id) USING (conversation_id, id)""",
        [conversation for conversation, _, _ in wanted],
        [button for _, button, _ in wanted],
    )
    found: dict[tuple[UUID, str], StoredButton] = {}
    for row in rows:
        _, action = decode_button(uow.keys.decrypt(data_keys[row["conversation_id"]], row["action"]))
        found[row["conversation_id"], row["id"]] = StoredButton(
            row["outbox_id"], tuple(row["person_ids"]), action, row["expires_at"], row["used_at"] is not None
        )
    return found
