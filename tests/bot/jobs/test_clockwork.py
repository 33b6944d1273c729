"""The clock of a process: at once, again and again, never twice at a time, through failures, and what was begun is finished."""

from __future__ import annotations

import asyncio

from bot.jobs.clockwork import Clockwork


async def until(holds: asyncio.Event) -> None:
    async with asyncio.timeout(5):
        await holds.wait()


async def test_it_looks_at_once_and_again_through_failures() -> None:
    looks, thrice = [], asyncio.Event()

    async def work() -> None:
        looks.append(len(looks))
        if len(looks) == 3:
            thrice.set()
        if len(looks) == 1:
            raise RuntimeError("the database is away")

    clock = Clockwork("test", work, every_seconds=0.01)
    running = asyncio.create_task(clock.run())
    await until(thrice)
    clock.close()
    async with asyncio.timeout(5):
        await running


async def test_what_was_begun_is_finished_and_never_two_at_a_time() -> None:
    at_once, most, ended, twice, free = 0, 0, 0, asyncio.Event(), asyncio.Event()

    async def work() -> None:
        nonlocal at_once, most, ended
        at_once, most = at_once + 1, max(most, at_once + 1)
        if ended:
            twice.set()
            await free.wait()
        at_once, ended = at_once - 1, ended + 1

    clock = Clockwork("test", work, every_seconds=0.01)
    running = asyncio.create_task(clock.run())
    await until(twice)
    clock.close()
    await asyncio.sleep(0.05)
    assert not running.done()
    free.set()
    async with asyncio.timeout(5):
        await running
    assert (most, ended) == (1, 2)
