"""Serves the files of reports to whoever has the link that a chat gave, as long as it lasts."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response

from bot.report_files import open_report
from bot.web.auth import refuse_foreign_host
from bot.web.deps import ChatRuntime, timed
from bot.web.receipts import HEADERS
from core.db.report_links import MEDIA_TYPES, name_of
from core.errors import DomainError
from core.ports import RateHistory

_ANSWER_SECONDS = 20


def router(runtime: ChatRuntime, *, history: RateHistory) -> APIRouter:
    """GET /reports/{token}; 404 for whatever opens nothing: nobody learns what there is."""
    routes = APIRouter()

    async def show(request: Request, token: str) -> Response:
        refuse_foreign_host(request, public_url=runtime.public_url)
        try:
            data, slip = await open_report(runtime.database, token, history=history, now=runtime.clock())
        except DomainError:
            raise HTTPException(404, "not_found") from None
        named = {"Content-Disposition": f'inline; filename="{name_of(slip)}"'}
        return Response(data, media_type=MEDIA_TYPES[slip.form], headers=HEADERS | named)

    routes.add_api_route("/reports/{token}", timed(_ANSWER_SECONDS, show), methods=["GET"], response_model=None)
    return routes
