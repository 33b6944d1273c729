"""Delivers every message many times, shuffled, to two processes: each must have exactly one effect, in its chat's order.

`python -m tests.campaigns.duplicates` delivers 10,000 messages 100,000 times.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import random
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from core.db.migrate import migrate
from integrations.postgres import start_embedded, stop_embedded
from tests.bench.harness import Pipe, start_service
from tests.campaigns.kills import Result, check, text_of
from tests.support.platforms import LoadPlatform

CONNECTIONS = 32


@dataclass
class Duplicates:
    deliveries: int = 0
    effects: int = 0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)


def schedule(*, messages: int, times: int, chats: int, seed: int) -> list[tuple[int, int]]:
    """(chat, number) of every delivery, shuffled; then a chat's messages are numbered as their first copies come, as platforms send them."""
    every = [number for number in range(messages) for _ in range(times)]
    random.Random(seed).shuffle(every)
    numbered: dict[int, tuple[int, int]] = {}
    last: collections.Counter[int] = collections.Counter()
    for each in every:
        if each not in numbered:
            last[each % chats] += 1
            numbered[each] = (each % chats, last[each % chats])
    return [numbered[each] for each in every]


async def deliver_again_and_again(*, messages: int, times: int, chats: int, seed: int) -> Duplicates:
    """A chat's next message is first sent when the one before it was acknowledged; copies are sent whenever."""
    found = Duplicates()
    home = Path(tempfile.mkdtemp(prefix="tuppence-duplicates-"))
    dsn = await asyncio.to_thread(start_embedded, home)
    services = []
    try:
        await asyncio.to_thread(migrate, dsn)
        received = home / "received"
        platform = LoadPlatform(received)
        services = [await asyncio.to_thread(start_service, home, dsn, received, roles="web,worker,scheduler", engine="real") for _ in range(2)]
        start = time.monotonic()
        acked = await _deliver([service.port for service in services], schedule(messages=messages, times=times, chats=chats, seed=seed))
        found.deliveries = messages * times
        connection = await asyncpg.connect(dsn)
        left = "SELECT (SELECT count(*) FROM inbox WHERE state = 'pending') + (SELECT count(*) FROM outbox WHERE state = 'pending')"
        while await connection.fetchval(left) and time.monotonic() - start < 900:
            await asyncio.sleep(0.1)
        found.seconds = time.monotonic() - start
        found.effects = await connection.fetchval("SELECT count(*) FROM entries")
        await connection.close()
        result = Result()
        await check(dsn, platform.received(), acked, result)
        found.findings = result.findings
        if found.effects != messages:
            found.findings.append(f"I2: {found.effects} effects of {messages} messages")
    finally:
        for service in services:
            service.process.terminate()
            await asyncio.to_thread(service.process.wait, 30)
        await asyncio.to_thread(stop_embedded, home)
        shutil.rmtree(home, ignore_errors=True)
    return found


async def _deliver(ports: list[int], deliveries: list[tuple[int, int]]) -> dict[str, list[int]]:
    """Returns what was acknowledged, by chat."""
    acked: dict[tuple[int, int], asyncio.Event] = collections.defaultdict(asyncio.Event)
    queue = collections.deque(deliveries)

    async def carry(pipe: Pipe) -> None:
        while queue:
            chat, number = queue.popleft()
            if number > 1 and not acked[chat, number].is_set():
                await acked[chat, number - 1].wait()
            name = f"chat{chat}"
            body = {"chat": name, "id": f"{name}-{number}", "position": number, "text": text_of(name, number)}
            while await pipe.post(body) != 204:
                await asyncio.sleep(0.05)
            acked[chat, number].set()

    pipes = [await Pipe.open(ports[number % len(ports)]) for number in range(CONNECTIONS)]
    await asyncio.gather(*map(carry, pipes))
    by_chat: dict[str, list[int]] = collections.defaultdict(list)
    for chat, number in acked:
        by_chat[f"chat{chat}"].append(number)
    return by_chat


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    found = asyncio.run(deliver_again_and_again(messages=options.messages, times=options.times, chats=200, seed=options.seed))
    print(f"{options.messages} messages delivered {found.deliveries} times to two processes in {found.seconds:.0f} s: {found.effects} effects")
    print("\n".join(found.findings) or "exactly one effect each, order kept in every chat")
    return 1 if found.findings else 0


if __name__ == "__main__":
    sys.exit(main())
