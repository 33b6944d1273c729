"""The outbox: letters to be delivered in each chat's order, who carries them and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from core.db.answers import message_hash
from core.db.bodies import decode_address, decode_outbound
from core.db.claims import LIVE
from core.db.crypto import Keys
from core.db.session import UnitOfWork
from core.domain.messages import OutboundMessage

SCAN = 400  # conversations looked at in one claim


@dataclass(frozen=True, slots=True)
class ClaimedLetter:
    """The first pending letter of a conversation, ready to be sent. `message` None: its body cannot be read any more (erased).

    `stale`: whoever had claimed it before died, a moment ago perhaps. `edited`: its chat has edits that wait. `tried`: conversations that refused it.
    `heard_at`: when the chat's people last wrote. `opted_out`: they want nothing, and have not written since.
    """

    letter_id: UUID
    conversation_id: UUID
    channel: str
    group: bool
    urgency: str
    message: OutboundMessage | None
    book_id: UUID | None
    bill_ids: tuple[UUID, ...]
    tries: int
    trace_id: str
    created_at: datetime
    counts: bool = True
    stale: bool = False
    edited: bool = False
    reason: str | None = None
    tried: tuple[UUID, ...] = ()
    heard_at: datetime | None = None
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """How many letters of a channel can be begun now, and how many of these may be ones that count for its pace."""

    letters: int
    counted: int


@dataclass(frozen=True, slots=True)
class Carried:
    """A letter that a channel took, with the platform's id of it."""

    letter: ClaimedLetter
    platform_id: str


# As for the inbox: hop from conversation to conversation along the index of pending letters. A notification that waits for hours is passed by
# the letters behind it, unless its platform asked for a pause of the whole chat.
# Where a chat rests (its pace), only what does not count goes on. What does not count goes first of all, then replies before notifications,
# then whoever was not written to for the longest: a chat with much to say takes no turn of another.
_GOES_FIRST = "(urgency = 'reply' OR next_at <= $3 OR reason = 'paused')"
_CLAIM = f"""WITH RECURSIVE {LIVE}, heads AS (
  (SELECT conversation_id, no FROM outbox WHERE state = 'pending' AND conversation_id > $1 AND {_GOES_FIRST}
    ORDER BY conversation_id, no LIMIT 1)
  UNION ALL
  SELECT n.* FROM heads h CROSS JOIN LATERAL (
    SELECT conversation_id, no FROM outbox WHERE state = 'pending' AND conversation_id > h.conversation_id AND {_GOES_FIRST}
    ORDER BY conversation_id, no LIMIT 1) n
), seen AS MATERIALIZED (SELECT * FROM heads LIMIT $2),
room AS MATERIALIZED (
  SELECT r.* FROM unnest($5::text[], $6::integer[], $7::integer[]) AS r (channel, letters, counted)
  WHERE NOT EXISTS (SELECT FROM channel_pauses q WHERE q.channel = r.channel AND q.until > $3)
), due AS MATERIALIZED (
  SELECT o.no, o.counts, room.letters, room.counted, row_number() OVER turns AS place, count(*) FILTER (WHERE o.counts) OVER turns AS counted_place
  FROM live, seen s LEFT JOIN chat_limits p ON p.conversation_id = s.conversation_id
  JOIN outbox o ON o.no = CASE WHEN p.free_at > $3 THEN (
    SELECT min(n.no) FROM outbox n WHERE n.conversation_id = s.conversation_id AND n.state = 'pending' AND NOT n.counts) ELSE s.no END
  JOIN conversations c ON c.id = o.conversation_id
  JOIN room ON room.channel = c.channel
  WHERE o.next_at <= $3 AND (o.claimed_by IS NULL OR o.claimed_by <> ALL(live.numbers))
  AND coalesce(p.paused_until <= $3, true)
  WINDOW turns AS (PARTITION BY c.channel ORDER BY o.counts, o.urgency DESC, p.free_at NULLS FIRST, o.no ROWS UNBOUNDED PRECEDING)
), free AS (
  SELECT o.no, o.claimed_by IS NOT NULL AS stale, c.channel, c.kind, c.address, c.data_key, c.heard_at,
    coalesce(c.opted_out_at > coalesce(c.heard_at, '-infinity'), false) AS opted_out
  FROM live, due d JOIN outbox o ON o.no = d.no JOIN conversations c ON c.id = o.conversation_id
  WHERE d.place <= d.letters AND (NOT d.counts OR d.counted_place <= d.counted)
  AND $4 = ANY(live.numbers) AND live.quick = 'off' AND o.state = 'pending' AND o.next_at <= $3
  AND (o.claimed_by IS NULL OR o.claimed_by <> ALL(live.numbers))
  ORDER BY o.conversation_id FOR NO KEY UPDATE OF o SKIP LOCKED
), claimed AS (
  UPDATE outbox o SET claimed_by = $4, tries = tries + CASE WHEN free.stale THEN 1 ELSE 0 END, unsure = o.unsure OR free.stale
  FROM free WHERE o.no = free.no
  RETURNING o.id, o.conversation_id, o.urgency, o.body, o.edits, o.tries, o.trace_id, o.created_at, o.counts, o.unsure, o.reason, o.tried,
    free.stale, free.channel, free.kind, free.address, free.data_key, free.heard_at, free.opted_out
)
SELECT claimed.*, s.*, (
    SELECT coalesce(e.platform_message_id, t.platform_message_id) FROM outbox e LEFT JOIN outbox t ON t.id = e.stands WHERE e.id = claimed.edits
  ) AS edits_platform_id,
  EXISTS (SELECT 1 FROM outbox n WHERE n.conversation_id = claimed.conversation_id AND n.state = 'pending' AND n.edits IS NOT NULL) AS edited
FROM (SELECT count(*) AS seen_count, max(conversation_id::text)::uuid AS seen_last FROM seen) s LEFT JOIN claimed ON true"""


