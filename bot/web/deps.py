"""What the chat's routes need before they begin: the runtime's shape, the guards in front of every route, strict JSON, the session."""

from __future__ import annotations

import asyncio
import functools
import json
import math
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from fastapi import HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.deadline import within
from bot.web.auth import cookie_name, refuse_foreign_host, refuse_foreign_origin
from core.db.session import Database
from core.db.webchat import WebPeople
from core.domain.messages import ChatAddress, InboundMessage
from core.ports import BlobStore, Clock

JSON_LIMIT_BYTES = 64 * 1024
_READING = {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a person stands in a chat's book: `sign` +1 is owed, -1 owes, 0 even; `text` says it in words with the sign ("+€47.50").

    `archived`: the book is closed.
    """

    sign: int
    text: str
    archived: bool = False


class ChatRuntime(Protocol):
    """What the wiring offers the web chat. `accept` raises ServiceUnavailable where the message was not kept."""

    @property
    def database(self) -> Database: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def blobs(self) -> BlobStore: ...

    @property
    def public_url(self) -> str: ...

    @property
    def secure_cookies(self) -> bool: ...

    @property
    def stopping(self) -> asyncio.Event: ...

    async def accept(self, message: InboundMessage) -> None: ...


# Asked for many at once: (chat, platform user id) pairs; what has no standing yet is left out of the answer.
AskStandings = Callable[[Sequence[tuple[ChatAddress, str]]], Awaitable[dict[tuple[ChatAddress, str], Standing]]]


Endpoint = Callable[..., Coroutine[Any, Any, Response]]


class Strict(BaseModel):
    """A request's body: no conversion, no unknown field."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


Body = TypeVar("Body", bound=Strict)


def guard(runtime: ChatRuntime) -> Callable[[Request], Awaitable[None]]:
    """In front of every route: our host only; whatever changes something comes from our own page only."""

    async def check(request: Request) -> None:
        refuse_foreign_host(request, public_url=runtime.public_url)
        if request.method not in _READING:
            refuse_foreign_origin(request, public_url=runtime.public_url)

    return check


def timed(seconds: float, endpoint: Endpoint) -> Endpoint:
    """The route, answered with 503 where it takes longer: a database that hangs must not hang the page."""

    @functools.wraps(endpoint)
    async def bounded(**asked: Any) -> Response:
        return await within(seconds, endpoint(**asked))

    return bounded


async def session_of(runtime: ChatRuntime, people: WebPeople, request: Request) -> str:
    """The session of the request's cookie. HTTPException 401 where there is none or it is not known."""
    token = request.cookies.get(cookie_name(secure=runtime.secure_cookies), "")
    session_id = await people.session_of(token) if 20 <= len(token) <= 100 else None
    if session_id is None:
        raise HTTPException(401, "no_session")
    return session_id


async def read_body(request: Request, *, limit_bytes: int) -> bytes:
    """The whole body, 413 as soon as it is over the limit, whatever Content-Length says."""
    said = request.headers.get("content-length", "0")
    if not said.isdecimal() or int(said[:20]) > limit_bytes:
        raise HTTPException(413, "too_large")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit_bytes:
            raise HTTPException(413, "too_large")
        parts.append(part)
    return b"".join(parts)


async def read_json(request: Request, model: type[Body]) -> Body:
    """415, 413, 400 (not JSON, a key twice, NaN, too deep, not Unicode) or 422 (JSON of another shape)."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "json_only")
    try:
        raw = json.loads(
            (await read_body(request, limit_bytes=JSON_LIMIT_BYTES)).decode(),
            object_pairs_hook=_no_key_twice,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except (ValueError, RecursionError):
        raise HTTPException(400, "not_json") from None
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        fields = [".".join(map(str, each["loc"])) for each in error.errors(include_input=False, include_url=False, include_context=False)]
        raise HTTPException(422, {"code": "wrong_shape", "fields": fields}) from None


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key twice")
    return result


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number
