"""What is known of claimed messages before they are answered: earlier effects, pressed buttons and senders, for many messages at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from core.db.answers import Effect
from core.db.crypto import Keys
from core.db.session import UnitOfWork
from core.domain.messages import ChatAddress


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


def decrypt_state(keys: Keys, data_key: bytes | None, state: bytes | None) -> dict[str, object]:
    """A conversation's state; empty where there is none or its key was erased."""
    if state is None or data_key is None:
        return {}
    decoded: dict[str, object] = orjson.loads(keys.decrypt(data_key, state))
    return decoded


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
        action: dict[str, Any] = orjson.loads(uow.keys.decrypt(data_keys[row["conversation_id"]], row["action"]))
        found[row["conversation_id"], row["id"]] = StoredButton(
            row["outbox_id"], tuple(row["person_ids"]), action, row["expires_at"], row["used_at"] is not None
        )
    return found
