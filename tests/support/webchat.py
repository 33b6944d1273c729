"""The web chat over a real database and a real server: with a bot of one idea behind it (whatever is written is noted), or the product itself."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import uvicorn
from fastapi import FastAPI

from bot.web import chat
from bot.web.app import create_app
from bot.web.limits import Limits
from bot.web.problems import add_problems
from bot.web.protocol import CuttableProtocol
from bot.wiring import assemble
from core.db.session import Database
from core.db.webchat_files import WebFiles
from core.db.webchat_messages import WebMessages
from core.domain.messages import Choice, InboundKind, InboundMessage, OutboundMessage
from core.errors import ServiceUnavailable
from core.ports import Clock
from integrations.channels.webchat import WebChatChannel
from integrations.storage.memory import MemoryBlobs

UNDO = "undo-button-id"
NUMBERS = itertools.count(1)


class NotingBot:
    """What the web chat needs of a runtime. `away`: the inbox takes nothing. `silent`: it takes and says nothing."""

    def __init__(self, database: Database, *, public_url: str = "", secure_cookies: bool = False) -> None:
        self.database = database
        self.blobs = MemoryBlobs()
        self.public_url = public_url
        self.secure_cookies = secure_cookies
        self.stopping = asyncio.Event()
        self.channel = WebChatChannel(WebMessages(database), clock=self.clock, files=WebFiles(database, self.blobs))
        self.accepted: list[InboundMessage] = []
        self.away = False
        self.silent = False
        self._answers: dict[str, str] = {}

    def clock(self) -> datetime:
        return datetime.now(UTC)

    async def accept(self, message: InboundMessage) -> None:
        if self.away:
            raise ServiceUnavailable("inbox")
        known = any((m.message_id, m.version) == (message.message_id, message.version) for m in self.accepted)
        self.accepted.append(message)
        if not known and not self.silent:
            await self._answer(message)

    async def _answer(self, message: InboundMessage) -> None:
        address, undo = message.address, (Choice(UNDO, "Undo"),)
        if message.kind is InboundKind.BUTTON and message.reply_to is not None:
            await self.channel.send(OutboundMessage(address, "Only for you: undone", toast=True, to_press=message.message_id))
            await self.channel.send(OutboundMessage(address, "Undone", edits=message.reply_to))
        elif message.kind in (InboundKind.TEXT, InboundKind.PHOTO, InboundKind.EDIT):
            text = f"Noted: {message.text}" if message.text else f"A photo of {message.attachments[0].bytes} bytes"
            edits = self._answers.get(message.message_id)
            self._answers[message.message_id] = await self.channel.send(OutboundMessage(address, text, choices=undo, edits=edits))


@dataclass
class Served:
    """A running server. `url` has no trailing slash."""

    url: str
    bot: NotingBot
    app: FastAPI


@asynccontextmanager
async def serving(bot: NotingBot, *, port: int = 0, limits: Limits | None = None) -> AsyncIterator[Served]:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_problems(app)
    app.include_router(chat.router(bot, limits=limits))
    async with listening(app, stopping=bot.stopping, port=port) as url:
        yield Served(url, bot, app)


@asynccontextmanager
async def serving_product(database: Database, *, clock: Clock) -> AsyncIterator[str]:
    """The product's own routes, engine and loops; yields its address."""
    blobs = MemoryBlobs()
    channel = WebChatChannel(WebMessages(database), clock=clock, files=WebFiles(database, blobs))
    fetchers = {channel.name: WebFiles(database, blobs)}
    runtime = assemble(database, clock=clock, channels={channel.name: channel}, blobs=blobs, roles=frozenset({"web", "worker"}), fetchers=fetchers)
    loops = asyncio.create_task(runtime.run())
    try:
        async with listening(create_app(runtime), stopping=runtime.stopping) as url:
            yield url
    finally:
        runtime.stop()
        await asyncio.gather(loops, return_exceptions=True)


@asynccontextmanager
async def listening(app: FastAPI, *, stopping: asyncio.Event, port: int = 0) -> AsyncIterator[str]:
    """Uvicorn inside the test; yields its address without a slash at the end."""
    config = uvicorn.Config(app, http=CuttableProtocol, host="127.0.0.1", port=port, lifespan="off", log_config=None, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    server.capture_signals = _no_signals  # type: ignore[method-assign]
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        stopping.set()
        server.should_exit = True
        await running
        stopping.clear()


def _no_signals() -> object:
    return nullcontext()


class Browser:
    """One browser's session over HTTP: its cookie, its first person and that person's private chat."""

    def __init__(self, served: Served) -> None:
        self.http = httpx.AsyncClient(base_url=served.url, headers={"Origin": served.url, "Sec-Fetch-Site": "same-origin"})
        self.person = ""
        self.chat = ""

    async def open(self) -> Browser:
        state = (await self.http.post("/chat/session", json={})).json()
        self.person, self.chat = state["people"][0]["id"], state["chats"][0]["id"]
        return self

    async def say(self, text: str, *, chat: str | None = None, person: str | None = None, request: str = "request-0001") -> httpx.Response:
        body = {"id": request, "person": person or self.person, "text": text}
        return await self.http.post(f"/chat/chats/{chat or self.chat}/messages", json=body)

    async def history(self, *, chat: str | None = None) -> list[dict[str, object]]:
        return (await self.http.get(f"/chat/chats/{chat or self.chat}/messages")).json()["messages"]

    async def group(self, *names: str, title: str = "Trip") -> tuple[str, dict[str, str], str]:
        """Returns (chat id, name to person id, invite code)."""
        made = await self.http.post(
            "/chat/groups", json={"id": f"group-request-{next(NUMBERS)}", "title": title, "person": self.person, "people": list(names)}
        )
        assert made.status_code == 200, made.text
        group = next(each for each in made.json()["chats"] if each["id"] == made.json()["chat"])
        return group["id"], {member["name"]: member["id"] for member in group["members"]}, group["invite"]
