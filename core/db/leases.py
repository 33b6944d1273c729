"""Leases: of all processes on one database, one at a time does something. Free at once when its holder dies."""

from __future__ import annotations

import hashlib

import asyncpg

from core.db.failures import is_open

_LOCK_CLASS = 7_212_502  # any fixed number; it keeps these locks apart from the workers' and the migrations'


class Lease:
    """An advisory lock on a connection of the pool of its own, by name."""

    def __init__(self, pool: asyncpg.Pool, name: str) -> None:
        self._pool = pool
        self._number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], signed=True)
        self._connection: asyncpg.pool.PoolConnectionProxy | None = None

    async def held(self) -> bool:
        """Whether it is ours, taking it where it is free. Raises what the connection raises."""
        if self._connection is not None and is_open(self._connection):
            return True
        await self.close()
        connection = await self._pool.acquire()
        try:
            taken = await connection.fetchval("SELECT pg_try_advisory_lock($1::integer, $2::integer)", _LOCK_CLASS, self._number)
        except BaseException:
            await self._pool.release(connection)
            raise
        if taken:
            self._connection = connection
        else:
            await self._pool.release(connection)
        return bool(taken)

    async def close(self) -> None:
        """Give it up."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if is_open(connection):
            await connection.execute("SELECT pg_advisory_unlock($1::integer, $2::integer)", _LOCK_CLASS, self._number)
        await self._pool.release(connection)
