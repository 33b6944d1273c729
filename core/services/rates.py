"""Which rates count on a day: the newest that are known, fetched ones or those that came along."""

from __future__ import annotations

from datetime import date

from core.db import rates
from core.db.session import UnitOfWork
from core.domain.rates import Sheet
from core.ports import RateHistory


async def sheet(uow: UnitOfWork, history: RateHistory | None, *, day: date) -> Sheet | None:
    """The newest rates that are not of a later day; of two of the same day the fetched ones. None where none are known."""
    fetched = await rates.newest(uow, until=day)
    known = await history.sheet(day) if history is not None else None
    found = [each for each in (fetched, known) if each is not None]
    return max(found, key=lambda each: each.day, default=None)
