"""An open-loop load generator and a service to aim it at: latencies count from the intended moment of sending, CPU is read from the kernel."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hdrh.histogram import HdrHistogram

from core.db.migrate import migrate
from integrations.postgres import start_embedded, stop_embedded
from tests.support.platforms import Post

ROOT = Path(__file__).parents[2]
TICK = os.sysconf("SC_CLK_TCK")
TEXTS = ("taxi 14", "lunch 9.50", "paid 45 for dinner", "coffee 3,20", "groceries 61.80", "12 for parking", "bus ticket 2.40", "book 18 yesterday")


def histogram() -> HdrHistogram:
    return HdrHistogram(1, 120_000_000, 3)


def shown(latencies: HdrHistogram) -> str:
    """Milliseconds at the usual percentiles."""
    at = {name: latencies.get_value_at_percentile(name) / 1000 for name in (50, 95, 99)}
    return f"p50 {at[50]:.1f} p95 {at[95]:.1f} p99 {at[99]:.1f} max {latencies.get_max_value() / 1000:.1f} ms (n={latencies.get_total_count()})"


class Connection(asyncio.Protocol):
    """One keep-alive HTTP connection with at most one request on its way."""

    def __init__(self, answered: Callable[[Connection, int], None]) -> None:
        self._answered = answered
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def write(self, request: bytes) -> None:
        assert self.transport is not None
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Answers here are short: a status and next to no body, which may come in a segment of its own."""
        if data.startswith(b"HTTP/1.1 "):
            self._answered(self, int(data[9:12]))

    def connection_lost(self, _error: Exception | None) -> None:
        self._answered(self, 0)


@dataclass
class Run:
    """What one run of the generator saw. `sent_at`: the intended moment (monotonic nanoseconds) by chat, in order."""

    acked: HdrHistogram = field(default_factory=histogram)
    lateness: HdrHistogram = field(default_factory=histogram)
    errors: int = 0
    sent: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    sent_at: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


def request_of(post: Post) -> bytes:
    """As it goes over the wire."""
    headers = "".join(f"{name}: {value}\r\n" for name, value in post.headers.items())
    return f"POST {post.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}Content-Length: {len(post.body)}\r\n\r\n".encode() + post.body


def load_post(chat: str, number: int, text: str) -> Post:
    body = {"chat": chat, "id": str(number), "position": number, "text": text}
    return Post("/webhooks/load", json.dumps(body).encode(), {"Content-Type": "application/json"})


