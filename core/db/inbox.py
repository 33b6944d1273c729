"""The inbox: what was accepted, who works on it and what became of it. Bodies are encrypted; keys are kept for ever, bodies are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import asyncpg

from core.db.bodies import decode_inbound, encode_address, encode_inbound
from core.db.claims import LIVE
from core.db.conversations import conversation_hash
from core.db.crypto import Keys
from core.db.ids import new_id
from core.db.people import person_hash
from core.db.session import Connection, UnitOfWork
from core.domain.messages import InboundKind, InboundMessage

_VERSIONED = (InboundKind.TEXT, InboundKind.PHOTO, InboundKind.EDIT)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message made ready to be stored: all that costs CPU is done before the transaction."""

    key: bytes
    body_hash: bytes
    body: bytes
    address_hash: bytes
    sender_hash: bytes
    message: InboundMessage
    trace_id: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """The first pending message of a claimed conversation, with that conversation as stored (everything still encrypted)."""

    inbox_id: UUID
    conversation_id: UUID
    key: bytes
    body: bytes | None  # None: erased
    tries: int
    trace_id: str
    received_at: datetime
    channel: str
    data_key: bytes | None
    book_id: UUID | None
    state: bytes | None
    crashed: bool  # whoever had claimed it before died over it, or at least while it was at work on it


@dataclass(frozen=True, slots=True)
class Claim:
    """`messages` to work on; `empty`: claimed chats without a due message; `scanned_to`: where the next search goes on (None: at the start)."""

    messages: tuple[ClaimedMessage, ...]
    empty: tuple[UUID, ...]
    scanned_to: UUID | None


def message_key(keys: Keys, message: InboundMessage) -> bytes:
    """The key of a message's effect: address, message id and version; a press, a reaction and a joining are their sender's."""
    address = message.address
    kind, user = ("message", "") if message.kind in _VERSIONED else (message.kind.value, message.sender.user)
    return keys.digest("inbox", address.channel, address.account, address.chat, kind, message.message_id, str(message.version), user)


def prepare(keys: Keys, message: InboundMessage, *, trace_id: str, now: datetime) -> Incoming:
    """Keys, hashes and the encrypted body. Raises TypeError for texts that are not valid Unicode."""
    plain = encode_inbound(message)
    return Incoming(
        key=message_key(keys, message),
        body_hash=keys.digest("body", plain.decode()),
        body=keys.encrypt(None, plain),
        address_hash=conversation_hash(keys, message.address),
        sender_hash=person_hash(keys, message.address, message.sender.user),
        message=message,
        trace_id=trace_id,
        received_at=now,
    )


async def find_conversations(uow: UnitOfWork, incoming: Sequence[Incoming]) -> dict[bytes, UUID]:
    """Address hash to conversation id, for all of `incoming`; conversations never seen before are made.

    A statement of its own before `store`: one that waited for another process's insert does not see its row.
    """
    wanted = {item.address_hash: item for item in incoming}
    hashes = sorted(wanted)
    find = "SELECT address_hash, id FROM conversations WHERE address_hash = ANY($1::bytea[])"
    known: dict[bytes, UUID] = {row[0]: row[1] for row in await uow.connection.fetch(find, hashes)}
    new = [wanted[each] for each in hashes if each not in known]
    if not new:
        return known
    data_keys = [uow.keys.new_data_key() for _ in new]
    await uow.connection.execute(
        """INSERT INTO conversations (id, address_hash, channel, kind, address, data_key, created_at)
        SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::timestamptz[])
        ON CONFLICT (address_hash) DO NOTHING""",
        [new_id() for _ in new],
        [item.address_hash for item in new],
        [item.message.address.channel for item in new],
        [item.message.chat_kind.value for item in new],
        [uow.keys.encrypt(key, encode_address(item.message.address)) for item, key in zip(new, data_keys, strict=True)],
        data_keys,
        [item.received_at for item in new],
    )
    return known | {row[0]: row[1] for row in await uow.connection.fetch(find, [item.address_hash for item in new])}


