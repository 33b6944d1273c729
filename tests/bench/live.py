"""Live readers of the web chat, some of whom do not read: `python -m tests.bench.live [--readers N] [--stalled N] [--messages N] [--rate N]`."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.bench.harness import ROOT, _resident

BROWSERS = 10
TEXT = "hello " + "…" * 3990  # 12 kB, and nothing that would be recorded
EVENT = re.compile(rb"id: ([^\n]+)\nevent: message\ndata: (\{[^\n]*\})\n\n")
NUMBER = re.compile(rb'"request":"live-(\d+)"')
SERVE = "import sys, bot.web.live as live; live.SLOW_SECONDS = {}; sys.argv = ['tuppence', 'serve']; from bot.__main__ import main; sys.exit(main())"


@dataclass
class Stream:
    """One connection to /chat/events and which messages it told of, in order."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    cursor: str = ""
    seen: list[int] = field(default_factory=list)
    at: dict[int, float] = field(default_factory=dict)

    @classmethod
    async def open(cls, port: int, cookie: str, *, cursor: str = "", buffer_bytes: int | None = None) -> Stream:
        """`buffer_bytes`: of the receiving socket, little for somebody who will not read."""
        sock = socket.socket()
        if buffer_bytes is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=sock, limit=2**22 if buffer_bytes is None else 1024)
        last = f"Last-Event-ID: {cursor}\r\n" if cursor else ""
        writer.write(f"GET /chat/events HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Tuppence: 1\r\nCookie: {cookie}\r\n{last}\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head.splitlines()[0], head
        return cls(reader, writer, cursor)

    async def read(self, *, until: int | None = None) -> None:
        """To the end of the stream, or until so many messages were seen."""
        rest = b""
        while until is None or len(self.seen) < until:
            try:
                size = int(await self.reader.readuntil(b"\r\n"), 16)
                rest += (await self.reader.readexactly(size + 2))[:-2]
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            if size == 0:
                return
            end = 0
            for event in EVENT.finditer(rest):
                self.cursor, end = event[1].decode(), event.end()
                if number := NUMBER.search(event[2]):
                    self.seen.append(int(number[1]))
                    self.at[int(number[1])] = time.monotonic()
            rest = rest[end:]

    def close(self) -> None:
        self.writer.transport.abort()


@dataclass
class Result:
    delays: list[float]  # seconds from the sending of a message until each reader had it
    complete: int  # readers who saw every message once, in order
    cut: int  # connections of the stalled that the service ended
    resumed: int  # of the stalled: had every message once and in order after they came back
    memory: tuple[float, float]  # MB before and at most

    def __str__(self) -> str:
        p50, p95 = statistics.median(self.delays), statistics.quantiles(self.delays, n=20)[-1]
        return (
            f"complete {self.complete}, delay p50 {p50:.2f} p95 {p95:.2f} max {max(self.delays):.2f} s; "
            f"stalled cut {self.cut}, resumed {self.resumed}; memory {self.memory[0]:.0f} → {self.memory[1]:.0f} MB"
        )


@contextmanager
def serving(*, slow_seconds: float) -> Iterator[tuple[int, int]]:
    """The product's own `serve` with a shorter patience; yields (port, process id)."""
    home = Path(tempfile.mkdtemp(prefix="tuppence-live-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_URL")}
    variables = kept | {"TUPPENCE_HOME": str(home), "TUPPENCE_PORT": str(port)}
    command = [sys.executable, "-c", SERVE.format(slow_seconds)]
    with (home / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    try:
        assert "ready" in process.stdout.readline(), (home / "log").read_text()[-2000:]
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(40)
        process.stdout.close()
        shutil.rmtree(home, ignore_errors=True)


async def measure(port: int, pid: int, *, readers: int, stalled: int, messages: int, rate: float, slow_seconds: float) -> Result:

    browsers, chat = await _people(port)
    streams = [await Stream.open(port, browsers[number % BROWSERS][1]) for number in range(readers - stalled)]
    reading = [asyncio.create_task(stream.read(until=messages)) for stream in streams]
    lazy = [await Stream.open(port, browsers[number % BROWSERS][1], buffer_bytes=4096) for number in range(stalled)]
    for stream in lazy:
        stream.writer.transport.pause_reading()  # type: ignore[attr-defined]
    ports = {int(stream.writer.get_extra_info("sockname")[1]) for stream in lazy}
    assert ports <= _established(port)
    memory = [_resident(pid)]
    watching = asyncio.create_task(_watch(pid, memory))
    posted = await _write(browsers, chat, messages=messages, rate=rate)
    await asyncio.wait(reading, timeout=60)
    until = time.monotonic() + slow_seconds + 30
    while ports & _established(port) and time.monotonic() < until:
        await asyncio.sleep(0.1)

    cut = len(ports - _established(port))
    watching.cancel()
    resumed = [await _resume(port, browsers[number % BROWSERS][1], stream, messages) for number, stream in enumerate(lazy)]

    for stream in streams:
        stream.close()
    for http, _cookie, _person in browsers:
        await http.aclose()
    expected = list(range(messages))
    return Result(
        delays=[at - posted[number] for stream in streams for number, at in stream.at.items()],
        complete=sum(stream.seen == expected for stream in streams),
        cut=cut,
        resumed=sum(seen == expected for seen in resumed),
        memory=(memory[0], max(memory)),
    )


async def _watch(pid: int, memory: list[float]) -> None:
    while True:
        memory.append(_resident(pid))
        await asyncio.sleep(0.2)


async def _people(port: int) -> tuple[list[tuple[httpx.AsyncClient, str, str]], str]:
    """Ten browsers in one group: (client, cookie, person) each, and the group."""
    found, chat, code = [], "", ""
    for number in range(BROWSERS):
        http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"X-Tuppence": "1"}, timeout=30)
        person = (await http.post("/chat/session", json={})).json()["people"][0]["id"]
        if number == 0:
            made = (await http.post("/chat/groups", json={"id": "live-group-1", "title": "Live", "person": person})).json()
            chat = made["chat"]
            code = next(each["invite"] for each in made["chats"] if each["id"] == chat)
        else:
            assert (await http.post(f"/chat/invites/{code}", json={"person": person})).status_code == 200
        found.append((http, "; ".join(f"{name}={value}" for name, value in http.cookies.items()), person))
    return found, chat