async def open_loop(
    port: int,
    *,
    rate: int,
    seconds: float,
    chats: int,
    prefix: str,
    first: int = 0,
    connections: int = 64,
    post: Callable[[str, int, str], Post] = load_post,
) -> Run:
    """Send `rate` messages a second by the clock, to `chats` private chats in turn, whatever the answers do."""
    run = Run()
    loop = asyncio.get_running_loop()
    free: deque[Connection] = deque()
    waiting: deque[tuple[int, bytes]] = deque()
    intended: dict[Connection, int] = {}

    def answered(connection: Connection, status: int) -> None:
        moment = intended.pop(connection, None)
        if moment is not None:
            run.acked.record_value(max(1, (time.monotonic_ns() - moment) // 1000))
            run.errors += status not in (200, 204)
        if status:
            free.append(connection)
            pump()

    def pump() -> None:
        while waiting and free:
            moment, request = waiting.popleft()
            connection = free.popleft()
            intended[connection] = moment
            connection.write(request)

    for _ in range(connections):
        _, connection = await loop.create_connection(lambda: Connection(answered), "127.0.0.1", port)
        free.append(connection)
    cpu, start = time.process_time(), time.monotonic_ns()
    total = int(rate * seconds)
    for number in range(total):
        moment = start + number * 1_000_000_000 // rate
        ahead = (moment - time.monotonic_ns()) / 1e9
        if ahead > 0.001 or number % 50 == 0:
            await asyncio.sleep(max(0.0, ahead))
        run.lateness.record_value(max(1, (time.monotonic_ns() - moment) // 1000))
        chat = f"{prefix}{number % chats}"
        request = request_of(post(chat, first + number, TEXTS[number % len(TEXTS)]))
        run.sent_at[chat].append(moment)
        waiting.append((moment, request))
        pump()
    until = time.monotonic() + 30
    while (waiting or intended) and time.monotonic() < until:
        await asyncio.sleep(0.01)
    run.sent, run.errors = total, run.errors + len(waiting) + len(intended)
    run.seconds, run.cpu = (time.monotonic_ns() - start) / 1e9, time.process_time() - cpu
    for connection in free:
        if connection.transport is not None:
            connection.transport.abort()
    return run


@dataclass
class Service:
    """A running service, its database and the log of what its channel was handed."""

    port: int
    process: subprocess.Popen[str]
    home: Path
    received: Path
    dsn: str

    @property
    def postmaster(self) -> int:
        """The process id of the database's server, where that is at home too."""
        return int((self.home / "data" / "postmaster.pid").read_text().split()[0])

    def forget(self) -> None:
        """Empty the log of what the channel was handed."""
        os.truncate(self.received, 0)

    def cpu(self) -> tuple[float, float]:
        """Seconds of CPU so far: the service's, and those of all processes of the database."""
        return _seconds(self.process.pid), sum(map(_seconds, [self.postmaster, *_children(self.postmaster)]))

    def memory(self) -> tuple[float, float]:
        """Resident MB: the service's; the database's (proportional, so that shared memory counts once)."""
        return _resident(self.process.pid), sum(map(_resident, [self.postmaster, *_children(self.postmaster)]))

    def handed_over(self) -> dict[str, list[int]]:
        """Monotonic nanoseconds at which the channel was handed each reply, by chat, in order."""
        times: dict[str, list[int]] = defaultdict(list)
        for line in self.received.read_text().splitlines():
            moment, chat, _ = line.split(" ", 2)
            times[chat].append(int(moment))
        return times


def start_service(
    home: Path, dsn: str, received: Path, *, roles: str, engine: str, limits: bool = True, variables: Mapping[str, str] | None = None
) -> Service:
    """The service as a process of its own on a free port; returns when it is ready. Without `limits` it takes any chat's messages at any speed.

    With `variables` it has the product's channels, set up by them; else one that writes to `received`.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"TUPPENCE_HOME": str(home), "DATABASE_URL": dsn, "TUPPENCE_PORT": str(port), "TUPPENCE_MASTER_KEY": "11" * 32}
    environment |= {"TEST_RECEIVED": str(received)} if variables is None else variables
    environment |= {"TEST_ROLES": roles, "TEST_ENGINE": engine, "TEST_LIMITS": "on" if limits else "off"}
    with (home / "log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.service"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert process.stdout is not None
    assert "ready" in process.stdout.readline(), (home / "log").read_text()[-2000:]
    return Service(port, process, home, received, dsn)


@contextmanager
def serving(
    *, roles: str = "web,worker,scheduler", engine: str = "real", limits: bool = True, variables: Mapping[str, str] | None = None
) -> Iterator[Service]:
    """A service on a durable embedded database in a new folder, ready to be sent to."""
    home = Path(tempfile.mkdtemp(prefix="tuppence-bench-"))
    dsn = start_embedded(home)
    try:
        migrate(dsn)
        received = home / "received"
        received.touch()
        service = start_service(home, dsn, received, roles=roles, engine=engine, limits=limits, variables=variables)
        try:
            yield service
        finally:
            service.process.terminate()
            service.process.wait(30)
    finally:
        stop_embedded(home)
        shutil.rmtree(home, ignore_errors=True)


@dataclass
class Pipe:
    """One keep-alive HTTP connection for callers that wait for each answer."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, port: int) -> Pipe:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def post(self, body: dict[str, object]) -> int:
        """The status of the answer, whose body is dropped."""
        data = json.dumps(body).encode()
        self.writer.write(f"POST /webhooks/load HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), 0)
        await self.reader.readexactly(length)
        return int(head[9:12])


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _seconds(pid: int) -> float:
    """Own CPU and that of children that have ended."""
    stat = _stat(pid)
    return sum(map(int, stat[11:15])) / TICK if stat else 0.0


def _children(pid: int) -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and (stat := _stat(int(entry.name))) and int(stat[1]) == pid]


def _resident(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
