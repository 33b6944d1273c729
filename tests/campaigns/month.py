"""A month of many people on a channel with a window of 24 hours, some of whom say stop: counts what was sent that must not have been.

`python -m tests.campaigns.month [--days N] [--people N]`; exit 1 where there is any.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree
from uuid import UUID

import asyncpg

from core.db.crypto import Keys
from core.db.migrate import migrate
from core.db.queues import is_quiet
from core.db.session import Database
from core.domain.messages import Capabilities, OutboundMessage
from core.errors import SendError, SendErrorKind
from integrations.postgres import start_embedded, stop_embedded
from tests.support.doubles import FakeClock
from tests.support.letters import letter, post
from tests.support.running import Running, message, running

WINDOW = timedelta(hours=24)
STEP = timedelta(hours=1)


@dataclass
class Carrier:
    """Takes free messages at any time, so that the mistake is ours; templates exist for some. Stops are refused, as a carrier does."""

    clock: FakeClock
    chance: random.Random
    name: str = "fake"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(numbered=True, window_hours=24))
    sent: list[OutboundMessage] = field(default_factory=list)
    heard: dict[str, datetime] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)  # we were told that they stopped
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def attempts(self) -> int:
        return sum(self.counts.values())

    async def send(self, message: OutboundMessage) -> str:
        name = message.address.chat
        if name in self.stopped:
            self.counts["tried after the carrier said stop" if name in self.told else "refused: stopped"] += 1
            self.told.add(name)
            raise SendError(SendErrorKind.OPTED_OUT, "21610")
        if message.notice and self.chance.random() < 0.3:
            self.counts["refused: no template"] += 1
            raise SendError(SendErrorKind.WINDOW_CLOSED, "63016")
        open_ = self.clock() - self.heard[name] < WINDOW
        self.counts["template" if message.notice else "free" if open_ else "free outside the window"] += 1
        self.sent.append(message)
        return f"sent-{len(self.sent)}"

    def wrote(self, name: str) -> None:
        self.heard[name] = self.clock()
        self.stopped.discard(name)
        self.told.discard(name)


async def live(dsn: str, *, days: int, people: int, seed: int) -> Counter[str]:
    """How often what happened."""
    database = await Database.open(dsn, keys=Keys(bytes(range(32))), durable=False)
    clock, chance = FakeClock(), random.Random(seed)
    carrier = Carrier(clock, random.Random(seed + 1))
    ids: dict[str, UUID] = {}
    try:
        async with running(database, dsn, clock=clock, channels=(carrier,), limits=None) as service:  # type: ignore[arg-type]
            for number in range(int(timedelta(days=days) / STEP)):
                clock.now += STEP
                await _hour(database, service, carrier, ids, people, number, chance)
                await _quiet(service.owner, service)
            held = await service.owner.fetchval("SELECT count(*) FROM outbox WHERE state = 'pending' AND reason = 'held'")
            return carrier.counts + Counter({"held at the end": held})
    finally:
        await database.close()


async def _hour(
    database: Database, service: Running, carrier: Carrier, ids: dict[str, UUID], people: int, number: int, chance: random.Random
) -> None:
    """Each person writes every day and a half or so, is told something about as often, and now and then says stop."""
    for person in range(people):
        name = f"p{person}"
        if name not in ids or chance.random() < 1 / 36:
            carrier.wrote(name)
            await service.runtime.accept(message(name, number + 1, sent_at=carrier.clock.now))
        elif chance.random() < 1 / 400:
            carrier.stopped.add(name)
    if len(ids) < people:
        await _quiet(service.owner, service)
        async with database.pool.acquire() as connection:
            rows = await connection.fetch("SELECT id FROM conversations ORDER BY created_at, id")
        ids |= {f"p{person}": row["id"] for person, row in enumerate(rows)}  # whose is whose does not matter: all are told things
    told = [letter(each, "news", notification=True) for each in ids.values() if chance.random() < 1 / 24]
    if told:
        await post(database, told, now=carrier.clock())


async def _quiet(owner: asyncpg.Connection, service: Running) -> None:
    async with asyncio.timeout(120):
        service.runtime.nudge()
        while not await is_quiet(owner, now=service.clock()):  # type: ignore[arg-type]
            await asyncio.sleep(0.01)
            service.runtime.nudge()


def wrong(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in ("free outside the window", "tried after the carrier said stop") if counts[name]}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="tuppence-month-"))
    dsn = start_embedded(home, durable=False)
    try:
        migrate(dsn)
        counts = asyncio.run(live(dsn, days=options.days, people=options.people, seed=options.seed))
    finally:
        stop_embedded(home)
        rmtree(home, ignore_errors=True)
    print(f"{options.people} people, {options.days} days: {dict(sorted(counts.items()))}")
    print("; ".join(f"{count} {name}" for name, count in wrong(counts).items()) or "0 free outside the window, 0 after a stop")
    return 1 if wrong(counts) else 0


if __name__ == "__main__":
    sys.exit(main())
