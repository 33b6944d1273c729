"""How full the inbox and the outbox are, and what was given up: for metrics, readiness and `tuppence dead`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg

from core.db.conversations import conversation_hash
from core.db.crypto import Keys
from core.db.session import UnitOfWork
from core.domain.messages import ChatAddress

Queue = Literal["inbox", "outbox"]
_CREATED = {"inbox": "received_at", "outbox": "created_at"}
_DIED = {"inbox": "finished_at", "outbox": "created_at"}
_COUNT_LIMIT = 10_000  # beyond this the exact number does not matter, and counting would cost


@dataclass(frozen=True, slots=True)
class QueueState:
    pending: int
    dead: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class ChannelState:
    """Letters of one channel that wait: all but those that are held, those whose chat has to rest, those held until somebody writes."""

    waiting: int
    paced: int
    held: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class DeadRow:
    """A row that was given up; nothing in it says what was written."""

    queue: Queue
    row_id: UUID
    channel: str
    reason: str
    tries: int
    created_at: datetime
    trace_id: str
    readable: bool  # the body is still there, so that it can be tried again


async def measure(connection: asyncpg.pool.PoolConnectionProxy) -> dict[str, QueueState]:
    """Counts stop at 10,000."""
    found = {}
    for queue, created in _CREATED.items():
        row = await connection.fetchrow(
            f"""SELECT (SELECT count(*) FROM (SELECT 1 FROM {queue} WHERE state = 'pending' LIMIT {_COUNT_LIMIT}) p) AS pending,
            (SELECT count(*) FROM (SELECT 1 FROM {queue} WHERE state = 'dead' LIMIT {_COUNT_LIMIT}) d) AS dead,
            (SELECT min({created}) FROM (
              SELECT {created} FROM {queue} WHERE state = 'pending' AND reason IS DISTINCT FROM 'held' ORDER BY next_at LIMIT 100) o) AS oldest"""
        )
        assert row is not None, "a SELECT of subqueries gives one row"
        found[queue] = QueueState(row["pending"], row["dead"], row["oldest"])
    return found


async def measure_channels(connection: asyncpg.pool.PoolConnectionProxy, *, now: datetime) -> dict[str, ChannelState]:
    """By channel, of the 10,000 letters that are due first."""
    rows = await connection.fetch(
        f"""SELECT c.channel, count(*) FILTER (WHERE NOT o.held) AS waiting,
          count(*) FILTER (WHERE NOT o.held AND greatest(p.free_at, p.paused_until) > $1) AS paced,
          count(*) FILTER (WHERE o.held) AS held, min(o.created_at) FILTER (WHERE NOT o.held) AS oldest
        FROM (SELECT conversation_id, created_at, reason IS NOT DISTINCT FROM 'held' AS held FROM outbox WHERE state = 'pending'
          ORDER BY next_at LIMIT {_COUNT_LIMIT}) o
        JOIN conversations c ON c.id = o.conversation_id LEFT JOIN chat_limits p ON p.conversation_id = o.conversation_id GROUP BY 1""",
        now,
    )
    return {row["channel"]: ChannelState(row["waiting"], row["paced"], row["held"], row["oldest"]) for row in rows}


async def is_quiet(connection: asyncpg.pool.PoolConnectionProxy, *, now: datetime) -> bool:
    """Nothing is due in either queue, and nothing is on its way."""
    return (await outlook(connection, now=now))[0]


async def outlook(connection: asyncpg.pool.PoolConnectionProxy, *, now: datetime) -> tuple[bool, datetime | None]:
    """Whether all is quiet, and when the first of the messages that failed is due again (None where none waits), at one moment."""
    row = await connection.fetchrow(
        """SELECT EXISTS (SELECT 1 FROM inbox WHERE state = 'pending' AND next_at <= $1)
          OR EXISTS (SELECT 1 FROM outbox WHERE state = 'pending' AND (next_at <= $1 OR claimed_by IS NOT NULL))
          OR EXISTS (SELECT 1 FROM receipts WHERE state = 'waiting') AS busy,
        (SELECT min(next_at) FROM (SELECT next_at FROM inbox WHERE state = 'pending' AND tries > 0
          UNION ALL SELECT next_at FROM receipts WHERE state = 'waiting') w) AS retry""",
        now,
    )
    assert row is not None, "a SELECT of subqueries gives one row"
    return not row["busy"], row["retry"]


async def is_chat_quiet(connection: asyncpg.pool.PoolConnectionProxy, keys: Keys, address: ChatAddress) -> bool:
    """Nothing of one chat waits in either queue."""
    busy = await connection.fetchval(
        """SELECT EXISTS (SELECT 1 FROM inbox i WHERE i.conversation_id = c.id AND i.state = 'pending')
        OR EXISTS (SELECT 1 FROM outbox o WHERE o.conversation_id = c.id AND o.state = 'pending')
        FROM conversations c WHERE c.address_hash = $1""",
        conversation_hash(keys, address),
    )
    return not busy


async def list_dead(connection: asyncpg.pool.PoolConnectionProxy, *, limit: int, row_id: UUID | None = None) -> list[DeadRow]:
    """The newest first, or the one that is named."""
    rows: list[DeadRow] = []
    for queue in _CREATED:
        found = await connection.fetch(
            f"""SELECT q.id, c.channel, q.reason, q.tries, q.{_CREATED[queue]} AS created_at, q.trace_id, q.body IS NOT NULL AS readable
            FROM {queue} q JOIN conversations c ON c.id = q.conversation_id
            WHERE q.state = 'dead' AND ($2::uuid IS NULL OR q.id = $2) ORDER BY q.{_DIED[queue]} DESC LIMIT $1""",
            limit,
            row_id,
        )
        rows += [DeadRow("inbox" if queue == "inbox" else "outbox", row[0], row[1], row[2] or "", row[3], row[4], row[5], row[6]) for row in found]
    return sorted(rows, key=lambda row: row.created_at, reverse=True)[:limit]


async def retry_dead(uow: UnitOfWork, row_ids: Sequence[UUID], *, now: datetime) -> int:
    """Put dead rows whose body is still there back to work. Returns how many.

    A message keeps its place in its chat's order; where a newer version of it was answered meanwhile it will be rejected as superseded.
    """
    inbox = await uow.connection.execute(
        """UPDATE inbox SET state = 'pending', tries = 0, next_at = $2, finished_at = NULL
        WHERE id = ANY($1::uuid[]) AND state = 'dead' AND body IS NOT NULL""",
        list(row_ids),
        now,
    )
    outbox = await uow.connection.execute(
        "UPDATE outbox SET state = 'pending', tries = 0, next_at = $2 WHERE id = ANY($1::uuid[]) AND state = 'dead' AND body IS NOT NULL",
        list(row_ids),
        now,
    )
    return int(inbox.split()[-1]) + int(outbox.split()[-1])


async def drop_dead(uow: UnitOfWork, row_ids: Sequence[UUID]) -> int:
    """Erase the bodies of dead rows and take them off the list. The rows stay, for the record. Returns how many."""
    inbox = await uow.connection.execute(
        "UPDATE inbox SET state = 'rejected', body = NULL, sender_hash = NULL WHERE id = ANY($1::uuid[]) AND state = 'dead'", list(row_ids)
    )
    outbox = await uow.connection.execute(
        "UPDATE outbox SET state = 'dropped', body = NULL WHERE id = ANY($1::uuid[]) AND state = 'dead'", list(row_ids)
    )
    return int(inbox.split()[-1]) + int(outbox.split()[-1])
