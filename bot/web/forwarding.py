"""Where phones post the bank messages that they forward: a token of the person's own, and 200 only once the inbox has the message."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from fastapi import APIRouter, HTTPException, Request, Response

from bot.conversation.parsing.banking import is_code
from bot.log import log
from bot.web.deps import read_body
from bot.web.limits import Limits, client_of
from bot.wiring import Runtime
from core.db.banking import forward_address, is_open
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from core.errors import DomainError

BODY_BYTES = 16 * 1024
TOKEN_CHARACTERS = range(32, 101)
# What the usual forwarders call the parts of a message, the first that is there.
TEXT_KEYS = ("text", "message", "body", "msg", "content", "smsBody")
FROM_KEYS = ("from", "sender", "address", "number", "phoneNumber", "title")
STAMP_KEYS = ("sentStamp", "receivedStamp", "timestamp", "date", "time")
UNNAMED = "bank"


def router(runtime: Runtime, *, limits: Limits) -> APIRouter:
    """POST /webhooks/sms-forward."""
    routes = APIRouter()

    @routes.post("/webhooks/sms-forward")
    async def receive(request: Request) -> Response:
        """401 without a token that somebody made and did not take back, 413 over 16 KB, 400 or 415 for what is no message, 429 for too many,
        503 (ServiceUnavailable) where it should come again. One-time codes are answered 200 and not even taken in.
        """
        limits.take("forwards", client_of(request))
        address = forward_address(runtime.database.keys, _token(request))
        async with runtime.database.unit_of_work() as uow:
            if not await is_open(uow, address):
                runtime.metrics.failures.labels("accept", "forged").inc()
                raise HTTPException(401, "no_token")
        limits.take("forwards", address.chat)
        body = await read_body(request, limit_bytes=BODY_BYTES)
        message = _message(_fields(request.headers.get("content-type", ""), body), address, now=runtime.clock())
        if not is_code(message.text):
            await _take(runtime, message)
        return Response()

    return routes


def _token(request: Request) -> str:
    """Of "Authorization: Bearer ...", said once. It is never compared: what follows from it by a keyed hash is looked up."""
    said = request.headers.getlist("authorization")
    kind, _, token = said[0].partition(" ") if len(said) == 1 else ("", "", "")
    if kind.casefold() != "bearer" or len(token) not in TOKEN_CHARACTERS or not token.isascii():
        raise HTTPException(401, "no_token")
    return token


def _fields(content_type: str, body: bytes) -> Mapping[str, object]:
    """The parts of a body that is a JSON object or a form."""
    kind = content_type.split(";")[0].strip().lower()
    try:
        if kind == "application/x-www-form-urlencoded":
            return {name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=50).items()}
        if kind == "application/json":
            found = json.loads(body.decode())
            if isinstance(found, dict):
                return found
            raise ValueError("no object")
    except (ValueError, RecursionError):
        raise HTTPException(400, "not_a_message") from None
    raise HTTPException(415, "json_or_form")


def _message(fields: Mapping[str, object], address: ChatAddress, *, now: datetime) -> InboundMessage:
    """The same message posted again has the same id: the sender, the words and the phone's own time make it."""
    text, sender, stamp = (_first(fields, keys) for keys in (TEXT_KEYS, FROM_KEYS, STAMP_KEYS))
    if not text.strip():
        raise HTTPException(400, "not_a_message")
    name = hashlib.sha256(json.dumps([sender, text, stamp]).encode()).hexdigest()
    return InboundMessage(
        address=address,
        chat_kind=ChatKind.PRIVATE,
        sender=Person(address.chat, ""),
        message_id=name,
        kind=InboundKind.TEXT,
        sent_at=_sent_at(stamp, now=now),
        position=int(now.timestamp() * 1000),
        text=text,
        forwarded=True,
        bank=sender.strip() or UNNAMED,
    )


def _first(fields: Mapping[str, object], keys: tuple[str, ...]) -> str:
    for key in keys:
        value = fields.get(key)
        if isinstance(value, str | int) and str(value).strip():
            return str(value)
    return ""


def _sent_at(stamp: str, *, now: datetime) -> datetime:
    """Milliseconds or seconds since 1970, as phones say it, where that is within the last days; else now."""
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) not in (10, 13):
        return now
    said = datetime.fromtimestamp(int(stamp) // (1000 if len(stamp) == 13 else 1), tz=now.tzinfo)
    return said if timedelta(0) <= now - said <= timedelta(days=30) else now


async def _take(runtime: Runtime, message: InboundMessage) -> None:
    try:
        await runtime.accept(message)
    except DomainError as problem:  # counted and logged by the inbox; it would be no better the next time
        log.warning("refused", stage="accept", channel=message.address.channel, reason=problem.code)
