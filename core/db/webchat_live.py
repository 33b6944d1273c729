"""Tells live readers of the web chat that something changed, also from another process. Carries ids, never data."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from core.db.failures import is_open
from core.db.session import Database
from core.db.webchat import WAKE_CHANNEL


class Reader:
    """One live connection: the topics it waits for (chat ids and its session's id) and the bell."""

    def __init__(self, topics: set[str]) -> None:
        self.topics = topics
        self._bell = asyncio.Event()

    def ring(self) -> None:
        self._bell.set()

    async def wait(self, *, timeout_seconds: float) -> bool:
        """True where something changed, False where the time is over."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._bell.wait()
        except TimeoutError:
            return False
        self._bell.clear()
        return True


class WebChatLive:
    """One listening connection a process. Nothing is lost with it: readers also look by themselves, and resume from numbers."""

    def __init__(self, database: Database) -> None:
        self._pool = database.pool
        self._readers: set[Reader] = set()
        self._connection: asyncpg.pool.PoolConnectionProxy | None = None
        self._listening = False
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def reader(self, session_id: str) -> AsyncIterator[Reader]:
        """The listening connection is there as long as somebody reads."""
        reader = Reader({session_id})
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)
            if not self._readers:
                await self._close()

    @property
    def readers(self) -> int:
        return len(self._readers)

    async def ensure(self) -> None:
        """Listen, or listen again where the connection was lost."""
        async with self._opening:
            if self._listening and self._connection is not None and is_open(self._connection):
                return
            await self._close()
            self._connection = await self._pool.acquire()  # kept at once: a reader that goes away meanwhile must not leave it behind
            await self._connection.add_listener(WAKE_CHANNEL, self._heard)
            self._listening = True
        for reader in self._readers:
            reader.ring()

    async def _close(self) -> None:
        connection, self._connection = self._connection, None
        listening, self._listening = self._listening, False
        if connection is None:
            return
        if listening and is_open(connection):
            await connection.remove_listener(WAKE_CHANNEL, self._heard)
        await self._pool.release(connection)

    def _heard(self, _connection: object, _pid: int, _channel: str, topic: object) -> None:
        for reader in self._readers:
            if topic in reader.topics:
                reader.ring()
