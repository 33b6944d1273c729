"""The real `tuppence serve`, a process that talks to a fake Telegram, and what a test asks of the two."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from tests.support.bot_api_rules import Json
from tests.support.database import group_balances
from tests.support.fake_telegram import BOT_ID, TOKEN, Chat, FakeTelegram
from tests.support.warm_command import WarmCommand

PUBLIC = "https://tuppence.example"
SECRET = "a-secret-of-the-tests-0123456789"


@dataclass
class TelegramService:
    """One running service, its fake platform and the owner's view of its database."""

    fake: FakeTelegram
    owner: asyncpg.Connection
    port: int
    log: Path
    process: WarmCommand

    async def until(self, holds: Callable[[], Any], *, seconds: float = 20) -> Any:
        """Wait for what must come true; returns it. What the bot said so far goes with the failure."""
        try:
            async with asyncio.timeout(seconds):
                while not (value := holds()):
                    await asyncio.sleep(0.01)
                return value
        except TimeoutError:
            said = [(call.method, call.asked) for call in self.fake.calls if call.method not in ("getUpdates", "getMe")]
            raise AssertionError(f"not so within {seconds} s; requests: {said[-8:]}; log: {self.log.read_text()[-2000:]}") from None

    async def said(self, chat: Chat, start: str, *, seconds: float = 20) -> Json:
        """The newest message of the bot in the chat whose text starts so."""
        found: Json = await self.until(lambda: newest(chat, start), seconds=seconds)
        return found

    async def quiet(self) -> None:
        """Until everything that came in is answered and everything that goes out is out."""
        left = "SELECT (SELECT count(*) FROM inbox WHERE state = 'pending') + (SELECT count(*) FROM outbox WHERE state = 'pending')"
        calm = 0
        async with asyncio.timeout(60):
            while calm < 3:
                busy = self.fake.undelivered if self.fake.webhook else 0
                calm = calm + 1 if busy == 0 and await self.owner.fetchval(left) == 0 else 0
                await asyncio.sleep(0.03)

    async def balances(self) -> dict[str, int]:
        """Name to minor units, over all groups."""
        return await group_balances(self.owner)

    async def counts(self) -> tuple[int, ...]:
        """Rows that any accepted message would add to."""
        tables = ("inbox", "inbox_keys", "conversations", "people", "entries", "outbox")
        return tuple([await self.owner.fetchval(f"SELECT count(*) FROM {table}") for table in tables])


def texts(chat: Chat) -> list[str]:
    """What the bot's messages in a chat say now."""
    return [message.get("text") or message.get("caption", "") for message in chat.messages.values() if message.get("from", {}).get("id") == BOT_ID]


def newest(chat: Chat, start: str) -> Json | None:
    own = [message for message in chat.messages.values() if message.get("from", {}).get("id") == BOT_ID]
    return next((message for message in reversed(own) if (message.get("text") or message.get("caption", "")).startswith(start)), None)


def labels(message: Json) -> list[str]:
    return [button["text"] for row in message.get("reply_markup", {}).get("inline_keyboard", []) for button in row]


@asynccontextmanager
async def telegram_service(
    fake: FakeTelegram, dsn: str, home: Path, *, webhook: bool, roles: Sequence[str] = ("web,worker,scheduler",), **variables: str
) -> AsyncIterator[TelegramService]:
    """Start it (with several `roles`, as several processes: the first has the web), wait until it is introduced, and stop it in the end.

    With TEST_PACE="on" it keeps to the platform's pace: a message a second to a chat, twenty a minute to a group.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUPPENCE_", "TELEGRAM_", "TWILIO_", "OPENAI_", "PUBLIC_URL"))}
    environment = kept | {
        "TUPPENCE_HOME": str(home),
        "DATABASE_URL": dsn,
        "TUPPENCE_PORT": str(port),
        "TUPPENCE_MASTER_KEY": "11" * 32,
        "TEST_PACE": "off",
    }
    environment |= {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_BASE": fake.base} | ({"PUBLIC_URL": PUBLIC} if webhook else {}) | variables
    fake.routes[PUBLIC] = f"http://127.0.0.1:{port}"
    log = home / f"serve-{port}.log"
    owner = await asyncpg.connect(dsn)
    processes = []
    with log.open("wb") as output:
        for each in roles:
            streams = {1: output.fileno(), 2: output.fileno()}
            processes.append(await asyncio.to_thread(WarmCommand, ("serve", "--role", each), environment, streams))
    service = TelegramService(fake, owner, port, log, processes[0])
    try:
        await service.until(lambda: "menu_button" in fake.said, seconds=60)
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
        yield service
    finally:
        for process in processes:
            if process.returncode is None:
                process.terminate()
            await asyncio.to_thread(process.wait, 40)
        await owner.close()
