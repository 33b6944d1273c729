"""Fetches the exchange rates of today, now and then, and keeps them. Converts nothing."""

from __future__ import annotations

from datetime import timedelta

from bot.jobs.clockwork import Clockwork
from core.db import rates
from core.db.session import Database
from core.errors import ServiceUnavailable
from core.ports import Clock, RateSource

LOOK_SECONDS = 1800
ASKED_EVERY = timedelta(hours=3)  # as long as there are none of today; those of today are kept for the day


class Rates:
    """Looks as often as `refresh` is called, asks far less often: what is known is in the database, for all processes."""

    def __init__(self, source: RateSource, database: Database, *, clock: Clock) -> None:
        self._source = source
        self._database = database
        self._clock = clock

    def clockwork(self) -> Clockwork:
        return Clockwork("rates", self.refresh, every_seconds=LOOK_SECONDS)

    async def refresh(self) -> bool:
        """Whether rates were fetched. Raises ServiceUnavailable where the source does not answer: what is kept serves on, and shows its day."""
        now = self._clock()
        async with self._database.unit_of_work() as uow:
            known = await rates.newest(uow, until=now.date())
            fetched_at = await rates.last_fetched(uow, self._source.name)
        if (known is not None and known.day == now.date()) or (fetched_at is not None and now - fetched_at < ASKED_EVERY):
            return False
        sheet = await self._source.newest()
        if sheet.day > now.date() + timedelta(days=1):  # somewhere it is tomorrow already, and no later
            raise ServiceUnavailable("rates")
        async with self._database.unit_of_work() as uow:
            await rates.keep(uow, sheet, now=now)
        return True
