"""Brings the schema up to date at start-up: Alembic under a lock, as the database's owner. Everything else runs as the application's role."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import asyncpg

from core.errors import DomainError

FOLDER = Path(__file__).parent / "migrations"
HEAD = max(path.stem.split("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))
LOCK = 7_212_500  # any fixed number: who migrates holds this advisory lock
LOCK_TIMEOUT = "10s"
ROLES = ("tuppence_app", "tuppence_auditor")
GRANTS = (
    "as an administrator of the server, run: CREATE ROLE tuppence_app NOLOGIN; CREATE ROLE tuppence_auditor NOLOGIN; "
    "GRANT tuppence_app, tuppence_auditor TO <the user of DATABASE_URL>"
)


def sqlalchemy_dsn(dsn: str) -> str:
    """The DSN with SQLAlchemy's name of the driver."""
    return "postgresql+asyncpg://" + dsn.split("://", 1)[1]


def migrate(dsn: str) -> str:
    """Apply what is missing, in one transaction, as the database's owner; returns the revision. Not for a thread with an event loop.

    Raises DomainError: `unknown_schema` for a database of a newer version, `roles_missing` where the owner may not make the application's
    roles, `migration_locked` where another process migrates for too long.
    """
    if asyncio.run(revision(dsn)) == HEAD:
        return HEAD
    # Alembic costs 0.4 s to import: only those who migrate pay for it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["url"] = sqlalchemy_dsn(dsn)
    try:
        command.upgrade(config, "head")
    except CommandError as problem:
        raise DomainError("unknown_schema", reason=str(problem)) from problem
    return HEAD


async def revision(dsn: str) -> str | None:
    """The schema's revision; None for a database without one."""
    connection = await asyncpg.connect(dsn)
    try:
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return None
        found: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
        return found
    finally:
        await connection.close()


def explained(problem: BaseException | None) -> DomainError | None:
    """What an owner can do about the database's refusal; None where there is nothing to say."""
    state = getattr(problem, "sqlstate", None) or getattr(problem, "pgcode", None)
    if state == asyncpg.InsufficientPrivilegeError.sqlstate:
        return DomainError("roles_missing", reason=str(problem), remedy=GRANTS)
    if state == asyncpg.LockNotAvailableError.sqlstate:
        return DomainError("migration_locked", reason=f"another process held the lock for {LOCK_TIMEOUT}")
    return None


def run_in(connection: Any, context: Any) -> None:
    """Called by migrations/env.py with a SQLAlchemy connection: lock, then all revisions in one transaction."""
    with context.begin_transaction():
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        context.run_migrations()
        connection.exec_driver_sql("GRANT SELECT ON alembic_version TO tuppence_app")
        connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO tuppence_auditor")
        for role in ROLES:  # a migration that ends in roles that nobody may take on is no migration
            connection.exec_driver_sql(f"SET LOCAL ROLE {role}")
            connection.exec_driver_sql("RESET ROLE")
