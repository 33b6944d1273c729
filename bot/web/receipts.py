"""Shows the picture of a receipt to whoever has the link that the chat gave, as long as it lasts."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response

from bot.web.auth import refuse_foreign_host
from bot.web.deps import ChatRuntime
from core.db.receipt_pictures import open_link
from core.errors import DomainError

_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


def router(runtime: ChatRuntime) -> APIRouter:
    """GET /receipts/{token}."""
    routes = APIRouter()

    @routes.get("/receipts/{token}")
    async def show(request: Request, token: str) -> Response:
        """404 for whatever opens nothing: nobody learns what there is."""
        refuse_foreign_host(request, public_url=runtime.public_url)
        try:
            picture = await open_link(runtime.database, runtime.blobs, token, now=runtime.clock())
        except DomainError:
            raise HTTPException(404, "not_found") from None
        return Response(picture, media_type="image/jpeg", headers=_HEADERS)

    return routes
