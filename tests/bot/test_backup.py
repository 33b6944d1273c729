"""`tuppence backup` and `tuppence restore` as processes, on embedded servers: everything comes back, and nothing is ever overwritten."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from core.db.migrate import migrate
from integrations.postgres import binary_folders, start_embedded, stop_embedded

REPOSITORY = Path(__file__).parents[2]

TABLES = """
DO $$ BEGIN CREATE ROLE tuppence_app NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
CREATE TABLE coins (book int, worth int, PRIMARY KEY (book, worth));
ALTER TABLE coins ENABLE ROW LEVEL SECURITY;
ALTER TABLE coins FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON coins TO tuppence_app USING (book = current_setting('coins.book')::int);
GRANT SELECT ON coins TO tuppence_app;
INSERT INTO coins SELECT n % 3, n FROM generate_series(1, 300) n;
"""


def run(dsn: str, statement: str) -> object:
    async def go() -> object:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(statement) if statement.startswith("SELECT") else await connection.execute(statement)
        finally:
            await connection.close()

    return asyncio.run(go())


def tuppence(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.defpath, "TUPPENCE_HOME": str(home)}
    return subprocess.run([sys.executable, "-m", "bot", *arguments], capture_output=True, text=True, cwd=REPOSITORY, env=environment, check=False)


@pytest.fixture
def backup(tmp_path: Path) -> Iterator[Path]:
    """An archive of a home with a table, a stored file and a key."""
    home = tmp_path / "first"
    dsn = start_embedded(home, durable=False)
    try:
        (home / "master.key").write_bytes(b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
        (home / "blobs" / "ab").mkdir(parents=True)
        (home / "blobs" / "ab" / "cd").write_bytes(b"\x00sealed")
        run(dsn, TABLES)
        done = tuppence(home, "backup", tmp_path / "kept.tar")
        assert (done.returncode, done.stderr) == (0, "")
        yield tmp_path / "kept.tar"
    finally:
        stop_embedded(home)


def second_home(tmp_path: Path, *, key: bytes | None = b"A" * 43) -> Path:
    home = tmp_path / "second"
    home.mkdir(mode=0o700)
    if key:
        (home / "master.key").write_bytes(key)
    return home


def test_everything_comes_back(backup: Path, tmp_path: Path) -> None:
    home = second_home(tmp_path)
    done = tuppence(home, "restore", backup)
    assert (done.returncode, done.stderr) == (0, "")
    assert (home / "blobs" / "ab" / "cd").read_bytes() == b"\x00sealed"
    dsn = start_embedded(home, durable=False)
    try:
        assert run(dsn, "SELECT sum(worth) FROM coins") == 45150
        assert run(dsn, "SELECT relforcerowsecurity FROM pg_class WHERE relname = 'coins'") is True
        assert run(dsn, "SELECT has_table_privilege('tuppence_app', 'coins', 'SELECT')") is True
        assert run(dsn, "SELECT has_table_privilege('tuppence_app', 'coins', 'DELETE')") is False
        again = tuppence(home, "restore", backup)
        assert again.returncode == 1
        assert "not empty" in again.stderr
        (home / "blobs" / "ab" / "cd").unlink()
        (home / "blobs" / "ab").rmdir()
        assert "the database is not empty" in tuppence(home, "restore", backup).stderr
        assert run(dsn, "SELECT count(*) FROM coins") == 300
    finally:
        stop_embedded(home)


def test_an_archive_is_closed_to_others_and_never_overwritten(backup: Path, tmp_path: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    done = tuppence(tmp_path / "first", "backup", backup)
    assert done.returncode == 1
    assert "is there already" in done.stderr
    assert b"AAAAAAAAAAAAAAAA" not in backup.read_bytes()


@pytest.mark.parametrize(("key", "said"), [(None, "no master key"), (b"B" * 42 + b"A", "is not the one that this backup")])
def test_without_its_key_it_is_refused_before_anything_is_made(backup: Path, tmp_path: Path, key: bytes | None, said: str) -> None:
    home = second_home(tmp_path, key=key)
    done = tuppence(home, "restore", backup)
    assert done.returncode == 1
    assert said in done.stderr
    assert [path.name for path in home.iterdir()] == (["master.key"] if key else [])


def archive(file: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(file, "w") as tar:
        for name, data in members.items():
            header = tarfile.TarInfo(name)
            header.size = len(data)
            tar.addfile(header, io.BytesIO(data))
    return file


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    home = second_home(tmp_path)
    (tmp_path / "letter.txt").write_text("Dear Anna")
    other = archive(tmp_path / "other.tar", {"manifest.json": json.dumps({"format": 9, "key": ""}).encode()})
    for file in (tmp_path / "letter.txt", tmp_path / "nowhere.tar", archive(tmp_path / "empty.tar", {}), other):
        done = tuppence(home, "restore", file)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("tuppence restore: ")
        assert "Traceback" not in done.stderr
    assert not (home / "data").exists()


def schema_of(dsn: str) -> list[str]:
    folder = next(folder for folder in binary_folders() if (folder / "pg_dump").exists())
    shown = subprocess.run([folder / "pg_dump", "--schema-only", "--dbname", dsn], capture_output=True, text=True, check=True).stdout
    return [line for line in shown.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]  # these hold a random word


def test_the_product_s_own_schema_comes_back_whole(tmp_path: Path) -> None:
    """Policies, triggers, grants, defaults: the text of both schemas is the same."""
    first, second = tmp_path / "first", second_home(tmp_path)
    first.mkdir()
    (first / "master.key").write_bytes(b"A" * 43)
    try:
        dsn = start_embedded(first, durable=False)
        migrate(dsn)
        assert tuppence(first, "backup", tmp_path / "kept.tar").stderr == ""
        assert tuppence(second, "restore", tmp_path / "kept.tar").stderr == ""
        assert len(schema_of(dsn)) > 500
        assert schema_of(start_embedded(second, durable=False)) == schema_of(dsn)
    finally:
        stop_embedded(first)
        stop_embedded(second)
