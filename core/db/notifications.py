"""LISTEN and NOTIFY: how processes on one database wake each other. Carries topics, never data."""

from __future__ import annotations

from collections.abc import Callable

import asyncpg

from core.db.failures import is_open

_CHANNEL = "tuppence_wake"


class Notifications:
    """One listening connection of the pool; silence after a lost connection is repaired at the next `ensure`."""

    def __init__(self, pool: asyncpg.Pool, heard: Callable[[str], None]) -> None:
        self._pool = pool
        self._heard = heard
        self._connection: asyncpg.pool.PoolConnectionProxy | None = None

    async def ensure(self) -> None:
        """Listen, or listen again where the connection was lost."""
        if self._connection is not None and is_open(self._connection):
            return
        await self.close()
        self._connection = await self._pool.acquire()
        await self._connection.add_listener(_CHANNEL, self._on_notify)

    def _on_notify(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self._heard(str(payload))

    async def send(self, topic: str) -> None:
        await self._pool.execute("SELECT pg_notify($1, $2)", _CHANNEL, topic)

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if is_open(connection):
            await connection.remove_listener(_CHANNEL, self._on_notify)
        await self._pool.release(connection)
