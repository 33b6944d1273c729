"""The live stream of the web chat: server-sent events that resume after the last number seen, with nothing lost and nothing twice."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.web.protocol import cut
from core.db.failures import is_database_gone
from core.db.webchat_live import Reader, WebChatLive
from core.db.webchat_messages import WebMessages
from core.domain.webchat import WebMessage

PAGE = 100  # messages read and written at a time: all that is ever held for one reader
HEARTBEAT_SECONDS = 15
SLOW_SECONDS = 20  # who takes longer to read one write is cut, and resumes
ENDING_SECONDS = 0.5
_CURSOR = re.compile(r"[A-Za-z0-9_-]{8,64}:[0-9]{1,15}(,[A-Za-z0-9_-]{8,64}:[0-9]{1,15}){0,199}")


def read_cursor(text: str) -> dict[str, int]:
    """`chat:change,chat:change`: the newest change seen in each chat. Anything else is an empty cursor."""
    if not _CURSOR.fullmatch(text):
        return {}
    return {chat: int(change) for chat, _, change in (part.partition(":") for part in text.split(","))}


def write_cursor(cursor: dict[str, int]) -> str:
    return ",".join(f"{chat}:{change}" for chat, change in cursor.items())


class EventStream(Response):
    """Writes what changed since `cursor`, then waits for the bell. Holds no queue: a slow reader costs one page, then its connection."""

    media_type = "text/event-stream"

    def __init__(
        self,
        *,
        session_id: str,
        cursor: dict[str, int],
        messages: WebMessages,
        live: WebChatLive,
        show: Callable[[WebMessage], dict[str, Any]],
        stopping: asyncio.Event,
    ) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._session_id = session_id
        self._cursor = cursor
        self._messages = messages
        self._live = live
        self._show = show
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        writing = asyncio.create_task(self._write(send))
        gone = asyncio.create_task(_disconnected(receive))
        ending = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({writing, gone, ending}, return_when=asyncio.FIRST_COMPLETED)
            await _stop(writing)
            if not gone.done() and not await _ended(send):
                cut(scope)
                await asyncio.wait({gone}, timeout=1)
            error = None if writing.cancelled() else writing.exception()
            if error is not None and not is_database_gone(error):
                raise error
        finally:
            await _stop(writing, gone, ending)

    async def _write(self, send: Send) -> None:
        async with self._live.reader(self._session_id) as reader:
            await _put(send, b"retry: 1000\n\n")
            while True:
                await self._live.ensure()
                await self._catch_up(reader, send)
                if not await reader.wait(timeout_seconds=HEARTBEAT_SECONDS):
                    await _put(send, b"event: ping\ndata: {}\n\n")

    async def _catch_up(self, reader: Reader, send: Send) -> None:
        while True:
            now_at = await self._messages.positions(self._session_id)
            reader.topics = {self._session_id, *now_at}
            self._cursor = {chat: self._cursor.get(chat, 0) for chat in now_at}
            behind = {chat: seen for chat, seen in self._cursor.items() if seen < now_at[chat]}
            changes = await self._messages.changes(self._session_id, after=behind, limit=PAGE) if behind else ()
            if changes:
                await _put(send, b"".join(map(self._event, changes)))
            if len(changes) < PAGE:
                self._cursor.update({chat: max(self._cursor[chat], now_at[chat]) for chat in behind})
            if len(changes) < PAGE:
                return

    def _event(self, message: WebMessage) -> bytes:
        """With its own cursor, so that a stream cut anywhere resumes at the next event."""
        self._cursor[message.chat_id] = message.change
        return b"id: %s\nevent: message\ndata: %s\n\n" % (write_cursor(self._cursor).encode(), orjson.dumps(self._show(message)))


async def _ended(send: Send) -> bool:
    """The end of the stream, so that the reader resumes at once; False where it does not read."""
    try:
        async with asyncio.timeout(ENDING_SECONDS):
            await send({"type": "http.response.body", "body": b"", "more_body": False})
    except TimeoutError:
        return False
    return True


async def _stop(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _put(send: Send, body: bytes) -> None:
    """TimeoutError where the reader does not read."""
    async with asyncio.timeout(SLOW_SECONDS):
        await send({"type": "http.response.body", "body": body, "more_body": True})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
