"""Where Telegram posts updates: the secret is compared before a byte of the body is read, and 200 is said only once the inbox has it."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, HTTPException, Request, Response

from bot.failpoints import failpoint
from bot.log import log
from bot.metrics import Metrics
from bot.web.deps import read_body
from bot.wiring import TelegramWebhook
from core.domain.messages import InboundMessage
from core.errors import DomainError
from core.ports import Clock

SECRET_HEADER = b"x-telegram-bot-api-secret-token"
BODY_BYTES = 1024 * 1024


def router(webhook: TelegramWebhook, *, accept: Callable[[InboundMessage], Awaitable[None]], metrics: Metrics, clock: Clock) -> APIRouter:
    """POST /webhooks/telegram. Telegram sends again what is not answered by 2xx, and nothing else of that chat before it:
    so an update that nobody can ever use is answered 200 like any other, and 503 is for what will be well in a moment.
    """
    routes = APIRouter()

    @routes.post("/webhooks/telegram")
    async def receive(request: Request) -> Response:
        """403 without the secret, 413 over 1 MB, 503 (ServiceUnavailable) where it should come again, 200 for all else."""
        _check_secret(request, webhook.secret)
        body = await read_body(request, limit_bytes=BODY_BYTES)
        failpoint("after_body_read")
        try:
            messages = await webhook.reader.read(body, now=clock())
        except DomainError as error:
            metrics.messages.labels("refused", webhook.channel).inc()
            log.warning("refused", stage="accept", channel=webhook.channel, reason=error.code)
            return Response()
        await asyncio.gather(*(_taken(accept, each) for each in messages))
        return Response()

    return routes


def _check_secret(request: Request, secret: str) -> None:
    """Said exactly once, compared in constant time."""
    said = [value for name, value in request.headers.raw if name == SECRET_HEADER]
    if len(said) != 1 or not hmac.compare_digest(said[0], secret.encode()):
        raise HTTPException(403, "forbidden")


async def _taken(accept: Callable[[InboundMessage], Awaitable[None]], message: InboundMessage) -> None:
    try:
        await accept(message)
    except DomainError:  # it can never be stored; accept has said so
        return
