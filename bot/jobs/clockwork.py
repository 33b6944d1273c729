"""The clock of a process: wakes some work every so often until it is closed. What is due, and whether another process did it, the work knows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC

from bot.log import error_fields, log

LOOK_SECONDS = 30


class Clockwork:
    """`run` until `close`: does `work` at once and then every half minute, never twice at a time.

    What a sleeping machine missed is done once when it wakes. A look that fails is logged; the next one comes all the same.
    """

    def __init__(self, name: str, work: Callable[[], Awaitable[object]], *, every_seconds: float = LOOK_SECONDS) -> None:
        self._name = name
        self._work = work
        self._every_seconds = every_seconds
        self._closing = asyncio.Event()
        self._looking = asyncio.Lock()

    async def run(self) -> None:
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        await self._look()
        clock = AsyncIOScheduler(timezone=UTC)
        clock.add_job(self._look, "interval", seconds=self._every_seconds, coalesce=True, max_instances=1, misfire_grace_time=None)
        clock.start()
        try:
            await self._closing.wait()
            async with self._looking:  # what was begun is finished: shutting down cancels it
                clock.shutdown(wait=False)
        except asyncio.CancelledError:
            clock.shutdown(wait=False)
            raise

    async def _look(self) -> None:
        async with self._looking:
            if self._closing.is_set():
                return
            try:
                await self._work()
            except Exception as error:  # what it needs is away: there is another look
                log.error("look failed", job=self._name, **error_fields(error))

    def close(self) -> None:
        self._closing.set()
