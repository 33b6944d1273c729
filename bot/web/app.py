"""Puts the web application together: health for operators, chat for people, errors in one form."""

from __future__ import annotations

from fastapi import FastAPI

from bot.web import chat, forwarding, health, mail, pay, receipts, reports, telegram, twilio
from bot.web.limits import Limits
from bot.web.problems import add_problems
from bot.web.standings import Standings
from bot.wiring import Runtime
from integrations.rates.ecb import History


def create_app(runtime: Runtime) -> FastAPI:
    """The application without generated documentation pages: what is not needed is not served."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_problems(app)
    app.include_router(health.router(runtime))
    app.include_router(twilio.router(runtime))
    app.include_router(forwarding.router(runtime, limits=Limits()))
    app.include_router(receipts.router(runtime))
    app.include_router(reports.router(runtime, history=History()))
    app.include_router(mail.router(runtime))
    app.include_router(pay.router(runtime, links=runtime.payment_links))
    app.include_router(chat.router(runtime, standings=Standings(runtime.database)))
    if runtime.telegram is not None:
        app.include_router(telegram.router(runtime.telegram, accept=runtime.accept, metrics=runtime.metrics, clock=runtime.clock))
    return app
