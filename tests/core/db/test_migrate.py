"""Migrations: once, whole or not at all, by whoever owns the database."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from core.db.migrate import HEAD, LOCK, migrate, revision
from core.db.session import Database
from core.errors import DomainError
from tests.support.database import KEYS, named

ROOT = Path(__file__).parents[3]
RUN = "import sys; from core.db.migrate import migrate; print(migrate(sys.argv[1]))"


@pytest.fixture
async def empty(server: str) -> AsyncIterator[str]:
    """A database without any schema."""
    name = f"empty_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(server)
    await connection.execute(f"CREATE DATABASE {name}")
    yield named(server, name)
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


def process(dsn: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", RUN, dsn], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


async def test_again_changes_nothing(dsn: str) -> None:
    assert await asyncio.to_thread(migrate, dsn) == HEAD


async def test_two_processes_at_once(empty: str) -> None:
    both = [process(empty) for _ in range(2)]
    assert [await asyncio.to_thread(each.communicate) for each in both] == [(f"{HEAD}\n", "")] * 2


async def test_a_newer_schema_is_left_alone(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await connection.close()
    with pytest.raises(DomainError, match="unknown_schema"):
        await asyncio.to_thread(migrate, dsn)


async def test_killed_halfway_and_run_again(empty: str) -> None:
    """Every moment of the migration is as good as another: it is one transaction."""
    for wait in (0.0, 0.02, 0.05, 0.1):
        lock = await asyncpg.connect(empty)
        await lock.execute("SELECT pg_advisory_lock($1)", LOCK) if wait == 0.0 else None
        victim = process(empty)
        await _reached(empty, victim, locked=wait == 0.0)
        await asyncio.sleep(wait)
        os.kill(victim.pid, signal.SIGKILL)
        victim.communicate()
        await lock.close()
        assert await revision(empty) in (None, HEAD)
    assert await asyncio.to_thread(migrate, empty) == HEAD
    database = await Database.open(empty, keys=KEYS, durable=False)
    await database.close()


async def _reached(dsn: str, victim: subprocess.Popen[str], *, locked: bool) -> None:
    """Wait until the process is inside the database (and waits for the lock)."""
    connection = await asyncpg.connect(dsn)
    try:
        deadline = time.monotonic() + 20
        condition = "wait_event = 'advisory'" if locked else "true"
        query = f"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND {condition}"
        while await connection.fetchval(query) == 0 and victim.poll() is None:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
    finally:
        await connection.close()


@pytest.fixture
async def owned(server: str) -> AsyncIterator[tuple[str, str]]:
    """(owner, DSN): a database whose owner is no superuser and has no part in the application's roles yet."""
    owner = f"owner_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(server)
    await connection.execute(f"CREATE ROLE {owner} LOGIN")
    await connection.execute(f"CREATE DATABASE {owner} OWNER {owner}")
    yield owner, named(server, owner).replace("postgres@", f"{owner}@")
    await connection.execute(f"DROP DATABASE {owner} WITH (FORCE)")
    await connection.execute(f"DROP ROLE {owner}")
    await connection.close()


async def test_an_owner_without_the_roles_is_told_what_to_run(owned: tuple[str, str]) -> None:
    with pytest.raises(DomainError, match="GRANT tuppence_app, tuppence_auditor TO"):
        await asyncio.to_thread(migrate, owned[1])
    assert await revision(owned[1]) is None


async def test_an_owner_with_the_roles_needs_no_more(server: str, owned: tuple[str, str]) -> None:
    connection = await asyncpg.connect(server)
    await connection.execute(f"GRANT tuppence_app, tuppence_auditor TO {owned[0]}")
    await connection.close()
    assert await asyncio.to_thread(migrate, owned[1]) == HEAD
    database = await Database.open(owned[1], keys=KEYS, durable=False)
    await database.close()


async def test_an_owner_who_may_make_roles_makes_them(server: str, owned: tuple[str, str]) -> None:
    owner, dsn = owned
    connection = await asyncpg.connect(server)
    roles = ("tuppence_app", "tuppence_auditor")
    await connection.execute(f"ALTER ROLE {owner} CREATEROLE")
    for role in roles:
        await connection.execute(f"ALTER ROLE {role} RENAME TO kept_{role}")
    try:
        assert await asyncio.to_thread(migrate, dsn) == HEAD
        database = await Database.open(dsn, keys=KEYS, durable=False)
        await database.close()
    finally:
        owner_database = await asyncpg.connect(named(server, owner))
        for role in roles:
            if await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
                await owner_database.execute(f"DROP OWNED BY {role}")
                await connection.execute(f"DROP ROLE {role}")
            await connection.execute(f"ALTER ROLE kept_{role} RENAME TO {role}")
        await owner_database.close()
        await connection.close()
