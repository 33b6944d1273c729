"""How much was done today that costs money (letters, calls of a model), counted where all processes see it and before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.db.session import Database, UnitOfWork

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Cap:
    """`scope`: all, channel, country or chat of letters; model or model_person of calls. `most`: of one day, UTC."""

    scope: str
    key: str
    most: int


class _OverCap(Exception):
    pass


async def count_send(database: Database, caps: Sequence[Cap], *, now: datetime) -> str | None:
    """Count one letter or call under every cap, or under none: then returns the scope whose cap is reached."""
    over = ""
    try:
        async with database.unit_of_work() as uow:
            for cap in caps:  # always in the same order: processes wait for each other instead of deadlocking
                over = cap.scope
                counted = await uow.connection.fetchval(
                    """INSERT INTO day_sends AS d (day, scope, key, sent) SELECT $1, $2, $3, 1 WHERE $4 > 0
                    ON CONFLICT (day, scope, key) DO UPDATE SET sent = d.sent + 1 WHERE d.sent < $4 RETURNING true""",
                    now.astimezone(UTC).date(),
                    cap.scope,
                    cap.key,
                    cap.most,
                )
                if counted is None:
                    raise _OverCap
    except _OverCap:
        return over
    return None


async def forget_old_days(uow: UnitOfWork, *, now: datetime) -> None:
    await uow.connection.execute("DELETE FROM day_sends WHERE day < $1", (now.astimezone(UTC) - KEPT).date())
