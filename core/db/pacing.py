"""The pace of sending, shared by all processes: a channel's slots, the last sends to each chat, and pauses that a platform asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.db.claims import LIVE
from core.db.session import Connection


@dataclass(frozen=True, slots=True)
class Call:
    """A send that was begun, whatever came of it. `gap`: how long its chat rests now; `a_minute`: how many the chat may see in one (0: any)."""

    conversation_id: UUID
    at: datetime
    gap: timedelta
    a_minute: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """One of a channel's slots. `fresh`: another process had it until now, and may just have begun a send."""

    no: int
    fresh: bool


async def lease_slots(connection: Connection, *, channel: str, most: int, worker: int, until: datetime, now: datetime) -> list[Slot]:
    """Take (or keep) all slots of a channel that no other living worker holds, up to `most`. They are this worker's until then.

    A slot is free once its lease is over, or its worker died.
    """
    await connection.execute(
        """INSERT INTO channel_slots (channel, no, owner, leased_until) SELECT $1, no, 0, '-infinity' FROM generate_series(1, $2::integer) no
        WHERE (SELECT count(*) FROM channel_slots WHERE channel = $1) < $2 ON CONFLICT DO NOTHING""",
        channel,
        most,
    )
    rows = await connection.fetch(
        f"""WITH {LIVE}, free AS (
          SELECT s.no, s.owner, s.leased_until FROM live, channel_slots s
          WHERE s.channel = $1 AND s.no <= $2 AND $3 = ANY(live.numbers) AND live.quick = 'off'
          AND (s.owner = $3 OR s.leased_until <= $5 OR s.owner <> ALL(live.numbers)) ORDER BY s.no FOR UPDATE OF s SKIP LOCKED
        )
        UPDATE channel_slots s SET owner = $3, leased_until = $4 FROM free WHERE s.channel = $1 AND s.no = free.no
        RETURNING s.no, free.owner NOT IN (0, $3) AND free.leased_until > $5 - interval '2 seconds' AS fresh""",
        channel,
        most,
        worker,
        until,
        now,
    )
    return [Slot(row["no"], row["fresh"]) for row in rows]


async def record_calls(connection: Connection, calls: Sequence[Call], *, minute: timedelta) -> None:
    """Let the chats rest: the given gap, and for groups until the minute that holds as many sends as it may is over."""
    ids = [call.conversation_id for call in calls]
    await connection.execute("INSERT INTO chat_limits (conversation_id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING", ids)
    await connection.execute(
        """UPDATE chat_limits p SET
          free_at = greatest(p.free_at, s.at + s.gap,
            CASE WHEN s.most > 0 THEN (p.calls || s.at)[cardinality(p.calls) + 2 - s.most] + $5::interval END),
          calls = CASE WHEN s.most > 0 THEN (p.calls || s.at)[greatest(1, cardinality(p.calls) + 2 - s.most):] ELSE p.calls END
        FROM unnest($1::uuid[], $2::timestamptz[], $3::interval[], $4::integer[]) AS s (id, at, gap, most) WHERE p.conversation_id = s.id""",
        ids,
        [call.at for call in calls],
        [call.gap for call in calls],
        [call.a_minute for call in calls],
        minute,
    )


async def pause_chat(connection: Connection, conversation_id: UUID, *, until: datetime) -> None:
    """Nothing is sent to the chat before then."""
    await connection.execute(
        """INSERT INTO chat_limits AS p (conversation_id, paused_until) VALUES ($1, $2)
        ON CONFLICT (conversation_id) DO UPDATE SET paused_until = greatest(p.paused_until, excluded.paused_until)""",
        conversation_id,
        until,
    )


async def pause_channel(connection: Connection, channel: str, *, until: datetime) -> None:
    """Nothing is sent by the channel before then."""
    await connection.execute(
        """INSERT INTO channel_pauses AS p (channel, until) VALUES ($1, $2)
        ON CONFLICT (channel) DO UPDATE SET until = greatest(p.until, excluded.until)""",
        channel,
        until,
    )


async def slow_down(connection: Connection, conversation_id: UUID, *, now: datetime, every: timedelta) -> bool:
    """Whether the chat is to be told now that it writes too fast; then it is not told again for so long."""
    told = await connection.fetchval(
        """INSERT INTO chat_limits AS p (conversation_id, slowed_at) VALUES ($1, $2)
        ON CONFLICT (conversation_id) DO UPDATE SET slowed_at = excluded.slowed_at
        WHERE p.slowed_at IS NULL OR p.slowed_at <= excluded.slowed_at - $3::interval RETURNING true""",
        conversation_id,
        now,
        every,
    )
    return told is not None
