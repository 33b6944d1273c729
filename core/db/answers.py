"""Writes what came of a batch of messages (inbox rows, conversations, effects, letters, buttons) in the transaction of their ledger entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
import orjson

from core.db import notices
from core.db.bodies import encode_button, encode_outbound
from core.db.crypto import Keys
from core.domain.messages import OutboundMessage


@dataclass(frozen=True, slots=True)
class Effect:
    """What one platform message (by the keyed hash of its id) led to. `version`: the newest version whose effect stands."""

    message_hash: bytes
    version: int
    book_id: UUID | None = None
    bill_ids: tuple[UUID, ...] = ()
    outbox_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of one inbox row. `chat_state` (encrypted) and `chat_book_id` replace the conversation's where they are not None.

    `heard_at`: when it was written; letters that were held until then go out.
    """

    inbox_id: UUID
    conversation_id: UUID
    state: Literal["done", "rejected", "dead"]
    reason: str
    erase_body: bool = False
    chat_state: bytes | None = None
    chat_book_id: UUID | None = None
    heard_at: datetime | None = None
    effect: Effect | None = None


@dataclass(frozen=True, slots=True)
class ButtonRow:
    """A button of a letter. `label`: the words under which it is shown."""

    button_id: str
    label: str
    action: dict[str, object]
    person_ids: tuple[UUID, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """One row of the outbox to be. `message`'s address is not stored: the conversation has it. `due`: it waits until then.

    `at_any_hour`: a notification that no quiet hours hold back.
    """

    letter_id: UUID
    conversation_id: UUID
    dedupe_key: bytes
    urgency: Literal["reply", "notification"]
    message: OutboundMessage
    trace_id: str
    edits: UUID | None = None
    book_id: UUID | None = None
    bill_ids: tuple[UUID, ...] = ()
    buttons: tuple[ButtonRow, ...] = field(default=())
    due: datetime | None = None
    at_any_hour: bool = False


def message_hash(keys: Keys, conversation_id: UUID, message_id: str) -> bytes:
    """The keyed hash under which a platform message is found again within its conversation."""
    return keys.digest("message", conversation_id.hex, message_id)


def encrypt_state(keys: Keys, data_key: bytes | None, state: dict[str, object]) -> bytes:
    return keys.encrypt(data_key, orjson.dumps(state))


_FINISH = """WITH f AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::boolean[], $6::bytea[], $7::uuid[],
    $8::bytea[], $9::bigint[], $10::uuid[], $11::text[], $12::uuid[], $15::timestamptz[])
  AS f (inbox_id, conversation_id, state, reason, erase, chat_state, chat_book_id, message_hash, version, book_id, bill_ids, outbox_id, heard_at)
), chats AS (
  UPDATE conversations c SET state = coalesce(f.chat_state, c.state), book_id = coalesce(f.chat_book_id, c.book_id),
    claimed_by = CASE WHEN c.claimed_by = $14 THEN NULL ELSE c.claimed_by END, heard_at = greatest(c.heard_at, f.heard_at)
  FROM f WHERE c.id = f.conversation_id
), awaited AS (
  UPDATE outbox o SET next_at = $13, reason = NULL FROM f WHERE o.conversation_id = f.conversation_id AND o.state = 'pending' AND o.reason = 'held'
  AND f.heard_at IS NOT NULL
), effects AS (
  INSERT INTO message_effects AS e (conversation_id, message_hash, version, book_id, bill_ids, outbox_id)
  SELECT conversation_id, message_hash, version, book_id, bill_ids::uuid[], outbox_id FROM f WHERE message_hash IS NOT NULL
  ON CONFLICT (conversation_id, message_hash) DO UPDATE
  SET version = excluded.version, book_id = excluded.book_id, bill_ids = excluded.bill_ids, outbox_id = coalesce(excluded.outbox_id, e.outbox_id)
  WHERE e.version <= excluded.version
)
UPDATE inbox i SET state = f.state, reason = f.reason, finished_at = $13, body = CASE WHEN f.erase THEN NULL ELSE i.body END,
  sender_hash = CASE WHEN f.erase THEN NULL ELSE i.sender_hash END
FROM f WHERE i.id = f.inbox_id
RETURNING EXISTS (SELECT 1 FROM inbox n WHERE n.conversation_id = i.conversation_id AND n.state = 'pending' AND n.id <> i.id)"""


async def finish(connection: asyncpg.pool.PoolConnectionProxy, finished: Sequence[Finished], *, worker: int, now: datetime) -> bool:
    """End inbox rows of different conversations, keep the conversations' state and the effects, and release the claims, in one statement.

    Returns whether more waits in any of the conversations.
    """
    nothing = Effect(b"", 0)
    effects = [each.effect or nothing for each in finished]
    rows = await connection.fetch(
        _FINISH,
        [each.inbox_id for each in finished],
        [each.conversation_id for each in finished],
        [each.state for each in finished],
        [each.reason for each in finished],
        [each.erase_body for each in finished],
        [each.chat_state for each in finished],
        [each.chat_book_id for each in finished],
        [effect.message_hash or None for effect in effects],
        [effect.version for effect in effects],
        [effect.book_id for effect in effects],
        ["{" + ",".join(map(str, effect.bill_ids)) + "}" for effect in effects],
        [effect.outbox_id for effect in effects],
        now,
        worker,
        [each.heard_at for each in finished],
    )
    return any(row[0] for row in rows)


async def post_letters(
    connection: asyncpg.pool.PoolConnectionProxy, keys: Keys, letters: Sequence[Letter], data_keys: dict[UUID, bytes | None], *, now: datetime
) -> None:
    """Put letters and their buttons into the outbox in the order given. `data_keys`: those known already, by conversation; others are looked up.

    A letter whose dedupe key is there already is left out: it was posted before. A notification waits for the end of its reader's quiet hours.
    """
    held = {each.conversation_id for each in letters if each.urgency == "notification" and not each.at_any_hour}
    quiet = await notices.ends_of_quiet(connection, held, now=now)
    unknown = {each.conversation_id for each in letters} - data_keys.keys()
    if unknown:
        found = await connection.fetch("SELECT id, data_key FROM conversations WHERE id = ANY($1::uuid[])", sorted(unknown))
        data_keys = data_keys | {row[0]: row[1] for row in found}
    await connection.execute(
        """INSERT INTO outbox (id, conversation_id, dedupe_key, urgency, body, edits, next_at, created_at, trace_id, counts)
        SELECT id, conversation_id, dedupe_key, urgency, body, edits, greatest(due, $8), $8, trace_id, counts
        FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[], $5::bytea[], $6::uuid[], $7::text[], $9::boolean[], $10::timestamptz[])
        WITH ORDINALITY AS l (id, conversation_id, dedupe_key, urgency, body, edits, trace_id, counts, due, place)
        ORDER BY place ON CONFLICT (dedupe_key) DO NOTHING""",
        [each.letter_id for each in letters],
        [each.conversation_id for each in letters],
        [each.dedupe_key for each in letters],
        [each.urgency for each in letters],
        [
            keys.encrypt(data_keys[each.conversation_id], encode_outbound(each.message, book_id=each.book_id, bill_ids=each.bill_ids))
            for each in letters
        ],
        [each.edits for each in letters],
        [each.trace_id for each in letters],
        now,
        [not each.message.toast and not each.message.reaction for each in letters],
        [_due(each, quiet) for each in letters],
    )
    buttons = [(letter, place, button) for letter in letters for place, button in enumerate(letter.buttons, 1)]
    if buttons:
        await _keep_buttons(connection, keys, buttons, data_keys)


def _due(letter: Letter, quiet: Mapping[UUID, datetime]) -> datetime | None:
    if letter.urgency == "reply" or letter.at_any_hour or letter.conversation_id not in quiet:
        return letter.due
    ends = quiet[letter.conversation_id]
    return ends if letter.due is None else max(letter.due, ends)


async def _keep_buttons(
    connection: asyncpg.pool.PoolConnectionProxy, keys: Keys, buttons: Sequence[tuple[Letter, int, ButtonRow]], data_keys: dict[UUID, bytes | None]
) -> None:
    await connection.execute(
        """INSERT INTO buttons (id, conversation_id, outbox_id, place, person_ids, action, expires_at)
        SELECT id, conversation_id, outbox_id, place, person_ids::uuid[], action, expires_at
        FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::smallint[], $5::text[], $6::bytea[], $7::timestamptz[])
        AS b (id, conversation_id, outbox_id, place, person_ids, action, expires_at)""",
        [button.button_id for _, _, button in buttons],
        [letter.conversation_id for letter, _, _ in buttons],
        [letter.letter_id for letter, _, _ in buttons],
        [place for _, place, _ in buttons],
        ["{" + ",".join(map(str, button.person_ids)) + "}" for _, _, button in buttons],
        [keys.encrypt(data_keys[letter.conversation_id], encode_button(button.label, button.action)) for letter, _, button in buttons],
        [button.expires_at for _, _, button in buttons],
    )


async def use_buttons(connection: asyncpg.pool.PoolConnectionProxy, button_ids: Sequence[str], *, now: datetime) -> None:
    await connection.execute("UPDATE buttons SET used_at = $2 WHERE id = ANY($1::text[]) AND used_at IS NULL", sorted(button_ids), now)
