"""Errors as application/problem+json: a code, never prose or details of what went wrong inside."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from bot.log import error_fields, log
from core.db.failures import GONE, RETRYABLE
from core.errors import DomainError, ServiceUnavailable

RETRY_AFTER_SECONDS = 2


def problem(status: int, code: str, *, headers: Mapping[str, str] | None = None, fields: list[str] | None = None) -> JSONResponse:
    """`fields`: which of a request's own are of another shape than asked for."""
    body = {"status": status, "title": code} | ({"fields": fields} if fields else {})
    return JSONResponse(body, status_code=status, media_type="application/problem+json", headers=headers)


def away(service: str) -> JSONResponse:
    """503: nothing was wrong with what was asked, so it is to be sent again."""
    return problem(503, f"{service}_unavailable", headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def add_problems(app: FastAPI) -> None:
    """Translate what routes raise: what cannot be done (4xx, 422), a service that is away (503). What is left is a defect (500)."""
    app.add_exception_handler(DomainError, _refused)
    app.add_exception_handler(ServiceUnavailable, _unavailable)
    app.add_exception_handler(StarletteHTTPException, _http)
    app.add_exception_handler(RequestValidationError, _wrong_shape)
    for gone in (*GONE, *RETRYABLE):  # also of a route that forgot about it: a database that restarts is nobody's defect
        app.add_exception_handler(gone, _database_away)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DomainError)
    return problem(422, error.code)


async def _unavailable(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ServiceUnavailable)
    return away(error.service)


async def _database_away(_request: Request, error: Exception) -> JSONResponse:
    log.warning("not answered", stage="web", **error_fields(error))
    return away("database")


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StarletteHTTPException)
    if isinstance(error, HTTPException) and isinstance(error.detail, dict):
        return problem(error.status_code, error.detail["code"], fields=error.detail["fields"])
    return problem(error.status_code, error.detail, headers=error.headers)


async def _wrong_shape(_request: Request, error: Exception) -> JSONResponse:
    """Of the path or the query; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)
    return problem(422, "wrong_shape", fields=[".".join(map(str, each["loc"])) for each in error.errors()])
