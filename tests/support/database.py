"""A real Postgres for tests: a server without fsync a session, a durable one for services as processes; a copy of a migrated template a test."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from core.db.crypto import Keys
from core.db.migrate import migrate
from core.db.session import Database
from integrations.postgres import start_embedded, stop_embedded

TEMPLATE = "tuppence_template"
KEYS = Keys(bytes(range(32)))
MEMORY = Path("/dev/shm")
ROOM_BYTES = 3 << 30  # what two servers may come to: write-ahead logs and a few databases
TENANT_TABLES = (  # whose rows are seen by those alone who name their book
    "books",
    "members",
    "entries",
    "postings",
    "entry_texts",
    "balances",
    "spending",
    "chain",
    "chain_heads",
    "payments",
    "bill_comments",
    "group_log",
    "budgets",
    "goals",
    "categories",
    "recurring",
    "occurrences",
    "tips",
)


@cache
def fast_folder() -> Path | None:
    """Where files are memory: a database, which is hundreds of small ones, is made there in a tenth of the time. None: no such place, or no room."""
    return MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES else None


def named(dsn: str, database: str) -> str:
    """The same server, another database."""
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(path=f"/{database}"))


async def execute(dsn: str, statement: str) -> None:
    """Run statements as the owner."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def _serving(*, durable: bool) -> Iterator[str]:
    """The DSN of a server in a folder of its own, with the migrated template."""
    home = Path(tempfile.mkdtemp(prefix="tuppence-test-", dir=fast_folder()))
    dsn = start_embedded(home, durable=durable)
    try:
        asyncio.run(execute(dsn, f"CREATE DATABASE {TEMPLATE}"))
        migrate(named(dsn, TEMPLATE))
        yield dsn
    finally:
        stop_embedded(home)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The server of this test process that most tests share: nothing of it need outlive a crash."""
    with _serving(durable=False) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def durable_server() -> Iterator[str]:
    """The one of `tuppence serve` as a process, which refuses a server without fsync."""
    with _serving(durable=True) as dsn:
        yield dsn


def _copying(name: str) -> str:
    """The statement that makes a copy: whole files where they are memory; through the log where a file is dear."""
    return f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY {'wal_log' if fast_folder() is None else 'file_copy'}"


@asynccontextmanager
async def _copy(server: str) -> AsyncIterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    await execute(server, _copying(name))
    yield named(server, name)
    await execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def dsn(server: str) -> AsyncIterator[str]:
    """A migrated database of this test alone, as its owner sees it."""
    async with _copy(server) as copy:
        yield copy


@pytest.fixture
async def place(durable_server: str, tmp_path: Path) -> AsyncIterator[tuple[Path, str]]:
    """Where a service can run as a process: a home, and a durable migrated database of this test alone."""
    async with _copy(durable_server) as copy:
        yield tmp_path, copy


@contextmanager
def copy_of_template(server: str) -> Iterator[str]:
    """The same for fixtures that outlive a test, outside an event loop."""
    name = f"test_{secrets.token_hex(6)}"
    asyncio.run(execute(server, _copying(name)))
    try:
        yield named(server, name)
    finally:
        asyncio.run(execute(server, f"DROP DATABASE {name} WITH (FORCE)"))


async def empty(owner: asyncpg.Connection) -> None:
    """Take away all rows of all tables, guards and references aside: for cases that share a database one after the other."""
    tables = await owner.fetch("SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'")
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute(";".join(f"DELETE FROM {table}" for (table,) in tables))


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    """The application's own connections to a fresh database."""
    opened = await Database.open(dsn, keys=KEYS, durable=False)
    yield opened
    await opened.close()


async def group_balances(owner: asyncpg.Connection) -> dict[str, int]:
    """Name to minor units, over all groups."""
    rows = await owner.fetch(
        "SELECT m.name, b.amount FROM balances b JOIN members m USING (book_id, member_id) JOIN books k USING (book_id) WHERE k.kind = 'group'"
    )
    return {row[0]: row[1] for row in rows}
