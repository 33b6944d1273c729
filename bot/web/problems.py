"""Errors as application/problem+json: a code, never prose or details of what went wrong inside."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from core.errors import DomainError, ServiceUnavailable

RETRY_AFTER_SECONDS = 2


def problem(status: int, code: str, *, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"status": status, "title": code}, status_code=status, media_type="application/problem+json", headers=headers)


def add_problems(app: FastAPI) -> None:
    """Translate the core's errors: what a person asked for cannot be done (422), a service is away (503, to be sent again)."""

    @app.exception_handler(DomainError)
    async def _refused(_request: Request, error: DomainError) -> JSONResponse:
        return problem(422, error.code)

    @app.exception_handler(ServiceUnavailable)
    async def _unavailable(_request: Request, error: ServiceUnavailable) -> JSONResponse:
        return problem(503, f"{error.service}_unavailable", headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