async def store(uow: UnitOfWork, incoming: Sequence[Incoming], conversations: dict[bytes, UUID]) -> dict[bytes, bytes]:
    """Store what was never received before, all in one statement. Returns key to body hash of the repeats, as first received.

    Keys are inserted in their own order, so that two processes that take in the same messages do not deadlock.
    """
    first = {item.key: item for item in reversed(incoming)}  # the first of equal keys wins
    numbered = sorted((item for item in first.values()), key=lambda item: item.key)
    order = {id(item): place for place, item in enumerate(incoming)}
    rows = await uow.connection.fetch(
        """WITH incoming AS (
          SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::uuid[], $4::uuid[], $5::bigint[], $6::bytea[], $7::timestamptz[], $8::text[],
            $9::integer[], $10::bytea[])
          AS i (key, body_hash, id, conversation_id, position, body, received_at, trace_id, place, sender_hash)
        ), fresh AS (
          INSERT INTO inbox_keys (key, body_hash, received_at) SELECT key, body_hash, received_at FROM incoming ORDER BY key
          ON CONFLICT (key) DO NOTHING RETURNING key
        )
        INSERT INTO inbox (id, conversation_id, position, key, body, sender_hash, next_at, received_at, trace_id)
        SELECT id, conversation_id, position, key, body, sender_hash, received_at, received_at, trace_id FROM incoming JOIN fresh USING (key)
        ORDER BY place
        RETURNING key""",
        [item.key for item in numbered],
        [item.body_hash for item in numbered],
        [new_id() for _ in numbered],
        [conversations[item.address_hash] for item in numbered],
        [item.message.position for item in numbered],
        [item.body for item in numbered],
        [item.received_at for item in numbered],
        [item.trace_id for item in numbered],
        [order[id(item)] for item in numbered],
        [item.sender_hash for item in numbered],
    )
    repeated = first.keys() - {row[0] for row in rows}
    if not repeated:
        return {}
    found = await uow.connection.fetch("SELECT key, body_hash FROM inbox_keys WHERE key = ANY($1::bytea[])", sorted(repeated))
    return {row[0]: row[1] for row in found}


# The heads of conversations are found by hopping from one conversation to the next along the index of pending messages, going round from
# `scanned_to`: the cost does not depend on how much waits in one chat, and no chat can hold up the others.
# Fresh messages are claimed many at once; of those that failed before, or whose worker died, at most $6: if one of them kills the process,
# only that one is to blame.
_CLAIM = f"""WITH RECURSIVE {LIVE}, heads AS (
  (SELECT conversation_id, next_at, tries FROM inbox WHERE state = 'pending' AND conversation_id > $1 ORDER BY conversation_id, position, no LIMIT 1)
  UNION ALL
  SELECT n.conversation_id, n.next_at, n.tries FROM heads h CROSS JOIN LATERAL (
    SELECT conversation_id, next_at, tries FROM inbox WHERE state = 'pending' AND conversation_id > h.conversation_id
    ORDER BY conversation_id, position, no LIMIT 1) n
), seen AS MATERIALIZED (SELECT * FROM heads LIMIT $2),
due AS MATERIALIZED (
  SELECT c.id, s.tries > 0 OR c.claimed_by IS NOT NULL AS suspect FROM live, seen s JOIN conversations c ON c.id = s.conversation_id
  WHERE s.next_at <= $3 AND (c.claimed_by IS NULL OR c.claimed_by <> ALL(live.numbers))
), ranked AS MATERIALIZED (SELECT id, suspect, row_number() OVER (PARTITION BY suspect ORDER BY id) AS place FROM due),
free AS (
  SELECT c.id, c.claimed_by IS NOT NULL AS stale FROM live, ranked r JOIN conversations c ON c.id = r.id
  WHERE $4 = ANY(live.numbers) AND live.quick = 'off' AND r.place <= CASE WHEN r.suspect THEN $6::integer ELSE $5::integer END
  AND (c.claimed_by IS NULL OR c.claimed_by <> ALL(live.numbers))
  ORDER BY c.id FOR NO KEY UPDATE OF c SKIP LOCKED
), claimed AS (
  UPDATE conversations c SET claimed_by = $4 FROM free WHERE c.id = free.id
  RETURNING c.id, c.channel, c.data_key, c.book_id, c.state, free.stale
)
SELECT claimed.*, s.* FROM (SELECT count(*) AS seen_count, max(conversation_id::text)::uuid AS seen_last FROM seen) s LEFT JOIN claimed ON true"""

_HEADS = """SELECT i.* FROM unnest($1::uuid[]) c (id) CROSS JOIN LATERAL (
  SELECT id, conversation_id, key, body, tries, trace_id, received_at, next_at FROM inbox
  WHERE conversation_id = c.id AND state = 'pending' ORDER BY position, no LIMIT 1) i"""


async def claim(connection: asyncpg.pool.PoolConnectionProxy, *, worker: int, after: UUID | None, limit: int, suspects: int, now: datetime) -> Claim:
    """Claim up to `limit` conversations with a due message, from `after` on, and up to `suspects` whose message was tried before.

    A message whose worker died is a suspect from then on; each further try of it is counted by `begin_again`.
    """
    scan = limit * 4
    rows = await connection.fetch(_CLAIM, after or UUID(int=0), scan, now, worker, limit, suspects)
    conversations = {row["id"]: row for row in rows if row["id"] is not None}
    passed = rows[0]["seen_last"] if rows[0]["seen_count"] == scan else None
    if not conversations:
        return Claim((), (), passed)
    heads = [row for row in await connection.fetch(_HEADS, list(conversations)) if row["next_at"] <= now]
    crashed = [head["id"] for head in heads if conversations[head["conversation_id"]]["stale"] and not head["tries"]]
    if crashed:
        await connection.execute("UPDATE inbox SET tries = 1 WHERE id = ANY($1::uuid[])", crashed)
    messages = tuple(_claimed(head, conversations[head["conversation_id"]]) for head in heads)
    busy = {message.conversation_id for message in messages}
    fresh = [message.conversation_id for message in messages if not message.tries]  # a suspect may stand far behind those that found no room
    scanned_to = max(fresh) if fresh and len(conversations) >= limit else passed
    return Claim(messages, tuple(each for each in conversations if each not in busy), scanned_to)