async def _write(browsers: list[tuple[httpx.AsyncClient, str, str]], chat: str, *, messages: int, rate: float) -> dict[int, float]:
    """When each message was sent. One after the other: their order in the chat is the order of their numbers."""
    posted: dict[int, float] = {}
    start = time.monotonic()
    for number in range(messages):
        await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
        http, _cookie, person = browsers[number % BROWSERS]
        posted[number] = time.monotonic()
        answer = await http.post(f"/chat/chats/{chat}/messages", json={"id": f"live-{number:06}", "person": person, "text": TEXT})
        assert answer.status_code == 200, answer.text
    return posted


async def _resume(port: int, cookie: str, stream: Stream, messages: int) -> list[int]:
    """What a stalled reader has seen when it reads its rest and comes back with the last id that it knows."""
    stream.writer.transport.resume_reading()  # type: ignore[attr-defined]
    async with asyncio.timeout(20):
        await stream.read()
    stream.close()
    again = await Stream.open(port, cookie, cursor=stream.cursor)
    again.seen = stream.seen
    async with asyncio.timeout(20):
        await again.read(until=messages)
    again.close()
    return again.seen


def _established(port: int) -> set[int]:
    """The clients' ports of the connections that the service still holds (proc(5), /proc/net/tcp: state 01)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(row[2].split(":")[1], 16) for row in rows if row[3] == "01" and int(row[1].split(":")[1], 16) == port}


def run(*, readers: int, stalled: int, messages: int, rate: float, slow_seconds: float = 2) -> Result:
    with serving(slow_seconds=slow_seconds) as (port, pid):
        return asyncio.run(measure(port, pid, readers=readers, stalled=stalled, messages=messages, rate=rate, slow_seconds=slow_seconds))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--stalled", type=int, default=20)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--rate", type=float, default=10)
    options = parser.parse_args()
    result = run(readers=options.readers, stalled=options.stalled, messages=options.messages, rate=options.rate)
    print(f"{options.readers} readers, {options.stalled} stalled, {options.messages} messages of 12 kB at {options.rate:.0f}/s: {result}")


if __name__ == "__main__":
    main()
