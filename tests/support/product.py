"""The whole product inside a test: its own loops, its own web chat over HTTP, a real database, files in a folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from bot.answering import Conversant
from bot.clock import SystemClock
from bot.jobs.clockwork import Clockwork
from bot.jobs.erasures import Erasures
from bot.web.app import create_app
from bot.wiring import ROLES, Reading, Runtime, assemble
from core.db.queues import is_quiet
from core.db.session import Database
from core.db.webchat_files import WebFiles
from core.db.webchat_messages import WebMessages
from core.domain.messages import Capabilities, OutboundMessage
from core.domain.payments.rails import Rail
from core.errors import SendError, SendErrorKind
from core.ports import Channel, ReceiptReader
from integrations.channels.sms_forward import ForwardedSms
from integrations.channels.webchat import WebChatChannel
from integrations.storage.local import LocalBlobs
from integrations.storage.memory import MemoryDeletions
from tests.support.doubles import FakePictures, FakeReader
from tests.support.webchat import NUMBERS, _no_signals


@dataclass
class Gate:
    """A channel in front of another one: chats in `shut` are told to try again later, letters to chats in `held` wait on their way."""

    behind: Channel
    shut: set[str] = field(default_factory=set)
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    holding: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        return self.behind.name

    @property
    def capabilities(self) -> Capabilities:
        return self.behind.capabilities

    async def send(self, message: OutboundMessage) -> str:
        if message.address.chat in self.shut:
            raise SendError(SendErrorKind.RETRY, "shut")
        if message.address.chat in self.held:
            self.holding.add(message.address.chat)
            await self.held[message.address.chat].wait()
        return await self.behind.send(message)


@dataclass
class Product:
    """A running one. `blobs` is the folder of its files. Erasures are finished, and jobs run, when a test says so."""

    runtime: Runtime
    erasures: Erasures
    gate: Gate
    url: str
    blobs: Path

    async def quiet(self, *, but: int = 0) -> None:
        """Until nothing is due any more and what waits for its next try is `but` letters."""
        async with asyncio.timeout(20), self.runtime.database.pool.acquire() as connection:
            while True:
                waiting = await connection.fetchval(
                    "SELECT (SELECT count(*) FROM outbox WHERE state = 'pending') + (SELECT count(*) FROM inbox WHERE state = 'pending')"
                )
                if waiting <= but and (but or await is_quiet(connection, now=self.runtime.clock())):
                    return
                await asyncio.sleep(0.01)

    async def hurry(self) -> None:
        """What was put off is tried now, and all is quiet after it."""
        await self.runtime.database.pool.execute("UPDATE outbox SET next_at = created_at WHERE state = 'pending'")
        self.runtime.nudge()
        await self.quiet()

    async def finish_erasures(self) -> None:
        async with asyncio.timeout(20):
            while await self.runtime.database.pool.fetchval("SELECT count(*) FROM erasures"):
                await self.erasures.finish()
                await asyncio.sleep(0.01)


@asynccontextmanager
async def producing(
    database: Database,
    folder: Path,
    *,
    engine: Conversant | None = None,
    reader: ReceiptReader | None = None,
    payment_links: frozenset[Rail] = frozenset(),
) -> AsyncIterator[Product]:
    clock, blobs, deletions = SystemClock(), LocalBlobs(folder), MemoryDeletions()
    gate = Gate(WebChatChannel(WebMessages(database), clock=clock, files=WebFiles(database, blobs)))
    forwarded = ForwardedSms()
    runtime = assemble(
        database,
        clock=clock,
        channels={gate.name: gate, forwarded.name: forwarded},
        roles=frozenset(ROLES),
        engine=engine,
        blobs=blobs,
        deletions=deletions,
        payment_links=payment_links,
        reading=Reading(reader or FakeReader(), FakePictures(), {gate.name: WebFiles(database, blobs)}),
        fetchers={gate.name: WebFiles(database, blobs)},
    )
    runtime.loops = tuple(loop for loop in runtime.loops if not isinstance(loop, Clockwork))
    erasures = Erasures(database, blobs=blobs, deletions=deletions)
    server = uvicorn.Server(
        uvicorn.Config(create_app(runtime), host="127.0.0.1", port=0, lifespan="off", log_config=None, timeout_graceful_shutdown=2)
    )
    server.capture_signals = _no_signals  # type: ignore[method-assign]
    loops, serving = asyncio.create_task(runtime.run()), asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield Product(runtime, erasures, gate, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", folder)
    finally:
        runtime.stopping.set()
        server.should_exit = True
        await serving
        runtime.stop()
        async with asyncio.timeout(20):
            await loops


class Page:
    """What one person does in a browser. Every act waits until it is answered and delivered."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.http = httpx.AsyncClient(base_url=product.url, headers={"Origin": product.url, "Sec-Fetch-Site": "same-origin"})
        self.person = self.chat = ""
        self.waiting = 0  # letters that are known to be held back

    async def open(self, name: str) -> Page:
        state = (await self.http.post("/chat/session", json={})).json()
        self.person, self.chat = state["people"][0]["id"], state["chats"][0]["id"]
        await self._do(f"/chat/people/{self.person}", {"name": name})
        return self

    async def state(self) -> dict[str, Any]:
        return (await self.http.get("/chat/state")).json()

    async def say(self, text: str, *, chat: str | None = None, photo: bytes | None = None) -> str:
        """Returns the message's id."""
        chat = chat or self.chat
        body: dict[str, Any] = {"id": f"request-{next(NUMBERS):04}", "person": self.person} | ({"text": text} if text else {})
        if photo is not None:
            put = await self.http.post(f"/chat/chats/{chat}/photos?person={self.person}", content=photo, headers={"X-Tuppence": "1"})
            assert put.status_code == 200, put.text
            body["photo"] = put.json()["photo"]
        return (await self._do(f"/chat/chats/{chat}/messages", body))["message"]["id"]

    async def edit(self, message: str, text: str, *, chat: str | None = None) -> None:
        await self._do(f"/chat/chats/{chat or self.chat}/messages/{message}/edit", {"person": self.person, "text": text})

    async def press(self, label: str, *, chat: str | None = None) -> None:
        """The newest button of that label."""
        chat = chat or self.chat
        found = [(m["id"], c["id"]) for m in await self.history(chat=chat) for c in m["choices"] if c["label"] == label]
        message, choice = found[-1]
        await self._do(f"/chat/chats/{chat}/messages/{message}/press", {"id": f"request-{next(NUMBERS):04}", "person": self.person, "button": choice})

    async def group(self, title: str) -> tuple[str, str]:
        """Returns (chat, invite code)."""
        made = await self._do("/chat/groups", {"id": f"request-{next(NUMBERS):04}", "title": title, "person": self.person, "people": []})
        return made["chat"], next(each["invite"] for each in made["chats"] if each["id"] == made["chat"])

    async def join(self, code: str) -> None:
        await self._do(f"/chat/invites/{code}", {"person": self.person})

    async def history(self, *, chat: str | None = None) -> list[dict[str, Any]]:
        return (await self.http.get(f"/chat/chats/{chat or self.chat}/messages")).json()["messages"]

    async def texts(self, *, chat: str | None = None) -> list[str]:
        return [message["text"] for message in await self.history(chat=chat)]

    async def _do(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        done = await self.http.post(path, json=body)
        assert done.status_code == 200, done.text
        await self.product.quiet(but=self.waiting)
        return done.json()