async def claim(
    connection: asyncpg.pool.PoolConnectionProxy, keys: Keys, *, worker: int, after: UUID | None, room: Mapping[str, Room], now: datetime
) -> tuple[tuple[ClaimedLetter, ...], UUID | None]:
    """Claim letters, one a conversation, of each channel as many as there is room for. Also returns where to look on (None: at the start)."""
    letters, counted = [each.letters for each in room.values()], [each.counted for each in room.values()]
    rows = await connection.fetch(_CLAIM, after or UUID(int=0), SCAN, now, worker, list(room), letters, counted)
    claimed = tuple(_letter(keys, row) for row in rows if row["id"] is not None)
    return claimed, rows[0]["seen_last"] if rows[0]["seen_count"] == SCAN else None


def _letter(keys: Keys, row: asyncpg.Record) -> ClaimedLetter:
    message: OutboundMessage | None = None
    book_id: UUID | None = None
    bill_ids: tuple[UUID, ...] = ()
    if row["body"] is not None and row["data_key"] is not None:
        address = decode_address(keys.decrypt(row["data_key"], row["address"]), channel=row["channel"])
        plain = keys.decrypt(row["data_key"], row["body"])
        message, book_id, bill_ids = decode_outbound(
            plain, address=address, edits=row["edits_platform_id"], key=str(row["id"]), again=row["unsure"], created_at=row["created_at"]
        )
    return ClaimedLetter(
        letter_id=row["id"],
        conversation_id=row["conversation_id"],
        channel=row["channel"],
        group=row["kind"] == "group",
        urgency=row["urgency"],
        message=message,
        book_id=book_id,
        bill_ids=bill_ids,
        tries=row["tries"],
        trace_id=row["trace_id"],
        created_at=row["created_at"],
        counts=row["counts"],
        stale=row["stale"],
        edited=row["edited"],
        reason=row["reason"],
        tried=tuple(row["tried"]),
        heard_at=row["heard_at"],
        opted_out=row["opted_out"],
    )


