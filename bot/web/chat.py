"""The web chat's routes: a browser's people, groups, messages and photos. Stores, hands over to the inbox, answers; decides nothing about money."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable
from dataclasses import replace
from importlib.resources import files
from typing import Any, TypeVar

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from bot.conversation.parsing.banking import without_codes
from bot.web.auth import refuse_foreign_origin, set_session_cookie
from bot.web.deps import AskStandings, ChatRuntime, Endpoint, Standing, Strict, guard, read_body, read_json, session_of, timed
from bot.web.limits import Limits, client_of
from bot.web.live import EventStream, read_cursor
from bot.web.preferences import language_of, time_zone_of
from bot.web.texts import Id, Name, Text, file_type, photo_type
from core.db.webchat import WebPeople
from core.db.webchat_files import WebFiles
from core.db.webchat_live import WebChatLive
from core.db.webchat_messages import WebMessages
from core.domain.messages import ChatAddress, ChatKind, ShownReceipt
from core.domain.webchat import WebChat, WebMessage
from core.errors import DomainError
from integrations.channels.webchat import NAME, to_inbound

T = TypeVar("T")
FIRST_NAME = "You"
PHOTO_LIMIT_BYTES = 10 * 1024 * 1024
HISTORY_LIMIT = 100
ANSWER_SECONDS = 15  # less than the page waits (20)
UPLOAD_SECONDS = 110  # of 120: ten megabytes from a train
_STATUS = {"not_found": 404, "too_many_people": 409, "too_many_chats": 409, "group_full": 409}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; manifest-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_STATIC = {
    **dict.fromkeys(
        ("chat.js", "elements.js", "view.js", "api.js", "state.js", "receipt.js", "sending.js", "dialogs.js", "pay.js"), "text/javascript"
    ),
    **dict.fromkeys(("chat.css", "pay.css"), "text/css"),
    "icon.svg": "image/svg+xml",
    "manifest.webmanifest": "application/manifest+json",
}


class NewPerson(Strict):
    id: Id
    name: Name


class Rename(Strict):
    name: Name


class NewGroup(Strict):
    id: Id
    title: Name
    person: Id
    people: list[Name] = Field(default_factory=list, max_length=20)


class NewMessage(Strict):
    id: Id
    person: Id
    text: Text | None = None
    reply_to: Id | None = None
    photo: Id | None = None


class Edit(Strict):
    person: Id
    text: Text


class Press(Strict):
    id: Id
    person: Id
    button: str = Field(min_length=1, max_length=128)


class Acting(Strict):
    person: Id


def router(runtime: ChatRuntime, *, standings: AskStandings | None = None, limits: Limits | None = None) -> APIRouter:
    """All routes of the web chat, guarded. `standings` tells how people stand in their chats' books; without it the side list shows none.

    `limits` None: those of limits.toml.
    """
    routes = _Routes(runtime, standings, limits or Limits())
    api = APIRouter(dependencies=[Depends(guard(runtime))], include_in_schema=False)
    for method, path, endpoint in routes.table():
        api.add_api_route(
            path, timed(UPLOAD_SECONDS if path.endswith("/photos") else ANSWER_SECONDS, endpoint), methods=[method], response_model=None
        )
    return api


class _Routes:
    def __init__(self, runtime: ChatRuntime, standings: AskStandings | None, limits: Limits) -> None:
        self._runtime = runtime
        self._limits = limits
        self._asked_standings = standings
        self._people = WebPeople(runtime.database)
        self._messages = WebMessages(runtime.database)
        self._files = WebFiles(runtime.database, runtime.blobs)
        self._static = {name: _load(name) for name in ("index.html", *_STATIC)}
        self._live = WebChatLive(runtime.database)

    def table(self) -> list[tuple[str, str, Endpoint]]:
        chat = "/chat/chats/{chat}"
        return [
            ("GET", "/", self.page),
            ("GET", "/join/{code}", self.page),
            ("GET", "/chat/static/{name}", self.static),
            ("POST", "/chat/session", self.open_session),
            ("GET", "/chat/state", self.state),
            ("GET", "/chat/events", self.events),
            ("POST", "/chat/people", self.create_person),
            ("POST", "/chat/people/{person}", self.rename_person),
            ("POST", "/chat/groups", self.create_group),
            ("GET", "/chat/invites/{code}", self.invite),
            ("POST", "/chat/invites/{code}", self.join_by_invite),
            ("POST", chat + "/join", self.join),
            ("POST", chat + "/leave", self.leave),
            ("GET", chat + "/messages", self.history),
            ("POST", chat + "/messages", self.post),
            ("POST", chat + "/messages/{message}/edit", self.edit),
            ("POST", chat + "/messages/{message}/press", self.press),
            ("POST", chat + "/photos", self.upload),
            ("GET", "/chat/files/{file}", self.file),
        ]

    # ------------------------------------------------------------------ the page
    async def page(self, request: Request) -> Response:
        return self._asset(request, "index.html", "text/html", {"Content-Security-Policy": _POLICY, "X-Frame-Options": "DENY"})

    async def static(self, request: Request, name: str) -> Response:
        if name not in _STATIC:
            raise HTTPException(404, "not_found")
        return self._asset(request, name, _STATIC[name], {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"})

    def _asset(self, request: Request, name: str, media_type: str, headers: dict[str, str]) -> Response:
        data, tag = self._static[name]
        headers = {**_SAFE, **headers, "ETag": tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(data, media_type=media_type, headers=headers)

    # ------------------------------------------------------------------ the browser and its people
    async def open_session(self, request: Request) -> Response:
        """A new session for a browser that has none; whoever has one keeps it. Answers with the state either way."""
        try:
            session_id, token = await self._session(request), None
        except HTTPException:
            self._limits.take("sessions", client_of(request))
            session_id, token = await self._people.open_session(name=FIRST_NAME, now=self._runtime.clock())
        response = _json(await self._state(session_id))
        if token is not None:
            set_session_cookie(response, token, secure=self._runtime.secure_cookies)
        return response

    async def state(self, request: Request) -> Response:
        return _json(await self._state(await self._session(request)))

    async def create_person(self, request: Request) -> Response:
        session_id, body = await self._session(request, "people"), await read_json(request, NewPerson)
        now = self._runtime.clock()
        person = await _found(self._people.create_person(session_id, request_id=body.id, name=body.name, now=now))
        return _json({"person": person.person_id, **await self._state(session_id)})

    async def rename_person(self, request: Request, person: str) -> Response:
        session_id, body = await self._session(request, "people"), await read_json(request, Rename)
        await _found(self._people.rename_person(session_id, person_id=person, name=body.name))
        return _json(await self._state(session_id))

    async def create_group(self, request: Request) -> Response:
        """Makes the group and everybody in it join; the same id again goes on where the first try ended."""
        session_id, body = await self._session(request, "groups"), await read_json(request, NewGroup)
        now = self._runtime.clock()
        chat_id, members = await _found(
            self._people.create_group(session_id, request_id=body.id, title=body.title, person_id=body.person, names=tuple(body.people), now=now)
        )
        joins = [
            await _found(self._messages.join(session_id, chat_id=chat_id, person_id=person_id, code=None, now=self._runtime.clock()))
            for person_id in members
        ]
        for message in joins:  # all are in before Tuppence says hello
            await self._hand_over(request, message)
        return _json({"chat": chat_id, **await self._state(session_id)})

    async def invite(self, request: Request, code: str) -> Response:
        await self._session(request, "groups")
        chat_id, title = await _found(self._people.group_of_invite(code))
        return _json({"chat": chat_id, "title": title})

    async def join_by_invite(self, request: Request, code: str) -> Response:
        session_id, body = await self._session(request, "groups"), await read_json(request, Acting)
        chat_id, _ = await _found(self._people.group_of_invite(code))
        message = await _found(self._messages.join(session_id, chat_id=chat_id, person_id=body.person, code=code, now=self._runtime.clock()))
        await self._hand_over(request, message)
        return _json({"chat": chat_id, **await self._state(session_id)})

    async def join(self, request: Request, chat: str) -> Response:
        """One more of one's own people into a group that one is in."""
        session_id, body = await self._session(request, "groups"), await read_json(request, Acting)
        message = await _found(self._messages.join(session_id, chat_id=chat, person_id=body.person, code=None, now=self._runtime.clock()))
        await self._hand_over(request, message)
        return _json({"chat": chat, **await self._state(session_id)})

    async def leave(self, request: Request, chat: str) -> Response:
        session_id, body = await self._session(request, "groups"), await read_json(request, Acting)
        message = await _found(self._messages.leave(session_id, chat_id=chat, person_id=body.person, now=self._runtime.clock()))
        await self._hand_over(request, message)
        return _json(await self._state(session_id))

    # ------------------------------------------------------------------ messages
    async def history(self, request: Request, chat: str, before: int | None = None, limit: int = 50) -> Response:
        session_id = await self._session(request)
        limit = max(1, min(limit, HISTORY_LIMIT))
        if before is not None and not 0 <= before < 2**62:
            raise HTTPException(422, "wrong_shape")
        found = await _found(self._messages.history(session_id, chat_id=chat, before=before, limit=limit + 1))
        return _json({"messages": [_show(message) for message in found[-limit:]], "more": len(found) > limit})

    async def post(self, request: Request, chat: str) -> Response:
        session_id, body = await self._session(request, "messages"), await read_json(request, NewMessage)
        if body.text is None and body.photo is None:
            raise HTTPException(422, "wrong_shape")
        message = await _found(
            self._messages.post(
                session_id, chat_id=chat, person_id=body.person, request_id=body.id, kind="photo" if body.photo else "text",
                text=await self._kept(chat, body.text or ""), to_message=body.reply_to, file_id=body.photo, now=self._runtime.clock(),
            )
        )  # fmt: skip
        await self._hand_over(request, replace(message, text=body.text or ""))
        return _json({"message": _show(message)})

    async def edit(self, request: Request, chat: str, message: str) -> Response:
        session_id, body = await self._session(request, "edits"), await read_json(request, Edit)
        text = await self._kept(chat, body.text)
        edited = await _found(
            self._messages.edit(session_id, chat_id=chat, person_id=body.person, message_id=message, text=text, now=self._runtime.clock())
        )
        await self._hand_over(request, replace(edited, text=body.text))
        return _json({"message": _show(edited)})

    async def press(self, request: Request, chat: str, message: str) -> Response:
        session_id, body = await self._session(request, "presses"), await read_json(request, Press)
        pressed = await _found(
            self._messages.post(
                session_id, chat_id=chat, person_id=body.person, request_id=body.id, kind="press", to_message=message, button=body.button,
                now=self._runtime.clock(),
            )
        )  # fmt: skip
        await self._hand_over(request, pressed)
        return _json({})

    async def upload(self, request: Request, chat: str, person: str) -> Response:
        """The bytes of a photo, or of a file to be taken over. They are looked at no further than their first bytes, and never decoded here."""
        session_id = await self._session(request, "uploads")
        if not await self._files.may_put(session_id, chat_id=chat, person_id=person):
            raise HTTPException(404, "not_found")
        data = await read_body(request, limit_bytes=PHOTO_LIMIT_BYTES)
        media_type = photo_type(data) or file_type(data)
        if media_type is None:
            raise HTTPException(415, "photos_only")
        stored = await self._files.put(chat_id=chat, person_id=person, media_type=media_type, data=data, now=self._runtime.clock())
        return _json({"photo": stored.file_id})

    async def file(self, request: Request, file: str) -> Response:
        media_type, data = await _found(self._files.get(await self._session(request), file))
        shown = photo_type(data) == media_type
        headers = {
            **_SAFE,
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Content-Disposition": "inline" if shown else "attachment",
            "Cache-Control": "private, max-age=31536000, immutable",
        }
        return Response(data, media_type=media_type if shown else "application/octet-stream", headers=headers)

    async def events(self, request: Request) -> Response:
        """Resumes after Last-Event-ID; without one begins with what comes next."""
        refuse_foreign_origin(request, public_url=self._runtime.public_url)
        session_id = await self._session(request, "streams")
        cursor = read_cursor(request.headers.get("last-event-id", "")) or await self._messages.positions(session_id)
        return EventStream(
            session_id=session_id, cursor=cursor, messages=self._messages, live=self._live, show=_show, stopping=self._runtime.stopping
        )

    # ------------------------------------------------------------------ behind them
    async def _kept(self, chat: str, text: str) -> str:
        """What a message is shown and kept as here: one-time codes that a person pastes into their own chat are not."""
        hidden = without_codes(text)
        return hidden if hidden != text and await self._people.is_private(chat) else text

    async def _session(self, request: Request, taking: str | None = None) -> str:
        """The asking browser, once it has been counted among who takes of this kind."""
        session_id = await session_of(self._runtime, self._people, request)
        if taking is not None:
            self._limits.take(taking, session_id)
        return session_id

    async def _hand_over(self, request: Request, message: WebMessage) -> None:
        """Only after this may the answer be 2xx. Raises ServiceUnavailable: the page sends the same again."""
        await self._runtime.accept(to_inbound(message, language=language_of(request), time_zone=time_zone_of(request)))
        await self._messages.accepted(message)  # second: to hand over twice is harmless, not at all is not

    async def _state(self, session_id: str) -> dict[str, Any]:
        people, chats = await self._people.people(session_id), await self._people.chats(session_id)
        standings = await self._standings(chats)
        return {
            "people": [{"id": person.person_id, "name": person.name} for person in people],
            "chats": sorted((_show_chat(chat, standings) for chat in chats), key=lambda shown: shown["archived"]),  # closed ones last
        }

    async def _standings(self, chats: tuple[WebChat, ...]) -> dict[tuple[str, str], Standing]:
        asked = [
            (ChatAddress(channel=NAME, account="", chat=chat.chat_id), person) for chat in chats if chat.kind is ChatKind.GROUP for person in chat.own
        ]
        if self._asked_standings is None or not asked:
            return {}
        return {(address.chat, person): standing for (address, person), standing in (await self._asked_standings(asked)).items()}


