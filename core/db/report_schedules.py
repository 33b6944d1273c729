"""Reports that people want every so often: when each is due next, and into which chat it goes. Makes none and says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

import asyncpg

from core.db.conversations import SILENT
from core.db.ids import new_id
from core.db.session import UnitOfWork
from core.domain.recurrence import Every


@dataclass(frozen=True, slots=True)
class Standing:
    """A wish: of whom, into which chat, of which book (None: the person's own parts over all of theirs).

    `weekday` (1 is Monday) only of weeks; of months and a year it is the first day. `interval`: every so many of them, of months those that
    divide the year into as long parts. `at` is the time in `zone`. `form`: text, or that of a file.
    `by_mail`: it goes to the person's mailbox, as long as there is one that takes it.
    """

    schedule_id: UUID
    person_id: UUID
    conversation_id: UUID
    book_id: UUID | None
    every: Every
    weekday: int | None
    at: time
    zone: str
    form: str
    language: str
    next_at: datetime
    by_mail: bool = False
    interval: int = 1


@dataclass(frozen=True, slots=True)
class Due:
    """One whose moment has come. `silent`: nothing may be said in its chat."""

    kept: Standing
    conversation_id: UUID
    channel: str
    data_key: bytes | None
    silent: bool


_OF_CHAT = "conversation_id IN (SELECT id FROM conversations WHERE $1 IN (id, moved_to))"  # what was said before the chat moved too


async def keep(uow: UnitOfWork, wish: Standing) -> None:
    """A chat has one for each length of time and book; a newer one takes its place, and that of every week one of every other."""
    await uow.execute(
        f"""DELETE FROM report_schedules WHERE {_OF_CHAT} AND book_id IS NOT DISTINCT FROM $2 AND every = $3
        AND (every_so_many = $4 AND conversation_id <> $1 OR every = 'week' AND every_so_many <> $4)""",
        wish.conversation_id,
        wish.book_id,
        wish.every.value,
        wish.interval,
    )
    await uow.execute(
        """INSERT INTO report_schedules (id, person_id, conversation_id, book_id, every, weekday, at, zone, form, language, next_at, by_mail,
          every_so_many) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (conversation_id, book_id, every, every_so_many) DO UPDATE SET person_id = excluded.person_id,
          weekday = excluded.weekday, at = excluded.at, zone = excluded.zone, form = excluded.form, language = excluded.language,
          next_at = excluded.next_at, by_mail = excluded.by_mail""",
        wish.schedule_id or new_id(),
        wish.person_id,
        wish.conversation_id,
        wish.book_id,
        wish.every.value,
        wish.weekday,
        wish.at,
        wish.zone,
        wish.form,
        wish.language,
        wish.next_at,
        wish.by_mail,
        wish.interval,
    )


async def of_chat(uow: UnitOfWork, conversation_id: UUID) -> list[Standing]:
    """The next one first."""
    await uow.flush()
    rows = await uow.connection.fetch(f"SELECT * FROM report_schedules WHERE {_OF_CHAT} ORDER BY next_at, id", conversation_id)
    return [_standing(row) for row in rows]


async def tells_of_weeks(uow: UnitOfWork, person_id: UUID) -> bool:
    """Whether the person gets a report on their own parts every day or week."""
    found: bool = await uow.connection.fetchval(
        "SELECT EXISTS (SELECT FROM report_schedules WHERE person_id = $1 AND book_id IS NULL AND every IN ('day', 'week'))", person_id
    )
    return found


async def stop(uow: UnitOfWork, conversation_id: UUID) -> None:
    """No more of them into this chat."""
    await uow.execute(f"DELETE FROM report_schedules WHERE {_OF_CHAT}", conversation_id)


async def claim(uow: UnitOfWork, *, limit: int, now: datetime) -> list[Due]:
    """Those that are due, for this transaction alone; a chat that has moved is looked for where it went."""
    rows = await uow.connection.fetch(
        f"""SELECT s.*, c.id AS chat_id, c.channel, c.data_key AS chat_key,
          {SILENT} AS silent
        FROM report_schedules s JOIN conversations o ON o.id = s.conversation_id JOIN conversations c ON c.id = coalesce(o.moved_to, o.id)
        WHERE s.next_at <= $1 ORDER BY s.next_at LIMIT $2 FOR NO KEY UPDATE OF s SKIP LOCKED""",
        now,
        limit,
    )
    return [Due(_standing(row), row["chat_id"], row["channel"], row["chat_key"], row["silent"] or row["chat_key"] is None) for row in rows]


async def set_by_mail(uow: UnitOfWork, person_id: UUID, *, by_mail: bool) -> int:
    """Whether a person's reports go by mail or into their chats: those planned in private, for one in a group is its people's. Returns how many."""
    rows = await uow.connection.fetch(
        "SELECT s.id FROM report_schedules s JOIN conversations c ON c.id = s.conversation_id WHERE s.person_id = $1 AND c.kind = 'private'",
        person_id,
    )
    own = [row["id"] for row in rows]
    await uow.execute("UPDATE report_schedules SET by_mail = $2 WHERE id = ANY($1::uuid[])", own, by_mail)
    return len(own)


async def move_on(uow: UnitOfWork, schedule_id: UUID, *, to: datetime | None) -> None:
    """When it is due next; None: it ends."""
    if to is None:
        await uow.execute("DELETE FROM report_schedules WHERE id = $1", schedule_id)
    else:
        await uow.execute("UPDATE report_schedules SET next_at = $2 WHERE id = $1", schedule_id, to)


def _standing(row: asyncpg.Record) -> Standing:
    return Standing(
        schedule_id=row["id"],
        person_id=row["person_id"],
        conversation_id=row["conversation_id"],
        book_id=row["book_id"],
        every=Every(row["every"]),
        weekday=row["weekday"],
        interval=row["every_so_many"],
        at=row["at"],
        zone=row["zone"],
        form=row["form"],
        language=row["language"],
        next_at=row["next_at"],
        by_mail=row["by_mail"],
    )


# ------------------------------------------------------------------ when people become one, leave, or ask what is kept


async def move_person(uow: UnitOfWork, *, stays: UUID, goes: UUID) -> None:
    await uow.execute("UPDATE report_schedules SET person_id = $1 WHERE person_id = $2", stays, goes)


async def erase_rows(uow: UnitOfWork, person_id: UUID) -> None:
    await uow.execute("DELETE FROM report_schedules WHERE person_id = $1", person_id)


async def export_rows(uow: UnitOfWork, person_id: UUID) -> list[dict[str, Any]]:
    """What reports the person gets, and when."""
    rows = await uow.connection.fetch("SELECT * FROM report_schedules WHERE person_id = $1 ORDER BY id", person_id)
    return [
        {
            "every": row["every"],
            "interval": row["every_so_many"],
            "weekday": row["weekday"],
            "at": row["at"].isoformat(timespec="minutes"),
            "time_zone": row["zone"],
            "form": row["form"],
            "language": row["language"],
            "next": row["next_at"].isoformat(),
            "by_mail": row["by_mail"],
        }
        for row in rows
    ]
