"""Wakes sleeping loops: by an event within a process, by the database's notifications between processes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Protocol

from core.db.notifications import Notifications
from core.db.session import Database

INBOX = "inbox"
OUTBOX = "outbox"
RECEIPTS = "receipts"


class Waker(Protocol):
    """The port core.ports.Wake with a loop of its own to run."""

    def notify(self, topic: str) -> None: ...

    async def wait(self, topic: str, *, timeout_seconds: int) -> None: ...

    async def run(self) -> None: ...


class LocalWake:
    """Within one process. A notification that nobody waits for is kept for the next who does."""

    def __init__(self) -> None:
        self._events: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def notify(self, topic: str) -> None:
        self._events[topic].set()

    async def wait(self, topic: str, *, timeout_seconds: int) -> None:
        event = self._events[topic]
        try:
            async with asyncio.timeout(timeout_seconds):
                await event.wait()
        except TimeoutError:
            return
        finally:
            event.clear()

    async def run(self) -> None:
        """Nothing to keep up."""


class DatabaseWake:
    """Between processes: what one notifies, all hear. Loops look for work every second anyway, so a lost notification costs a second."""

    def __init__(self, database: Database) -> None:
        self._local = LocalWake()
        self._notifications = Notifications(database.pool, self._local.notify)
        self._unsent: set[str] = set()
        self._sending = asyncio.Event()

    def notify(self, topic: str) -> None:
        self._local.notify(topic)
        self._unsent.add(topic)
        self._sending.set()

    async def wait(self, topic: str, *, timeout_seconds: int) -> None:
        await self._local.wait(topic, timeout_seconds=timeout_seconds)

    async def run(self) -> None:
        """Send what was notified, many at once, and keep listening. Ends when cancelled."""
        try:
            while True:
                await self._beat()
        finally:
            await self._notifications.close()

    async def _beat(self) -> None:
        try:
            await self._notifications.ensure()
            async with asyncio.timeout(5):
                await self._sending.wait()
            self._sending.clear()
            topics, self._unsent = self._unsent, set()
            for topic in topics:
                await self._notifications.send(topic)
        except TimeoutError:
            return
        except Exception:  # the database is away: the loops poll, and this tries again
            await asyncio.sleep(1)
