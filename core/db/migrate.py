"""Brings the schema up to date at start-up: Alembic under a lock, as the database's owner. Everything else runs as the application's role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import asyncpg

from core.errors import DomainError

FOLDER = Path(__file__).parent / "migrations"
HEAD = max(path.stem.split("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))
LOCK = 7_212_500  # any fixed number: who migrates holds this advisory lock
LOCK_TIMEOUT = "10s"


def sqlalchemy_dsn(dsn: str) -> str:
    """The DSN with SQLAlchemy's name of the driver."""
    return "postgresql+asyncpg://" + dsn.split("://", 1)[1]


async def is_current(dsn: str) -> bool:
    """Whether nothing is to be migrated: asked first, for importing Alembic takes longer than the rest of a start."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval("SELECT to_regclass('alembic_version')") is not None and (
            await connection.fetchval("SELECT version_num FROM alembic_version") == HEAD
        )
    finally:
        await connection.close()


def migrate(dsn: str) -> str:
    """Apply what is missing, in one transaction; returns the revision. Not for a thread with an event loop.

    Raises DomainError `unknown_schema` for a newer database.
    """
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


def run_in(connection: Any, context: Any) -> None:
    """Called by migrations/env.py with a SQLAlchemy connection: lock, then all revisions in one transaction."""
    with context.begin_transaction():
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        context.run_migrations()
        connection.exec_driver_sql("GRANT SELECT ON alembic_version TO tuppence_app, tuppence_auditor")