def _claimed(head: asyncpg.Record, conversation: asyncpg.Record) -> ClaimedMessage:
    return ClaimedMessage(
        inbox_id=head["id"],
        conversation_id=head["conversation_id"],
        key=head["key"],
        body=head["body"],
        tries=max(head["tries"], int(conversation["stale"])),
        trace_id=head["trace_id"],
        received_at=head["received_at"],
        channel=conversation["channel"],
        data_key=conversation["data_key"],
        book_id=conversation["book_id"],
        state=conversation["state"],
        crashed=conversation["stale"],
    )


async def reopen(uow: UnitOfWork, claimed: ClaimedMessage) -> ClaimedMessage:
    """Somebody writes in a chat that was forgotten after an erasure: it gets a new key, and its address from the message."""
    if claimed.data_key is not None or claimed.body is None:
        return claimed
    try:
        address = decode_inbound(uow.keys.decrypt(None, claimed.body)).address
    except Exception:  # a damaged body is counted as such where it is read
        return claimed
    data_key = uow.keys.new_data_key()
    await uow.execute(
        "UPDATE conversations SET data_key = $2, address = $3 WHERE id = $1",
        claimed.conversation_id,
        data_key,
        uow.keys.encrypt(data_key, encode_address(address)),
    )
    return replace(claimed, data_key=data_key, state=None)


async def release(connection: asyncpg.pool.PoolConnectionProxy, conversation_ids: Sequence[UUID], *, worker: int) -> None:
    await connection.execute(
        "UPDATE conversations SET claimed_by = NULL WHERE id = ANY($1::uuid[]) AND claimed_by = $2", sorted(conversation_ids), worker
    )


async def lock_pending(uow: UnitOfWork, inbox_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the messages that nobody finished meanwhile, locked until the transaction ends: the wall behind the claims."""
    rows = await uow.connection.fetch(
        "SELECT id FROM inbox WHERE id = ANY($1::uuid[]) AND state = 'pending' ORDER BY id FOR NO KEY UPDATE", sorted(inbox_ids)
    )
    return {row[0] for row in rows}


async def begin_again(connection: asyncpg.pool.PoolConnectionProxy, inbox_id: UUID) -> None:
    """A suspect is at work from now on: should its process die, it is held to be the cause, and else not."""
    await connection.execute("UPDATE inbox SET tries = tries + 1 WHERE id = $1 AND state = 'pending'", inbox_id)


async def wait_after_crash(connection: asyncpg.pool.PoolConnectionProxy, inbox_id: UUID, *, next_at: datetime) -> None:
    """The try was counted when it began; now the message only waits."""
    await connection.execute("UPDATE inbox SET reason = 'crashed', next_at = $2 WHERE id = $1 AND state = 'pending'", inbox_id, next_at)


async def postpone(connection: asyncpg.pool.PoolConnectionProxy, inbox_id: UUID, *, reason: str, next_at: datetime) -> None:
    """The message failed: let it wait. A suspect's try was counted when it began. Its conversation is released apart."""
    await connection.execute(
        "UPDATE inbox SET tries = greatest(tries, 1), reason = $2, next_at = $3 WHERE id = $1 AND state = 'pending'", inbox_id, reason, next_at
    )


async def let_wait(connection: asyncpg.pool.PoolConnectionProxy, inbox_ids: Sequence[UUID], until: Sequence[datetime]) -> None:
    """They came too fast: each (and what stands behind it in its chat) waits, which is no try."""
    await connection.execute(
        """UPDATE inbox i SET reason = 'paced', next_at = w.until FROM unnest($1::uuid[], $2::timestamptz[]) AS w (id, until)
        WHERE i.id = w.id AND i.state = 'pending'""",
        list(inbox_ids),
        list(until),
    )


async def count_waiting(uow: UnitOfWork, conversations: Sequence[UUID]) -> dict[UUID, int]:
    """Messages of each chat that nobody has answered."""
    rows = await uow.connection.fetch(
        "SELECT conversation_id, count(*) FROM inbox WHERE state = 'pending' AND conversation_id = ANY($1::uuid[]) GROUP BY 1", list(conversations)
    )
    return dict.fromkeys(conversations, 0) | {row[0]: row[1] for row in rows}


async def trouble_with(connection: Connection, keys: Keys, message: InboundMessage) -> str | None:
    """Why a message that was taken in was given up; None where it was not."""
    reason: str | None = await connection.fetchval(
        "SELECT coalesce(reason, 'unknown') FROM inbox WHERE key = $1 AND state = 'dead'", message_key(keys, message)
    )
    return reason
