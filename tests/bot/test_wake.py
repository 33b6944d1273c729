"""Sleeping loops are woken, within a process and between processes."""

from __future__ import annotations

import asyncio
import time

from bot.wake import INBOX, DatabaseWake, LocalWake
from core.db.session import Database
from tests.support.database import KEYS
from tests.support.running import message, running


async def test_a_notification_wakes_and_one_that_came_before_is_kept() -> None:
    wake = LocalWake()
    wake.notify("x")
    start = time.monotonic()
    await wake.wait("x", timeout_seconds=5)
    asyncio.get_running_loop().call_later(0.01, wake.notify, "x")
    await wake.wait("x", timeout_seconds=5)
    assert time.monotonic() - start < 1


async def test_processes_wake_each_other(database: Database, dsn: str) -> None:
    other = await Database.open(dsn, keys=KEYS, durable=False)
    here, there = DatabaseWake(database), DatabaseWake(other)
    loops = [asyncio.create_task(here.run()), asyncio.create_task(there.run())]
    try:
        start = time.monotonic()
        while time.monotonic() - start < 10:
            here.notify(INBOX)
            waited = time.monotonic()
            await there.wait(INBOX, timeout_seconds=1)
            if time.monotonic() - waited < 0.5:
                break
        assert time.monotonic() - start < 5
    finally:
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await other.close()


async def test_a_web_process_and_a_worker_process_work_together(database: Database, dsn: str) -> None:
    other = await Database.open(dsn, keys=KEYS, durable=False)
    try:
        async with running(database, dsn, roles=("web",)) as web, running(other, dsn, roles=("worker",)) as worker:
            await web.runtime.accept(message("anna", 1))
            await worker.until(lambda: worker.channel.texts() == ["noted 1"])
    finally:
        await other.close()
