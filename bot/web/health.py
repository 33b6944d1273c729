"""What an operator's tools ask: does the process live, can it serve, how is it doing."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from bot.deadline import within
from bot.wiring import Runtime

READY_SECONDS = 2


def router(runtime: Runtime) -> APIRouter:
    """GET /healthz, /readyz and /metrics. None of them tells anything about people or chats."""
    routes = APIRouter()

    @routes.get("/healthz")
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    @routes.get("/readyz")
    async def readyz() -> PlainTextResponse:
        """503 while the database is away, has another schema, or the service is about to stop."""
        try:
            missing = await within(READY_SECONDS, runtime.not_ready())
        except Exception:
            missing = "database"
        return PlainTextResponse(f"{missing or 'ready'}\n", status_code=503 if missing else 200)

    @routes.get("/metrics")
    async def metrics() -> Response:
        return Response(await runtime.render_metrics(), media_type=CONTENT_TYPE_LATEST)

    return routes
