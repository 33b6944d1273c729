"""A server on loopback that speaks the wire of chat completions: it answers as told, badly as told, or not at all."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
NOTHING: Json = {
    "kind": "none", "amount": None, "currency": None, "description": None, "category": None, "day": None, "person": None, "sharing": "unsaid",
    "people": [], "sender": None, "receiver": None, "asked": None, "start": None, "end": None,
}  # fmt: skip
FAULTS = (
    "hang", "drip", "reset", "half_head", "half_body", "huge", "endless", "gzip", "500", "429", "401", "redirect", "not_json", "not_object",
    "no_choice", "refusal", "tool_call", "cut_off", "prose", "deep", "twice",
)  # fmt: skip


def meaning(kind: str, **values: Any) -> Json:
    """An answer of the agreed form."""
    return NOTHING | {"kind": kind} | values


def envelope(content: object, **choice: Any) -> bytes:
    said = content if isinstance(content, str) else json.dumps(content)
    message = {"role": "assistant", "content": said} | choice.pop("message", {})
    return json.dumps({"id": "x", "choices": [{"index": 0, "finish_reason": "stop", "message": message} | choice]}).encode()


@dataclass
class FakeModel:
    """`answer` makes the content of an answer out of the quoted message; `fault` is what happens instead; `tags` are the paths it was asked by."""

    answer: Callable[[Json], object] = lambda _remark: NOTHING
    fault: str | None = None
    base: str = ""
    asked: list[Json] = field(default_factory=list)  # requests as they came
    remarks: list[Json] = field(default_factory=list)  # what was quoted in them
    heads: list[str] = field(default_factory=list)
    elsewhere: int = 0  # requests for any other path, such as where a redirect leads

    async def respond(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                lengths = [line.split(":")[1] for line in head.lower().split("\r\n") if line.startswith("content-length:")]
                body = await reader.readexactly(int(lengths[0]) if lengths else 0)
                self.heads.append(head)
                if not head.startswith("POST /v1/chat/completions "):
                    self.elsewhere += 1
                    return
                request = json.loads(body)
                self.asked.append(request)
                self.remarks.append(json.loads(request["messages"][-1]["content"]))
                if self.fault is not None:
                    await self._fail(self.fault, writer)
                    return
                await self._write(writer, envelope(self.answer(self.remarks[-1])))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _write(self, writer: asyncio.StreamWriter, body: bytes, status: int = 200, more: str = "") -> None:
        head = f"HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{more}\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    async def _fail(self, fault: str, writer: asyncio.StreamWriter) -> None:
        good = envelope(meaning("expense", amount="18"))
        bodies: dict[str, tuple[bytes, int, str]] = {
            "500": (b"oops", 500, ""),
            "429": (b'{"error": {"code": "insufficient_quota"}}', 429, "Retry-After: 3600\r\n"),
            "401": (b"{}", 401, ""),
            "redirect": (b"", 307, f"Location: {self.base}/elsewhere\r\n"),
            "not_json": (b"<html>", 200, ""),
            "not_object": (b"[]", 200, ""),
            "no_choice": (b'{"choices": []}', 200, ""),
            "refusal": (envelope("", message={"content": None, "refusal": "I cannot"}), 200, ""),
            "tool_call": (envelope("", message={"content": None, "tool_calls": [{"function": {"name": "delete_me"}}]}), 200, ""),
            "cut_off": (envelope(meaning("expense", amount="18"), finish_reason="length"), 200, ""),
            "prose": (envelope("Sure! Here is the JSON you asked for: {}"), 200, ""),
            "deep": (envelope("[" * 5000), 200, ""),
            "twice": (envelope(json.dumps(NOTHING)[:-1] + ', "kind": "expense"}'), 200, ""),
            "huge": (envelope(json.dumps(NOTHING) + " " * 20_000), 200, ""),
            "gzip": (gzip.compress(good), 200, "Content-Encoding: gzip\r\n"),
        }
        if fault in bodies:
            await self._write(writer, *bodies[fault])
        elif fault == "hang":
            await asyncio.sleep(60)
        elif fault == "half_head":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-")
        elif fault == "half_body":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(good) + good[:20])
        elif fault == "drip":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(good))
            for place in range(len(good)):
                writer.write(good[place : place + 1])
                await writer.drain()
                await asyncio.sleep(0.2)
        elif fault == "endless":
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                writer.write(b"1000\r\n" + b" " * 0x1000 + b"\r\n")
                await writer.drain()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[FakeModel]:
        server = await asyncio.start_server(self.respond, "127.0.0.1", 0, limit=1 << 20)
        try:
            self.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
            yield self
        finally:
            server.close()
