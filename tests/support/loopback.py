"""An HTTP server on loopback that gives every request the same answer and keeps what it was sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Loopback:
    base: str = ""
    requests: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def serving(said: bytes, status: int = 200) -> AsyncIterator[Loopback]:
    fake = Loopback()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        fake.requests.append(head + await reader.readexactly(int(lengths[0]) if lengths else 0))
        writer.write(
            b"HTTP/1.1 %d x\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, len(said)) + said
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, limit=1 << 24)
    async with server:
        fake.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield fake
