"""How people want to be written to about payments, and when they were asked where they can be paid. Writes to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.db.session import UnitOfWork

ASKED_EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Manners:
    """`quiet`: they want no reminders. `time_zone`: where they said that they live, by which their night is told."""

    quiet: bool
    time_zone: str | None


async def may_ask(uow: UnitOfWork, person_id: UUID, *, now: datetime) -> bool:
    """Whether the person can be asked where the money can go; they were asked then."""
    asked_at: datetime | None = await uow.connection.fetchval("SELECT asked_at FROM payment_manners WHERE person_id = $1 FOR UPDATE", person_id)
    if asked_at is not None and now - asked_at < ASKED_EVERY:
        return False
    await uow.execute(
        "INSERT INTO payment_manners (person_id, asked_at) VALUES ($1, $2) ON CONFLICT (person_id) DO UPDATE SET asked_at = excluded.asked_at",
        person_id,
        now,
    )
    return True


async def be_quiet(uow: UnitOfWork, person_id: UUID, *, since: datetime | None) -> None:
    """The person wants no reminders from then on (None: wants them again)."""
    await uow.execute(
        """INSERT INTO payment_manners (person_id, quiet_since) VALUES ($1, $2)
        ON CONFLICT (person_id) DO UPDATE SET quiet_since = excluded.quiet_since""",
        person_id,
        since,
    )


async def of_person(uow: UnitOfWork, person_id: UUID) -> Manners:
    """How the person wants to be written to."""
    row = await uow.connection.fetchrow(
        "SELECT p.time_zone, m.quiet_since FROM people p LEFT JOIN payment_manners m ON m.person_id = p.id WHERE p.id = $1", person_id
    )
    return Manners(row["quiet_since"] is not None, row["time_zone"]) if row is not None else Manners(quiet=True, time_zone=None)


# ------------------------------------------------------------------ when people become one, leave, or ask what is kept


async def move_person(uow: UnitOfWork, *, stays: UUID, goes: UUID) -> None:
    """Who wanted no reminders on either side wants none."""
    await uow.execute(
        """INSERT INTO payment_manners (person_id, asked_at, quiet_since) SELECT $1, asked_at, quiet_since FROM payment_manners WHERE person_id = $2
        ON CONFLICT (person_id) DO UPDATE SET quiet_since = coalesce(payment_manners.quiet_since, excluded.quiet_since)""",
        stays,
        goes,
    )
    await erase_rows(uow, goes)


async def erase_rows(uow: UnitOfWork, person_id: UUID) -> None:
    await uow.execute("DELETE FROM payment_manners WHERE person_id = $1", person_id)


async def export_rows(uow: UnitOfWork, person_id: UUID) -> dict[str, str | None]:
    """When the person was asked where they can be paid, and since when they want no reminders; empty where neither was."""
    row = await uow.connection.fetchrow("SELECT asked_at, quiet_since FROM payment_manners WHERE person_id = $1", person_id)
    if row is None:
        return {}
    return {name: row[name] and row[name].isoformat() for name in ("asked_at", "quiet_since")}
