"""Exchange rates that were fetched, a sheet a day and source. Of no book and no person."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from core.db.session import UnitOfWork
from core.domain.rates import EURO, Sheet


async def keep(uow: UnitOfWork, sheet: Sheet, *, now: datetime) -> None:
    """Keep a day's rates; what its source says anew replaces what it said before."""
    await uow.execute(
        """INSERT INTO rates (base, quote, day, source, rate, fetched_at) SELECT $1, quote, $2, $3, rate, $4
        FROM unnest($5::text[], $6::text[]) AS t (quote, rate)
        ON CONFLICT (day, source, base, quote) DO UPDATE SET rate = excluded.rate, fetched_at = excluded.fetched_at""",
        EURO,
        sheet.day,
        sheet.source,
        now,
        list(sheet.per_euro),
        [f"{rate:f}" for rate in sheet.per_euro.values()],
    )


async def newest(uow: UnitOfWork, *, until: date) -> Sheet | None:
    """The sheet of the newest day that is not after `until`; None where there is none."""
    rows = await uow.connection.fetch(
        """SELECT quote, rate, day, source FROM rates WHERE base = $1 AND (day, source) = (
          SELECT day, source FROM rates WHERE day <= $2 ORDER BY day DESC, source LIMIT 1)""",
        EURO,
        until,
    )
    return Sheet(rows[0]["day"], rows[0]["source"], {row["quote"]: Decimal(row["rate"]) for row in rows}) if rows else None


async def last_fetched(uow: UnitOfWork, source: str) -> datetime | None:
    """When rates of a source were fetched last; None: never."""
    found: datetime | None = await uow.connection.fetchval("SELECT max(fetched_at) FROM rates WHERE source = $1", source)
    return found
