"""Who is at work: a worker's number is alive while its session holds an advisory lock, so a killed worker's claims are free at once."""

from __future__ import annotations

import secrets

import asyncpg

from core.db.failures import is_open

_LOCK_CLASS = 7_212_501  # any fixed number; it keeps these locks apart from the migrations' lock

# The numbers of all living workers, for use as a CTE named `live`. A claim need not survive a crash of the database
# (the locks do not either), so the claiming statement commits without waiting for the disk.
LIVE = f"""live AS MATERIALIZED (
  SELECT coalesce(array_agg(objid::bigint::integer), '{{}}') AS numbers, set_config('synchronous_commit', 'off', true) AS quick
  FROM pg_locks WHERE locktype = 'advisory' AND classid = {_LOCK_CLASS} AND objsubid = 2 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)"""


class Identity:
    """A worker's number. Holds one connection of the pool for as long as it lives."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._connection: asyncpg.pool.PoolConnectionProxy | None = None
        self._number = 0

    async def number(self) -> int:
        """The number to claim with; a new one where the connection (and with it the lock) was lost."""
        if self._connection is None or not is_open(self._connection):
            await self.close()
            connection = await self._pool.acquire()
            taken = False
            while not taken:
                self._number = 1 + secrets.randbelow(2**31 - 1)
                taken = await connection.fetchval("SELECT pg_try_advisory_lock($1::integer, $2::integer)", _LOCK_CLASS, self._number)
            self._connection = connection
        return self._number

    async def close(self) -> None:
        """Give the number up: whatever is still claimed by it is free for others."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if is_open(connection):
            await connection.execute("SELECT pg_advisory_unlock_all()")
        await self._pool.release(connection)
