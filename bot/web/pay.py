"""The page about one payment, for whoever has its link: who pays whom what, and how. It changes nothing, and takes nobody's word for anything."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, HTTPException, Request, Response

from bot.conversation.replies.catalogue import languages
from bot.conversation.replies.formats import Voice
from bot.pictures import open_code
from bot.web.auth import refuse_foreign_host
from bot.web.deps import ChatRuntime, timed
from bot.web.pay_page import gone_page, payment_page
from bot.web.preferences import language_of
from core.db.pay_links import read_pay_token
from core.domain.payments.rails import Rail
from core.errors import DomainError
from core.services import payments

_ANSWER_SECONDS = 15
HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


def router(runtime: ChatRuntime, *, links: frozenset[Rail]) -> APIRouter:
    """GET /pay/{token} and the pictures of its codes. `links`: the wallets whose links may be opened."""
    routes = APIRouter()

    async def show(request: Request, token: str) -> Response:
        """404 for whatever opens nothing, whyever: nobody learns what there is."""
        refuse_foreign_host(request, public_url=runtime.public_url)
        asked = (language_of(request) or "").split("-")[0].lower()
        try:
            book_id, payment_id = read_pay_token(runtime.database.keys, token, now=runtime.clock())
            async with runtime.database.unit_of_work() as uow:
                shown = await payments.show(uow, book_id, payment_id, links=links)
                own = uow.book(book_id).language
        except DomainError:
            return _html(404, gone_page(Voice(asked if asked in languages() else "en")))
        return _html(200, await asyncio.to_thread(payment_page, Voice(asked if asked in languages() else own), shown))

    async def code(request: Request, token: str, rail: str) -> Response:
        """The code of one rail for who cannot show pages; 404 as above."""
        refuse_foreign_host(request, public_url=runtime.public_url)
        try:
            png = await open_code(runtime.database, token, rail, now=runtime.clock())
        except DomainError:
            raise HTTPException(404, "not_found") from None
        return Response(png, media_type="image/png", headers=HEADERS)

    for path, endpoint in (("/pay/{token}", show), ("/pay/{token}/{rail}.png", code)):
        routes.add_api_route(path, timed(_ANSWER_SECONDS, endpoint), methods=["GET"], response_model=None)
    return routes


def _html(status: int, page: str) -> Response:
    return Response(page, status_code=status, media_type="text/html", headers=HEADERS)
