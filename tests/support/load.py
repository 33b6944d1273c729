"""A platform of its own for load and kill tests: a JSON webhook in, a log file of what was delivered out."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.failpoints import failpoint
from bot.web.app import create_app
from bot.wiring import Runtime
from core.domain.messages import Capabilities, ChatAddress, ChatKind, InboundKind, InboundMessage, OutboundMessage, Person
from core.errors import DomainError

CHANNEL = "load"
SENT_AT = datetime(2025, 3, 14, 12, 0, tzinfo=UTC)


class LoadChannel:
    """Appends one line a letter, "nanoseconds chat text", to a file that outlives the process: what the platform has received."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._sent = 0

    @property
    def name(self) -> str:
        return CHANNEL

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(buttons=8, edits=True, groups=True)

    async def send(self, message: OutboundMessage) -> str:
        self._sent += 1
        os.write(self._file, f"{time.monotonic_ns()} {message.address.chat} {message.text.splitlines()[0]}\n".encode())
        return f"out-{os.getpid()}-{self._sent}"


def inbound(raw: dict[str, object]) -> InboundMessage:
    """{"chat", "id", "position", "text"} and optionally "user", "kind", "version", "group"."""
    chat = str(raw["chat"])
    return InboundMessage(
        address=ChatAddress(CHANNEL, "", chat),
        chat_kind=ChatKind.GROUP if raw.get("group") else ChatKind.PRIVATE,
        sender=Person(str(raw.get("user", chat)), str(raw.get("user", "Anna"))),
        message_id=str(raw["id"]),
        kind=InboundKind(str(raw.get("kind", "text"))),
        sent_at=SENT_AT,
        version=int(str(raw.get("version", 0))),
        position=int(str(raw["position"])),
        text=str(raw["text"]),
    )


def load_app(runtime: Runtime) -> FastAPI:
    """The product's application with POST /webhooks/load: 204 once the message is durable."""
    app = create_app(runtime)

    async def intake(request: Request) -> Response:
        body = await request.body()
        failpoint("after_body_read")
        with contextlib.suppress(DomainError):  # refused for good: a platform must not send it again
            await runtime.accept(inbound(orjson.loads(body)))
        return Response(status_code=204)

    endpoint: Callable[[Request], Awaitable[Response]] = intake
    app.router.routes.insert(0, Route("/webhooks/load", endpoint, methods=["POST"]))  # first: what is measured is not the search for it
    return app