async def _found(asked: Awaitable[T]) -> T:
    """The storage's refusals as HTTP: what is not yours does not exist."""
    try:
        return await asked
    except DomainError as error:
        raise HTTPException(_STATUS.get(error.code, 422), error.code) from None


def _json(content: dict[str, Any]) -> JSONResponse:
    return JSONResponse(content, headers={**_SAFE, "Cache-Control": "no-store"})


def _load(name: str) -> tuple[bytes, str]:
    data = (files("bot.web") / "static" / name).read_bytes()
    return data, f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def _show_chat(chat: WebChat, standings: dict[tuple[str, str], Standing]) -> dict[str, Any]:
    own = {person: standings.get((chat.chat_id, person)) for person in chat.own}
    return {
        "id": chat.chat_id,
        "kind": chat.kind.value,
        "title": chat.title,
        "members": [{"id": person.person_id, "name": person.name} for person in chat.members],
        "own": list(chat.own),
        "invite": chat.invite,
        "change": chat.last_change,
        "archived": any(each.archived for each in own.values() if each is not None),
        "standing": {person: {"sign": each.sign, "text": each.text} for person, each in own.items() if each is not None},
    }


def _show(message: WebMessage) -> dict[str, Any]:
    """As the page gets it. `change` orders the states of one message; `to` is what it answers."""
    return {
        "chat": message.chat_id,
        "id": message.message_id,
        "seq": message.seq,
        "change": message.change,
        "kind": message.kind,
        "sender": None if message.sender is None else {"id": message.sender.person_id, "name": message.sender.name},
        "request": message.request_id if message.sender is not None else None,
        "text": message.text,
        "choices": [{"id": choice.id, "label": choice.label} for choice in message.choices],
        "files": [{"id": file.file_id, "type": file.media_type, "name": file.name} for file in message.files],
        "to": message.to_message,
        "for": message.only_for,
        "receipt": None if message.receipt is None else _show_receipt(message.receipt, message.text),
        "edited": message.version > 0,
        "at": message.created_at.isoformat(),
    }


def _show_receipt(receipt: ShownReceipt, text: str) -> dict[str, Any]:
    """The message's words in three parts: those above the lines, the lines, those below."""
    above, below = receipt.without_lines(text)
    return {"above": above, "lines": [] if above == text else [{"number": number, "text": words} for number, words in receipt.lines], "below": below}
