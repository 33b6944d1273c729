"""Twilio's webhooks: believed only when signed, answered with an empty TwiML once the inbox has the message. Replies go out by REST."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response

from bot.failpoints import failpoint
from bot.log import log
from bot.web.deps import read_body
from bot.wiring import Runtime
from core.db.contacts import Contacts
from core.db.statuses import Statuses
from core.domain.carriage import CarriageReport
from core.errors import DomainError, SendErrorKind, ServiceUnavailable
from integrations.channels.twilio.forms import to_inbound, to_report
from integrations.channels.twilio.refusals import kind_of
from integrations.channels.twilio.signature import Forged, Form, Posted, query_of

BODY_LIMIT_BYTES = 64 * 1024
TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
RETRY_AFTER_SECONDS = 2


def router(runtime: Runtime) -> APIRouter:
    """The three webhooks. Where Twilio is not configured they answer 403 to everybody."""
    routes = APIRouter(prefix="/webhooks/twilio")
    hooks = Webhooks(runtime)
    # Both numbers may be given the same address: what a message is says its sender.
    routes.add_api_route("/sms", hooks.message, methods=["POST"])
    routes.add_api_route("/whatsapp", hooks.message, methods=["POST"])
    routes.add_api_route("/status", hooks.status, methods=["POST"])
    return routes


class Webhooks:
    """4xx: not Twilio's. 503: to be sent again. Everything else is 200, for Twilio could not mend it by sending it again."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._statuses = Statuses(runtime.database)
        self._contacts = Contacts(runtime.database, clock=runtime.clock)

    async def message(self, request: Request) -> Response:
        form = await self._signed(request)
        failpoint("after_body_read")
        message = to_inbound(form, now=self._runtime.clock())
        if message is None:
            log.warning("no message", stage="accept", path=request.url.path)
            return _taken()
        try:
            await self._runtime.accept(message)
        except ServiceUnavailable:
            raise _try_again() from None
        except DomainError:  # counted and logged by the inbox
            return _taken()
        return _taken()

    async def status(self, request: Request) -> Response:
        report = to_report(await self._signed(request), query=query_of(request.url.query))
        if report is None:
            log.warning("no report", stage="carry", path=request.url.path)
            return _taken()
        try:
            await self._note(report)
        except Exception as error:  # the database is away: Twilio sends it again
            log.error("not noted", stage="carry", error=type(error).__name__)
            raise _try_again() from None
        return _taken()

    async def _note(self, report: CarriageReport) -> None:
        """Keep it, and what it says of the chat: a refusal that comes later is one all the same."""
        if not await self._statuses.note(report):
            return
        self._runtime.metrics.carried.labels(report.state, report.chat.channel).inc()
        kind = kind_of(report.error) if report.error is not None else None
        if kind is SendErrorKind.OPTED_OUT:
            await self._contacts.stop(report.chat)
        elif kind is SendErrorKind.WINDOW_CLOSED:
            await self._contacts.close_window(report.chat)

    async def _signed(self, request: Request) -> Form:
        """The form of a request that Twilio signed; 403 for every other, 413 for one that is too large."""
        if self._runtime.twilio is None:
            raise HTTPException(403, "forged")
        posted = Posted(
            path=request.url.path,
            query=request.url.query,
            content_type=request.headers.get("content-type", ""),
            body=await read_body(request, limit_bytes=BODY_LIMIT_BYTES),
            signatures=tuple(request.headers.getlist("x-twilio-signature")),
            settings=request.headers.get("x-twilio-webhooks-signature-settings", ""),
        )
        try:
            return self._runtime.twilio.verifier.verified(posted)
        except Forged as problem:
            self._runtime.metrics.failures.labels("accept", "forged").inc()
            log.warning("forged", stage="accept", path=request.url.path, reason=str(problem))
            raise HTTPException(403, "forged") from None


def _taken() -> Response:
    return Response(TWIML, media_type="text/xml")


def _try_again() -> HTTPException:
    return HTTPException(503, "try_again", {"Retry-After": str(RETRY_AFTER_SECONDS)})
