"""The loops of the service inside a test, on its database, with a fake channel and the stub engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from bot.answering import Conversant
from bot.wiring import Runtime, assemble
from core.db.session import Database
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from core.ports import Clock
from tests.support.doubles import FakeChannel, FakeClock
from tests.support.stub_engine import StubEngine


def message(chat: str, number: int, text: str = "x", **fields: Any) -> InboundMessage:
    """A private message; `number` is its id and its position."""
    values: dict[str, Any] = {"kind": InboundKind.TEXT, "chat_kind": ChatKind.PRIVATE, "sender": Person(chat, "Anna"), "position": number}
    values |= {"message_id": str(number), "sent_at": FakeClock().now, "text": text, "address": ChatAddress("fake", "", chat)} | fields
    return InboundMessage(**values)


@dataclass
class Running:
    """A runtime whose loops run, its channel, its clock and its owner's view of the database."""

    runtime: Runtime
    channel: FakeChannel
    clock: FakeClock
    owner: asyncpg.Connection

    async def until(self, holds: Callable[[], Any], *, seconds: float = 10) -> None:
        """Wait for what must come true; a coroutine function is awaited."""
        async with asyncio.timeout(seconds):
            while True:
                value = holds()
                if await value if asyncio.iscoroutine(value) else value:
                    return
                await asyncio.sleep(0.005)

    async def quiet(self) -> None:
        """Until nothing is pending."""
        left = "SELECT (SELECT count(*) FROM inbox WHERE state = 'pending') + (SELECT count(*) FROM outbox WHERE state = 'pending')"

        async def none_left() -> bool:
            return await self.owner.fetchval(left) == 0

        await self.until(none_left)

    async def effects(self) -> list[str]:
        """Descriptions ("chat:message") of all expenses, in the order of their books' chains."""
        rows = await self.owner.fetch("SELECT description FROM entry_texts JOIN entries USING (book_id, entry_id) ORDER BY recorded_at, entry_id")
        return [row[0] for row in rows]


@asynccontextmanager
async def running(
    database: Database,
    dsn: str,
    *,
    roles: tuple[str, ...] = ("web", "worker"),
    engine: Conversant | None = None,
    clock: Clock | None = None,
    channels: Sequence[FakeChannel] = (),
    **options: Any,
) -> AsyncIterator[Running]:
    """`channels`: the first is the one of `Running.channel`; `options` go to bot.wiring.assemble."""
    fake = clock if isinstance(clock, FakeClock) else FakeClock()
    channel = channels[0] if channels else FakeChannel()
    known = {each.name: each for each in (channel, *channels)}
    runtime = assemble(database, clock=fake, channels=known, roles=frozenset(roles), engine=engine or StubEngine(), **options)
    owner = await asyncpg.connect(dsn)
    loops = asyncio.create_task(runtime.run())
    try:
        yield Running(runtime, channel, fake, owner)
    finally:
        runtime.stop()
        async with asyncio.timeout(10):
            await loops
        await owner.close()
