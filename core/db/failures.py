"""Which errors of the database mean "try the whole again" and which mean that it is away."""

from __future__ import annotations

import asyncpg

# The connection failed or the server is starting, stopping or full: nothing was wrong with what was asked, and its outcome may be unknown.
GONE: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # so asyncpg calls a connection that was cut between two of its steps
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
)
RETRYABLE: tuple[type[Exception], ...] = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)


def is_retryable(error: BaseException) -> bool:
    """A serialization failure or a deadlock: the same transaction may well succeed."""
    return isinstance(error, RETRYABLE)


def is_database_gone(error: BaseException) -> bool:
    """See GONE."""
    return isinstance(error, GONE)


def is_open(connection: asyncpg.pool.PoolConnectionProxy) -> bool:
    """Whether a connection taken from the pool still lives; one that broke is taken back by the pool, and then refuses even the question."""
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:
        return False
