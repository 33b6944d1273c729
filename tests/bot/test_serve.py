"""`tuppence serve` and `tuppence dead` as the processes that an operator runs."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.bench.harness import Pipe, start_service

ROOT = Path(__file__).parents[2]


def environment(home: Path, dsn: str, port: int) -> dict[str, str]:
    return os.environ | {"TUPPENCE_HOME": str(home), "DATABASE_URL": dsn, "TUPPENCE_PORT": str(port), "TUPPENCE_MASTER_KEY": "11" * 32}


def tuppence(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "bot", *words], cwd=ROOT, env=os.environ | variables, capture_output=True, text=True, timeout=60)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


def test_a_database_that_may_lose_data_is_refused(tmp_path: Path, dsn: str, port: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "serve"], cwd=ROOT, env=environment(tmp_path, dsn, port), capture_output=True, text=True, timeout=60
    )
    assert done.returncode != 0
    assert "fsync" in done.stderr


def test_a_taken_port_is_said_in_one_line(tmp_path: Path, dsn: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        variables = environment(tmp_path, dsn, taken.getsockname()[1])
        done = subprocess.run([sys.executable, "-m", "bot", "serve"], cwd=ROOT, env=variables, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "TUPPENCE_PORT" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_unknown_role_is_refused() -> None:
    done = tuppence("serve", "--role", "web,cook")
    assert done.returncode == 2
    assert "web, worker, scheduler" in done.stderr


async def test_dead_letters_by_the_command_line(place: tuple[Path, str]) -> None:
    home, dsn = place
    received = home / "received"
    received.touch()
    service = await asyncio.to_thread(start_service, home, dsn, received, roles="web", engine="stub")
    pipe = await Pipe.open(service.port)
    assert await pipe.post({"chat": "anna", "id": "1", "position": 1, "text": "canary"}) == 204
    service.process.terminate()
    await asyncio.to_thread(service.process.wait, 30)
    owner = await asyncpg.connect(dsn)
    dead = await owner.fetchval("UPDATE inbox SET state = 'dead', reason = 'crashed', finished_at = now() RETURNING id::text")
    variables = {"TUPPENCE_HOME": str(home), "DATABASE_URL": dsn, "TUPPENCE_MASTER_KEY": "11" * 32}
    listed = await asyncio.to_thread(tuppence, "dead", "list", **variables)
    assert json.loads(listed.stdout)["id"] == dead
    assert "canary" not in listed.stdout
    missing = await asyncio.to_thread(tuppence, "dead", "show", "00000000-0000-0000-0000-000000000000", **variables)
    assert missing.returncode == 1
    retried = await asyncio.to_thread(tuppence, "dead", "retry", dead, **variables)
    assert retried.returncode == 0, retried.stderr
    assert await owner.fetchval("SELECT state FROM inbox") == "pending"
    await owner.close()


async def test_told_to_stop_under_load_it_finishes_what_it_began(place: tuple[Path, str]) -> None:
    home, dsn = place
    received = home / "received"
    received.touch()
    service = await asyncio.to_thread(start_service, home, dsn, received, roles="web,worker,scheduler", engine="stub")
    acked: list[int] = []
    failed: list[int] = []

    async def client(first: int) -> None:
        try:
            pipe = await Pipe.open(service.port)
            for number in range(first, first + 1000):
                status = await pipe.post({"chat": f"chat{first}", "id": str(number), "position": number, "text": "x"})
                (acked if status == 204 else failed).append(number)
        except (ConnectionError, asyncio.IncompleteReadError, OSError):
            return

    clients = [asyncio.create_task(client(number * 1000)) for number in range(8)]
    await asyncio.sleep(1)
    start = time.monotonic()
    service.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(service.process.wait, 30) == 0
    assert time.monotonic() - start < 15
    await asyncio.gather(*clients)
    owner = await asyncpg.connect(dsn)
    stored = {row[0] for row in await owner.fetch("SELECT position FROM inbox")}
    assert failed == []
    assert set(acked) <= stored
    assert await owner.fetchval("SELECT count(*) FROM conversations WHERE claimed_by IS NOT NULL") == 0
    assert await owner.fetchval("SELECT count(*) FROM outbox WHERE claimed_by IS NOT NULL") == 0
    await owner.close()


def test_it_is_ready_within_seconds_and_says_where(place: tuple[Path, str], port: int) -> None:
    home, dsn = place
    start = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "bot", "serve"], cwd=ROOT, env=environment(home, dsn, port), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}" in process.stdout.readline()
        assert time.monotonic() - start < 6, "3 s is the aim on a machine that does nothing else"
        assert httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
