"""Dump and load on a real server: wholly or not at all, and with programs that fit the server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from core.errors import DomainError, ServiceUnavailable
from integrations.dumps import dump_database, load_database
from integrations.postgres import binary_folders, start_embedded, stop_embedded

ROLE = "dumps_test_role"


def run(dsn: str, *statements: str) -> object:
    async def go() -> object:
        connection = await asyncpg.connect(dsn)
        try:
            return [await connection.fetchval(statement) for statement in statements][-1]
        finally:
            await connection.close()

    return asyncio.run(go())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("server")
    yield start_embedded(home, durable=False)
    stop_embedded(home)


def database(server: str, name: str) -> str:
    run(server, f"CREATE DATABASE {name}")
    return server.replace("@/postgres", f"@/{name}")


@pytest.fixture(scope="module")
def dump(server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = database(server, "source")
    run(
        source,
        f"CREATE ROLE {ROLE} NOLOGIN",
        "CREATE TABLE coins AS SELECT n, 'SET transaction_timeout = ' || n AS text FROM generate_series(1, 20000) n",
        f"GRANT SELECT ON coins TO {ROLE}",
    )
    file = tmp_path_factory.mktemp("dump") / "coins.dump"
    dump_database(source, file, folders=binary_folders())
    run(source, f"REVOKE SELECT ON coins FROM {ROLE}", f"DROP ROLE {ROLE}")
    return file


def test_what_is_loaded_is_what_was_dumped_and_missing_roles_are_made(server: str, dump: Path) -> None:
    target = database(server, "target")
    load_database(target, dump, folders=binary_folders(), roles=[ROLE])
    assert run(target, "SELECT count(*) FILTER (WHERE text = 'SET transaction_timeout = ' || n) FROM coins") == 20000
    assert run(target, f"SELECT has_table_privilege('{ROLE}', 'coins', 'SELECT')") is True
    with pytest.raises(DomainError, match="database_not_empty"):
        load_database(target, dump, folders=binary_folders(), roles=[ROLE])


def test_half_a_dump_leaves_nothing(server: str, dump: Path, tmp_path: Path) -> None:
    target = database(server, "half")
    (tmp_path / "half.dump").write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])
    with pytest.raises(ServiceUnavailable):
        load_database(target, tmp_path / "half.dump", folders=binary_folders(), roles=[ROLE])
    assert run(target, "SELECT count(*) FROM pg_class WHERE relname = 'coins'") == 0


def test_a_statement_that_fails_leaves_nothing_and_is_said(server: str, dump: Path) -> None:
    target = database(server, "refused")
    run(target, "CREATE TYPE coins AS ENUM ('a')")  # no table, so that the database counts as empty
    with pytest.raises(ServiceUnavailable, match="coins"):
        load_database(target, dump, folders=binary_folders(), roles=[ROLE])
    assert run(target, "SELECT count(*) FROM pg_class WHERE relname = 'coins' AND relkind = 'r'") == 0


def test_without_programs_it_says_what_to_install(server: str, tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailable, match="postgresql-client"):
        dump_database(server, tmp_path / "x", folders=[tmp_path])


def test_a_server_that_is_away_is_said_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailable) as said:
        dump_database("postgresql://me:hunter2@127.0.0.1:1/money", tmp_path / "x", folders=binary_folders())
    assert "refused" in str(said.value)
    assert "hunter2" not in str(said.value)
