"""What was told without being asked, of which book, and how each book's people want to be told. Judges nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from core.db.ledger import STANDS
from core.db.session import Connection, UnitOfWork
from core.domain.notices import Kind, Manners, Pace, Topic, Wish
from core.domain.reminders import after_quiet, is_quiet

# ------------------------------------------------------------------ what was told


@dataclass(frozen=True, slots=True)
class Told:
    """That something was told: `about` it (a category, what was paid for) and the first day of its period. `bill_id`: what set it off, if one did."""

    kind: Kind
    about: str
    period: date
    bill_id: UUID | None = None


def _key(uow: UnitOfWork, book_id: UUID, told: Told) -> bytes:
    return uow.keys.digest("notice", book_id.hex, told.kind, told.about, told.period.isoformat())


async def untold(uow: UnitOfWork, book_id: UUID, found: Sequence[Told], *, within: Sequence[UUID], edited: bool) -> list[Told]:
    """Those that were not told of this book. What was told with a bill that does not stand any more may be told again.

    `within`: the loaded books in which such bills are. `edited`: what was told of the same bill is told in its place.
    """
    if not found:
        return []
    rows = await uow.connection.fetch(
        f"""SELECT n.key_hash, n.bill_id, n.bill_id IS NULL OR EXISTS (
          SELECT 1 FROM entries e WHERE e.book_id = ANY($3::uuid[]) AND e.bill_id = n.bill_id AND {STANDS}) AS stands
        FROM notices n WHERE n.book_id = $1 AND n.key_hash = ANY($2::bytea[])""",
        book_id,
        [_key(uow, book_id, each) for each in found],
        list(within),
    )
    told = {row["key_hash"]: row for row in rows if row["stands"]}

    def is_new(each: Told) -> bool:
        row = told.get(_key(uow, book_id, each))
        return row is None or (edited and each.bill_id is not None and row["bill_id"] == each.bill_id)

    return [each for each in found if is_new(each)]


async def note(uow: UnitOfWork, book_id: UUID, told: Told, *, now: datetime) -> None:
    """It is told now."""
    await uow.execute(
        """INSERT INTO notices (book_id, key_hash, kind, bill_id, told_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (book_id, key_hash) DO UPDATE SET bill_id = excluded.bill_id, told_at = excluded.told_at""",
        book_id,
        _key(uow, book_id, told),
        told.kind.value,
        told.bill_id,
        now,
    )


async def kinds_since(uow: UnitOfWork, book_id: UUID, since: datetime) -> dict[Kind, datetime]:
    """Each kind that was told of a book since then, with when it was last; the newest last. What was seen to come back is but a part of a letter."""
    rows = await uow.connection.fetch(
        "SELECT kind, max(told_at) AS told_at FROM notices WHERE book_id = $1 AND told_at >= $2 GROUP BY kind ORDER BY 2, kind <> 'seen', 1",
        book_id,
        since,
    )
    return {Kind(row["kind"]): row["told_at"] for row in rows}


# ------------------------------------------------------------------ how people want to be told


async def manners(uow: UnitOfWork, book_id: UUID) -> Manners:
    """Those of a person's own book, or of a group's."""
    row = await uow.connection.fetchrow("SELECT * FROM notice_manners WHERE book_id = $1", book_id)
    return Manners() if row is None else _manners(row)


def _manners(row: asyncpg.Record) -> Manners:
    quiet = (row["quiet_from"], row["quiet_until"]) if row["quiet_from"] is not None else None
    wishes = {Topic(topic): Wish(wish) for topic, wish in row["wishes"].items()}
    rests = {Topic(topic): datetime.fromisoformat(until) for topic, until in row["rests"].items()}
    return Manners(quiet=quiet, pace=Pace(row["pace"]), muted_until=row["muted_until"], wishes=wishes, rests=rests)


async def keep(uow: UnitOfWork, book_id: UUID, manners: Manners, *, look_at: datetime) -> None:
    """From now on; there is looked at that moment next."""
    begins, ends = manners.quiet or (None, None)
    await uow.execute(
        """INSERT INTO notice_manners (book_id, quiet_from, quiet_until, pace, muted_until, wishes, rests, look_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (book_id) DO UPDATE SET quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, pace = excluded.pace,
          muted_until = excluded.muted_until, wishes = excluded.wishes, rests = excluded.rests,
          look_at = excluded.look_at""",
        book_id,
        begins,
        ends,
        manners.pace.value,
        manners.muted_until,
        {topic.value: wish.value for topic, wish in manners.wishes.items()},
        {topic.value: until.isoformat() for topic, until in manners.rests.items()},
        look_at,
    )


async def ends_of_quiet(connection: Connection, conversations: Collection[UUID], *, now: datetime) -> dict[UUID, datetime]:
    """Of those private chats among some whose person has quiet hours now: when these end."""
    if not conversations:
        return {}
    rows = await connection.fetch(
        """SELECT c.id, m.quiet_from, m.quiet_until, coalesce(p.time_zone, 'UTC') AS time_zone
        FROM conversations c JOIN notice_manners m ON m.book_id = c.book_id JOIN people p ON p.personal_book_id = c.book_id
        WHERE c.id = ANY($1::uuid[]) AND c.kind = 'private' AND m.quiet_from IS NOT NULL""",
        list(conversations),
    )
    found = {}
    for row in rows:
        zone, quiet = ZoneInfo(row["time_zone"]), (row["quiet_from"], row["quiet_until"])
        if is_quiet(quiet, now.astimezone(zone).time()):
            found[row["id"]] = after_quiet(now, quiet, zone=zone)
    return found


# ------------------------------------------------------------------ whom to look after


@dataclass(frozen=True, slots=True)
class Looked:
    """A book that is to be looked at. `person_id`: whose own it is, who has `books`; None: a group's. `looked_at` None: for the first time."""

    book_id: UUID
    person_id: UUID | None
    books: tuple[UUID, ...]
    time_zone: str | None
    looked_at: datetime | None
    manners: Manners


async def enrol(uow: UnitOfWork, *, now: datetime, active_since: datetime) -> None:
    """Whoever wrote since then, and every group with a chat, is looked after from now on."""
    await uow.execute(
        """INSERT INTO notice_manners (book_id, look_at) SELECT book_id, $1::timestamptz FROM (
          SELECT p.personal_book_id AS book_id FROM people p WHERE p.erased_at IS NULL
            AND EXISTS (SELECT 1 FROM addresses a WHERE a.person_id = p.id AND a.wrote_at >= $2)
          UNION SELECT c.book_id FROM conversations c WHERE c.kind = 'group' AND c.book_id IS NOT NULL AND c.moved_to IS NULL
        ) known WHERE NOT EXISTS (SELECT 1 FROM notice_manners m WHERE m.book_id = known.book_id) ORDER BY book_id
        ON CONFLICT (book_id) DO NOTHING""",
        now,
        active_since,
    )


async def claim(uow: UnitOfWork, *, limit: int, now: datetime) -> list[Looked]:
    """Those whose look is due, for this transaction alone."""
    rows = await uow.connection.fetch(
        """SELECT m.*, p.id AS person_id, p.time_zone, ARRAY(SELECT b.book_id FROM person_books b WHERE b.person_id = p.id) AS books
        FROM notice_manners m
        LEFT JOIN people p ON p.personal_book_id = m.book_id AND p.erased_at IS NULL
        WHERE m.look_at <= $1 ORDER BY m.look_at, m.book_id LIMIT $2 FOR NO KEY UPDATE OF m SKIP LOCKED""",
        now,
        limit,
    )
    return [Looked(row["book_id"], row["person_id"], tuple(row["books"]), row["time_zone"], row["looked_at"], _manners(row)) for row in rows]


async def looked(uow: UnitOfWork, book_id: UUID, *, looked_at: datetime | None, look_at: datetime) -> None:
    """It was looked at (None: not yet, it is not the time), and is to be again then."""
    await uow.execute("UPDATE notice_manners SET looked_at = coalesce($2, looked_at), look_at = $3 WHERE book_id = $1", book_id, looked_at, look_at)


# ------------------------------------------------------------------ when people become one, leave, or ask what is kept


async def move_person(uow: UnitOfWork, *, stays: UUID, goes: UUID) -> None:
    """Who said nothing of how they want to be told goes by what they said elsewhere."""
    await uow.execute(
        """INSERT INTO notice_manners (book_id, quiet_from, quiet_until, pace, muted_until, wishes, rests, looked_at, look_at)
        SELECT s.personal_book_id, m.quiet_from, m.quiet_until, m.pace, m.muted_until, m.wishes, m.rests, m.looked_at, m.look_at
        FROM people g JOIN notice_manners m ON m.book_id = g.personal_book_id JOIN people s ON s.id = $1 WHERE g.id = $2
        ON CONFLICT (book_id) DO NOTHING""",
        stays,
        goes,
    )
    await uow.execute("DELETE FROM notice_manners WHERE book_id = (SELECT personal_book_id FROM people WHERE id = $1)", goes)


async def erase_rows(uow: UnitOfWork, person_id: UUID) -> None:
    """Of the person's own book."""
    for table in ("notices", "notice_manners"):
        await uow.execute(f"DELETE FROM {table} WHERE book_id = (SELECT personal_book_id FROM people WHERE id = $1)", person_id)


async def export_rows(uow: UnitOfWork, person_id: UUID) -> dict[str, Any]:
    """How the person wants to be told, and which kinds of notices they were told when."""
    book_id = await uow.connection.fetchval("SELECT personal_book_id FROM people WHERE id = $1", person_id)
    kept = await manners(uow, book_id)
    told = await uow.connection.fetch("SELECT kind, told_at FROM notices WHERE book_id = $1 ORDER BY told_at, kind", book_id)
    return {
        "quiet": [f"{hour:%H:%M}" for hour in kept.quiet] if kept.quiet else None,
        "pace": kept.pace.value,
        "muted_until": kept.muted_until.isoformat() if kept.muted_until else None,
        "wishes": {topic.value: wish.value for topic, wish in kept.wishes.items()},
        "rests": {topic.value: until.isoformat() for topic, until in kept.rests.items()},
        "told": [{"kind": row["kind"], "at": row["told_at"].isoformat()} for row in told],
    }
