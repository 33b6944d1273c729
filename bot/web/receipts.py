"""Shows the pictures of receipts: to whoever has the link that a chat gave, as long as it lasts, and to the page beside the message about one."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from bot.summary_cards import open_summary
from bot.web.auth import refuse_foreign_host
from bot.web.deps import ChatRuntime, guard, session_of, timed
from core.db.receipt_pictures import open_link, open_picture
from core.db.receipts import Kept, of_chat
from core.db.webchat import WebPeople
from core.db.webchat_messages import WebMessages
from core.domain.messages import ChatAddress
from core.errors import DomainError
from integrations.channels.webchat import NAME

_ANSWER_SECONDS = 15
_PICTURE_SECONDS = 600  # the page draws a message anew with every tap on its lines
HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


def router(runtime: ChatRuntime) -> APIRouter:
    """GET /receipts/{token}; GET /summaries/{token}.png; GET /chat/receipts/{message} and its pictures, for browsers that see the message's chat."""
    routes = APIRouter()
    shown = _Shown(runtime)

    @routes.get("/receipts/{token}")
    async def show(request: Request, token: str) -> Response:
        """404 for whatever opens nothing: nobody learns what there is."""
        refuse_foreign_host(request, public_url=runtime.public_url)
        try:
            picture = await open_link(runtime.database, runtime.blobs, token, now=runtime.clock())
        except DomainError:
            raise HTTPException(404, "not_found") from None
        return _picture(picture)

    @routes.get("/summaries/{token}.png")
    async def summary(request: Request, token: str) -> Response:
        """The card of a group; 404 as above."""
        refuse_foreign_host(request, public_url=runtime.public_url)
        try:
            drawn = await open_summary(runtime.database, token, now=runtime.clock())
        except DomainError:
            raise HTTPException(404, "not_found") from None
        return Response(drawn, media_type="image/png", headers=HEADERS)

    for path, endpoint in (("/chat/receipts/{message}", shown.places), ("/chat/receipts/{message}/{number}", shown.picture)):
        routes.add_api_route(path, timed(_ANSWER_SECONDS, endpoint), methods=["GET"], response_model=None, dependencies=[Depends(guard(runtime))])
    return routes


def _picture(data: bytes, **headers: str) -> Response:
    return Response(data, media_type="image/jpeg", headers=HEADERS | headers)


class _Shown:
    """The receipt behind a message of Tuppence's, as long as the chat has the message and its sender is here. 404 for anything else."""

    def __init__(self, runtime: ChatRuntime) -> None:
        self._runtime = runtime
        self._people = WebPeople(runtime.database)
        self._messages = WebMessages(runtime.database)

    async def places(self, request: Request, message: str) -> Response:
        """How many pictures there are, and where on them merchant, date, total and (by their numbers) the lines are printed."""
        kept = await self._kept(request, message)
        lines = kept.reading.receipt.lines if kept.reading else ()
        return JSONResponse(
            {
                "pictures": kept.pictures,
                "spots": {name: asdict(spot) for name, spot in kept.reading.spots.items()} if kept.reading else {},
                "lines": {number: asdict(line.spot) for number, line in enumerate(lines, 1) if line.spot is not None},
            },
            headers=HEADERS,
        )

    async def picture(self, request: Request, message: str, number: str) -> Response:
        kept = await self._kept(request, message)
        try:
            picture = await open_picture(self._runtime.database.keys, self._runtime.blobs, kept, int(number) if _is_small(number) else -1)
        except DomainError:
            raise HTTPException(404, "not_found") from None
        return _picture(picture, **{"Cache-Control": f"private, max-age={_PICTURE_SECONDS}"})

    async def _kept(self, request: Request, message: str) -> Kept:
        session_id = await session_of(self._runtime, self._people, request)
        try:
            reply = await self._messages.reply(session_id, message)
        except DomainError:
            raise HTTPException(404, "not_found") from None
        address = ChatAddress(channel=NAME, account="", chat=reply.chat_id)
        kept = None if reply.receipt is None else await of_chat(self._runtime.database, UUID(reply.receipt.receipt_id), address)
        if kept is None:
            raise HTTPException(404, "not_found")
        return kept


def _is_small(number: str) -> bool:
    return number.isascii() and number.isdecimal() and len(number) < 3