async def mark_sent(uow: UnitOfWork, carried: Sequence[Carried], *, now: datetime) -> bool:
    """The letters were taken by their channels: their words are erased; a reply to one of them will find what it is about.

    Returns whether more waits in any of the chats.
    """
    rows = await uow.connection.fetch(
        """WITH s AS (
          SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bytea[], $5::uuid[], $6::text[])
          AS s (id, platform_id, conversation_id, message_hash, book_id, bill_ids)
        ), effects AS (
          INSERT INTO message_effects (conversation_id, message_hash, version, book_id, bill_ids, outbox_id)
          SELECT conversation_id, message_hash, 0, book_id, bill_ids::uuid[], id FROM s WHERE message_hash IS NOT NULL
          ON CONFLICT (conversation_id, message_hash) DO UPDATE
          SET book_id = excluded.book_id, bill_ids = excluded.bill_ids, outbox_id = excluded.outbox_id
        )
        UPDATE outbox o SET state = 'sent', body = NULL, platform_message_id = s.platform_id, sent_at = $7, claimed_by = NULL FROM s
        WHERE o.id = s.id AND o.state = 'pending'
        RETURNING EXISTS (SELECT 1 FROM outbox n WHERE n.conversation_id = o.conversation_id AND n.state = 'pending' AND n.id <> o.id)""",
        [each.letter.letter_id for each in carried],
        [each.platform_id for each in carried],
        [each.letter.conversation_id for each in carried],
        [_hash(uow.keys, each) for each in carried],
        [each.letter.book_id for each in carried],
        ["{" + ",".join(map(str, each.letter.bill_ids)) + "}" for each in carried],
        now,
    )
    return any(row[0] for row in rows)


def _hash(keys: Keys, carried: Carried) -> bytes | None:
    """None for what is not part of the chat: nobody can reply to a toast."""
    message = carried.letter.message
    if message is None or message.toast or not carried.platform_id:
        return None
    return message_hash(keys, carried.letter.conversation_id, carried.platform_id)


async def postpone(
    connection: asyncpg.pool.PoolConnectionProxy, letter_id: UUID, *, reason: str, next_at: datetime, unsure: bool = False, counted: bool = True
) -> None:
    """Not taken yet: let the letter (and what waits behind it in its chat) wait. `unsure`: it may have arrived. `counted`: it was a try."""
    await connection.execute(
        """UPDATE outbox SET tries = tries + $5::integer, reason = $2, next_at = $3, unsure = unsure OR $4, claimed_by = NULL
        WHERE id = $1 AND state = 'pending'""",
        letter_id, reason, next_at, unsure, int(counted),
    )  # fmt: skip


async def bury(connection: asyncpg.pool.PoolConnectionProxy, letter_id: UUID, *, reason: str) -> None:
    """Never to be sent: the next letter of its chat goes on."""
    await connection.execute(
        "UPDATE outbox SET state = 'dead', reason = $2, claimed_by = NULL WHERE id = $1 AND state = 'pending'", letter_id, reason
    )


async def drop(connection: asyncpg.pool.PoolConnectionProxy, letter_id: UUID, *, reason: str) -> None:
    """Not needed any more: nobody is to look at it."""
    await connection.execute(
        "UPDATE outbox SET state = 'dropped', reason = $2, claimed_by = NULL WHERE id = $1 AND state = 'pending'", letter_id, reason
    )


async def release(connection: asyncpg.pool.PoolConnectionProxy, letter_ids: Sequence[UUID], *, worker: int) -> None:
    """Give claims back: as if the letters had never been claimed."""
    await connection.execute("UPDATE outbox SET claimed_by = NULL WHERE id = ANY($1::uuid[]) AND claimed_by = $2", sorted(letter_ids), worker)
