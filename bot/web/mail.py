"""Ends all mail to an address for whoever reads it there: by one click of a mail program, or by a button on a page. Shows nothing of anybody."""

from __future__ import annotations

from html import escape
from uuid import UUID

from fastapi import APIRouter, Request, Response

from bot.conversation.replies.catalogue import languages
from bot.conversation.replies.formats import Voice
from bot.mailing import STOP_PATH, STOP_PURPOSE, stopped_by
from bot.web.auth import refuse_foreign_host
from bot.web.deps import ChatRuntime, timed
from bot.web.pay import HEADERS
from bot.web.pay_page import FRAME, gone_page
from bot.web.preferences import language_of
from core.db import mailboxes
from core.db.signed_links import opened
from core.errors import DomainError

_ANSWER_SECONDS = 10
# The page's own button posts to where the page is; a mail program posts from anywhere (RFC 8058), so the token alone says that it may.
_HEADERS = HEADERS | {"Content-Security-Policy": HEADERS["Content-Security-Policy"].replace("form-action 'none'", "form-action 'self'")}


def router(runtime: ChatRuntime) -> APIRouter:
    """GET /mail/stop/{token}, which changes nothing, for programs open every link; POST ends the mail. 404 for whatever opens nothing."""
    routes = APIRouter()

    async def ask(request: Request, token: str) -> Response:
        voice, letter = _voice(request), _letter(runtime, request, token)
        if letter is None:
            return _html(404, gone_page(voice))
        asked = f'<p class="state" dir="auto">{escape(voice.say("mail_stop_ask"))}</p>'
        return _html(200, _page(voice, f'{asked}\n    <form method="post"><button>{escape(voice.say("mail_stop_yes"))}</button></form>'))

    async def stop(request: Request, token: str) -> Response:
        """The same again is the same."""
        voice, letter = _voice(request), _letter(runtime, request, token)
        if letter is None:
            return _html(404, gone_page(voice))
        async with runtime.database.unit_of_work() as uow:
            await mailboxes.stop_by_letter(uow, *letter, now=runtime.clock())
        return _html(200, _page(voice, f'<p class="state" role="status" dir="auto">{escape(voice.say("mail_stop_done"))}</p>'))

    for method, endpoint in (("GET", ask), ("POST", stop)):
        routes.add_api_route(f"{STOP_PATH}/{{token}}", timed(_ANSWER_SECONDS, endpoint), methods=[method], response_model=None)
    return routes


def _letter(runtime: ChatRuntime, request: Request, token: str) -> tuple[UUID, bytes] | None:
    """The letter whose reader this is, and the hash of where it went."""
    refuse_foreign_host(request, public_url=runtime.public_url)
    try:
        return stopped_by(opened(runtime.database.keys, STOP_PURPOSE, token, now=runtime.clock()))
    except (DomainError, ValueError):
        return None


def _voice(request: Request) -> Voice:
    asked = (language_of(request) or "").split("-")[0].lower()
    return Voice(asked if asked in languages() else "en")


def _page(voice: Voice, body: str) -> str:
    return FRAME.format(language=escape(voice.language), title="Tuppence", body=f"    {body}")


def _html(status: int, page: str) -> Response:
    return Response(page, status_code=status, media_type="text/html", headers=_HEADERS)
