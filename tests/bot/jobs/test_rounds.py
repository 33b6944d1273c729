"""A loop that goes on after a failed round and ends when told."""

from __future__ import annotations

import asyncio

from bot.jobs.rounds import Rounds


async def test_a_failed_round_is_followed_by_the_next_until_it_is_closed() -> None:
    done: list[int] = []
    third = asyncio.Event()

    async def work() -> None:
        done.append(len(done))
        if len(done) == 3:
            third.set()
        raise RuntimeError("away")

    rounds = Rounds("work", work, every_seconds=0.001)
    running = asyncio.create_task(rounds.run())
    await asyncio.wait_for(third.wait(), 5)
    rounds.close()
    await asyncio.wait_for(running, 5)
    assert len(done) >= 3
