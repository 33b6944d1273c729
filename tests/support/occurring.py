"""A process that lives fast: the product's scheduler and worker with a clock that runs ahead, for the campaign of occurrences."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import log
from bot.conversation.data import load_data
from bot.jobs.recurring import RepeatingBills
from bot.jobs.schedule import Job, Schedule
from bot.wiring import assemble
from core.db.session import Database
from tests.support.database import KEYS
from tests.support.doubles import FakeChannel

LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class FastClock:
    """From `start` at the moment `began` (of the machine's clock), `speed` times as fast until `end`; all processes show the same.

    From then on it goes as any clock does: what failed waits for a time that has to come.
    """

    start: datetime
    end: datetime
    began: float
    speed: float

    def __call__(self) -> datetime:
        passed = time.time() - self.began
        fast = min(passed, (self.end - self.start).total_seconds() / self.speed)
        return self.start + timedelta(seconds=fast * self.speed + passed - fast)


def main(dsn: str, clock: FastClock) -> None:
    """Runs until it is killed."""
    asyncio.run(_live(dsn, clock))


async def _live(dsn: str, clock: FastClock) -> None:
    log.configure(level=logging.ERROR)
    load_data()
    database = await Database.open(dsn, keys=KEYS, durable=False)
    channels = {"fake": FakeChannel()}
    runtime = assemble(database, clock=clock, channels=channels, roles=frozenset({"web", "worker"}), limits=None)
    schedule = Schedule(database, clock=clock, jobs=(Job("repeating_bills", None, RepeatingBills(channels).hand_over),))
    loops = asyncio.create_task(runtime.run())
    while not loops.done():
        if await schedule.run_due() is not None:
            runtime.nudge()
        await asyncio.sleep(LOOK_SECONDS)
    loops.result()
