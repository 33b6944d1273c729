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
from uuid import UUID

import asyncpg
import pytest

from bot.settings import Settings, kept_master_key, parse_master_key
from bot.wiring import open_runtime
from core.db.crypto import Keys
from core.db.erasure import erase_person
from core.db.migrate import migrate
from core.db.session import Database
from core.db.webchat import WebPeople
from core.db.webchat_files import WebFiles
from core.db.webchat_messages import WebMessages
from integrations.postgres import binary_folders, start_embedded, stop_embedded
from integrations.storage.local import LocalBlobs
from tests.support.builders import NOW, expense, make_person
from tests.support.canaries import everything_kept, found

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


def test_nobody_who_was_erased_comes_back_with_an_older_backup(tmp_path: Path) -> None:
    """The deletion list is in TUPPENCE_HOME and in every newer archive; either brings the older one up to date."""
    first, second, third = tmp_path / "first", tmp_path / "second", tmp_path / "third"
    key = b"A" * 43
    for home in (first, second, third):
        home.mkdir(mode=0o700)
        (home / "master.key").write_bytes(key)
    old, new = tmp_path / "old.tar", tmp_path / "new.tar"
    try:
        dsn = start_embedded(first)
        migrate(dsn)
        person = asyncio.run(_somebody(dsn, first))
        assert tuppence(first, "backup", old).stderr == ""
        asyncio.run(_erase(dsn, first))
        assert tuppence(first, "backup", new).stderr == ""
        listed = (first / "erased.txt").read_text()
        assert str(person) in listed
        assert all(len(line.split()) == 2 for line in listed.splitlines())  # a time and an id, and no more

        assert tuppence(second, "restore", old, "--erased", tmp_path / "nothing.txt").returncode == 1
        assert not (second / "data").exists()
        restored = tuppence(second, "restore", old, "--erased", new)
        assert (restored.returncode, restored.stderr) == (0, "")
        assert "1 person erased again" in restored.stdout
        (third / "erased.txt").write_text(listed)
        assert "1 person erased again" in tuppence(third, "restore", old).stdout
        for home in (second, third):
            back = start_embedded(home)
            kept = asyncio.run(everything_kept(back, Keys(parse_master_key(key.decode())), home / "blobs"))
            assert found(kept, ["Zanzibella", "quillfeather", "PHOTO-CANARY"]) == {}
            assert not [path for path in (home / "blobs").rglob("*") if path.is_file()]
            assert run(back, "SELECT sum(abs(amount)) FROM postings") == 2400
            assert (tuppence(home, "check").returncode, (home / "erased.txt").read_text()) == (0, listed)
    finally:
        for home in (first, second, third):
            stop_embedded(home)


def test_a_service_that_starts_erases_again_who_is_on_its_list(tmp_path: Path) -> None:
    """Whatever brought the person back: a restore that was cut off, a copied data folder, another tool."""
    home = tmp_path / "first"
    home.mkdir(mode=0o700)
    (home / "master.key").write_bytes(b"A" * 43)
    try:
        dsn = start_embedded(home)
        migrate(dsn)
        person = asyncio.run(_somebody(dsn, home))
        (home / "erased.txt").write_text(f"torn line\n2025-03-15T00:00:00+00:00 {person}\n")
        asyncio.run(_start(home))
        assert run(dsn, "SELECT count(*) FROM people WHERE erased_at IS NULL") == 0
        assert run(dsn, "SELECT count(*) FROM erasures") == 0
        assert not [path for path in (home / "blobs").rglob("*") if path.is_file()]
    finally:
        stop_embedded(home)


async def _somebody(dsn: str, home: Path) -> UUID:
    """A web person with a photo, who is a person of the bot with an expense. Returns the latter's id."""
    database = await Database.open(dsn, keys=Keys(kept_master_key(home)))
    try:
        people = WebPeople(database)
        session, _ = await people.open_session(name="Zanzibella", now=NOW)
        web, chat = (await people.people(session))[0], (await people.chats(session))[0]
        photo = await WebFiles(database, LocalBlobs(home / "blobs")).put(
            chat_id=chat.chat_id, person_id=web.person_id, media_type="image/jpeg", data=b"PHOTO-CANARY", now=NOW
        )
        await WebMessages(database).post(
            session, chat_id=chat.chat_id, person_id=web.person_id, request_id="r", kind="photo", text="quillfeather", file_id=photo.file_id, now=NOW
        )
        async with database.unit_of_work() as uow:
            person = await make_person(uow, "Zanzibella", user=web.person_id)
            uow.post(expense(uow.book(person.personal_book_id), 1200, description="quillfeather", author_id=person.person_id))
        return person.person_id
    finally:
        await database.close()


async def _erase(dsn: str, home: Path) -> None:
    database = await Database.open(dsn, keys=Keys(kept_master_key(home)))
    try:
        async with database.unit_of_work() as uow:
            await erase_person(uow, await uow.connection.fetchval("SELECT id FROM people"), now=NOW)
    finally:
        await database.close()


async def _start(home: Path) -> None:
    runtime = await open_runtime(Settings(TUPPENCE_HOME=home), roles=frozenset({"web"}))
    await runtime.close()
