"""What is left to do for an erased person once it is committed: their name in what others were told, and their chats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core.db.bodies import decode_address, decode_button, encode_button
from core.db.session import UnitOfWork
from core.db.webchat_privacy import rewrite_replies, rewritten
from core.domain.traces import Words


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is left to do for an erased person once it is committed."""

    person_id: UUID
    erased_at: datetime
    own_chats: tuple[UUID, ...]
    heard_in: tuple[UUID, ...]
    words: Words
    blob_keys: tuple[str, ...]


async def next_erasure(uow: UnitOfWork, *, after: UUID) -> Erasure | None:
    """The next unfinished one behind that person's id, locked; None where no other is free."""
    row = await uow.connection.fetchrow("SELECT * FROM erasures WHERE person_id > $1 ORDER BY person_id LIMIT 1 FOR UPDATE SKIP LOCKED", after)
    if row is None:
        return None
    words = orjson.loads(uow.keys.decrypt(row["data_key"], row["words"]))
    return Erasure(
        person_id=row["person_id"],
        erased_at=row["erased_at"],
        own_chats=tuple(row["own_chats"]),
        heard_in=tuple(row["heard_in"]),
        words=Words(tuple(words["names"]), tuple(words["texts"])),
        blob_keys=tuple(row["blob_keys"]),
    )


async def finish_erasure(uow: UnitOfWork, erasure: Erasure) -> bool:
    """Take the names and texts out of what others were told, and forget the addresses of the person's chats. The blobs are the caller's.

    False while a letter of before is on its way (the last word to the person, or one to others that names them): to be called again later.
    Its row goes with the unit of work that it returns True in.
    """
    await _rewrite_letters(uow, erasure)
    await _rewrite_buttons(uow, erasure)
    on_their_way = await uow.connection.fetchval(
        """SELECT EXISTS (SELECT 1 FROM outbox WHERE state = 'pending' AND created_at <= $3 AND
          (conversation_id = ANY($1::uuid[]) OR conversation_id = ANY($2::uuid[]) AND claimed_by IS NOT NULL))""",
        erasure.own_chats,
        erasure.heard_in,
        erasure.erased_at,
    )
    if on_their_way:
        return False
    await forget_in_groups(uow, erasure.heard_in, erasure.person_id)  # again: who was answering then may have written the old words back
    for row in await uow.connection.fetch("SELECT channel, data_key, address FROM conversations WHERE id = ANY($1::uuid[])", erasure.heard_in):
        if row["data_key"] is not None:
            address = decode_address(uow.keys.decrypt(row["data_key"], row["address"]), channel=row["channel"])
            await rewrite_replies(uow, address.chat, erasure.words.taken_out)
    if not await _forget_chats(uow, erasure):
        return False
    await uow.execute("DELETE FROM erasures WHERE person_id = $1", erasure.person_id)
    return True


async def forget_in_groups(uow: UnitOfWork, heard_in: Sequence[UUID], person_id: UUID) -> None:
    """What a group's conversation remembers is its people's last words: those are dropped, and a question of ours that waits for this person."""
    rows = await uow.connection.fetch("SELECT id, data_key, state FROM conversations WHERE id = ANY($1::uuid[]) AND kind = 'group'", heard_in)
    for row in rows:
        if row["state"] is None or row["data_key"] is None:
            continue
        state: dict[str, Any] = orjson.loads(uow.keys.decrypt(row["data_key"], row["state"]))
        kept = {name: value for name, value in state.items() if name not in ("said", "card", "last_question", "made", "made_now")}
        if "proposals" in kept:
            kept["proposals"] = [each for each in kept["proposals"] if each["asker"] != str(person_id)]
        if isinstance(kept.get("pending"), dict) and kept["pending"].get("asker") == str(person_id):
            del kept["pending"]
        if kept != state:
            sealed = uow.keys.encrypt(row["data_key"], orjson.dumps(kept))
            await uow.execute("UPDATE conversations SET state = $2 WHERE id = $1", row["id"], sealed)
    await uow.execute("DELETE FROM buttons WHERE conversation_id = ANY($1::uuid[]) AND person_ids = ARRAY[$2::uuid]", heard_in, person_id)


async def _rewrite_letters(uow: UnitOfWork, erasure: Erasure) -> None:
    """Letters to others that wait, and those that were given up."""
    rows = await uow.connection.fetch(
        """SELECT o.id, o.body, c.data_key FROM outbox o JOIN conversations c ON c.id = o.conversation_id
        WHERE o.conversation_id = ANY($1::uuid[]) AND o.state IN ('pending', 'dead') AND o.claimed_by IS NULL AND o.body IS NOT NULL
        AND c.data_key IS NOT NULL AND o.created_at <= $2""",
        erasure.heard_in,
        erasure.erased_at,
    )
    for row in rows:
        body = orjson.loads(uow.keys.decrypt(row["data_key"], row["body"]))
        new = rewritten(body, erasure.words.taken_out)
        if new != body:
            sealed = uow.keys.encrypt(row["data_key"], orjson.dumps(new))
            await uow.execute("UPDATE outbox SET body = $2 WHERE id = $1 AND claimed_by IS NULL AND body IS NOT NULL", row["id"], sealed)


async def _rewrite_buttons(uow: UnitOfWork, erasure: Erasure) -> None:
    """The labels under which others were asked about the person."""
    rows = await uow.connection.fetch(
        """SELECT b.id, b.action, c.data_key FROM buttons b JOIN conversations c ON c.id = b.conversation_id
        WHERE b.conversation_id = ANY($1::uuid[]) AND c.data_key IS NOT NULL""",
        erasure.heard_in,
    )
    for row in rows:
        label, action = decode_button(uow.keys.decrypt(row["data_key"], row["action"]))
        if (new := erasure.words.taken_out(label)) != label:
            sealed = uow.keys.encrypt(row["data_key"], encode_button(new, action))
            await uow.execute("UPDATE buttons SET action = $2 WHERE id = $1", row["id"], sealed)


async def _forget_chats(uow: UnitOfWork, erasure: Erasure) -> bool:
    """Shred the keys of the person's chats, unless somebody new writes there already. False while that cannot be told yet."""
    await uow.execute(
        "UPDATE outbox SET body = NULL WHERE conversation_id = ANY($1::uuid[]) AND state = 'dead' AND created_at <= $2",
        erasure.own_chats,
        erasure.erased_at,
    )
    free = """id = ANY($1::uuid[]) AND book_id IS NULL AND data_key IS NOT NULL AND claimed_by IS NULL
      AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.conversation_id = conversations.id AND i.state = 'pending')
      AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.conversation_id = conversations.id AND o.state = 'pending')"""
    await uow.execute(f"UPDATE conversations SET data_key = NULL, address = '', state = NULL WHERE {free}", erasure.own_chats)
    busy = await uow.connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM conversations WHERE id = ANY($1::uuid[]) AND book_id IS NULL AND data_key IS NOT NULL)", erasure.own_chats
    )
    return not busy
